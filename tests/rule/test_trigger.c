/*
 * The promise of the trigger index: candidates contain every rule whose outcome
 * is not silent.  Random rules meet random records; a full scan is the judge.
 */
#include "rule_random.h"

#include <stdio.h>

enum { BOOKS = 30, RULES = 30, RECORDS = 40 };

static void add_condition(random_state *random, char *text, size_t size, int depth, bool order)
{
	size_t length = strlen(text);
	uint32_t choice = draw(random, depth > 0 ? 10 : 6);
	if (choice < 6) {
		const char *leaf = order && choice == 0
				       ? random_order_conditions[draw(random, (uint32_t)random_order_condition_count)]
				       : random_conditions[draw(random, (uint32_t)random_condition_count)];
		snprintf(text + length, size - length, "%s", leaf);
		return;
	}
	uint32_t count = 2 + draw(random, 2);
	static const char *const joints[] = {"all { ", "any { ", "none { ", "at_least(2, { "};
	snprintf(text + length, size - length, "%s", joints[choice - 6]);
	for (uint32_t i = 0; i < count; i++) {
		add_condition(random, text, size, depth - 1, order);
		length = strlen(text);
		snprintf(text + length, size - length, "%s", i + 1 < count ? ", " : choice == 9 ? " })" : " }");
	}
}

static void add_rule(random_state *random, char *text, size_t size, int number)
{
	size_t length = strlen(text);
	char occasion[160], more[4000] = "";
	uint32_t kind = draw(random, 7);
	const char *one = random_drug_sets[draw(random, (uint32_t)random_drug_set_count)],
		   *two = random_drug_sets[draw(random, (uint32_t)random_drug_set_count)];
	bool order = kind < 4 || kind == 6;
	if (draw(random, 6)) {
		snprintf(more, sizeof more, ", if_all = { ");
		for (uint32_t i = 0, count = 1 + draw(random, 3); i < count; i++) {
			add_condition(random, more, sizeof more, 2, order);
			strcat(more, i + 1 < count ? ", " : " }");
		}
	}
	if (draw(random, 2)) {
		strcat(more, ", unless_any = { ");
		add_condition(random, more, sizeof more, 1, order);
		strcat(more, " }");
	}
	switch (kind) {
	case 0:
		snprintf(occasion, sizeof occasion, "when_ordering = \"%s\"", one);
		break;
	case 1:
		snprintf(occasion, sizeof occasion, "when_taking = \"%s\"", one);
		break;
	case 2:
		snprintf(occasion, sizeof occasion, "when_ordering = \"%s\", when_taking = \"%s\"", one, two);
		break;
	case 3:
		snprintf(occasion, sizeof occasion, "when_ordering = anything");
		break;
	case 6:
		snprintf(occasion, sizeof occasion, "between = { \"%s\", \"%s\" }", one, two);
		break;
	default:
		snprintf(occasion, sizeof occasion, "when_opening_chart = true");
		break;
	}
	snprintf(text + length, size - length, "%s \"r%d\" { title = \"t\", severity = \"info\", %s%s, warn = \"w\" }\n",
		 kind == 6 ? "interaction" : "rule", number, occasion, more);
}

/* ---- the judge: every binding that an occasion finds --------------------------------------- */

static bool speaks(const vg_scene *scene, const vg_rule *rule, const vg_binding *binding)
{
	if (vg_node_truth(scene, rule->requires, binding, NULL) == VG_FALSE)
		return false;
	return rule->unless == VG_NO_NODE || vg_node_truth(scene, rule->unless, binding, NULL) != VG_TRUE;
}

static bool in_set(const vg_scene *scene, const vg_clinical_fact *fact, vg_set set)
{
	return vg_fact_in_set(scene->record, fact, set);
}

static bool pair_speaks(const vg_scene *scene, const vg_rule *rule, const vg_clinical_fact *subject,
			const vg_clinical_fact *other)
{
	for (int side = 0; subject != other && side < 2; side++) {
		if (!in_set(scene, subject, rule->pair[side]) || !in_set(scene, other, rule->pair[!side]))
			continue;
		vg_binding binding = {.order = subject,
				      .subject = subject,
				      .other = other,
				      .subject_set = rule->pair[side],
				      .other_set = rule->pair[!side]};
		if (speaks(scene, rule, &binding))
			return true;
	}
	return false;
}

