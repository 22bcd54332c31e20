/*
 * Properties of all leaves over random records: more knowledge never turns a
 * definite answer into its opposite, the order of resources does not matter, an
 * unknown answer tells why.
 */
#include "rule_random.h"

#include <stdio.h>

enum { RECORDS = 1500 };

/* Every condition twice: as a requirement and as an exception. */
static test_book every_condition(void)
{
	static char text[40000];
	size_t length = 0;
	for (size_t i = 0; i < random_condition_count; i++)
		length += (size_t)snprintf(
		    text + length, sizeof text - length,
		    "rule \"r%zu\" { title = \"t\", severity = \"info\", when_opening_chart = true, if_all = { %s }, "
		    "unless_any = { deceased, %s }, warn = \"w\" }\n",
		    i, random_conditions[i], random_conditions[i]);
	return book_of(text);
}

static const char *section_of(const char *entry)
{
	static const char *const sections[][2] = {
	    {"med ", "medications"}, {"cond ", "conditions"}, {"family ", "conditions"},  {"allergy ", "allergies"},
	    {"lab ", "results"},     {"coded ", "results"},   {"bp ", "results"},         {"report ", "results"},
	    {"proc ", "procedures"}, {"service ", "orders"},  {"shot ", "immunizations"}, {"visit ", "encounters"},
	};
	for (size_t i = 0; i < VG_COUNT(sections); i++)
		if (vg_starts_with(entry, sections[i][0]))
			return sections[i][1];
	return NULL;
}

/* Leaves some entries out and says that their sections are not supplied. */
static void forget(random_state *random, const char *record, char *text, size_t size)
{
	char gaps[400] = "";
	text[0] = '\0';
	for (const char *at = record; *at;) {
		size_t length = strcspn(at, ";"), end = strlen(text), gap = strlen(gaps);
		const char *section = section_of(at);
		if (section && draw(random, 2))
			snprintf(gaps + gap, sizeof gaps - gap, "no %s; ", section);
		else
			snprintf(text + end, size - end, "%.*s; ", (int)length, at);
		at += length + strspn(at + length, "; ");
	}
	/* The last word on a section counts. */
	snprintf(text + strlen(text), size - strlen(text), "%s", gaps);
}

static void never_contradicts_itself(void)
{
	static char record[1200], less[1600];
	random_state random = {17};
	test_book book = every_condition();
	size_t definite = 0, unknown = 0;
	CHECK(!book.findings.errors, "findings:%s", book_findings(&book));
	for (int i = 0; i < RECORDS; i++) {
		make_record(&random, record, sizeof record);
		forget(&random, record, less, sizeof less);
		test_scene *all = scene_of(book.book, record, TEST_DAY), *some = scene_of(book.book, less, TEST_DAY);
		for (uint32_t j = 0; j < book.book->leaf_count; j++) {
			const vg_leaf *leaf = &book.book->leaves[j];
			vg_truth known = vg_leaf_truth(&all->scene, leaf, NULL, NULL),
				 guessed = vg_leaf_truth(&some->scene, leaf, NULL, NULL);
			definite += guessed != VG_UNKNOWN;
			unknown += guessed == VG_UNKNOWN;
			/* What an incomplete section shows may affirm a requirement, and that only. */
			bool newest = leaf->word == VG_WORD_LATEST || leaf->word == VG_WORD_READINGS;
			bool allowed = newest && !leaf->strict && guessed == VG_TRUE;
			bool opposite = (known == VG_TRUE && guessed == VG_FALSE) || (known == VG_FALSE && guessed == VG_TRUE);
			CHECK(!opposite || allowed, "\"%s\" is %s for \"%s\"\n    and %s for less: \"%s\"", leaf->sentence,
			      vg_truth_text(known), record, vg_truth_text(guessed), less);
		}
		scene_close(all);
		scene_close(some);
	}
	CHECK(definite > 1000 && unknown > 1000, "%zu definite and %zu unknown answers", definite, unknown);
	book_close(&book);
}

static void reverse(const char *record, char *text, size_t size)
{
	text[0] = '\0';
	char copy[1600];
	for (const char *at = record; *at;) {
		size_t length = strcspn(at, ";");
		snprintf(copy, sizeof copy, "%.*s; %s", (int)length, at, text);
		snprintf(text, size, "%s", copy);
		at += length + strspn(at + length, "; ");
	}
}

static void does_not_mind_the_order(void)
{
	static char record[1200], turned[1600];
	random_state random = {23};
	test_book book = every_condition();
	for (int i = 0; i < RECORDS / 3; i++) {
		make_record(&random, record, sizeof record);
		reverse(record, turned, sizeof turned);
		if (strstr(record, "born") || strstr(record, "sex") || strstr(record, "since") || strstr(record, "setting") ||
		    strstr(record, "no "))
			continue; /* of these the last one counts */
		test_scene *one = scene_of(book.book, record, TEST_DAY), *two = scene_of(book.book, turned, TEST_DAY);
		for (uint32_t j = 0; j < book.book->leaf_count; j++) {
			const vg_leaf *leaf = &book.book->leaves[j];
			vg_truth first = vg_leaf_truth(&one->scene, leaf, NULL, NULL),
				 second = vg_leaf_truth(&two->scene, leaf, NULL, NULL);
			CHECK(first == second, "\"%s\" is %s for \"%s\" and %s the other way round", leaf->sentence,
			      vg_truth_text(first), record, vg_truth_text(second));
		}
		scene_close(one);
		scene_close(two);
	}
	book_close(&book);
}

/* A look never changes a truth, and an unknown one always tells why. */
static void tells_why(void)
{
	static char record[1200];
	random_state random = {29};
	test_book book = every_condition();
	for (int i = 0; i < RECORDS / 3; i++) {
		make_record(&random, record, sizeof record);
		test_scene *scene = scene_of(book.book, record, TEST_DAY);
		vg_arena arena;
		vg_arena_init(&arena, &vg_system_allocator, 0);
		for (uint32_t j = 0; j < book.book->leaf_count; j++) {
			const vg_leaf *leaf = &book.book->leaves[j];
			vg_look look = {.arena = &arena};
			vg_truth truth = vg_leaf_truth(&scene->scene, leaf, NULL, NULL),
				 looked = vg_leaf_truth(&scene->scene, leaf, NULL, &look);
			CHECK(truth == looked, "\"%s\" is %s, and %s with a look, for \"%s\"", leaf->sentence,
			      vg_truth_text(truth), vg_truth_text(looked), record);
			CHECK(looked != VG_UNKNOWN || look.missing, "\"%s\" is unknown for \"%s\" and does not say why",
			      leaf->sentence, record);
		}
		vg_arena_free(&arena);
		scene_close(scene);
	}
	book_close(&book);
}

const test_case test_cases_properties[] = {
    {"more knowledge never turns a definite answer into its opposite", never_contradicts_itself},
    {"the order of resources does not matter", does_not_mind_the_order},
    {"a look keeps the truth and tells why it is unknown", tells_why},
    {0},
};
