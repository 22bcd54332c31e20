/*
 * A phrase to a leaf: `latest "eGFR" :is_below "30 mL/min/1.73 m²" :within "1 year"`.
 *
 * The word and its refinements are checked against words.def and
 * refinements.def, each argument is read by its kind, and what remains is
 * consistent (consistent.c).  Every mistake is reported; the leaf is made only
 * when there was none.
 */
#include "rule/rule_internal.h"

static const char reactions[] = "mild|moderate|severe";
static const char settings[] = "inpatient|outpatient|emergency|home|virtual";
static const char sexes[] = "female|male|other";

/* ---- words and their refinements ------------------------------------------------ */

static const char *place_of_word(const vg_word_info *info)
{
	if (info->uses & VG_WORD_ACTION)
		return "It offers something to do and stands behind suggest.";
	if (info->uses & VG_WORD_NEED)
		return "It stands only behind needs, for a check function.";
	if (info->uses & VG_WORD_TRIGGER)
		return "It stands only behind when_ordering.";
	if (info->uses & VG_WORD_CONDITION)
		return "It is a condition and stands behind if_all, unless_any and the like.";
	return "It stands only in examples.";
}

/* The nearest word that may stand here. */
static const char *nearest_word(vg_compiler *compiler, const char *name, unsigned uses)
{
	size_t total, count = 0;
	const vg_word_info *all = vg_words(&total);
	const char **names = vg_alloc_array(&compiler->scratch, total, sizeof *names);
	for (size_t i = 0; names && i < total; i++)
		if (all[i].uses & uses)
			names[count++] = all[i].name;
	return names ? vg_nearest(name, names, count) : NULL;
}

const vg_word_info *vg_phrase_word(vg_compiler *compiler, const vg_phrase *phrase, unsigned uses, const char *here)
{
	const vg_word_info *info = vg_word_find(phrase->word);
	if (!info) {
		VG_COMPLAIN(
		    compiler, VG200, phrase->place,
		    vg_advise(compiler, nearest_word(compiler, phrase->word, uses), "`vigil help words` lists all words."),
		    "There is no word `%s`.", phrase->word);
		return NULL;
	}
	if (!(info->uses & uses)) {
		VG_COMPLAIN(compiler, VG201, phrase->place, place_of_word(info), "`%s` cannot stand %s.", info->name, here);
		return NULL;
	}
	size_t count = phrase->argument_count;
	if (count >= info->least_arguments && count <= info->most_arguments)
		return info;
	VG_COMPLAIN(compiler, VG210, phrase->place, vg_format(&compiler->scratch, "Write it so: %s", info->usage),
		    "`%s` takes %d %s, but here are %zu.", info->name, info->most_arguments,
		    info->most_arguments == 1 ? "argument" : "arguments", count);
	return NULL;
}

static bool refinement_allowed(const vg_word_info *info, const vg_refinement_info *refinement, unsigned uses)
{
	return (refinement->uses & uses) && vg_list_has(info->refinements, refinement->name);
}

/* "It takes :within and :since." */
static const char *allowed_text(vg_compiler *compiler, const vg_word_info *info, unsigned uses)
{
	size_t count;
	const vg_refinement_info *all = vg_refinements(&count);
	vg_buffer buffer;
	vg_buffer_init(&buffer, &compiler->scratch);
	for (size_t i = 0; i < count; i++)
		if (refinement_allowed(info, &all[i], uses))
			vg_addf(&buffer, "%s:%s", buffer.length ? ", " : "It takes ", all[i].name);
	if (!buffer.length)
		vg_add(&buffer, "It takes none");
	vg_add(&buffer, ".");
	return vg_buffer_text(&buffer);
}

