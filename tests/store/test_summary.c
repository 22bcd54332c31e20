/* From lines to sums: feeds, lenses and readers over a small population, counted whole and in parts. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/population_support.h"

static const char people[] =
    "{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[{\"resource\":{\"resourceType\":\"Patient\",\"id\":\"a\","
    "\"gender\":\"female\",\"birthDate\":\"1966-05-01\"}},{\"resource\":{\"resourceType\":\"Condition\",\"id\":\"c\","
    "\"subject\":"
    "{\"reference\":\"Patient/a\"},\"code\":{\"coding\":[{\"system\":\"http://example.org/own\",\"code\":\"X1\",\"display\":"
    "\"Something local\"}]}}}]}\n"
    "{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[{\"resource\":{\"resourceType\":\"Patient\",\"id\":\"b\","
    "\"gender\":\"male\",\"birthDate\":\"1970-01-01\",\"deceasedDateTime\":\"2020-01-01\"}}]}\n"
    "\n"
    "{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[{\"resource\":{\"resourceType\":\"Patient\",\"id\":\"c\"}}"
    "]}\n"
    "{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[]}\n"
    "{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[{\"resource\":{\"resourceType\":\"Patient\",\"id\":\"d\","
    "\"gender\":\"female\",\"birthDate\":\"1960-05-01\"}},{\"resource\":{\"resourceType\":\"Procedure\",\"id\":\"p\","
    "\"status\":"
    "\"completed\",\"subject\":{\"reference\":\"Patient/d\"},\"performedDateTime\":\"2020-02-01\",\"code\":{\"coding\":[{"
    "\"system\":\"http://snomed.info/sct\",\"code\":\"73761001\"}]}}}]}\n";

static char path[64];

static void write_people(void)
{
	snprintf(path, sizeof path, "/tmp/vigil-people-XXXXXX.ndjson");
	int file = mkstemps(path, 7);
	CU_ASSERT_FATAL(file >= 0);
	CU_ASSERT_EQUAL(write(file, people, sizeof people - 1), (ssize_t)(sizeof people - 1));
	close(file);
}

static const char *only = "colorectal-cancer";

/* Reads the shard's people and counts them; the number of those who could not be read in *ret_bad. */
static vigil_status count_people(const vg_allocator *allocator, vg_shard shard, vg_summary *sums, unsigned *ret_bad,
				 vigil_error *err)
{
	vg_world *world = population_world();
	const char *paths[] = {path};
	vg_feed *feed = NULL;
	vg_lens *lens = NULL;
	vg_reader *reader = NULL;
	vg_evaluator *evaluator = NULL;
	vg_batch batch;
	bool any = true;
	*ret_bad = 0;
	vg_batch_init(&batch, allocator);
	vigil_status status = vg_feed_open(paths, 1, shard, allocator, &feed, err);
	if (status == VIGIL_OK)
		status = vg_lens_open(feed, world, VG_UNPACK_ALL, allocator, &lens, err);
	if (status == VIGIL_OK)
		status = vg_reader_open(lens, &reader, err);
	if (status == VIGIL_OK)
		status = vg_evaluator_open(allocator, &evaluator, err);
	while (status == VIGIL_OK && any) {
		bool more = true;
		status = vg_feed_fill(feed, &batch, &any, err);
		while (status == VIGIL_OK && any && more) {
			vg_feed_item item;
			vg_record *record = NULL;
			const vg_answer *answer;
			status = vg_reader_next(reader, &batch, &item, &more, err);
			if (status != VIGIL_OK || !more)
				break;
			status = vg_reader_record(reader, &item, &record, err);
			if (status == VIGIL_BAD_INPUT) {
				CHECK(item.line == 5, "the Bundle without a Patient is line 5, not %d", (int)item.line);
				++*ret_bad;
				status = VIGIL_OK;
				continue;
			}
			uint32_t rule = vg_rule_find(world->rulebook, only);
			vg_question question = {.record = record,
						.as_of = {20513, 20513, VG_NO_INSTANT}, /* 2026-03-01 */
						.all_screenings = true,
						.only_rules = &rule,
						.only_count = 1,
						.budget_ms = VG_UNHURRIED_MS};
			if (status == VIGIL_OK)
				status = vg_decide(evaluator, world, &question, &answer, err);
			if (status == VIGIL_OK)
				status = vg_summary_add(sums, answer, err);
			if (record)
				vg_record_free(record);
		}
	}
	if (evaluator)
		vg_evaluator_close(evaluator);
	vg_reader_close(reader);
	vg_lens_close(lens);
	vg_feed_close(feed);
	vg_batch_free(&batch);
	return status;
}

static vg_summary sums_of(vg_shard shard, unsigned *ret_bad)
{
	vg_summary sums;
	vigil_error error = VIGIL_ERROR_INIT;
	uint32_t rule = vg_rule_find(population_world()->rulebook, only);
	CU_ASSERT_EQUAL_FATAL(vg_summary_open(&sums, population_world(), &rule, 1, NULL, &error), VIGIL_OK);
	sums.data = true;
	vigil_status status = count_people(NULL, shard, &sums, ret_bad, &error);
	CHECK(status == VIGIL_OK, "counting: %s", error.text);
	return sums;
}

