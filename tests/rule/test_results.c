/* Truth tables: resulted, latest, trends, readings. */
#include "rule_tests.h"

static void takes_the_newest_first(void)
{
	static const char below[] = "latest \"eGFR\" :is_below \"30 mL/min/1.73 m²\" :within \"1 year\"";
	static const truth_row rows[] = {
	    {below, "lab eGFR 24 mL/min/{1.73_m2} on=2026-01-02", T},
	    {below, "lab eGFR 30 mL/min/{1.73_m2} on=2026-01-02", F},
	    {below, "lab eGFR 29.9 mL/min/{1.73_m2} on=2026-01-02", T},
	    {below, "lab eGFR 24 mL/min/{1.73_m2} on=2026-01-02; lab eGFR 60 mL/min/{1.73_m2} on=2026-02-02", F},
	    {below, "lab eGFR 60 mL/min/{1.73_m2} on=2026-01-02; lab eGFR 24 mL/min/{1.73_m2} on=2026-02-02", T},
	    {below, "", U},
	    {below, "lab eGFR 24 mL/min/{1.73_m2} on=2025-03-01", T}, /* a year ago to the day */
	    {below, "lab eGFR 24 mL/min/{1.73_m2} on=2025-02-28", U}, /* none in the window */
	    {below, "lab eGFR 24 mL/min/{1.73_m2} on=2025", U},
	    {below, "lab eGFR 24 mL/min/{1.73_m2} on=2025; lab eGFR 24 mL/min/{1.73_m2} on=2025-12-31", T}, /* they agree */
	    {below, "lab eGFR 60 mL/min/{1.73_m2} on=2025; lab eGFR 24 mL/min/{1.73_m2} on=2025-12-01",
	     U}, /* which is newer? */
	    {below, "lab eGFR 60 mL/min/{1.73_m2} on=2025; lab eGFR 24 mL/min/{1.73_m2} on=2026-01-01", T},
	    {below, "lab eGFR 24 mL/min/{1.73_m2} on=2026-03-02", T}, /* a day ahead */
	    {below, "lab eGFR 24 mL/min/{1.73_m2} on=2026-03-03", U}, /* the future is not used */
	    {below, "lab eGFR 24 mg/dL on=2026-01-02", U},
	    {below, "lab eGFR 24 on=2026-01-02", U}, /* no unit */
	    {below, "lab eGFR 24 mL/min/{1.73_m2} on=2026-01-02 status=preliminary", T},
	    {below, "lab eGFR 24 mL/min/{1.73_m2} on=2026-01-02 status=registered", U},
	    {below, "lab eGFR 24 mL/min/{1.73_m2} on=2026-01-02 status=cancelled", U},
	    {below, "lab eGFR 24 mL/min/{1.73_m2} issued=2026-01-02T10:00:00Z", T},
	    {below, "lab eGFR 24 mL/min/{1.73_m2}", U}, /* without any date */
	    {"latest \"INR\" :is_above \"4\"", "lab INR 4.1 on=2020-01-01", T},
	    {"latest \"INR\" :is_above \"4\"", "lab INR 4.1 1 on=2020-01-01", T},
	    {"latest \"potassium\" :is_at_least \"5.5 mmol/L\"", "lab potassium 5.5 mmol/L on=2026-01-01", T},
	    {"latest \"potassium\" :is_at_most \"5.5 mmol/L\"", "lab potassium 5.5 mmol/L on=2026-01-01", T},
	    {"latest \"potassium\" :is_between(\"3.5 mmol/L\", \"5.0 mmol/L\")", "lab potassium 3.5 mmol/L on=2026-01-01", T},
	    {"latest \"potassium\" :is_between(\"3.5 mmol/L\", \"5.0 mmol/L\")", "lab potassium 5.1 mmol/L on=2026-01-01", F},
	    {"latest \"creatinine\" :is_above \"1.5 mg/dL\"", "lab creatinine 150 umol/L on=2026-01-01", T}, /* 1.697 mg/dL */
	    {"latest \"creatinine\" :is_above \"1.5 mg/dL\"", "lab creatinine 130 umol/L on=2026-01-01", F}, /* 1.47 mg/dL */
	};
	CHECK_TRUTHS(rows);
}

