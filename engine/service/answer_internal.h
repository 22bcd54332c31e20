/*
 * What the files of the service behind the transport share: the service, the
 * endpoints' functions, and what is counted.
 */
#ifndef VG_SERVICE_ANSWER_INTERNAL_H
#define VG_SERVICE_ANSWER_INTERNAL_H

#include <pthread.h>

#include "service/service.h"

#define VG_EXTENSION "io.vigil-cds.answer"           /* our member of an answer's `extension` */
#define VG_COORDINATION "io.vigil-cds.coordination"  /* of a request's: select and sign together */
#define VG_CONFIGURATION "davinci-crd.configuration" /* of a request's: kinds of cards that the client does not want */
#define VG_ASKER "io.vigil-cds.client"               /* of a request's, and of a feedback item's: who asks, and where */

enum { VG_LATENCY_BUCKETS = 12 };
typedef struct vg_histogram {
	_Atomic uint64_t buckets[VG_LATENCY_BUCKETS + 1]; /* the last: slower than all */
	_Atomic uint64_t microseconds;
} vg_histogram;

typedef struct vg_rule_count {
	const char *name; /* a Lua rule's id, or a table's name */
	bool table;
	uint64_t fired;                  /* alerts and reminders */
	uint64_t answers[VG_HOOK_COUNT]; /* in which it spoke */
	uint64_t at_last[VG_HOOK_COUNT]; /* answers of each hook when it spoke last, that one included */
	uint64_t answer;                 /* the number of that one */
} vg_rule_count;

typedef struct vg_switched { /* a rule that was switched off, or that failed */
	const char *rule;
	uint64_t reloads; /* there had been when it failed last: after another one it may be well */
	struct vg_switched *next;
} vg_switched;

struct vg_service {
	vg_service_config config;
	vg_allocator allocator;
	vigil_engine *engine;
	vg_journal *journal;
	vg_client *client;         /* for fetching; NULL: it is off */
	_Atomic unsigned fetching; /* requests that are being fetched for */
	const char *openapi;
	size_t openapi_length;

	pthread_mutex_t pool_lock;
	pthread_cond_t pool_free;
	vigil_worker **workers; /* the idle ones are the first `idle` */
	unsigned worker_count, idle;

	pthread_mutex_t lock; /* guards what follows up to `counts` */
	vg_arena arena;       /* lives as long as the service */
	vg_switched *switched;
	vg_switched *failing; /* rules that failed since the rules were loaded */
	vg_map rule_places;   /* name -> place + 1 */
	vg_rule_count *rules;
	size_t rule_count, rule_capacity;
	uint64_t answers[VG_HOOK_COUNT], answer_count;

	vg_transport_counts counts;
	vg_histogram latency[VG_HOOK_COUNT]; /* [VG_HOOK_NONE]: the native API */
	_Atomic uint64_t alerts[3], not_checked, rule_errors, suppressed, incomplete;
	_Atomic uint64_t journal_lost, feedback_accepted, feedback_overridden, feedback_unmatched;
	_Atomic uint64_t reloads, reloads_refused, bad_cards;
	_Atomic uint64_t fetches, fetches_failed;
	_Atomic bool reload_refused; /* the last one */
};

/* ---- a hook's call (hooks*.c, fetch.c, coordination.c) */

typedef struct vg_left_out { /* a rule whose finding was taken out of an answer, and is named there */
	const char *rule, *why;
} vg_left_out;

typedef struct vg_fetch_note { /* what was to be fetched for a call */
	const char *key;       /* of the prefetch */
	const char *why;       /* it failed or was cut short; NULL: it was fetched */
	bool is_patient;
	vg_section section; /* unless it is the patient */
} vg_fetch_note;

typedef struct vg_asker { /* for the journal; NULL: not told */
	const char *user, *location;
} vg_asker;

enum { VG_UUID_RANDOM = 10 }; /* bytes of a fresh uuid that are not its time */

typedef struct vg_call {
	vg_service *service;
	const vg_http_request *in;
	vg_http_response *out;
	vg_hook hook;
	int64_t began;
	vg_arena *arena;
	bool failed; /* memory ran out */
	/* the request, as it was read */
	const char *text; /* with what was fetched in it */
	size_t length;
	vigil_record *record;
	vg_asker asker;
	const char *token;  /* of fhirAuthorization; NULL: none that can be used */
	bool authorized;    /* there is a fhirAuthorization */
	unsigned kinds_off; /* bits of vg_rule_kind that the client does not want as cards */
	bool coordinates;   /* the client asks for marks */
	const char **shown; /* marks of what it has shown */
	size_t shown_count;
	vg_fetch_note *notes;
	size_t note_count;
	/* the answer */
	vg_journal_card *cards; /* given, then those of shadow rules */
	size_t card_count, card_capacity;
	vg_left_out *left_out;
	size_t left_out_count;
	const char **marks;                       /* one an alert of the evaluation; NULL: not asked for, or it has none */
	unsigned char random[VG_UUID_RANDOM * 8]; /* asked of the system at once: most answers need no more */
	size_t random_left;
} vg_call;

