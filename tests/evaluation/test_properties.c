/*
 * What must hold for every record, whatever it says.
 *
 * Over the cases' folders and over patients made from a seed: the index gives
 * what a full scan gives, the order of a bundle's entries does not matter, a
 * resource twice counts once, the same question has the same answer, and more
 * knowledge never turns a definite answer into its opposite.
 */
#include "evaluation_tests.h"

#include <dirent.h>
#include <stdlib.h>

enum { PATIENTS = 400, MOST_RESOURCES = 24 };

typedef struct test_dice {
	uint64_t state;
} test_dice;

static unsigned roll(test_dice *dice, unsigned sides)
{
	dice->state ^= dice->state << 13;
	dice->state ^= dice->state >> 7;
	dice->state ^= dice->state << 17;
	return (unsigned)((dice->state >> 11) % sides);
}

static const char *const drugs[] = {"855332",  "197805", "859315", "198014", "308416", "994005",  "308191",  "562508",
				    "1665050", "198335", "313988", "861007", "312961", "617310",  "198440",  "856999",
				    "312347",  "310385", "312941", "855633", "198051", "1291986", "99999999"};
static const char *const statuses[] = {"active", "active", "active", "on-hold", "stopped", "completed", "entered-in-error"};
static const char *const tests[] = {"4548-4", "17856-6", "98979-8", "6301-6", "2823-3", "2160-0", "2345-7", "2093-3"};
static const char *const dates[] = {"2026-02-27", "2026-01-15", "2025-12",    "2025-07-04",
				    "2024-03-01", "2019",       "2016-03-01", "2026-03-20"};
static const char *const allergens[] = {"764146007", "387406002", "372665008", "409137002", "227493005", "373262009"};
static const char *const problems[] = {"44054006", "195967001", "385763009", "77386006"};
#define PICK(dice, list) ((list)[roll(dice, (unsigned)VG_COUNT(list))])

typedef struct test_patient { /* one patient's resources */
	const char *items[MOST_RESOURCES];
	size_t count;
	const char *orders[3];
	size_t order_count;
} test_patient;

static const char *make_resource(test_dice *dice, unsigned number, vg_arena *arena)
{
	const char *id = vg_format(arena, "r%u", number);
	switch (roll(dice, 8)) {
	case 0:
	case 1:
	case 2:
		return drug_json(id, PICK(dice, drugs), PICK(dice, statuses), PICK(dice, dates), arena);
	case 3:
		return allergy_json(id, "http://snomed.info/sct", PICK(dice, allergens),
				    roll(dice, 3) ? "" : "\"criticality\":\"high\",", arena);
	case 4:
		return condition_json(id, "http://snomed.info/sct", PICK(dice, problems), PICK(dice, dates), arena);
	case 5:
		return procedure_json(id, roll(dice, 2) ? "73761001" : "241468004", PICK(dice, dates), arena);
	case 6:
		return test_json(id, PICK(dice, tests), "active", PICK(dice, dates), arena);
	default:
		return result_json(id, PICK(dice, tests), roll(dice, 2) ? "4" : "24", roll(dice, 3) ? "%" : "mmol/L",
				   PICK(dice, dates), arena);
	}
}

static void make_patient(test_dice *dice, test_patient *out, vg_arena *arena)
{
	static const char *const births[] = {"1970-05-05", "1981-03-01", "1981", "1956-07-01", "1944-01-01", "2001-01-01"};
	memset(out, 0, sizeof *out);
	out->items[out->count++] = patient_json(PICK(dice, births), roll(dice, 2) ? "male" : "female", arena);
	for (unsigned i = roll(dice, MOST_RESOURCES - 2); i > 0; i--)
		out->items[out->count++] = make_resource(dice, i, arena);
	for (unsigned i = roll(dice, 4); i > 0; i--) {
		const char *id = vg_format(arena, "o%u", i);
		out->orders[out->order_count++] = roll(dice, 4)
						      ? drug_json(id, PICK(dice, drugs), "draft", "2026-03-01", arena)
						      : test_json(id, PICK(dice, tests), "draft", "2026-03-01", arena);
	}
}

static bool open_made(test_sample *out, const test_patient *made, vg_arena *arena)
{
	return sample_open(out, cases_world(), bundle(made->items, made->count, arena), made->orders, made->order_count,
			   "2026-03-01");
}

/* Calls `check` for so many patients made from one seed. */
static void for_patients(uint64_t seed, void (*check)(vg_evaluator *, const test_patient *, unsigned, test_dice *, vg_arena *))
{
	vg_evaluator *evaluator = NULL;
	test_dice dice = {seed};
	if (!cases_world() || vg_evaluator_open(NULL, &evaluator, NULL) != VIGIL_OK)
		CU_FAIL("nothing can be asked");
	for (unsigned i = 0; evaluator && i < PATIENTS; i++) {
		vg_arena arena;
		vg_arena_init(&arena, NULL, 0);
		test_patient made;
		make_patient(&dice, &made, &arena);
		check(evaluator, &made, i, &dice, &arena);
		vg_arena_free(&arena);
	}
	vg_evaluator_close(evaluator);
}

