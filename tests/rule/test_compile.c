/* Declarations and rows to rules: kinds, defaults, layers, replaced rows, interning, tables, pair cases. */
#include "rule_tests.h"

#include <stdio.h>

#define RULE(id, more)                                                                                                         \
	"rule \"" id "\" { title = \"t\", severity = \"info\", when_opening_chart = true, warn = \"w\", " more " }"

static void fills_every_kind(void)
{
	test_book book = book_of(
	    "interaction \"warfarin-nsaid\" { title = \"Bleeding risk\", severity = \"warning\", status = \"shadow\", owner = "
	    "\"o\", "
	    "  review_by = \"2027-09-01\", evidence = { title = \"e\", url = \"https://x\", year = 2012, grade = \"A\" }, "
	    "  between = { \"Warfarin\", \"systemic nsaid\" }, replaces = { \"wf01\" }, still_counts = { [\"warfarin\"] = \"5 "
	    "days\" }, "
	    "  cases = { { if_any = { the \"systemic NSAID\" :by_route \"topical\" }, severity = \"info\", say = \"Little.\" "
	    "}, "
	    "            { if_all = { latest \"INR\" :is_above \"4\", pregnant }, severity = \"critical\" }, "
	    "            { if_any = { pregnant }, severity = \"silent\" }, { if_any = { in_hospice }, say = \"Only said.\" } "
	    "}, "
	    "  warn = \"{this_order} with {other_drug}.\", suggest = { cancel_this_order, order_instead \"acetaminophen "
	    "tablet\", "
	    "    postpone_this_order \"until Monday\", link(\"a\", \"https://b\") }, accept_override = { \"x\", \"y\" } }"
	    "allergy \"a\" { title = \"t\", severity = \"warning\", allergic_to = \"penicillin\", when_ordering = \"statin\", "
	    "warn = \"w\" }"
	    "contraindication \"c\" { title = \"t\", severity = \"critical\", when_ordering = \"metformin\", when_taking = "
	    "\"metformin\", "
	    "  if_all = { latest \"eGFR\" :is_below \"30 mL/min/1.73 m²\" :within \"1 year\" }, if_unknown = \"ask\", ask = "
	    "\"No eGFR.\", warn = \"w\" }"
	    "duplicate_therapy \"d\" { title = \"t\", severity = \"info\", class = \"statin\", at_most = 2, warn = \"w\" }"
	    "duplicate_test \"e\" { title = \"t\", severity = \"info\", test = \"HbA1c\", within = \"60 days\", unless_any = { "
	    "pregnant }, warn = \"w\" }"
	    "rule \"g\" { title = \"t\", severity = \"info\", when_ordering = anything, if_unknown = \"warn\", if_all = { "
	    "pregnant }, warn = \"w\" }"
	    "rule \"h\" { title = \"t\", severity = \"info\", when_discharging = true, if_unknown = \"stay silent\", if_all = "
	    "{ pregnant }, warn = \"w\" }");
	CHECK(!book.findings.errors, "findings:%s", book_findings(&book));
	const vg_rule *rule = book_rule(&book, "warfarin-nsaid");
	CU_ASSERT_FATAL(rule != NULL);
	CU_ASSERT_EQUAL(rule->kind, VG_KIND_INTERACTION);
	CU_ASSERT_EQUAL(rule->severity, VIGIL_SEVERITY_WARNING);
	CU_ASSERT_EQUAL(rule->status, VG_STATUS_SHADOW);
	CU_ASSERT_EQUAL(rule->triggers, VG_ON_PAIR);
	CHECK_TEXT(rule->owner, "o");
	CHECK_TEXT(rule->review_by, "2027-09-01");
	CHECK_TEXT(rule->evidence.title, "e");
	CHECK_TEXT(rule->evidence.year, "2012");
	CHECK_TEXT(rule->evidence.publisher, "");
	CHECK_TEXT(vg_set_name(test_knowledge(), rule->pair[0]), "warfarin");
	CU_ASSERT_EQUAL(rule->still_counts[0].days, 5);
	CU_ASSERT_FALSE(vg_duration_given(rule->still_counts[1]));
	CU_ASSERT_EQUAL_FATAL(rule->case_count, 4);
	CU_ASSERT_TRUE(rule->cases[0].changes_severity && rule->cases[0].severity == VIGIL_SEVERITY_INFO &&
		       rule->cases[0].say.count == 1);
	CU_ASSERT_TRUE(rule->cases[1].changes_severity && rule->cases[1].severity == VIGIL_SEVERITY_CRITICAL);
	CU_ASSERT_TRUE(rule->cases[2].silences && !rule->cases[2].changes_severity);
	CU_ASSERT_TRUE(!rule->cases[3].silences && !rule->cases[3].changes_severity);
	CU_ASSERT_EQUAL(rule->warn.count, 4);
	CU_ASSERT_EQUAL(rule->warn.parts[0].kind, VG_PART_THIS_ORDER);
	CU_ASSERT_EQUAL(rule->warn.parts[2].kind, VG_PART_OTHER_DRUG);
	CU_ASSERT_EQUAL_FATAL(rule->action_count, 4);
	CU_ASSERT_EQUAL(rule->actions[1].kind, VG_ORDER_INSTEAD);
	CU_ASSERT_TRUE(rule->actions[1].set != 0);
	CHECK_TEXT(rule->actions[2].label, "until Monday");
	CHECK_TEXT(rule->actions[3].url, "https://b");
	CU_ASSERT_EQUAL(rule->override_count, 2);
	CHECK_TEXT(rule->replaces[0], "wf01");
	CU_ASSERT_TRUE(rule->bound);
	CU_ASSERT_TRUE(
	    vg_bit_test(book.book->replaced_rows[VG_INTERACTIONS], vg_pair_find_id(test_knowledge(), VG_INTERACTIONS, "wf01")));
	rule = book_rule(&book, "a");
	CU_ASSERT_TRUE(rule && rule->triggers == VG_ON_PAIR && rule->pair[0] == vg_set_find(test_knowledge(), "penicillin") &&
		       rule->pair[1] == vg_set_find(test_knowledge(), "statin") && rule->status == VG_STATUS_ACTIVE);
	rule = book_rule(&book, "c");
	CU_ASSERT_TRUE(rule && rule->triggers == (VG_ON_ORDERING | VG_ON_TAKING) && rule->if_unknown == VG_ASK &&
		       rule->ask.count == 1 && !rule->bound);
	CU_ASSERT_EQUAL(vg_rule_sections(book.book, vg_rule_find(book.book, "c")), 1u << VG_RESULTS | 1u << VG_MEDICATIONS);
	rule = book_rule(&book, "d");
	CU_ASSERT_TRUE(rule && rule->at_most == 2 && rule->subject == rule->ordering && rule->subject);
	rule = book_rule(&book, "e");
	CU_ASSERT_TRUE(rule && rule->interval.days == 60 && rule->triggers == VG_ON_ORDERING && rule->unless != VG_NO_NODE);
	rule = book_rule(&book, "g");
	CU_ASSERT_TRUE(rule && rule->triggers == VG_ON_ANY_ORDER && rule->if_unknown == VG_WARN);
	rule = book_rule(&book, "h");
	CU_ASSERT_TRUE(rule && rule->triggers == VG_ON_DISCHARGE && rule->if_unknown == VG_STAY_SILENT);
	book_close(&book);
}