static void check_whole(const vg_summary *sums)
{
	CU_ASSERT_EQUAL(sums->patients, 4);
	CU_ASSERT_EQUAL(sums->deceased, 1);
	CU_ASSERT_EQUAL(sums->without_birth_date, 1);
	CU_ASSERT_EQUAL(sums->without_sex, 1);
	CU_ASSERT_EQUAL(sums->empty[VG_CONDITIONS], 3);
	CU_ASSERT_EQUAL(sums->empty[VG_PROCEDURES], 3);
	CU_ASSERT_EQUAL(sums->unmapped[VG_CONDITIONS], 1);
	CU_ASSERT_EQUAL_FATAL(sums->code_count, 1);
	CHECK_TEXT(sums->codes[0].code, "X1");
	CHECK_TEXT(sums->codes[0].kind, "Condition");
	CU_ASSERT_EQUAL_FATAL(sums->screening_count, 1);
	const vg_screening_sum *sum = &sums->screenings[0];
	CHECK_TEXT(sum->rule, "colorectal-cancer");
	CHECK(sum->cells[3][0][VG_STEP_OVERDUE] == 1, "the woman of 59, never screened");
	CHECK(sum->cells[4][0][VG_STEP_UP_TO_DATE] == 1, "the woman of 65, colonoscopy in 2020");
	CHECK(sum->cells[3][1][VG_STEP_NOT_MEANT] == 1, "the man who died");
	CHECK(sum->cells[VG_BAND_COUNT - 1][VG_SEX_COUNT - 1][VG_STEP_INDETERMINATE] == 1, "who has no birth date");
	uint64_t all = 0, due = 0;
	for (int step = 0; step < VG_STEP_COUNT; step++)
		all += vg_screening_count(sum, (vg_step)step);
	for (int i = 0; i < VG_DUE_COUNT; i++)
		due += sum->due[i];
	CU_ASSERT_EQUAL(all, 4);
	CU_ASSERT_EQUAL(due, 2);
	CHECK(sum->due[0] == 1 && sum->due[VG_OVERDUE_COUNT + 4] == 1, "overdue by over 2 years, and due later");
}

static void counts_a_population(void)
{
	unsigned bad;
	write_people();
	vg_summary sums = sums_of((vg_shard){0, 0}, &bad);
	CU_ASSERT_EQUAL(bad, 1);
	check_whole(&sums);
	vg_summary_free(&sums);
}

static void parts_add_up(void)
{
	unsigned bad, all_bad = 0;
	vigil_error error = VIGIL_ERROR_INIT;
	vg_summary whole = sums_of((vg_shard){1, 3}, &all_bad);
	for (uint32_t number = 2; number <= 3; number++) {
		vg_summary part = sums_of((vg_shard){number, 3}, &bad);
		CU_ASSERT_EQUAL(vg_summary_move(&whole, &part, &error), VIGIL_OK);
		CHECK(part.patients == 0 && part.code_count == 0 && part.screenings[0].due[0] == 0, "what was moved is empty");
		vg_summary_free(&part);
		all_bad += bad;
	}
	CU_ASSERT_EQUAL(all_bad, 1);
	check_whole(&whole);
	vg_summary_free(&whole);
}

static vigil_status count_all(const vg_allocator *allocator, vigil_error *err)
{
	vg_summary sums;
	unsigned bad;
	uint32_t rule = vg_rule_find(population_world()->rulebook, only);
	vigil_status status = vg_summary_open(&sums, population_world(), &rule, 1, allocator, err);
	if (status != VIGIL_OK)
		return status;
	sums.data = true;
	status = count_people(allocator, (vg_shard){0, 0}, &sums, &bad, err);
	if (status == VIGIL_OK)
		check_whole(&sums);
	vg_summary_free(&sums);
	return status;
}

static void survives_every_failed_allocation(void)
{
	bool done = false;
	for (size_t i = 1; !done && i < 2000; i++) {
		test_allocator failing = {.fail_at = i};
		vg_allocator allocator = {test_resize, &failing};
		vigil_error error = VIGIL_ERROR_INIT;
		vigil_status status = count_all(&allocator, &error);
		done = failing.calls < i;
		CHECK(done ? status == VIGIL_OK : status == VIGIL_NO_MEMORY, "call %zu: %d %s", i, (int)status, error.text);
		CHECK(failing.live_blocks == 0, "call %zu: %zu blocks are left", i, failing.live_blocks);
	}
	CHECK(done, "the loop came to its end");
	remove(path);
}

const test_case test_cases_summary[] = {
    {"a population is counted", counts_a_population},
    {"parts add up to the whole", parts_add_up},
    {"every allocation fails once", survives_every_failed_allocation},
    {0},
};
