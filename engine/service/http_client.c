/*
 * Asking other servers: FHIR servers for what a request lacks, issuers for their keys.
 *
 * What may be asked is a list of origins: scheme, host and port, all three
 * exact.  A URL is parsed once, by libcurl, the list is compared with what that
 * parser found, and the same parsed form is what is fetched, so there are no
 * two readings of one URL.  Redirects are not followed: they would lead off the
 * list and take the token along.  Proxies, netrc files and cookies from the
 * environment are not used.  A listed name may stand for any address, a private
 * one too (that is where a hospital's server is), but not for one that no
 * server has: link-local ones (where clouds keep their machines' secrets),
 * multicast and "any" are not connected to.
 *
 * Several URLs are asked for at once.  Connections stay open between calls in a
 * small pool; one set of them belongs to one call while it is out of the pool.
 */
#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "service/service.h"

enum { POOL = 32, LONGEST_URL = 8192, LONGEST_TOKEN = 16384, LONGEST_ORIGIN = 320 };

struct vg_client {
	vg_arena arena;
	const char **origins; /* as origin_of writes them */
	size_t origin_count;
	const char *ca_file;
	pthread_mutex_t lock;
	CURLM *pool[POOL];
	size_t pooled;
};

/* libcurl wants to be started once in a process; this is the only state outside of handles. */
static pthread_once_t curl_once = PTHREAD_ONCE_INIT;

static void start_curl(void) { curl_global_init(CURL_GLOBAL_DEFAULT); }

/* ---- what may be asked ------------------------------------------------------------ */

