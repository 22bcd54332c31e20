/*
 * Examples: what came against what was expected.
 *
 * `expect` says what must be among the answer, `expect_only` also that no other
 * rule alerts or asks.  A rule's id alone means that it alerts, or that the
 * screening is due.  When anything is wrong, the text tells what was expected,
 * what came instead, and why a rule came out unknown.
 *
 * Called by example_run.c.
 */
#include "evaluation/authoring_internal.h"

#include <string.h>

typedef struct expected { /* one word of `expect` */
	const char *word; /* "alert", "overdue" …; "" for an id alone */
	const char *rule;
	const vg_phrase *phrase; /* NULL for an id alone */
} expected;

static const struct meaning {
	const char *word;
	unsigned shows;             /* vg_claim_kind */
	bool screening;             /* a word about screenings, and … */
	vg_screening_status status; /* … the status that it names */
} meanings[] = {
    {"", VG_CLAIM_FIRES, false, VG_OVERDUE},
    {"alert", VG_CLAIM_FIRES, false, VG_OVERDUE},
    {"ask", VG_CLAIM_UNKNOWN, false, VG_OVERDUE},
    {"not_evaluated", VG_CLAIM_UNKNOWN, false, VG_OVERDUE},
    {"silent", VG_CLAIM_SILENT, false, VG_OVERDUE},
    {"overdue", VG_CLAIM_FIRES, true, VG_OVERDUE},
    {"due_soon", VG_CLAIM_FIRES, true, VG_DUE_SOON},
    {"up_to_date", VG_CLAIM_SILENT, true, VG_UP_TO_DATE},
    {"indeterminate", VG_CLAIM_UNKNOWN, true, VG_INDETERMINATE},
    {"not_applicable", VG_CLAIM_SILENT, true, VG_NOT_APPLICABLE},
};

static const struct meaning *meaning_of(const char *word)
{
	for (size_t i = 0; i < VG_COUNT(meanings); i++)
		if (strcmp(meanings[i].word, word) == 0)
			return &meanings[i];
	return NULL;
}

const vg_item *vg_example_line(const vg_declaration *example, const char *name)
{
	for (size_t i = 0; i < example->body.field_count; i++)
		if (strcmp(example->body.fields[i].name, name) == 0)
			return &example->body.fields[i].value;
	return NULL;
}

static bool read_expected(const vg_item *item, expected *ret)
{
	if (item->kind == VG_ITEM_TEXT) {
		*ret = (expected){"", item->text, NULL};
		return true;
	}
	if (item->kind != VG_ITEM_PHRASE || !meaning_of(item->phrase->word) || item->phrase->argument_count != 1 ||
	    item->phrase->arguments[0].kind != VG_ITEM_TEXT)
		return false;
	*ret = (expected){item->phrase->word, item->phrase->arguments[0].text, item->phrase};
	return true;
}

/* ---- claims ------------------------------------------------------------------------------- */

static bool same_file(const vg_expectation *expectation, const vg_rule *rule)
{
	return rule->place.file && vg_same_text(rule->place.file, expectation->example->place.file);
}

static vg_claim *find_claim(const vg_expectation *expectation, const char *rule)
{
	for (size_t i = 0; i < expectation->claim_count; i++)
		if (strcmp(expectation->claims[i].rule, rule) == 0)
			return &expectation->claims[i];
	return NULL;
}

/* The report outlives the script that the ids come from, so they are copied. */
static void claim(vg_expectation *expectation, const char *rule, unsigned kinds)
{
	vg_claim *found = find_claim(expectation, rule);
	if (found) {
		found->kinds |= kinds;
		return;
	}
	vg_claim *claims = vg_grow(expectation->arena, expectation->claims, expectation->claim_count,
				   &expectation->claim_capacity, sizeof *claims);
	const char *copy = vg_copy_text(expectation->arena, rule, strlen(rule));
	if (!claims || !copy)
		return; /* the arena is marked as failed */
	expectation->claims = claims;
	claims[expectation->claim_count++] = (vg_claim){copy, kinds};
}