static void makes_rules_of_rows(void)
{
	test_book book = book_of("");
	CHECK(!book.findings.errors, "findings:%s", book_findings(&book));
	static const struct {
		const char *id, *family, *requires;
		unsigned triggers;
	} rows[] = {
	    {"retest-hba1c", "retest_intervals", "", VG_ON_ORDERING},
	    {"retest-potassium", "retest_intervals", "the setting is inpatient", VG_ON_ORDERING},
	    {"two-statins", "duplicate_therapy", "", VG_ON_ORDERING},
	    {"same-drug", "duplicate_therapy", "", VG_ON_ANY_ORDER},
	    {"dl-metformin", "drug_lab_disease", "latest eGFR is below 30 mL/min/1.73 m², in the last year",
	     VG_ON_ORDERING | VG_ON_TAKING},
	    {"dd-nsaid", "drug_lab_disease", "has heart failure", VG_ON_ORDERING},
	    {"dp-warfarin", "drug_lab_disease", "is pregnant", VG_ON_TAKING},
	    {"da-opioid", "drug_lab_disease", "age is below 12 years", VG_ON_ORDERING},
	    {"max-acetaminophen", "max_daily_dose", "the total daily dose of acetaminophen is above 4 g, by the oral route",
	     VG_ON_ORDERING},
	};
	vg_arena arena;
	vg_arena_init(&arena, &vg_system_allocator, 0);
	for (size_t i = 0; i < VG_COUNT(rows); i++) {
		const vg_rule *rule = book_rule(&book, rows[i].id);
		CHECK(rule != NULL, "the row %s is no rule:%s", rows[i].id, book_findings(&book));
		if (!rule)
			continue;
		CHECK_TEXT(rule->family, rows[i].family);
		CHECK(rule->triggers == rows[i].triggers, "%s has the occasions %u", rows[i].id, rule->triggers);
		CHECK_TEXT(vg_node_sentence(book.book, rule->requires, &arena), rows[i].requires);
		CHECK(*rule->title && rule->warn.count && *rule->evidence.title, "%s lacks a text", rows[i].id);
	}
	const vg_rule *rule = book_rule(&book, "retest-hba1c");
	CHECK_TEXT(rule->title, "HbA1c was measured recently");
	CHECK_TEXT(vg_node_sentence(book.book, rule->unless, &arena), "age is at least 85 years");
	CHECK_TEXT(rule->warn.parts[rule->warn.count - 1].text, ". Wait {a while}."); /* a cell's braces are only braces */
	CHECK_TEXT(vg_node_sentence(book.book, book_rule(&book, "same-drug")->unless, &arena),
		   "age is at least 85 years or is in hospice care");
	CU_ASSERT_EQUAL(rule->interval.days, 60);
	CU_ASSERT_EQUAL(book_rule(&book, "retest-potassium")->status, VG_STATUS_DRAFT);
	CU_ASSERT_EQUAL_FATAL(book.book->pair_case_count, 2);
	vg_pair_row row;
	vg_pair_get(test_knowledge(), VG_INTERACTIONS, vg_pair_find_id(test_knowledge(), VG_INTERACTIONS, "wf01"), &row);
	CHECK_TEXT(vg_node_sentence(book.book, book.book->pair_case_nodes[row.first_case], &arena),
		   "latest INR is above 4, in the last 14 days");
	CU_ASSERT_EQUAL(book.book->pair_case_says[row.first_case].count, 3);
	CU_ASSERT_EQUAL(book.book->pair_case_says[row.first_case + 1].count, 0);
	CU_ASSERT_TRUE(book.book->pair_sections & 1u << VG_RESULTS);
	vg_arena_free(&arena);
	book_close(&book);
}

