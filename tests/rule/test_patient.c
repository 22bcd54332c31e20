/* Truth tables: age, sex, pregnant, in_hospice, deceased, in_setting, conditions, family history, allergies. */
#include "rule_tests.h"

static void knows_ages(void)
{
	static const truth_row rows[] = {
	    {"age_at_least \"65 years\"", "born 1961-03-01", T}, /* the birthday itself */
	    {"age_at_least \"65 years\"", "born 1961-03-02", F},
	    {"age_below \"65 years\"", "born 1961-03-02", T},
	    {"age_below \"65 years\"", "born 1961-03-01", F},
	    {"age_between(\"45 years\", \"75 years\")", "born 1981-03-01", T},
	    {"age_between(\"45 years\", \"75 years\")", "born 1981-03-02", F},
	    {"age_between(\"45 years\", \"75 years\")", "born 1950-03-02", T}, /* 75 until the day before the 76th birthday */
	    {"age_between(\"45 years\", \"75 years\")", "born 1950-03-01", F},
	    {"age_between(\"6 months\", \"23 months\")", "born 2024-04-01", T},
	    {"age_between(\"6 months\", \"23 months\")", "born 2024-03-01", F}, /* 24 months */
	    {"age_between(\"6 months\", \"23 months\")", "born 2025-09-01", T},
	    {"age_between(\"2 weeks\", \"4 weeks\")", "born 2026-02-15", T},
	    {"age_at_least \"65 years\"", "born 1961", U},
	    {"age_at_least \"65 years\"", "born 1960", T},
	    {"age_at_least \"65 years\"", "born 1961-03", U},
	    {"age_at_least \"65 years\"", "born 1962", F},
	    {"age_between(\"45 years\", \"75 years\")", "born 1981", U},
	    {"age_at_least \"65 years\"", "", U},
	    {"age_below \"65 years\"", "", U},
	};
	CHECK_TRUTHS(rows);
	static const truth_row leap[] = {
	    {"age_at_least \"18 years\"", "born 2008-02-29", T}, /* 29 February plus 18 years is 28 February */
	    {"age_below \"18 years\"", "born 2008-02-29", F},
	    {"age_at_least \"18 years\"", "born 2008-03-01", F},
	};
	check_truths(leap, VG_COUNT(leap), "2026-02-28");
	check_truths(leap + 2, 1, "2026-02-28");
}

/* The short cut past the calendar never disagrees with it. */
static void passes_ages_by_the_calendar(void)
{
	size_t wrong = 0, near = 0;
	for (vg_day from = vg_day_from(1896, 1, 1); from < vg_day_from(2104, 1, 1); from += 13)
		for (int months = 1; months <= 1500; months += 1 + months / 7) {
			vg_duration age = {.months = months};
			vg_day day = vg_day_plus(from, age);
			for (int offset = -10; offset <= 10; offset += offset > -2 && offset < 2 ? 1 : 4) {
				wrong += vg_has_passed(from, age, day + offset) != (offset >= 0);
				near++;
			}
		}
	CHECK(wrong == 0, "%zu of %zu days are on the wrong side", wrong, near);
	CHECK(vg_has_passed(0, (vg_duration){.days = 14}, 14) && !vg_has_passed(0, (vg_duration){.days = 14}, 13), "14 days");
}

static void knows_sex(void)
{
	static const truth_row rows[] = {
	    {"sex \"female\"", "sex female", T},  {"sex \"female\"", "sex male", F},  {"sex \"male\"", "sex male", T},
	    {"sex \"other\"", "sex other", T},    {"sex \"female\"", "sex other", F}, {"sex \"female\"", "", U},
	    {"sex \"female\"", "sex unknown", U},
	};
	CHECK_TRUTHS(rows);
}

static void knows_death_and_setting(void)
{
	static const truth_row rows[] = {
	    {"deceased", "died", T},
	    {"deceased", "", F},
	    {"deceased", "died on=2026-02-01", T},
	    {"deceased", "died on=2026-06-01", F}, /* later than the day that is asked about */
	    {"in_setting \"inpatient\"", "setting inpatient", T},
	    {"in_setting \"inpatient\"", "setting outpatient", F},
	    {"in_setting \"inpatient\"", "", U},
	};
	CHECK_TRUTHS(rows);
}

