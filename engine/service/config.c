/*
 * The settings of the service: one table of keys.
 *
 * A file holds `key = value` lines, `#` begins a comment at a line's start,
 * a key that may have several values is written several times.  Flags of the
 * command set the same keys.  docs/service/configuration.md holds this table
 * for people; a test compares the two.
 */
#include <stdio.h>
#include <string.h>

#include "service/service.h"

#define TEXT(name, field, flag, help)                                                                                          \
	{                                                                                                                      \
		name, VG_SETTING_TEXT, NULL, NULL, 0, 0, flag, help, offsetof(vg_settings, field)                              \
	}
#define FIXED(name, field, first, help)                                                                                        \
	{                                                                                                                      \
		name, VG_SETTING_TEXT, first, NULL, 0, 0, NULL, help, offsetof(vg_settings, field)                             \
	}
#define LIST(name, field, flag, help)                                                                                          \
	{                                                                                                                      \
		name, VG_SETTING_TEXTS, NULL, NULL, 0, 0, flag, help, offsetof(vg_settings, field)                             \
	}
#define NUMBER(name, field, first, least, most, help)                                                                          \
	{                                                                                                                      \
		name, VG_SETTING_NUMBER, #first, NULL, least, most, NULL, help, offsetof(vg_settings, field)                   \
	}
#define SWITCH(name, field, first, flag, help)                                                                                 \
	{                                                                                                                      \
		name, VG_SETTING_SWITCH, first, NULL, 0, 0, flag, help, offsetof(vg_settings, field)                           \
	}
#define CHOICE(name, field, first, all, help)                                                                                  \
	{                                                                                                                      \
		name, VG_SETTING_CHOICE, first, all, 0, 0, NULL, help, offsetof(vg_settings, field)                            \
	}

static const vg_setting_info infos[] = {
    LIST("server.listen", listen, "listen",
	 "address and port to listen on over TCP, 127.0.0.1:8080 or [::1]:8080; port 0 is a free one; without any of "
	 "this, a Unix socket or sockets of systemd, 127.0.0.1:8080"),
    TEXT("server.socket", socket, "socket", "path of a Unix socket to listen on; who may open it needs no token"),
    FIXED("server.socket_mode", socket_mode, "0660", "file mode of the Unix socket, octal"),
    TEXT("server.socket_group", socket_group, NULL, "group of the Unix socket; without it, the process's own"),
    LIST("server.hosts", hosts, NULL,
	 "names by which clients reach the server over TCP; addresses, localhost and the name in server.public_url "
	 "are known; a request for another name gets 421"),
    TEXT("server.public_url", public_url, NULL,
	 "base URL that clients use, https://cds.example.org; tokens' audience is compared with it"),
    LIST("server.allow_origin", allow_origin, "allow-origin",
	 "origin of web pages that may ask, https://emr.example.org, or * for all (simulators)"),
    SWITCH("server.strict_headers", strict_headers, "on", NULL,
	   "requests with folded header lines, a NUL or nameless lines are refused; so are extra blanks around values, "
	   "which HTTP allows and which look the same here"),
    NUMBER("server.threads", threads, 0, 0, 256, "threads that answer; 0: one a processor that may be used"),
    TEXT("server.time_zone", time_zone, "time-zone",
	 "zone in which it is today: an IANA name or +hh:mm; the system's without it"),
    TEXT("tls.certificate", tls_certificate, NULL, "certificate chain, PEM; with it TCP speaks TLS 1.2 and 1.3"),
    TEXT("tls.key", tls_key, NULL, "private key of the certificate, PEM"),
    NUMBER("limits.body", body_limit, 8388608, 1024, 67108864, "bytes of a request's body; above it 413"),
    NUMBER("limits.headers", header_limit, 16384, 1024, 49152, "bytes of a request's line and headers; above it 431"),
    NUMBER("limits.connections", connection_limit, 4096, 2, 65536, "open connections of one listening socket; more wait"),
    NUMBER("limits.connections_of_one_client", client_connection_limit, 0, 0, 65536,
	   "open connections of one address over TCP; 0: no limit (behind a proxy all come from one)"),
    NUMBER("limits.bodies", bodies_limit, 268435456, 1048576, 999999999,
	   "bytes of all requests' bodies together; above it 503"),
    NUMBER("limits.in_flight", in_flight_limit, 64, 1, 65536,
	   "whole requests that are being answered or wait for it; above it 503 at the headers"),
    NUMBER("limits.header_time", header_time, 10000, 100, 600000,
	   "milliseconds from opening a connection to the end of the first headers"),
    NUMBER("limits.request_time", request_time, 20000, 100, 600000,
	   "milliseconds from the headers to the end of the body, and again for sending the answer"),
    NUMBER("limits.idle_time", idle_time, 75000, 100, 3600000, "milliseconds from an answer to the end of the next headers"),
    NUMBER("limits.drain_time", drain_time, 10000, 0, 600000,
	   "milliseconds that running requests have to end when the server ends"),
    SWITCH("auth.required", auth_required, "off", NULL, "whether each call over TCP needs a token, as CDS Hooks says"),
    LIST("auth.issuers", auth_issuers, NULL, "`iss` of clients that may call, exact"),
    LIST("auth.jwks", auth_jwks, NULL, "file with a JSON Web Key Set of public keys"),
    LIST("auth.jku_allow", auth_jku_allow, NULL, "URL of a key set that a token's `jku` may name, exact, https"),
    TEXT("auth.audience", auth_audience, NULL, "an `aud` that is accepted beside the called URL itself"),
    TEXT("auth.tenant", auth_tenant, NULL, "the `tenant` that a token must name; without it any"),
    TEXT("auth.ca_file", auth_ca_file, NULL, "certificates trusted when key sets are fetched, PEM; the system's without it"),
    LIST("rules.folder", rules, "rules", "rule pack layered over the starter pack, later ones win"),
    SWITCH("rules.no_starter", no_starter, "off", "no-starter", "without the starter pack"),
    TEXT("rules.knowledge", knowledge, "knowledge", "the compiled knowledge; made when missing or out of date"),
    TEXT("journal.file", journal, "journal", "the journal of answers and feedback"),
    SWITCH("journal.none", no_journal, "off", "no-journal", "without a journal: nothing that was answered can be shown later"),
    TEXT("journal.key_file", journal_key, NULL, "key of the journal's chain; FILE.key without it"),
    CHOICE("journal.durability", journal_durability, "normal", "normal full",
	   "what an answered request's row survives: normal, the end of the process; full, loss of power too"),
    CHOICE("journal.on_failure", journal_on_failure, "refuse", "refuse answer",
	   "when no row can be written: refuse with 503, or answer and say that it is not in the journal"),
    CHOICE("journal.patient", journal_patient, "hash", "hash reference",
	   "how a row names the patient: by a keyed hash, or as in the request"),
    SWITCH("fetch.enabled", fetch_enabled, "off", NULL,
	   "what a request's prefetch lacks is fetched from its fhirServer, with the token that it gives"),
    LIST("fetch.servers", fetch_servers, NULL,
	 "FHIR server that may be asked, https://fhir.example.org or https://fhir.example.org:8443: scheme, host and port, "
	 "exact"),
    NUMBER("fetch.deadline", fetch_deadline, 2000, 50, 30000, "milliseconds for all that is fetched for one request"),
    NUMBER("fetch.pages", fetch_pages, 20, 1, 1000, "pages of one search that are followed; what is not fetched then is said"),
    NUMBER("fetch.size", fetch_size, 16777216, 1024, 67108864, "bytes of all that is fetched for one request"),
    NUMBER("fetch.at_once", fetch_at_once, 4, 1, 256,
	   "requests that are fetched for at one time, each of which holds a thread; others are answered without"),
    TEXT("fetch.ca_file", fetch_ca_file, NULL,
	 "certificates trusted when FHIR servers are asked, PEM; the system's without it"),
    SWITCH("answers.lenient", lenient, "off", NULL, "requests that hold only `hook` and `prefetch` are understood"),
    SWITCH("answers.not_checked_card", not_checked_card, "on", NULL, "what could not be checked is told in a visible card"),
    CHOICE("log.requests", log, "all", "all refused none", "which requests get a log line; events always do"),
};

