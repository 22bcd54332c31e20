/* Truth tables: done, declined, ordered, vaccinated, visited. */
#include "rule_tests.h"

static void knows_what_was_done(void)
{
	static const truth_row rows[] = {
	    {"done \"colonoscopy\" :within \"10 years\"", "proc colonoscopy on=2016-03-01", T}, /* the last day of ten years */
	    {"done \"colonoscopy\" :within \"10 years\"", "proc colonoscopy on=2016-02-29", F},
	    {"done \"colonoscopy\" :within \"10 years\"", "proc colonoscopy on=2016", U},
	    {"done \"colonoscopy\" :within \"10 years\"", "proc colonoscopy on=2017", T},
	    {"done \"colonoscopy\" :within \"10 years\"", "proc colonoscopy on=2015", F},
	    {"done \"colonoscopy\" :within \"10 years\"", "proc colonoscopy", U},
	    {"done \"colonoscopy\"", "proc colonoscopy", T},
	    {"done \"colonoscopy\"", "proc colonoscopy status=not-done", F},
	    {"done \"colonoscopy\"", "proc colonoscopy status=in-progress", F},
	    {"done \"colonoscopy\"", "", F},
	    {"done \"colonoscopy\"", "no procedures", U},
	    {"done \"colonoscopy\"", "since procedures 2020-01-01", U},
	    {"done \"colonoscopy\" :within \"5 years\"", "since procedures 2020-01-01", F},
	    {"done \"colonoscopy\" :within \"10 years\"", "since procedures 2020-01-01", U},
	    {"done \"colonoscopy\"", "no results; no immunizations", F},
	    {"done \"FIT\"", "no results", U},
	    {"done \"FIT\"", "no procedures", F},
	    {"done \"FIT\" :within \"1 year\"", "coded FIT negative on=2025-06-01", T},
	    {"done \"FIT\" :within \"1 year\"", "report FIT on=2025-06-01", T},
	    {"done \"zoster vaccine\"", "shot zoster on=2020-01-01", T},
	    {"done \"colonoscopy\" :after_age \"50 years\"", "born 1970-05-01; proc colonoscopy on=2020-05-01", T},
	    {"done \"colonoscopy\" :after_age \"50 years\"", "born 1970-05-02; proc colonoscopy on=2020-05-01", F},
	    {"done \"colonoscopy\" :after_age \"50 years\"", "proc colonoscopy on=2020-05-01", U},
	    {"done \"colonoscopy\" :times(2)", "proc colonoscopy on=2020-05-01; proc colonoscopy on=2021-05-01", T},
	    {"done \"colonoscopy\" :times(2)", "proc colonoscopy on=2020-05-01; proc colonoscopy on=2020-05-01", F},
	    {"done \"colonoscopy\" :times(2)", "proc colonoscopy on=2020-05-01; proc colonoscopy on=2020", U},
	    {"done \"colonoscopy\" :times(2)", "proc colonoscopy on=2020-05-01; no procedures", U},
	};
	CHECK_TRUTHS(rows);
}

static void looks_at_results_of_what_was_done(void)
{
	static const char fit[] = "done \"FIT\" :unless_result \"abnormal\" :within \"1 year\"";
	static const truth_row rows[] = {
	    {fit, "coded FIT negative on=2025-06-01", T},
	    {fit, "coded FIT positive on=2025-06-01", F},
	    {fit, "coded FIT unheard-of on=2025-06-01", U},
	    {fit, "report FIT on=2025-06-01", U}, /* nothing tells the result */
	    {fit, "report FIT on=2025-06-01; coded FIT negative on=2025-06-01", T},
	    {fit, "report FIT on=2025-06-01; coded FIT positive on=2025-06-01", F},
	    {fit, "report FIT on=2025-06-01; coded FIT negative on=2025-05-01", T}, /* that one counts by itself */
	    {fit, "", F},
	    {fit, "no results", U},
	};
	CHECK_TRUTHS(rows);
}

