/* Many orders beside many listed drugs: what is found by an index is what looking at each would find, and nothing that
 * was found is left unsaid when the time is over. */
#include "evaluation_tests.h"

enum { ORDERS = 12, LISTED = 60 };

static const char *named_drug(const char *id, const char *rxnorm, const char *status, vg_arena *arena)
{
	return vg_format(arena,
			 "{\"resourceType\":\"MedicationRequest\",\"id\":\"%s\",\"status\":\"%s\",\"intent\":\"order\","
			 "\"subject\":{\"reference\":\"Patient/p\"},\"medicationCodeableConcept\":{\"coding\":[{\"system\":"
			 "\"http://www.nlm.nih.gov/research/umls/rxnorm\",\"code\":\"%s\"}],\"text\":\"drug of %s\"},"
			 "\"authoredOn\":\"2026-02-20\"}",
			 id, status, rxnorm, id);
}

/* Orders of warfarin beside ibuprofen, naproxen and aspirin in turn. */
static const char *crowd(vg_arena *arena, unsigned orders, unsigned listed)
{
	static const char *const codes[] = {"197805", "198014", "308416"};
	const char **items = vg_alloc_array(arena, 1 + (size_t)orders + listed, sizeof *items);
	size_t count = 0;
	items[count++] = patient_json("1980-01-01", "male", arena);
	for (unsigned i = 0; i < listed; i++)
		items[count++] = named_drug(vg_format(arena, "taken%u", i), codes[i % VG_COUNT(codes)], "active", arena);
	for (unsigned i = 0; i < orders; i++)
		items[count++] = named_drug(vg_format(arena, "order%u", i), "855332", "draft", arena);
	return bundle(items, count, arena);
}

typedef struct gathering {
	vg_arena arena;
	test_sample sample;
	vg_evaluator *evaluator;
} gathering;

static bool gather(gathering *out, unsigned orders, unsigned listed)
{
	memset(out, 0, sizeof *out);
	vg_arena_init(&out->arena, NULL, 0);
	bool ready = cases_world() && vg_evaluator_open(NULL, &out->evaluator, NULL) == VIGIL_OK &&
		     sample_open(&out->sample, cases_world(), crowd(&out->arena, orders, listed), NULL, 0, "2026-03-01");
	CHECK(ready, "the crowd is ready");
	out->sample.question.record_drafts = true;
	return ready;
}

static void disperse(gathering *crowd)
{
	sample_close(&crowd->sample);
	vg_evaluator_close(crowd->evaluator);
	vg_arena_free(&crowd->arena);
}

static const vg_answer *answer_to(gathering *crowd)
{
	const vg_answer *answer = NULL;
	vigil_error err = VIGIL_ERROR_INIT;
	CHECK(vg_evaluate(crowd->evaluator, cases_world(), &crowd->sample.question, &answer, &err) == VIGIL_OK, "answered: %s",
	      err.text);
	return answer;
}

static size_t same_evidence(const vg_alert *alert)
{
	size_t same = 0;
	for (size_t i = 0; i < alert->evidence_count; i++)
		for (size_t k = 0; k < i; k++)
			same += vg_same_text(alert->evidence[i].reference, alert->evidence[k].reference) &&
				vg_same_text(alert->evidence[i].display, alert->evidence[k].display) &&
				vg_same_text(alert->evidence[i].says, alert->evidence[k].says);
	return same;
}

/* How many of the listed drugs an alert's evidence and its detail name. */
static void count_named(const vg_alert *alert, size_t *ret_shown, size_t *ret_said)
{
	*ret_shown = *ret_said = 0;
	for (unsigned i = 0; i < LISTED; i++) {
		char reference[48], name[32];
		snprintf(reference, sizeof reference, "MedicationRequest/taken%u", i);
		snprintf(name, sizeof name, "drug of taken%u", i);
		for (size_t k = 0; k < alert->evidence_count; k++)
			if (vg_same_text(alert->evidence[k].reference, reference)) {
				++*ret_shown;
				break;
			}
		const char *at = strstr(alert->detail, name);
		while (at && at[strlen(name)] >= '0' && at[strlen(name)] <= '9')
			at = strstr(at + 1, name);
		*ret_said += at != NULL;
	}
}

