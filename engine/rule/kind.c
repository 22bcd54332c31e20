/*
 * One declaration to one rule: the lines of each kind.
 *
 * All kinds end in the same form: occasions (triggers) with the sets that set
 * them off, requirements, exceptions, cases, texts.  What a kind adds of its
 * own (a pair, a class, a test, a schedule) is told in rule.h.
 */
#include "rule/rule_internal.h"

static const char if_unknowns[] = "stay silent|ask|warn";

static const char *const kind_names[] = {
    [VG_KIND_INTERACTION] = "interaction",
    [VG_KIND_ALLERGY] = "allergy",
    [VG_KIND_CONTRAINDICATION] = "contraindication",
    [VG_KIND_DUPLICATE_THERAPY] = "duplicate_therapy",
    [VG_KIND_DUPLICATE_TEST] = "duplicate_test",
    [VG_KIND_SCREENING] = "screening",
    [VG_KIND_RULE] = "rule",
};

const char *vg_rule_kind_name(vg_rule_kind kind) { return kind_names[kind]; }

const char *vg_severity_name(vigil_severity severity)
{
	static const char *const names[] = {"info", "warning", "critical"};
	return names[severity];
}

const char *vg_rule_status_name(vg_rule_status status)
{
	static const char *const names[] = {"draft", "shadow", "active", "retired"};
	return names[status];
}

static int kind_of_name(const char *name)
{
	for (size_t i = 0; i < VG_COUNT(kind_names); i++)
		if (vg_same_text(kind_names[i], name))
			return (int)i;
	return -1;
}

/* ---- lines ---------------------------------------------------------------------- */

bool vg_check_lines(vg_compiler *compiler, const vg_kind_info *kind, const vg_declaration *declaration)
{
	const vg_item *body = &declaration->body;
	bool good = true;
	if (body->kind != VG_ITEM_TABLE || body->item_count) {
		VG_COMPLAIN(compiler, VG217, body->item_count ? body->items[0].place : declaration->place,
			    "Every line of a rule has a name: title = \"…\", if_all = { … }.",
			    "Something stands in the %s without a name.", kind->name);
		return false;
	}
	for (size_t i = 0; i < body->field_count; i++) {
		if (vg_list_has(kind->fields, body->fields[i].name))
			continue;
		VG_COMPLAIN(
		    compiler, VG203, body->fields[i].place,
		    vg_advise(compiler, vg_list_nearest(&compiler->scratch, kind->fields, body->fields[i].name),
			      vg_format(&compiler->scratch, "It takes %s.", vg_list_text(&compiler->scratch, kind->fields))),
		    "`%s` has no line \"%s\".", kind->name, body->fields[i].name);
		good = false;
	}
	for (const char *at = kind->fields; *at; at += strcspn(at, " "), at += *at == ' ') {
		size_t length = strcspn(at, "! ");
		if (at[length] != '!')
			continue;
		const char *name = vg_copy_text(&compiler->scratch, at, length);
		if (!name)
			return false;
		if (vg_item_field(body, name))
			continue;
		VG_COMPLAIN(compiler, VG204, declaration->place, vg_format(&compiler->scratch, "Write it so: %s", kind->usage),
			    "The %s has no line \"%s\".", kind->name, name);
		good = false;
	}
	return good;
}

static vg_set set_line(vg_compiler *compiler, const vg_item *body, const char *line, unsigned uses)
{
	const vg_item *item = vg_item_field(body, line);
	const char *name;
	if (!item || !vg_take_text(compiler, item, line, &name))
		return 0;
	return vg_find_set(compiler, name, item->place, uses, line);
}

/* ---- occasions ----------------------------------------------------------------------- */

static void compile_occasion(vg_compiler *compiler, const vg_item *body, const char *line, unsigned trigger, vg_rule *rule)
{
	const vg_item *item = vg_item_field(body, line);
	if (!item)
		return;
	if (item->kind != VG_ITEM_BOOLEAN || !item->boolean) {
		VG_COMPLAIN(compiler, VG205, item->place, "Write true, or take the line out.", "`%s` is true or not there.",
			    line);
		return;
	}
	rule->triggers |= trigger;
}