/* "https://host:port" in small letters; false: the URL has no such form, or a user or a fragment. */
static bool origin_of(CURLU *parsed, char out[LONGEST_ORIGIN])
{
	char *scheme = NULL, *host = NULL, *port = NULL, *fragment = NULL;
	bool good = curl_url_get(parsed, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
		    curl_url_get(parsed, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
		    curl_url_get(parsed, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK &&
		    curl_url_get(parsed, CURLUPART_FRAGMENT, &fragment, 0) == CURLUE_NO_FRAGMENT &&
		    (strcmp(scheme, "https") == 0 || strcmp(scheme, "http") == 0) && strlen(host) < LONGEST_ORIGIN - 32;
	if (good) {
		strcpy(out, scheme);
		strcat(strcat(strcat(strcat(out, "://"), host), ":"), port);
		for (char *at = out; *at; at++)
			*at = *at >= 'A' && *at <= 'Z' ? (char)(*at | 0x20) : *at;
	}
	curl_free(scheme);
	curl_free(host);
	curl_free(port);
	curl_free(fragment);
	return good;
}

/* NULL: not a URL that is ever asked. */
static CURLU *parsed_url(const char *url, char origin[LONGEST_ORIGIN])
{
	CURLU *parsed = url && strlen(url) <= LONGEST_URL ? curl_url() : NULL;
	if (parsed && curl_url_set(parsed, CURLUPART_URL, url, CURLU_DISALLOW_USER) == CURLUE_OK && origin_of(parsed, origin))
		return parsed;
	curl_url_cleanup(parsed);
	return NULL;
}

static vigil_status add_origin(vg_client *client, vg_arena *arena, const char *text, vigil_error *err)
{
	char origin[LONGEST_ORIGIN], *path = NULL;
	CURLU *parsed = parsed_url(text, origin);
	bool bare = parsed && curl_url_get(parsed, CURLUPART_PATH, &path, 0) == CURLUE_OK && strcmp(path, "/") == 0 &&
		    text[strlen(text) - 1] != '/' && !strchr(text, '?');
	curl_free(path);
	curl_url_cleanup(parsed);
	if (!bare)
		return vg_fail(err, VIGIL_WRONG_USE, "Write it as https://fhir.example.org or https://fhir.example.org:8443.",
			       "\"%.100s\" is not the origin of a server.", text);
	const char *copy = vg_copy_text(arena, origin, strlen(origin));
	if (!copy)
		return vg_fail_memory(err);
	client->origins[client->origin_count++] = copy;
	return VIGIL_OK;
}

vigil_status vg_client_open(const vg_client_config *config, const vg_allocator *allocator, vg_client **ret, vigil_error *err)
{
	vg_arena arena;
	vg_arena_init(&arena, allocator, 0);
	pthread_once(&curl_once, start_curl);
	vg_client *client = vg_alloc(&arena, sizeof *client);
	if (client)
		client->origins = vg_alloc_array(&arena, config->origin_count + 1, sizeof *client->origins);
	vigil_status status = client && client->origins ? VIGIL_OK : vg_fail_memory(err);
	for (size_t i = 0; i < config->origin_count && status == VIGIL_OK; i++)
		status = add_origin(client, &arena, config->origins[i], err);
	if (status == VIGIL_OK && config->ca_file) {
		client->ca_file = vg_copy_text(&arena, config->ca_file, strlen(config->ca_file));
		status = client->ca_file ? VIGIL_OK : vg_fail_memory(err);
	}
	if (status != VIGIL_OK) {
		vg_arena_free(&arena);
		return status;
	}
	pthread_mutex_init(&client->lock, NULL);
	client->arena = arena;
	*ret = client;
	return VIGIL_OK;
}

void vg_client_close(vg_client *client)
{
	if (!client)
		return;
	for (size_t i = 0; i < client->pooled; i++)
		curl_multi_cleanup(client->pool[i]);
	pthread_mutex_destroy(&client->lock);
	vg_arena arena = client->arena;
	vg_arena_free(&arena);
}

/* The URL in parsed form when it may be asked; NULL when not. The caller cleans it up. */
static CURLU *allowed_url(const vg_client *client, const char *url)
{
	char origin[LONGEST_ORIGIN];
	CURLU *parsed = parsed_url(url, origin);
	for (size_t i = 0; parsed && i < client->origin_count; i++)
		if (strcmp(client->origins[i], origin) == 0)
			return parsed;
	curl_url_cleanup(parsed);
	return NULL;
}

bool vg_client_allows(const vg_client *client, const char *url)
{
	CURLU *parsed = allowed_url(client, url);
	curl_url_cleanup(parsed);
	return parsed != NULL;
}

const char *vg_client_follow(const char *from, const char *link, vg_arena *arena)
{
	char here[LONGEST_ORIGIN], there[LONGEST_ORIGIN], *whole = NULL;
	const char *copy = NULL;
	CURLU *parsed = parsed_url(from, here);
	if (parsed && strlen(link) <= LONGEST_URL &&
	    curl_url_set(parsed, CURLUPART_URL, link, CURLU_DISALLOW_USER) == CURLUE_OK && origin_of(parsed, there) &&
	    strcmp(here, there) == 0 && curl_url_get(parsed, CURLUPART_URL, &whole, 0) == CURLUE_OK)
		copy = vg_copy_text(arena, whole, strlen(whole));
	curl_free(whole);
	curl_url_cleanup(parsed);
	return copy;
}

/* Addresses that a listed name must not lead to. */
static bool never_a_server(const struct sockaddr *place)
{
	if (place->sa_family == AF_INET) {
		struct sockaddr_in four;
		memcpy(&four, place, sizeof four);
		uint32_t address = ntohl(four.sin_addr.s_addr);
		return address >> 16 == 0xA9FE || address >> 28 == 0xE || address == 0;
	}
	if (place->sa_family == AF_INET6) {
		struct sockaddr_in6 six;
		memcpy(&six, place, sizeof six);
		const unsigned char *bytes = six.sin6_addr.s6_addr;
		if (IN6_IS_ADDR_V4MAPPED(&six.sin6_addr))
			return (bytes[12] == 0xA9 && bytes[13] == 0xFE) || bytes[12] >> 4 == 0xE || bytes[12] == 0;
		return IN6_IS_ADDR_LINKLOCAL(&six.sin6_addr) || IN6_IS_ADDR_MULTICAST(&six.sin6_addr) ||
		       IN6_IS_ADDR_UNSPECIFIED(&six.sin6_addr);
	}
	return true;
}

static curl_socket_t open_socket(void *user, curlsocktype purpose, struct curl_sockaddr *place)
{
	(void)user;
	(void)purpose;
	if (never_a_server(&place->addr))
		return CURL_SOCKET_BAD;
	return socket(place->family, place->socktype | SOCK_CLOEXEC, place->protocol);
}

/* ---- asking ------------------------------------------------------------------------- */

static CURLM *take(vg_client *client)
{
	CURLM *set = NULL;
	pthread_mutex_lock(&client->lock);
	if (client->pooled > 0)
		set = client->pool[--client->pooled];
	pthread_mutex_unlock(&client->lock);
	return set ? set : curl_multi_init();
}

/* Without any transfer in it: connections stay, nothing of the requests does. */
static void give_back(vg_client *client, CURLM *set)
{
	pthread_mutex_lock(&client->lock);
	if (set && client->pooled < POOL) {
		client->pool[client->pooled++] = set;
		set = NULL;
	}
	pthread_mutex_unlock(&client->lock);
	if (set)
		curl_multi_cleanup(set);
}

typedef struct transfer { /* of one URL */
	CURL *handle;
	CURLU *url;
	struct curl_slist *headers;
	vg_buffer body;
	size_t limit;
	bool too_large, added, ended;
	CURLcode code;
} transfer;

static size_t receive(char *bytes, size_t one, size_t count, void *user)
{
	transfer *to = user;
	(void)one; /* always 1 */
	if (count > to->limit - to->body.length) {
		to->too_large = true;
		return 0;
	}
	vg_add_bytes(&to->body, bytes, count);
	return to->body.failed ? 0 : count;
}

static bool add_header(struct curl_slist **headers, const char *text)
{
	struct curl_slist *longer = text ? curl_slist_append(*headers, text) : NULL;
	if (longer)
		*headers = longer;
	return longer != NULL;
}

/* A header's value must not be able to begin another header. */
static bool one_line(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return false;
	return true;
}

static bool set_up(const vg_client *client, const vg_fetch *fetch, transfer *to)
{
	CURL *handle = to->handle;
	return curl_easy_setopt(handle, CURLOPT_CURLU, to->url) == CURLE_OK &&
	       curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
	       curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
	       curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
	       curl_easy_setopt(handle, CURLOPT_PROXY, "") == CURLE_OK &&
	       curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, open_socket) == CURLE_OK &&
	       curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, (long)fetch->deadline) == CURLE_OK &&
	       curl_easy_setopt(handle, CURLOPT_HTTPHEADER, to->headers) == CURLE_OK &&
	       curl_easy_setopt(handle, CURLOPT_USERAGENT, "vigil/" VIGIL_VERSION_TEXT) == CURLE_OK &&
	       curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, receive) == CURLE_OK &&
	       curl_easy_setopt(handle, CURLOPT_WRITEDATA, to) == CURLE_OK &&
	       curl_easy_setopt(handle, CURLOPT_PRIVATE, to) == CURLE_OK &&
	       (!client->ca_file || curl_easy_setopt(handle, CURLOPT_CAINFO, client->ca_file) == CURLE_OK);
}