/* hooks_request.c: reads the request; false after a refusal. */
bool vg_call_read(vg_call *call);
bool vg_call_has_patient(const vg_call *call, const vg_record *record);
/* Hooks about orders of which there is none yet: nothing is to be judged, so nothing is needed. */
bool vg_call_orders_nothing(const vg_call *call, const vg_record *record);
/* fetch.c: fills what the prefetch lacks from the request's FHIR server; what failed is in the call's notes. false: no memory.
 */
bool vg_call_fetch(vg_call *call);
/* coordination.c: a mark for each alert that says all of what it shows, and of what it is about; false: no memory. */
bool vg_call_mark(vg_call *call, const vg_answer *answer);
/* hooks_filter.c: a copy of the answer without what is left out; false: no memory. */
bool vg_call_filter(vg_call *call, const vg_answer *full, vg_answer *ret);
/* hooks_extension.c: `"extension":{…}` behind the cards. */
void vg_call_extension(const vg_call *call, const vg_answer *full, const vg_answer *answer, vg_buffer *body);
bool vg_fresh_uuid(void *call, char out[37]); /* hooks.c; for vg_uuids */

/* ---- answer.c */
vigil_worker *vg_service_take_worker(vg_service *service);
void vg_service_give_worker(vg_service *service, vigil_worker *worker);
bool vg_service_any_off(vg_service *service); /* some rule is switched off */
bool vg_service_is_off(vg_service *service, const char *rule);
/* Writes a row; false after a refusal in `out`.  *ret_lost tells that the row is
 * not there and that the answer has to say so. */
bool vg_service_record(vg_service *service, const vg_http_request *in, const char *kind, const char *body,
		       const vg_journal_card *cards, size_t card_count, vg_http_response *out, bool *ret_lost);
/* What a reader or an evaluation refused, as a status: 400, or 500 when it is no fault of the request. */
void vg_service_refuse(vg_http_response *out, vigil_status status, const vigil_error *err);
void vg_service_send(vg_http_response *out, vg_buffer *body); /* 200, or 500 when the buffer failed */
int64_t vg_service_clock(void);                               /* a monotonic clock */

/* ---- endpoints */
void vg_answer_discovery(vg_service *service, vg_http_response *out);                           /* discovery.c */
void vg_answer_hook(vg_service *service, const vg_http_request *in, vg_http_response *out);     /* hooks.c */
void vg_answer_feedback(vg_service *service, const vg_http_request *in, vg_http_response *out); /* feedback.c */
void vg_answer_evaluate(vg_service *service, const vg_http_request *in, vg_http_response *out); /* native.c */
void vg_answer_explain(vg_service *service, const vg_http_request *in, vg_http_response *out);  /* native.c */
void vg_answer_rules(vg_service *service, const vg_http_request *in, vg_http_response *out);    /* rules.c */
void vg_answer_ready(vg_service *service, const vg_http_request *in, vg_http_response *out);    /* rules.c */
bool vg_is_failing(vg_service *service, const vg_switched *item);                               /* rules.c; under the lock */
void vg_note_failures(vg_service *service, const vg_answer *answer);                            /* rules.c */
void vg_answer_switch(vg_service *service, const vg_http_request *in, vg_http_response *out);   /* rules.c */
void vg_answer_metrics(vg_service *service, vg_http_response *out);                             /* metrics.c */

/* ---- discovery.c */
bool vg_service_hook(const char *id, vg_hook *ret); /* "vigil-order-sign" */

/* ---- metrics.c */
void vg_count_latency(vg_service *service, vg_hook hook, int64_t microseconds);
void vg_count_answer(vg_service *service, const vg_answer *answer);

/* ---- journal_row.c */
typedef struct vg_shadow { /* an alert that would have been given */
	const char *rule, *severity;
} vg_shadow;
/* The body of an "answer" row, documented in docs/service/journal.md. */
const char *vg_answer_row(vg_service *service, const vg_http_request *in, const vg_answer *answer, const vg_asker *asker,
			  const vg_journal_card *cards, size_t card_count, size_t suppressed, int64_t microseconds,
			  vg_arena *arena);
struct cJSON;
/* What a request's or a feedback item's `extension` tells of who asks; false: no memory. */
bool vg_asker_read(const struct cJSON *extension, vg_arena *arena, vg_asker *ret);
/* Writes `user` and `location` as far as they are told; a user who is a patient or a relative as a keyed hash. */
void vg_asker_write(vg_service *service, const vg_asker *asker, vg_json_writer *json);

/* ---- card_check.c */
/* Looks at a response of our own before it is sent; a NUL stands behind it. NULL: it is as the specification asks; else
 * what is wrong. */
const char *vg_card_problem(const char *json, size_t length, vg_arena *arena);

#endif