/* ---- the index -------------------------------------------------------------------- */

/* Settings under which a record is asked, as bits. */
static void set_up(vg_question *question, unsigned bits)
{
	static const vg_hook hooks[] = {
	    VG_HOOK_NONE,           VG_HOOK_PATIENT_VIEW,   VG_HOOK_ORDER_SIGN, VG_HOOK_ENCOUNTER_DISCHARGE,
	    VG_HOOK_ALLERGY_CREATE, VG_HOOK_PROBLEM_CREATE, VG_HOOK_NONE,       VG_HOOK_ORDER_SELECT};
	question->hook = hooks[bits & 7];
	question->judge_existing = bits & 8;
	question->all_statuses = bits & 16;
	question->record_drafts = bits & 32;
	question->all_screenings = bits & 64;
}

static void ask_both_ways(vg_evaluator *evaluator, test_sample *sample, const char *name, vg_arena *arena)
{
	sample->question.full_scan = false;
	const char *indexed = ask(evaluator, sample, true, arena);
	sample->question.full_scan = true;
	const char *scanned = ask(evaluator, sample, true, arena);
	sample->question.full_scan = false;
	CHECK(strcmp(indexed, scanned) == 0, "%s\n--- by the index\n%s--- by a full scan\n%s", name, indexed, scanned);
}

static void check_index(vg_evaluator *evaluator, const test_patient *made, unsigned number, test_dice *dice, vg_arena *arena)
{
	test_sample sample;
	if (open_made(&sample, made, arena)) {
		set_up(&sample.question, roll(dice, 128));
		for (int section = 0; section < VG_SECTION_COUNT; section++)
			if (roll(dice, 8) == 0) {
				const char *text = vg_format(arena, "%s", vg_section_name((vg_section)section));
				vg_record_sections(sample.record, text, NULL);
			}
		char name[32];
		snprintf(name, sizeof name, "patient %u", number);
		ask_both_ways(evaluator, &sample, name, arena);
	}
	sample_close(&sample);
}

static void the_index_finds_what_a_full_scan_finds(void) { for_patients(0x5eed1, check_index); }

static void each_case_by_index_and_by_scan(void)
{
	DIR *folder = opendir("fixtures/cases");
	vg_evaluator *evaluator = NULL;
	CHECK(folder != NULL, "fixtures/cases is there");
	if (folder && cases_world() && vg_evaluator_open(NULL, &evaluator, NULL) == VIGIL_OK)
		for (struct dirent *entry; (entry = readdir(folder));) {
			char path[512];
			snprintf(path, sizeof path, "fixtures/cases/%s", entry->d_name);
			test_sample sample;
			if (entry->d_name[0] == '.')
				continue;
			if (sample_read(&sample, cases_world(), path, NULL))
				ask_both_ways(evaluator, &sample, path, &sample.arena);
			sample_close(&sample);
		}
	if (folder)
		closedir(folder);
	vg_evaluator_close(evaluator);
}

/* ---- the record's form ------------------------------------------------------------- */

static const char *answer_of(vg_evaluator *evaluator, const test_patient *made, bool details, vg_arena *arena)
{
	test_sample sample;
	const char *text = "";
	if (open_made(&sample, made, arena)) {
		sample.question.judge_existing = true;
		text = ask(evaluator, &sample, details, arena);
	}
	sample_close(&sample);
	return text;
}

static void check_order(vg_evaluator *evaluator, const test_patient *made, unsigned number, test_dice *dice, vg_arena *arena)
{
	test_patient shuffled = *made;
	for (size_t i = shuffled.count; i > 1; i--) {
		size_t other = roll(dice, (unsigned)i);
		const char *held = shuffled.items[i - 1];
		shuffled.items[i - 1] = shuffled.items[other];
		shuffled.items[other] = held;
	}
	const char *straight = answer_of(evaluator, made, true, arena), *mixed = answer_of(evaluator, &shuffled, true, arena);
	CHECK(strcmp(straight, mixed) == 0, "patient %u\n--- as written\n%s--- shuffled\n%s", number, straight, mixed);
}

static void the_order_of_entries_does_not_matter(void) { for_patients(0x5eed2, check_order); }

static void check_twice(vg_evaluator *evaluator, const test_patient *made, unsigned number, test_dice *dice, vg_arena *arena)
{
	test_patient doubled = *made;
	if (made->count < 2 || made->count == MOST_RESOURCES)
		return;
	doubled.items[doubled.count++] = made->items[1 + roll(dice, (unsigned)made->count - 1)];
	const char *once = answer_of(evaluator, made, true, arena), *twice = answer_of(evaluator, &doubled, true, arena);
	CHECK(strcmp(once, twice) == 0, "patient %u\n--- once\n%s--- a resource twice\n%s", number, once, twice);
}

static void a_resource_twice_counts_once(void) { for_patients(0x5eed3, check_twice); }