static bool check_refinement(vg_compiler *compiler, const vg_phrase *phrase, size_t place, const vg_word_info *info,
			     unsigned uses)
{
	const vg_refinement *written = &phrase->refinements[place];
	const vg_refinement_info *refinement = vg_refinement_find(written->name);
	if (!refinement) {
		VG_COMPLAIN(compiler, VG211, written->place,
			    vg_advise(compiler, vg_list_nearest(&compiler->scratch, info->refinements, written->name),
				      allowed_text(compiler, info, uses)),
			    "There is no refinement `:%s`.", written->name);
		return false;
	}
	if (!refinement_allowed(info, refinement, uses)) {
		VG_COMPLAIN(compiler, VG212, written->place, allowed_text(compiler, info, uses),
			    "`%s` does not take `:%s` here.", info->name, written->name);
		return false;
	}
	for (size_t i = 0; i < place; i++)
		if (vg_same_text(phrase->refinements[i].name, written->name)) {
			VG_COMPLAIN(compiler, VG213, written->place, "Keep one of them, or write two conditions.",
				    "`:%s` stands twice.", written->name);
			return false;
		}
	if (written->argument_count < refinement->least_arguments || written->argument_count > refinement->most_arguments) {
		VG_COMPLAIN(compiler, VG210, written->place,
			    vg_format(&compiler->scratch, "Write it so: %s", refinement->usage),
			    "`:%s` takes %d %s, but here are %zu.", written->name, refinement->most_arguments,
			    refinement->most_arguments == 1 ? "argument" : "arguments", written->argument_count);
		return false;
	}
	return true;
}

bool vg_check_refinements(vg_compiler *compiler, const vg_phrase *phrase, const vg_word_info *info, unsigned uses)
{
	bool good = true;
	for (size_t i = 0; i < phrase->refinement_count; i++)
		good &= check_refinement(compiler, phrase, i, info, uses);
	return good;
}

/* ---- arguments of words ------------------------------------------------------------ */

/* What a word's set must be about; 0: anything. */
static unsigned uses_of_word(vg_word_id word)
{
	switch (word) {
	case VG_WORD_TAKING:
	case VG_WORD_WILL_BE_TAKING:
	case VG_WORD_STARTED:
	case VG_WORD_STOPPED:
	case VG_WORD_TOTAL_DAILY_DOSE:
		return VG_USE_DRUG;
	case VG_WORD_HAS_CONDITION:
	case VG_WORD_EVER_HAD:
	case VG_WORD_FAMILY_HISTORY_OF:
		return VG_USE_CONDITION;
	case VG_WORD_RESULTED:
	case VG_WORD_LATEST:
	case VG_WORD_READINGS:
		return VG_USE_RESULT | VG_USE_PROCEDURE; /* some laboratories code tests in SNOMED CT */
	case VG_WORD_DONE:
		return VG_USE_RESULT | VG_USE_PROCEDURE | VG_USE_IMMUNIZATION;
	case VG_WORD_VACCINATED:
		return VG_USE_IMMUNIZATION | VG_USE_DRUG;
	default:
		return 0;
	}
}

/* One unit more than an age: 75 years last until the day before the 76th birthday. */
static vg_duration age_after(const char *text, vg_duration age)
{
	if (strstr(text, "year"))
		age.months += 12;
	else if (strstr(text, "month"))
		age.months++;
	else if (strstr(text, "week"))
		age.days += 7;
	else
		age.days++;
	return age;
}

static bool take_ages(vg_compiler *compiler, const vg_phrase *phrase, vg_leaf *leaf)
{
	vg_duration ages[2] = {{0}, {0}};
	for (size_t i = 0; i < phrase->argument_count; i++)
		if (!vg_take_duration(compiler, &phrase->arguments[i], "the age", &ages[i]))
			return false;
	if (ages[0].hours || ages[1].hours) {
		VG_COMPLAIN(compiler, VG230, phrase->place, "Write years, months, weeks or days.",
			    "An age is not counted in hours.");
		return false;
	}
	leaf->low.text = vg_keep_text(compiler, phrase->arguments[0].text);
	if (leaf->word == VG_WORD_AGE_BELOW) {
		leaf->most = ages[0];
		return true;
	}
	leaf->least = ages[0];
	if (leaf->word == VG_WORD_AGE_AT_LEAST)
		return true;
	if (vg_day_plus(0, ages[1]) < vg_day_plus(0, ages[0])) {
		VG_COMPLAIN(compiler, VG229, phrase->place, "Write the lower age first.",
			    "No age lies between \"%s\" and \"%s\".", phrase->arguments[0].text, phrase->arguments[1].text);
		return false;
	}
	leaf->high.text = vg_keep_text(compiler, phrase->arguments[1].text);
	leaf->most = age_after(phrase->arguments[1].text, ages[1]);
	return true;
}

