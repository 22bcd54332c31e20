/*
 * Whether a medication counts on a day, and whether an order renews one.
 *
 * A record has no clock: it keeps what its entries say (status, bounds,
 * supply, which entry speaks for which), and the days between which that makes
 * an entry count.
 * RULES.md §4 "Medications" is the contract; docs/records.md tells it in full.
 */
#include "record/record_internal.h"

static const vg_duration one_month = {.months = 1};
static const vg_duration fifteen_months = {.months = 15};
enum {
	DAYS_AFTER_GIVING = 1,      /* a drug given today is still at work tomorrow */
	DAYS_OF_UNTOLD_SUPPLY = 90, /* what a pharmacy hands out at most, where nothing is told */
};

static bool is_administration(const vg_clinical_fact *fact) { return strcmp(fact->type, "MedicationAdministration") == 0; }
static bool is_dispense(const vg_clinical_fact *fact) { return strcmp(fact->type, "MedicationDispense") == 0; }

/* The last day on which it counts by what it says itself; VG_NO_DAY: open. */
static vg_day last_day(const vg_clinical_fact *fact)
{
	vg_day last = vg_when_known(fact->until) ? fact->until.last : VG_NO_DAY;
	if (is_administration(fact)) {
		if (last == VG_NO_DAY && vg_when_known(fact->when) && strcmp(fact->status, "in-progress") != 0)
			last = fact->when.last;
		return last == VG_NO_DAY ? VG_NO_DAY : last + DAYS_AFTER_GIVING;
	}
	if (is_dispense(fact) && last == VG_NO_DAY) {
		if (fact->supply_end != VG_NO_DAY)
			return vg_day_plus(fact->supply_end, one_month);
		if (vg_when_known(fact->when))
			return fact->when.last + DAYS_OF_UNTOLD_SUPPLY;
	}
	return last;
}

/* The newest day on which it was known to be wanted. */
static vg_day listed_on(const vg_clinical_fact *fact)
{
	vg_day day = vg_when_known(fact->when) ? fact->when.last : VG_NO_DAY;
	if (vg_when_known(fact->recorded) && fact->recorded.last > day)
		day = fact->recorded.last;
	return fact->renewed > day ? fact->renewed : day;
}

/* The day behind that on which it was last known to be at hand, plus some grace. */
static vg_day stale_from(const vg_clinical_fact *fact, vg_day last)
{
	if (fact->supply_end != VG_NO_DAY)
		return vg_day_plus(fact->supply_end, one_month) + 1;
	vg_day listed = last == VG_NO_DAY ? listed_on(fact) : VG_NO_DAY;
	return listed == VG_NO_DAY ? VG_FAR_FUTURE : vg_day_plus(listed, fifteen_months) + 1;
}

vg_medication_span vg_medication_span_of(const vg_clinical_fact *fact)
{
	bool counts = fact->standing == VG_CURRENT || fact->standing == VG_PRELIMINARY || fact->standing == VG_INTENDED;
	if (fact->kind != VG_FACT_MEDICATION || !counts)
		return (vg_medication_span){VG_FAR_FUTURE, VG_NO_DAY, VG_FAR_FUTURE};
	vg_day last = last_day(fact);
	vg_medication_span span = {VG_NO_DAY, last == VG_NO_DAY ? VG_FAR_FUTURE : last + 1, stale_from(fact, last)};
	if (vg_when_known(fact->when))
		span.from = fact->when.first - 1; /* what lies more than a day ahead is not used */
	if (fact->superseded_by && fact->superseded_from < span.until)
		span.until = fact->superseded_from;
	return span;
}

vg_activity vg_medication_activity(const vg_clinical_fact *fact, vg_day as_of)
{
	vg_medication_span span = vg_medication_span_of(fact);
	return vg_span_activity(&span, as_of);
}

vg_day vg_medication_stopped_on(const vg_clinical_fact *fact)
{
	if (fact->kind != VG_FACT_MEDICATION || fact->standing == VG_PLANNED || fact->standing == VG_NOT_DONE ||
	    fact->standing == VG_DRAFT)
		return VG_NO_DAY;
	vg_day last = last_day(fact);
	return last == VG_NO_DAY ? VG_NO_DAY : last + 1;
}

static bool has_ingredient(const vg_clinical_fact *fact, uint32_t ingredient)
{
	for (uint16_t i = 0; i < fact->ingredient_count; i++)
		if (fact->ingredients[i] == ingredient)
			return true;
	return false;
}

static bool same_ingredients(const vg_clinical_fact *a, const vg_clinical_fact *b)
{
	if (a->ingredient_count == 0 || a->ingredient_count != b->ingredient_count)
		return false;
	for (uint16_t i = 0; i < a->ingredient_count; i++)
		if (!has_ingredient(b, a->ingredients[i]))
			return false;
	return true;
}

/* An unknown route counts as systemic, so it may be that of any systemic one. */
static bool same_route(uint8_t a, uint8_t b)
{
	if (a == VG_ROUTE_UNKNOWN || b == VG_ROUTE_UNKNOWN)
		return vg_route_systemic((vg_route)a) && vg_route_systemic((vg_route)b);
	return a == b;
}

bool vg_order_is_renewal(const vg_record *record, const vg_clinical_fact *order, const vg_clinical_fact *medication)
{
	(void)record;
	if (order->kind != VG_FACT_MEDICATION || medication->kind != VG_FACT_MEDICATION)
		return false;
	if (*order->prior && *medication->reference && strcmp(order->prior, medication->reference) == 0)
		return true;
	return same_ingredients(order, medication) && same_route(order->route, medication->route);
}
