/*
 * The settings: each key with a good and a bad value, files, contradictions,
 * and the table in the manual.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "service/http_internal.h"
#include "support/support.h"

static void takes_each_key(void)
{
	size_t count;
	const vg_setting_info *infos = vg_setting_infos(&count);
	vg_arena arena;
	vg_arena_init(&arena, NULL, 0);
	for (size_t i = 0; i < count; i++) {
		const vg_setting_info *info = &infos[i];
		vg_settings settings;
		vigil_error error = VIGIL_ERROR_INIT;
		vg_settings_init(&settings);
		char text[32];
		snprintf(text, sizeof text, "%ld", info->most);
		const char *good = info->kind == VG_SETTING_NUMBER   ? text
				   : info->kind == VG_SETTING_SWITCH ? "on"
				   : info->kind == VG_SETTING_CHOICE ? info->initial
								     : "x";
		CHECK(vg_settings_set(&settings, &arena, info->key, good, &error) == VIGIL_OK, "%s takes %s: %s", info->key,
		      good, error.text);
		CHECK(vg_settings_set(&settings, &arena, info->key, "", &error) == VIGIL_BAD_INPUT, "%s does not take nothing",
		      info->key);
		if (info->kind == VG_SETTING_NUMBER) {
			char over[32];
			snprintf(over, sizeof over, "%ld", info->most + 1);
			const char *const bad[] = {over, "-1", "1x", "0x10", " 1", "99999999999999999999", "1.5"};
			for (size_t j = 0; j < VG_COUNT(bad); j++)
				CHECK(vg_settings_set(&settings, &arena, info->key, bad[j], &error) == VIGIL_BAD_INPUT,
				      "%s does not take \"%s\"", info->key, bad[j]);
			CHECK(info->least <= atol(info->initial) && atol(info->initial) <= info->most,
			      "the initial value of %s is in its range", info->key);
		} else if (info->kind == VG_SETTING_SWITCH || info->kind == VG_SETTING_CHOICE) {
			CHECK(vg_settings_set(&settings, &arena, info->key, "yes", &error) == VIGIL_BAD_INPUT,
			      "%s does not take yes", info->key);
			CHECK(vg_settings_set(&settings, &arena, info->key, "on off", &error) == VIGIL_BAD_INPUT,
			      "nor two words");
			CHECK(*error.advice != '\0', "and says what it takes");
		}
	}
	vg_arena_free(&arena);
}

static vigil_status read_text(const char *text, vg_settings *settings, vg_arena *arena, vigil_error *error)
{
	char path[] = "/tmp/vigil-config-XXXXXX";
	int descriptor = mkstemp(path);
	CHECK(write(descriptor, text, strlen(text)) == (ssize_t)strlen(text), "the file is written");
	close(descriptor);
	vg_settings_init(settings);
	vigil_status status = vg_settings_read(settings, arena, path, error);
	unlink(path);
	return status;
}

static void reads_files(void)
{
	vg_arena arena;
	vg_settings settings;
	vigil_error error = VIGIL_ERROR_INIT;
	vg_arena_init(&arena, NULL, 0);
	CHECK(read_text("# a comment\n\n server.listen = "
			"127.0.0.1:1\r\nserver.listen=[::1]:2\n\tlimits.body\t=\t2048\nauth.required = on\n"
			"journal.file = /var/lib/a b = c.db",
			&settings, &arena, &error) == VIGIL_OK,
	      "a good file is read: %s", error.text);
	CHECK(settings.listen.count == 2 && strcmp(settings.listen.items[1], "[::1]:2") == 0, "lists gather");
	CHECK(settings.body_limit == 2048 && settings.auth_required, "numbers and switches");
	CHECK_TEXT(settings.journal, "/var/lib/a b = c.db");
	static const struct {
		const char *what, *text;
		int line;
	} bad[] = {{"no equals sign", "server.listen = a\nserver.threads 2\n", 2},
		   {"an unknown key", "\n\nserver.thread = 2\n", 3},
		   {"a key twice", "server.threads = 2\nserver.threads = 3\n", 2},
		   {"a bad number", "server.threads = many\n", 1},
		   {"no value", "tls.key =\n", 1},
		   {"not UTF-8", "tls.key = \xff\n", 0}};
	for (size_t i = 0; i < VG_COUNT(bad); i++) {
		error = (vigil_error)VIGIL_ERROR_INIT;
		CHECK(read_text(bad[i].text, &settings, &arena, &error) == VIGIL_BAD_INPUT, "%s is told", bad[i].what);
		CHECK(error.line == bad[i].line && *error.file && *error.advice, "%s: line %d, not %d", bad[i].what,
		      bad[i].line, error.line);
	}
	read_text("server.thread = 2\n", &settings, &arena, &error);
	CHECK_TEXT(error.advice, "Did you mean server.threads?");
	vg_arena_free(&arena);
}

static void finds_contradictions(void)
{
	static const struct {
		const char *what, *text;
		vigil_status status;
		size_t warnings;
	} cases[] = {
	    {"neither journal nor none", "", VIGIL_WRONG_USE, 0},
	    {"both", "journal.file = a\njournal.none = on\n", VIGIL_WRONG_USE, 0},
	    {"none", "journal.none = on\n", VIGIL_OK, 0},
	    {"a certificate without a key", "journal.none = on\ntls.certificate = a\n", VIGIL_WRONG_USE, 0},
	    {"a key without a certificate", "journal.none = on\ntls.key = a\n", VIGIL_WRONG_USE, 0},
	    {"loopback", "journal.none = on\nserver.listen = 127.9.9.9:1\nserver.listen = [::1]:1\n", VIGIL_OK, 0},
	    {"all the world without anything", "journal.none = on\nserver.listen = 0.0.0.0:1\n", VIGIL_OK, 2},
	    {"all the world with TLS", "journal.none = on\nserver.listen = [::]:1\ntls.certificate = a\ntls.key = b\n",
	     VIGIL_OK, 1},
	    {"all the world with tokens",
	     "journal.none = on\nserver.listen = 0.0.0.0:1\nauth.required = on\nserver.public_url = https://a\n", VIGIL_OK, 1},
	    {"a name", "journal.none = on\nserver.listen = localhost:1\n", VIGIL_WRONG_USE, 0},
	    {"no port", "journal.none = on\nserver.listen = 127.0.0.1\n", VIGIL_WRONG_USE, 0},
	    {"a port too large", "journal.none = on\nserver.listen = 127.0.0.1:65536\n", VIGIL_WRONG_USE, 0},
	    {"an address without brackets", "journal.none = on\nserver.listen = ::1:80\n", VIGIL_WRONG_USE, 0},
	    {"tokens without an audience", "journal.none = on\nauth.required = on\n", VIGIL_WRONG_USE, 0},
	    {"keys from http", "journal.none = on\nauth.required = on\nauth.audience = a\nauth.jku_allow = http://a/k\n",
	     VIGIL_WRONG_USE, 0},
	    {"issuers but no tokens", "journal.none = on\nauth.issuers = a\n", VIGIL_OK, 1},
	    {"all origins", "journal.none = on\nserver.allow_origin = *\n", VIGIL_OK, 1},
	    {"an origin with a path", "journal.none = on\nserver.allow_origin = https://a/b\n", VIGIL_WRONG_USE, 0},
	    {"an origin with a slash", "journal.none = on\nserver.allow_origin = https://a/\n", VIGIL_WRONG_USE, 0},
	    {"an origin without a scheme", "journal.none = on\nserver.allow_origin = a.test\n", VIGIL_WRONG_USE, 0},
	    {"a public URL with a slash", "journal.none = on\nserver.public_url = https://a/\n", VIGIL_WRONG_USE, 0},
	    {"a public URL with a query", "journal.none = on\nserver.public_url = https://a?b\n", VIGIL_WRONG_USE, 0},
	    {"a mode that is none", "journal.none = on\nserver.socket_mode = rw\n", VIGIL_WRONG_USE, 0},
	    {"a mode with more than permissions", "journal.none = on\nserver.socket_mode = 4777\n", VIGIL_WRONG_USE, 0},
	};
	for (size_t i = 0; i < VG_COUNT(cases); i++) {
		vg_arena arena;
		vg_settings settings;
		vg_texts warnings = {0};
		vigil_error error = VIGIL_ERROR_INIT;
		vg_arena_init(&arena, NULL, 0);
		CHECK(read_text(cases[i].text, &settings, &arena, &error) == VIGIL_OK, "%s is a file: %s", cases[i].what,
		      error.text);
		vigil_status status = vg_settings_check(&settings, &arena, &warnings, &error);
		CHECK(status == cases[i].status, "%s: status %d, not %d: %s", cases[i].what, status, cases[i].status,
		      error.text);
		CHECK(warnings.count == cases[i].warnings, "%s: %zu warnings, not %zu", cases[i].what, warnings.count,
		      cases[i].warnings);
		CHECK(status == VIGIL_OK || *error.advice, "%s: how to mend it is told", cases[i].what);
		vg_arena_free(&arena);
	}
}

/* The table of docs/service/configuration.md, a line for each key, in the table's order. */
static void matches_the_manual(void)
{
	vg_arena arena;
	char *text = NULL;
	size_t length, count;
	const vg_setting_info *infos = vg_setting_infos(&count);
	vg_arena_init(&arena, NULL, 0);
	CHECK(vg_read_file(&arena, "docs/service/configuration.md", 0, &text, &length, NULL) == VIGIL_OK,
	      "the manual is there");
	vg_buffer table;
	vg_buffer_init(&table, &arena);
	for (size_t i = 0; i < count; i++) {
		const vg_setting_info *info = &infos[i];
		vg_addf(&table, "| `%s` | ", info->key);
		if (info->initial)
			vg_addf(&table, "`%s`", info->initial);
		vg_add(&table, info->kind == VG_SETTING_TEXTS ? " repeatable |" : " |");
		if (info->kind == VG_SETTING_NUMBER)
			vg_addf(&table, " %ld – %ld |", info->least, info->most);
		else if (info->kind == VG_SETTING_SWITCH)
			vg_add(&table, " `on`, `off` |");
		else if (info->kind == VG_SETTING_CHOICE) {
			const char *blank = strchr(info->choices, ' ');
			vg_addf(&table, " `%.*s`", (int)(blank - info->choices), info->choices);
			for (const char *at = blank; at; at = blank) {
				blank = strchr(at + 1, ' ');
				vg_addf(&table, ", `%.*s`", (int)(blank ? blank - at - 1 : (long)strlen(at + 1)), at + 1);
			}
			vg_add(&table, " |");
		} else {
			vg_add(&table, " |");
		}
		if (info->option)
			vg_addf(&table, " `--%s` |", info->option);
		else
			vg_add(&table, " |");
		vg_addf(&table, " %s |\n", info->help);
	}
	if (getenv("UPDATE"))
		printf("%s", vg_buffer_text(&table));
	CHECK(text && strstr(text, vg_buffer_text(&table)), "docs/service/configuration.md holds this table:\n%s",
	      vg_buffer_text(&table));
	vg_arena_free(&arena);
}

