/*
 * Floor 7, library: the public API of vigil.h, and an answer as JSON and cards.
 *
 * The public functions check every argument, keep the engine's world alive for
 * as long as a record or an answer needs it, and translate between the public
 * structures and the floors below.  They decide nothing.
 *
 * This header is for the floors above (service, command).  What they get here
 * and a caller of vigil.h does not is access to the structures behind the
 * handles, for rendering; no other power.
 */
#ifndef VG_LIBRARY_H
#define VG_LIBRARY_H

#include "evaluation/evaluation.h"

/* ---- behind the handles (engine.c, worker.c) ------------------------------ */

/* As vigil_engine_open; `findings` (may be NULL, else initialised) receives
 * what was found in packs and tables, on failure too. */
vigil_status vg_engine_open(const vigil_config *config, vg_findings *findings, vigil_engine **ret, vigil_error *err);
/* The world that the engine has at this moment: a reference, to be released. */
vg_world *vg_engine_world(vigil_engine *engine);
/* The world that the record was read with; lives as long as the record. */
const vg_world *vg_record_world(const vigil_record *record);
/* What stands behind a record; lives as long as the record. */
const vg_record *vg_record_behind(const vigil_record *record);
/* The records of the request's orders, while an answer or an explanation lives. */
const vg_record *const *vg_worker_orders(const vigil_worker *worker, size_t *ret_count);
/* As vigil_evaluate, for who reads the answer itself: nothing is made for the accessors of vigil.h.  The answer lives until
 * the worker's next call. */
vigil_status vg_worker_answer(vigil_worker *worker, const vigil_request *request, const vg_answer **ret, vigil_error *err);
/* The answer behind a result, and the arena that lives as long as it. */
const vg_answer *vg_result_answer(const vigil_result *result);
vg_arena *vg_result_arena(const vigil_result *result);
/* The hook of a request: the one named (NULL: none) or the record's own, which must not contradict each other. */
vigil_status vg_request_hook(const char *name, const vg_record *record, vg_hook *ret, vigil_error *err);
/* Why a rule fired or did not, for the same request: see vg_explain.  A rule id
 * that the world does not have is VIGIL_WRONG_USE.  Lives until the worker's next call. */
vigil_status vg_worker_explain(vigil_worker *worker, const vigil_request *request, const char *rule, vg_stopwatch *stopwatch,
			       const vg_explanation **ret, size_t *ret_count, vigil_error *err);

/* ---- writing JSON (json_writer.c) ------------------------------------------ */

/* Writes members in the order of the calls, with commas where they belong.
 * `key` is NULL inside an array.  `vg_json_text` leaves out a text that is NULL
 * or empty; the others always write.  Failure is the buffer's. */
typedef struct vg_json_writer {
	vg_buffer *out;
	bool comma;
} vg_json_writer;
void vg_json_open(vg_json_writer *writer, const char *key, char bracket); /* '{' or '[' */
void vg_json_close(vg_json_writer *writer, char bracket);                 /* '}' or ']' */
void vg_json_text(vg_json_writer *writer, const char *key, const char *text);
void vg_json_text_always(vg_json_writer *writer, const char *key, const char *text); /* NULL is "" */
void vg_json_boolean(vg_json_writer *writer, const char *key, bool value);
void vg_json_count(vg_json_writer *writer, const char *key, uint64_t value);
void vg_json_null(vg_json_writer *writer, const char *key);
void vg_json_texts(vg_json_writer *writer, const char *key, const char *const *texts, size_t count); /* an array, empty too */

/* ---- an answer as JSON (json.c) ----------------------------------------------- */

/* The document of schema "vigil.check/1", on one line, without a line break. */
void vg_answer_json(const vg_answer *answer, bool trace, vg_buffer *out);
/* `"deceased":"2026-02-15"`, or true without a date, of a patient who has died by the day asked about; else nothing. */
void vg_json_deceased(vg_json_writer *json, const vg_answer *answer);
/* `"packs":[…]`: which version of which pack answered. */
void vg_json_packs(vg_json_writer *writer, const vg_world *world);
/* What an action does, as JSON names it: "cancel_this_order", … */
const char *vg_action_name(uint8_t kind);

/* ---- an answer as CDS Hooks cards (cards.c, markdown.c, uuid.c) ----------------- */

/* Where the uuids of cards and suggestions come from: fresh ones for a
 * service, derived ones where the same request must give the same bytes. */
typedef struct vg_uuids {
	bool (*make)(void *user, char out[37]); /* false: none can be made; the cards then fail */
	void *user;
	/* Told of each card that was written; NULL: nobody asks.  `rule` is the
	 * leading rule's id, or the topic of a card that several things led to. */
	void (*given)(void *user, const char *uuid, const char *rule, const char *severity);
} vg_uuids;
typedef struct vg_derived_uuids { /* of the seed and a running number */
	vg_digest seed;
	uint32_t next;
} vg_derived_uuids;
bool vg_derived_uuid(void *user, char out[37]); /* user: vg_derived_uuids */

/* A CDS Hooks 2.0 response, {"cards":[…]}, on one line.  Screenings become
 * cards at chart opening only; what could not be checked is one info card.
 * false when memory ran out or no uuid could be made. */
bool vg_answer_cards(const vg_answer *answer, const vg_uuids *uuids, vg_buffer *out);

/* Adds a plain text so that GitHub-flavoured Markdown shows exactly this text:
 * no markup, no HTML, no link comes out of it.  Line breaks stay line breaks. */
void vg_add_markdown(vg_buffer *out, const char *text);
/* The text, or as much of it as whole words with "…" behind fit into `most` code points. */
const char *vg_shortened(vg_arena *arena, const char *text, size_t most);
/* The stable code of an override reason: "benefit-outweighs-risk". */
void vg_add_reason_code(vg_buffer *out, const char *reason);

#endif
