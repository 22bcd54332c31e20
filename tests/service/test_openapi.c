/*
 * docs/service/openapi.json against the running server: every route of one is in
 * the other, and every status that it documents is produced and is as it says.
 */
#include "calling.h"
#include "tokens.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static calling own;

typedef struct asked {
	const char *path; /* as in the file */
	const char *real; /* what is asked */
	const char *body;
	int status;
	bool local;
} asked;

static char seen[128][64]; /* "POST /v1/reload 409" */
static size_t seen_count;

static const cJSON *operation_of(const char *path, const char *method)
{
	return cJSON_GetObjectItemCaseSensitive(
	    cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(own.document, "paths"), path), method);
}

/* The last answer against what the file says of this path and status. */
static void judge(const char *path, bool post)
{
	char status[8];
	schema_problem problem;
	snprintf(status, sizeof status, "%d", own.status);
	const cJSON *responses = cJSON_GetObjectItemCaseSensitive(operation_of(path, post ? "post" : "get"), "responses");
	const cJSON *response = cJSON_GetObjectItemCaseSensitive(responses, status);
	CHECK(response || own.status == 405, "%s answers with %d, which is not documented", path, own.status);
	if (!response)
		response = cJSON_GetObjectItemCaseSensitive(responses, "default");
	const cJSON *content = cJSON_GetObjectItemCaseSensitive(response, "content"),
		    *media = cJSON_GetObjectItemCaseSensitive(content, "application/json");
	if (media)
		CHECK(schema_fits(own.document, cJSON_GetObjectItemCaseSensitive(media, "schema"), own.json, &problem),
		      "%s %d: %s: %.300s", path, own.status, problem.text, own.body);
	else
		CHECK(cJSON_GetObjectItemCaseSensitive(content, "text/plain") &&
			  strcasestr(own.head, "\r\nContent-Type: text/plain"),
		      "%s answers with text: %s", path, own.head);
	if (seen_count < VG_COUNT(seen))
		snprintf(seen[seen_count++], sizeof seen[0], "%s %s", path, status);
}

static void ask_one(const asked *one, const char *headers)
{
	const vg_endpoint_info *info = NULL;
	for (int i = VG_ENDPOINT_NONE + 1; i < VG_ENDPOINTS; i++)
		if (strcmp(vg_endpoint_info_of((vg_endpoint)i)->path, one->path) == 0)
			info = vg_endpoint_info_of((vg_endpoint)i);
	char lines[256];
	bool text = one->status == 415;
	snprintf(lines, sizeof lines, "%s%s", headers,
		 info->post && one->body ? (text ? "Content-Type: text/plain\r\n" : JSON_TYPE) : "");
	const char *method = info->post ? "POST" : "GET";
	int status = one->local ? call_local(&own, method, one->real, lines, one->body)
				: call(&own, method, one->real, lines, one->body);
	CHECK(status == one->status, "%s is %d, not %d: %.200s", one->real, status, one->status, own.body);
	judge(one->path, info->post);
}

static void has_every_route(void)
{
	if (!calling_open(&own, NULL))
		return;
	const cJSON *paths = cJSON_GetObjectItemCaseSensitive(own.document, "paths"), *path;
	int count = 0;
	for (int i = VG_ENDPOINT_NONE + 1; i < VG_ENDPOINTS; i++) {
		const vg_endpoint_info *info = vg_endpoint_info_of((vg_endpoint)i);
		const cJSON *operation = operation_of(info->path, info->post ? "post" : "get");
		CHECK(operation != NULL, "%s is not in the file", info->path);
		CHECK(!operation_of(info->path, info->post ? "get" : "post"), "%s has a method that the server refuses",
		      info->path);
		CHECK((info->open || info->local_only) == (cJSON_GetObjectItemCaseSensitive(operation, "security") != NULL),
		      "%s: whether it needs a token", info->path);
		CHECK(!info->post || info->body_optional == !cJSON_GetObjectItemCaseSensitive(operation, "requestBody"),
		      "%s: whether it takes a body", info->path);
		count++;
	}
	cJSON_ArrayForEach(path, paths)
	{
		char id[129], real[64];
		const char *place = strstr(path->string, "{id}");
		snprintf(real, sizeof real, "%.*s%s%s", place ? (int)(place - path->string) : 63, path->string,
			 place ? "x" : "", place ? place + 4 : "");
		CHECK(vg_endpoint_find(real, id) != VG_ENDPOINT_NONE, "%s is no route of the server", path->string);
		count--;
	}
	CHECK(count == 0, "the file has %d routes less", count);
	CHECK_TEXT(text_at(own.document, "info/version"), vigil_version());
	calling_close(&own);
}

#define CHART SET(ENTRY(PATIENT) "," ENTRY(TAKES_WARFARIN) "," ENTRY(ORDERS_IBUPROFEN))
#define GIVEN "{\"feedback\":[{\"card\":\"c\",\"outcome\":\"overridden\",\"outcomeTimestamp\":\"2026-03-01T12:00:00Z\"},{}]}"

