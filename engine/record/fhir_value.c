/*
 * Values of results: every value[x] of an Observation, and how it is said.
 *
 * A number keeps its comparator and its unit; a text stays a text, even when it
 * looks like a number, because nobody said in which unit it is.  What was not
 * measured (dataAbsentReason, SampledData, an attachment) has no value.
 */
#include "record/record_internal.h"

/* Tens of thousandths, written as people do: most measurements have no more digits. */
static size_t short_number(int64_t scaled, char out[32])
{
	char digits[24];
	size_t count = 0, used = 0;
	if (scaled < 0)
		out[used++] = '-';
	uint64_t all = scaled < 0 ? (uint64_t)-scaled : (uint64_t)scaled, whole = all / 10000;
	unsigned behind = (unsigned)(all % 10000);
	do
		digits[count++] = (char)('0' + whole % 10);
	while (whole /= 10);
	while (count)
		out[used++] = digits[--count];
	if (behind)
		out[used++] = '.';
	for (; behind; behind = behind % 1000 * 10)
		out[used++] = (char)('0' + behind / 1000);
	return used;
}

/* Without the noise of conversions: four decimals, or four digits of what is smaller than one. */
size_t vg_shown_number(double number, char out[32])
{
	double magnitude = fabs(number);
	double scale = 1e4;
	if (magnitude > 0 && magnitude < 0.11) /* larger ones have this scale, too, and need no logarithm */
		scale = pow(10, 4 - ceil(log10(magnitude)));
	if (scale == 1e4 && magnitude < 1e11)
		return short_number((int64_t)(number * scale + copysign(0.5, number)), out);
	double rounded = round(number * scale) / scale;
	return vg_number_text(isfinite(rounded) && magnitude < 1e11 ? rounded : number, out);
}

/* "{pill}" is said "pill", and "1" is not said. */
static vg_view said_unit(const char *unit)
{
	size_t length = strlen(unit);
	if (length == 1 && unit[0] == '1')
		return (vg_view){"", 0};
	bool braces = length > 2 && unit[0] == '{' && unit[length - 1] == '}';
	return (vg_view){unit + braces, length - 2 * (size_t)braces};
}

static void add_unit(vg_buffer *text, const char *unit)
{
	vg_view said = said_unit(unit);
	if (said.length)
		vg_add(text, " ");
	vg_add_bytes(text, said.text, said.length);
}

static void add_number(vg_buffer *text, double number)
{
	char digits[32];
	vg_add_bytes(text, digits, vg_shown_number(number, digits));
}

static const char *buffer_text(vg_buffer *buffer)
{
	const char *text = vg_buffer_text(buffer);
	return text ? text : "";
}

static const char *said_quantity(vg_intake *in, double number, vg_comparator comparator, vg_view unit)
{
	static const char *const signs[] = {
	    [VG_EXACTLY] = "", [VG_LESS] = "< ", [VG_LESS_OR_SAME] = "≤ ", [VG_GREATER_OR_SAME] = "≥ ", [VG_GREATER] = "> "};
	char digits[32];
	size_t sign = strlen(signs[comparator]), count = vg_shown_number(number, digits);
	char *text = vg_alloc_unset(&in->record->arena, sign + count + 1 + unit.length + 1);
	if (!text)
		return "";
	memcpy(text, signs[comparator], sign);
	memcpy(text + sign, digits, count);
	char *end = text + sign + count;
	if (unit.length) {
		*end = ' ';
		memcpy(end + 1, unit.text, unit.length);
		end += 1 + unit.length;
	}
	*end = '\0';
	return text;
}

void vg_value_of_number(vg_intake *in, double number, vg_comparator comparator, const char *unit, const char *shown_unit,
			vg_value *ret)
{
	ret->kind = VG_VALUE_QUANTITY;
	ret->comparator = comparator;
	ret->number = number;
	ret->unit_known = vg_intake_unit(in, unit, &ret->unit);
	ret->text = said_quantity(in, number, comparator, said_unit(shown_unit && *shown_unit ? shown_unit : unit));
}

