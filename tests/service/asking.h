/*
 * Asks a service without sockets: a request's bytes in, an answer's bytes out.
 * The rules are those of the library's tests: warfarin with ibuprofen,
 * metformin at a low eGFR, a colonoscopy every ten years.
 */
#ifndef VG_TESTS_SERVICE_ASKING_H
#define VG_TESTS_SERVICE_ASKING_H

#include <cjson/cJSON.h>

#include "service/service.h"
#include "support/support.h"

typedef struct asking {
	vg_service *service;
	char folder[64], journal[96];
	vg_journal_config journal_config;
	vg_arena arena;
	vg_http_response out;
	cJSON *answer; /* of the last question; NULL: it is not JSON */
} asking;

bool asking_open(asking *own, bool with_journal, bool lenient);
bool asking_open_as(asking *own, bool with_journal, vg_service_config config); /* engine and journal are filled in */
void asking_close(asking *own);
/* Returns the status; the answer is parsed to own->answer. */
int ask(asking *own, vg_endpoint endpoint, const char *id, const char *query, const char *body);
int ask_hook(asking *own, const char *id, const char *body);
/* Down from the answer: at(own, "cards", 0, "source") … NULL ends; a key or an index as text "0". */
const cJSON *at(const cJSON *from, const char *path); /* "cards/0/source/label" */
const char *text_at(const cJSON *from, const char *path);

/* Parts of requests. */
#define CODED(system, code, display)                                                                                           \
	"{\"coding\":[{\"system\":\"" system "\",\"code\":\"" code "\",\"display\":\"" display "\"}]}"
#define RX "http://www.nlm.nih.gov/research/umls/rxnorm"
#define PATIENT "{\"resourceType\":\"Patient\",\"id\":\"p1\",\"gender\":\"female\",\"birthDate\":\"1966-01-15\"}"
#define MEDICATION(id, status, code, name)                                                                                     \
	"{\"resourceType\":\"MedicationRequest\",\"id\":\"" id "\",\"status\":\"" status "\",\"intent\":\"order\","            \
	"\"subject\":{\"reference\":\"Patient/p1\"},\"authoredOn\":\"2026-02-20\",\"medicationCodeableConcept\":" CODED(       \
	    RX, code, name) "}"
#define WARFARIN MEDICATION("m1", "active", "855332", "warfarin sodium 5 MG Oral Tablet")
#define IBUPROFEN(id) MEDICATION(id, "draft", "197805", "ibuprofen 400 MG Oral Tablet")
#define SET(entries) "{\"resourceType\":\"Bundle\",\"type\":\"searchset\",\"entry\":[" entries "]}"
#define ENTRY(resource) "{\"resource\":" resource "}"
#define EMPTY "{\"resourceType\":\"Bundle\",\"type\":\"searchset\"}"
#define CONTEXT                                                                                                                \
	"\"context\":{\"userId\":\"Practitioner/1\",\"patientId\":\"p1\",\"draftOrders\":" SET(ENTRY(IBUPROFEN("o1"))) "}"
#define HEAD(hook) "{\"hook\":\"" hook "\",\"hookInstance\":\"d1577c69-dfbe-44ad-ba6d-3e05e953b2ea\","
#define ALL_EMPTY                                                                                                              \
	"\"allergies\":" EMPTY ",\"conditions\":" EMPTY ",\"observations\":" EMPTY ",\"procedures\":" EMPTY                    \
	",\"immunizations\":" EMPTY ",\"encounters\":" EMPTY ",\"orders\":" EMPTY
#define PREFETCH "\"prefetch\":{\"patient\":" PATIENT ",\"medications\":" SET(ENTRY(WARFARIN)) "," ALL_EMPTY "}"
#define SIGN HEAD("order-sign") CONTEXT "," PREFETCH "}"

#endif