static void ask_openly(void)
{
	static const asked cases[] = {
	    {"/cds-services", "/cds-services", NULL, 200, false},
	    {"/cds-services/{id}", "/cds-services/vigil-order-sign", SIGN_IBUPROFEN, 200, false},
	    {"/cds-services/{id}", "/cds-services/vigil-order-sign", "{}", 400, false},
	    {"/cds-services/{id}", "/cds-services/vigil-tea-time", "{}", 404, false},
	    {"/cds-services/{id}", "/cds-services/vigil-order-sign", NULL, 411, false},
	    {"/cds-services/{id}", "/cds-services/vigil-order-sign", HEAD("order-sign") ORDERS(ENTRY(ORDERS_IBUPROFEN)) "}",
	     412, false},
	    {"/cds-services/{id}", "/cds-services/vigil-order-sign", SIGN_IBUPROFEN, 415, false},
	    {"/cds-services/{id}/feedback", "/cds-services/vigil-order-sign/feedback", GIVEN, 200, false},
	    {"/cds-services/{id}/feedback", "/cds-services/vigil-order-sign/feedback", "{}", 400, false},
	    {"/cds-services/{id}/feedback", "/cds-services/vigil-tea-time/feedback", GIVEN, 404, false},
	    {"/cds-services/{id}/feedback", "/cds-services/vigil-order-sign/feedback", GIVEN, 415, false},
	    {"/v1/evaluate", "/v1/evaluate?drafts&trace=1&all_screenings", CHART, 200, false},
	    {"/v1/evaluate", "/v1/evaluate", SIGN_IBUPROFEN, 200, true},
	    {"/v1/evaluate", "/v1/evaluate?as_of=yesterday", CHART, 400, false},
	    {"/v1/evaluate", "/v1/evaluate", CHART, 415, false},
	    {"/v1/explain", "/v1/explain?rule=warfarin-nsaid&drafts", CHART, 200, false},
	    {"/v1/explain", "/v1/explain", CHART, 400, false},
	    {"/v1/explain", "/v1/explain?rule=no-such-rule", CHART, 404, false},
	    {"/v1/rules", "/v1/rules", NULL, 200, false},
	    {"/v1/rules/{id}", "/v1/rules/warfarin-nsaid", NULL, 200, false},
	    {"/v1/rules/{id}", "/v1/rules/no-such-rule", NULL, 404, false},
	    {"/v1/rules/{id}/switch", "/v1/rules/warfarin-nsaid/switch", "{\"on\":false,\"why\":\"a test\"}", 200, true},
	    {"/v1/rules/{id}/switch", "/v1/rules/warfarin-nsaid/switch", "{}", 400, true},
	    {"/v1/rules/{id}/switch", "/v1/rules/warfarin-nsaid/switch", "{}", 403, false},
	    {"/v1/rules/{id}/switch", "/v1/rules/no-such-rule/switch", "{\"on\":false,\"why\":\"a test\"}", 404, true},
	    {"/v1/reload", "/v1/reload", "", 200, true},
	    {"/v1/reload", "/v1/reload", "", 403, false},
	    {"/v1/openapi.json", "/v1/openapi.json", NULL, 200, false},
	    {"/healthz", "/healthz", NULL, 200, false},
	    {"/readyz", "/readyz", NULL, 200, false},
	    {"/metrics", "/metrics", NULL, 200, false},
	};
	if (!calling_open(&own, NULL))
		return;
	for (size_t i = 0; i < VG_COUNT(cases); i++)
		ask_one(&cases[i], "");
	for (int i = VG_ENDPOINT_NONE + 1; i < VG_ENDPOINTS; i++) {
		const vg_endpoint_info *info = vg_endpoint_info_of((vg_endpoint)i);
		char real[64];
		const char *place = strstr(info->path, "{id}");
		snprintf(real, sizeof real, "%.*s%s%s", place ? (int)(place - info->path) : 63, info->path, place ? "x" : "",
			 place ? place + 4 : "");
		CHECK(call(&own, "PUT", real, "", NULL) == 405, "PUT %s is refused", real);
		judge(info->path, info->post);
	}
	calling_close(&own);
}

/* Whatever is too large: each body alone, and all of them together. */
static void ask_too_much(void)
{
	static const asked large[] = {
	    {"/cds-services/{id}", "/cds-services/vigil-order-sign", NULL, 413, false},
	    {"/cds-services/{id}/feedback", "/cds-services/vigil-order-sign/feedback", NULL, 413, false},
	    {"/v1/evaluate", "/v1/evaluate", NULL, 413, false}};
	size_t room = 3 << 20;
	char *body = malloc(room + 1);
	memset(body, ' ', room);
	body[room] = '\0';
	if (calling_open(&own, (const char *const[]){"limits.body=2000000", NULL})) {
		for (size_t i = 0; i < VG_COUNT(large); i++) {
			asked one = large[i];
			one.body = body;
			ask_one(&one, "");
		}
		calling_close(&own);
	}
	if (calling_open(&own, (const char *const[]){"limits.bodies=1048576", NULL})) {
		ask_one(&(asked){"/cds-services/{id}", "/cds-services/vigil-order-sign", body, 503, false}, "");
		calling_close(&own);
	}
	free(body);
}

