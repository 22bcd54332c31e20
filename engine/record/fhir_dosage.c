/*
 * Dosage instructions: how much, how often, until when, by which route.
 *
 * Reads R4's `dosageInstruction`/`dosage` with `doseAndRate` as an array, and
 * what senders also write: one object in its place, STU3's `doseQuantity`
 * beside it, DSTU2's `periodUnits`.  What cannot be read stays NAN, and a dose
 * that is not readable is unknown to every rule, never small.
 */
#include "record/record_internal.h"

#include <stdlib.h>

/* ---- how often --------------------------------------------------------------- */

/* HL7's timing abbreviations, as times a day. */
static bool times_of_code(const char *code, double *ret)
{
	static const struct {
		const char *code;
		double times;
	} codes[] = {{"QD", 1},    {"BID", 2},      {"TID", 3},       {"QID", 4},          {"QOD", 0.5},        {"AM", 1},
		     {"PM", 1},    {"BED", 1},      {"QHS", 1},       {"HS", 1},           {"QAM", 1},          {"QPM", 1},
		     {"DAILY", 1}, {"WK", 1.0 / 7}, {"QWK", 1.0 / 7}, {"MO", 1 / 30.4375}, {"QMO", 1 / 30.4375}};
	char folded[8];
	size_t length = strlen(code);
	if (length == 0 || length >= sizeof folded)
		return false;
	for (size_t i = 0; i <= length; i++)
		folded[i] = (char)(code[i] >= 'a' && code[i] <= 'z' ? code[i] - 'a' + 'A' : code[i]);
	for (size_t i = 0; i < VG_COUNT(codes); i++) {
		if (strcmp(codes[i].code, folded) == 0) {
			*ret = codes[i].times;
			return true;
		}
	}
	double hours; /* Q4H, Q12H … */
	if (folded[0] != 'Q' || folded[length - 1] != 'H' || !vg_parse_number(folded + 1, length - 2, &hours) || hours < 1)
		return false;
	*ret = 24 / hours;
	return true;
}

/* How often a day the named moments come: "with meals" is three times. */
static double times_of_moments(const vg_json_node *when)
{
	double times = 0;
	for (vg_list list = vg_list_of(when); list.item; vg_list_next(&list)) {
		const char *moment = vg_text_of(list.item);
		times += strcmp(moment, "C") == 0 || strcmp(moment, "AC") == 0 || strcmp(moment, "PC") == 0 ? 3
			 : *moment                                                                          ? 1
													    : 0;
	}
	return times;
}

static size_t count_texts(const vg_json_node *item)
{
	size_t count = 0;
	for (vg_list list = vg_list_of(item); list.item; vg_list_next(&list))
		count += *vg_text_of(list.item) != 0;
	return count;
}

enum {
	FREQUENCY,
	FREQUENCY_MAX,
	PERIOD,
	PERIOD_UNIT,
	PERIOD_UNITS,
	WHEN,
	TIME_OF_DAY,
	DAY_OF_WEEK,
	COUNT,
	COUNT_MAX,
	BOUNDS_PERIOD,
	BOUNDS_DURATION,
	BOUNDS_RANGE,
	BOUNDS_QUANTITY,
	REPEAT_COUNT
};
static const vg_places repeat_names = {
    VG_AT(frequency, FREQUENCY),      VG_AT(frequencyMax, FREQUENCY_MAX),    VG_AT(period, PERIOD),
    VG_AT(periodUnit, PERIOD_UNIT),   VG_AT(periodUnits, PERIOD_UNITS),      VG_AT(when, WHEN),
    VG_AT(timeOfDay, TIME_OF_DAY),    VG_AT(dayOfWeek, DAY_OF_WEEK),         VG_AT(count, COUNT),
    VG_AT(countMax, COUNT_MAX),       VG_AT(boundsPeriod, BOUNDS_PERIOD),    VG_AT(boundsDuration, BOUNDS_DURATION),
    VG_AT(boundsRange, BOUNDS_RANGE), VG_AT(boundsQuantity, BOUNDS_QUANTITY)};

static double days_of_period(const vg_json_node *const *repeat)
{
	static const struct {
		const char *unit;
		double days;
	} units[] = {{"s", 1.0 / 86400}, {"min", 1.0 / 1440}, {"h", 1.0 / 24}, {"d", 1},
		     {"wk", 7},          {"mo", 30.4375},     {"a", 365.25}};
	const char *unit = vg_text_of(repeat[PERIOD_UNIT] ? repeat[PERIOD_UNIT] : repeat[PERIOD_UNITS]);
	double period = 1;
	if (!*unit || (repeat[PERIOD] && (!vg_number_of(repeat[PERIOD], &period) || period <= 0)))
		return NAN;
	for (size_t i = 0; i < VG_COUNT(units); i++)
		if (units[i].unit[0] == unit[0] && strcmp(units[i].unit, unit) == 0)
			return period * units[i].days;
	return NAN;
}

