/*
 * The sockets that the server listens on.
 *
 * A Unix socket gets its mode and group before it listens, so that nobody can
 * connect in between, and a file that a dead server left behind is removed,
 * but never the socket of one that lives.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <grp.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "service/http_internal.h"

enum { BACKLOG = 1024, FIRST_INHERITED = 3 };

static bool is_loopback(const struct sockaddr_storage *place)
{
	if (place->ss_family == AF_INET) {
		const struct sockaddr_in *four = (const void *)place;
		return ntohl(four->sin_addr.s_addr) >> 24 == 127;
	}
	const struct sockaddr_in6 *six = (const void *)place;
	return place->ss_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&six->sin6_addr);
}

vigil_status vg_address_parse(const char *text, vg_address *ret, vigil_error *err)
{
	static const char advice[] = "Write 127.0.0.1:8080 or [::1]:8080; names are not looked up.";
	const struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM};
	struct addrinfo *found = NULL;
	char host[64];
	const char *colon = strrchr(text, ':'), *from = text;
	size_t length = colon ? (size_t)(colon - text) : 0;
	if (length > 2 && text[0] == '[' && text[length - 1] == ']') {
		from++;
		length -= 2;
	} else if (memchr(text, ':', length)) {
		length = 0;
	}
	bool port = colon && strlen(colon + 1) <= 5 && colon[1] && strspn(colon + 1, "0123456789") == strlen(colon + 1) &&
		    strtol(colon + 1, NULL, 10) <= 65535;
	if (!port || length == 0 || length >= sizeof host)
		return vg_fail(err, VIGIL_WRONG_USE, advice, "\"%.80s\" is not an address with a port.", text);
	memcpy(host, from, length);
	host[length] = '\0';
	if (getaddrinfo(host, colon + 1, &hints, &found) != 0)
		return vg_fail(err, VIGIL_WRONG_USE, advice, "\"%.80s\" is not an address with a port.", text);
	*ret = (vg_address){.length = found->ai_addrlen};
	memcpy(&ret->place, found->ai_addr, found->ai_addrlen);
	ret->loopback = is_loopback(&ret->place);
	freeaddrinfo(found);
	return VIGIL_OK;
}

static const char *written_address(vg_arena *arena, int descriptor, bool secure)
{
	struct sockaddr_storage place;
	socklen_t length = sizeof place;
	char host[INET6_ADDRSTRLEN];
	if (getsockname(descriptor, (struct sockaddr *)&place, &length) != 0)
		return "an unknown address";
	bool six = place.ss_family == AF_INET6;
	const void *bytes = six ? (const void *)&((struct sockaddr_in6 *)&place)->sin6_addr
				: (const void *)&((struct sockaddr_in *)&place)->sin_addr;
	in_port_t port = six ? ((struct sockaddr_in6 *)&place)->sin6_port : ((struct sockaddr_in *)&place)->sin_port;
	if (!inet_ntop(place.ss_family, bytes, host, sizeof host))
		return "an unknown address";
	return vg_format(arena, "%s://%s%s%s:%u", secure ? "https" : "http", six ? "[" : "", host, six ? "]" : "", ntohs(port));
}

static vigil_status open_tcp(const char *text, bool secure, vg_arena *arena, vg_listener *ret, vigil_error *err)
{
	vg_address address;
	const int on = 1;
	vigil_status status = vg_address_parse(text, &address, err);
	if (status != VIGIL_OK)
		return status;
	int descriptor = socket(address.place.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (descriptor < 0 || setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
	    (address.place.ss_family == AF_INET6 && setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) != 0) ||
	    bind(descriptor, (struct sockaddr *)&address.place, address.length) != 0 || listen(descriptor, BACKLOG) != 0) {
		status = vg_fail(err, VIGIL_WRONG_USE,
				 errno == EADDRINUSE ? "Another program listens there: end it, or choose another port."
						     : "Choose an address of this machine and a port that may be opened.",
				 "%.80s cannot be listened on: %s.", text, strerror(errno));
		if (descriptor >= 0)
			close(descriptor);
		return status;
	}
	*ret = (vg_listener){
	    .descriptor = descriptor, .loopback = address.loopback, .address = written_address(arena, descriptor, secure)};
	return VIGIL_OK;
}

/* Whether a server answers at this path; a file that nobody listens on is left over. */
static bool is_alive(const struct sockaddr_un *place)
{
	int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (descriptor < 0)
		return true;
	bool alive = connect(descriptor, (const struct sockaddr *)place, sizeof *place) == 0 || errno != ECONNREFUSED;
	close(descriptor);
	return alive;
}

static vigil_status make_way(const struct sockaddr_un *place, vigil_error *err)
{
	struct stat info;
	if (lstat(place->sun_path, &info) != 0)
		return VIGIL_OK;
	if (!S_ISSOCK(info.st_mode))
		return vg_fail(err, VIGIL_WRONG_USE, "Choose another path.", "%.100s is there already and not a socket.",
			       place->sun_path);
	if (is_alive(place))
		return vg_fail(err, VIGIL_WRONG_USE, "End that server, or choose another path.",
			       "A server listens on %.100s already.", place->sun_path);
	unlink(place->sun_path);
	return VIGIL_OK;
}