static bool take_word_choice(vg_compiler *compiler, const vg_phrase *phrase, vg_leaf *leaf, const char *what,
			     const char *choices)
{
	if (vg_take_choice(compiler, &phrase->arguments[0], what, choices) < 0)
		return false;
	leaf->argument = vg_keep_text(compiler, phrase->arguments[0].text);
	return true;
}

static bool take_set(vg_compiler *compiler, const vg_item *item, unsigned uses, const char *for_what, vg_set *ret)
{
	const char *name;
	if (!vg_take_text(compiler, item, "the name of a set", &name))
		return false;
	*ret = vg_find_set(compiler, name, item->place, uses, for_what);
	return *ret != 0;
}

/* Sets that a built-in word looks at without being told. */
static bool take_helpers(vg_compiler *compiler, vg_leaf *leaf)
{
	if (leaf->word == VG_WORD_PREGNANT) {
		leaf->helper_sets[0] = vg_find_builtin(compiler, VG_BUILTIN_PREGNANCY, leaf->place);
		leaf->helper_sets[1] = vg_find_builtin(compiler, VG_BUILTIN_DUE_DATE, leaf->place);
		leaf->helper_sets[2] = vg_find_builtin(compiler, VG_BUILTIN_PREGNANCY_STATUS, leaf->place);
		return leaf->helper_sets[0] != 0;
	}
	if (leaf->word == VG_WORD_IN_HOSPICE)
		return (leaf->helper_sets[0] = vg_find_builtin(compiler, VG_BUILTIN_HOSPICE, leaf->place)) != 0;
	return true;
}

static bool take_arguments(vg_compiler *compiler, const vg_phrase *phrase, const vg_word_info *info, vg_leaf *leaf)
{
	switch (leaf->word) {
	case VG_WORD_AGE_BETWEEN:
	case VG_WORD_AGE_AT_LEAST:
	case VG_WORD_AGE_BELOW:
		return take_ages(compiler, phrase, leaf);
	case VG_WORD_SEX:
		return take_word_choice(compiler, phrase, leaf, "the sex", sexes);
	case VG_WORD_IN_SETTING:
		return take_word_choice(compiler, phrase, leaf, "the setting", settings);
	default:
		if (vg_same_text(info->arguments, "set") &&
		    !take_set(compiler, &phrase->arguments[0], uses_of_word(leaf->word), info->name, &leaf->set))
			return false;
		return take_helpers(compiler, leaf);
	}
}

/* ---- arguments of refinements --------------------------------------------------------- */

static vg_comparison comparison_of(vg_refinement_id id)
{
	switch (id) {
	case VG_REFINE_IS_BELOW:
	case VG_REFINE_BELOW:
		return VG_BELOW;
	case VG_REFINE_IS_ABOVE:
	case VG_REFINE_ABOVE:
		return VG_ABOVE;
	case VG_REFINE_IS_AT_LEAST:
		return VG_AT_LEAST;
	case VG_REFINE_IS_AT_MOST:
		return VG_AT_MOST;
	case VG_REFINE_IS_BETWEEN:
		return VG_BETWEEN;
	case VG_REFINE_RISEN_BY:
		return VG_RISEN_BY;
	case VG_REFINE_FALLEN_BY:
		return VG_FALLEN_BY;
	default:
		return VG_NO_COMPARISON;
	}
}

/* "50 %" of a trend is a part of the earlier value. */
static bool take_change(vg_compiler *compiler, const vg_item *item, vg_leaf *leaf)
{
	const char *usual = vg_analyte_unit(compiler->knowledge, leaf->set);
	bool percent = item->kind == VG_ITEM_TEXT && strchr(item->text, '%');
	if (percent && usual && strchr(usual, '%')) {
		VG_COMPLAIN(compiler, VG227, item->place, "Compare the latest value with a limit, which has one meaning.",
			    "%s is itself measured in %%, so \"%s\" could mean two things.",
			    vg_set_name(compiler->knowledge, leaf->set), item->text);
		return false;
	}
	if (!vg_take_quantity(compiler, item, percent ? 0 : leaf->set, &leaf->low, NULL))
		return false;
	leaf->low.percent = percent;
	if (leaf->low.number > 0)
		return true;
	VG_COMPLAIN(compiler, VG225, item->place, "Write how much: \"50 %\", \"0.3 mg/dL\".", "A change by \"%s\" is none.",
		    leaf->low.text);
	return false;
}

