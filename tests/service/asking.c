#include "asking.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool asking_open(asking *own, bool with_journal, bool lenient)
{
	const vg_service_config config = {.workers = 2, .not_checked_card = true, .lenient_requests = lenient};
	return asking_open_as(own, with_journal, config);
}

bool asking_open_as(asking *own, bool with_journal, vg_service_config config)
{
	vigil_error error = VIGIL_ERROR_INIT;
	memset(own, 0, sizeof *own);
	vg_arena_init(&own->arena, &vg_system_allocator, 0);
	vigil_config engine = VIGIL_CONFIG_INIT;
	engine.starter_dir = "tests/library/pack";
	config.engine = engine;
	strcpy(own->folder, "/tmp/vigil-service-XXXXXX");
	if (!mkdtemp(own->folder))
		own->folder[0] = '\0';
	snprintf(own->journal, sizeof own->journal, "%s/journal", own->folder);
	own->journal_config = (vg_journal_config){.file = own->journal};
	config.journal = with_journal ? &own->journal_config : NULL;
	vigil_status status = vg_service_open(&config, NULL, &own->service, &error);
	CHECK(status == VIGIL_OK, "the service does not open: %s %s", error.text, error.advice);
	return status == VIGIL_OK;
}

void asking_close(asking *own)
{
	static const char *const suffixes[] = {"", ".key", ".head", ".lock", ".tail-a", ".tail-b", "-wal", "-shm"};
	cJSON_Delete(own->answer);
	vg_service_close(own->service);
	vg_arena_free(&own->arena);
	for (size_t i = 0; i < VG_COUNT(suffixes); i++) {
		char file[128];
		snprintf(file, sizeof file, "%s%s", own->journal, suffixes[i]);
		unlink(file);
	}
	rmdir(own->folder);
}

int ask(asking *own, vg_endpoint endpoint, const char *id, const char *query, const char *body)
{
	vg_arena_reset(&own->arena);
	own->out = (vg_http_response){.arena = &own->arena};
	const vg_http_request in = {.endpoint = endpoint,
				    .id = id,
				    .query = query,
				    .body = body ? body : "",
				    .length = body ? strlen(body) : 0,
				    .local = true,
				    .request_id = "r1",
				    .now = "2026-03-01T12:00:00+01:00",
				    .arrived = 1772362800000};
	vg_service_answer(own->service, &in, &own->out);
	cJSON_Delete(own->answer);
	own->answer = own->out.body ? cJSON_ParseWithLength(own->out.body, own->out.length) : NULL;
	if (own->out.status != 200)
		CHECK_TEXT(text_at(own->answer, "resourceType"), "OperationOutcome");
	return own->out.status;
}

int ask_hook(asking *own, const char *id, const char *body) { return ask(own, VG_ENDPOINT_HOOK, id, "", body); }

const cJSON *at(const cJSON *from, const char *path)
{
	while (from && *path) {
		char part[64];
		size_t length = strcspn(path, "/");
		snprintf(part, sizeof part, "%.*s", (int)length, path);
		from =
		    cJSON_IsArray(from) ? cJSON_GetArrayItem(from, atoi(part)) : cJSON_GetObjectItemCaseSensitive(from, part);
		path += length + (path[length] == '/');
	}
	return from;
}

const char *text_at(const cJSON *from, const char *path)
{
	const cJSON *item = at(from, path);
	return cJSON_IsString(item) ? item->valuestring : NULL;
}
