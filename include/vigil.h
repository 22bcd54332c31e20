/*
 * libvigil: checks a patient's record and the orders being made against rules,
 * and says what is dangerous, what is due, and what could not be checked.
 *
 *     vigil_config config = VIGIL_CONFIG_INIT;
 *     vigil_error error = VIGIL_ERROR_INIT;
 *     vigil_engine *engine = NULL;
 *     if (vigil_engine_open(&config, &engine, &error) != VIGIL_OK)
 *         complain(error.text);
 *
 * Ownership in one sentence: what a function returns through `ret` belongs to
 * the caller and is given back with the matching `_close`, except a
 * `vigil_result`, which belongs to its worker until that worker's next call.
 *
 * Threads in one sentence: an engine may be used by all threads at once; a
 * worker, a record, a builder and a result by one thread at a time.
 *
 * Every function that can fail returns a vigil_status and writes its outputs
 * only on VIGIL_OK; `reterr` may be NULL.  There is no global state and no
 * "last error".  All texts are UTF-8 and end with a NUL byte.
 *
 * Structures that the caller fills begin with their own size, set by an INIT
 * macro, so that later versions of the library can add members.
 */
#ifndef VIGIL_H
#define VIGIL_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(VIGIL_BUILD) && defined(__GNUC__)
#define VIGIL_API __attribute__((visibility("default")))
#else
#define VIGIL_API
#endif

#define VIGIL_VERSION_MAJOR 0
#define VIGIL_VERSION_MINOR 1
#define VIGIL_VERSION_PATCH 0
#define VIGIL_VERSION_TEXT "0.1.0"

/* The values are also the command's exit statuses (see INTERFACES in docs/). */
typedef enum vigil_status {
	VIGIL_OK = 0,
	VIGIL_WRONG_USE = 2,  /* an argument that contradicts the documentation */
	VIGIL_BAD_INPUT = 3,  /* a record, an order or a request that cannot be read */
	VIGIL_BAD_RULES = 4,  /* rules or knowledge that cannot be loaded */
	VIGIL_INTERNAL = 5,   /* a defect of Vigil itself */
	VIGIL_BAD_OUTPUT = 6, /* a file that cannot be written */
	VIGIL_NO_MEMORY = 7   /* nothing was changed; the call may be repeated */
} vigil_status;

/* What went wrong, where, and how to mend it.  The caller provides it. */
typedef struct vigil_error {
	size_t size;
	vigil_status status;
	int line;         /* 1-based; 0 when there is no line */
	char file[256];   /* empty when there is no file */
	char rule[128];   /* empty when no rule is concerned */
	char text[512];   /* one sentence: what is wrong */
	char advice[512]; /* one sentence: how to mend it; may be empty */
} vigil_error;
#define VIGIL_ERROR_INIT                                                                                                       \
	{                                                                                                                      \
		sizeof(vigil_error), VIGIL_OK, 0, {0}, {0}, {0}, { 0 }                                                         \
	}

typedef struct vigil_engine vigil_engine;     /* packs + knowledge; shared by threads */
typedef struct vigil_worker vigil_worker;     /* one thread at a time */
typedef struct vigil_record vigil_record;     /* one patient's facts, read once */
typedef struct vigil_result vigil_result;     /* belongs to its worker until the next call */
typedef struct vigil_findings vigil_findings; /* problems found in packs or inputs */
typedef struct vigil_record_builder vigil_record_builder;

VIGIL_API const char *vigil_version(void);

/* ---- opening ---------------------------------------------------------- */

/* One function for all memory: old == NULL allocates, new_size == 0 frees and
 * returns NULL, otherwise resizes.  NULL on failure, the old block untouched. */
typedef void *(*vigil_resize)(void *user, void *old, size_t old_size, size_t new_size);

typedef struct vigil_config {
	size_t size;
	const char *starter_dir;      /* folder of the starter pack; NULL: none */
	const char *const *rule_dirs; /* packs layered over it, later ones win */
	size_t rule_dir_count;
	const char *knowledge_file; /* compiled knowledge; NULL: derived from cache_dir */
	const char *cache_dir;      /* NULL: compiled knowledge lives in memory */
	const char *import_dir;     /* imported terminologies; NULL: none */
	int accept_errors;          /* nonzero: open although some rules have errors; those do not run */
	vigil_resize resize;        /* NULL: the C library's allocator */
	void *resize_user;
} vigil_config;
#define VIGIL_CONFIG_INIT                                                                                                      \
	{                                                                                                                      \
		sizeof(vigil_config), NULL, NULL, 0, NULL, NULL, NULL, 0, NULL, NULL                                           \
	}

/* Loads packs and knowledge, runs the packs' examples (unless they passed
 * before under the same digest) and freezes the result. */
VIGIL_API vigil_status vigil_engine_open(const vigil_config *config, vigil_engine **ret, vigil_error *reterr);