static void take_codes(vg_value *value, const vg_codes *codes)
{
	value->codes = codes->items;
	value->code_count = codes->count;
}

void vg_value_of_text(vg_intake *in, const char *text, vg_value *ret)
{
	if (!*text)
		return;
	vg_codes codes = {.text = vg_keep(in, text)};
	vg_codes_by_name(in, &codes, VG_NAME_OTHER, true);
	if (codes.count == 0)
		vg_codes_add(in, &codes, "", "", text);
	ret->kind = VG_VALUE_TEXT;
	ret->text = codes.text;
	take_codes(ret, &codes);
}

const char *vg_quantity_unit(const vg_json_node *quantity)
{
	const char *code = vg_text_of(VG_MEMBER(quantity, code));
	return *code ? code : vg_text_of(VG_MEMBER(quantity, unit));
}

static vg_comparator comparator_of(const char *sign)
{
	static const struct {
		const char *sign;
		vg_comparator comparator;
	} signs[] = {{"<", VG_LESS}, {"<=", VG_LESS_OR_SAME}, {">=", VG_GREATER_OR_SAME}, {">", VG_GREATER}};
	for (size_t i = 0; *sign && i < VG_COUNT(signs); i++)
		if (strcmp(signs[i].sign, sign) == 0)
			return signs[i].comparator;
	return VG_EXACTLY;
}

static void read_quantity(vg_intake *in, const vg_json_node *quantity, vg_value *ret)
{
	static const vg_places names = {VG_AT(value, 0), VG_AT(comparator, 1), VG_AT(unit, 2), VG_AT(code, 3)};
	const vg_json_node *member[4];
	VG_PICK(quantity, names, member);
	double number;
	if (!vg_number_of(member[0], &number)) {
		if (vg_is_something(member[0]))
			in->unreadable |= VG_BAD_VALUE;
		return;
	}
	const char *unit = vg_text_of(member[3]), *shown = vg_text_of(member[2]);
	vg_value_of_number(in, number, comparator_of(vg_text_of(member[1])), *unit ? unit : shown, shown, ret);
	/* A code that is no unit ("TAB" of a local list): the unit's name may be one. */
	if (!ret->unit_known && *unit && *shown)
		ret->unit_known = vg_intake_unit(in, shown, &ret->unit);
}

static void read_range(vg_intake *in, const vg_json_node *range, vg_value *ret)
{
	vg_value low = vg_empty_value(), high = low;
	read_quantity(in, VG_MEMBER(range, low), &low);
	read_quantity(in, VG_MEMBER(range, high), &high);
	if (low.kind == VG_VALUE_NONE && high.kind == VG_VALUE_NONE)
		return;
	*ret = low.kind == VG_VALUE_NONE ? high : low;
	ret->kind = VG_VALUE_RANGE;
	ret->comparator = VG_EXACTLY;
	ret->number = low.number;
	ret->upper = high.number;
	bool two_units = low.kind && high.kind && strcmp(low.unit.text, high.unit.text) != 0;
	if (two_units)
		ret->unit_known = false;
	vg_buffer text;
	vg_buffer_init(&text, &in->record->arena);
	vg_add(&text, low.kind ? low.text : "up to ");
	if (low.kind)
		vg_add(&text, " – ");
	vg_add(&text, high.kind ? high.text : "");
	ret->text = buffer_text(&text);
}

/* A titre, "1:128": a text, because no single number says it. */
static void read_ratio(vg_intake *in, const vg_json_node *ratio, vg_value *ret)
{
	double above, below;
	const vg_json_node *numerator = VG_MEMBER(ratio, numerator), *denominator = VG_MEMBER(ratio, denominator);
	if (!vg_number_of(VG_MEMBER(numerator, value), &above) || !vg_number_of(VG_MEMBER(denominator, value), &below))
		return;
	vg_buffer text;
	vg_buffer_init(&text, &in->scratch);
	add_number(&text, above);
	add_unit(&text, vg_quantity_unit(numerator));
	vg_add(&text, ":");
	add_number(&text, below);
	add_unit(&text, vg_quantity_unit(denominator));
	vg_value_of_text(in, buffer_text(&text), ret);
}

