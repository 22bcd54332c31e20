/*
 * Sketches: what each condition asks for, in the words of `given`.
 *
 * A condition out of focus is made true with room to spare: an event in the
 * middle of its window, a value one step beyond its limit.  The one in focus is
 * brought just below its limit, to it, or just above.  "Below" and "above" are
 * meant in value, in age, and in time gone by.  Whole limits are approached in
 * tenths, others in the last decimal that they have.
 *
 * Called by sketch.c, for one leaf at a time.
 */
#include "evaluation/authoring_internal.h"

#include <math.h>

static const vg_leaf *leaf_of(const vg_sketch *sketch, uint32_t leaf) { return &sketch->book->leaves[leaf]; }

static bool in_focus(const vg_sketch *sketch, const vg_leaf *leaf, vg_facet facet)
{
	return sketch->focus.leaf != VG_NO_LEAF && leaf_of(sketch, sketch->focus.leaf) == leaf && sketch->focus.facet == facet;
}

static const char *set_name(const vg_sketch *sketch, vg_set set) { return vg_set_name(sketch->knowledge, set); }

/* ---- ages ----------------------------------------------------------------------------------- */

/* Bounds that the conditions set; where they exclude each other, running the sketch tells. */
static void bound_age(vg_sketch *sketch, vg_duration least, vg_duration most)
{
	vg_day by = vg_duration_given(least) ? vg_day_minus(sketch->today, least) : VG_NO_DAY;
	vg_day after = vg_duration_given(most) ? vg_day_minus(sketch->today, most) : VG_NO_DAY;
	if (by != VG_NO_DAY && (sketch->born_by == VG_NO_DAY || by < sketch->born_by))
		sketch->born_by = by;
	if (after != VG_NO_DAY && (sketch->born_after == VG_NO_DAY || after > sketch->born_after))
		sketch->born_after = after;
}

static void sketch_ages(vg_sketch *sketch, const vg_leaf *leaf)
{
	static const char *const forms[] = {"the day before turning %s", "on the day of turning %s",
					    "the day after turning %s"};
	bool least = in_focus(sketch, leaf, VG_FACET_LEAST_AGE), most = in_focus(sketch, leaf, VG_FACET_MOST_AGE);
	char text[32];
	if (!least && !most) {
		bound_age(sketch, leaf->least, leaf->most);
		return;
	}
	vg_duration age = least ? leaf->least : leaf->most;
	vg_day turning = sketch->today - sketch->focus.step;
	sketch->born = vg_day_minus(turning, age);
	/* On 29 February nobody turns 65 who was not born on one. */
	sketch->what = vg_day_plus(sketch->born, age) != turning
			   ? NULL
			   : vg_format(sketch->arena, forms[sketch->focus.step + 1], vg_duration_text(age, text));
}

/* ---- days ----------------------------------------------------------------------------------- */

static void span_of(const vg_sketch *sketch, const vg_leaf *leaf, vg_day *ret_from, vg_day *ret_to)
{
	int year, month, day;
	vg_day_split(sketch->today, &year, &month, &day);
	*ret_from = leaf->day_from;
	*ret_to = leaf->day_to;
	if (leaf->calendar == VG_THIS_YEAR)
		*ret_from = vg_day_from(year, 1, 1);
	if (leaf->calendar == VG_LAST_YEAR) {
		*ret_from = vg_day_from(year - 1, 1, 1);
		*ret_to = vg_day_from(year - 1, 12, 31);
	}
}

/* A day in the middle of the window, and at most 30 days ago where that lies in it. */
static vg_day usual_day(vg_sketch *sketch, const vg_leaf *leaf)
{
	vg_day from, to, first = sketch->today - 60;
	span_of(sketch, leaf, &from, &to);
	vg_day last = to != VG_NO_DAY && to < sketch->today ? to : sketch->today;
	if (to != VG_NO_DAY && to < sketch->today)
		first = from != VG_NO_DAY ? from : to - 60;
	if (from != VG_NO_DAY && from > first)
		first = from;
	if (vg_duration_given(leaf->within) && vg_day_minus(sketch->today, leaf->within) > first)
		first = vg_day_minus(sketch->today, leaf->within);
	return last - (last - first) / 2;
}