static void compile_occasions(vg_compiler *compiler, const vg_declaration *declaration, vg_rule *rule)
{
	const vg_item *body = &declaration->body, *item = vg_item_field(body, "when_ordering");
	if (item && item->kind == VG_ITEM_PHRASE && item->phrase && vg_same_text(item->phrase->word, "anything")) {
		rule->triggers |= VG_ON_ANY_ORDER;
	} else if (item) {
		rule->ordering = set_line(compiler, body, "when_ordering", 0);
		rule->triggers |= VG_ON_ORDERING;
	}
	if (vg_item_field(body, "when_taking")) {
		rule->taking = set_line(compiler, body, "when_taking", VG_USE_DRUG);
		rule->triggers |= VG_ON_TAKING;
	}
	compile_occasion(compiler, body, "when_opening_chart", VG_ON_CHART, rule);
	compile_occasion(compiler, body, "when_discharging", VG_ON_DISCHARGE, rule);
	if (!rule->triggers)
		VG_COMPLAIN(compiler, VG260, declaration->place,
			    "Write when_ordering = \"drug\", when_taking = \"drug\", when_opening_chart = true or "
			    "when_discharging = true.",
			    "Nothing says when the rule is asked.");
	/* A rule that also speaks of no order cannot name one in its conditions. */
	if ((rule->triggers & (VG_ON_ORDERING | VG_ON_ANY_ORDER | VG_ON_TAKING)) &&
	    !(rule->triggers & (VG_ON_CHART | VG_ON_DISCHARGE)))
		compiler->frame = VG_FRAME_ORDER;
}

/* ---- what each kind has of its own ------------------------------------------------------ */

static void compile_still_counts(vg_compiler *compiler, const vg_item *item, vg_rule *rule)
{
	if (item->kind != VG_ITEM_TABLE || item->item_count || !item->field_count) {
		VG_COMPLAIN(compiler, VG205, item->place, "Write still_counts = { [\"MAO inhibitor\"] = \"14 days\" }.",
			    "`still_counts` names a set of the pair and a period.");
		return;
	}
	for (size_t i = 0; i < item->field_count; i++) {
		const vg_field *field = &item->fields[i];
		vg_set set = vg_find_set(compiler, field->name, field->place, VG_USE_DRUG, "still_counts");
		vg_duration duration;
		if (!set || !vg_take_duration(compiler, &field->value, "still_counts", &duration))
			continue;
		if (set != rule->pair[0] && set != rule->pair[1])
			VG_COMPLAIN(compiler, VG205, field->place, "Name one of the two sets behind between.",
				    "\"%s\" is not one of the pair.", field->name);
		for (int side = 0; side < 2; side++)
			if (set == rule->pair[side])
				rule->still_counts[side] = duration;
	}
}

static void compile_interaction(vg_compiler *compiler, const vg_item *body, vg_rule *rule)
{
	const vg_item *pair = vg_item_field(body, "between"), *still = vg_item_field(body, "still_counts");
	compiler->frame = VG_FRAME_ORDER | VG_FRAME_PAIR;
	rule->triggers = VG_ON_PAIR;
	if (pair && (pair->kind != VG_ITEM_TABLE || pair->item_count != 2 || pair->field_count)) {
		VG_COMPLAIN(compiler, VG205, pair->place, "Write between = { \"warfarin\", \"systemic NSAID\" }.",
			    "`between` names two sets.");
		pair = NULL;
	}
	for (int side = 0; pair && side < 2; side++) {
		const char *name;
		if (vg_take_text(compiler, &pair->items[side], "between", &name))
			rule->pair[side] = vg_find_set(compiler, name, pair->items[side].place, VG_USE_DRUG, "between");
	}
	if (still)
		compile_still_counts(compiler, still, rule);
}

static void compile_allergy(vg_compiler *compiler, const vg_item *body, vg_rule *rule)
{
	compiler->frame = VG_FRAME_ORDER | VG_FRAME_PAIR;
	rule->triggers = VG_ON_PAIR;
	rule->pair[0] = set_line(compiler, body, "allergic_to", 0);
	rule->pair[1] = set_line(compiler, body, "when_ordering", VG_USE_DRUG);
}