/* Whether a section is told to be missing: then the example shows what happens with unknown data. */
static bool has_gap(const vg_declaration *example)
{
	const vg_item *given = vg_example_line(example, "given");
	for (size_t i = 0; given && i < given->item_count; i++)
		if (given->items[i].kind == VG_ITEM_PHRASE && strcmp(given->items[i].phrase->word, "no_information") == 0)
			return true;
	return false;
}

void vg_example_claims(vg_expectation *expectation)
{
	static const char *const lines[] = {"expect", "expect_only"};
	unsigned besides = has_gap(expectation->example) ? VG_CLAIM_UNKNOWN : 0;
	for (size_t k = 0; k < VG_COUNT(lines); k++) {
		const vg_item *list = vg_example_line(expectation->example, lines[k]);
		expected one;
		for (size_t i = 0; list && i < list->item_count; i++)
			if (read_expected(&list->items[i], &one))
				claim(expectation, one.rule, meaning_of(one.word)->shows | besides);
	}
	/* expect_only says of the other rules of its file that they are silent; of screenings it says nothing. */
	const vg_rulebook *book = expectation->world->rulebook;
	for (uint32_t i = 0; vg_example_line(expectation->example, "expect_only") && i < book->rule_count; i++)
		if (same_file(expectation, &book->rules[i]) && book->rules[i].kind != VG_KIND_SCREENING &&
		    !find_claim(expectation, book->rules[i].id))
			claim(expectation, book->rules[i].id, VG_CLAIM_SILENT | besides);
}

/* ---- what came --------------------------------------------------------------------------- */

static bool is_named(const vg_alert *alert, const char *id)
{
	if (strcmp(alert->rule, id) == 0)
		return true;
	for (size_t i = 0; i < alert->also_count; i++)
		if (strcmp(alert->also[i], id) == 0)
			return true;
	return false;
}

/* An alert that names the rule, one that alerts rather than one that asks. */
static const vg_alert *find_alert(const vg_answer *answer, const char *id)
{
	const vg_alert *found = NULL;
	for (size_t i = 0; i < answer->alert_count; i++)
		if (is_named(&answer->alerts[i], id) && (!found || found->ask))
			found = &answer->alerts[i];
	return found;
}

static const vg_screening *find_screening(const vg_answer *answer, const char *id)
{
	for (size_t i = 0; i < answer->screening_count; i++)
		if (strcmp(answer->screenings[i].rule->id, id) == 0)
			return &answer->screenings[i];
	return NULL;
}

static const vg_not_evaluated *find_unknown(const vg_answer *answer, const char *id)
{
	for (size_t i = 0; i < answer->not_evaluated_count; i++)
		if (strcmp(answer->not_evaluated[i].rule, id) == 0)
			return &answer->not_evaluated[i];
	return NULL;
}

static const vg_rule_error *find_error(const vg_answer *answer, const char *id)
{
	for (size_t i = 0; i < answer->error_count; i++)
		if (strcmp(answer->errors[i].rule, id) == 0)
			return &answer->errors[i];
	return NULL;
}

/* "it alerts (warning)", "it is up to date: …", "it is not evaluated: no eGFR …", "it is silent" */
static void add_what_came(vg_expectation *expectation, const char *id)
{
	const vg_answer *answer = expectation->answer;
	vg_buffer *out = &expectation->wrong;
	const vg_alert *alert = find_alert(answer, id);
	const vg_screening *screening = find_screening(answer, id);
	const vg_not_evaluated *unknown = find_unknown(answer, id);
	const vg_rule_error *error = find_error(answer, id);
	if (error)
		vg_addf(out, "it failed: %s", error->text);
	else if (alert)
		vg_addf(out, alert->ask ? "it asks: %s" : "it alerts (%s)",
			alert->ask ? alert->detail ? alert->detail : "" : vg_severity_name(alert->severity));
	else if (screening)
		vg_addf(out, "it is %s%s%s", vg_screening_status_name(screening->status), screening->reason ? ": " : "",
			screening->reason ? screening->reason : "");
	else if (unknown)
		vg_addf(out, "it is not evaluated: %s", unknown->missing ? unknown->missing : "something is missing");
	else
		vg_add(out, "it is silent");
	const char *end = vg_buffer_text(out);
	if (end && out->length && out->text[out->length - 1] != '.')
		vg_add(out, ".");
}