const vg_setting_info *vg_setting_infos(size_t *ret_count)
{
	*ret_count = VG_COUNT(infos);
	return infos;
}

static bool word_in(const char *words, const char *word)
{
	size_t length = strlen(word);
	for (const char *at = words; *at;) {
		size_t next = strcspn(at, " ");
		if (next == length && memcmp(at, word, length) == 0)
			return true;
		at += next + (at[next] == ' ');
	}
	return false;
}

static bool read_switch(const char *value, bool *ret)
{
	*ret = strcmp(value, "on") == 0;
	return *ret || strcmp(value, "off") == 0;
}

static bool read_whole(const char *value, long least, long most, long *ret)
{
	long number = 0;
	size_t length = strlen(value);
	if (length == 0 || length > 9)
		return false;
	for (; *value; value++) {
		if (*value < '0' || *value > '9')
			return false;
		number = number * 10 + (*value - '0');
	}
	*ret = number;
	return number >= least && number <= most;
}

void vg_settings_init(vg_settings *settings)
{
	*settings = (vg_settings){0};
	for (size_t i = 0; i < VG_COUNT(infos); i++) {
		const vg_setting_info *info = &infos[i];
		void *member = (char *)settings + info->offset;
		if (!info->initial)
			continue;
		if (info->kind == VG_SETTING_NUMBER)
			read_whole(info->initial, info->least, info->most, member);
		else if (info->kind == VG_SETTING_SWITCH)
			read_switch(info->initial, member);
		else
			*(const char **)member = info->initial;
	}
}

static const vg_setting_info *find(const char *key)
{
	for (size_t i = 0; i < VG_COUNT(infos); i++)
		if (strcmp(infos[i].key, key) == 0)
			return &infos[i];
	return NULL;
}