static void compile_therapy(vg_compiler *compiler, const vg_item *body, vg_rule *rule)
{
	const vg_item *class = vg_item_field(body, "class"), *at_most = vg_item_field(body, "at_most");
	const char *name;
	compiler->frame = VG_FRAME_ORDER | VG_FRAME_PAIR;
	rule->at_most = 1;
	if (at_most)
		vg_take_count(compiler, at_most, "at_most", 1, 32, &rule->at_most);
	if (!class || !vg_take_text(compiler, class, "class", &name))
		return;
	if (vg_same_fold(name, "same ingredient")) {
		rule->triggers = VG_ON_ANY_ORDER;
		return;
	}
	rule->triggers = VG_ON_ORDERING;
	rule->subject = rule->ordering = vg_find_set(compiler, name, class->place, VG_USE_DRUG, "class");
}

static void compile_test(vg_compiler *compiler, const vg_item *body, vg_rule *rule)
{
	const vg_item *within = vg_item_field(body, "within");
	compiler->frame = VG_FRAME_ORDER;
	rule->triggers = VG_ON_ORDERING;
	rule->subject = rule->ordering = set_line(compiler, body, "test", VG_USE_RESULT | VG_USE_PROCEDURE);
	if (within)
		vg_take_duration(compiler, within, "within", &rule->interval);
}

static void compile_screening(vg_compiler *compiler, const vg_item *body, vg_rule *rule)
{
	compiler->frame = VG_FRAME_SCHEDULE;
	rule->triggers = VG_ON_CHART;
	vg_compile_schedule(compiler, body, rule);
	const vg_item *item = vg_item_field(body, "remind");
	if (item)
		rule->remind = vg_compile_text(compiler, item, "remind");
}

static void compile_kind(vg_compiler *compiler, const vg_declaration *declaration, vg_rule *rule)
{
	const vg_item *body = &declaration->body;
	switch (rule->kind) {
	case VG_KIND_INTERACTION:
		compile_interaction(compiler, body, rule);
		break;
	case VG_KIND_ALLERGY:
		compile_allergy(compiler, body, rule);
		break;
	case VG_KIND_DUPLICATE_THERAPY:
		compile_therapy(compiler, body, rule);
		break;
	case VG_KIND_DUPLICATE_TEST:
		compile_test(compiler, body, rule);
		break;
	case VG_KIND_SCREENING:
		compile_screening(compiler, body, rule);
		break;
	default:
		compile_occasions(compiler, declaration, rule);
		break;
	}
}

/* ---- conditions and texts ------------------------------------------------------------------ */

static void compile_conditions(vg_compiler *compiler, const vg_item *body, vg_rule *rule)
{
	const vg_item *item;
	const char *line = rule->kind == VG_KIND_SCREENING ? "for_patients" : "if_all";
	rule->requires = rule->unless = VG_NO_NODE;
	compiler->strict = false;
	if ((item = vg_item_field(body, line)))
	rule->requires = vg_compile_list(compiler, item, VG_NODE_ALL, line);
	compiler->strict = true;
	if ((item = vg_item_field(body, "unless_any")))
		rule->unless = vg_compile_list(compiler, item, VG_NODE_ANY, "unless_any");
	compiler->strict = false;
	if ((item = vg_item_field(body, "cases")))
		vg_compile_cases(compiler, item, rule);
}

static void compile_check(vg_compiler *compiler, const vg_declaration *declaration, vg_rule *rule)
{
	const vg_item *check = vg_item_field(&declaration->body, "check"), *needs = vg_item_field(&declaration->body, "needs");
	if (needs)
		vg_compile_needs(compiler, needs, rule);
	if (check && check->kind != VG_ITEM_FUNCTION) {
		VG_COMPLAIN(compiler, VG205, check->place, "Write check = function(p, this_order) … end.",
			    "`check` is a function.");
	} else if (check && !needs) {
		VG_COMPLAIN(compiler, VG265, check->place, "Add needs = { … } with what the function reads.",
			    "The function has no list of what it needs.");
	} else if (check) {
		rule->check = check->function + 1;
	} else if (needs) {
		VG_COMPLAIN(compiler, VG266, needs->place, "Add the check function, or take the line out.",
			    "`needs` stands without a check function.");
	}
}