/* "140/90 mm[Hg]": the readings are then looked for by their two parts. */
static bool take_pair(vg_compiler *compiler, vg_leaf *leaf, vg_place place)
{
	if (isnan(leaf->high.number)) {
		leaf->high = (vg_quantity){0};
		return true;
	}
	leaf->paired = true;
	leaf->helper_sets[0] = vg_find_builtin(compiler, VG_BUILTIN_SYSTOLIC, place);
	leaf->helper_sets[1] = vg_find_builtin(compiler, VG_BUILTIN_DIASTOLIC, place);
	leaf->helper_sets[2] = vg_find_builtin(compiler, VG_BUILTIN_BLOOD_PRESSURE, place);
	return leaf->helper_sets[0] && leaf->helper_sets[1];
}

static bool take_comparison(vg_compiler *compiler, const vg_refinement *written, vg_refinement_id id, vg_leaf *leaf)
{
	if (leaf->comparison != VG_NO_COMPARISON) {
		VG_COMPLAIN(compiler, VG214, written->place, "Use :is_between for two limits, or write two conditions.",
			    "One condition compares twice.");
		return false;
	}
	leaf->comparison = (uint8_t)comparison_of(id);
	if (leaf->comparison == VG_RISEN_BY || leaf->comparison == VG_FALLEN_BY)
		return take_change(compiler, &written->arguments[0], leaf);
	if (leaf->word == VG_WORD_TOTAL_DAILY_DOSE) {
		bool in_units = false;
		if (!vg_take_dose(compiler, &written->arguments[0], &leaf->low, &leaf->dose_in_units) ||
		    (written->argument_count > 1 && !vg_take_dose(compiler, &written->arguments[1], &leaf->high, &in_units)))
			return false;
		if (written->argument_count > 1 && in_units != leaf->dose_in_units) {
			VG_COMPLAIN(compiler, VG227, written->place, "Write both limits in the same kind of unit.",
				    "One limit is a mass, the other is not.");
			return false;
		}
	} else if (written->argument_count > 1) {
		if (!vg_take_quantity(compiler, &written->arguments[0], leaf->set, &leaf->low, NULL) ||
		    !vg_take_quantity(compiler, &written->arguments[1], leaf->set, &leaf->high, NULL))
			return false;
	} else if (!vg_take_quantity(compiler, &written->arguments[0], leaf->set, &leaf->low, &leaf->high) ||
		   !take_pair(compiler, leaf, written->place)) {
		return false;
	}
	if (leaf->comparison == VG_BETWEEN) {
		double high;
		if (!vg_unit_convert(compiler->knowledge, leaf->set, leaf->high.number, &leaf->high.unit, &leaf->low.unit,
				     &high)) {
			VG_COMPLAIN(compiler, VG227, written->place, "Write both limits in the same unit.",
				    "The two limits have different units.");
			return false;
		}
		if (high < leaf->low.number) {
			VG_COMPLAIN(compiler, VG229, written->place, "Write the lower limit first.",
				    "No value lies between \"%s\" and \"%s\".", leaf->low.text, leaf->high.text);
			return false;
		}
		leaf->high.number = high;
		leaf->high.unit = leaf->low.unit;
	}
	return true;
}

static bool take_route(vg_compiler *compiler, const vg_item *item, vg_leaf *leaf)
{
	const char *name;
	if (!vg_take_text(compiler, item, "the route", &name))
		return false;
	leaf->route = vg_same_text(name, "systemic") ? VG_ROUTE_SYSTEMIC : (uint8_t)vg_route_of_name(name);
	if (leaf->route != VG_ROUTE_UNKNOWN)
		return true;
	vg_buffer buffer;
	vg_buffer_init(&buffer, &compiler->scratch);
	vg_add(&buffer, "One of: \"systemic\"");
	for (int route = VG_ROUTE_ORAL; route <= VG_ROUTE_OTHER; route++)
		vg_addf(&buffer, ", \"%s\"", vg_route_name((vg_route)route));
	VG_COMPLAIN(compiler, VG206, item->place, vg_buffer_text(&buffer), "The route cannot be \"%s\".", name);
	return false;
}