/* Times a day, at the most that the instruction allows; NAN when it does not say. */
static double times_of_repeat(const vg_json_node *const *repeat)
{
	double moments = times_of_moments(repeat[WHEN]);
	double clock = (double)count_texts(repeat[TIME_OF_DAY]);
	double weekdays = (double)count_texts(repeat[DAY_OF_WEEK]);
	double frequency = 0;
	bool has_frequency = vg_number_of(repeat[FREQUENCY_MAX], &frequency) || vg_number_of(repeat[FREQUENCY], &frequency);
	double period = days_of_period(repeat);
	if (!has_frequency && isnan(period) && moments == 0 && clock == 0 && weekdays == 0)
		return NAN;
	if (has_frequency && isnan(period) && weekdays == 0)
		return NAN; /* "twice", but in what? */
	double times = has_frequency ? frequency : 1;
	if (clock > 0 && (!has_frequency || clock > times))
		times = clock;
	else if (moments > 0 && (!has_frequency || moments > times))
		times = moments;
	if (weekdays > 0) /* on these days of each week; a period of a week counts all of them once */
		return times * weekdays / 7;
	return times / (isnan(period) ? 1 : period);
}

static double times_of_timing(const vg_json_node *timing, const vg_json_node *const *repeat)
{
	double times = times_of_repeat(repeat);
	if (!isnan(times))
		return times;
	const vg_json_node *code = VG_MEMBER(timing, code);
	for (vg_list codings = vg_list_of(VG_MEMBER(code, coding)); codings.item; vg_list_next(&codings))
		if (times_of_code(vg_text_of(VG_MEMBER(codings.item, code)), &times))
			return times;
	const char *text = vg_is(code, VG_JSON_TEXT) ? vg_text_of(code) : vg_text_of(VG_MEMBER(code, text));
	return times_of_code(text, &times) ? times : NAN;
}

/* ---- until when ------------------------------------------------------------------ */

static vg_when plus_days(vg_when from, double days)
{
	if (!vg_when_known(from) || !(days >= 0 && days < 36525))
		return VG_NO_WHEN;
	vg_day more = (vg_day)ceil(days);
	return (vg_when){from.first + more, from.last + more, VG_NO_INSTANT};
}

typedef struct bounds {
	vg_when start, end;
	double days;
} bounds;

static bounds read_bounds(vg_intake *in, const vg_json_node *timing, const vg_json_node *const *repeat, vg_when from,
			  double times_per_day)
{
	bounds found = {VG_NO_WHEN, VG_NO_WHEN, NAN};
	double days;
	if (repeat[BOUNDS_PERIOD]) {
		vg_period period = vg_read_period(in, repeat[BOUNDS_PERIOD]);
		found.start = period.start;
		found.end = period.end;
		if (vg_when_known(period.start) && vg_when_known(period.end))
			found.days = (double)(period.end.last - period.start.first);
	}
	const vg_json_node *length = repeat[BOUNDS_DURATION] ? repeat[BOUNDS_DURATION]
				     : repeat[BOUNDS_RANGE]  ? VG_MEMBER(repeat[BOUNDS_RANGE], high)
							     : repeat[BOUNDS_QUANTITY];
	if (isnan(found.days) && vg_read_days(length, &days))
		found.days = days;
	double count;
	if (isnan(found.days) && (vg_number_of(repeat[COUNT_MAX], &count) || vg_number_of(repeat[COUNT], &count)) &&
	    count > 0 && times_per_day > 0)
		found.days = count / times_per_day;
	if (!(found.days < 36525)) /* a hundred years: nobody meant that */
		found.days = NAN;
	for (vg_list list = vg_list_of(VG_MEMBER(timing, event)); list.item; vg_list_next(&list)) {
		vg_when event = vg_read_when(in, list.item);
		if (vg_when_known(event) && (!vg_when_known(found.end) || event.last > found.end.last))
			found.end = event;
		if (vg_when_known(event) && (!vg_when_known(found.start) || event.first < found.start.first))
			found.start = event;
	}
	if (!vg_when_known(found.end) && !isnan(found.days))
		found.end = plus_days(vg_when_known(found.start) ? found.start : from, found.days);
	return found;
}

/* ---- how much ------------------------------------------------------------------------ */

