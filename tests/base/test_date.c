/* Dates: every day of six centuries, every partial form, every end of a month. */
#include "base/base.h"
#include "support/support.h"

#include <stdio.h>
#include <string.h>

static bool is_leap(int year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }
static int month_length(int year, int month)
{
	static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	return month == 2 && is_leap(year) ? 29 : lengths[month - 1];
}

/* Counts the calendar day by day, as one does on paper. */
static void counts_every_day(void)
{
	vg_day day = vg_day_from(1970, 1, 1);
	CU_ASSERT_EQUAL(day, 0);
	CU_ASSERT_EQUAL(vg_day_from(1600, 1, 1), -135140);
	day = -135140;
	for (int year = 1600; year < 2400; year++)
		for (int month = 1; month <= 12; month++)
			for (int d = 1; d <= month_length(year, month); d++, day++) {
				int y, m, dd;
				vg_day_split(day, &y, &m, &dd);
				if (vg_day_from(year, month, d) != day || y != year || m != month || dd != d) {
					CHECK(false, "%04d-%02d-%02d is day %d, and back %04d-%02d-%02d", year, month, d, day,
					      y, m, dd);
					return;
				}
			}
}

static void refuses_days_that_are_none(void)
{
	CU_ASSERT_EQUAL(vg_day_from(2023, 2, 29), VG_NO_DAY);
	CU_ASSERT_EQUAL(vg_day_from(1900, 2, 29), VG_NO_DAY);
	CHECK(vg_day_from(2000, 2, 29) != VG_NO_DAY, "2000 was a leap year");
	CU_ASSERT_EQUAL(vg_day_from(2023, 0, 1), VG_NO_DAY);
	CU_ASSERT_EQUAL(vg_day_from(2023, 13, 1), VG_NO_DAY);
	CU_ASSERT_EQUAL(vg_day_from(2023, 4, 31), VG_NO_DAY);
	CU_ASSERT_EQUAL(vg_day_from(2023, 4, 0), VG_NO_DAY);
}

static vg_when parsed(const char *text)
{
	vg_when when = VG_NO_WHEN;
	CHECK(vg_date_parse(text, strlen(text), &when), "%s is refused", text);
	return when;
}

static void check_date(const char *text, const char *first, const char *last, int64_t instant)
{
	char out[16];
	vg_when when = parsed(text);
	CHECK_TEXT(vg_day_text(when.first, out), first);
	CHECK_TEXT(vg_day_text(when.last, out), last);
	CHECK(when.instant == instant, "%s is at %lld", text, (long long)when.instant);
}

static void reads_dates(void)
{
	check_date("2019", "2019-01-01", "2019-12-31", VG_NO_INSTANT);
	check_date("2019-05", "2019-05-01", "2019-05-31", VG_NO_INSTANT);
	check_date("2020-02", "2020-02-01", "2020-02-29", VG_NO_INSTANT);
	check_date("2019-05-07", "2019-05-07", "2019-05-07", VG_NO_INSTANT);
	check_date("1800", "1800-01-01", "1800-12-31", VG_NO_INSTANT);
	check_date("2200-12-31", "2200-12-31", "2200-12-31", VG_NO_INSTANT);
	check_date("1970-01-01T00:00:00Z", "1970-01-01", "1970-01-01", 0);
	check_date("2015-02-07T13:28:17.239+02:00", "2015-02-07", "2015-02-07", 1423308497);
	check_date("2015-02-07T13:28:17.239999999999-05:30", "2015-02-07", "2015-02-07", 1423335497);
	check_date("2016-12-31T23:59:60Z", "2016-12-31", "2016-12-31", 1483228800);
	check_date("2020-01-01T00:30:00+14:00", "2020-01-01", "2020-01-01", 1577788200);
	check_date("2019-05-07T10:15Z", "2019-05-07", "2019-05-07", 1557224100);
	check_date("2019-05-07T10:15:00", "2019-05-07", "2019-05-07", VG_NO_INSTANT);
}

