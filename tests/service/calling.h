/*
 * Calls a running server over HTTP, whole answers read and parsed.  Its rules are those of
 * fixtures/packs/cases with fixtures/packs/service over them; what it sends is checked against
 * docs/service/openapi.json, whatever the case is about.
 */
#ifndef VG_TESTS_SERVICE_CALLING_H
#define VG_TESTS_SERVICE_CALLING_H

#include <cjson/cJSON.h>

#include "service/asking.h"
#include "service/http_support.h"
#include "service/schema.h"

typedef struct calling {
	test_server server;
	cJSON *document; /* docs/service/openapi.json */
	time_t opened;   /* the moment from which days are counted */
	/* of the last answer */
	int status;
	char head[4096];
	char *body;
	size_t length;
	cJSON *json; /* NULL: it is none */
} calling;

bool calling_open(calling *own, const char *const *settings); /* as test_server_open */
void calling_close(calling *own);

/* Returns the status.  @30@ in a body is a day (see below); `headers` are whole lines, each with CRLF; "" for none.  NULL body:
 * none is sent. */
int call(calling *own, const char *method, const char *path, const char *headers, const char *body);
int call_local(calling *own, const char *method, const char *path, const char *headers,
	       const char *body);                              /* by the Unix socket */
int call_hook(calling *own, const char *id, const char *body); /* POST of JSON */
/* Text of the answer by its path, as text_at; "" when it is not there. */
const char *said(const calling *own, const char *path);
/* The outcome that the extension tells of a rule; "" when it is not listed. */
const char *outcome_of(const calling *own, const char *rule);
/* A card whose source's topic or whose summary holds this text; NULL: none. */
const cJSON *card_with(const calling *own, const char *text);
int card_count(const calling *own);
bool has_empty(const cJSON *item); /* a null, or a text, list or object without anything in it, anywhere */
bool is_complete_answer(const calling *own);
/* Whether the last answer is as this schema asks; a failed check when not. */
void conforms(calling *own, const char *schema, const char *what);

#define JSON_TYPE "Content-Type: application/json\r\n"
#define EXTENSION "extension/io.vigil-cds.answer/"

/* Parts of requests.  The server's clock is the real one: @30@ in a body becomes the day thirty days
 * before `opened`, so that a test may cross midnight: its rules leave days between what is sent and their limits. */
#define DRUG(id, status, code, name)                                                                                           \
	"{\"resourceType\":\"MedicationRequest\",\"id\":\"" id "\",\"status\":\"" status "\",\"intent\":\"order\","            \
	"\"subject\":{\"reference\":\"Patient/p1\"},\"authoredOn\":\"@30@\",\"medicationCodeableConcept\":" CODED(RX, code,    \
														  name) "}"
#define TAKES_WARFARIN DRUG("m1", "active", "855332", "warfarin sodium 5 MG Oral Tablet")
#define ORDERS_IBUPROFEN DRUG("o1", "draft", "197805", "ibuprofen 400 MG Oral Tablet")
#define RESULT(id, code, name, value, unit)                                                                                    \
	"{\"resourceType\":\"Observation\",\"id\":\"" id "\",\"status\":\"final\",\"subject\":{\"reference\":\"Patient/p1\"}," \
	"\"effectiveDateTime\":\"@20@\",\"code\":" CODED(                                                                      \
	    "http://loinc.org", code, name) ",\"valueQuantity\":{\"value\":" value ",\"unit\":\"" unit                         \
					    "\",\"system\":\"http://unitsofmeasure.org\",\"code\":\"" unit "\"}}"
#define ORDERS(drafts) "\"context\":{\"userId\":\"Practitioner/1\",\"patientId\":\"p1\",\"draftOrders\":" SET(drafts) "}"
#define SECTIONS(medications, observations)                                                                                    \
	"\"prefetch\":{\"patient\":" PATIENT ",\"medications\":" medications ",\"observations\":" observations                 \
	",\"allergies\":" EMPTY ",\"conditions\":" EMPTY ",\"procedures\":" EMPTY ",\"immunizations\":" EMPTY                  \
	",\"encounters\":" EMPTY ",\"orders\":" EMPTY "}"
#define ON_WARFARIN SECTIONS(SET(ENTRY(TAKES_WARFARIN)), EMPTY)
#define SIGN_IBUPROFEN HEAD("order-sign") ORDERS(ENTRY(ORDERS_IBUPROFEN)) "," ON_WARFARIN "}"

#endif