static bool take_unit(vg_compiler *compiler, const vg_item *item, vg_leaf *leaf)
{
	const char *name, *usual = vg_analyte_unit(compiler->knowledge, leaf->set);
	vg_unit unit;
	double converted;
	if (!vg_take_text(compiler, item, "the unit", &name))
		return false;
	if (!vg_unit_parse(&compiler->book->arena, vg_keep_text(compiler, name), &leaf->low.unit)) {
		VG_COMPLAIN(compiler, VG228, item->place, "Write the unit as UCUM does, or as it is usual: mg/dL, mm[Hg].",
			    "\"%s\" is no unit that is known.", name);
		return false;
	}
	if (leaf->word == VG_WORD_TOTAL_DAILY_DOSE)
		usual = "mg";
	leaf->low.text = vg_keep_text(compiler, name);
	if (usual && vg_unit_parse(&compiler->scratch, usual, &unit) &&
	    !vg_unit_convert(compiler->knowledge, leaf->set, 1, &unit, &leaf->low.unit, &converted)) {
		VG_COMPLAIN(compiler, VG227, item->place,
			    vg_format(&compiler->scratch, "It is measured in %s or what converts to it.", usual),
			    "The unit \"%s\" does not fit %s.", name, vg_set_name(compiler->knowledge, leaf->set));
		return false;
	}
	return true;
}

static bool take_since(vg_compiler *compiler, const vg_item *item, vg_leaf *leaf)
{
	vg_when when;
	if (!vg_take_date(compiler, item, "the date", &when))
		return false;
	leaf->day_from = when.first;
	return true;
}

static bool take_refinement(vg_compiler *compiler, const vg_refinement *written, vg_leaf *leaf, vg_duration *every, bool *once)
{
	vg_refinement_id id = vg_refinement_id_of(vg_refinement_find(written->name));
	const vg_item *argument = written->arguments;
	int choice;
	switch (id) {
	case VG_REFINE_IS:
		if (leaf->word != VG_WORD_THIS_ORDER && leaf->word != VG_WORD_THE && leaf->word != VG_WORD_OTHER_DRUG) {
			if (leaf->comparison != VG_NO_COMPARISON)
				return take_comparison(compiler, written, id, leaf);
			leaf->comparison = VG_IS;
		}
		return take_set(compiler, argument, 0, ":is", &leaf->other_set);
	case VG_REFINE_WITHIN:
		return vg_take_duration(compiler, argument, "the period of :within", &leaf->within);
	case VG_REFINE_ONSET_WITHIN:
		return vg_take_duration(compiler, argument, "the period of :onset_within", &leaf->within);
	case VG_REFINE_SINCE:
		return take_since(compiler, argument, leaf);
	case VG_REFINE_DURING:
		return vg_take_period(compiler, argument, leaf);
	case VG_REFINE_AFTER_AGE:
		return vg_take_duration(compiler, argument, "the age of :after_age", &leaf->after_age);
	case VG_REFINE_FOR_AT_LEAST:
		return vg_take_duration(compiler, argument, "the period of :for_at_least", &leaf->least);
	case VG_REFINE_AT_LEAST_OF:
	case VG_REFINE_TIMES:
	case VG_REFINE_DOSES_AT_LEAST:
		leaf->different_days |= id == VG_REFINE_DOSES_AT_LEAST;
		return vg_take_count(compiler, argument, "the number", 1, 32, &leaf->times);
	case VG_REFINE_LAST:
		return vg_take_count(compiler, argument, "the number of readings", 1, 100, &leaf->last);
	case VG_REFINE_BY_ROUTE:
		return take_route(compiler, argument, leaf);
	case VG_REFINE_DAILY_DOSE_ABOVE:
		leaf->dose_limited = true;
		return vg_take_dose(compiler, argument, &leaf->low, &leaf->dose_in_units);
	case VG_REFINE_MORE_OFTEN_THAN:
		return vg_take_duration(compiler, argument, "the period of :more_often_than", &leaf->often);
	case VG_REFINE_DURATION_ABOVE:
		return vg_take_duration(compiler, argument, "the period of :duration_above", &leaf->longer);
	case VG_REFINE_IS_RENEWAL:
		return leaf->renewal = true;
	case VG_REFINE_WITH_REACTION:
	case VG_REFINE_UNLESS_RESULT:
		return take_set(compiler, argument, 0, written->name, &leaf->other_set);
	case VG_REFINE_WITH_SEVERITY:
		choice = vg_take_choice(compiler, argument, "the severity of a reaction", reactions);
		leaf->severity = (uint8_t)(VG_REACTION_MILD + choice);
		return choice >= 0;
	case VG_REFINE_INCLUDING_INTOLERANCE:
		return leaf->including_intolerance = true;
	case VG_REFINE_EVER:
		return leaf->ever = true;
	case VG_REFINE_ON_DIFFERENT_DAYS:
		return leaf->different_days = true;
	case VG_REFINE_IN_UNIT:
		return take_unit(compiler, argument, leaf);
	case VG_REFINE_EVERY:
	case VG_REFINE_ONCE:
		if (!every) {
			VG_COMPLAIN(compiler, VG271, written->place, "Write :within for a condition.",
				    "`:%s` stands only in `satisfied_by`.", written->name);
			return false;
		}
		if (id == VG_REFINE_ONCE)
			return *once = true;
		return vg_take_duration(compiler, argument, "the interval of :every", every);
	default:
		return take_comparison(compiler, written, id, leaf);
	}
}