/* Loads the same folders again.  On failure the engine keeps what it had.
 * `ret` (may be NULL) receives all findings, of a failed reload too: it is the
 * one output that is written on failure. */
VIGIL_API vigil_status vigil_engine_reload(vigil_engine *engine, vigil_findings **ret, vigil_error *reterr);
/* The findings of the last successful opening or reload. */
VIGIL_API vigil_status vigil_engine_findings(vigil_engine *engine, vigil_findings **ret, vigil_error *reterr);
VIGIL_API void vigil_engine_close(vigil_engine *engine); /* workers must be closed first */

typedef enum vigil_level { VIGIL_NOTE, VIGIL_WARNING, VIGIL_ERROR } vigil_level;
typedef struct vigil_finding {
	size_t size;
	const char *code; /* stable, such as "VG104"; `vigil lint --explain` tells more */
	vigil_level level;
	const char *file; /* as the caller named the folder, then the path inside it */
	int line, column; /* 1-based; 0 when unknown */
	const char *rule; /* may be NULL */
	const char *text, *advice;
} vigil_finding;
#define VIGIL_FINDING_INIT                                                                                                     \
	{                                                                                                                      \
		sizeof(vigil_finding), NULL, VIGIL_NOTE, NULL, 0, 0, NULL, NULL, NULL                                          \
	}
VIGIL_API size_t vigil_findings_count(const vigil_findings *findings);
VIGIL_API vigil_status vigil_findings_get(const vigil_findings *findings, size_t index, vigil_finding *ret);
VIGIL_API void vigil_findings_close(vigil_findings *findings);

/* ---- records ---------------------------------------------------------- */

/* Reads a FHIR R4 Bundle of one patient's resources, or a CDS Hooks request
 * (whose draft orders and hook are kept with it).  The record keeps the rules
 * and knowledge that the engine had at this moment: read it again after a
 * reload to see the new ones. */
VIGIL_API vigil_status vigil_record_read(vigil_engine *engine, const char *json, size_t length, vigil_record **ret,
					 vigil_error *reterr);
VIGIL_API void vigil_record_close(vigil_record *record); /* a result made from it stays valid */

/* Builds a record fact by fact, without JSON.  Dates are FHIR dates (partial
 * ones too); texts are copied.  A builder whose call failed stays usable. */
VIGIL_API vigil_status vigil_record_builder_open(vigil_engine *engine, vigil_record_builder **ret, vigil_error *reterr);
VIGIL_API vigil_status vigil_record_builder_patient(vigil_record_builder *builder, const char *id, const char *birth_date,
						    const char *sex, vigil_error *reterr);
typedef struct vigil_fact {
	size_t size;
	const char *type;                    /* FHIR resource type, such as "MedicationRequest" */
	const char *id;                      /* resource id; NULL: none */
	const char *status;                  /* as in FHIR; for conditions and allergies the clinical status */
	const char *system, *code, *display; /* the code; system and code may be NULL when display is given */
	const char *date;                    /* onset, authored, effective, performed, occurrence */
	const char *end;                     /* abatement or end of the period; NULL: none */
	const char *value;                   /* results: a number or a coded text; NULL: none */
	const char *unit;                    /* UCUM unit of a numeric value */
	int is_draft;                        /* nonzero: an order being made, not part of the chart */
} vigil_fact;
#define VIGIL_FACT_INIT                                                                                                        \
	{                                                                                                                      \
		sizeof(vigil_fact), NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0                              \
	}
VIGIL_API vigil_status vigil_record_builder_add(vigil_record_builder *builder, const vigil_fact *fact, vigil_error *reterr);
/* Tells that a section ("medications", "allergies", ...) is not supplied, or
 * (since != NULL, a date) complete only since then. Sections are complete otherwise. */
VIGIL_API vigil_status vigil_record_builder_section(vigil_record_builder *builder, const char *section, int supplied,
						    const char *since, vigil_error *reterr);
VIGIL_API vigil_status vigil_record_builder_finish(vigil_record_builder *builder, vigil_record **ret, vigil_error *reterr);
VIGIL_API void vigil_record_builder_close(vigil_record_builder *builder);

/* ---- evaluating ------------------------------------------------------- */

VIGIL_API vigil_status vigil_worker_open(vigil_engine *engine, vigil_worker **ret, vigil_error *reterr);
VIGIL_API void vigil_worker_close(vigil_worker *worker);

typedef struct vigil_json {
	const char *text;
	size_t length;
} vigil_json;

