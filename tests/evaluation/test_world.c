/* Worlds: opening, references, digests, and worlds that do not mix. */
#include "evaluation_tests.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[128];

static void write_file(const char *name, const char *text)
{
	char path[256];
	snprintf(path, sizeof path, "%s/%s", root, name);
	FILE *file = fopen(path, "w");
	CHECK(file != NULL, "%s can be written", path);
	if (file) {
		fputs(text, file);
		fclose(file);
	}
}

static void begin_pack(void)
{
	snprintf(root, sizeof root, "/tmp/vigil-tests-XXXXXX");
	CHECK(mkdtemp(root) != NULL, "a folder is made");
	write_file("pack.lua", "pack { name = \"site\", version = \"1\", publisher = \"tests\", language = \"1\" }\n");
}

static void end_pack(void)
{
	static const char *const names[] = {"pack.lua", "rule.lua"};
	for (size_t i = 0; i < VG_COUNT(names); i++) {
		char path[256];
		snprintf(path, sizeof path, "%s/%s", root, names[i]);
		remove(path);
	}
	rmdir(root);
}

static vigil_status open_layers(bool accept, vg_findings *findings, vg_world **ret, vigil_error *err)
{
	const char *folders[] = {root};
	vigil_config config = VIGIL_CONFIG_INIT;
	config.starter_dir = CASES_PACK;
	config.rule_dirs = folders;
	config.rule_dir_count = 1;
	config.accept_errors = accept;
	return vg_world_open(&config, findings, ret, err);
}

static const char good_rule[] =
    "contraindication \"site-aspirin\" { title = \"Aspirin\", severity = \"warning\", status = \"active\", when_ordering = "
    "\"aspirin\",\n"
    "  if_all = { has_condition \"asthma\" }, warn = \"Asthma.\" }\n"
    "example \"a\" { today = \"2026-03-01\", given = { has_condition \"asthma\", ordering \"aspirin\" }, expect = { "
    "\"site-aspirin\" } }\n"
    "example \"b\" { today = \"2026-03-01\", given = { ordering \"aspirin\" }, expect = { silent \"site-aspirin\" } }\n"
    "example \"c\" { today = \"2026-03-01\", given = { ordering \"aspirin\", no_information \"conditions\" }, expect = { "
    "not_evaluated \"site-aspirin\" } }\n";

static void a_layer_adds_a_rule_and_changes_the_digest(void)
{
	begin_pack();
	write_file("rule.lua", good_rule);
	vg_world *world = NULL;
	vigil_error err = VIGIL_ERROR_INIT;
	vigil_status status = open_layers(false, NULL, &world, &err);
	CHECK(status == VIGIL_OK, "the layers open: %s", err.text);
	if (status == VIGIL_OK) {
		uint32_t rule = vg_rule_find(world->rulebook, "site-aspirin");
		CHECK(rule != UINT32_MAX && world->rulebook->rules[rule].status == VG_STATUS_ACTIVE,
		      "the site's rule is active");
		CHECK(world->pack_count == 2 && strcmp(world->packs[1].name, "site") == 0, "two packs");
		CHECK(strlen(world->pack_digests[1]) == 64 && strcmp(world->pack_digests[0], world->pack_digests[1]) != 0,
		      "each has its digest");
		CHECK(memcmp(&world->digest, &cases_world()->digest, sizeof world->digest) != 0,
		      "the world's digest differs from that without the layer");
	}
	vg_world_release(world);
	end_pack();
}

static void an_active_rule_without_examples_is_refused(void)
{
	begin_pack();
	write_file("rule.lua", "contraindication \"site-aspirin\" { title = \"Aspirin\", severity = \"warning\", status = "
			       "\"active\", when_ordering = \"aspirin\",\n"
			       "  if_all = { has_condition \"asthma\" }, warn = \"Asthma.\" }\n");
	vg_world *world = NULL;
	vigil_error err = VIGIL_ERROR_INIT;
	vg_findings findings;
	vg_findings_init(&findings, NULL);
	vigil_status status = open_layers(false, &findings, &world, &err);
	CHECK(status == VIGIL_BAD_RULES && !world, "refused, status %d", status);
	CHECK(findings.errors == 1 && findings.count >= 1, "the caller gets the findings: %zu errors", findings.errors);
	CHECK(strstr(err.file, "rule.lua") && err.line == 1, "the error says where: %s:%d", err.file, err.line);
	vg_findings_free(&findings);
	status = open_layers(true, NULL, &world, &err);
	CHECK(status == VIGIL_OK, "opens with accept_errors: %s", err.text);
	if (status == VIGIL_OK) {
		uint32_t rule = vg_rule_find(world->rulebook, "site-aspirin");
		CHECK(rule != UINT32_MAX && world->rulebook->rules[rule].status == VG_STATUS_DRAFT, "but the rule is a draft");
		uint32_t other = vg_rule_find(world->rulebook, "warfarin-nsaid");
		CHECK(other != UINT32_MAX && world->rulebook->rules[other].status == VG_STATUS_ACTIVE,
		      "and the others are as before");
	}
	vg_world_release(world);
	end_pack();
}