static vigil_status give_to_group(const char *path, const char *name, vigil_error *err)
{
	struct group group, *found = NULL;
	char room[4096];
	if (!name)
		return VIGIL_OK;
	if (getgrnam_r(name, &group, room, sizeof room, &found) != 0 || !found)
		return vg_fail(err, VIGIL_WRONG_USE, "Name a group of this machine.", "There is no group \"%.60s\".", name);
	if (chown(path, (uid_t)-1, found->gr_gid) != 0)
		return vg_fail(err, VIGIL_WRONG_USE, "Run the server as a member of the group.",
			       "The socket cannot be given to the group \"%.60s\": %s.", name, strerror(errno));
	return VIGIL_OK;
}

static vigil_status open_unix(const vg_settings *settings, vg_arena *arena, vg_listener *ret, vigil_error *err)
{
	struct sockaddr_un place = {.sun_family = AF_UNIX};
	const char *path = settings->socket;
	if (strlen(path) >= sizeof place.sun_path)
		return vg_fail(err, VIGIL_WRONG_USE, "Choose a shorter path.",
			       "The path of the socket is longer than %zu bytes.", sizeof place.sun_path - 1);
	memcpy(place.sun_path, path, strlen(path));
	vigil_status status = make_way(&place, err);
	if (status != VIGIL_OK)
		return status;
	int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool bound = descriptor >= 0 && bind(descriptor, (struct sockaddr *)&place, sizeof place) == 0;
	if (!bound || chmod(path, (mode_t)strtoul(settings->socket_mode, NULL, 8)) != 0)
		status = vg_fail(err, VIGIL_WRONG_USE, "Choose a path in a folder that may be written.",
				 "The socket %.100s cannot be made: %s.", path, strerror(errno));
	if (status == VIGIL_OK)
		status = give_to_group(path, settings->socket_group, err);
	if (status == VIGIL_OK && listen(descriptor, BACKLOG) != 0)
		status = vg_fail(err, VIGIL_WRONG_USE, "Choose another path.", "%.100s cannot be listened on: %s.", path,
				 strerror(errno));
	if (status != VIGIL_OK) {
		if (descriptor >= 0)
			close(descriptor);
		if (bound)
			unlink(path);
		return status;
	}
	*ret =
	    (vg_listener){.descriptor = descriptor, .local = true, .path = path, .address = vg_format(arena, "unix:%s", path)};
	return VIGIL_OK;
}

/* A socket that systemd opened: what it is, the kernel knows. */
static vigil_status take_over(int descriptor, bool secure, vg_arena *arena, vg_listener *ret, vigil_error *err)
{
	struct sockaddr_storage place;
	socklen_t length = sizeof place, size = sizeof(int);
	int listening = 0;
	if (getsockname(descriptor, (struct sockaddr *)&place, &length) != 0 ||
	    getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) != 0 || !listening)
		return vg_fail(err, VIGIL_WRONG_USE, "Use ListenStream= with Accept=no.",
			       "The descriptor %d that was handed over is not a listening socket.", descriptor);
	bool local = place.ss_family == AF_UNIX;
	*ret = (vg_listener){.descriptor = descriptor,
			     .local = local,
			     .loopback = !local && is_loopback(&place),
			     .address = local ? "unix socket of systemd" : written_address(arena, descriptor, secure)};
	return VIGIL_OK;
}

vigil_status vg_listeners_open(const vg_settings *settings, vg_arena *arena, vg_listener **ret, size_t *ret_count,
			       vigil_error *err)
{
	static const char usual[] = "127.0.0.1:8080";
	bool secure = settings->tls_certificate != NULL,
	     none = !settings->listen.count && !settings->socket && !settings->inherited_sockets;
	size_t inherited = (size_t)settings->inherited_sockets, count = 0;
	size_t most = settings->listen.count + inherited + 1 + none;
	vg_listener *list = vg_alloc_array(arena, most, sizeof *list);
	vigil_status status = list ? VIGIL_OK : vg_fail_memory(err);
	for (size_t i = 0; i < inherited && status == VIGIL_OK; i++)
		if ((status = take_over(FIRST_INHERITED + (int)i, secure, arena, &list[count], err)) == VIGIL_OK)
			count++;
	for (size_t i = 0; i < settings->listen.count + none && status == VIGIL_OK; i++)
		if ((status = open_tcp(none ? usual : settings->listen.items[i], secure, arena, &list[count], err)) == VIGIL_OK)
			count++;
	if (settings->socket && status == VIGIL_OK && (status = open_unix(settings, arena, &list[count], err)) == VIGIL_OK)
		count++;
	for (size_t i = 0; i < count && status == VIGIL_OK; i++)
		if (!list[i].address)
			status = vg_fail_memory(err);
	if (status != VIGIL_OK) {
		while (count > 0)
			vg_listener_close(&list[--count]);
		return status;
	}
	*ret = list;
	*ret_count = count;
	return VIGIL_OK;
}

void vg_listener_close(vg_listener *listener)
{
	if (listener->path)
		unlink(listener->path);
	listener->path = NULL;
	if (listener->descriptor >= 0)
		close(listener->descriptor);
	listener->descriptor = -1;
}