static void refuses_what_is_no_date(void)
{
	static const char *const bad[] = {
	    "",
	    "19",
	    "201",
	    "20190",
	    "2019-",
	    "2019-5",
	    "2019-13",
	    "2019-00",
	    "2019-05-",
	    "2019-05-7",
	    "2019-05-32",
	    "2019-02-29",
	    "2019-05-00",
	    "1799-12-31",
	    "2201",
	    "2019/05/07",
	    "07.05.2019",
	    " 2019",
	    "2019 ",
	    "2019-05-07T",
	    "2019-05-07T10",
	    "2019-05-07T24:00:00Z",
	    "2019-05-07T10:60:00Z",
	    "2019-05-07T10:15:61Z",
	    "2019-05-07T10:15:00.Z",
	    "2019-05-07T10:15:00+",
	    "2019-05-07T10:15:00+0200",
	    "2019-05-07T10:15:00+14:01",
	    "2019-05-07T10:15:00+15:00",
	    "2019-05-07T10:15:00Zx",
	    "2019-05-07 10:15:00Z",
	    "2019-05T10:15:00Z",
	    "2019-05-07T10:15:00+02:60",
	    "2019T10:15:00Z",
	    "two years ago",
	    "२०१९",
	    "2019-05-07T1a:00:00Z",
	    "-2019",
	    "+2019",
	};
	for (size_t i = 0; i < VG_COUNT(bad); i++) {
		vg_when when = {1, 2, 3};
		CHECK(!vg_date_parse(bad[i], strlen(bad[i]), &when), "\"%s\" is accepted", bad[i]);
		CHECK(when.first == 1 && when.last == 2 && when.instant == 3, "\"%s\" is refused and written", bad[i]);
	}
	vg_when when;
	CHECK(!vg_date_parse(NULL, 0, &when), "no text is accepted");
	CHECK(vg_date_parse("2019-05-07", 7, &when) && when.last != when.first, "the length is not kept");
	/* Each digit is one: what stands beside the digits in the alphabet is refused in its place. */
	static const char moment[] = "2019-05-07T10:15:30.5+02:00";
	for (size_t place = 0; place < sizeof moment - 1; place++) {
		for (size_t i = 0; moment[place] >= '0' && moment[place] <= '9' && i < 4; i++) {
			char text[sizeof moment];
			memcpy(text, moment, sizeof moment);
			text[place] = "/:\xB0 "[i];
			CHECK(!vg_date_parse(text, sizeof moment - 1, &when), "\"%s\" is accepted", text);
		}
	}
	/* Every text that is cut is refused or less precise, never something else. */
	static const char whole[] = "2019-05-07T10:15:30.5+02:00";
	for (size_t length = 0; length < sizeof whole - 1; length++)
		if (vg_date_parse(whole, length, &when))
			CHECK(length == 4 || length == 7 || length == 10 || (when.instant == VG_NO_INSTANT && length >= 16),
			      "the first %zu characters are an exact time", length);
}

static void check_moved(const char *from, const char *duration_text, const char *plus, const char *minus)
{
	char out[16];
	vg_duration duration;
	CHECK(vg_duration_parse(duration_text, &duration), "\"%s\" is refused", duration_text);
	vg_day day = parsed(from).first;
	CHECK_TEXT(vg_day_text(vg_day_plus(day, duration), out), plus);
	CHECK_TEXT(vg_day_text(vg_day_minus(day, duration), out), minus);
}

static void adds_calendar_time(void)
{
	check_moved("2020-02-29", "1 year", "2021-02-28", "2019-02-28");
	check_moved("2020-02-29", "4 years", "2024-02-29", "2016-02-29");
	check_moved("2019-02-28", "1 year", "2020-02-28", "2018-02-28");
	check_moved("2019-01-31", "1 month", "2019-02-28", "2018-12-31");
	check_moved("2020-01-31", "1 month", "2020-02-29", "2019-12-31");
	check_moved("2019-05-31", "6 months", "2019-11-30", "2018-11-30");
	check_moved("2019-12-15", "13 months", "2021-01-15", "2018-11-15");
	check_moved("2021-03-01", "90 days", "2021-05-30", "2020-12-01");
	check_moved("2021-03-01", "2 weeks", "2021-03-15", "2021-02-15");
	check_moved("2021-03-01", "48 hours", "2021-03-03", "2021-02-27");
	check_moved("2021-03-01", "1 hour", "2021-03-02", "2021-02-28");
	check_moved("2021-03-01", "10 years", "2031-03-01", "2011-03-01");
	CU_ASSERT_EQUAL(vg_day_plus(VG_NO_DAY, (vg_duration){.days = 1}), VG_NO_DAY);
	CU_ASSERT_EQUAL(vg_day_minus(VG_NO_DAY, (vg_duration){.months = 1}), VG_NO_DAY);
	CU_ASSERT_EQUAL(vg_day_plus(VG_FAR_FUTURE, (vg_duration){.days = 1}), VG_FAR_FUTURE);
	CU_ASSERT_EQUAL(vg_day_plus(0, (vg_duration){.days = INT32_MAX}), VG_FAR_FUTURE);
	CU_ASSERT_EQUAL(vg_day_plus(0, (vg_duration){.months = INT32_MAX}), VG_FAR_FUTURE);
	CHECK(vg_day_minus(0, (vg_duration){.months = INT32_MAX}) < -1000000, "the distant past comes round to the future");
}