static void a_later_layer_may_change_what_earlier_examples_expect(void)
{
	begin_pack();
	write_file(
	    "rule.lua",
	    "interaction \"warfarin-nsaid\" { title = \"Warfarin with an NSAID\", severity = \"info\", status = \"active\",\n"
	    "  owner = \"Site\", review_by = \"2027-01-01\", evidence = { title = \"Site policy\" },\n"
	    "  between = { \"warfarin\", \"NSAID\" }, replaces = { \"wf01\" },\n"
	    "  if_all = { age_at_least \"90 years\" }, warn = \"Site.\" }\n"
	    "example \"site, it fires\" { today = \"2026-03-01\", given = { age \"95 years\", taking \"warfarin\", ordering "
	    "\"ibuprofen\" },\n"
	    "  expect = { alert \"warfarin-nsaid\" :with_severity \"info\" } }\n"
	    "example \"site, it is silent\" { today = \"2026-03-01\", given = { ordering \"ibuprofen\" },\n"
	    "  expect = { silent \"warfarin-nsaid\" } }\n"
	    "example \"site, unknown\" { today = \"2026-03-01\", given = { age \"95 years\", ordering \"ibuprofen\", "
	    "no_information "
	    "\"medications\" },\n  expect = { not_evaluated \"warfarin-nsaid\" } }\n");
	vg_world *world = NULL;
	vigil_error err = VIGIL_ERROR_INIT;
	vg_findings findings;
	vg_findings_init(&findings, NULL);
	CHECK(open_layers(false, &findings, &world, &err) == VIGIL_OK, "opens: %s (%s:%d)", err.text, err.file, err.line);
	CHECK(findings.errors == 0, "no errors: %zu", findings.errors);
	size_t outlived = 0;
	for (size_t i = 0; i < findings.count; i++)
		outlived += strcmp(findings.items[i].code, "VG408") == 0;
	CHECK(outlived > 0, "the earlier pack's examples that no longer hold are told");
	if (world) {
		uint32_t rule = vg_rule_find(world->rulebook, "warfarin-nsaid");
		CHECK(rule != UINT32_MAX && world->rulebook->rules[rule].severity == VIGIL_SEVERITY_INFO &&
			  world->rulebook->rules[rule].status == VG_STATUS_ACTIVE,
		      "the later layer decides");
	}
	vg_world_release(world);
	vg_findings_free(&findings);
	end_pack();
}

static void a_failing_example_withdraws_its_rule_only(void)
{
	begin_pack();
	char text[2048];
	snprintf(
	    text, sizeof text,
	    "%sexample \"d\" { today = \"2026-03-01\", given = { ordering \"aspirin\" }, expect = { \"site-aspirin\" } }\n",
	    good_rule);
	write_file("rule.lua", text);
	vg_world *world = NULL;
	vigil_error err = VIGIL_ERROR_INIT;
	CHECK(open_layers(false, NULL, &world, &err) == VIGIL_BAD_RULES, "refused");
	CHECK(open_layers(true, NULL, &world, &err) == VIGIL_OK, "opens with accept_errors: %s", err.text);
	for (uint32_t i = 0; world && i < world->rulebook->rule_count; i++) {
		const vg_rule *rule = &world->rulebook->rules[i];
		bool draft = strcmp(rule->id, "site-aspirin") == 0 || strcmp(rule->id, "draft-aspirin") == 0;
		CHECK(draft == (rule->status == VG_STATUS_DRAFT), "%s is %s", rule->id,
		      vg_rule_status_name((vg_rule_status)rule->status));
	}
	vg_world_release(world);
	end_pack();
}

static void a_faulty_file_is_refused_with_its_place(void)
{
	begin_pack();
	write_file("rule.lua", "\nrule \"x\" { title = , }\n");
	vg_world *world = NULL;
	vigil_error err = VIGIL_ERROR_INIT;
	CHECK(open_layers(false, NULL, &world, &err) == VIGIL_BAD_RULES && !world, "refused");
	CHECK(strstr(err.file, "rule.lua") != NULL && err.line == 2, "at %s:%d", err.file, err.line);
	end_pack();
}