/* HbA1c is measured (tables/analytes.csv of the pack), FIT is not. */
static void a_measurement_without_a_value_was_perhaps_not_made(void)
{
	static const char test[] = "done \"HbA1c\" :within \"1 year\"";
	static const truth_row rows[] = {
	    {test, "lab HbA1c 7 % on=2025-06-01", T},
	    {test, "lab HbA1c on=2025-06-01", U},
	    {test, "lab HbA1c on=2025-06-01 absent=unknown", U},
	    {test, "lab HbA1c on=2025-06-01 absent=not-performed", F},
	    {test, "lab HbA1c on=2025-06-01 absent=error", F},
	    {test, "lab HbA1c on=2025-06-01 absent=not-applicable", F},
	    {test, "lab HbA1c on=2025-06-01 absent=masked", T},
	    {test, "lab HbA1c on=2025-06-01 member=Observation/other", T},
	    {test, "text HbA1c hemolyzed on=2025-06-01", F},
	    {test, "lab HbA1c on=2025-06-01; lab HbA1c 7 % on=2025-06-01", T}, /* the same test, told twice */
	    {test, "lab HbA1c on=2025-06-01; report HbA1c on=2025-06-01", T},
	    {test, "lab HbA1c on=2025-06-01; lab HbA1c 7 % on=2025-05-01", T}, /* that one counts by itself */
	    {test, "lab HbA1c on=2025-06-01; lab HbA1c 7 % on=2024-05-01", U},
	    {test, "lab HbA1c on=2025-06-01; text HbA1c hemolyzed on=2025-06-01", U},
	    {"declined \"HbA1c\"", "lab HbA1c on=2025-06-01 absent=asked-declined", T},
	    {"declined \"HbA1c\"", "lab HbA1c on=2025-06-01 absent=error", F},
	    {"resulted \"HbA1c\"", "lab HbA1c on=2025-06-01", F},
	    {"resulted \"HbA1c\"", "lab HbA1c on=2025-06-01 absent=masked", T},
	    {"latest \"HbA1c\" :is_above \"8 %\"", "lab HbA1c 9 % on=2025-05-01; lab HbA1c on=2025-06-01 absent=not-performed",
	     T},
	    {"latest \"HbA1c\" :is_above \"8 %\"", "lab HbA1c 9 % on=2025-05-01; lab HbA1c on=2025-06-01", T},
	    {"latest \"HbA1c\" :is_above \"8 %\"", "lab HbA1c 9 % on=2025-05-01; lab HbA1c on=2025-06-01 absent=masked", U},
	    {"done \"FIT\"", "lab FIT on=2025-06-01", T},
	    {"done \"FIT\"", "lab FIT on=2025-06-01 absent=not-performed", F},
	};
	CHECK_TRUTHS(rows);
}