/* Makes the transfer and puts it into the set. */
static vigil_status begin(vg_client *client, CURLM *set, const vg_fetch *fetch, transfer *to, vg_arena *arena, vigil_error *err)
{
	vg_buffer_init(&to->body, arena);
	to->limit = fetch->limit;
	to->url = allowed_url(client, fetch->url);
	if (!to->url || fetch->deadline <= 0 ||
	    (fetch->bearer && (!one_line(fetch->bearer) || strlen(fetch->bearer) > LONGEST_TOKEN)))
		return vg_fail(err, VIGIL_WRONG_USE, "Servers that may be asked are listed in the configuration.",
			       "This URL may not be asked.");
	const char *accept = vg_format(arena, "Accept: %s", fetch->accept ? fetch->accept : "application/json");
	const char *bearer = fetch->bearer ? vg_format(arena, "Authorization: Bearer %s", fetch->bearer) : NULL;
	to->handle = curl_easy_init();
	if (!to->handle || !add_header(&to->headers, accept) || (fetch->bearer && !add_header(&to->headers, bearer)) ||
	    !set_up(client, fetch, to) || curl_multi_add_handle(set, to->handle) != CURLM_OK)
		return vg_fail_memory(err);
	to->added = true;
	return VIGIL_OK;
}

static void note_ends(CURLM *set)
{
	CURLMsg *message;
	int left;
	while ((message = curl_multi_info_read(set, &left))) {
		transfer *to = NULL;
		if (message->msg == CURLMSG_DONE &&
		    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&to) == CURLE_OK && to) {
			to->ended = true;
			to->code = message->data.result;
		}
	}
}