static void endpoints_have_one_form(void)
{
	char id[129];
	static const struct {
		const char *path;
		vg_endpoint endpoint;
		const char *id;
	} cases[] = {{"/cds-services", VG_ENDPOINT_DISCOVERY, ""},
		     {"/cds-services/vigil-order-sign", VG_ENDPOINT_HOOK, "vigil-order-sign"},
		     {"/cds-services/feedback", VG_ENDPOINT_HOOK, "feedback"},
		     {"/cds-services/a.b_c/feedback", VG_ENDPOINT_FEEDBACK, "a.b_c"},
		     {"/v1/rules/x/switch", VG_ENDPOINT_SWITCH, "x"},
		     {"/v1/rules/switch", VG_ENDPOINT_RULE, "switch"},
		     {"/v1/openapi.json", VG_ENDPOINT_OPENAPI, ""},
		     {"/cds-services/a b", VG_ENDPOINT_NONE, ""},
		     {"/cds-services/.", VG_ENDPOINT_NONE, ""},
		     {"/cds-services/..", VG_ENDPOINT_NONE, ""},
		     {"/cds-services/../feedback", VG_ENDPOINT_NONE, ""},
		     {"/cds-services/a/feedback/b", VG_ENDPOINT_NONE, ""},
		     {"", VG_ENDPOINT_NONE, ""}};
	for (size_t i = 0; i < VG_COUNT(cases); i++) {
		vg_endpoint found = vg_endpoint_find(cases[i].path, id);
		CHECK(found == cases[i].endpoint, "%s is %s", cases[i].path, vg_endpoint_info_of(found)->name);
		CHECK_TEXT(id, cases[i].id);
	}
	char longest[200] = "/cds-services/";
	memset(longest + 14, 'a', 129);
	CHECK(vg_endpoint_find(longest, id) == VG_ENDPOINT_NONE, "129 bytes are too many");
	longest[14 + 128] = '\0';
	CHECK(vg_endpoint_find(longest, id) == VG_ENDPOINT_HOOK && strlen(id) == 128, "128 are not");
}

