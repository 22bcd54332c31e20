/*
 * Fetching what a prefetch lacks, from a small FHIR server of the test's own:
 * good, slow, wrong, paginated, redirecting, huge, and of another patient.
 */
#include "calling.h"

#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static calling own;

/* ---- a FHIR server ------------------------------------------------------------------- */

typedef struct answer { /* to requests whose path begins so; the first that fits counts */
	const char *path, *body;
	int status; /* 0: 200; -1: none, ever */
	const char *location;
} answer;

typedef struct fhir {
	int listening, port;
	const answer *answers;
	size_t count;
	pthread_t thread;
	pthread_mutex_t lock;
	char asked[64][256]; /* request lines, then the Authorization header */
	size_t asked_count;
	_Atomic bool ending;
} fhir;

typedef struct visitor {
	fhir *server;
	int descriptor;
} visitor;

static void send_answer(fhir *server, int descriptor, const char *path)
{
	static const char none[] = "{\"resourceType\":\"Bundle\",\"type\":\"searchset\"}";
	const answer *found = &(answer){.path = "", .body = none};
	for (size_t i = server->count; i-- > 0;)
		if (strncmp(path, server->answers[i].path, strlen(server->answers[i].path)) == 0)
			found = &server->answers[i];
	while (found->status < 0 && !atomic_load(&server->ending))
		usleep(2000);
	if (found->status < 0)
		return;
	/* PORT in a body stands for this server's. */
	char *body = malloc(strlen(found->body) * 2 + 1), *to = body, head[512];
	for (const char *from = found->body; *from;) {
		if (strncmp(from, "PORT", 4) == 0) {
			to += sprintf(to, "%d", server->port);
			from += 4;
		} else {
			*to++ = *from++;
		}
	}
	*to = '\0';
	snprintf(head, sizeof head, "HTTP/1.1 %d X\r\nContent-Length: %zu\r\nConnection: close\r\n%s%s%s\r\n",
		 found->status ? found->status : 200, strlen(body), found->location ? "Location: " : "",
		 found->location ? found->location : "", found->location ? "\r\n" : "");
	send(descriptor, head, strlen(head), MSG_NOSIGNAL);
	for (size_t sent = 0, length = strlen(body); sent < length;) {
		ssize_t part = send(descriptor, body + sent, length - sent, MSG_NOSIGNAL);
		if (part <= 0)
			break;
		sent += (size_t)part;
	}
	free(body);
}

static void *visit(void *user)
{
	visitor *from = user;
	fhir *server = from->server;
	char text[4096] = "";
	size_t length = 0;
	while (length < sizeof text - 1 && !strstr(text, "\r\n\r\n")) {
		ssize_t got = recv(from->descriptor, text + length, sizeof text - 1 - length, 0);
		if (got <= 0)
			break;
		length += (size_t)got;
		text[length] = '\0';
	}
	char *token = strstr(text, "Authorization: ");
	pthread_mutex_lock(&server->lock);
	if (server->asked_count < VG_COUNT(server->asked))
		snprintf(server->asked[server->asked_count++], sizeof server->asked[0], "%.*s %.*s", (int)strcspn(text, "\r"),
			 text, token ? (int)strcspn(token, "\r") : 0, token ? token : "");
	pthread_mutex_unlock(&server->lock);
	if (strncmp(text, "GET ", 4) == 0)
		send_answer(server, from->descriptor, text + 4);
	close(from->descriptor);
	free(from);
	return NULL;
}