static void knows_comparators(void)
{
	static const truth_row rows[] = {
	    {"latest \"potassium\" :is_below \"4 mmol/L\"", "lab potassium <5 mmol/L on=2026-01-01", U},
	    {"latest \"potassium\" :is_below \"5 mmol/L\"", "lab potassium <5 mmol/L on=2026-01-01", T},
	    {"latest \"potassium\" :is_below \"5 mmol/L\"", "lab potassium <=5 mmol/L on=2026-01-01", U},
	    {"latest \"potassium\" :is_at_most \"5 mmol/L\"", "lab potassium <=5 mmol/L on=2026-01-01", T},
	    {"latest \"potassium\" :is_above \"5 mmol/L\"", "lab potassium <5 mmol/L on=2026-01-01", F},
	    {"latest \"potassium\" :is_above \"5 mmol/L\"", "lab potassium <=5 mmol/L on=2026-01-01", F},
	    {"latest \"potassium\" :is_at_least \"5 mmol/L\"", "lab potassium <5 mmol/L on=2026-01-01", F},
	    {"latest \"potassium\" :is_above \"5 mmol/L\"", "lab potassium >5 mmol/L on=2026-01-01", T},
	    {"latest \"potassium\" :is_above \"5 mmol/L\"", "lab potassium >=5 mmol/L on=2026-01-01", U},
	    {"latest \"potassium\" :is_at_least \"5 mmol/L\"", "lab potassium >=5 mmol/L on=2026-01-01", T},
	    {"latest \"potassium\" :is_above \"6 mmol/L\"", "lab potassium >5 mmol/L on=2026-01-01", U},
	    {"latest \"potassium\" :is_between(\"3 mmol/L\", \"6 mmol/L\")", "lab potassium >7 mmol/L on=2026-01-01", F},
	    {"latest \"potassium\" :is_between(\"3 mmol/L\", \"6 mmol/L\")", "lab potassium >5 mmol/L on=2026-01-01", U},
	};
	CHECK_TRUTHS(rows);
}

static void tells_values_of_one_time_apart(void)
{
	static const char high[] = "latest \"potassium\" :is_above \"5.5 mmol/L\"";
	static const truth_row rows[] = {
	    {high, "lab potassium 5.0 mmol/L on=2026-01-01; lab potassium 6.0 mmol/L on=2026-01-01", U},
	    {high, "lab potassium 5.8 mmol/L on=2026-01-01; lab potassium 6.0 mmol/L on=2026-01-01", T}, /* both say so */
	    {high, "lab potassium 5.0 mmol/L on=2026-01-01; lab potassium 5.1 mmol/L on=2026-01-01", F},
	    {high, "lab potassium 5.0 mmol/L at=2026-01-01T08:00:00Z; lab potassium 6.0 mmol/L at=2026-01-01T09:00:00Z", T},
	    {high, "lab potassium 6.0 mmol/L at=2026-01-01T08:00:00Z; lab potassium 5.0 mmol/L at=2026-01-01T09:00:00Z", F},
	    {high, "lab potassium 6.0 mmol/L at=2026-01-01T08:00:00Z; lab potassium 5.0 mmol/L on=2026-01-01", U},
	    {high,
	     "lab potassium 6.0 mmol/L at=2026-01-01T08:00:00Z issued=2026-01-01T09:00:00Z; "
	     "lab potassium 5.0 mmol/L at=2026-01-01T08:00:00Z issued=2026-01-01T10:00:00Z",
	     F}, /* issued later */
	    {high,
	     "lab potassium 6.0 mmol/L at=2026-01-01T08:00:00Z status=preliminary; lab potassium 5.0 mmol/L "
	     "at=2026-01-01T08:00:00Z",
	     F},
	    {high, "lab potassium 6.0 mmol/L at=2026-01-01T08:00:00Z; lab potassium 5.0 mmol/L at=2026-01-01T08:00:00Z", U},
	    {high,
	     "lab potassium 6.0 mmol/L at=2026-01-01T08:00:00Z; lab potassium 5.0 mmol/L at=2026-01-01T09:00:00Z; "
	     "lab potassium 5.1 mmol/L on=2026-01-01",
	     F}, /* the 6.0 is older than one of the two that could be the newest */
	};
	CHECK_TRUTHS(rows);
}

