/*
 * Schedules of screenings: satisfied_by = { done "colonoscopy" :every "10 years", … }.
 *
 * An option is an event with an interval (:every) or without end (:once).
 * all { done "Pap test" :every "5 years", done "HPV test" :within "5 years" } is
 * one option: its first event has the interval, the others must hold besides.
 */
#include "rule/rule_internal.h"

static bool is_event(const char *word) { return vg_list_has("done resulted vaccinated visited", word); }

/* A single event with its interval. */
static bool compile_event(vg_compiler *compiler, const vg_item *item, vg_option *ret)
{
	static const char advice[] =
	    "Write done, resulted, vaccinated or visited, such as done \"colonoscopy\" :every \"10 years\".";
	if (item->kind != VG_ITEM_PHRASE || !item->phrase) {
		VG_COMPLAIN(compiler, VG217, item->place, advice, "An event is needed, but here stands %s.",
			    vg_item_kind_text(item->kind));
		return false;
	}
	if (vg_word_find(item->phrase->word) && !is_event(item->phrase->word)) {
		VG_COMPLAIN(compiler, VG272, item->place, advice, "`%s` is no event that a schedule could count from.",
			    item->phrase->word);
		return false;
	}
	ret->leaf = vg_compile_phrase(compiler, item->phrase, &ret->every, &ret->once);
	if (ret->leaf == VG_NO_LEAF)
		return false;
	const vg_leaf *leaf = &compiler->leaves[ret->leaf];
	if (vg_duration_given(leaf->within) || leaf->calendar || leaf->day_to != VG_NO_DAY) {
		VG_COMPLAIN(compiler, VG214, item->place,
			    "The interval of :every is the window; leave :within and :during out.",
			    "An option of a schedule has a window of its own.");
		return false;
	}
	return true;
}

static bool check_interval(vg_compiler *compiler, vg_place place, const vg_option *option)
{
	if (vg_duration_given(option->every) && option->once) {
		VG_COMPLAIN(compiler, VG214, place, "Keep one of them.", "An option has both :every and :once.");
		return false;
	}
	if (!vg_duration_given(option->every) && !option->once) {
		VG_COMPLAIN(compiler, VG270, place, "Add :every \"10 years\" or the like, or :once.",
			    "An option does not say for how long it counts.");
		return false;
	}
	if (option->every.hours) {
		VG_COMPLAIN(compiler, VG230, place, "Write days, months or years.", "A schedule is not counted in hours.");
		return false;
	}
	return true;
}

/* all { … }: the first is the event, the rest a condition. */
static bool compile_joint_option(vg_compiler *compiler, const vg_item *item, vg_option *ret)
{
	const vg_phrase *phrase = item->phrase;
	const vg_item *list = phrase->argument_count == 1 ? &phrase->arguments[0] : NULL;
	if (!list || list->kind != VG_ITEM_TABLE || list->field_count || list->item_count < 2) {
		VG_COMPLAIN(compiler, VG216, item->place,
			    "Write all { done \"a\" :every \"5 years\", done \"b\" :within \"5 years\" }.",
			    "`all` in a schedule needs an event and at least one more condition.");
		return false;
	}
	for (size_t i = 0; i < phrase->refinement_count; i++) {
		const vg_refinement *written = &phrase->refinements[i];
		if (vg_same_text(written->name, "once") && !written->argument_count)
			ret->once = true;
		else if (!vg_same_text(written->name, "every") || written->argument_count != 1 ||
			 !vg_take_duration(compiler, &written->arguments[0], "the interval of :every", &ret->every))
			VG_COMPLAIN(compiler, VG212, written->place, "It takes :every \"5 years\" or :once.",
				    "`all` does not take `:%s` here.", written->name);
	}
	bool good = compile_event(compiler, &list->items[0], ret);
	vg_item rest = *list;
	rest.items++;
	rest.item_count--;
	ret->also = vg_compile_list(compiler, &rest, VG_NODE_ALL, "all");
	return good && ret->also != VG_NO_NODE;
}

static bool compile_option(vg_compiler *compiler, const vg_item *item, vg_option *ret)
{
	*ret = (vg_option){.leaf = VG_NO_LEAF, .also = VG_NO_NODE, .place = vg_keep_place(compiler, item->place)};
	bool joint = item->kind == VG_ITEM_PHRASE && item->phrase && vg_same_text(item->phrase->word, "all");
	/* What shows that nothing is due silences the reminder. */
	compiler->strict = true;
	bool good = joint ? compile_joint_option(compiler, item, ret) : compile_event(compiler, item, ret);
	compiler->strict = false;
	return good && check_interval(compiler, item->place, ret);
}

static bool longer(vg_duration a, vg_duration b) { return vg_day_plus(0, a) > vg_day_plus(0, b); }

void vg_compile_schedule(vg_compiler *compiler, const vg_item *body, vg_rule *rule)
{
	const vg_item *item = vg_item_field(body, "due_soon"), *list = vg_item_field(body, "satisfied_by");
	if (item)
		vg_take_duration(compiler, item, "due_soon", &rule->due_soon);
	if (!list)
		return;
	if (list->kind != VG_ITEM_TABLE || list->field_count || !list->item_count) {
		VG_COMPLAIN(compiler, VG216, list->place, "Write satisfied_by = { done \"colonoscopy\" :every \"10 years\" }.",
			    "`satisfied_by` is a list of events.");
		return;
	}
	vg_option *options = vg_alloc_array(&compiler->book->arena, list->item_count, sizeof *options);
	if (!options)
		return;
	for (size_t i = 0; i < list->item_count; i++)
		if (compile_option(compiler, &list->items[i], &options[i]) && !options[i].once &&
		    !longer(options[i].every, rule->due_soon))
			VG_COMPLAIN(
			    compiler, VG273, list->items[i].place, "Make due_soon shorter.",
			    "The reminder begins before the event that it follows: due_soon is as long as the interval.");
	rule->options = options;
	rule->option_count = list->item_count;
}