/* On which day the event of a condition lies. */
static vg_day event_day(vg_sketch *sketch, const vg_leaf *leaf)
{
	char text[32], day_text[16];
	static const char *const ages[] = {"on the day before turning %s", "on the day of turning %s",
					   "on the day after turning %s"};
	static const char *const spans[] = {"a day less than %s ago", "%s ago", "%s and a day ago"};
	int step = sketch->focus.step;
	vg_day from, to, day = usual_day(sketch, leaf);
	span_of(sketch, leaf, &from, &to);
	if (in_focus(sketch, leaf, VG_FACET_WITHIN) || in_focus(sketch, leaf, VG_FACET_LASTING)) {
		vg_duration span = sketch->focus.facet == VG_FACET_WITHIN ? leaf->within : leaf->least;
		/* The day of a stop is the last one on which the drug was taken. */
		day = vg_day_minus(sketch->today, span) - step - (leaf->word == VG_WORD_STOPPED);
		sketch->what = vg_format(sketch->arena, spans[step + 1], vg_duration_text(span, text));
	} else if (in_focus(sketch, leaf, VG_FACET_FROM) || in_focus(sketch, leaf, VG_FACET_TO)) {
		day = (sketch->focus.facet == VG_FACET_FROM ? from : to) + step;
		sketch->what = vg_format(sketch->arena, "on %s", vg_day_text(day, day_text));
	} else if (in_focus(sketch, leaf, VG_FACET_EVENT_AGE)) { /* the event was then; the patient is five years older */
		vg_day birth = vg_day_minus(sketch->today, leaf->after_age) - 5 * 365;
		sketch->born = birth;
		day = vg_day_plus(birth, leaf->after_age) + step;
		sketch->what = vg_format(sketch->arena, ages[step + 1], vg_duration_text(leaf->after_age, text));
	} else if (vg_duration_given(leaf->after_age)) {
		vg_duration older = {.months = leaf->after_age.months + 12, .days = leaf->after_age.days}, open = {.months = 0};
		bound_age(sketch, older, open);
	}
	if (vg_duration_given(leaf->least) && !in_focus(sketch, leaf, VG_FACET_LASTING))
		day = vg_day_minus(sketch->today, leaf->least) - 30;
	return day;
}

/* ---- values ----------------------------------------------------------------------------------- */

/* A limit, so many steps away from it. NULL when there is no such value. */
static const char *near_limit(vg_sketch *sketch, const char *limit, int steps)
{
	size_t digits = strspn(limit, "+-0123456789");
	if (steps == 0)
		return limit;
	if (limit[digits] != '.')
		limit = vg_format(sketch->arena, "%.*s.0%s", (int)digits, limit, limit + digits);
	return limit ? vg_stepped_text(limit, 0, steps, sketch->arena) : NULL;
}

/* The steps from the limit at which a comparison is true. */
static int true_side(uint8_t comparison) { return comparison == VG_ABOVE ? 1 : comparison == VG_BELOW ? -1 : 0; }

/* "15.1 mg/dL"; what lies behind the sixth decimal is of the machine's arithmetic, not of the limit. */
static const char *amount(vg_sketch *sketch, double number, const char *unit)
{
	char text[32];
	vg_number_text(round(number * 1e6) / 1e6, text);
	return vg_format(sketch->arena, unit && *unit ? "%s %s" : "%s%s", text, unit ? unit : "");
}

/* "140/90 mm[Hg]" */
static const char *pair_amount(vg_sketch *sketch, const vg_leaf *leaf, double first, double second)
{
	char text[32];
	vg_number_text(first, text);
	const char *unit = leaf->low.text + strspn(leaf->low.text, "0123456789./ ");
	const char *rest = amount(sketch, second, unit);
	return rest ? vg_format(sketch->arena, "%s/%s", text, rest) : NULL;
}

/* "141/80 mm[Hg]": one of the two numbers near to its limit, the other well on the harmless side. */
static const char *paired_value(vg_sketch *sketch, const vg_leaf *leaf)
{
	bool second = in_focus(sketch, leaf, VG_FACET_HIGH), near = second || in_focus(sketch, leaf, VG_FACET_VALUE);
	int side = true_side(leaf->comparison), step = near ? sketch->focus.step : side;
	double low = leaf->low.number + (second ? -10 : step);
	/* :below asks for both, :above for either. */
	double high = leaf->high.number + (second ? step : -10);
	return pair_amount(sketch, leaf, low, high);
}

static const char *limited_value(vg_sketch *sketch, const vg_leaf *leaf)
{
	int step = sketch->focus.step;
	const char *value;
	if (leaf->paired)
		value = paired_value(sketch, leaf);
	else if (in_focus(sketch, leaf, VG_FACET_HIGH))
		value = near_limit(sketch, leaf->high.text, step);
	else
		value = near_limit(sketch, leaf->low.text,
				   in_focus(sketch, leaf, VG_FACET_VALUE) ? step : true_side(leaf->comparison));
	if (in_focus(sketch, leaf, VG_FACET_VALUE) || in_focus(sketch, leaf, VG_FACET_HIGH))
		sketch->what = value;
	return value;
}