static void knows_what_is_no_value(void)
{
	static const char high[] = "latest \"INR\" :is_above \"4\"";
	static const truth_row rows[] = {
	    {high, "lab INR 5 on=2026-01-01; text INR hemolyzed on=2026-02-01", T},
	    {high, "lab INR 5 on=2026-01-01; text INR Cancelled on=2026-02-01", T},
	    {high, "lab INR 5 on=2026-01-01; lab INR on=2026-02-01", T}, /* a result without a value */
	    {high, "lab INR 5 on=2026-01-01; text INR unmeasurable on=2026-02-01", U},
	    {high, "lab INR 3 on=2026-01-01; text INR unmeasurable on=2026-02-01", U},
	    {"resulted \"INR\"", "text INR hemolyzed on=2026-02-01", F},
	    {"resulted \"INR\"", "lab INR on=2026-02-01", F},
	};
	CHECK_TRUTHS(rows);
}

static void knows_coded_values(void)
{
	static const truth_row rows[] = {
	    {"latest \"FIT\" :is \"abnormal\"", "coded FIT positive on=2026-01-01", T},
	    {"latest \"FIT\" :is \"abnormal\"", "coded FIT negative on=2026-01-01", F},
	    {"latest \"FIT\" :is \"abnormal\"", "coded FIT unheard-of on=2026-01-01", U},
	    {"latest \"FIT\" :is \"abnormal\"", "text FIT positive-like on=2026-01-01", U},
	    {"latest \"FIT\" :is \"abnormal\"", "coded FIT positive on=2025-01-01; coded FIT negative on=2026-01-01", F},
	    {"latest \"FIT\" :is \"abnormal\"", "lab FIT 5 ug/g on=2026-01-01", U},
	    {"latest \"INR\" :is_above \"4\"", "coded INR positive on=2026-01-01", U},
	};
	CHECK_TRUTHS(rows);
}

/* What an incomplete section shows may not be the newest. */
static void knows_incomplete_results(void)
{
	static const char low[] = "latest \"eGFR\" :is_below \"30 mL/min/1.73 m²\"";
	static const char not_low[] = "none { latest \"eGFR\" :is_below \"30 mL/min/1.73 m²\" }";
	static const char fine[] = "none { latest \"eGFR\" :is_above \"60 mL/min/1.73 m²\" }";
	static const truth_row rows[] = {
	    {low, "no results", U},
	    {low, "no results; lab eGFR 24 mL/min/{1.73_m2} on=2026-01-02", T}, /* evidence to alert */
	    {low, "no results; lab eGFR 60 mL/min/{1.73_m2} on=2026-01-02", U}, /* not to be silent */
	    {not_low, "no results; lab eGFR 60 mL/min/{1.73_m2} on=2026-01-02", U},
	    {fine, "no results; lab eGFR 90 mL/min/{1.73_m2} on=2026-01-02", U}, /* an exception needs the newest */
	    {low, "since results 2026-01-01; lab eGFR 60 mL/min/{1.73_m2} on=2026-01-02", F}, /* all newer ones are there */
	    {low, "since results 2026-01-03; lab eGFR 60 mL/min/{1.73_m2} on=2026-01-02", U},
	    {low, "no conditions; no medications; lab eGFR 60 mL/min/{1.73_m2} on=2026-01-02", F},
	};
	CHECK_TRUTHS(rows);
}