static void sorts_rules(void)
{
	test_book book = book_of(RULE("b", "if_all = { pregnant }") RULE(
	    "a", "if_all = { in_hospice }") "rule \"z\" { title = \"t\", severity = \"critical\", when_opening_chart = true, "
					    "warn = \"w\", if_all = { deceased } }");
	for (uint32_t i = 1; i < book.book->rule_count; i++) {
		const vg_rule *one = &book.book->rules[i - 1], *two = &book.book->rules[i];
		CHECK(one->severity > two->severity || (one->severity == two->severity && strcmp(one->id, two->id) < 0),
		      "%s stands before %s", one->id, two->id);
	}
	CU_ASSERT_EQUAL(vg_rule_find(book.book, "nowhere"), UINT32_MAX);
	book_close(&book);
}

static void layers_packs(void)
{
	test_book book = book_of_layers(
	    RULE("a", "if_all = { pregnant }") "define \"d\" { pregnant }" RULE("u", "if_all = { meets \"d\" }"),
	    RULE("a", "if_all = { in_hospice }") "define \"d\" { deceased }" RULE("two-statins", "if_all = { pregnant }"));
	CHECK(!book.findings.errors, "findings:%s", book_findings(&book));
	vg_arena arena;
	vg_arena_init(&arena, &vg_system_allocator, 0);
	const vg_rule *rule = book_rule(&book, "a");
	CU_ASSERT_TRUE(rule && rule->pack == 1 && rule->overrides == 1);
	CHECK_TEXT(vg_node_sentence(book.book, rule->requires, &arena), "is in hospice care");
	CHECK_TEXT(vg_node_sentence(book.book, book_rule(&book, "u")->requires, &arena), "has died");
	rule = book_rule(&book, "two-statins"); /* a site's rule in place of the starter pack's row */
	CU_ASSERT_TRUE(rule && rule->kind == VG_KIND_RULE && rule->overrides == 1 && !rule->family);
	vg_arena_free(&arena);
	book_close(&book);
}