static void ask_without_token(void)
{
	token_maker maker;
	if (!token_maker_open(&maker, "ES384"))
		return;
	const char *const settings[] = {"auth.required=on", "auth.issuers=https://ehr.test",
					"server.public_url=https://cds.test", maker.setting, NULL};
	if (calling_open(&own, settings)) {
		static const asked cases[] = {
		    {"/cds-services", "/cds-services", NULL, 401, false},
		    {"/cds-services/{id}", "/cds-services/vigil-order-sign", "{}", 401, false},
		    {"/cds-services/{id}/feedback", "/cds-services/vigil-order-sign/feedback", "{}", 401, false},
		    {"/v1/evaluate", "/v1/evaluate", "{}", 401, false},
		    {"/v1/explain", "/v1/explain?rule=x", "{}", 401, false},
		    {"/v1/rules", "/v1/rules", NULL, 401, false},
		    {"/v1/rules/{id}", "/v1/rules/warfarin-nsaid", NULL, 401, false},
		    {"/v1/openapi.json", "/v1/openapi.json", NULL, 401, false}};
		for (size_t i = 0; i < VG_COUNT(cases); i++)
			ask_one(&cases[i], "");
		calling_close(&own);
	}
	token_maker_close(&maker);
}

/* What only a service that is asked directly says: its packs broke, the server is ending. */
static void ask_in_trouble(void)
{
	char folder[] = "/tmp/vigil-pack-XXXXXX", file[64];
	const char *folders[] = {mkdtemp(folder)};
	snprintf(file, sizeof file, "%s/pack.lua", folder);
	static const char *const packs[] = {"pack { name = \"p\", version = \"1.0.0\", publisher = \"x\", language = \"1\" }\n",
					    "pack {"};
	vg_service_config config = {.workers = 1, .engine = VIGIL_CONFIG_INIT};
	vg_service *service = NULL;
	config.engine.rule_dirs = folders;
	config.engine.rule_dir_count = 1;
	own = (calling){.document = schema_document()};
	for (int broken = 0; broken < 2; broken++) {
		FILE *out = fopen(file, "w");
		fputs(packs[broken], out);
		fclose(out);
		if (!broken)
			CHECK(vg_service_open(&config, NULL, &service, NULL) == VIGIL_OK, "a service opens");
	}
	static const struct {
		const char *path;
		vg_endpoint endpoint;
		int status;
		bool draining, post;
	} cases[] = {{"/v1/reload", VG_ENDPOINT_RELOAD, 409, false, true},
		     {"/readyz", VG_ENDPOINT_READY, 200, false, false},
		     {"/readyz", VG_ENDPOINT_READY, 503, true, false}};
	for (size_t i = 0; service && i < VG_COUNT(cases); i++) {
		vg_arena arena;
		vg_arena_init(&arena, NULL, 0);
		vg_http_response out = {.arena = &arena};
		const vg_http_request in = {.endpoint = cases[i].endpoint,
					    .draining = cases[i].draining,
					    .id = "",
					    .query = "",
					    .body = "",
					    .local = true};
		vg_service_answer(service, &in, &out);
		own.status = out.status;
		cJSON_Delete(own.json);
		own.json = cJSON_ParseWithLength(out.body, out.length);
		CHECK(out.status == cases[i].status, "%s is %d, not %d", cases[i].path, out.status, cases[i].status);
		judge(cases[i].path, cases[i].post);
		if (i == 1)
			CHECK(cJSON_IsTrue(at(own.json, "reload_refused")),
			      "the readiness says that the reload was refused: %s", out.body);
		vg_arena_free(&arena);
	}
	vg_service_close(service);
	cJSON_Delete(own.json);
	cJSON_Delete(own.document);
	unlink(file);
	rmdir(folder);
}

static void every_status_was_seen(void)
{
	cJSON *document = schema_document(), *path;
	cJSON_ArrayForEach(path, cJSON_GetObjectItemCaseSensitive(document, "paths"))
	{
		cJSON *operation = cJSON_GetObjectItemCaseSensitive(path, "post"), *response;
		if (!operation)
			operation = cJSON_GetObjectItemCaseSensitive(path, "get");
		cJSON_ArrayForEach(response, cJSON_GetObjectItemCaseSensitive(operation, "responses"))
		{
			char name[64];
			bool found = strcmp(response->string, "default") == 0;
			snprintf(name, sizeof name, "%s %s", path->string, response->string);
			for (size_t i = 0; i < seen_count; i++)
				found = found || strcmp(seen[i], name) == 0;
			CHECK(found, "%s is documented and was never seen", name);
		}
	}
	cJSON_Delete(document);
}

static void keeps_what_it_says(void)
{
	seen_count = 0;
	ask_openly();
	ask_too_much();
	ask_without_token();
	ask_in_trouble();
	every_status_was_seen();
}

const test_case test_cases_openapi[] = {{"every route is in the file, and every one of the file is a route", has_every_route},
					{"every documented status is produced, and is as documented", keeps_what_it_says},
					{0}};