static vigil_status unknown_key(const char *key, vigil_error *err)
{
	const char *names[VG_COUNT(infos)];
	for (size_t i = 0; i < VG_COUNT(infos); i++)
		names[i] = infos[i].key;
	const char *nearest = vg_nearest(key, names, VG_COUNT(names));
	char advice[128] = "`docs/service/configuration.md` lists the keys.";
	if (nearest)
		snprintf(advice, sizeof advice, "Did you mean %s?", nearest);
	return vg_fail(err, VIGIL_BAD_INPUT, advice, "There is no setting \"%.60s\".", key);
}

static vigil_status wrong_value(const vg_setting_info *info, vigil_error *err)
{
	char advice[200];
	if (info->kind == VG_SETTING_NUMBER)
		snprintf(advice, sizeof advice, "It takes a whole number from %ld to %ld.", info->least, info->most);
	else
		snprintf(advice, sizeof advice, "It takes one of: %s.",
			 info->kind == VG_SETTING_SWITCH ? "on off" : info->choices);
	return vg_fail(err, VIGIL_BAD_INPUT, advice, "The value of %s is not one that it takes.", info->key);
}

static vigil_status add_text(vg_arena *arena, vg_texts *texts, const char *text, vigil_error *err)
{
	const char **items = vg_grow(arena, texts->items, texts->count, &texts->capacity, sizeof *items);
	if (!items)
		return vg_fail_memory(err);
	texts->items = items;
	items[texts->count++] = text;
	return VIGIL_OK;
}

vigil_status vg_settings_set(vg_settings *settings, vg_arena *arena, const char *key, const char *value, vigil_error *err)
{
	const vg_setting_info *info = find(key);
	if (!info)
		return unknown_key(key, err);
	void *member = (char *)settings + info->offset;
	if (*value == '\0')
		return vg_fail(err, VIGIL_BAD_INPUT, "Leave the line out where nothing is to be set.", "%s has no value.",
			       info->key);
	switch (info->kind) {
	case VG_SETTING_NUMBER:
		return read_whole(value, info->least, info->most, member) ? VIGIL_OK : wrong_value(info, err);
	case VG_SETTING_SWITCH:
		return read_switch(value, member) ? VIGIL_OK : wrong_value(info, err);
	case VG_SETTING_CHOICE:
		if (strchr(value, ' ') || !word_in(info->choices, value))
			return wrong_value(info, err);
		break;
	default:
		break;
	}
	const char *copy = vg_copy_text(arena, value, strlen(value));
	if (!copy)
		return vg_fail_memory(err);
	if (info->kind == VG_SETTING_TEXTS)
		return add_text(arena, member, copy, err);
	*(const char **)member = copy;
	return VIGIL_OK;
}

static char *trimmed(char *text)
{
	while (*text == ' ' || *text == '\t')
		text++;
	size_t length = strlen(text);
	while (length > 0 && strchr(" \t\r", text[length - 1]))
		length--;
	text[length] = '\0';
	return text;
}

/* Keys that take one value are written once in a file: of two, one would be silently wrong. */
static vigil_status read_line(vg_settings *settings, vg_arena *arena, char *line, vg_bits *seen, vigil_error *err)
{
	char *text = trimmed(line), *equals = strchr(text, '=');
	if (*text == '\0' || *text == '#')
		return VIGIL_OK;
	if (!equals)
		return vg_fail(err, VIGIL_BAD_INPUT, "Write `key = value`, or # before a comment.", "This line has no \"=\".");
	*equals = '\0';
	const char *key = trimmed(text);
	const vg_setting_info *info = find(key);
	if (info && info->kind != VG_SETTING_TEXTS) {
		size_t place = (size_t)(info - infos);
		if (vg_bit_test(seen, place))
			return vg_fail(err, VIGIL_BAD_INPUT, "Keep one of the two lines.", "%s is set twice.", info->key);
		vg_bit_set(seen, place);
	}
	return vg_settings_set(settings, arena, key, trimmed(equals + 1), err);
}

vigil_status vg_settings_read(vg_settings *settings, vg_arena *arena, const char *file, vigil_error *err)
{
	enum { LARGEST = 1 << 20 };
	vg_bits seen[VG_BITS_WORDS(VG_COUNT(infos))] = {0};
	char *text = NULL;
	size_t length = 0;
	vigil_status status = vg_read_file(arena, file, LARGEST, &text, &length, err);
	if (status != VIGIL_OK)
		return status;
	if (strlen(text) != length || !vg_utf8_valid(text, length)) {
		status = vg_fail(err, VIGIL_BAD_INPUT, "Save it as plain UTF-8 text.", "The configuration is not a text.");
		vg_error_place(err, file, 0);
		return status;
	}
	int number = 1;
	for (char *line = text; line; number++) {
		char *end = strchr(line, '\n');
		if (end)
			*end = '\0';
		status = read_line(settings, arena, line, seen, err);
		if (status != VIGIL_OK) {
			if (status != VIGIL_NO_MEMORY)
				vg_error_place(err, file, number);
			return status;
		}
		line = end ? end + 1 : NULL;
	}
	return VIGIL_OK;
}
