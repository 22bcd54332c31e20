/*
 * Asking other servers: FHIR servers for prefetch, issuers for their keys.
 *
 * What may be asked is a list of hosts.  A URL is parsed once, by libcurl, the
 * list is compared with what that parser found, and the same parsed form is
 * what is fetched, so there are no two readings of one URL.  Redirects are not
 * followed: they would lead off the list and take the token along.  Proxies,
 * netrc files and cookies from the environment are not used.
 *
 * Handles are kept in a small pool, so that connections stay open between
 * calls; a handle belongs to one thread while it is out of the pool.
 */
#include <curl/curl.h>
#include <pthread.h>
#include <string.h>
#include <strings.h>

#include "service/service.h"

enum { POOL = 32, LONGEST_URL = 8192, LONGEST_TOKEN = 16384 };

struct vg_client {
	vg_arena arena;
	const char **hosts;
	size_t host_count;
	bool plain_http;
	const char *ca_file;
	pthread_mutex_t lock;
	CURL *pool[POOL];
	size_t pooled;
};

/* libcurl wants to be started once in a process; this is the only state outside of handles. */
static pthread_once_t curl_once = PTHREAD_ONCE_INIT;

static void start_curl(void) { curl_global_init(CURL_GLOBAL_DEFAULT); }

vigil_status vg_client_open(const vg_client_config *config, const vg_allocator *allocator, vg_client **ret, vigil_error *err)
{
	vg_arena arena;
	vg_arena_init(&arena, allocator, 0);
	pthread_once(&curl_once, start_curl);
	vg_client *client = vg_alloc(&arena, sizeof *client);
	const char **hosts = client ? vg_alloc_array(&arena, config->host_count + 1, sizeof *hosts) : NULL;
	if (!hosts)
		goto no_memory;
	for (size_t i = 0; i < config->host_count; i++)
		if (!(hosts[i] = vg_copy_text(&arena, config->hosts[i], strlen(config->hosts[i]))))
			goto no_memory;
	if (config->ca_file && !(client->ca_file = vg_copy_text(&arena, config->ca_file, strlen(config->ca_file))))
		goto no_memory;
	client->hosts = hosts;
	client->host_count = config->host_count;
	client->plain_http = config->plain_http;
	pthread_mutex_init(&client->lock, NULL);
	client->arena = arena;
	*ret = client;
	return VIGIL_OK;
no_memory:
	vg_arena_free(&arena);
	return vg_fail_memory(err);
}

void vg_client_close(vg_client *client)
{
	if (!client)
		return;
	for (size_t i = 0; i < client->pooled; i++)
		curl_easy_cleanup(client->pool[i]);
	pthread_mutex_destroy(&client->lock);
	vg_arena arena = client->arena;
	vg_arena_free(&arena);
}

/* "host" stands for its scheme's own port, "host:port" for that one. */
static bool host_listed(const vg_client *client, const char *host, const char *port, bool usual_port)
{
	size_t length = strlen(host);
	for (size_t i = 0; i < client->host_count; i++) {
		const char *listed = client->hosts[i];
		if (strncasecmp(listed, host, length) != 0)
			continue;
		if (listed[length] == '\0' ? usual_port : listed[length] == ':' && strcmp(listed + length + 1, port) == 0)
			return true;
	}
	return false;
}