/* A dose is read in mg or units; high.unit is which. */
static void settle_dose(vg_compiler *compiler, vg_leaf *leaf)
{
	double converted;
	vg_arena *arena = &compiler->book->arena;
	if (vg_unit_parse(arena, "mg", &leaf->high.unit) &&
	    vg_unit_convert(compiler->knowledge, 0, 1, &leaf->high.unit, &leaf->low.unit, &converted))
		return;
	leaf->dose_in_units = vg_unit_parse(arena, "[iU]", &leaf->high.unit);
}

/* In a need without a comparison the function reads a number, whose unit must be certain. */
static void settle_need(vg_compiler *compiler, vg_leaf *leaf)
{
	if (!(compiler->frame & VG_FRAME_NEED) || leaf->comparison != VG_NO_COMPARISON)
		return;
	bool dose = leaf->word == VG_WORD_TOTAL_DAILY_DOSE;
	const char *usual = dose ? "mg" : leaf->word == VG_WORD_LATEST ? vg_analyte_unit(compiler->knowledge, leaf->set) : NULL;
	if (!leaf->low.text && usual && vg_unit_parse(&compiler->book->arena, vg_keep_text(compiler, usual), &leaf->low.unit))
		leaf->low.text = vg_keep_text(compiler, usual);
	if (dose)
		settle_dose(compiler, leaf);
}

uint32_t vg_compile_phrase(vg_compiler *compiler, const vg_phrase *phrase, vg_duration *every, bool *once)
{
	bool need = compiler->frame & VG_FRAME_NEED;
	unsigned uses = VG_WORD_CONDITION | (need ? VG_WORD_NEED : 0);
	const vg_word_info *info = vg_phrase_word(compiler, phrase, uses, need ? "in needs" : "where a condition is needed");
	vg_leaf *leaf = vg_alloc(&compiler->scratch, sizeof *leaf);
	if (!info || !leaf)
		return VG_NO_LEAF;
	leaf->word = (uint8_t)vg_word_id_of(info);
	leaf->place = phrase->place;
	leaf->day_from = leaf->day_to = VG_NO_DAY;
	leaf->strict = compiler->strict && (leaf->word == VG_WORD_LATEST || leaf->word == VG_WORD_READINGS);
	bool good = vg_check_refinements(compiler, phrase, info, uses);
	good &= take_arguments(compiler, phrase, info, leaf);
	for (size_t i = 0; good && i < phrase->refinement_count; i++)
		good &= take_refinement(compiler, &phrase->refinements[i], leaf, every, once);
	if (!good)
		return VG_NO_LEAF;
	settle_need(compiler, leaf);
	vg_leaf_plan(leaf, leaf->set ? vg_set_uses(compiler->knowledge, leaf->set) : 0);
	bool failed = compiler->failed;
	compiler->failed = false;
	vg_check_leaf(compiler, leaf, phrase->place);
	good = !compiler->failed;
	compiler->failed |= failed;
	return good ? vg_intern_leaf(compiler, leaf) : VG_NO_LEAF;
}
