/*
 * What is written as text and means a value: quantities with units, periods,
 * dates, counts, and words of a short list.  Each reader reports what cannot
 * be read, with the way it is written, and answers false.
 *
 * A limit's unit must be one to which the results can be converted; a limit
 * without a unit stands only where the test has none.
 */
#include "rule/rule_internal.h"

bool vg_take_text(vg_compiler *compiler, const vg_item *item, const char *what, const char **ret)
{
	if (item->kind != VG_ITEM_TEXT) {
		VG_COMPLAIN(compiler, VG205, item->place, "Put it into double quotes.", "%s is a text, but here stands %s.",
			    vg_opening(compiler, what), vg_item_kind_text(item->kind));
		return false;
	}
	if (!item->text[strspn(item->text, " \t\r\n")]) {
		VG_COMPLAIN(compiler, VG255, item->place, "Write it, or take the line out.", "%s is an empty text.",
			    vg_opening(compiler, what));
		return false;
	}
	*ret = item->text;
	return true;
}

bool vg_take_count(vg_compiler *compiler, const vg_item *item, const char *what, uint16_t least, uint16_t most, uint16_t *ret)
{
	if (item->kind != VG_ITEM_NUMBER || item->number != floor(item->number)) {
		VG_COMPLAIN(compiler, VG205, item->place, "Write a whole number without quotes.", "%s is a whole number.",
			    vg_opening(compiler, what));
		return false;
	}
	if (item->number < least || item->number > most) {
		VG_COMPLAIN(compiler, VG219, item->place, vg_format(&compiler->scratch, "It lies from %d to %d.", least, most),
			    "%s is out of range.", vg_opening(compiler, what));
		return false;
	}
	*ret = (uint16_t)item->number;
	return true;
}

bool vg_take_duration(vg_compiler *compiler, const vg_item *item, const char *what, vg_duration *ret)
{
	static const char advice[] = "Write a number and a unit: \"90 days\", \"6 months\", \"10 years\", \"48 hours\".";
	if (item->kind == VG_ITEM_NUMBER) {
		VG_COMPLAIN(compiler, VG230, item->place, advice, "%s has no unit.", vg_opening(compiler, what));
		return false;
	}
	const char *text;
	if (!vg_take_text(compiler, item, what, &text))
		return false;
	if (vg_duration_parse(text, ret))
		return true;
	VG_COMPLAIN(compiler, VG230, item->place, advice, "%s \"%s\" cannot be read as a length of time.",
		    vg_opening(compiler, what), text);
	return false;
}

bool vg_take_date(vg_compiler *compiler, const vg_item *item, const char *what, vg_when *ret)
{
	const char *text;
	if (!vg_take_text(compiler, item, what, &text))
		return false;
	if (vg_date_parse(text, strlen(text), ret))
		return true;
	VG_COMPLAIN(compiler, VG231, item->place, "Write year, month and day: \"2027-09-01\".",
		    "%s \"%s\" cannot be read as a date.", vg_opening(compiler, what), text);
	return false;
}

bool vg_take_period(vg_compiler *compiler, const vg_item *item, vg_leaf *leaf)
{
	const char *text;
	vg_when from, to;
	if (!vg_take_text(compiler, item, "the period of :during", &text))
		return false;
	if (vg_same_fold(text, "this year") || vg_same_fold(text, "last year")) {
		leaf->calendar = vg_same_fold(text, "this year") ? VG_THIS_YEAR : VG_LAST_YEAR;
		return true;
	}
	const char *middle = strstr(text, " to ");
	size_t length = middle ? (size_t)(middle - text) : strlen(text);
	if (!vg_date_parse(text, length, &from) || (middle && !vg_date_parse(middle + 4, strlen(middle + 4), &to))) {
		VG_COMPLAIN(compiler, VG232, item->place,
			    "Write a year, a month or a span: \"2025\", \"2025-03\", \"2025-01-01 to 2025-06-30\", \"this "
			    "year\", \"last year\".",
			    "The period \"%s\" cannot be read.", text);
		return false;
	}
	leaf->day_from = from.first;
	leaf->day_to = middle ? to.last : from.last;
	if (leaf->day_to < leaf->day_from) {
		VG_COMPLAIN(compiler, VG229, item->place, "Write the earlier day first.",
			    "The period \"%s\" ends before it begins.", text);
		return false;
	}
	return true;
}

/* The number at the beginning of a text; moves *at behind it. */
static bool read_number(const char **at, double *ret)
{
	size_t length = strspn(*at, "+-.0123456789");
	const char *start = *at + (**at == '+');
	if (!length || !vg_parse_number(start, length - (**at == '+'), ret))
		return false;
	*at += length;
	return true;
}