/* A pack that is read first, but lies above, wins all the same. */
static void layers_in_any_order(void)
{
	test_source source = {.count = 0};
	source_read(&source, RULE("a", "if_all = { in_hospice }"), 1);
	source_read(&source, RULE("a", "if_all = { pregnant }"), 0);
	vg_findings findings;
	vg_rulebook *book = NULL;
	vg_findings_init(&findings, &vg_system_allocator);
	CU_ASSERT_EQUAL_FATAL(vg_rulebook_compile(source.declarations, source.count, test_knowledge(), &vg_system_allocator,
						  &findings, &book, NULL),
			      VIGIL_OK);
	uint32_t number = vg_rule_find(book, "a");
	CU_ASSERT_TRUE(number != UINT32_MAX && book->rules[number].pack == 1 && book->rules[number].overrides == 1);
	vg_rulebook_free(book);
	vg_findings_free(&findings);
	source_free(&source);
}

/* A rule with a mistake is left out; the others stand. */
static void leaves_out_faulty_rules(void)
{
	test_book book =
	    book_of(RULE("bad", "if_all = { taking \"warfarine\" }") RULE("good", "if_all = { taking \"warfarin\" }"));
	CU_ASSERT_PTR_NULL(book_rule(&book, "bad"));
	CU_ASSERT_PTR_NOT_NULL(book_rule(&book, "good"));
	const vigil_finding *finding = book_finding(&book, "VG220");
	CU_ASSERT_FATAL(finding != NULL);
	CHECK_TEXT(finding->advice, "Did you mean \"warfarin\"?");
	CHECK_TEXT(finding->rule, "bad");
	CHECK_TEXT(finding->file, "test.lua");
	book_close(&book);
}

static void interns_leaves(void)
{
	test_book book = book_of("");
	uint32_t before = book.book->leaf_count;
	book_close(&book);
	book =
	    book_of(RULE("a", "if_all = { latest \"potassium\" :is_above \"5 mmol/L\", taking \"warfarin\" }")
			RULE("b", "if_all = { taking \"WARFARIN\", latest \"potassium\" :is_above \"5.0 mmol/L\", pregnant }")
			    RULE("c", "if_all = { latest \"potassium\" :is_above \"5 mmol/L\" :within \"1 year\" }"));
	/* taking, two of potassium; pregnant is asked by a row already. */
	CHECK(book.book->leaf_count == before + 3, "%u leaves instead of 3", book.book->leaf_count - before);
	book_close(&book);
}

static void withdraws_rules(void)
{
	test_book book = book_of(RULE("a", "if_all = { pregnant }"));
	vg_rule_withdraw(book.book, vg_rule_find(book.book, "a"));
	CU_ASSERT_EQUAL(book_rule(&book, "a")->status, VG_STATUS_DRAFT);
	CHECK_TEXT(vg_rule_status_name(VG_STATUS_DRAFT), "draft");
	CHECK_TEXT(vg_rule_status_name(VG_STATUS_RETIRED), "retired");
	CHECK_TEXT(vg_severity_name(VIGIL_SEVERITY_CRITICAL), "critical");
	book_close(&book);
}

static void reminds_of_reviews(void)
{
	test_book book =
	    book_of(RULE("a", "if_all = { pregnant }, review_by = \"2026-03-01\"") RULE("b", "if_all = { in_hospice }")
			RULE("c", "if_all = { deceased }, review_by = \"2020-01-01\", status = \"retired\""));
	vg_findings findings;
	vg_findings_init(&findings, &vg_system_allocator);
	vg_rulebook_review(book.book, vg_day_from(2026, 3, 1), &findings);
	size_t overdue = 0, without = 0;
	for (size_t i = 0; i < findings.count; i++) {
		overdue += strcmp(findings.items[i].code, "VG291") == 0;
		without += strcmp(findings.items[i].code, "VG292") == 0 && strcmp(findings.items[i].rule, "b") == 0;
	}
	CHECK(overdue == 0 && without == 1, "on the day itself there is still time; b has no day");
	size_t before = findings.count;
	vg_rulebook_review(book.book, vg_day_from(2026, 3, 2), &findings);
	for (size_t i = before; i < findings.count; i++)
		overdue += strcmp(findings.items[i].code, "VG291") == 0 && strcmp(findings.items[i].rule, "a") == 0;
	CHECK(overdue == 1 && findings.count == 2 * before + 1, "the day after, a is overdue");
	bool row = false;
	for (size_t i = 0; i < findings.count; i++)
		row |= strcmp(findings.items[i].code, "VG292") == 0 && strcmp(findings.items[i].rule, "wf01") == 0;
	CHECK(row, "a row of a pair table without a day is told");
	vg_findings_free(&findings);
	book_close(&book);
}