/* A longer time never ends earlier, a later beginning never ends earlier. */
static void adding_keeps_the_order(void)
{
	vg_day first = vg_day_from(2019, 1, 1);
	for (int months = 1; months <= 26; months++)
		for (vg_day day = first; day < first + 1500; day++) {
			vg_duration duration = {.months = months}, longer = {.months = months + 1};
			vg_day end = vg_day_plus(day, duration);
			if (end > vg_day_plus(day + 1, duration) || end >= vg_day_plus(day, longer) ||
			    vg_day_minus(end, duration) > day)
				CHECK(false, "day %d plus %d months breaks the order", day, months);
		}
	CHECK(vg_day_plus(first, (vg_duration){.months = 1}) == first + 31, "January has not 31 days");
}

/* So many years on, the same day of the same month, or the last that the month then has. */
static void adds_years_by_the_calendar(void)
{
	for (vg_day day = vg_day_from(1896, 1, 1); day < vg_day_from(1905, 1, 1); day++) {
		int year, month, day_of_month;
		vg_day_split(day, &year, &month, &day_of_month);
		for (int years = -120; years <= 120; years++) {
			int length = month_length(year + years, month);
			vg_day wanted = vg_day_from(year + years, month, day_of_month < length ? day_of_month : length);
			if (vg_day_plus(day, (vg_duration){.months = 12 * years}) != wanted)
				CHECK(false, "day %d moved by %d years", day, years);
		}
	}
	CHECK(vg_day_plus(vg_day_from(1904, 2, 29), (vg_duration){.months = -48}) == vg_day_from(1900, 2, 28),
	      "1900 had a leap day");
}

static void counts_years(void)
{
	vg_day birth = vg_day_from(1955, 8, 12);
	CU_ASSERT_EQUAL(vg_years_between(birth, vg_day_from(2021, 8, 11)), 65);
	CU_ASSERT_EQUAL(vg_years_between(birth, vg_day_from(2021, 8, 12)), 66);
	CU_ASSERT_EQUAL(vg_years_between(birth, birth), 0);
	CU_ASSERT_EQUAL(vg_years_between(birth, birth + 364), 0);
	CU_ASSERT_EQUAL(vg_years_between(birth, birth - 1), -1);
	vg_day leapling = vg_day_from(2000, 2, 29);
	CU_ASSERT_EQUAL(vg_years_between(leapling, vg_day_from(2021, 2, 27)), 20);
	CU_ASSERT_EQUAL(vg_years_between(leapling, vg_day_from(2021, 2, 28)), 21);
	CU_ASSERT_EQUAL(vg_years_between(leapling, vg_day_from(2024, 2, 28)), 23);
	CU_ASSERT_EQUAL(vg_years_between(leapling, vg_day_from(2024, 2, 29)), 24);
	/* An age is reached on the day that adding as many years reaches. */
	for (vg_day day = leapling; day < leapling + 12000; day++) {
		int years = vg_years_between(leapling, day);
		if (vg_day_plus(leapling, (vg_duration){.months = 12 * years}) > day ||
		    vg_day_plus(leapling, (vg_duration){.months = 12 * years + 12}) <= day)
			CHECK(false, "on day %d the age is %d", day, years);
	}
}

static void reads_durations(void)
{
	static const struct {
		const char *text;
		vg_duration duration;
	} good[] = {
	    {"10 years", {120, 0, 0}},     {"1 year", {12, 0, 0}},        {"6 months", {6, 0, 0}}, {"1 month", {1, 0, 0}},
	    {"2 weeks", {0, 14, 0}},       {"90 days", {0, 90, 0}},       {"1 day", {0, 1, 0}},    {"48 hours", {0, 0, 48}},
	    {"1 hour", {0, 0, 1}},         {"  3   Years  ", {36, 0, 0}}, {"1 years", {12, 0, 0}}, {"02 DAYS", {0, 2, 0}},
	    {"1000 years", {12000, 0, 0}},
	};
	static const char *const bad[] = {
	    "",        "years",    "10",       "0 days",  "-1 days",         "1.5 years",  "10 yrs",
	    "10years", "1 minute", "1 decade", "a year",  "1 year 2 months", "1001 years", "99999999999999999999 days",
	    "1 dayss", "1 day s",  "5 d",      "1 year;", "+1 day",          "1e3 days",   "١ day"};
	for (size_t i = 0; i < VG_COUNT(good); i++) {
		vg_duration duration = {7, 7, 7};
		CHECK(vg_duration_parse(good[i].text, &duration), "\"%s\" is refused", good[i].text);
		CHECK(duration.months == good[i].duration.months && duration.days == good[i].duration.days &&
			  duration.hours == good[i].duration.hours,
		      "\"%s\" is %d months, %d days, %d hours", good[i].text, duration.months, duration.days, duration.hours);
		CHECK(vg_duration_given(duration), "\"%s\" is not given", good[i].text);
	}
	for (size_t i = 0; i < VG_COUNT(bad); i++) {
		vg_duration duration = {7, 7, 7};
		CHECK(!vg_duration_parse(bad[i], &duration), "\"%s\" is accepted", bad[i]);
		CHECK(duration.months == 7, "\"%s\" is refused and written", bad[i]);
	}
	vg_duration duration;
	CHECK(!vg_duration_parse(NULL, &duration), "no text is a duration");
}

