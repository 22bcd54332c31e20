/*
 * The daily dose of one ingredient, from dosage instructions and the product's
 * strength.
 *
 * Instructions with one sequence number (or none) are taken together and add
 * up; instructions of several numbers follow each other, and the largest sum
 * counts.  As-needed counts at its maximum.  What cannot be read makes the
 * whole unreadable: a dose that is half known must never pass for a small one.
 */
#include "record/record_internal.h"

/* As vg_unit_parse reads them; tests/record/test_medications.c compares. */
const vg_unit vg_milligram = {.factor = 1e-3, .dimension = {[0] = 1}, .text = "mg"};
const vg_unit vg_millilitre = {.factor = 1e-3, .dimension = {[2] = 1}, .text = "mL"};
const vg_unit vg_biological = {.factor = 1, .dimension = {[5] = 1}, .text = "[iU]"};

bool vg_unit_is_plain(const vg_unit *unit)
{
	for (size_t i = 0; i < VG_COUNT(unit->dimension); i++)
		if (unit->dimension[i])
			return false;
	return unit->factor == 1 && unit->offset == 0;
}

/* Dose units (tablets, mL, mg, IU) of one day. */
static bool units_per_day(const vg_dose *dose, double *ret)
{
	double by_times = dose->amount * dose->times_per_day;
	if (isnan(by_times) && isnan(dose->maximum_per_day))
		return false;
	*ret = isnan(by_times) || dose->maximum_per_day < by_times ? dose->maximum_per_day : by_times;
	return isfinite(*ret) && *ret >= 0;
}

/* Mass or biological units of one dose unit of `dose`, for one ingredient. */
static bool per_unit(const vg_record *record, const vg_clinical_fact *fact, uint16_t ingredient, const vg_dose *dose,
		     double *ret, const char **ret_unit)
{
	bool direct = fact->ingredient_count == 1;
	if (dose->unit_known && direct && vg_unit_convert(record->knowledge, 0, 1, &dose->unit, &vg_milligram, ret)) {
		*ret_unit = "mg";
		return true;
	}
	if (dose->unit_known && direct && vg_unit_convert(record->knowledge, 0, 1, &dose->unit, &vg_biological, ret)) {
		*ret_unit = "[iU]";
		return true;
	}
	const vg_strength *strengths = fact->product ? vg_drug_strengths(record->knowledge, fact->product) : NULL;
	if (!dose->unit_known || !strengths || vg_drug_is_pack(record->knowledge, fact->product))
		return false;
	const vg_strength *strength = &strengths[ingredient];
	if (!(strength->amount > 0) || !(strength->per > 0) || !strength->unit)
		return false;
	double amount;
	if (!strength->per_unit || !*strength->per_unit) {
		if (!vg_unit_is_plain(&dose->unit))
			return false;
		amount = 1;
	} else {
		if (strcmp(strength->per_unit, "mL") != 0 || vg_unit_is_plain(&dose->unit) ||
		    !vg_unit_convert(record->knowledge, 0, 1, &dose->unit, &vg_millilitre, &amount))
			return false;
	}
	*ret = amount * strength->amount / strength->per;
	*ret_unit = strength->unit;
	return true;
}

bool vg_daily_dose(const vg_record *record, const vg_clinical_fact *fact, uint16_t ingredient, double *ret,
		   const char **ret_unit)
{
	if (fact->dose_count == 0 || ingredient >= fact->ingredient_count)
		return false;
	double most = 0;
	const char *unit = NULL;
	for (uint16_t first = 0; first < fact->dose_count; first++) {
		double sum = 0;
		for (uint16_t i = 0; i < fact->dose_count; i++) {
			if (fact->doses[i].sequence != fact->doses[first].sequence)
				continue;
			double units, one;
			const char *this_unit;
			if (!units_per_day(&fact->doses[i], &units) ||
			    !per_unit(record, fact, ingredient, &fact->doses[i], &one, &this_unit))
				return false;
			if (unit && strcmp(unit, this_unit) != 0)
				return false;
			unit = this_unit;
			sum += units * one;
		}
		if (sum > most)
			most = sum;
	}
	*ret = most;
	*ret_unit = unit;
	return true;
}