/* One piece of a product: a number of these times its strength is a dose.  "Dose", "drop" and "application" are not. */
static bool is_piece(const char *unit)
{
	static const char *const words[] = {
	    "1",       "tablet",    "tablets",     "tab",           "tabs",       "tbl",         "tabl",     "caplet",
	    "caplets", "capsule",   "capsules",    "cap",           "caps",       "pill",        "pills",    "puff",
	    "puffs",   "actuation", "actuations",  "actuat",        "inhalation", "inhalations", "spray",    "sprays",
	    "patch",   "patches",   "suppository", "suppositories", "supp",       "lozenge",     "lozenges", "each",
	    "ea",      "piece",     "pieces",      "film",          "films",      "sachet",      "sachets",  "packet",
	    "packets", "tablet(s)", "capsule(s)",  "puff(s)",       "patch(es)"};
	for (size_t i = 0; i < VG_COUNT(words); i++)
		if (vg_same_fold(unit, words[i]))
			return true;
	return false;
}

/* "{tablet}" counts as "tablet". */
static bool is_annotated_piece(const char *unit)
{
	char word[32];
	size_t length = strlen(unit);
	if (length < 3 || length >= sizeof word || unit[0] != '{' || unit[length - 1] != '}')
		return false;
	memcpy(word, unit + 1, length - 2);
	word[length - 2] = 0;
	return is_piece(word);
}

/* A dose's unit: mass, volume, biological units, or pieces.  Per kilogram or per hour is not one dose. */
static bool read_dose_unit(vg_intake *in, const vg_json_node *quantity, vg_unit *ret)
{
	static const vg_places names = {VG_AT(code, 0), VG_AT(unit, 1)};
	const vg_json_node *member[2];
	VG_PICK(quantity, names, member);
	for (size_t i = 0; i < VG_COUNT(member); i++) {
		const char *unit = vg_text_of(member[i]);
		if (*unit && (is_piece(unit) || is_annotated_piece(unit)))
			return vg_intake_unit(in, "", ret);
		if (*unit && vg_intake_unit(in, unit, ret) && !vg_unit_is_plain(ret))
			return !strchr(unit, '/');
	}
	return !member[0] && !member[1] && vg_intake_unit(in, "", ret);
}

/* The dose itself, at the upper end of a range; NULL: not given as an amount. */
static const vg_json_node *dose_quantity(const vg_json_node *holder)
{
	static const vg_places names = {VG_AT(doseQuantity, 0), VG_AT(doseRange, 1),
					VG_AT(dose, 2)}; /* `dose`: of an administration */
	const vg_json_node *member[3];
	VG_PICK(holder, names, member);
	if (member[0] || !member[1])
		return member[0] ? member[0] : member[2];
	const vg_json_node *high = VG_MEMBER(member[1], high);
	return high ? high : VG_MEMBER(member[1], low);
}

static void read_amount(vg_intake *in, const vg_json_node *instruction, const vg_json_node *dose_and_rate, vg_dose *dose)
{
	const vg_json_node *quantity = NULL;
	for (vg_list list = vg_list_of(dose_and_rate); list.item; vg_list_next(&list))
		if (!quantity)
			quantity = dose_quantity(list.item);
	if (!quantity)
		quantity = dose_quantity(instruction);
	double value;
	if (!quantity || !vg_number_of(VG_MEMBER(quantity, value), &value) || value < 0)
		return;
	dose->amount = value;
	dose->unit_known = read_dose_unit(in, quantity, &dose->unit);
}

/* maxDosePerPeriod, a day's share, in the dose's unit where there is one. */
static void read_maximum(vg_intake *in, const vg_json_node *ratio, vg_dose *dose)
{
	vg_list list = vg_list_of(ratio);
	const vg_json_node *numerator = VG_MEMBER(list.item, numerator);
	double value, days, converted;
	vg_unit unit;
	if (!vg_number_of(VG_MEMBER(numerator, value), &value) || value < 0 ||
	    !vg_read_days(VG_MEMBER(list.item, denominator), &days) || !(days > 0) || !read_dose_unit(in, numerator, &unit))
		return;
	if (isnan(dose->amount)) {
		dose->unit = unit;
		dose->unit_known = true;
		converted = value;
	} else if (!dose->unit_known || !vg_unit_convert(in->knowledge, 0, value, &unit, &dose->unit, &converted)) {
		return;
	}
	dose->maximum_per_day = converted / days;
}

/* ---- all together ---------------------------------------------------------------------- */