static void add_others(vg_expectation *expectation)
{
	const vg_answer *answer = expectation->answer;
	vg_buffer *out = &expectation->wrong;
	for (size_t i = 0; i < answer->alert_count && i < 5; i++)
		vg_addf(out, "%s%s%s", i == 0 ? " Alerts that came: " : ", ", answer->alerts[i].rule,
			answer->alerts[i].ask ? " (asks)" : "");
	vg_add(out, answer->alert_count == 0 ? " No alert came." : answer->alert_count > 5 ? " …" : ".");
	for (size_t i = 0; i < answer->not_checked_count && i < 3; i++)
		vg_addf(out, " Not checked: %s (%s).", answer->not_checked[i].display, answer->not_checked[i].why);
}

vg_came vg_example_came(const vg_answer *answer, const char *id)
{
	const vg_alert *alert = find_alert(answer, id);
	const vg_screening *screening = find_screening(answer, id);
	const vg_not_evaluated *unknown = find_unknown(answer, id);
	const vg_rule_error *error = find_error(answer, id);
	vg_came came = {.word = "silent", .says = ""};
	if (error)
		came = (vg_came){"error", NULL, error->text};
	else if (alert)
		came = (vg_came){alert->ask ? "ask" : "alert", alert->ask ? NULL : vg_severity_name(alert->severity),
				 alert->detail};
	else if (screening)
		came = (vg_came){vg_screening_status_name(screening->status), NULL, screening->reason};
	else if (unknown)
		came = (vg_came){"not_evaluated", NULL, unknown->missing};
	if (!came.says)
		came.says = "";
	return came;
}

/* ---- comparing ----------------------------------------------------------------------------- */

static bool exists(const vg_world *world, const char *id)
{
	static const vg_own_check own[] = {VG_OWN_ALLERGY_INGREDIENT, VG_OWN_ALLERGY_CLASS, VG_OWN_DUPLICATE_INGREDIENT};
	for (size_t i = 0; i < VG_COUNT(own); i++)
		if (vg_same_text(vg_own_check_id(own[i]), id))
			return true;
	return vg_rule_find(world->rulebook, id) != UINT32_MAX ||
	       vg_pair_find_id(world->knowledge, VG_INTERACTIONS, id) != UINT32_MAX ||
	       vg_pair_find_id(world->knowledge, VG_CROSS_REACTIVITY, id) != UINT32_MAX;
}

static void complain_unknown(vg_expectation *expectation, const char *id)
{
	const vg_rulebook *book = expectation->world->rulebook;
	const char **ids = vg_alloc_array(expectation->arena, book->rule_count ? book->rule_count : 1, sizeof *ids);
	for (uint32_t i = 0; ids && i < book->rule_count; i++)
		ids[i] = book->rules[i].id;
	const char *near = ids ? vg_nearest(id, ids, book->rule_count) : NULL;
	vg_addf(&expectation->wrong, "There is no rule \"%s\" in service.%s%s%s", id, near ? " Did you mean \"" : "",
		near ? near : "", near ? "\"?" : "");
}

/* What stands behind `alert "x" :NAME "…"`; NULL. */
static const char *behind(const expected *one, const char *name)
{
	for (size_t i = 0; one->phrase && i < one->phrase->refinement_count; i++)
		if (strcmp(one->phrase->refinements[i].name, name) == 0 && one->phrase->refinements[i].argument_count == 1)
			return one->phrase->refinements[i].arguments[0].text;
	return NULL;
}

static bool contains(const vg_alert *alert, const char *text)
{
	return (alert->summary && strstr(alert->summary, text)) || (alert->detail && strstr(alert->detail, text));
}