/* Every transfer has a deadline of its own, so this ends. */
static void run(CURLM *set)
{
	int running = 1;
	while (running > 0 && curl_multi_perform(set, &running) == CURLM_OK) {
		note_ends(set);
		if (running > 0 && curl_multi_poll(set, NULL, 0, 1000, NULL) != CURLM_OK)
			break;
	}
	note_ends(set);
}

static vigil_status judge(const transfer *to, int status, vigil_error *err)
{
	static const char advice[] = "Look at that server and at the network between.";
	char *host = NULL;
	vigil_status result = VIGIL_OK;
	if (to->body.failed || to->code == CURLE_OUT_OF_MEMORY || curl_url_get(to->url, CURLUPART_HOST, &host, 0) != CURLUE_OK)
		result = vg_fail_memory(err);
	else if (to->too_large)
		result = vg_fail(err, VIGIL_BAD_INPUT, advice, "The answer of %.100s is larger than the limit.", host);
	else if (!to->ended || to->code == CURLE_OPERATION_TIMEDOUT)
		result = vg_fail(err, VIGIL_BAD_INPUT, advice, "%.100s did not answer in time.", host);
	else if (to->code != CURLE_OK)
		result =
		    vg_fail(err, VIGIL_BAD_INPUT, advice, "%.100s could not be asked: %s.", host, curl_easy_strerror(to->code));
	else if (status != 200)
		result = vg_fail(err, VIGIL_BAD_INPUT, advice, "%.100s answered with status %d.", host, status);
	curl_free(host);
	return result;
}

static void finish(CURLM *set, transfer *to, vg_fetched *ret)
{
	long answered = 0;
	if (to->added) {
		curl_easy_getinfo(to->handle, CURLINFO_RESPONSE_CODE, &answered);
		curl_multi_remove_handle(set, to->handle);
		ret->http_status = (int)answered;
		ret->status = judge(to, ret->http_status, &ret->error);
		if (ret->status == VIGIL_OK) {
			ret->body = vg_buffer_text(&to->body);
			ret->length = to->body.length;
		}
	}
	curl_easy_cleanup(to->handle);
	curl_slist_free_all(to->headers);
	curl_url_cleanup(to->url);
}

void vg_client_get(vg_client *client, const vg_fetch *fetches, size_t count, vg_arena *arena, vg_fetched *ret)
{
	transfer *transfers = vg_alloc_array(arena, count, sizeof *transfers);
	CURLM *set = transfers ? take(client) : NULL;
	for (size_t i = 0; i < count; i++) {
		ret[i] = (vg_fetched){.error = VIGIL_ERROR_INIT};
		ret[i].status =
		    set ? begin(client, set, &fetches[i], &transfers[i], arena, &ret[i].error) : vg_fail_memory(&ret[i].error);
	}
	if (!set)
		return;
	run(set);
	for (size_t i = 0; i < count; i++)
		finish(set, &transfers[i], &ret[i]);
	give_back(client, set);
}
