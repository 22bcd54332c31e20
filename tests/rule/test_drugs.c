/* Truth tables: taking, ordering, will_be_taking, started, stopped, total_daily_dose. */
#include "rule_tests.h"

static void knows_what_is_taken(void)
{
	static const truth_row rows[] = {
	    {"taking \"warfarin\"", "med warfarin on=2026-01-01", T},
	    {"taking \"warfarin\"", "", F},
	    {"taking \"warfarin\"", "med metformin on=2026-01-01", F},
	    {"taking \"warfarin\"", "order warfarin", F},
	    {"taking \"warfarin\"", "no medications", U},
	    {"taking \"warfarin\"", "since medications 2025-01-01", U},
	    {"taking \"warfarin\"", "no medications; med warfarin on=2026-01-01", T},
	    {"taking \"warfarin\"", "no allergies; no results", F},
	    {"taking \"warfarin\"", "med warfarin on=2026-01-01 status=stopped", F},
	    {"taking \"warfarin\"", "med warfarin on=2026-01-01 status=completed", F},
	    {"taking \"warfarin\"", "med warfarin on=2026-01-01 status=on-hold", T},
	    {"taking \"warfarin\"", "med warfarin on=2026-01-01 status=cancelled", F},
	    {"taking \"warfarin\"", "med warfarin on=2026-01-01 to=2026-03-01", T}, /* the last day */
	    {"taking \"warfarin\"", "med warfarin on=2026-01-01 to=2026-02-28", F},
	    {"taking \"warfarin\"", "med warfarin on=2026-03-02", T}, /* a day ahead: other zones */
	    {"taking \"warfarin\"", "med warfarin on=2026-03-03", F}, /* the future does not count */
	    {"taking \"warfarin\"", "med warfarin on=2020-01-01", T}, /* stale counts */
	    {"taking \"systemic NSAID\"", "med ibuprofen on=2026-01-01", T},
	    {"taking \"systemic NSAID\" :at_least(2)", "med ibuprofen on=2026-01-01; med naproxen on=2026-01-01", T},
	    {"taking \"systemic NSAID\" :at_least(2)", "med ibuprofen on=2026-01-01", F},
	    {"taking \"systemic NSAID\" :at_least(2)", "med ibuprofen on=2026-01-01; med ibuprofen-gel on=2026-01-01", F},
	    {"taking \"systemic NSAID\" :at_least(2)", "med ibuprofen on=2026-01-01; no medications", U},
	    {"taking \"opioid\"", "med oxycodone-acetaminophen on=2026-01-01", T},
	    {"taking \"acetaminophen\"", "med oxycodone-acetaminophen on=2026-01-01", T},
	};
	CHECK_TRUTHS(rows);
}

static void knows_routes(void)
{
	static const truth_row rows[] = {
	    {"taking \"systemic NSAID\" :by_route \"oral\"", "med ibuprofen on=2026-01-01", T},
	    {"taking \"systemic NSAID\" :by_route \"topical\"", "med ibuprofen on=2026-01-01", F},
	    {"taking \"systemic NSAID\" :by_route \"topical\"", "med ibuprofen-gel on=2026-01-01", T},
	    {"taking \"systemic NSAID\" :by_route \"systemic\"", "med ibuprofen-gel on=2026-01-01", F},
	    {"taking \"systemic NSAID\" :by_route \"systemic\"", "med ibuprofen on=2026-01-01", T},
	    {"taking \"systemic NSAID\" :by_route \"topical\"", "med ibuprofen-somehow on=2026-01-01", U},
	    {"taking \"systemic NSAID\" :by_route \"systemic\"", "med ibuprofen-somehow on=2026-01-01", U},
	    {"taking \"systemic NSAID\" :by_route \"topical\" :at_least(2)",
	     "med ibuprofen-gel on=2026-01-01; med naproxen on=2026-01-01", F},
	    {"ordering \"systemic NSAID\" :by_route \"topical\"", "order ibuprofen-gel", T},
	    {"ordering \"systemic NSAID\" :by_route \"topical\"", "order ibuprofen-somehow", U},
	    {"ordering \"systemic NSAID\" :by_route \"oral\"", "order ibuprofen-somehow route=oral", T},
	};
	CHECK_TRUTHS(rows);
}