static void writes_as_precisely_as_known(void)
{
	static const char *const texts[] = {"2019", "2019-05", "2020-02", "2019-05-07", "2019-01", "2019-12", "2019-12-31"};
	char out[32], day[16];
	for (size_t i = 0; i < VG_COUNT(texts); i++)
		CHECK_TEXT(vg_when_text(parsed(texts[i]), out), texts[i]);
	CHECK_TEXT(vg_when_text(parsed("2015-02-07T13:28:17Z"), out), "2015-02-07");
	CHECK_TEXT(vg_when_text(VG_NO_WHEN, out), "date unknown");
	CHECK(!vg_when_known(VG_NO_WHEN) && vg_when_known(parsed("2019")), "known is not known");
	vg_when range = {vg_day_from(2019, 5, 7), vg_day_from(2019, 6, 2), VG_NO_INSTANT};
	CHECK_TEXT(vg_when_text(range, out), "2019-05-07 to 2019-06-02");
	vg_when two_years = {vg_day_from(2018, 1, 1), vg_day_from(2019, 12, 31), VG_NO_INSTANT};
	CHECK_TEXT(vg_when_text(two_years, out), "2018-01-01 to 2019-12-31");
	CHECK_TEXT(vg_day_text(VG_NO_DAY, day), "date unknown");
	CHECK_TEXT(vg_day_text(vg_day_from(7, 2, 9), day), "0007-02-09");
	CHECK_TEXT(vg_day_text(vg_day_from(0, 1, 1), day), "0000-01-01");
	CHECK_TEXT(vg_day_text(vg_day_from(0, 1, 1) - 1, day), "-001-12-31");
	CHECK_TEXT(vg_day_text(vg_day_from(9999, 12, 31), day), "9999-12-31");
	CHECK_TEXT(vg_day_text(vg_day_from(9999, 12, 31) + 1, day), "10000-01-01");
	CHECK_TEXT(vg_day_text(0, day), "1970-01-01");
	CHECK(strlen(vg_day_text(VG_FAR_FUTURE, day)) < 16 && strlen(vg_day_text(INT32_MIN + 1, day)) < 16, "a far day is cut");
	static const char *const durations[] = {"10 years", "1 year", "6 months", "18 months", "1 month",
						"90 days",  "1 day",  "48 hours", "1 hour"};
	for (size_t i = 0; i < VG_COUNT(durations); i++) {
		vg_duration duration = {0, 0, 0};
		CHECK(vg_duration_parse(durations[i], &duration), "%s is refused", durations[i]);
		CHECK_TEXT(vg_duration_text(duration, out), durations[i]);
	}
	CHECK_TEXT(vg_duration_text((vg_duration){0, 14, 0}, out), "14 days");
	CHECK_TEXT(vg_duration_text((vg_duration){0, 0, 0}, out), "0 days");
}

const test_case test_cases_date[] = {
    {"every day of 800 years is counted and split", counts_every_day},
    {"days that are none are refused", refuses_days_that_are_none},
    {"FHIR dates of every precision", reads_dates},
    {"what is no date is refused", refuses_what_is_no_date},
    {"29 February plus a year is 28 February, and other ends of months", adds_calendar_time},
    {"adding time keeps the order of days", adding_keeps_the_order},
    {"years are added by the calendar", adds_years_by_the_calendar},
    {"ages are completed years", counts_years},
    {"durations are positive and English", reads_durations},
    {"dates are written as precisely as they are known", writes_as_precisely_as_known},
    {NULL, NULL},
};