static void knows_pregnancy(void)
{
	static const truth_row rows[] = {
	    {"pregnant", "", F},
	    {"pregnant", "cond pregnancy on=2025-12-01", T},
	    {"pregnant", "cond pregnancy on=2025-05-05", T}, /* 300 days before */
	    {"pregnant", "cond pregnancy on=2025-05-04", U}, /* 301 days: it may be over */
	    {"pregnant", "cond pregnancy", U},
	    {"pregnant", "cond pregnancy recorded=2026-01-10", T},
	    {"pregnant", "cond pregnancy on=2025-12-01 status=resolved", F},
	    {"pregnant", "cond pregnancy on=2025-12-01 to=2026-02-01", F},
	    {"pregnant", "date due-date 2026-06-01 on=2026-01-01", T},
	    {"pregnant", "date due-date 2026-03-01 on=2026-01-01", T}, /* the day itself */
	    {"pregnant", "date due-date 2026-02-28 on=2025-09-01", F},
	    {"pregnant", "date due-date 2028-01-01 on=2026-01-01", F}, /* nobody is pregnant for so long */
	    {"pregnant", "date due-date 2026-03 on=2026-01-01", T},
	    {"pregnant", "coded pregnancy-status pregnant on=2026-01-01", T},
	    {"pregnant", "coded pregnancy-status pregnant on=2024-01-01", F},
	    {"pregnant", "coded pregnancy-status pregnant", U},
	    {"pregnant", "coded pregnancy-status negative on=2026-01-01", F},
	    {"pregnant", "no conditions", U},
	    {"pregnant", "no results", U},
	    {"pregnant", "since results 2025-05-01", F}, /* all of the last 300 days is there */
	    {"pregnant", "since results 2025-06-01", U},
	    {"pregnant", "no results; cond pregnancy on=2025-12-01", T},
	    {"pregnant", "no procedures; no medications", F},
	};
	CHECK_TRUTHS(rows);
	static const truth_row within_the_month[] = {{"pregnant", "date due-date 2026-03 on=2026-01-01", U}};
	check_truths(within_the_month, 1, "2026-03-15");
}

static void knows_hospice(void)
{
	static const truth_row rows[] = {
	    {"in_hospice", "", F},
	    {"in_hospice", "cond hospice", T},
	    {"in_hospice", "cond hospice status=resolved", F},
	    {"in_hospice", "visit hospice on=2026-01-01 to=2026-01-02", T},
	    {"in_hospice", "visit hospice on=2024-01-01 to=2024-01-02", F},
	    {"in_hospice", "visit hospice on=2024-01-01 status=in-progress", T},
	    {"in_hospice", "proc hospice on=2025-03-01", T}, /* a year ago to the day */
	    {"in_hospice", "proc hospice on=2025-02-28", F},
	    {"in_hospice", "proc hospice", U},
	    {"in_hospice", "service hospice on=2026-02-01", T},
	    {"in_hospice", "service hospice on=2026-02-01 status=revoked", F},
	    {"in_hospice", "proc hospice on=2026-04-01", F}, /* the future */
	    {"in_hospice", "allergy hospice", F},
	    {"in_hospice", "no encounters", U},
	    {"in_hospice", "no conditions", U},
	    {"in_hospice", "no orders", U},
	    {"in_hospice", "no procedures", U},
	    {"in_hospice", "no results; no medications; no allergies", F},
	};
	CHECK_TRUTHS(rows);
}

static void knows_conditions(void)
{
	static const truth_row rows[] = {
	    {"has_condition \"diabetes\"", "cond diabetes", T},
	    {"has_condition \"diabetes\"", "", F},
	    {"has_condition \"diabetes\"", "cond hypertension", F},
	    {"has_condition \"diabetes\"", "cond diabetes status=resolved", F},
	    {"has_condition \"diabetes\"", "cond diabetes status=recurrence", T},
	    {"has_condition \"diabetes\"", "cond diabetes status=relapse", T},
	    {"has_condition \"diabetes\"", "cond diabetes status=inactive", F},
	    {"has_condition \"diabetes\"", "no conditions", U},
	    {"has_condition \"diabetes\"", "since conditions 2020-01-01", U},
	    {"has_condition \"diabetes\"", "no conditions; cond diabetes", T},
	    {"has_condition \"diabetes\"", "no medications; no results", F},
	    {"has_condition \"diabetes\"", "cond diabetes on=2026-03-05", F}, /* in the future */
	    {"has_condition \"diabetes\"", "family diabetes", F},
	    {"has_condition \"diabetes\" :since \"2020-01-01\"", "cond diabetes on=2020-01-01", T},
	    {"has_condition \"diabetes\" :since \"2020-01-01\"", "cond diabetes on=2019-12-31", F},
	    {"has_condition \"diabetes\" :since \"2020-06-01\"", "cond diabetes on=2020", U},
	    {"has_condition \"diabetes\" :onset_within \"6 months\"", "cond diabetes on=2025-09-01", T},
	    {"has_condition \"diabetes\" :onset_within \"6 months\"", "cond diabetes on=2025-08-31", F},
	    {"has_condition \"diabetes\" :onset_within \"6 months\"", "cond diabetes", U},
	    {"has_condition \"diabetes\" :onset_within \"6 months\"", "cond diabetes recorded=2020-01-01", F},
	    {"has_condition \"diabetes\" :onset_within \"6 months\"", "cond diabetes recorded=2026-01-01",
	     T}, /* no onset: the day it was recorded */
	    {"has_condition \"diabetes\" :onset_within \"6 months\"", "since conditions 2025-01-01", F},
	    {"has_condition \"diabetes\" :for_at_least \"1 year\"", "cond diabetes on=2025-03-01", T},
	    {"has_condition \"diabetes\" :for_at_least \"1 year\"", "cond diabetes on=2025-03-02", F},
	    {"has_condition \"diabetes\" :for_at_least \"1 year\"", "cond diabetes on=2025", U},
	    {"has_condition \"diabetes\" :for_at_least \"1 year\"", "cond diabetes recorded=2024-01-01", T},
	    {"has_condition \"diabetes\" :for_at_least \"1 year\"", "cond diabetes", U},
	    {"has_condition \"diabetes\" :after_age \"40 years\"", "born 1980-01-01; cond diabetes on=2020-01-01", T},
	    {"has_condition \"diabetes\" :after_age \"40 years\"", "born 1980-01-02; cond diabetes on=2020-01-01", F},
	    {"has_condition \"diabetes\" :after_age \"40 years\"", "cond diabetes on=2020-01-01", U},
	    {"ever_had \"colorectal cancer\"", "cond colon-cancer status=resolved", T},
	    {"ever_had \"colorectal cancer\"", "cond colon-cancer", T},
	    {"ever_had \"colorectal cancer\"", "cond diabetes", F},
	    {"ever_had \"colorectal cancer\"", "no conditions", U},
	    {"family_history_of \"breast cancer\"", "family breast-cancer", T},
	    {"family_history_of \"breast cancer\"", "cond breast-cancer", F},
	    {"family_history_of \"breast cancer\"", "no conditions", U},
	};
	CHECK_TRUTHS(rows);
}