static bool says(const vg_alert *alert, const expected *one)
{
	const char *wanted = behind(one, "saying"), *unwanted = behind(one, "not_saying");
	return (!wanted || contains(alert, wanted)) && (!unwanted || !contains(alert, unwanted));
}

static bool holds(const vg_expectation *expectation, const expected *one, const struct meaning *meaning)
{
	const vg_answer *answer = expectation->answer;
	const vg_alert *alert = find_alert(answer, one->rule);
	const vg_screening *screening = find_screening(answer, one->rule);
	const char *severity = behind(one, "with_severity");
	if (find_error(answer, one->rule))
		return false;
	if (meaning->screening)
		return screening && screening->status == meaning->status;
	if (strcmp(one->word, "") == 0 && screening)
		return screening->status == VG_OVERDUE || screening->status == VG_DUE_SOON;
	if (strcmp(one->word, "ask") == 0)
		return alert && alert->ask;
	if (strcmp(one->word, "silent") == 0)
		return !alert && !(screening && (screening->status == VG_OVERDUE || screening->status == VG_DUE_SOON));
	if (strcmp(one->word, "not_evaluated") == 0)
		return find_unknown(answer, one->rule) != NULL;
	return alert && !alert->ask && says(alert, one) &&
	       (!severity || strcmp(severity, vg_severity_name(alert->severity)) == 0);
}

static void compare_one(vg_expectation *expectation, const expected *one)
{
	const struct meaning *meaning = meaning_of(one->word);
	vg_buffer *out = &expectation->wrong;
	if (holds(expectation, one, meaning))
		return;
	vg_add(out, out->length ? " " : "");
	if (!exists(expectation->world, one->rule)) {
		complain_unknown(expectation, one->rule);
		return;
	}
	const char *severity = behind(one, "with_severity");
	vg_addf(out, "Expected %s%s\"%s\"%s%s, but ", *one->word ? one->word : "", *one->word ? " " : "", one->rule,
		severity ? " with severity " : "", severity ? severity : "");
	add_what_came(expectation, one->rule);
	const vg_alert *alert = find_alert(expectation->answer, one->rule);
	if (alert && !alert->ask && !says(alert, one))
		vg_addf(out, " Its text is: %s", alert->detail ? alert->detail : "");
}

/* Alerts that expect_only does not name: of rules in service, and of the example's own file. */
static void compare_rest(vg_expectation *expectation, const vg_item *only)
{
	const vg_answer *answer = expectation->answer;
	for (size_t i = 0; i < answer->alert_count; i++) {
		const vg_alert *alert = &answer->alerts[i];
		bool counts = alert->status == VG_STATUS_ACTIVE || (alert->lua_rule && same_file(expectation, alert->lua_rule));
		bool named = false;
		for (size_t k = 0; k < only->item_count; k++) {
			expected one;
			named |= read_expected(&only->items[k], &one) && is_named(alert, one.rule) &&
				 strcmp(one.word, "silent") != 0;
		}
		if (counts && !named)
			vg_addf(&expectation->wrong, "%sExpected nothing else, but \"%s\" %s.",
				expectation->wrong.length ? " " : "", alert->rule, alert->ask ? "asks" : "alerts");
	}
}

void vg_example_compare(vg_expectation *expectation)
{
	static const char *const lines[] = {"expect", "expect_only"};
	for (size_t k = 0; k < VG_COUNT(lines); k++) {
		const vg_item *list = vg_example_line(expectation->example, lines[k]);
		expected one;
		if (!list)
			continue;
		for (size_t i = 0; i < list->item_count; i++)
			if (read_expected(&list->items[i], &one))
				compare_one(expectation, &one);
			else
				vg_addf(&expectation->wrong,
					"%sThe %s item of `%s` is neither a rule's id nor a word such as silent \"…\".",
					expectation->wrong.length ? " " : "", i == 0 ? "first" : "next", lines[k]);
		if (k == 1)
			compare_rest(expectation, list);
	}
	if (expectation->wrong.length)
		add_others(expectation);
}
