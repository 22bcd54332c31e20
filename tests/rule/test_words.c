/* The vocabulary: its tables agree with each other, and every usage that they show can be compiled. */
#include "rule_tests.h"

#include <stdio.h>

static void finds_words(void)
{
	size_t count;
	const vg_word_info *words = vg_words(&count);
	CU_ASSERT_EQUAL(count, VG_WORD_COUNT);
	for (size_t i = 0; i < count; i++) {
		CHECK(vg_word_find(words[i].name) == &words[i], "the word %s is not found by its name", words[i].name);
		CHECK(vg_word_id_of(&words[i]) == i, "the word %s has another number than its place", words[i].name);
		CHECK(*words[i].group && *words[i].usage && *words[i].meaning && words[i].uses, "the word %s is not described",
		      words[i].name);
		CHECK(strstr(words[i].usage, words[i].name) != NULL, "the usage of %s does not show it", words[i].name);
		CHECK(words[i].least_arguments <= words[i].most_arguments, "the word %s takes fewer arguments than it needs",
		      words[i].name);
		CHECK((words[i].most_arguments == 0) == (*words[i].arguments == '\0'), "the arguments of %s have no kinds",
		      words[i].name);
	}
	CU_ASSERT_PTR_NULL(vg_word_find("warfarin"));
	CU_ASSERT_PTR_NULL(vg_word_find("Taking"));
	CU_ASSERT_PTR_NULL(vg_refinement_find("within_"));
	CU_ASSERT_PTR_NULL(vg_kind_find("interactions"));
}

/* Each refinement is taken by a word, and each that a word takes exists and may stand where the word stands. */
static void joins_words_and_refinements(void)
{
	size_t word_count, count;
	const vg_word_info *words = vg_words(&word_count);
	const vg_refinement_info *refinements = vg_refinements(&count);
	CU_ASSERT_EQUAL(count, VG_REFINE_COUNT);
	for (size_t i = 0; i < count; i++) {
		size_t users = 0;
		for (size_t j = 0; j < word_count; j++)
			users += vg_list_has(words[j].refinements, refinements[i].name);
		CHECK(users > 0, "no word takes :%s", refinements[i].name);
		CHECK(vg_refinement_find(refinements[i].name) == &refinements[i], ":%s is not found by its name",
		      refinements[i].name);
		CHECK(strstr(refinements[i].usage, refinements[i].name) != NULL, "the usage of :%s does not show it",
		      refinements[i].name);
	}
	for (size_t j = 0; j < word_count; j++) {
		char name[64];
		for (const char *at = words[j].refinements; *at; at += strcspn(at, " "), at += *at == ' ') {
			snprintf(name, sizeof name, "%.*s", (int)strcspn(at, " "), at);
			const vg_refinement_info *refinement = vg_refinement_find(name);
			CHECK(refinement != NULL, "%s takes :%s, which does not exist", words[j].name, name);
			CHECK(!refinement || (refinement->uses & words[j].uses), "%s can never take :%s", words[j].name, name);
		}
	}
}

static void describes_kinds(void)
{
	static const char *const names[] = {"interaction", "allergy", "contraindication", "duplicate_therapy", "duplicate_test",
					    "screening",   "rule",    "define",           "example",           "pack"};
	size_t count;
	const vg_kind_info *kinds = vg_kinds(&count);
	CU_ASSERT_EQUAL(count, VG_COUNT(names));
	for (size_t i = 0; i < VG_COUNT(names); i++)
		CHECK(vg_kind_find(names[i]) != NULL, "there is no statement %s", names[i]);
	/* Each line that a kind takes is described, and each that is described some kind takes. */
	size_t line_count;
	const vg_rule_line_info *lines = vg_rule_lines(&line_count);
	for (size_t i = 0; i < line_count; i++) {
		size_t users = 0;
		for (size_t k = 0; k < count; k++)
			users += vg_list_has(kinds[k].fields, lines[i].name);
		CHECK(users > 0, "no kind takes the line %s", lines[i].name);
		CHECK(vg_starts_with(lines[i].usage, lines[i].name) && *lines[i].meaning, "the line %s is not described",
		      lines[i].name);
	}
	for (size_t k = 0; k < count; k++)
		for (const char *at = kinds[k].fields; *at; at += strcspn(at, " "), at += *at == ' ') {
			char name[64];
			snprintf(name, sizeof name, "%.*s", (int)strcspn(at, " !"), at);
			CHECK(vg_rule_line_find(name) != NULL, "the line %s of %s is not described", name, kinds[k].name);
		}
	for (int kind = VG_KIND_INTERACTION; kind <= VG_KIND_RULE; kind++)
		CHECK(vg_kind_find(vg_rule_kind_name((vg_rule_kind)kind)) != NULL, "the kind %d has no statement", kind);
	CU_ASSERT_TRUE(vg_list_has(vg_kind_find("interaction")->fields, "between"));
	CU_ASSERT_FALSE(vg_list_has(vg_kind_find("interaction")->fields, "betw"));
	CU_ASSERT_FALSE(vg_list_has("within_x x", "within"));
}

/* What words.def shows as usage is what a reader will copy. */
static void compiles_every_usage(void)
{
	size_t count;
	const vg_word_info *words = vg_words(&count);
	for (size_t i = 0; i < count; i++) {
		char text[1024];
		const char *form =
		    words[i].uses & VG_WORD_CONDITION ? "interaction \"r\" { title = \"t\", severity = \"info\", between = { "
							"\"warfarin\", \"systemic NSAID\" }, "
							"if_all = { %s }, warn = \"w\" }"
		    : words[i].uses & VG_WORD_ACTION  ? "rule \"r\" { title = \"t\", severity = \"info\", when_ordering = "
							"\"warfarin\", if_all = { pregnant }, %s, warn = \"w\" }"
		    : words[i].uses & VG_WORD_NEED    ? "rule \"r\" { title = \"t\", severity = \"info\", when_ordering = "
							"\"warfarin\", %s, check = function end, warn = \"w\" }"
		    : words[i].uses & VG_WORD_TRIGGER
			? "rule \"r\" { title = \"t\", severity = \"info\", %s, if_all = { pregnant }, warn = \"w\" }"
			: NULL;
		if (!form)
			continue;
		snprintf(text, sizeof text, form, words[i].usage);
		test_book book = book_of(text);
		CHECK(book_rule(&book, "r") != NULL, "the usage of %s cannot be compiled: %s%s", words[i].name, words[i].usage,
		      book_findings(&book));
		book_close(&book);
	}
}

const test_case test_cases_words[] = {
    {"every word is found, numbered and described", finds_words},
    {"words and refinements agree", joins_words_and_refinements},
    {"every kind of rule has a statement", describes_kinds},
    {"every usage that the table shows can be compiled", compiles_every_usage},
    {0},
};