/* In requirements what an incomplete section shows may affirm; in exceptions it proves nothing. */
static void knows_polarity(void)
{
	test_book book = book_of(
	    RULE("a", "if_all = { latest \"potassium\" :is_above \"5 mmol/L\" }, "
		      "unless_any = { latest \"potassium\" :is_above \"5 mmol/L\", pregnant }") "define \"k\" { latest "
												"\"potassium\" :is_above \"6 "
												"mmol/L\" }" RULE(
												    "b", "if_all = { meets "
													 "\"k\", none { "
													 "latest "
													 "\"potassium\" "
													 ":is_above \"5 "
													 "mmol/L\" } }, "
													 "unless_any = { "
													 "meets \"k\" }"));
	const vg_rulebook *rules = book.book;
	const vg_rule *a = book_rule(&book, "a"), *b = book_rule(&book, "b");
	CU_ASSERT_FATAL(a && b);
	uint32_t excepted = rules->children[rules->nodes[a->unless].first];
	CU_ASSERT_FALSE(rules->leaves[rules->nodes[a->requires].leaf].strict);
	CU_ASSERT_TRUE(rules->leaves[rules->nodes[excepted].leaf].strict);
	uint32_t met = rules->children[rules->nodes[b->requires].first],
		 none = rules->children[rules->nodes[b->requires].first + 1];
	CU_ASSERT_FALSE(rules->leaves[rules->nodes[met].leaf].strict);
	CU_ASSERT_TRUE(rules->leaves[rules->nodes[rules->children[rules->nodes[none].first]].leaf].strict);
	CU_ASSERT_TRUE(rules->leaves[rules->nodes[b->unless].leaf].strict);
	book_close(&book);
}

static void tells_needs(void)
{
	test_book book = book_of(
	    "rule \"a\" { title = \"t\", severity = \"info\", when_ordering = \"warfarin\", "
	    "if_all = { sex \"female\", age_at_least \"18 years\", done \"FIT\" :unless_result \"abnormal\" }, "
	    "unless_any = { pregnant }, warn = \"{latest INR}\", needs = { x = taking \"heparin\" }, check = function end, "
	    "cases = { { if_any = { taking \"statin\" }, say = \"{latest HbA1c}\" } } }"
	    "screening \"s\" { title = \"t\", for_patients = { deceased }, remind = \"w\", "
	    "  satisfied_by = { all { done \"Pap test\", done \"HPV test\" :within \"1 year\" } :once } }");
	vg_arena arena;
	vg_arena_init(&arena, &vg_system_allocator, 0);
	uint32_t number = vg_rule_find(book.book, "a");
	static const char *const names[] = {"warfarin",         "FIT", "abnormal", "pregnancy", "estimated due date",
					    "pregnancy status", "INR", "heparin",  "statin",    "HbA1c"};
	vg_ids sets = vg_rule_sets(book.book, number, &arena);
	CU_ASSERT_EQUAL(sets.count, VG_COUNT(names));
	for (size_t i = 0; i < VG_COUNT(names); i++) {
		bool found = false;
		for (size_t j = 0; j < sets.count; j++)
			found |= sets.ids[j] == vg_set_find(test_knowledge(), names[i]);
		CHECK(found, "the set %s is not among the needs", names[i]);
	}
	const vg_rule *rule = &book.book->rules[number];
	CU_ASSERT_TRUE(rule->uses_age && rule->uses_sex);
	CU_ASSERT_EQUAL(vg_rule_sections(book.book, number), 1u << VG_RESULTS | 1u << VG_CONDITIONS | 1u << VG_MEDICATIONS);
	CU_ASSERT_EQUAL(vg_rule_sets(book.book, vg_rule_find(book.book, "s"), &arena).count, 2);
	vg_arena_free(&arena);
	book_close(&book);
}

const test_case test_cases_compile[] = {
    {"every kind of rule fills its members", fills_every_kind},
    {"rows of tables become rules of their kinds", makes_rules_of_rows},
    {"rules are sorted by severity and id", sorts_rules},
    {"a later pack's rule takes the place of an earlier one's", layers_packs},
    {"layers count, not the order of reading", layers_in_any_order},
    {"a rule with a mistake is left out, the others stand", leaves_out_faulty_rules},
    {"equal leaves are one leaf", interns_leaves},
    {"a withdrawn rule is a draft", withdraws_rules},
    {"overdue reviews are findings", reminds_of_reviews},
    {"conditions know whether they are asked to alert or to silence", knows_polarity},
    {"what a rule needs is derived from its trees", tells_needs},
    {0},
};