/* A value that the condition accepts, or that is near to its limit; NULL when there is none. */
static const char *value_of(vg_sketch *sketch, const vg_leaf *leaf)
{
	const char *unit;
	switch (leaf->comparison) {
	case VG_NO_COMPARISON:
		unit = vg_analyte_unit(sketch->knowledge, leaf->set);
		return unit ? vg_format(sketch->arena, "1 %s", unit) : "negative";
	case VG_IS:
		return set_name(sketch, leaf->other_set);
	default:
		return limited_value(sketch, leaf);
	}
}

/* ---- results ----------------------------------------------------------------------------------- */

static void give_result(vg_sketch *sketch, const vg_leaf *leaf, const char *value, vg_day day)
{
	if (value)
		vg_sketch_give(sketch, "result", set_name(sketch, leaf->set), value, vg_sketch_day(sketch, day));
}

/* Two results whose difference is the limit, or near to it. */
static void sketch_trend(vg_sketch *sketch, const vg_leaf *leaf)
{
	bool near = in_focus(sketch, leaf, VG_FACET_VALUE);
	const char *usual = vg_analyte_unit(sketch->knowledge, leaf->set), *limit = leaf->low.text;
	const char *unit = leaf->low.percent ? usual : limit + strspn(limit, "+-.0123456789 ");
	double base = leaf->low.percent ? 10 : 2 * leaf->low.number;
	double change = leaf->low.percent ? base * leaf->low.number / 100 : leaf->low.number;
	change += (near ? sketch->focus.step : 1) * change / 50;
	double after = leaf->comparison == VG_RISEN_BY ? base + change : base - change;
	const char *before_text = amount(sketch, base, unit);
	const char *after_text = amount(sketch, after, unit);
	vg_day first = event_day(sketch, leaf);
	give_result(sketch, leaf, before_text, first);
	give_result(sketch, leaf, after_text, sketch->today);
	if (near && before_text && after_text)
		sketch->what = vg_format(sketch->arena, "from %s to %s", before_text, after_text);
}

/* How many events there are; with the count in focus, one less, as many, one more. */
static int count_of(vg_sketch *sketch, const vg_leaf *leaf, const char *one, const char *many)
{
	int count = leaf->times ? leaf->times : 1;
	if (in_focus(sketch, leaf, VG_FACET_COUNT)) {
		count += sketch->focus.step;
		sketch->what = count ? vg_format(sketch->arena, "%d %s", count, count == 1 ? one : many)
				     : vg_format(sketch->arena, "no %s", one);
	}
	return count;
}

static void sketch_readings(vg_sketch *sketch, const vg_leaf *leaf)
{
	int high = count_of(sketch, leaf, "reading beyond the limit", "readings beyond the limit");
	int all = leaf->last > high ? leaf->last : high;
	const char *value = value_of(sketch, leaf);
	vg_day newest = event_day(sketch, leaf);
	double harmless = leaf->comparison == VG_BELOW ? 2 : 0.5;
	const char *unit = leaf->low.text + strspn(leaf->low.text, "0123456789./ ");
	for (int i = 0; i < all; i++) {
		const char *other = leaf->paired
					? pair_amount(sketch, leaf, leaf->low.number * harmless, leaf->high.number * harmless)
					: amount(sketch, leaf->low.number * harmless, unit);
		give_result(sketch, leaf, i < high ? value : other, newest - i);
	}
}

/* ---- events ------------------------------------------------------------------------------------- */

static void sketch_events(vg_sketch *sketch, const vg_leaf *leaf, const char *word)
{
	bool valued = strcmp(word, "result") == 0;
	int count = count_of(sketch, leaf, "time", "times");
	vg_day newest = event_day(sketch, leaf);
	const char *value = valued ? value_of(sketch, leaf) : NULL;
	for (int i = 0; i < count; i++) {
		vg_day day = newest - i;
		if (valued)
			give_result(sketch, leaf, value, day);
		else
			vg_sketch_refine(sketch, vg_sketch_give(sketch, word, set_name(sketch, leaf->set), NULL, NULL), "on",
					 vg_sketch_day(sketch, day));
	}
}

/* ---- drugs --------------------------------------------------------------------------------------- */