static void read_coded(vg_intake *in, const vg_json_node *concept, vg_value *ret)
{
	vg_codes codes = {.text = ""};
	vg_read_concept(in, concept, &codes);
	vg_codes_by_name(in, &codes, VG_NAME_OTHER, false);
	if (codes.count == 0 && !*codes.text)
		return;
	ret->kind = VG_VALUE_CODED;
	ret->text = codes.text;
	for (uint16_t i = 0; i < codes.count && !*ret->text; i++)
		ret->text = *codes.items[i].display ? codes.items[i].display : codes.items[i].code;
	take_codes(ret, &codes);
}

static void read_period_value(vg_intake *in, const vg_json_node *period, vg_value *ret)
{
	vg_buffer text;
	vg_buffer_init(&text, &in->scratch);
	vg_add(&text, vg_text_of(VG_MEMBER(period, start)));
	vg_add(&text, " – ");
	vg_add(&text, vg_text_of(VG_MEMBER(period, end)));
	vg_value_of_text(in, buffer_text(&text), ret);
}

static void read_kind(vg_intake *in, const char *name, const vg_json_node *value, vg_value *ret)
{
	double number;
	if (strcmp(name, "Quantity") == 0) {
		read_quantity(in, value, ret);
	} else if (strcmp(name, "CodeableConcept") == 0) {
		read_coded(in, value, ret);
	} else if (strcmp(name, "String") == 0 || strcmp(name, "Time") == 0 || strcmp(name, "DateTime") == 0) {
		vg_value_of_text(in, vg_text_of(value), ret);
	} else if (strcmp(name, "Boolean") == 0) {
		if (!vg_is(value, VG_JSON_TRUE) && !vg_is(value, VG_JSON_FALSE))
			return;
		ret->kind = VG_VALUE_BOOLEAN;
		ret->boolean = vg_is(value, VG_JSON_TRUE);
		ret->text = ret->boolean ? "yes" : "no";
	} else if (strcmp(name, "Integer") == 0 || strcmp(name, "Decimal") == 0) {
		if (vg_number_of(value, &number))
			vg_value_of_number(in, number, VG_EXACTLY, "", "", ret);
	} else if (strcmp(name, "Range") == 0) {
		read_range(in, value, ret);
	} else if (strcmp(name, "Ratio") == 0) {
		read_ratio(in, value, ret);
	} else if (strcmp(name, "Period") == 0) {
		read_period_value(in, value, ret);
	}
}

/* An object may say nothing, or what has no value (SampledData); anything else that came to none is none. */
static void read_given(vg_intake *in, const vg_json_node *value, vg_value *ret)
{
	read_kind(in, vg_name_of(value) + strlen("value"), value, ret);
	if (ret->kind == VG_VALUE_NONE && vg_is_something(value) && !vg_is(vg_list_of(value).item, VG_JSON_OBJECT))
		in->unreadable |= VG_BAD_VALUE;
}

void vg_read_value(vg_intake *in, const vg_json_node *value, const vg_json_node *interpretation, vg_value *ret)
{
	if (value && !vg_is(value, VG_JSON_NULL))
		read_given(in, value, ret);
	if (!interpretation)
		return;
	if (ret->kind == VG_VALUE_NONE) /* "abnormal" alone says something too */
		return read_coded(in, interpretation, ret);
	vg_codes codes = {
	    .items = (vg_code *)ret->codes, .count = ret->code_count, .capacity = ret->code_count, .text = ret->text};
	vg_read_concept(in, interpretation, &codes);
	take_codes(ret, &codes);
}