static void knows_other_events(void)
{
	static const truth_row rows[] = {
	    {"declined \"colonoscopy\" :within \"1 year\"", "proc colonoscopy on=2026-01-01 status=not-done", T},
	    {"declined \"colonoscopy\" :within \"1 year\"", "proc colonoscopy on=2024-01-01 status=not-done", F},
	    {"declined \"colonoscopy\"", "proc colonoscopy on=2026-01-01", F},
	    {"declined \"colonoscopy\"", "no procedures", U},
	    {"declined \"zoster vaccine\"", "shot zoster on=2026-01-01 status=not-done", T},
	    {"ordered \"colonoscopy\" :within \"90 days\"", "service colonoscopy on=2025-12-01", T}, /* the 90th day */
	    {"ordered \"colonoscopy\" :within \"90 days\"", "service colonoscopy on=2025-11-30", F},
	    {"ordered \"colonoscopy\"", "service colonoscopy on=2026-01-01 status=revoked", F},
	    {"ordered \"colonoscopy\"", "test colonoscopy", F}, /* an order being made */
	    {"ordered \"colonoscopy\"", "proc colonoscopy on=2026-01-01", F},
	    {"ordered \"colonoscopy\"", "no orders", U},
	    {"ordered \"warfarin\"", "med warfarin on=2026-01-01", T},
	    {"ordered \"warfarin\"", "no medications", U},
	    {"ordered \"warfarin\"", "no orders", F},
	    {"vaccinated \"zoster vaccine\" :doses_at_least(2)", "shot zoster on=2020-01-01; shot zoster on=2020-04-01", T},
	    {"vaccinated \"zoster vaccine\" :doses_at_least(2)", "shot zoster on=2020-01-01; shot zoster on=2020-01-01", F},
	    {"vaccinated \"zoster vaccine\" :doses_at_least(2)", "shot zoster on=2020-01-01", F},
	    {"vaccinated \"zoster vaccine\" :doses_at_least(2)", "shot zoster on=2020-01-01; no immunizations", U},
	    {"vaccinated \"zoster vaccine\"", "shot zoster on=2020-01-01 status=not-done", F},
	    {"vaccinated \"zoster vaccine\"", "no immunizations", U},
	    {"vaccinated \"zoster vaccine\" :after_age \"50 years\"", "born 1960-01-01; shot zoster on=2020-01-01", T},
	    {"visited \"dialysis\" :within \"30 days\"", "visit dialysis on=2026-02-20 to=2026-02-20", T},
	    {"visited \"dialysis\" :within \"30 days\"", "visit dialysis on=2025-01-01 to=2026-02-20",
	     T}, /* counts at its end */
	    {"visited \"dialysis\" :within \"30 days\"", "visit dialysis on=2025-01-01 status=in-progress", T},
	    {"visited \"dialysis\" :within \"30 days\"", "visit dialysis on=2026-01-29 to=2026-01-29", F},
	    {"visited \"dialysis\" :within \"30 days\"", "visit dialysis on=2026-01-30 to=2026-01-30", T}, /* the 30th day */
	    {"visited \"dialysis\" :within \"30 days\"", "visit dialysis on=2026-02-20 status=planned", F},
	    {"visited \"dialysis\" :within \"30 days\"", "no encounters", U},
	    {"visited \"dialysis\" :within \"30 days\"", "since encounters 2026-01-01", F},
	    {"visited \"dialysis\" :times(3) :on_different_days :within \"30 days\"",
	     "visit dialysis on=2026-02-20 to=2026-02-20; visit dialysis on=2026-02-21 to=2026-02-21; visit dialysis "
	     "on=2026-02-22 to=2026-02-22",
	     T},
	    {"visited \"dialysis\" :times(3) :on_different_days :within \"30 days\"",
	     "visit dialysis on=2026-02-20 to=2026-02-20; visit dialysis on=2026-02-20 to=2026-02-20; visit dialysis "
	     "on=2026-02-22 to=2026-02-22",
	     F},
	};
	CHECK_TRUTHS(rows);
}

/* 29 February and the ends of months. */
static void counts_by_the_calendar(void)
{
	static const truth_row rows[] = {
	    {"done \"colonoscopy\" :within \"1 year\"", "proc colonoscopy on=2024-02-28", T}, /* 28 February 2025 less a year */
	    {"done \"colonoscopy\" :within \"1 year\"", "proc colonoscopy on=2024-02-27", F},
	};
	check_truths(rows, VG_COUNT(rows), "2025-02-28");
	static const truth_row leap[] = {
	    {"done \"colonoscopy\" :within \"1 year\"", "proc colonoscopy on=2023-02-28", T}, /* 29 February 2024 less a year */
	    {"done \"colonoscopy\" :within \"1 year\"", "proc colonoscopy on=2023-02-27", F},
	};
	check_truths(leap, VG_COUNT(leap), "2024-02-29");
	static const truth_row month[] = {
	    {"done \"colonoscopy\" :within \"1 month\"", "proc colonoscopy on=2025-02-28", T}, /* 31 March less a month */
	    {"done \"colonoscopy\" :within \"1 month\"", "proc colonoscopy on=2025-02-27", F},
	};
	check_truths(month, VG_COUNT(month), "2025-03-31");
}

const test_case test_cases_events[] = {
    {"done is looked for where its set's codes belong", knows_what_was_done},
    {"an abnormal result does not count as done, an unreadable one may", looks_at_results_of_what_was_done},
    {"a measurement without a value was perhaps not made", a_measurement_without_a_value_was_perhaps_not_made},
    {"declined, ordered, vaccinated, visited", knows_other_events},
    {"windows go by the calendar", counts_by_the_calendar},
    {0},
};