typedef struct vigil_request {
	size_t size;
	const vigil_record *record; /* read before; or NULL and: */
	const char *json;           /* a Bundle or CDS Hooks request to be read now */
	size_t json_length;
	const vigil_json *orders; /* FHIR resources or Bundles that are being ordered */
	size_t order_count;
	const char *hook;  /* "order-sign", "patient-view", ...; NULL: the request's own, or by whether there are orders */
	const char *as_of; /* FHIR date or dateTime; required: the library never reads a clock */
	const char *not_supplied; /* sections, "allergies,procedures=since 2024-01-01"; NULL: none */
	int judge_existing;       /* nonzero: also pairs that the patient takes already */
	int all_statuses;         /* nonzero: also what shadow and draft rules say, marked so */
	int record_drafts;        /* nonzero: draft orders inside the record count as orders */
	int trace;                /* nonzero: keep what `vigil_result_trace` tells */
	int all_screenings;       /* nonzero: also the screenings that are not applicable */
	int no_screenings; /* nonzero: none is judged, which saves a part of the time where an order is all that counts */
} vigil_request;
#define VIGIL_REQUEST_INIT                                                                                                     \
	{                                                                                                                      \
		sizeof(vigil_request), NULL, NULL, 0, NULL, 0, NULL, NULL, NULL, 0, 0, 0, 0, 0, 0                              \
	}

/* A request's answer.  Stays valid until the worker's next call. */
VIGIL_API vigil_status vigil_evaluate(vigil_worker *worker, const vigil_request *request, const vigil_result **ret,
				      vigil_error *reterr);

typedef enum vigil_severity { VIGIL_SEVERITY_INFO, VIGIL_SEVERITY_WARNING, VIGIL_SEVERITY_CRITICAL } vigil_severity;
typedef struct vigil_alert {
	size_t size;
	const char *rule, *kind;
	vigil_severity severity;
	const char *status;  /* "active"; with all_statuses also "shadow", "draft" */
	const char *outcome; /* "alert" or "ask" */
	const char *summary, *detail;
	const char *order_reference, *order_display; /* NULL for what the patient takes already */
	size_t evidence_count;
	size_t not_excluded_count;             /* exceptions that could not be looked at: to be shown with the alert */
	const char *source_label, *source_url; /* url may be NULL */
} vigil_alert;
#define VIGIL_ALERT_INIT                                                                                                       \
	{                                                                                                                      \
		sizeof(vigil_alert), NULL, NULL, VIGIL_SEVERITY_INFO, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, NULL, NULL     \
	}
typedef struct vigil_evidence {
	size_t size;
	const char *reference, *display, *date, *says; /* reference and date may be NULL */
} vigil_evidence;
#define VIGIL_EVIDENCE_INIT                                                                                                    \
	{                                                                                                                      \
		sizeof(vigil_evidence), NULL, NULL, NULL, NULL                                                                 \
	}
typedef struct vigil_screening {
	size_t size;
	const char *rule, *title;
	const char *status; /* not_applicable, up_to_date, due_soon, overdue, indeterminate */
	const char *due, *overdue_since, *last_done_date, *last_done_reference, *last_done_display; /* each may be NULL */
	const char *reason;
} vigil_screening;
#define VIGIL_SCREENING_INIT                                                                                                   \
	{                                                                                                                      \
		sizeof(vigil_screening), NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL                                  \
	}
typedef struct vigil_gap {
	size_t size;
	const char *rule;      /* a rule that could not be evaluated; else NULL */
	const char *reference; /* a fact that could not be used; else NULL */
	const char *text;      /* what is missing, what failed, or why the fact could not be used */
} vigil_gap;
#define VIGIL_GAP_INIT                                                                                                         \
	{                                                                                                                      \
		sizeof(vigil_gap), NULL, NULL, NULL                                                                            \
	}

VIGIL_API int vigil_result_complete(const vigil_result *result);
VIGIL_API size_t vigil_result_alert_count(const vigil_result *result);
VIGIL_API vigil_status vigil_result_alert(const vigil_result *result, size_t index, vigil_alert *ret);
VIGIL_API vigil_status vigil_result_evidence(const vigil_result *result, size_t alert, size_t index, vigil_evidence *ret);
/* "not excluded: …" of an alert; NULL when there is no such one. */
VIGIL_API const char *vigil_result_not_excluded(const vigil_result *result, size_t alert, size_t index);
/* With request->trace: the alert's conditions and their values, a line each; NULL without. */
VIGIL_API const char *vigil_result_trace(const vigil_result *result, size_t alert);
VIGIL_API size_t vigil_result_screening_count(const vigil_result *result);
VIGIL_API vigil_status vigil_result_screening(const vigil_result *result, size_t index, vigil_screening *ret);
/* Rules that came out unknown, rules that failed, facts that could not be used,
 * then notices ("Interactions could not be checked: no medication list.", or
 * that by the record the patient has died), which have neither a rule nor a
 * reference and are to be shown. */
VIGIL_API size_t vigil_result_gap_count(const vigil_result *result);
VIGIL_API vigil_status vigil_result_gap(const vigil_result *result, size_t index, vigil_gap *ret);
/* The whole answer, as `vigil check --format json` and `--format cards` print
 * it.  NULL when memory ran out.  The text belongs to the worker. */
VIGIL_API const char *vigil_result_json(const vigil_result *result);
VIGIL_API const char *vigil_result_cards(const vigil_result *result);

#ifdef __cplusplus
}
#endif
#endif