static bool unit_fits(vg_compiler *compiler, vg_place place, vg_set analyte, const vg_quantity *quantity)
{
	const char *usual = analyte ? vg_analyte_unit(compiler->knowledge, analyte) : NULL;
	vg_unit unit;
	double converted;
	if (!usual || quantity->percent || !vg_unit_parse(&compiler->scratch, usual, &unit))
		return true;
	if (vg_unit_convert(compiler->knowledge, analyte, quantity->number, &unit, &quantity->unit, &converted))
		return true;
	const char *name = vg_set_name(compiler->knowledge, analyte);
	if (!*quantity->unit.text)
		VG_COMPLAIN(compiler, VG226, place,
			    vg_format(&compiler->scratch, "Write the unit behind the number, such as \"%s %s\".",
				      quantity->text, unit.text),
			    "The limit \"%s\" for %s has no unit.", quantity->text, name);
	else
		VG_COMPLAIN(compiler, VG227, place,
			    vg_format(&compiler->scratch, "%s is measured in %s or what converts to it.", name, unit.text),
			    "The limit \"%s\" cannot be compared with %s.", quantity->text, name);
	return false;
}

bool vg_take_quantity(vg_compiler *compiler, const vg_item *item, vg_set analyte, vg_quantity *ret, vg_quantity *pair)
{
	static const char advice[] = "Write a number and its unit: \"30 mL/min/1.73 m²\", \"6.5 %\", \"4 g\".";
	const char *text;
	char number_text[32];
	if (item->kind == VG_ITEM_NUMBER && vg_number_text(item->number, number_text))
		text = vg_copy_text(&compiler->scratch, number_text, strlen(number_text));
	else if (!vg_take_text(compiler, item, "the limit", &text))
		return false;
	if (!text)
		return false;
	const char *at = text + strspn(text, " ");
	double second = NAN;
	*ret = (vg_quantity){.text = vg_keep_text(compiler, text)};
	if (!read_number(&at, &ret->number)) {
		VG_COMPLAIN(compiler, VG225, item->place, advice, "The limit \"%s\" does not begin with a number.", text);
		return false;
	}
	if (pair && *at == '/' && at[1] >= '0' && at[1] <= '9') {
		at++;
		if (!read_number(&at, &second)) {
			VG_COMPLAIN(compiler, VG225, item->place, "Write \"140/90 mm[Hg]\".",
				    "The limit \"%s\" cannot be read.", text);
			return false;
		}
	}
	at += strspn(at, " ");
	if (*at == ',' || *at == '/') {
		VG_COMPLAIN(compiler, VG225, item->place,
			    "Write a decimal point, and no separators of thousands: \"1500.5 mg\".",
			    "The limit \"%s\" cannot be read.", text);
		return false;
	}
	if (!vg_unit_parse(&compiler->book->arena, vg_keep_text(compiler, at), &ret->unit)) {
		const char *usual = analyte ? vg_analyte_unit(compiler->knowledge, analyte) : NULL;
		vg_unit unit;
		VG_COMPLAIN(compiler, VG228, item->place,
			    usual && vg_unit_parse(&compiler->scratch, usual, &unit)
				? vg_format(&compiler->scratch, "%s is measured in %s or what converts to it.",
					    vg_set_name(compiler->knowledge, analyte), unit.text)
				: "Write the unit as UCUM does, or as it is usual: mg/dL, mL/min/1.73 m², mm[Hg].",
			    "\"%s\" is no unit that is known.", at);
		return false;
	}
	if (pair)
		*pair = (vg_quantity){.number = second, .unit = ret->unit, .text = ret->text};
	return unit_fits(compiler, item->place, analyte, ret);
}

bool vg_take_dose(vg_compiler *compiler, const vg_item *item, vg_quantity *ret, bool *ret_in_units)
{
	vg_quantity given;
	vg_unit unit;
	double amount;
	if (!vg_take_quantity(compiler, item, 0, &given, NULL))
		return false;
	*ret = given;
	static const char *const targets[] = {"mg", "[iU]"};
	for (size_t i = 0; i < VG_COUNT(targets); i++) {
		if (!vg_unit_parse(&compiler->book->arena, targets[i], &unit) ||
		    !vg_unit_convert(compiler->knowledge, 0, given.number, &given.unit, &unit, &amount))
			continue;
		ret->number = amount;
		ret->unit = unit;
		*ret_in_units = i == 1;
		return true;
	}
	VG_COMPLAIN(compiler, VG227, item->place, "Write a mass or units of a day's dose: \"4 g\", \"20 mg\", \"100 units\".",
		    "The dose \"%s\" is neither a mass nor a number of units.", given.text);
	return false;
}

int vg_take_choice(vg_compiler *compiler, const vg_item *item, const char *what, const char *choices)
{
	const char *text;
	if (!vg_take_text(compiler, item, what, &text))
		return -1;
	int place = 0;
	for (const char *at = choices; *at; place++) {
		size_t length = strcspn(at, "|");
		if (strlen(text) == length && memcmp(at, text, length) == 0)
			return place;
		at += length + (at[length] == '|');
	}
	vg_buffer buffer;
	vg_buffer_init(&buffer, &compiler->scratch);
	for (const char *at = choices; *at; at += strcspn(at, "|"), at += *at == '|')
		vg_addf(&buffer, "%s\"%.*s\"", buffer.length ? ", " : "One of: ", (int)strcspn(at, "|"), at);
	VG_COMPLAIN(compiler, VG206, item->place, vg_buffer_text(&buffer), "%s cannot be \"%s\".", vg_opening(compiler, what),
		    text);
	return -1;
}