/* Route, dose and length of an order or of what is taken. */
static void refine_drug(vg_sketch *sketch, const vg_leaf *leaf, vg_phrase *phrase)
{
	if (leaf->route)
		vg_sketch_refine(sketch, phrase, "by_route",
				 leaf->route == VG_ROUTE_SYSTEMIC ? "oral" : vg_route_name((vg_route)leaf->route));
	if (leaf->dose_limited || leaf->word == VG_WORD_TOTAL_DAILY_DOSE) {
		bool near = in_focus(sketch, leaf, VG_FACET_DOSE);
		const char *dose = leaf->dose_limited ? near_limit(sketch, leaf->low.text, near ? sketch->focus.step : 1)
						      : value_of(sketch, leaf);
		if (near)
			sketch->what = dose ? vg_format(sketch->arena, "%s a day", dose) : NULL;
		if (dose)
			vg_sketch_refine(sketch, phrase, "daily_dose", dose);
	}
	if (vg_duration_given(leaf->longer)) {
		bool near = in_focus(sketch, leaf, VG_FACET_DURATION);
		int days = (int)(vg_day_plus(0, leaf->longer)) + (near ? sketch->focus.step : 1);
		const char *text = vg_format(sketch->arena, "%d day%s", days, days == 1 ? "" : "s");
		vg_sketch_refine(sketch, phrase, "lasting", text);
		if (near)
			sketch->what = text;
	}
}

static bool is_about(const vg_sketch *sketch, const vg_phrase *phrase, vg_set set)
{
	return phrase && set && vg_same_fold(phrase->arguments[0].text, set_name(sketch, set));
}

/* Whether what stands for one set could be of another one, which then takes its place. */
static bool narrows(vg_sketch *sketch, vg_phrase *phrase, vg_set set)
{
	if (!phrase || !set)
		return false;
	if (is_about(sketch, phrase, set))
		return true;
	vg_set wide = vg_set_find(sketch->knowledge, phrase->arguments[0].text);
	vg_concept concept = vg_example_concept(sketch->knowledge, set, VG_USE_DRUG);
	if (!wide || !concept || !vg_set_has(sketch->knowledge, wide, concept))
		return false;
	((vg_item *)phrase->arguments)[0].text = set_name(sketch, set); /* of vg_sketch_give */
	return true;
}

static void sketch_drug(vg_sketch *sketch, const vg_leaf *leaf, const char *word)
{
	const char *names[33];
	int count = count_of(sketch, leaf, "drug of it", "drugs of it");
	size_t found = count > 1 ? vg_sketch_drugs(sketch, leaf->set, names, VG_COUNT(names)) : 0;
	bool dated = strcmp(word, "started") == 0 || strcmp(word, "stopped") == 0 || vg_duration_given(leaf->within) ||
		     vg_duration_given(leaf->least);
	if (count > 1 && found < (size_t)count)
		sketch->what = NULL;
	for (int i = 0; i < count; i++) {
		const char *name = count > 1 && (size_t)i < found ? names[i] : set_name(sketch, leaf->set);
		bool same = count == 1 && strcmp(word, "taking") == 0 && narrows(sketch, sketch->taken, leaf->set);
		vg_phrase *phrase = same ? sketch->taken : vg_sketch_give(sketch, word, name, NULL, NULL);
		refine_drug(sketch, leaf, phrase);
		if (dated)
			vg_sketch_refine(sketch, phrase, strcmp(word, "taking") == 0 ? "since" : "on",
					 vg_sketch_day(sketch, event_day(sketch, leaf)));
	}
}

/* The dose of what is ordered or taken where that is what is summed up, else of a drug besides. */
static void sketch_total_dose(vg_sketch *sketch, const vg_leaf *leaf)
{
	vg_phrase *phrase = narrows(sketch, sketch->taken, leaf->set)   ? sketch->taken
			    : narrows(sketch, sketch->order, leaf->set) ? sketch->order
									: NULL;
	refine_drug(sketch, leaf, phrase ? phrase : vg_sketch_give(sketch, "taking", set_name(sketch, leaf->set), NULL, NULL));
}

/* this_order, the "set", other_drug: what stands there already is made more precise. */
static void sketch_bound(vg_sketch *sketch, const vg_leaf *leaf)
{
	vg_phrase *phrase = leaf->word == VG_WORD_OTHER_DRUG || !sketch->order ? sketch->taken : sketch->order;
	if (leaf->word == VG_WORD_THE && narrows(sketch, sketch->taken, leaf->set))
		phrase = sketch->taken;
	else if (leaf->word == VG_WORD_THE)
		narrows(sketch, sketch->order, leaf->set);
	if (!phrase)
		return;
	if (leaf->other_set)
		((vg_item *)phrase->arguments)[0].text = set_name(sketch, leaf->other_set); /* of vg_sketch_give */
	refine_drug(sketch, leaf, phrase);
	if (leaf->renewal && phrase == sketch->order) {
		vg_sketch_give(sketch, "taking", phrase->arguments[0].text, NULL, NULL);
		vg_sketch_refine(sketch, phrase, "renewing", NULL);
	}
}