static void each_order_names_all_that_it_meets(void)
{
	gathering crowd;
	size_t ruled = 0;
	if (gather(&crowd, ORDERS, LISTED)) {
		crowd.sample.question.budget_ms = VG_UNHURRIED_MS;
		const vg_answer *answer = answer_to(&crowd);
		for (size_t i = 0; answer && i < answer->alert_count; i++) {
			const vg_alert *alert = &answer->alerts[i];
			size_t shown, said;
			count_named(alert, &shown, &said);
			CHECK(strcmp(alert->rule, "wf01") != 0, "the replaced row leads nothing");
			for (size_t k = 0; k < alert->also_count; k++)
				CHECK(strcmp(alert->also[k], "wf01") != 0, "the replaced row stands beside nothing");
			CHECK(same_evidence(alert) == 0, "%s: evidence is shown once", alert->rule);
			if (strcmp(alert->rule, "warfarin-nsaid") != 0)
				continue;
			ruled++;
			CHECK(alert->partner_count == shown && shown >= LISTED / 3 * 2, "%zu partners, %zu shown",
			      alert->partner_count, shown);
			CHECK(said == shown, "%zu of %zu are said", said, shown);
		}
		CHECK(ruled == ORDERS, "%zu alerts of the rule for %d orders", ruled, ORDERS);
	}
	disperse(&crowd);
}

static void what_was_found_in_time_is_said(void)
{
	gathering crowd;
	if (gather(&crowd, 150, 300)) {
		crowd.sample.question.budget_ms = 1;
		const vg_answer *answer = answer_to(&crowd);
		CHECK(answer && !answer->complete, "not complete");
		bool noticed = false;
		for (size_t i = 0; answer && i < answer->notice_count; i++)
			noticed |= strstr(answer->notices[i], "in time") != NULL;
		CHECK(noticed, "a visible notice");
		for (size_t i = 0; answer && i < answer->alert_count; i++) {
			const vg_alert *alert = &answer->alerts[i];
			CHECK(alert->summary && *alert->summary && alert->detail && *alert->detail && alert->evidence_count,
			      "alert %zu has its words", i);
		}
	}
	disperse(&crowd);
}

/* The answer or VIGIL_NO_MEMORY, whichever allocation fails. */
static void a_crowd_survives_failed_allocations(void)
{
	gathering crowd;
	if (gather(&crowd, 4, 40)) {
		crowd.sample.question.budget_ms = VG_UNHURRIED_MS;
		const char *whole = ask(crowd.evaluator, &crowd.sample, true, &crowd.arena);
		size_t failed = 0;
		for (size_t n = 1;; n++) {
			test_allocator state = {.fail_at = n};
			vg_allocator allocator = {test_resize, &state};
			vg_evaluator *starved = NULL;
			const vg_answer *answer = NULL;
			vigil_status status = vg_evaluator_open(&allocator, &starved, NULL);
			if (status == VIGIL_OK)
				status = vg_evaluate(starved, cases_world(), &crowd.sample.question, &answer, NULL);
			const char *text = status == VIGIL_OK ? answer_text(answer, true, &crowd.arena) : "";
			CHECK(status == VIGIL_NO_MEMORY || (status == VIGIL_OK && strcmp(text, whole) == 0),
			      "allocation %zu failed: status %d", n, status);
			failed += status == VIGIL_NO_MEMORY;
			vg_evaluator_close(starved);
			CHECK(state.live_blocks == 0, "allocation %zu failed: %zu blocks left", n, state.live_blocks);
			if (state.calls < n)
				break;
		}
		CHECK(failed >= 2, "%zu allocations were missed", failed);
	}
	disperse(&crowd);
}

const test_case test_cases_crowds[] = {
    {"each order names all that it meets", each_order_names_all_that_it_meets},
    {"what was found in time is said", what_was_found_in_time_is_said},
    {"a crowd survives failed allocations", a_crowd_survives_failed_allocations},
    {0},
};
