/*
 * Refusals: a status with an OperationOutcome that says why.
 *
 * A client that shows nothing but the body still learns that there was no
 * answer, and why; an empty body would look like "nothing to say".
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "service/service.h"

static const char no_memory_body[] =
    "{\"resourceType\":\"OperationOutcome\",\"issue\":[{\"severity\":\"error\",\"code\":\"exception\","
    "\"diagnostics\":\"Memory ran out; the request was not answered.\"}]}";

void vg_http_refuse(vg_http_response *out, int status, const char *code, const char *text, ...)
{
	char diagnostics[1024];
	va_list arguments;
	vg_buffer body;
	va_start(arguments, text);
	vsnprintf(diagnostics, sizeof diagnostics, text, arguments);
	va_end(arguments);
	/* A text that was cut inside a character is cut before it. */
	size_t length = 0, all = strlen(diagnostics), step;
	while ((step = vg_utf8_step(diagnostics + length, all - length)) > 0)
		length += step;
	diagnostics[length] = '\0';
	vg_buffer_init(&body, out->arena);
	vg_add(&body, "{\"resourceType\":\"OperationOutcome\",\"issue\":[{\"severity\":\"error\",\"code\":");
	vg_add_json_text(&body, code);
	vg_add(&body, ",\"diagnostics\":");
	vg_add_json_text(&body, diagnostics);
	vg_add(&body, "}]}");
	out->status = status;
	out->type = NULL;
	out->body = vg_buffer_text(&body);
	out->length = body.length;
	if (!out->body) {
		out->body = no_memory_body;
		out->length = sizeof no_memory_body - 1;
	}
}