static void knows_allergies(void)
{
	static const truth_row rows[] = {
	    {"has_allergy_to \"penicillin\"", "allergy amoxicillin", T},
	    {"has_allergy_to \"penicillin\"", "allergy penicillin-class", T},
	    {"has_allergy_to \"amoxicillin\"", "allergy penicillin-class", T}, /* a class holds its members */
	    {"has_allergy_to \"penicillin\"", "allergy ibuprofen", F},
	    {"has_allergy_to \"penicillin\"", "", F},
	    {"has_allergy_to \"penicillin\"", "no allergies", U},
	    {"has_allergy_to \"penicillin\"", "since allergies 2020-01-01", U},
	    {"has_allergy_to \"penicillin\"", "no allergies; allergy amoxicillin", T},
	    {"has_allergy_to \"penicillin\"", "no medications; no conditions", F},
	    {"has_allergy_to \"penicillin\"", "allergy amoxicillin status=inactive", F},
	    {"has_allergy_to \"penicillin\" :ever", "allergy amoxicillin status=inactive", T},
	    {"has_allergy_to \"penicillin\" :ever", "allergy amoxicillin status=resolved", T},
	    {"has_allergy_to \"penicillin\"", "allergy amoxicillin type=intolerance", F},
	    {"has_allergy_to \"penicillin\" :including_intolerance", "allergy amoxicillin type=intolerance", T},
	    {"has_allergy_to \"penicillin\" :with_severity \"severe\"", "allergy amoxicillin severity=severe", T},
	    {"has_allergy_to \"penicillin\" :with_severity \"moderate\"", "allergy amoxicillin severity=severe", T},
	    {"has_allergy_to \"penicillin\" :with_severity \"severe\"", "allergy amoxicillin severity=mild", F},
	    {"has_allergy_to \"penicillin\" :with_severity \"severe\"", "allergy amoxicillin", U},
	    {"has_allergy_to \"penicillin\" :with_reaction \"anaphylaxis\"", "allergy amoxicillin reaction=anaphylaxis", T},
	    {"has_allergy_to \"penicillin\" :with_reaction \"anaphylaxis\"", "allergy amoxicillin", U},
	    {"has_allergy_to \"penicillin\" :with_reaction \"anaphylaxis\"", "allergy amoxicillin reaction=hives",
	     U}, /* a code nobody knows */
	    {"has_allergy_to \"penicillin\" :with_reaction \"anaphylaxis\"", "allergy amoxicillin reaction=colonoscopy", F},
	};
	CHECK_TRUTHS(rows);
}

const test_case test_cases_patient[] = {
    {"ages are completed years and months, unknown when the birth date is partial or missing", knows_ages},
    {"a completed age is told by the calendar", passes_ages_by_the_calendar},
    {"sex is unknown when missing or recorded as unknown", knows_sex},
    {"who is not said to be dead lives; a setting that is not told is unknown", knows_death_and_setting},
    {"pregnant for 300 days from a start, until a due date, unknown beyond", knows_pregnancy},
    {"in hospice by condition, visit, procedure or order of the last year", knows_hospice},
    {"conditions by status, onset and section", knows_conditions},
    {"allergies by substance, class, type, reaction and section", knows_allergies},
    {0},
};