static void sketch_allergy(vg_sketch *sketch, const vg_leaf *leaf)
{
	static const char *const severities[] = {
	    [VG_REACTION_MILD] = "mild", [VG_REACTION_MODERATE] = "moderate", [VG_REACTION_SEVERE] = "severe"};
	vg_phrase *phrase = vg_sketch_give(sketch, "has_allergy_to", set_name(sketch, leaf->set), NULL, NULL);
	if (leaf->other_set)
		vg_sketch_refine(sketch, phrase, "with_reaction", set_name(sketch, leaf->other_set));
	if (leaf->severity && leaf->severity < VG_COUNT(severities))
		vg_sketch_refine(sketch, phrase, "with_severity", severities[leaf->severity]);
}

/* ---- all words --------------------------------------------------------------------------------------- */

static void sketch_patient(vg_sketch *sketch, const vg_leaf *leaf)
{
	switch ((vg_word_id)leaf->word) {
	case VG_WORD_SEX:
		sketch->sex = leaf->argument;
		break;
	case VG_WORD_PREGNANT:
		vg_sketch_give(sketch, "pregnant", NULL, NULL, NULL);
		break;
	case VG_WORD_IN_HOSPICE:
		vg_sketch_give(sketch, "in_hospice", NULL, NULL, NULL);
		break;
	case VG_WORD_DECEASED:
		vg_sketch_give(sketch, "deceased", NULL, NULL, NULL);
		break;
	case VG_WORD_IN_SETTING:
		vg_sketch_give(sketch, "in_setting", leaf->argument, NULL, NULL);
		break;
	case VG_WORD_FAMILY_HISTORY_OF:
		vg_sketch_give(sketch, "family_history_of", set_name(sketch, leaf->set), NULL, NULL);
		break;
	case VG_WORD_HAS_ALLERGY_TO:
		sketch_allergy(sketch, leaf);
		break;
	default: /* ages */
		sketch_ages(sketch, leaf);
	}
}

void vg_sketch_leaf(vg_sketch *sketch, uint32_t number)
{
	const vg_leaf *leaf = leaf_of(sketch, number);
	switch ((vg_word_id)leaf->word) {
	case VG_WORD_TAKING:
	case VG_WORD_WILL_BE_TAKING:
		sketch_drug(sketch, leaf, "taking");
		break;
	case VG_WORD_ORDERING:
		sketch_drug(sketch, leaf, "ordering");
		break;
	case VG_WORD_STARTED:
		sketch_drug(sketch, leaf, "started");
		break;
	case VG_WORD_STOPPED:
		sketch_drug(sketch, leaf, "stopped");
		break;
	case VG_WORD_TOTAL_DAILY_DOSE:
		sketch_total_dose(sketch, leaf);
		break;
	case VG_WORD_HAS_CONDITION:
		sketch_events(sketch, leaf, "has_condition");
		break;
	case VG_WORD_EVER_HAD:
		sketch_events(sketch, leaf, "had");
		break;
	case VG_WORD_LATEST:
		if (leaf->comparison == VG_RISEN_BY || leaf->comparison == VG_FALLEN_BY)
			sketch_trend(sketch, leaf);
		else
			sketch_events(sketch, leaf, "result");
		break;
	case VG_WORD_RESULTED:
		sketch_events(sketch, leaf, "result");
		break;
	case VG_WORD_READINGS:
		sketch_readings(sketch, leaf);
		break;
	case VG_WORD_DONE:
		sketch_events(sketch, leaf, "done");
		break;
	case VG_WORD_DECLINED:
		sketch_events(sketch, leaf, "declined");
		break;
	case VG_WORD_ORDERED:
		sketch_events(sketch, leaf, "ordered");
		break;
	case VG_WORD_VACCINATED:
		sketch_events(sketch, leaf, "vaccinated");
		break;
	case VG_WORD_VISITED:
		sketch_events(sketch, leaf, "visited");
		break;
	case VG_WORD_THIS_ORDER:
	case VG_WORD_THE:
	case VG_WORD_OTHER_DRUG:
		sketch_bound(sketch, leaf);
		break;
	default:
		sketch_patient(sketch, leaf);
	}
}
