/*
 * Checks a JSON value against a schema of docs/service/openapi.json: the part of
 * JSON Schema 2020-12 that the file uses.  A keyword that is not known here
 * fails, so that no schema is laxer than it reads.
 */
#ifndef VG_TESTS_SERVICE_SCHEMA_H
#define VG_TESTS_SERVICE_SCHEMA_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct schema_problem {
	char text[512]; /* "" when there is none */
} schema_problem;

/* The document; a failed check and NULL when it cannot be read. To be deleted by the caller. */
cJSON *schema_document(void);
/* Whether `value` is as `schema` asks; what is not, and where, in `problem`. */
bool schema_fits(const cJSON *document, const cJSON *schema, const cJSON *value, schema_problem *problem);
/* A schema of components/schemas. */
const cJSON *schema_named(const cJSON *document, const char *name);

#endif
