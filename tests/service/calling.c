/* See calling.h. */
#include "calling.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

bool calling_open(calling *own, const char *const *settings)
{
	*own = (calling){.document = schema_document(), .opened = time(NULL)};
	return own->document && test_server_open(&own->server, settings);
}

void calling_close(calling *own)
{
	if (own->server.server)
		test_server_close(&own->server);
	cJSON_Delete(own->document);
	cJSON_Delete(own->json);
	free(own->body);
	*own = (calling){0};
}

/* Everything until the server closes. */
static char *read_all(int descriptor, size_t *ret_length)
{
	size_t room = 1 << 16, length = 0;
	char *text = malloc(room + 1);
	const struct timeval patience = {.tv_sec = TEST_PATIENCE / 1000};
	setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	for (ssize_t got; (got = recv(descriptor, text + length, room - length, 0)) > 0;) {
		length += (size_t)got;
		if (length == room)
			text = realloc(text, (room *= 2) + 1);
	}
	text[length] = '\0';
	*ret_length = length;
	return text;
}

/* Whatever is asked, a refusal is an OperationOutcome and says something. */
static void take(calling *own, const char *what, char *text, size_t length)
{
	const char *end = memmem(text, length, "\r\n\r\n", 4);
	free(own->body);
	cJSON_Delete(own->json);
	own->status = strncmp(text, "HTTP/1.1 ", 9) == 0 ? atoi(text + 9) : 0;
	snprintf(own->head, sizeof own->head, "%.*s", end ? (int)(end + 2 - text) : 0, text);
	own->length = end ? length - (size_t)(end + 4 - text) : 0;
	own->body = strdup(end ? end + 4 : "");
	own->json = cJSON_ParseWithLength(own->body, own->length);
	free(text);
	if (own->status >= 400)
		conforms(own, "OperationOutcome", what);
}

/* The body with its days, reckoned from one moment, so that midnight does not come between two of them. To be freed. */
static char *dated(const char *body, time_t opened)
{
	char *text = malloc(strlen(body) * 2 + 1), *to = text;
	for (const char *from = body; *from;) {
		char *end;
		long days = *from == '@' ? strtol(from + 1, &end, 10) : 0;
		if (*from != '@' || end == from + 1 || *end != '@') {
			*to++ = *from++;
			continue;
		}
		time_t moment = opened - days * 86400;
		struct tm parts;
		to += strftime(to, 16, "%Y-%m-%d", gmtime_r(&moment, &parts));
		from = end + 1;
	}
	*to = '\0';
	return text;
}

static int exchange(calling *own, int descriptor, const char *method, const char *path, const char *headers, const char *body)
{
	char head[4096], *made = body ? dated(body, own->opened) : NULL;
	size_t length;
	int written =
	    snprintf(head, sizeof head, "%s %s HTTP/1.1\r\nHost: cds.test\r\nConnection: close\r\n%s", method, path, headers);
	if (body)
		written += snprintf(head + written, sizeof head - (size_t)written, "Content-Length: %zu\r\n", strlen(made));
	snprintf(head + written, sizeof head - (size_t)written, "\r\n");
	CHECK(descriptor >= 0, "the server can be reached");
	bool sent = test_send(descriptor, head, strlen(head));
	if (made && sent)
		test_send(descriptor, made, strlen(made)); /* a refused body may not be read to its end */
	char *text = read_all(descriptor, &length);
	close(descriptor);
	free(made);
	take(own, path, text, length);
	return own->status;
}

int call(calling *own, const char *method, const char *path, const char *headers, const char *body)
{
	return exchange(own, test_connect(&own->server), method, path, headers, body);
}

int call_local(calling *own, const char *method, const char *path, const char *headers, const char *body)
{
	return exchange(own, test_connect_local(&own->server), method, path, headers, body);
}

int call_hook(calling *own, const char *id, const char *body)
{
	char path[160];
	snprintf(path, sizeof path, "/cds-services/%s", id);
	call(own, "POST", path, JSON_TYPE, body);
	if (own->status == 200)
		conforms(own, "Cards", id);
	return own->status;
}

const char *said(const calling *own, const char *path)
{
	const char *text = text_at(own->json, path);
	return text ? text : "";
}

const char *outcome_of(const calling *own, const char *rule)
{
	const cJSON *item;
	cJSON_ArrayForEach(item, at(own->json, EXTENSION "rules"))
	{
		if (strcmp(text_at(item, "rule"), rule) == 0)
			return text_at(item, "outcome");
	}
	return "";
}

const cJSON *card_with(const calling *own, const char *text)
{
	const cJSON *card;
	cJSON_ArrayForEach(card, at(own->json, "cards"))
	{
		if (strstr(text_at(card, "summary"), text) || strcmp(text_at(card, "source/topic/code"), text) == 0)
			return card;
	}
	return NULL;
}

int card_count(const calling *own) { return cJSON_GetArraySize(at(own->json, "cards")); }

bool is_complete_answer(const calling *own) { return cJSON_IsTrue(at(own->json, EXTENSION "complete")); }

void conforms(calling *own, const char *schema, const char *what)
{
	schema_problem problem;
	CHECK(schema_fits(own->document, schema_named(own->document, schema), own->json, &problem),
	      "%s: %d is not as %s asks: %s: %.400s", what, own->status, schema, problem.text, own->body);
}

bool has_empty(const cJSON *item)
{
	if (cJSON_IsNull(item) || (cJSON_IsString(item) && !*item->valuestring) ||
	    ((cJSON_IsArray(item) || cJSON_IsObject(item)) && !item->child))
		return true;
	for (const cJSON *child = item->child; child; child = child->next)
		if (has_empty(child))
			return true;
	return false;
}