static void refusals_never_fail(void)
{
	test_allocator state = {.fail_at = 1};
	const vg_allocator allocator = {test_resize, &state};
	vg_arena arena;
	vg_arena_init(&arena, &allocator, 0);
	vg_http_response out = {.arena = &arena};
	vg_http_refuse(&out, 400, "invalid", "The member \"%s\" is missing.", "hook");
	CHECK(out.status == 400 && out.length == strlen(out.body) && strstr(out.body, "Memory ran out"), "without memory: %s",
	      out.body);
	vg_arena_free(&arena);
	vg_arena_init(&arena, NULL, 0);
	out.arena = &arena;
	vg_http_refuse(&out, 400, "invalid", "The member \"%s\" is missing.", "hook");
	CHECK_TEXT(out.body, "{\"resourceType\":\"OperationOutcome\",\"issue\":[{\"severity\":\"error\",\"code\":\"invalid\","
			     "\"diagnostics\":\"The member \\\"hook\\\" is missing.\"}]}");
	char text[2001];
	for (size_t i = 0; i < 2000; i += 2)
		memcpy(text + i, "\xc3\xa4", 2);
	text[2000] = '\0';
	for (int shift = 0; shift < 2; shift++) {
		vg_http_refuse(&out, 400, "invalid", "%s%s", shift ? "x" : "", text);
		CHECK(vg_utf8_valid(out.body, out.length) && out.length > 1000, "a text that is cut stays UTF-8");
	}
	vg_arena_free(&arena);
}

const test_case test_cases_config[] = {{"each key takes good values and no others", takes_each_key},
				       {"files are read, and their faults told with the line", reads_files},
				       {"contradictions are refused, dangers are told", finds_contradictions},
				       {"the manual has the table of the keys", matches_the_manual},
				       {"paths have one form", endpoints_have_one_form},
				       {"a refusal can always be made", refusals_never_fail},
				       {0}};