static void knows_existence(void)
{
	static const truth_row rows[] = {
	    {"resulted \"HbA1c\" :within \"6 months\"", "lab HbA1c 6.5 % on=2025-09-01", T},
	    {"resulted \"HbA1c\" :within \"6 months\"", "lab HbA1c 6.5 % on=2025-08-31", F},
	    {"resulted \"HbA1c\" :within \"6 months\"", "lab HbA1c 6.5 % on=2025", U},
	    {"resulted \"HbA1c\" :within \"6 months\"", "", F},
	    {"resulted \"HbA1c\" :within \"6 months\"", "no results", U},
	    {"resulted \"HbA1c\" :within \"6 months\"", "since results 2025-09-01", F},
	    {"resulted \"HbA1c\" :within \"6 months\"", "since results 2025-09-02", U},
	    {"resulted \"HbA1c\"", "since results 2025-09-01", U},
	    {"resulted \"HbA1c\" :is_above \"9 %\"", "lab HbA1c 9.5 % on=2020-01-01; lab HbA1c 6 % on=2026-01-01", T},
	    {"resulted \"HbA1c\" :is_above \"9 %\"", "lab HbA1c 6 % on=2026-01-01", F},
	    {"resulted \"HbA1c\" :is_above \"9 %\"", "lab HbA1c 6 mg/dL on=2026-01-01", U},
	    {"resulted \"FIT\" :is \"abnormal\"", "coded FIT positive on=2020-01-01; coded FIT negative on=2026-01-01", T},
	    {"resulted \"HbA1c\" :times(2)", "lab HbA1c 6 % on=2026-01-01; lab HbA1c 6 % on=2025-01-01", T},
	    {"resulted \"HbA1c\" :times(2)", "lab HbA1c 6 % on=2026-01-01; lab HbA1c 6.1 % on=2026-01-01", F}, /* one day */
	    {"resulted \"HbA1c\" :times(2)", "lab HbA1c 6 % on=2026-01-01; lab HbA1c 6 % on=2025", U},
	    {"resulted \"blood pressure\"", "bp 120/80 on=2026-01-01", T}, /* its parts have the values */
	    {"resulted \"FIT\"", "report FIT on=2026-01-01", T},
	    {"resulted \"HbA1c\" :during \"2025\"", "lab HbA1c 6.5 % on=2025-12-31", T},
	    {"resulted \"HbA1c\" :during \"2025\"", "lab HbA1c 6.5 % on=2026-01-01", F},
	    {"resulted \"HbA1c\" :during \"2025-03\"", "lab HbA1c 6.5 % on=2025-03-31", T},
	    {"resulted \"HbA1c\" :during \"2025-01-01 to 2025-06-30\"", "lab HbA1c 6.5 % on=2025-06-30", T},
	    {"resulted \"HbA1c\" :during \"2025-01-01 to 2025-06-30\"", "lab HbA1c 6.5 % on=2025-07-01", F},
	    {"resulted \"HbA1c\" :during \"2025-01-01 to 2025-06-30\"", "lab HbA1c 6.5 % on=2025", U},
	    {"resulted \"HbA1c\" :during \"this year\"", "lab HbA1c 6.5 % on=2026-01-01", T},
	    {"resulted \"HbA1c\" :during \"this year\"", "lab HbA1c 6.5 % on=2025-12-31", F},
	    {"resulted \"HbA1c\" :during \"last year\"", "lab HbA1c 6.5 % on=2025-12-31", T},
	    {"resulted \"HbA1c\" :during \"last year\"", "lab HbA1c 6.5 % on=2026-01-01", F},
	};
	CHECK_TRUTHS(rows);
}

static void compares_hours_by_instants(void)
{
	static const char recent[] = "resulted \"potassium\" :within \"48 hours\"";
	static const truth_row rows[] = {
	    {recent, "lab potassium 4 mmol/L at=2026-02-27T12:00:00Z", T}, /* 48 hours to the second */
	    {recent, "lab potassium 4 mmol/L at=2026-02-27T11:59:59Z", F},
	    {recent, "lab potassium 4 mmol/L at=2026-02-27T13:00:00+01:00", T},
	    {recent, "lab potassium 4 mmol/L on=2026-02-28", U}, /* no time of day */
	    {recent, "lab potassium 4 mmol/L on=2026-02-01", F}, /* the day alone decides */
	};
	check_truths(rows, VG_COUNT(rows), "2026-03-01T12:00:00Z");
	static const truth_row no_clock[] = {{recent, "lab potassium 4 mmol/L at=2026-02-28T12:00:00Z", U}};
	check_truths(no_clock, 1, "2026-03-01");
}

