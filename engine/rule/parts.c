/*
 * The lines that many kinds of rules have: cases, needs, suggestions, reasons
 * for overriding, and who answers for the rule.
 */
#include "rule/rule_internal.h"

static const char severities[] = "info|warning|critical";
static const char case_severities[] = "info|warning|critical|silent";
static const char statuses[] = "draft|shadow|active|retired";

/* A table whose list part holds items; reports anything else. */
static bool is_list(vg_compiler *compiler, const vg_item *item, const char *line)
{
	if (item->kind == VG_ITEM_TABLE && !item->field_count) {
		if (item->item_count)
			return true;
		VG_COMPLAIN(compiler, VG216, item->place, "Write what belongs there, or take the line out.",
			    "`%s` has an empty list.", line);
		return false;
	}
	VG_COMPLAIN(compiler, VG205, item->place, vg_format(&compiler->scratch, "Write %s = { …, … }.", line),
		    "`%s` is a list.", line);
	return false;
}

/* ---- cases ---------------------------------------------------------------------- */

static void check_case_lines(vg_compiler *compiler, const vg_item *item)
{
	static const char lines[] = "if_any if_all severity say";
	for (size_t i = 0; i < item->field_count; i++)
		if (!vg_list_has(lines, item->fields[i].name))
			VG_COMPLAIN(compiler, VG203, item->fields[i].place,
				    vg_advise(compiler, vg_list_nearest(&compiler->scratch, lines, item->fields[i].name),
					      "A case has if_any or if_all, severity and say."),
				    "A case has no line \"%s\".", item->fields[i].name);
}

static bool compile_case(vg_compiler *compiler, const vg_item *item, const vg_rule *rule, vg_case *ret)
{
	if (item->kind != VG_ITEM_TABLE || item->item_count) {
		VG_COMPLAIN(compiler, VG205, item->place, "Write { if_any = { … }, severity = \"info\", say = \"…\" }.",
			    "A case is a table of its own.");
		return false;
	}
	check_case_lines(compiler, item);
	const vg_item *any = vg_item_field(item, "if_any"), *all = vg_item_field(item, "if_all");
	const vg_item *severity = vg_item_field(item, "severity"), *say = vg_item_field(item, "say");
	*ret = (vg_case){
	    .node = VG_NO_NODE, .severity = (vigil_severity)rule->severity, .place = vg_keep_place(compiler, item->place)};
	if (!any == !all) {
		VG_COMPLAIN(compiler, VG204, item->place, "Write one of if_any = { … } and if_all = { … }.", "A case has %s.",
			    any ? "both if_any and if_all" : "no condition");
		return false;
	}
	if (!severity && !say)
		VG_COMPLAIN(compiler, VG204, item->place, "Add severity, say, or both.", "A case changes nothing.");
	if (severity) {
		int choice = vg_take_choice(compiler, severity, "the severity of a case", case_severities);
		ret->silences = choice == 3;
		ret->changes_severity = choice >= 0 && choice < 3;
		if (ret->changes_severity)
			ret->severity = (vigil_severity)choice;
	}
	/* What lowers needs as much evidence as what silences. */
	compiler->strict = !(ret->changes_severity && (int)ret->severity > (int)rule->severity);
	ret->node = vg_compile_list(compiler, any ? any : all, any ? VG_NODE_ANY : VG_NODE_ALL, any ? "if_any" : "if_all");
	compiler->strict = false;
	if (say)
		ret->say = vg_compile_text(compiler, say, "say");
	return ret->node != VG_NO_NODE;
}

void vg_compile_cases(vg_compiler *compiler, const vg_item *item, vg_rule *rule)
{
	if (!is_list(compiler, item, "cases"))
		return;
	vg_case *cases = vg_alloc_array(&compiler->book->arena, item->item_count, sizeof *cases);
	if (!cases)
		return;
	for (size_t i = 0; i < item->item_count; i++)
		compile_case(compiler, &item->items[i], rule, &cases[i]);
	rule->cases = cases;
	rule->case_count = item->item_count;
}

/* ---- needs of a check function ----------------------------------------------------- */