static vg_route read_route(const vg_json_node *route)
{
	const char *text = vg_is(route, VG_JSON_TEXT) ? vg_text_of(route) : vg_text_of(VG_MEMBER(route, text));
	for (vg_list codings = vg_list_of(VG_MEMBER(route, coding)); codings.item; vg_list_next(&codings)) {
		static const vg_places names = {VG_AT(system, 0), VG_AT(code, 1), VG_AT(display, 2)};
		const vg_json_node *member[3];
		VG_PICK(codings.item, names, member);
		const char *system = vg_text_of(member[0]), *display = vg_text_of(member[2]);
		vg_route found = vg_route_of_code(vg_system_uri(system), vg_text_of(member[1]), *display ? display : text);
		if (found != VG_ROUTE_UNKNOWN)
			return found;
	}
	return *text ? vg_route_of_code("", "", text) : VG_ROUTE_UNKNOWN;
}

/* One instruction: appends a dose, returns its bounds. */
static bounds read_instruction(vg_intake *in, const vg_json_node *instruction, vg_when from, vg_course *course)
{
	enum {
		TIMING,
		SEQUENCE,
		AS_NEEDED,
		AS_NEEDED_CONCEPT,
		AS_NEEDED_R5,
		AS_NEEDED_FOR,
		ROUTE,
		DOSE_AND_RATE,
		MAXIMUM,
		MEMBERS
	};
	static const vg_places names = {VG_AT(timing, TIMING),
					VG_AT(sequence, SEQUENCE),
					VG_AT(asNeededBoolean, AS_NEEDED),
					VG_AT(asNeededCodeableConcept, AS_NEEDED_CONCEPT),
					VG_AT(asNeeded, AS_NEEDED_R5),
					VG_AT(asNeededFor, AS_NEEDED_FOR),
					VG_AT(route, ROUTE),
					VG_AT(doseAndRate, DOSE_AND_RATE),
					VG_AT(maxDosePerPeriod, MAXIMUM)};
	const vg_json_node *member[MEMBERS], *repeat[REPEAT_COUNT];
	VG_PICK(instruction, names, member);
	VG_PICK(VG_MEMBER(member[TIMING], repeat), repeat_names, repeat);

	vg_dose *dose = &course->doses[course->count++];
	*dose = (vg_dose){.amount = NAN, .interval_days = NAN, .maximum_per_day = NAN, .unit = {.factor = 1, .text = ""}};
	double sequence;
	if (vg_number_of(member[SEQUENCE], &sequence) && sequence > 0 && sequence < UINT16_MAX)
		dose->sequence = (uint16_t)sequence;
	dose->as_needed = vg_is_true(member[AS_NEEDED]) || vg_is_true(member[AS_NEEDED_R5]) || member[AS_NEEDED_CONCEPT] ||
			  member[AS_NEEDED_FOR];
	course->as_needed = course->as_needed || dose->as_needed;
	dose->times_per_day = times_of_timing(member[TIMING], repeat);
	if (dose->times_per_day > 0)
		dose->interval_days = 1 / dose->times_per_day;
	else
		dose->times_per_day = NAN;
	read_amount(in, instruction, member[DOSE_AND_RATE], dose);
	read_maximum(in, member[MAXIMUM], dose);
	if (course->route == VG_ROUTE_UNKNOWN)
		course->route = read_route(member[ROUTE]);
	return read_bounds(in, member[TIMING], repeat, from, dose->times_per_day);
}

void vg_read_dosage(vg_intake *in, const vg_json_node *dosage, vg_when from, vg_course *ret)
{
	*ret = (vg_course){.start = VG_NO_WHEN, .end = VG_NO_WHEN, .days = NAN};
	size_t count = 0;
	for (vg_list list = vg_list_of(dosage); list.item; vg_list_next(&list))
		count += vg_is(list.item, VG_JSON_OBJECT) ? 1 : 0;
	if (count == 0)
		return;
	if (count > 100)
		return vg_refuse(in, "Send the instructions that are meant.",
				 "A medication has more than 100 dosage instructions.");
	ret->doses = vg_alloc_array(&in->record->arena, count, sizeof *ret->doses);
	if (!ret->doses)
		return;
	bool open = false;
	double days = NAN;
	for (vg_list list = vg_list_of(dosage); list.item; vg_list_next(&list)) {
		if (!vg_is(list.item, VG_JSON_OBJECT))
			continue;
		bounds found = read_instruction(in, list.item, from, ret);
		if (vg_when_known(found.start) && (!vg_when_known(ret->start) || found.start.first < ret->start.first))
			ret->start = found.start;
		open = open || (!vg_when_known(found.end) && isnan(found.days));
		if (vg_when_known(found.end) && (!vg_when_known(ret->end) || found.end.last > ret->end.last))
			ret->end = found.end;
		if (!isnan(found.days) && !(found.days <= days))
			days = found.days;
	}
	if (open)
		ret->end = VG_NO_WHEN;
	else
		ret->days = days;
}