static void follows_trends(void)
{
	static const char risen[] = "latest \"creatinine\" :risen_by \"50 %\" :within \"7 days\"";
	static const char fallen[] = "latest \"eGFR\" :fallen_by \"25 %\" :within \"1 year\"";
	static const char absolute[] = "latest \"creatinine\" :risen_by \"0.3 mg/dL\" :within \"7 days\"";
	static const truth_row rows[] = {
	    {risen, "lab creatinine 1.0 mg/dL on=2026-02-25; lab creatinine 1.5 mg/dL on=2026-03-01",
	     T}, /* exactly half more */
	    {risen, "lab creatinine 1.0 mg/dL on=2026-02-25; lab creatinine 1.49 mg/dL on=2026-03-01", F},
	    {risen, "lab creatinine 1.0 mg/dL on=2026-02-20; lab creatinine 1.5 mg/dL on=2026-03-01",
	     U}, /* one value in the window */
	    {risen, "lab creatinine 1.5 mg/dL on=2026-03-01", U},
	    {risen, "", U},
	    {risen,
	     "lab creatinine 1.4 mg/dL on=2026-02-24; lab creatinine 1.0 mg/dL on=2026-02-26; lab creatinine 1.5 mg/dL "
	     "on=2026-03-01",
	     T},
	    {risen, "lab creatinine 1.5 mg/dL on=2026-02-25; lab creatinine 1.0 mg/dL on=2026-03-01", F},
	    {risen, "lab creatinine 88.4 umol/L on=2026-02-25; lab creatinine 1.6 mg/dL on=2026-03-01", T},
	    {risen, "lab creatinine 88.4 mmol/mol on=2026-02-25; lab creatinine 1.6 mg/dL on=2026-03-01", U},
	    {risen, "no results; lab creatinine 1.0 mg/dL on=2026-02-25; lab creatinine 1.1 mg/dL on=2026-03-01", U},
	    {risen, "since results 2026-02-20; lab creatinine 1.0 mg/dL on=2026-02-25; lab creatinine 1.1 mg/dL on=2026-03-01",
	     F},
	    {absolute, "lab creatinine 1.0 mg/dL on=2026-02-25; lab creatinine 1.3 mg/dL on=2026-03-01", T},
	    {absolute, "lab creatinine 1.0 mg/dL on=2026-02-25; lab creatinine 1.2 mg/dL on=2026-03-01", F},
	    {fallen, "lab eGFR 80 mL/min/{1.73_m2} on=2025-06-01; lab eGFR 60 mL/min/{1.73_m2} on=2026-02-01", T},
	    {fallen, "lab eGFR 80 mL/min/{1.73_m2} on=2025-06-01; lab eGFR 61 mL/min/{1.73_m2} on=2026-02-01", F},
	    {risen, "lab creatinine 0 mg/dL on=2026-02-25; lab creatinine 1 mg/dL on=2026-03-01", U}, /* a part of nothing */
	    {"latest \"eGFR\" :fallen_by \"10 mL/min/1.73 m²\" :within \"1 year\"",
	     "lab eGFR 80 mL/min/{1.73_m2} on=2025-06-01; lab eGFR 70 mL/min/{1.73_m2} on=2026-02-01", T},
	    {fallen, "lab eGFR >60 mL/min/{1.73_m2} on=2025-06-01; lab eGFR 40 mL/min/{1.73_m2} on=2026-02-01", T},
	    {fallen, "lab eGFR >60 mL/min/{1.73_m2} on=2025-06-01; lab eGFR 50 mL/min/{1.73_m2} on=2026-02-01", U},
	};
	CHECK_TRUTHS(rows);
}