static void compile_unknown(vg_compiler *compiler, const vg_declaration *declaration, vg_rule *rule)
{
	const vg_item *item = vg_item_field(&declaration->body, "if_unknown"), *ask = vg_item_field(&declaration->body, "ask");
	int choice = item ? vg_take_choice(compiler, item, "if_unknown", if_unknowns) : VG_STAY_SILENT;
	rule->if_unknown = choice < 0 ? VG_STAY_SILENT : (uint8_t)choice;
	if (ask)
		rule->ask = vg_compile_text(compiler, ask, "ask");
	if (rule->if_unknown == VG_ASK && !ask)
		VG_COMPLAIN(compiler, VG263, item->place, "Add ask = \"what the clinician should find out\".",
			    "The rule asks, but has no text to ask with.");
	if (ask && rule->if_unknown != VG_ASK && rule->kind != VG_KIND_SCREENING)
		VG_COMPLAIN(compiler, VG264, ask->place, "Add if_unknown = \"ask\", or take the text out.",
			    "The text behind ask is never shown.");
}

static void compile_title(vg_compiler *compiler, const vg_item *body, vg_rule *rule)
{
	const vg_item *item = vg_item_field(body, "title");
	const char *text = "";
	if (item && vg_take_text(compiler, item, "title", &text) && vg_utf8_count(text) > 139)
		VG_COMPLAIN(compiler, VG253, item->place, "Keep the title short; details belong into warn.",
			    "The title has %zu characters, and a card takes fewer than 140.", vg_utf8_count(text));
	if (strpbrk(text, "{}"))
		VG_COMPLAIN(compiler, VG251, item->place, "Put what differs from patient to patient into warn.",
			    "A title has no placeholders.");
	rule->title = vg_keep_text(compiler, text);
}

static void check_everyone(vg_compiler *compiler, const vg_declaration *declaration, const vg_rule *rule)
{
	bool unselective = rule->triggers & (VG_ON_CHART | VG_ON_DISCHARGE | VG_ON_ANY_ORDER);
	if (rule->kind == VG_KIND_RULE && unselective && rule->requires == VG_NO_NODE && !rule->check)
		VG_COMPLAIN(compiler, VG261, declaration->place, "Add if_all = { … } with what the patient must have.",
			    "The rule has no requirement and fires for everyone.");
}

/* An id is what people write into expectations, exceptions and reports. */
static bool good_id(vg_compiler *compiler, const vg_declaration *declaration)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
	const char *id = declaration->id;
	if (id && *id && strlen(id) <= 100 && id[strspn(id, letters)] == '\0')
		return true;
	VG_COMPLAIN(compiler, VG207, declaration->place,
		    "Write letters, digits, hyphens, dots and underscores: \"warfarin-nsaid\".",
		    "The rule's id \"%s\" cannot be used.", id ? id : "");
	return false;
}

bool vg_compile_rule(vg_compiler *compiler, const vg_declaration *declaration, const char *family, vg_rule *ret)
{
	int kind = kind_of_name(declaration->kind);
	compiler->rule = declaration->id;
	compiler->failed = false;
	compiler->strict = false;
	compiler->frame = compiler->speaks = 0;
	vg_rule *rule = vg_alloc(&compiler->scratch, sizeof *rule);
	if (!rule || kind < 0 || !good_id(compiler, declaration) ||
	    !vg_check_lines(compiler, vg_kind_find(declaration->kind), declaration))
		return false;
	rule->id = vg_keep_text(compiler, declaration->id);
	rule->kind = (uint8_t)kind;
	rule->family = family;
	rule->place = vg_keep_place(compiler, declaration->place);
	rule->pack = declaration->pack;
	vg_compile_governance(compiler, &declaration->body, declaration->place, rule);
	compile_title(compiler, &declaration->body, rule);
	compile_kind(compiler, declaration, rule);
	compile_conditions(compiler, &declaration->body, rule);
	compile_check(compiler, declaration, rule);
	compile_unknown(compiler, declaration, rule);
	const vg_item *item = vg_item_field(&declaration->body, "warn");
	if (item)
		rule->warn = vg_compile_text(compiler, item, "warn");
	if ((item = vg_item_field(&declaration->body, "suggest")))
		vg_compile_actions(compiler, item, rule);
	check_everyone(compiler, declaration, rule);
	rule->bound = compiler->speaks != 0;
	if (!compiler->failed)
		vg_check_tree(compiler, rule->requires, rule->unless);
	*ret = *rule;
	return !compiler->failed;
}