static void *run(void *user)
{
	fhir *server = user;
	pthread_t threads[64];
	size_t count = 0;
	while (!atomic_load(&server->ending)) {
		struct pollfd wait = {server->listening, POLLIN, 0};
		if (poll(&wait, 1, 10) <= 0 || count == VG_COUNT(threads))
			continue;
		visitor *one = malloc(sizeof *one);
		*one = (visitor){server, accept(server->listening, NULL, NULL)};
		pthread_create(&threads[count++], NULL, visit, one);
	}
	for (size_t i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	return NULL;
}

static void fhir_open(fhir *server, const answer *answers, size_t count)
{
	struct sockaddr_in place = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof place;
	*server = (fhir){.answers = answers, .count = count, .listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
	pthread_mutex_init(&server->lock, NULL);
	bool good = bind(server->listening, (struct sockaddr *)&place, sizeof place) == 0 &&
		    listen(server->listening, 64) == 0 &&
		    getsockname(server->listening, (struct sockaddr *)&place, &length) == 0;
	CHECK(good, "a FHIR server listens");
	server->port = ntohs(place.sin_port);
	pthread_create(&server->thread, NULL, run, server);
}

static void fhir_close(fhir *server)
{
	atomic_store(&server->ending, true);
	pthread_join(server->thread, NULL);
	close(server->listening);
	pthread_mutex_destroy(&server->lock);
}

static int asked_for(fhir *server, const char *text)
{
	int count = 0;
	for (size_t i = 0; i < server->asked_count; i++)
		count += strstr(server->asked[i], text) != NULL;
	return count;
}

/* ---- asking through Vigil -------------------------------------------------------------- */

#define ACCESS                                                                                                                 \
	"\"fhirAuthorization\":{\"access_token\":\"canary-token\",\"token_type\":\"Bearer\",\"expires_in\":300,\"scope\":"     \
	"\"x\","                                                                                                               \
	"\"subject\":\"y\"},"

/* A server of Vigil's that may ask this one. */
static bool open_both(fhir *server, const answer *answers, size_t count, const char *more)
{
	static char setting[80];
	fhir_open(server, answers, count);
	snprintf(setting, sizeof setting, "fetch.servers=http://127.0.0.1:%d", server->port);
	return calling_open(&own, (const char *const[]){"fetch.enabled=on", setting, more, NULL});
}

static void close_both(fhir *server)
{
	CHECK(!strstr(test_server_log(&own.server), "canary-token"), "the token is in the log");
	calling_close(&own);
	fhir_close(server);
}

/* order-sign of ibuprofen without a prefetch, at this FHIR server. */
static int sign(fhir *server, const char *members, const char *prefetch)
{
	char body[8192];
	snprintf(body, sizeof body,
		 HEAD("order-sign") "\"fhirServer\":\"http://127.0.0.1:%d/r4/\",%s" ORDERS(ENTRY(ORDERS_IBUPROFEN)) "%s}",
		 server->port, members, prefetch);
	call_hook(&own, "vigil-order-sign", body);
	CHECK(!strstr(own.body, "canary-token"), "the token is in the answer");
	return own.status;
}

/* What the extension says of a key: NULL: nothing; "": fetched; else why not. */
static const char *why_not(const char *key)
{
	const cJSON *note;
	cJSON_ArrayForEach(note, at(own.json, EXTENSION "fetched"))
	{
		if (strcmp(text_at(note, "key"), key) == 0)
			return cJSON_IsTrue(at(note, "fetched")) ? "" : text_at(note, "why");
	}
	return NULL;
}

static bool says(const char *key, const char *why) { return why_not(key) && strstr(why_not(key), why); }

/* How many were not answered in time. */
static unsigned late_count(void)
{
	unsigned count = 0;
	const cJSON *note;
	cJSON_ArrayForEach(note, at(own.json, EXTENSION "fetched"))
	{
		count += !cJSON_IsTrue(at(note, "fetched")) && strstr(text_at(note, "why"), " time") != NULL;
	}
	return count;
}

#define ACTIVE(id, code)                                                                                                       \
	"{\"resourceType\":\"MedicationRequest\",\"id\":\"" id                                                                 \
	"\",\"status\":\"active\",\"intent\":\"order\",\"subject\":{\"reference\":\"Patient/"                                  \
	"p1\"},\"medicationCodeableConcept\":" CODED(RX, code, "a drug") "}"
#define WARFARIN_LIST SET(ENTRY(ACTIVE("m1", "855332")))
/* An answer with status 200, or with another one. */
#define SENDS(at, text)                                                                                                        \
	{                                                                                                                      \
		.path = at, .body = text                                                                                       \
	}
#define FAILS(at, text, code)                                                                                                  \
	{                                                                                                                      \
		.path = at, .body = text, .status = code                                                                       \
	}
#define OF_PATIENT SENDS("/r4/Patient/p1", PATIENT)

static void fetches_what_is_lacking(void)
{
	static const answer answers[] = {OF_PATIENT, SENDS("/r4/MedicationRequest?patient=p1&", WARFARIN_LIST)};
	fhir server;
	if (open_both(&server, answers, VG_COUNT(answers), NULL)) {
		CHECK(call(&own, "GET", "/cds-services", "", NULL) == 200 &&
			  strstr(said(&own, "services/0/usageRequirements"), "is fetched from the request's fhirServer"),
		      "discovery says that it fetches: %s", said(&own, "services/0/usageRequirements"));
		CHECK(sign(&server, ACCESS, "") == 200, "nothing but a server is %d: %s", own.status, own.body);
		CHECK_TEXT(outcome_of(&own, "warfarin-nsaid"), "fired");
		CHECK(is_complete_answer(&own), "all was fetched: %s", own.body);
		CHECK(says("patient", "") && says("medications", "") && says("allergies", ""), "it says what was fetched: %s",
		      own.body);
		CHECK(server.asked_count > 5 &&
			  asked_for(&server, "Authorization: Bearer canary-token") == (int)server.asked_count,
		      "each of %zu requests has the token", server.asked_count);
		size_t before = server.asked_count;
		CHECK(sign(&server, "", "," ON_WARFARIN) == 200 && server.asked_count == before,
		      "what is there is not fetched");
		CHECK(!why_not("medications"), "and nothing is said of it: %s", own.body);
		CHECK(sign(&server, "", ",\"prefetch\":{\"patient\":" PATIENT ",\"medications\":null}") == 200 &&
			  asked_for(&server, "MedicationRequest") == 1,
		      "null is known, absent is fetched: %s", own.body);
		CHECK(strcmp(outcome_of(&own, "warfarin-nsaid"), "fired") != 0, "null is not filled");
		CHECK(call(&own, "GET", "/metrics", "", NULL) == 200 && strstr(own.body, "vigil_fetches_failed_total 0\n"),
		      "metrics count it");
		close_both(&server);
	}
}

static void follows_pages(void)
{
#define NEXT_LINK(url) ",\"link\":[{\"relation\":\"next\",\"url\":\"" url "\"}]"
#define PAGE_OF(entries, link) "{\"resourceType\":\"Bundle\",\"type\":\"searchset\"" link ",\"entry\":[" entries "]}"
	static const answer answers[] = {
	    OF_PATIENT,
	    SENDS("/r4/MedicationRequest?patient=p1",
		  PAGE_OF(ENTRY(ACTIVE("m2", "198051")), NEXT_LINK("http://127.0.0.1:PORT/r4?page=2"))),
	    SENDS("/r4?page=2", PAGE_OF(ENTRY(ACTIVE("m1", "855332")), NEXT_LINK("?page=3"))),
	    SENDS("/r4?page=3", PAGE_OF("", "")),
	    SENDS("/r4/Condition", PAGE_OF("", NEXT_LINK("http://127.0.0.1:1/r4?page=2")))};
	fhir server;
	if (open_both(&server, answers, VG_COUNT(answers), NULL)) {
		CHECK(sign(&server, ACCESS, "") == 200, "pages are %d", own.status);
		CHECK_TEXT(outcome_of(&own, "warfarin-nsaid"), "fired");
		CHECK(says("medications", "") && asked_for(&server, "page=3") == 1, "all pages: %s", own.body);
		CHECK(says("conditions", "not on the same server") && !is_complete_answer(&own),
		      "a page elsewhere is not asked for: %s", why_not("conditions"));
		close_both(&server);
	}
	if (open_both(&server, answers, VG_COUNT(answers), "fetch.pages=1")) {
		CHECK(sign(&server, ACCESS, "") == 200 && says("medications", "more pages"), "a limit is said: %s", own.body);
		CHECK_TEXT(outcome_of(&own, "warfarin-nsaid"), "not_evaluated");
		CHECK(asked_for(&server, "page=2") == 0, "and kept");
		close_both(&server);
	}
}

static void says_each_failure(void)
{
	static const answer answers[] = {
	    OF_PATIENT,
	    FAILS("/r4/MedicationRequest", "{\"resourceType\":\"OperationOutcome\"}", 500),
	    {.path = "/r4/AllergyIntolerance", .body = "", .status = 302, .location = "http://127.0.0.1:1/"},
	    SENDS("/r4/Condition", "not JSON"),
	    SENDS("/r4/Observation", "{\"resourceType\":\"Patient\"}"),
	    FAILS("/r4/Procedure", "", -1),
	    SENDS("/r4/Encounter",
		  SET(ENTRY("{\"resourceType\":\"Encounter\",\"id\":\"e\",\"status\":\"finished\",\"subject\":{"
			    "\"reference\":\"Patient/p2\"}}")))};
	/* All have the time of the silent one: as much as a slow machine needs for the others. */
	static const char *const deadlines[] = {"fetch.deadline=700", "fetch.deadline=5000", "fetch.deadline=30000"};
	fhir server;
	for (size_t i = 0;; i++) {
		if (!open_both(&server, answers, VG_COUNT(answers), deadlines[i]))
			return;
		bool in_time = sign(&server, ACCESS, "") == 200 && late_count() == 1;
		if (in_time || i + 1 == VG_COUNT(deadlines))
			break;
		close_both(&server);
	}
	CHECK(own.status == 200, "with orders alone it is %d: %s", own.status, own.body);
	CHECK(says("patient", "") && says("orders", ""), "what is there is used: %s", own.body);
	CHECK(says("medications", "status 500") && says("allergies", "status 302") && says("conditions", "JSON") &&
		  says("observations", "no Bundle") && says("procedures", "in time") && says("encounters", "cannot be used"),
	      "each failure is said: %s", own.body);
	CHECK(!is_complete_answer(&own) && card_with(&own, "not_checked"), "a card says it: %s", own.body);
	CHECK(strstr(own.body, "The medications could not be fetched"), "by name: %s", own.body);
	close_both(&server);
}

static void refuses_what_it_cannot_use(void)
{
	static const answer wrong[] = {SENDS("/r4/Patient/p1", "{\"resourceType\":\"Patient\",\"id\":\"p2\"}")};
	static const answer none[] = {FAILS("/r4/Patient", "{}", 404)};
	fhir server;
	if (open_both(&server, wrong, VG_COUNT(wrong), NULL)) {
		CHECK(sign(&server, ACCESS, "") == 412 && strstr(own.body, "cannot be used"), "another patient is %d: %s",
		      own.status, own.body);
		close_both(&server);
	}
	if (open_both(&server, none, VG_COUNT(none), NULL)) {
		CHECK(sign(&server, ACCESS, "") == 412 && strstr(own.body, "status 404"), "no patient is %d: %s", own.status,
		      own.body);
		CHECK(sign(&server, "\"fhirAuthorization\":{\"access_token\":\"canary-token\",\"token_type\":\"MAC\"},", "") ==
			      412 &&
			  strstr(own.body, "Bearer"),
		      "another kind of token is %d: %s", own.status, own.body);
		size_t before = server.asked_count;
		CHECK(call_hook(&own, "vigil-order-sign",
				HEAD("order-sign") "\"fhirServer\":\"http://127.0.0.1:1/\"," ORDERS(
				    ENTRY(ORDERS_IBUPROFEN)) "}") == 412 &&
			  strstr(own.body, "not one that this service may ask") && server.asked_count == before,
		      "a server of nobody is %d: %s", own.status, own.body);
		close_both(&server);
	}
}

static void keeps_its_limits(void)
{
	size_t size = 300000;
	char *huge = malloc(size + 1);
	memset(huge, ' ', size);
	huge[size] = '\0';
	const answer answers[] = {OF_PATIENT, {.path = "/r4/MedicationRequest", .body = huge}};
	fhir server;
	if (open_both(&server, answers, VG_COUNT(answers), "fetch.size=100000")) {
		CHECK(sign(&server, ACCESS, "") == 200 && says("medications", "larger than the limit"),
		      "a huge answer is %d: %s", own.status, own.body);
		CHECK(says("allergies", ""), "the others are not lost: %s", own.body);
		close_both(&server);
	}
	free(huge);
}

static void keeps_what_the_client_sent(void)
{
	static const answer answers[] = {FAILS("/r4/MedicationRequest", "{}", 500)};
	fhir server;
	if (!open_both(&server, answers, VG_COUNT(answers), NULL))
		return;
	CHECK(sign(&server, ACCESS,
		   ",\"prefetch\":{\"patient\":" PATIENT
		   ",\"medications\":{\"resourceType\":\"Bundle\",\"link\":[{\"relation\":\"next\",\"url\":\"x\"}],\"entry\":"
		   "[" ENTRY(ACTIVE("m1", "855332")) "]}}") == 200 &&
		  says("medications", "status 500"),
	      "a first page whose rest cannot be fetched is %d: %s", own.status, own.body);
	CHECK_TEXT(outcome_of(&own, "warfarin-nsaid"), "fired");
	close_both(&server);
}

/* ---- settings ------------------------------------------------------------------------------ */

static void checks_its_settings(void)
{
	static const struct {
		const char *enabled, *server, *text;
		size_t warnings;
		vigil_status status;
	} cases[] = {{"on", NULL, "no FHIR server may be asked", 0, VIGIL_WRONG_USE},
		     {"on", "fhir.example.org", "not the address", 0, VIGIL_WRONG_USE},
		     {"on", "https://fhir.example.org/r4", "not the address", 0, VIGIL_WRONG_USE},
		     {"on", "https://fhir.example.org", "", 0, VIGIL_OK},
		     {"on", "http://fhir.example.org", "", 1, VIGIL_OK},
		     {"off", "https://fhir.example.org", "", 1, VIGIL_OK}};
	for (size_t i = 0; i < VG_COUNT(cases); i++) {
		vg_settings settings;
		vg_arena arena;
		vg_texts warnings = {0};
		vigil_error error = VIGIL_ERROR_INIT;
		vg_arena_init(&arena, NULL, 0);
		vg_settings_init(&settings);
		settings.no_journal = true;
		vg_settings_set(&settings, &arena, "fetch.enabled", cases[i].enabled, NULL);
		if (cases[i].server)
			vg_settings_set(&settings, &arena, "fetch.servers", cases[i].server, NULL);
		CHECK(vg_settings_check(&settings, &arena, &warnings, &error) == cases[i].status &&
			  strstr(error.text, cases[i].text) && warnings.count == cases[i].warnings,
		      "%s %s: %s, %zu warnings", cases[i].enabled, cases[i].server, error.text, warnings.count);
		vg_arena_free(&arena);
	}
}

const test_case test_cases_fetch[] = {
    {"what a prefetch lacks is fetched, with the token", fetches_what_is_lacking},
    {"pages are followed, on the same server, within the limit", follows_pages},
    {"each failure is a section not supplied, and is said", says_each_failure},
    {"another patient, no patient, another server, another token", refuses_what_it_cannot_use},
    {"a huge answer is left, the others are used", keeps_its_limits},
    {"what the client sent is not given up for nothing", keeps_what_the_client_sent},
    {"settings that contradict themselves", checks_its_settings},
    {0}};