/* An evaluator asked about one world and then another gives each one's answer; a record of the old one is refused. */
static void old_and_new_world_never_mix(void)
{
	begin_pack();
	write_file("rule.lua", good_rule);
	vg_world *other = NULL;
	vg_evaluator *evaluator = NULL;
	CHECK(open_layers(false, NULL, &other, NULL) == VIGIL_OK && vg_evaluator_open(NULL, &evaluator, NULL) == VIGIL_OK,
	      "both open");
	vg_arena arena;
	vg_arena_init(&arena, NULL, 0);
	const char *record = BUNDLE(&arena, patient_json("1990-05-05", "female", &arena),
				    condition_json("c", "http://snomed.info/sct", "195967001", "2001-01-01", &arena));
	const char *orders[] = {drug_json("o", "308416", "draft", "2026-03-01", &arena)};
	test_sample old_sample = {.record = NULL}, new_sample = {.record = NULL};
	if (other && evaluator && sample_open(&old_sample, cases_world(), record, orders, 1, "2026-03-01") &&
	    sample_open(&new_sample, other, record, orders, 1, "2026-03-01")) {
		const vg_answer *answer = NULL;
		for (int round = 0; round < 6; round++) {
			bool now = round & 1;
			vigil_status status = vg_evaluate(evaluator, now ? other : cases_world(),
							  now ? &new_sample.question : &old_sample.question, &answer, NULL);
			CHECK(status == VIGIL_OK && answer->alert_count == (now ? 1u : 0u), "round %d has %zu alerts", round,
			      answer ? answer->alert_count : 99);
			CHECK(answer->world == (now ? other : cases_world()), "round %d names its world", round);
		}
		vigil_error err = VIGIL_ERROR_INIT;
		CHECK(vg_evaluate(evaluator, other, &old_sample.question, &answer, &err) == VIGIL_WRONG_USE,
		      "a record of another world is refused");
		CHECK(strstr(err.advice, "again") != NULL, "and says what to do: %s", err.advice);
	}
	sample_close(&old_sample);
	sample_close(&new_sample);
	vg_arena_free(&arena);
	/* The evaluator holds the world that it was asked about last. */
	vg_world_release(other);
	vg_evaluator_close(evaluator);
	end_pack();
}

static void references_keep_a_world_alive(void)
{
	test_allocator state = {.fail_at = 0};
	vg_allocator allocator = {test_resize, &state};
	vg_world *world = NULL;
	CHECK(cases_world_open(&allocator, NULL, &world, NULL) == VIGIL_OK, "opens");
	CHECK(vg_world_take(world) == world, "taken");
	vg_world_release(world);
	CHECK(state.live_blocks > 0, "still there");
	vg_world_release(world);
	CHECK(state.live_blocks == 0, "%zu blocks left", state.live_blocks);
	vg_world_release(NULL);
}

static void a_question_without_a_whole_day_is_refused(void)
{
	test_sample sample;
	vg_evaluator *evaluator = NULL;
	const vg_answer *answer = NULL;
	vg_evaluator_open(NULL, &evaluator, NULL);
	if (evaluator && sample_open(&sample, cases_world(), NULL, NULL, 0, "2026")) {
		CHECK(vg_evaluate(evaluator, cases_world(), &sample.question, &answer, NULL) == VIGIL_WRONG_USE,
		      "\"2026\" is no day");
		sample.question.as_of = VG_NO_WHEN;
		CHECK(vg_evaluate(evaluator, cases_world(), &sample.question, &answer, NULL) == VIGIL_WRONG_USE,
		      "nothing is no day");
		CHECK(answer == NULL, "the output is untouched");
	}
	sample_close(&sample);
	vg_evaluator_close(evaluator);
	vg_evaluator_close(NULL);
}

static void hooks_have_names_and_triggers(void)
{
	for (int hook = VG_HOOK_PATIENT_VIEW; hook < VG_HOOK_COUNT; hook++) {
		vg_hook found = VG_HOOK_NONE;
		CHECK(vg_hook_find(vg_hook_name((vg_hook)hook), &found) && found == (vg_hook)hook,
		      "hook %d is found by its name", hook);
	}
	vg_hook none;
	CHECK(!vg_hook_find("order-sing", &none) && !vg_hook_find("", &none), "other names are no hooks");
	CHECK(vg_rulebook_triggers(VG_HOOK_ORDER_SIGN) & VG_ON_PAIR, "order-sign judges pairs");
	CHECK(vg_rulebook_triggers(VG_HOOK_PATIENT_VIEW) == (VG_ON_CHART | VG_ON_TAKING), "patient-view opens the chart");
	CHECK(vg_rulebook_triggers(VG_HOOK_PROBLEM_CREATE) == VG_ON_TAKING, "a new problem concerns what is taken");
	CHECK(vg_rulebook_triggers(VG_HOOK_ENCOUNTER_DISCHARGE) == (VG_ON_DISCHARGE | VG_ON_TAKING),
	      "discharge looks at what is taken");
	CHECK_TEXT(vg_screening_status_name(VG_DUE_SOON), "due_soon");
}

const test_case test_cases_world[] = {
    {"a layer adds a rule and changes the digest", a_layer_adds_a_rule_and_changes_the_digest},
    {"an active rule without examples is refused, or a draft", an_active_rule_without_examples_is_refused},
    {"a later layer may change what earlier examples expect", a_later_layer_may_change_what_earlier_examples_expect},
    {"a failing example withdraws its rule and no other", a_failing_example_withdraws_its_rule_only},
    {"a faulty file is refused with its place", a_faulty_file_is_refused_with_its_place},
    {"old and new world never mix", old_and_new_world_never_mix},
    {"references keep a world alive", references_keep_a_world_alive},
    {"a question without a whole day is refused", a_question_without_a_whole_day_is_refused},
    {"hooks have names and triggers", hooks_have_names_and_triggers},
    {0},
};