static bool compile_need(vg_compiler *compiler, const vg_field *field, vg_need *ret)
{
	const vg_item *item = &field->value;
	ret->name = vg_keep_text(compiler, field->name);
	if (item->kind == VG_ITEM_PHRASE && item->phrase && vg_same_text(item->phrase->word, "optional")) {
		if (item->phrase->argument_count != 1 || item->phrase->refinement_count) {
			VG_COMPLAIN(compiler, VG210, item->place, "Write optional(latest \"x\" :within \"1 year\").",
				    "`optional` takes one condition.");
			return false;
		}
		ret->optional = true;
		item = &item->phrase->arguments[0];
	}
	if (item->kind != VG_ITEM_PHRASE || !item->phrase) {
		VG_COMPLAIN(compiler, VG217, field->place, "Write egfr = latest \"eGFR\" :within \"1 year\".",
			    "The need %s is %s, not a word.", field->name, vg_item_kind_text(item->kind));
		return false;
	}
	const vg_word_info *info = vg_word_find(item->phrase->word);
	if (info && vg_word_id_of(info) <= VG_WORD_NAMED) {
		VG_COMPLAIN(compiler, VG267, item->place,
			    "List the conditions as needs of their own; the function can join them.", "The need %s is a list.",
			    field->name);
		return false;
	}
	/* The function may conclude either way, so it reads nothing that an incomplete section only seems to show. */
	unsigned frame = compiler->frame;
	compiler->frame = VG_FRAME_NEED;
	compiler->strict = true;
	ret->leaf = vg_compile_phrase(compiler, item->phrase, NULL, NULL);
	compiler->strict = false;
	compiler->frame = frame;
	return ret->leaf != VG_NO_LEAF;
}

void vg_compile_needs(vg_compiler *compiler, const vg_item *item, vg_rule *rule)
{
	if (item->kind != VG_ITEM_TABLE || item->item_count || !item->field_count) {
		VG_COMPLAIN(compiler, VG205, item->place, "Write needs = { egfr = latest \"eGFR\" :within \"1 year\" }.",
			    "Every need has a name.");
		return;
	}
	vg_need *needs = vg_alloc_array(&compiler->book->arena, item->field_count, sizeof *needs);
	if (!needs)
		return;
	for (size_t i = 0; i < item->field_count; i++)
		compile_need(compiler, &item->fields[i], &needs[i]);
	rule->needs = needs;
	rule->need_count = item->field_count;
}

/* ---- suggestions -------------------------------------------------------------------- */

static bool compile_action(vg_compiler *compiler, const vg_item *item, vg_action *ret)
{
	const char *label, *url;
	if (item->kind != VG_ITEM_PHRASE || !item->phrase) {
		VG_COMPLAIN(
		    compiler, VG217, item->place,
		    "Write cancel_this_order, order_instead \"x\", order \"x\", postpone_this_order \"…\" or link(\"…\", url).",
		    "A suggestion is needed, but here stands %s.", vg_item_kind_text(item->kind));
		return false;
	}
	const vg_phrase *phrase = item->phrase;
	const vg_word_info *info = vg_phrase_word(compiler, phrase, VG_WORD_ACTION, "behind suggest");
	if (!info || !vg_check_refinements(compiler, phrase, info, VG_WORD_ACTION))
		return false;
	vg_word_id word = vg_word_id_of(info);
	ret->kind = word == VG_WORD_CANCEL_THIS_ORDER     ? VG_CANCEL_THIS_ORDER
		    : word == VG_WORD_ORDER_INSTEAD       ? VG_ORDER_INSTEAD
		    : word == VG_WORD_ORDER               ? VG_ORDER
		    : word == VG_WORD_POSTPONE_THIS_ORDER ? VG_POSTPONE_THIS_ORDER
							  : VG_LINK;
	if (ret->kind != VG_ORDER && ret->kind != VG_LINK && !(compiler->frame & VG_FRAME_ORDER)) {
		VG_COMPLAIN(compiler, VG262, item->place, "Suggest order \"x\" or a link.",
			    "`%s` has no order to speak of in this rule.", info->name);
		return false;
	}
	if (ret->kind == VG_CANCEL_THIS_ORDER)
		return true;
	if (!vg_take_text(compiler, &phrase->arguments[0], info->name, &label))
		return false;
	if (ret->kind == VG_ORDER || ret->kind == VG_ORDER_INSTEAD) {
		ret->set = vg_find_set(compiler, label, phrase->arguments[0].place, 0, info->name);
		if (ret->set && !vg_set_preferred(compiler->knowledge, ret->set))
			VG_COMPLAIN(compiler, VG223, phrase->arguments[0].place,
				    "Mark one of the set's codes with `yes` in the column preferred.",
				    "\"%s\" has no preferred code that could be ordered.", label);
		return ret->set != 0;
	}
	ret->label = vg_keep_text(compiler, label);
	if (ret->kind == VG_POSTPONE_THIS_ORDER)
		return true;
	if (!vg_take_text(compiler, &phrase->arguments[1], "the address of a link", &url))
		return false;
	ret->url = vg_keep_text(compiler, url);
	if (vg_starts_with(url, "https://") || vg_starts_with(url, "http://"))
		return true;
	VG_COMPLAIN(compiler, VG205, phrase->arguments[1].place, "It begins with https://.", "\"%s\" is no address of the web.",
		    url);
	return false;
}