/* The URL in parsed form when it may be asked, and its host; NULL when not. The caller cleans both up. */
static CURLU *allowed_url(const vg_client *client, const char *url, char **ret_host)
{
	char *scheme = NULL, *host = NULL, *port = NULL, *fragment = NULL;
	CURLU *parsed = url && strlen(url) <= LONGEST_URL ? curl_url() : NULL;
	bool good = false;
	if (parsed && curl_url_set(parsed, CURLUPART_URL, url, CURLU_DISALLOW_USER) == CURLUE_OK &&
	    curl_url_get(parsed, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
	    curl_url_get(parsed, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
	    curl_url_get(parsed, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK &&
	    curl_url_get(parsed, CURLUPART_FRAGMENT, &fragment, 0) == CURLUE_NO_FRAGMENT) {
		bool secure = strcmp(scheme, "https") == 0;
		good = (secure || (client->plain_http && strcmp(scheme, "http") == 0)) &&
		       host_listed(client, host, port, strcmp(port, secure ? "443" : "80") == 0);
	}
	curl_free(scheme);
	curl_free(port);
	curl_free(fragment);
	if (good) {
		*ret_host = host;
		return parsed;
	}
	curl_free(host);
	curl_url_cleanup(parsed);
	return NULL;
}

bool vg_client_allows(const vg_client *client, const char *url)
{
	char *host = NULL;
	CURLU *parsed = allowed_url(client, url, &host);
	curl_free(host);
	curl_url_cleanup(parsed);
	return parsed != NULL;
}

static CURL *take(vg_client *client)
{
	CURL *handle = NULL;
	pthread_mutex_lock(&client->lock);
	if (client->pooled > 0)
		handle = client->pool[--client->pooled];
	pthread_mutex_unlock(&client->lock);
	return handle ? handle : curl_easy_init();
}

static void give_back(vg_client *client, CURL *handle)
{
	curl_easy_reset(handle); /* forgets the token; connections stay */
	pthread_mutex_lock(&client->lock);
	if (client->pooled < POOL) {
		client->pool[client->pooled++] = handle;
		handle = NULL;
	}
	pthread_mutex_unlock(&client->lock);
	curl_easy_cleanup(handle);
}

typedef struct receiving {
	vg_buffer body;
	size_t limit;
	bool too_large;
} receiving;

static size_t receive(char *bytes, size_t one, size_t count, void *user)
{
	receiving *to = user;
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

static bool set_up(const vg_client *client, CURL *handle, const vg_fetch *fetch, CURLU *url, struct curl_slist *headers,
		   receiving *to)
{
	return curl_easy_setopt(handle, CURLOPT_CURLU, url) == CURLE_OK &&
	       curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, client->plain_http ? "http,https" : "https") == CURLE_OK &&
	       curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
	       curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
	       curl_easy_setopt(handle, CURLOPT_PROXY, "") == CURLE_OK &&
	       curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, (long)fetch->deadline) == CURLE_OK &&
	       curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers) == CURLE_OK &&
	       curl_easy_setopt(handle, CURLOPT_USERAGENT, "vigil/" VIGIL_VERSION_TEXT) == CURLE_OK &&
	       curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, receive) == CURLE_OK &&
	       curl_easy_setopt(handle, CURLOPT_WRITEDATA, to) == CURLE_OK &&
	       (!client->ca_file || curl_easy_setopt(handle, CURLOPT_CAINFO, client->ca_file) == CURLE_OK);
}

static vigil_status judge(CURLcode code, int status, const receiving *to, const char *host, vigil_error *err)
{
	static const char advice[] = "Look at that server and at the network between.";
	if (to->body.failed || code == CURLE_OUT_OF_MEMORY)
		return vg_fail_memory(err);
	if (to->too_large)
		return vg_fail(err, VIGIL_BAD_INPUT, advice, "The answer of %.100s is larger than the limit.", host);
	if (code == CURLE_OPERATION_TIMEDOUT)
		return vg_fail(err, VIGIL_BAD_INPUT, advice, "%.100s did not answer in time.", host);
	if (code != CURLE_OK)
		return vg_fail(err, VIGIL_BAD_INPUT, advice, "%.100s could not be asked: %s.", host, curl_easy_strerror(code));
	if (status != 200)
		return vg_fail(err, VIGIL_BAD_INPUT, advice, "%.100s answered with status %d.", host, status);
	return VIGIL_OK;
}

vigil_status vg_client_get(vg_client *client, const vg_fetch *fetch, vg_arena *arena, const char **ret, size_t *ret_length,
			   int *ret_status, vigil_error *err)
{
	receiving to = {.limit = fetch->limit};
	struct curl_slist *headers = NULL;
	char *host = NULL;
	CURL *handle = NULL;
	vigil_status status;
	long answered = 0;
	*ret_status = 0;
	vg_buffer_init(&to.body, arena);
	CURLU *url = allowed_url(client, fetch->url, &host);
	if (!url || fetch->deadline <= 0 ||
	    (fetch->bearer && (!one_line(fetch->bearer) || strlen(fetch->bearer) > LONGEST_TOKEN))) {
		status = vg_fail(err, VIGIL_WRONG_USE, "Hosts that may be asked are listed in the configuration.",
				 "This URL may not be asked.");
		goto out;
	}
	const char *accept = vg_format(arena, "Accept: %s", fetch->accept ? fetch->accept : "application/json");
	const char *bearer = fetch->bearer ? vg_format(arena, "Authorization: Bearer %s", fetch->bearer) : NULL;
	handle = take(client);
	if (!handle || !add_header(&headers, accept) || (fetch->bearer && !add_header(&headers, bearer)) ||
	    !set_up(client, handle, fetch, url, headers, &to)) {
		status = vg_fail_memory(err);
		goto out;
	}
	CURLcode code = curl_easy_perform(handle);
	curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &answered);
	*ret_status = (int)answered;
	status = judge(code, *ret_status, &to, host, err);
	if (status == VIGIL_OK) {
		*ret = vg_buffer_text(&to.body);
		*ret_length = to.body.length;
	}
out:
	if (handle)
		give_back(client, handle);
	curl_slist_free_all(headers);
	curl_url_cleanup(url);
	curl_free(host);
	return status;
}