static bool order_speaks(const vg_scene *scene, const vg_rule *rule, const vg_clinical_fact *order)
{
	vg_binding binding = {.order = order, .subject = order};
	if (rule->triggers & VG_ON_PAIR) {
		for (uint32_t i = 0; i < scene->order_count; i++)
			if (pair_speaks(scene, rule, order, scene->orders[i]))
				return true;
		for (uint32_t i = 0; i < scene->draft_count; i++)
			if (pair_speaks(scene, rule, order, scene->drafts[i]))
				return true;
		for (uint32_t i = 0; i < scene->record->fact_count; i++)
			if (vg_taking(scene, i) && pair_speaks(scene, rule, order, &scene->record->facts[i]))
				return true;
		return false;
	}
	bool asked =
	    (rule->triggers & VG_ON_ANY_ORDER) || ((rule->triggers & VG_ON_ORDERING) && in_set(scene, order, rule->ordering));
	return asked && speaks(scene, rule, &binding);
}

static bool is_not_silent(const vg_scene *scene, const vg_rule *rule)
{
	if ((rule->triggers & (VG_ON_CHART | VG_ON_DISCHARGE)) && speaks(scene, rule, NULL))
		return true;
	for (uint32_t i = 0; i < scene->order_count; i++)
		if (order_speaks(scene, rule, scene->orders[i]))
			return true;
	for (uint32_t i = 0; (rule->triggers & VG_ON_TAKING) && i < scene->record->fact_count; i++) {
		const vg_clinical_fact *fact = &scene->record->facts[i];
		vg_binding binding = {.subject = fact};
		if (vg_taking(scene, i) && in_set(scene, fact, rule->taking) && speaks(scene, rule, &binding))
			return true;
	}
	return false;
}

static void keeps_its_promise(void)
{
	static char text[RULES * 4600], record[1200];
	random_state random = {20260301};
	size_t cases = 0, candidates = 0, speaking = 0;
	for (int round = 0; round < BOOKS; round++) {
		text[0] = '\0';
		for (int i = 0; i < RULES; i++)
			add_rule(&random, text, sizeof text, i);
		test_book book = book_of(text);
		for (int i = 0; i < RECORDS; i++) {
			vg_bits bits[16] = {0}, all[16] = {0};
			make_record(&random, record, sizeof record);
			test_scene *scene = scene_of(book.book, record, TEST_DAY);
			CU_ASSERT_FATAL(book.book->words <= VG_COUNT(bits));
			vg_candidates(&scene->scene, 63, bits);
			vg_all_rules(book.book, all);
			for (uint32_t rule = 0; rule < book.book->rule_count; rule++) {
				bool candidate = vg_bit_test(bits, rule),
				     loud = is_not_silent(&scene->scene, &book.book->rules[rule]);
				cases++;
				candidates += candidate;
				speaking += loud;
				if (loud && !candidate)
					CHECK(false, "book %d, rule %s is lost for \"%s\":\n%s", round,
					      book.book->rules[rule].id, record,
					      vg_node_sentence(book.book, book.book->rules[rule].requires, &book.source.arena));
				CHECK(!candidate || vg_bit_test(all, rule), "a retired rule is a candidate");
			}
			scene_close(scene);
		}
		book_close(&book);
	}
	CHECK(cases >= 40000, "only %zu cases were tried", cases);
	CHECK(speaking > cases / 50, "only %zu of %zu cases were not silent", speaking, cases);
	CHECK(candidates < cases / 2, "%zu of %zu cases are candidates: the index selects nothing", candidates, cases);
}

static bool is_candidate(const char *rule, const char *record, unsigned triggers)
{
	char text[1024];
	snprintf(text, sizeof text, "rule \"r\" { title = \"t\", severity = \"info\", warn = \"w\", %s }", rule);
	test_book book = book_of(text);
	uint32_t number = vg_rule_find(book.book, "r");
	CHECK(number != UINT32_MAX, "%s is not compiled:%s", rule, book_findings(&book));
	vg_bits bits[4] = {0};
	test_scene *scene = scene_of(book.book, record, TEST_DAY);
	vg_candidates(&scene->scene, triggers, bits);
	bool candidate = number != UINT32_MAX && vg_bit_test(bits, number);
	scene_close(scene);
	book_close(&book);
	return candidate;
}