static void knows_times(void)
{
	static const truth_row rows[] = {
	    {"taking \"MAO inhibitor\" :within \"14 days\"", "med phenelzine on=2025-01-01", T},
	    {"taking \"MAO inhibitor\" :within \"14 days\"", "med phenelzine on=2025-01-01 to=2026-02-14", T},
	    {"taking \"MAO inhibitor\" :within \"14 days\"", "med phenelzine on=2025-01-01 to=2026-02-15", T},
	    {"taking \"MAO inhibitor\" :within \"14 days\"", "med phenelzine on=2025-01-01 to=2026-02-13", F},
	    {"taking \"MAO inhibitor\" :within \"14 days\"", "med phenelzine on=2025-01-01 status=stopped", U},
	    {"taking \"metformin\" :for_at_least \"90 days\"", "med metformin on=2025-12-01", T}, /* 90 days */
	    {"taking \"metformin\" :for_at_least \"90 days\"", "med metformin on=2025-12-02", F},
	    {"taking \"metformin\" :for_at_least \"90 days\"", "med metformin", U},
	    {"taking \"metformin\" :for_at_least \"90 days\"",
	     "med metformin on=2026-01-15; med metformin on=2025-10-01 to=2026-01-14 status=completed", T}, /* a renewal */
	    {"taking \"metformin\" :for_at_least \"90 days\"",
	     "med metformin on=2026-01-15; med metformin on=2025-01-01 to=2025-06-01 status=completed", F}, /* a gap */
	    {"started \"glucose-lowering drug\" :within \"60 days\"", "med metformin on=2025-12-31", T},
	    {"started \"glucose-lowering drug\" :within \"60 days\"", "med metformin on=2025-12-30", F},
	    {"started \"glucose-lowering drug\" :within \"60 days\"", "med metformin", U},
	    {"started \"glucose-lowering drug\" :within \"60 days\"", "", F},
	    {"started \"glucose-lowering drug\" :within \"60 days\"", "no medications", U},
	    {"started \"glucose-lowering drug\" :within \"60 days\"", "since medications 2025-06-01", F},
	    {"started \"glucose-lowering drug\" :within \"60 days\"", "order metformin", F},
	    {"started \"glucose-lowering drug\" :within \"60 days\"",
	     "med metformin on=2026-02-01; med metformin on=2024-01-01", F},
	    {"started \"glucose-lowering drug\" :within \"60 days\"",
	     "med metformin on=2026-02-01; med glyburide on=2024-01-01", T},
	    {"started \"glucose-lowering drug\" :within \"60 days\"",
	     "med metformin on=2026-02-01 renews=MedicationRequest/old", F},
	    {"started \"glucose-lowering drug\" :within \"60 days\"",
	     "med metformin on=2026-02-01; med metformin on=2020-01-01 to=2020-06-01 status=completed", T},
	    {"stopped \"MAO inhibitor\" :within \"14 days\"", "med phenelzine on=2025-01-01 to=2026-02-20", T},
	    {"stopped \"MAO inhibitor\" :within \"14 days\"", "med phenelzine on=2025-01-01 to=2026-02-01", F},
	    {"stopped \"MAO inhibitor\" :within \"14 days\"", "med phenelzine on=2025-01-01", F},
	    {"stopped \"MAO inhibitor\"", "med phenelzine on=2025-01-01 status=stopped", T},
	    {"stopped \"MAO inhibitor\" :within \"14 days\"", "med phenelzine on=2025-01-01 status=stopped", U},
	    {"stopped \"MAO inhibitor\" :within \"14 days\"", "no medications", U},
	    {"stopped \"MAO inhibitor\" :within \"14 days\"", "", F},
	};
	CHECK_TRUTHS(rows);
}

static void knows_orders_and_drafts(void)
{
	static const truth_row rows[] = {
	    {"ordering \"systemic NSAID\"", "order ibuprofen", T},
	    {"ordering \"systemic NSAID\"", "draft ibuprofen; order metformin", F},
	    {"ordering \"systemic NSAID\"", "med ibuprofen on=2026-01-01", F},
	    {"ordering \"systemic NSAID\"", "no medications", F}, /* what is being ordered is always known */
	    {"ordering \"FIT\"", "test FIT", T},
	    {"will_be_taking \"proton pump inhibitor\"", "med omeprazole on=2026-01-01", T},
	    {"will_be_taking \"proton pump inhibitor\"", "order omeprazole", T},
	    {"will_be_taking \"proton pump inhibitor\"", "draft omeprazole", T},
	    {"will_be_taking \"proton pump inhibitor\"", "", F},
	    {"will_be_taking \"proton pump inhibitor\"", "no medications", U},
	    {"will_be_taking \"proton pump inhibitor\"", "no medications; draft omeprazole", T},
	    {"will_be_taking \"systemic NSAID\" :at_least(2)", "med ibuprofen on=2026-01-01; draft naproxen", T},
	    {"will_be_taking \"systemic NSAID\" :at_least(2)", "med ibuprofen on=2026-01-01; order ibuprofen", F},
	};
	CHECK_TRUTHS(rows);
}