static void check_repeat(vg_evaluator *evaluator, const test_patient *made, unsigned number, test_dice *dice, vg_arena *arena)
{
	(void)dice;
	const char *first = answer_of(evaluator, made, true, arena), *again = answer_of(evaluator, made, true, arena);
	CHECK(strcmp(first, again) == 0, "patient %u: two runs give the same bytes", number);
}

static void two_runs_give_the_same_bytes(void) { for_patients(0x5eed4, check_repeat); }

static unsigned spoken; /* counted by check_decide: patients with an alert: a property over silence would prove nothing */

/* The text without the list of facts that could not be checked, which deciding alone does not make. */
static const char *without_gaps(const char *text, vg_arena *arena)
{
	vg_buffer out;
	vg_buffer_init(&out, arena);
	for (const char *line = text, *end; *line; line = end) {
		end = strchr(line, '\n');
		end = end ? end + 1 : line + strlen(line);
		if (!vg_starts_with(line, "not_checked "))
			vg_add_bytes(&out, line, (size_t)(end - line));
	}
	return vg_buffer_text(&out);
}

/* Deciding alone finds the same alerts and screenings as deciding and rendering. */
static void check_decide(vg_evaluator *evaluator, const test_patient *made, unsigned number, test_dice *dice, vg_arena *arena)
{
	(void)dice;
	test_sample sample;
	if (open_made(&sample, made, arena)) {
		const vg_answer *answer = NULL;
		const char *rendered = ask(evaluator, &sample, false, arena);
		spoken += strstr(rendered, "alert ") != NULL;
		vigil_status status = vg_decide(evaluator, cases_world(), &sample.question, &answer, NULL);
		const char *decided = status == VIGIL_OK ? answer_text(answer, false, arena) : "";
		rendered = without_gaps(rendered, arena);
		CHECK(strcmp(rendered, decided) == 0, "patient %u\n--- rendered\n%s--- decided\n%s", number, rendered, decided);
	}
	sample_close(&sample);
}

static void deciding_alone_finds_the_same(void)
{
	spoken = 0;
	for_patients(0x5eed5, check_decide);
	CHECK(spoken > PATIENTS / 5, "%u of %d patients have an alert", spoken, PATIENTS);
}

/* ---- more knowledge ------------------------------------------------------------------ */

static uint8_t outcome_of(const vg_answer *answer, uint32_t rule) { return answer->outcomes[rule]; }

/* With a section withheld, a rule that speaks or is silent for certain does so with it as well:
 * what was silent may have become unknown, what fired may have become unknown, but nothing turns. */
static void check_more(vg_evaluator *evaluator, const test_patient *made, unsigned number, test_dice *dice, vg_arena *arena)
{
	static const char *const sections[] = {"conditions", "results", "procedures", "orders"};
	test_sample sample;
	if (open_made(&sample, made, arena)) {
		vg_world *world = cases_world();
		const vg_answer *answer = NULL;
		uint8_t full[64] = {0};
		uint32_t count = world->rulebook->rule_count;
		CHECK(count <= VG_COUNT(full), "the pack has %u rules", count);
		vigil_status status = vg_decide(evaluator, world, &sample.question, &answer, NULL);
		if (status == VIGIL_OK)
			memcpy(full, answer->outcomes, count);
		const char *withheld = sections[roll(dice, (unsigned)VG_COUNT(sections))];
		vg_record_sections(sample.record, withheld, NULL);
		status |= vg_decide(evaluator, world, &sample.question, &answer, NULL);
		for (uint32_t i = 0; status == VIGIL_OK && i < count; i++) {
			const vg_rule *rule = &world->rulebook->rules[i];
			bool asks = rule->if_unknown != VG_STAY_SILENT; /* speaks when unknown, by its own wish */
			bool turned =
			    (full[i] == VG_FIRED && outcome_of(answer, i) == VG_SILENT) ||
			    (full[i] == VG_SILENT && outcome_of(answer, i) == VG_FIRED && !asks && rule->unless == VG_NO_NODE);
			CHECK(!turned, "patient %u: %s turns from %d to %d when %s are withheld", number, rule->id, full[i],
			      outcome_of(answer, i), withheld);
		}
	}
	sample_close(&sample);
}

static void more_knowledge_never_turns_a_definite_answer(void) { for_patients(0x5eed6, check_more); }

const test_case test_cases_properties[] = {
    {"the index finds what a full scan finds", the_index_finds_what_a_full_scan_finds},
    {"each case by index and by scan", each_case_by_index_and_by_scan},
    {"the order of a bundle's entries does not matter", the_order_of_entries_does_not_matter},
    {"a resource twice counts once", a_resource_twice_counts_once},
    {"two runs give the same bytes", two_runs_give_the_same_bytes},
    {"deciding alone finds the same as deciding and rendering", deciding_alone_finds_the_same},
    {"more knowledge never turns a definite answer into its opposite", more_knowledge_never_turns_a_definite_answer},
    {0},
};