static void chooses_by_keys(void)
{
	static const char warfarin[] = "when_opening_chart = true, if_all = { taking \"warfarin\", age_at_least \"65 years\" }";
	static const char either[] =
	    "when_opening_chart = true, if_all = { any { taking \"warfarin\", has_condition \"diabetes\" } }";
	static const char half[] = "when_opening_chart = true, if_all = { any { taking \"warfarin\", sex \"female\" } }";
	CU_ASSERT_TRUE(is_candidate(warfarin, "med warfarin on=2026-01-01", VG_ON_CHART));
	CU_ASSERT_FALSE(is_candidate(warfarin, "med metformin on=2026-01-01", VG_ON_CHART));
	CU_ASSERT_FALSE(is_candidate(warfarin, "med warfarin on=2026-01-01", VG_ON_ORDERING)); /* another occasion */
	CU_ASSERT_TRUE(is_candidate(warfarin, "no medications", VG_ON_CHART));                 /* unknown descends */
	CU_ASSERT_TRUE(is_candidate(warfarin, "since medications 2020-01-01", VG_ON_CHART));
	CU_ASSERT_FALSE(is_candidate(warfarin, "no results", VG_ON_CHART));
	CU_ASSERT_TRUE(is_candidate(either, "cond diabetes", VG_ON_CHART));
	CU_ASSERT_TRUE(is_candidate(either, "no conditions", VG_ON_CHART));
	CU_ASSERT_FALSE(is_candidate(either, "cond hypertension", VG_ON_CHART));
	CU_ASSERT_TRUE(is_candidate(half, "", VG_ON_CHART)); /* one branch promises nothing */
	CU_ASSERT_TRUE(is_candidate("when_ordering = \"statin\", if_all = { pregnant }", "order atorvastatin; cond pregnancy",
				    VG_ON_ORDERING));
	CU_ASSERT_FALSE(is_candidate("when_ordering = \"statin\"", "order warfarin", VG_ON_ORDERING));
	CU_ASSERT_FALSE(is_candidate("when_ordering = \"statin\"", "med atorvastatin on=2026-01-01", VG_ON_ORDERING));
	CU_ASSERT_TRUE(is_candidate("when_taking = \"statin\"", "med atorvastatin on=2026-01-01", VG_ON_TAKING));
	CU_ASSERT_FALSE(
	    is_candidate("when_opening_chart = true, status = \"retired\", if_all = { deceased }", "died", VG_ON_CHART));
}

static void tells_who_is_always_checked(void)
{
	test_book book =
	    book_of("rule \"a\" { title = \"t\", severity = \"info\", warn = \"w\", when_opening_chart = true, if_all = { "
		    "age_at_least \"65 years\" } }"
		    "rule \"b\" { title = \"t\", severity = \"info\", warn = \"w\", when_opening_chart = true, if_all = { "
		    "taking \"warfarin\" } }"
		    "rule \"c\" { title = \"t\", severity = \"info\", warn = \"w\", when_opening_chart = true, if_all = { "
		    "at_least(2, { taking \"warfarin\", has_condition \"diabetes\", age_at_least \"65 years\" }) } }");
	CU_ASSERT_TRUE(vg_rule_always_checked(book.book, vg_rule_find(book.book, "a")));
	CU_ASSERT_FALSE(vg_rule_always_checked(book.book, vg_rule_find(book.book, "b")));
	CU_ASSERT_FALSE(
	    vg_rule_always_checked(book.book, vg_rule_find(book.book, "c"))); /* two of three need one of the first two */
	book_close(&book);
}

const test_case test_cases_trigger[] = {
    {"candidates contain every rule that is not silent", keeps_its_promise},
    {"rules are chosen by what is there and by what is not complete", chooses_by_keys},
    {"rules without a promise are known", tells_who_is_always_checked},
    {0},
};
