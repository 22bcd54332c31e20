/*
 * Values against limits, in three values.
 *
 * A value is a span: "24" is a point, "<5" everything below, a range what lies
 * between.  A comparison is true when the whole span meets it, false when none
 * of it does, else unknown.  Ends are compared with a relative tolerance of
 * 1e-9, far below what any laboratory reports, so that a conversion of units
 * never moves a value across a limit.
 */
#include "rule/rule_internal.h"

static bool same(double a, double b)
{
	if (a == b || isinf(a) || isinf(b))
		return a == b;
	double size = fabs(a) > fabs(b) ? fabs(a) : fabs(b);
	return fabs(a - b) <= size * 1e-9;
}

static bool same_unit(const vg_unit *a, const vg_unit *b)
{
	return a->factor == b->factor && a->offset == b->offset && memcmp(a->dimension, b->dimension, sizeof a->dimension) == 0;
}

static bool convert(const vg_scene *scene, vg_set analyte, const vg_value *value, const vg_unit *unit, double number,
		    double *ret)
{
	if (isinf(number)) {
		*ret = number;
		return true;
	}
	if (same_unit(&value->unit, unit)) {
		*ret = number;
		return true;
	}
	return vg_unit_convert(scene->knowledge, analyte, number, &value->unit, unit, ret);
}

bool vg_value_span(const vg_scene *scene, vg_set analyte, const vg_value *value, const vg_unit *unit, vg_span *ret)
{
	vg_span span = {value->number, value->number, false, false};
	if (value->kind == VG_VALUE_RANGE) {
		span.low = isnan(value->number) ? -INFINITY : value->number;
		span.high = isnan(value->upper) ? INFINITY : value->upper;
	} else if (value->kind != VG_VALUE_QUANTITY || isnan(value->number)) {
		return false;
	}
	if (value->comparator == VG_LESS || value->comparator == VG_LESS_OR_SAME) {
		span.low = -INFINITY;
		span.high_open = value->comparator == VG_LESS;
	} else if (value->comparator != VG_EXACTLY) {
		span.high = INFINITY;
		span.low_open = value->comparator == VG_GREATER;
	}
	if (!value->unit_known || !convert(scene, analyte, value, unit, span.low, &span.low) ||
	    !convert(scene, analyte, value, unit, span.high, &span.high))
		return false;
	*ret = span;
	return true;
}

vg_truth vg_span_above(vg_span span, double limit)
{
	if (!same(span.low, limit) ? span.low > limit : span.low_open)
		return VG_TRUE;
	return same(span.high, limit) || span.high < limit ? VG_FALSE : VG_UNKNOWN;
}

vg_truth vg_span_reaches(vg_span span, double limit)
{
	if (same(span.low, limit) || span.low > limit)
		return VG_TRUE;
	bool below = !same(span.high, limit) ? span.high < limit : span.high_open;
	return below ? VG_FALSE : VG_UNKNOWN;
}

vg_truth vg_span_compare(vg_span span, const vg_leaf *leaf)
{
	double low = leaf->low.number;
	switch (leaf->comparison) {
	case VG_BELOW:
		return vg_not(vg_span_reaches(span, low));
	case VG_ABOVE:
		return vg_span_above(span, low);
	case VG_AT_LEAST:
		return vg_span_reaches(span, low);
	case VG_AT_MOST:
		return vg_not(vg_span_above(span, low));
	case VG_BETWEEN:
		return vg_and(vg_span_reaches(span, low), vg_not(vg_span_above(span, leaf->high.number)));
	default:
		return VG_UNKNOWN;
	}
}

/* Is one of the value's codes (its interpretation's too) in the set?  A code
 * that nobody knows, and a value without codes, could be. */
vg_truth vg_coded_in(const vg_scene *scene, const vg_clinical_fact *fact, vg_set set)
{
	const vg_value *value = &fact->value;
	bool unknown = value->code_count == 0;
	for (size_t i = 0; i < value->code_count; i++) {
		vg_concept concept = value->codes[i].concept;
		if (concept && vg_set_has(scene->knowledge, set, concept))
			return VG_TRUE;
		unknown |= concept == 0;
	}
	return unknown ? VG_UNKNOWN : VG_FALSE;
}

static char lower(char letter) { return letter >= 'A' && letter <= 'Z' ? (char)(letter + 32) : letter; }

static bool holds(const char *text, const char *part)
{
	for (; *text; text++) {
		size_t i = 0;
		while (part[i] && lower(text[i]) == part[i])
			i++;
		if (!part[i])
			return true;
	}
	return false;
}

bool vg_value_readable(const vg_clinical_fact *fact)
{
	static const char *const no_values[] = {
#define X(text) text,
#include "rule/no_value.def"
#undef X
	};
	if (fact->value.kind != VG_VALUE_TEXT)
		return fact->value.kind != VG_VALUE_NONE;
	for (size_t i = 0; i < VG_COUNT(no_values); i++)
		if (holds(fact->value.text, no_values[i]))
			return false;
	return true;
}

vg_truth vg_judge(const vg_scene *scene, const vg_leaf *leaf, const vg_clinical_fact *fact, vg_look *look)
{
	vg_span span;
	if (leaf->comparison == VG_NO_COMPARISON)
		return VG_TRUE;
	if (leaf->comparison == VG_IS) {
		vg_truth truth = vg_coded_in(scene, fact, leaf->other_set);
		if (truth == VG_UNKNOWN)
			vg_look_missing(look, "the result \"%s\" of %s has no code that is known", fact->value.text,
					vg_set_name(scene->knowledge, leaf->set));
		return truth;
	}
	if (!vg_value_span(scene, leaf->set, &fact->value, &leaf->low.unit, &span)) {
		vg_look_missing(look, "\"%s\" cannot be compared with %s", fact->value.text, leaf->low.text);
		return VG_UNKNOWN;
	}
	vg_truth truth = vg_span_compare(span, leaf);
	if (truth == VG_UNKNOWN)
		vg_look_missing(look, "\"%s\" may lie on either side of %s", fact->value.text, leaf->low.text);
	return truth;
}