static void reads_series(void)
{
	static const char two[] =
	    "readings \"blood pressure\" :last(3) :at_least(2) :above \"140/90 mm[Hg]\" :on_different_days";
	static const truth_row rows[] = {
	    {two, "bp 150/80 on=2026-01-01; bp 120/95 on=2026-01-05; bp 120/80 on=2026-01-09", T},
	    {two, "bp 150/80 on=2026-01-01; bp 120/80 on=2026-01-05; bp 120/80 on=2026-01-09", F},
	    {two, "bp 150/80 on=2026-01-01; bp 150/80 on=2026-01-01; bp 120/80 on=2026-01-09", F}, /* one day */
	    {two,
	     "bp 150/80 on=2026-01-01; bp 150/80 on=2026-01-02; bp 120/80 on=2026-01-09; bp 120/80 on=2026-01-10; bp 120/80 "
	     "on=2026-01-11",
	     F},
	    {two, "bp 140/90 on=2026-01-01; bp 140/90 on=2026-01-05", F}, /* the limit is not above */
	    {two, "bp 150/- on=2026-01-01; bp 150/- on=2026-01-05", T},   /* one part is enough for above */
	    {two, "bp 130/- on=2026-01-01; bp 130/- on=2026-01-05", U},
	    {two, "bp 150/95 on=2026-01-01", F},
	    {two, "bp 150/95 on=2026-01-01; bp 150/95 on=2026-01", U},
	    {"readings \"office blood pressure\" :last(1) :above \"140/90 mm[Hg]\"", "bp 150/95 on=2026-01-01", T},
	    {"readings \"office blood pressure\" :last(1) :above \"140/90 mm[Hg]\"",
	     "lab systolic 150 mm[Hg] on=2026-01-01; lab diastolic 95 mm[Hg] on=2026-01-01", U}, /* of no office */
	    {two, "", U},
	    {two, "no results; bp 120/80 on=2026-01-01; bp 120/80 on=2026-01-05; bp 120/80 on=2026-01-09", U},
	    {two, "since results 2026-01-01; bp 120/80 on=2026-01-01; bp 120/80 on=2026-01-05; bp 120/80 on=2026-01-09", F},
	    {"readings \"blood pressure\" :last(2) :below \"140/90 mm[Hg]\"",
	     "bp 130/80 on=2026-01-01; bp 130/80 on=2026-01-05", T},
	    {"readings \"blood pressure\" :last(2) :below \"140/90 mm[Hg]\"",
	     "bp 130/95 on=2026-01-01; bp 130/80 on=2026-01-05", F},
	    {"latest \"blood pressure\" :is_below \"140/90 mm[Hg]\"", "bp 130/80 on=2026-01-01", T},
	    {"latest \"blood pressure\" :is_below \"140/90 mm[Hg]\"", "bp 130/90 on=2026-01-01", F},
	    {"latest \"blood pressure\" :is_at_least \"140/90 mm[Hg]\"", "bp 130/90 on=2026-01-01", T},
	    {"latest \"blood pressure\" :is_at_least \"140/90 mm[Hg]\"",
	     "lab systolic 130 mm[Hg] on=2026-01-01; lab diastolic 95 mm[Hg] on=2026-01-01", T},
	    {"readings \"potassium\" :at_least(2) :above \"5 mmol/L\"",
	     "lab potassium 6 mmol/L on=2026-01-01; lab potassium 6 mmol/L on=2025-01-01", T},
	    {"readings \"potassium\" :at_least(2) :above \"5 mmol/L\" :within \"1 year\"",
	     "lab potassium 6 mmol/L on=2026-01-01; lab potassium 6 mmol/L on=2025-01-01", F},
	};
	CHECK_TRUTHS(rows);
}

const test_case test_cases_results[] = {
    {"the newest result is taken first and then judged", takes_the_newest_first},
    {"values with a comparator are judged as far as they go", knows_comparators},
    {"of two values of one time neither is preferred", tells_values_of_one_time_apart},
    {"a hemolyzed sample is no result, an unreadable value is unknown", knows_what_is_no_value},
    {"coded values, and codes that nobody knows", knows_coded_values},
    {"an incomplete section may hide a newer result", knows_incomplete_results},
    {"resulted is false only in a complete section", knows_existence},
    {"windows in hours compare points in time", compares_hours_by_instants},
    {"rises and falls need two values in the window", follows_trends},
    {"series of readings, of two numbers too", reads_series},
    {0},
};