void vg_compile_actions(vg_compiler *compiler, const vg_item *item, vg_rule *rule)
{
	if (!is_list(compiler, item, "suggest"))
		return;
	vg_action *actions = vg_alloc_array(&compiler->book->arena, item->item_count, sizeof *actions);
	if (!actions)
		return;
	for (size_t i = 0; i < item->item_count; i++)
		compile_action(compiler, &item->items[i], &actions[i]);
	rule->actions = actions;
	rule->action_count = item->item_count;
}

/* ---- governance ------------------------------------------------------------------------ */

const char *const *vg_compile_text_list(vg_compiler *compiler, const vg_item *item, const char *line, size_t *ret_count)
{
	*ret_count = 0;
	if (!is_list(compiler, item, line))
		return NULL;
	const char **texts = vg_alloc_array(&compiler->book->arena, item->item_count, sizeof *texts);
	for (size_t i = 0; texts && i < item->item_count; i++) {
		const char *text = "";
		vg_take_text(compiler, &item->items[i], line, &text);
		texts[i] = vg_keep_text(compiler, text);
	}
	*ret_count = texts ? item->item_count : 0;
	return texts;
}

/* One line of evidence; years may be written as numbers. */
static const char *evidence_text(vg_compiler *compiler, const vg_item *evidence, const char *name)
{
	const vg_item *item = evidence ? vg_item_field(evidence, name) : NULL;
	const char *text = "";
	char number[32];
	if (item && item->kind == VG_ITEM_NUMBER && vg_number_text(item->number, number))
		return vg_keep_text(compiler, number);
	if (item)
		vg_take_text(compiler, item, name, &text);
	return vg_keep_text(compiler, text);
}

static void compile_evidence(vg_compiler *compiler, const vg_item *evidence, vg_place place, vg_rule *rule)
{
	static const char lines[] = "title url publisher year grade source verified";
	if (evidence && evidence->kind != VG_ITEM_TABLE) {
		VG_COMPLAIN(compiler, VG205, evidence->place, "Write evidence = { title = \"…\", url = \"…\" }.",
			    "`evidence` is a table.");
		evidence = NULL;
	}
	for (size_t i = 0; evidence && i < evidence->field_count; i++)
		if (!vg_list_has(lines, evidence->fields[i].name))
			VG_COMPLAIN(compiler, VG203, evidence->fields[i].place,
				    vg_advise(compiler, vg_list_nearest(&compiler->scratch, lines, evidence->fields[i].name),
					      "It has title, url, publisher, year, grade, source and verified."),
				    "`evidence` has no line \"%s\".", evidence->fields[i].name);
	rule->evidence = (vg_evidence_source){
	    .title = evidence_text(compiler, evidence, "title"),
	    .url = evidence_text(compiler, evidence, "url"),
	    .publisher = evidence_text(compiler, evidence, "publisher"),
	    .year = evidence_text(compiler, evidence, "year"),
	    .grade = evidence_text(compiler, evidence, "grade"),
	    .source = evidence_text(compiler, evidence, "source"),
	    .verified = evidence_text(compiler, evidence, "verified"),
	};
	if (!*rule->evidence.title && rule->status != VG_STATUS_RETIRED)
		VG_COMPLAIN(compiler, VG290, place,
			    "Add evidence = { title = \"…\", url = \"…\", publisher = \"…\", year = 2024 }.",
			    "Nothing says what the rule rests on.");
}

void vg_compile_governance(vg_compiler *compiler, const vg_item *body, vg_place place, vg_rule *rule)
{
	const vg_item *item;
	const char *text;
	vg_when when;
	int choice;
	rule->owner = rule->review_by = "";
	rule->severity = VIGIL_SEVERITY_INFO;
	rule->status = VG_STATUS_ACTIVE;
	if ((item = vg_item_field(body, "severity")) && (choice = vg_take_choice(compiler, item, "severity", severities)) >= 0)
		rule->severity = (uint8_t)choice;
	if ((item = vg_item_field(body, "status")) && (choice = vg_take_choice(compiler, item, "status", statuses)) >= 0)
		rule->status = (uint8_t)choice;
	if ((item = vg_item_field(body, "owner")) && vg_take_text(compiler, item, "owner", &text))
		rule->owner = vg_keep_text(compiler, text);
	if ((item = vg_item_field(body, "review_by")) && vg_take_date(compiler, item, "review_by", &when))
		rule->review_by = vg_keep_text(compiler, item->text);
	if ((item = vg_item_field(body, "accept_override")))
		rule->override_reasons = vg_compile_text_list(compiler, item, "accept_override", &rule->override_count);
	if ((item = vg_item_field(body, "replaces")))
		rule->replaces = vg_compile_text_list(compiler, item, "replaces", &rule->replaces_count);
	compile_evidence(compiler, vg_item_field(body, "evidence"), place, rule);
}