static void knows_doses(void)
{
	static const truth_row rows[] = {
	    {"taking \"metformin\" :daily_dose_above \"2 g\"", "med metformin on=2026-01-01 dose=2 per=2",
	     F}, /* 2000 mg, exactly */
	    {"taking \"metformin\" :daily_dose_above \"2 g\"", "med metformin on=2026-01-01 dose=2 per=3", T},
	    {"taking \"metformin\" :daily_dose_above \"2 g\"", "med metformin on=2026-01-01", U},
	    {"ordering \"metformin\" :daily_dose_above \"1500 mg\"", "order metformin dose=2 per=2", T},
	    {"ordering \"methotrexate\" :more_often_than \"1 week\"", "order methotrexate dose=4 per=1 every=1", T},
	    {"ordering \"methotrexate\" :more_often_than \"1 week\"", "order methotrexate dose=4 per=1 every=7", F},
	    {"ordering \"methotrexate\" :more_often_than \"1 week\"", "order methotrexate", U},
	    {"ordering \"ibuprofen\" :duration_above \"5 days\"", "order ibuprofen on=2026-03-01 to=2026-03-05",
	     F}, /* five days */
	    {"ordering \"ibuprofen\" :duration_above \"5 days\"", "order ibuprofen on=2026-03-01 to=2026-03-06", T},
	    {"ordering \"ibuprofen\" :duration_above \"5 days\"", "order ibuprofen on=2026-03-01", U},
	};
	CHECK_TRUTHS(rows);
}

static void knows_total_doses(void)
{
	static const char above[] = "total_daily_dose(\"acetaminophen\") :is_above \"4 g\"";
	static const truth_row rows[] = {
	    {above, "", F},
	    {above, "no medications", U},
	    {above, "order acetaminophen500 dose=2 per=4", F}, /* 4 g exactly */
	    {above, "order acetaminophen500 dose=2 per=5", T},
	    {above, "med acetaminophen325 on=2026-01-01 dose=2 per=2; order acetaminophen500 dose=2 per=4",
	     F}, /* renewed: 4 g */
	    {above, "med oxycodone-acetaminophen on=2026-01-01 dose=1 per=4; order acetaminophen500 dose=2 per=4",
	     T}, /* 1.3 + 4 g */
	    {above, "med oxycodone-acetaminophen on=2026-01-01; order acetaminophen500 dose=1 per=4", U},
	    {above, "med oxycodone-acetaminophen on=2026-01-01; order acetaminophen500 dose=2 per=5", T}, /* enough is known */
	    {above, "no medications; order acetaminophen500 dose=2 per=5", T},
	    {above, "no medications; order acetaminophen500 dose=1 per=1", U},
	    {above, "draft acetaminophen500 dose=2 per=5", T},
	    {"total_daily_dose(\"acetaminophen\") :is_below \"4 g\"", "", T},
	    {"total_daily_dose(\"acetaminophen\") :is_below \"4 g\"", "order acetaminophen500", U},
	    {"total_daily_dose(\"acetaminophen\") :is_between(\"1 g\", \"2 g\")", "order acetaminophen500 dose=1 per=3", T},
	    {"total_daily_dose(\"acetaminophen\") :is_at_least \"1500 mg\"", "order acetaminophen500 dose=1 per=3", T},
	    {"total_daily_dose(\"acetaminophen\") :is_at_most \"1500 mg\"", "order acetaminophen500 dose=1 per=3", T},
	    {"total_daily_dose(\"ibuprofen\") :is_above \"1 g\" :by_route \"oral\"", "order ibuprofen dose=1 per=3", T},
	    {"total_daily_dose(\"ibuprofen\") :is_above \"1 g\" :by_route \"topical\"", "order ibuprofen dose=1 per=3", F},
	    {"total_daily_dose(\"ibuprofen\") :is_above \"1 g\" :by_route \"oral\"", "order ibuprofen-somehow dose=1 per=3", U},
	    {above, "med acetaminophen500 on=2026-01-01 dose=2 per=4; draft acetaminophen500 dose=2 per=2",
	     F}, /* a draft renews too */
	    {"total_daily_dose(\"methotrexate\") :more_often_than \"1 week\"", "order methotrexate", U},
	    {"taking \"methotrexate\" :more_often_than \"48 hours\"", "med methotrexate on=2026-01-01 dose=1 every=2", F},
	    {"taking \"methotrexate\" :more_often_than \"48 hours\"", "med methotrexate on=2026-01-01 dose=1 every=1", T},
	    {"total_daily_dose(\"methotrexate\") :more_often_than \"1 week\"", "order methotrexate dose=4 every=1", T},
	    {"total_daily_dose(\"methotrexate\") :more_often_than \"1 week\"", "order methotrexate dose=4 every=7", F},
	    {"total_daily_dose(\"methotrexate\") :more_often_than \"1 week\"", "no medications", U},
	};
	CHECK_TRUTHS(rows);
}

const test_case test_cases_drugs[] = {
    {"taking counts what is active, and is unknown without the list", knows_what_is_taken},
    {"a route that is not known is neither topical nor systemic", knows_routes},
    {"starts, stops and lengths of courses; a renewal is no start", knows_times},
    {"ordering, drafts and what protects", knows_orders_and_drafts},
    {"doses, frequencies and lengths that cannot be read are unknown", knows_doses},
    {"the sum of all products is known at least as far as it can be read", knows_total_doses},
    {0},
};
