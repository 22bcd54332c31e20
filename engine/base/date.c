/*
 * Dates and lengths of time, in the proleptic Gregorian calendar, by day.
 *
 * A day is a count from 1970-01-01, so that comparing and counting are plain
 * arithmetic.  Inside this file the year begins in March: the leap day is then
 * the last of its year, and the days before a month follow one formula.
 *
 * Months are added before days, and a day that the reached month lacks becomes
 * its last: 31 January plus a month is 28 or 29 February.  Results beyond
 * VG_FAR_FUTURE, and as far back, stop there.
 */
#include "base/base_internal.h"

#include <stdio.h>
#include <string.h>

/* So many cycles of 400 years are added before dividing, so that nothing is negative and the quotients need no mending. */
static const int64_t CYCLES = 1 << 20;
enum {
	DAYS_OF_400_YEARS = 146097,
	DAYS_OF_4_YEARS = 1461,
	MARCH_TO_EPOCH = 719468, /* days from 0000-03-01 to 1970-01-01 */
	FIRST_YEAR = 1800,
	LAST_YEAR = 2200,
};

/* ---- calendar ---------------------------------------------------------- */

static int days_of_month(int64_t year, int month)
{
	static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	if (month != 2)
		return days[month - 1];
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	return days[1] + leap;
}

/* A day by the year that begins in March, counted so that it is never negative, and by the day of that year from 0.  Day
 * 365 is a 29 February. */
typedef struct march_date {
	uint64_t year;
	unsigned day;
} march_date;
enum { LEAP_DAY = 365 };

static inline march_date march_date_of(vg_day day)
{
	uint64_t days = (uint64_t)((int64_t)day + MARCH_TO_EPOCH + CYCLES * DAYS_OF_400_YEARS);
	uint64_t cycle = days / DAYS_OF_400_YEARS;
	unsigned left = (unsigned)(days - cycle * DAYS_OF_400_YEARS);
	/* In quarters of a day a year is as long as the next, for centuries 146,097 and for years 1,461; the 3 lets the
	 * first of a year count as its own. */
	unsigned century = (4 * left + 3) / DAYS_OF_400_YEARS;
	left = (4 * left + 3) % DAYS_OF_400_YEARS / 4;
	unsigned one = (4 * left + 3) / DAYS_OF_4_YEARS;
	return (march_date){cycle * 400 + century * 100 + one, (4 * left + 3) % DAYS_OF_4_YEARS / 4};
}

static inline int64_t day_of(march_date date)
{
	uint64_t leap_days = date.year / 4 - date.year / 100 + date.year / 400;
	return (int64_t)(date.year * 365 + leap_days + date.day) - MARCH_TO_EPOCH - CYCLES * DAYS_OF_400_YEARS;
}

/* Month 1 to 12, any year that a date can reach, and any day counted from the month's first. */
static int64_t count_days(int64_t year, int month, int day)
{
	unsigned march_month = (unsigned)(month > 2 ? month - 3 : month + 9);
	/* Months from March have 31 30 31 30 31 twice, and 31: 153 days in five. */
	unsigned days_before_month = (153 * march_month + 2) / 5;
	return day_of((march_date){(uint64_t)(year + CYCLES * 400 - (month <= 2)), days_before_month}) + day - 1;
}

static vg_day limited(int64_t day)
{
	if (day > VG_FAR_FUTURE)
		return VG_FAR_FUTURE;
	return day < -VG_FAR_FUTURE ? -VG_FAR_FUTURE : (vg_day)day;
}

vg_day vg_day_from(int year, int month, int day)
{
	if (month < 1 || month > 12 || day < 1 || day > days_of_month(year, month))
		return VG_NO_DAY;
	return limited(count_days(year, month, day));
}

void vg_day_split(vg_day day, int *year, int *month, int *day_of_month)
{
	march_date date = march_date_of(day);
	unsigned march_month = (5 * date.day + 2) / 153;
	*day_of_month = (int)(date.day - (153 * march_month + 2) / 5 + 1);
	*month = (int)(march_month < 10 ? march_month + 3 : march_month - 9);
	*year = (int)((int64_t)date.year - CYCLES * 400) + (*month <= 2);
}

/* ---- arithmetic -------------------------------------------------------- */

/* Whole years need no months: the day of the year stays, unless it is one that the reached year lacks. */
static int64_t moved_by_years(vg_day day, int64_t years)
{
	march_date date = march_date_of(day);
	date.year = (uint64_t)((int64_t)date.year + years);
	uint64_t next = date.year + 1; /* in which its February lies */
	bool leap = (next % 4 == 0 && next % 100 != 0) || next % 400 == 0;
	date.day -= date.day == LEAP_DAY && !leap;
	return day_of(date);
}

static int64_t moved_by_months(vg_day day, int64_t change)
{
	int year, month, day_of_month;
	vg_day_split(day, &year, &month, &day_of_month);
	uint64_t months = (uint64_t)((year + CYCLES * 400) * 12 + month - 1 + change);
	int64_t new_year = (int64_t)(months / 12) - CYCLES * 400;
	int new_month = (int)(months % 12) + 1, longest = days_of_month(new_year, new_month);
	return count_days(new_year, new_month, day_of_month < longest ? day_of_month : longest);
}

static vg_day moved(vg_day day, vg_duration duration, int direction)
{
	if (day == VG_NO_DAY)
		return VG_NO_DAY;
	int64_t moved_day = day;
	if (duration.months) {
		int64_t months = (int64_t)direction * duration.months;
		moved_day = months % 12 ? moved_by_months(day, months) : moved_by_years(day, months / 12);
	}
	/* By day, a begun day is a whole one: 36 hours reach two days. */
	int64_t hours = duration.hours, days = duration.days + (hours > 0 ? hours + 23 : hours) / 24;
	return limited(moved_day + direction * days);
}

vg_day vg_day_plus(vg_day day, vg_duration duration) { return moved(day, duration, 1); }

vg_day vg_day_minus(vg_day day, vg_duration duration) { return moved(day, duration, -1); }

int vg_years_between(vg_day birth, vg_day day)
{
	int birth_year, year, month, day_of_month;
	vg_day_split(birth, &birth_year, &month, &day_of_month);
	vg_day_split(day, &year, &month, &day_of_month);
	int years = year - birth_year;
	return vg_day_plus(birth, (vg_duration){.months = 12 * years}) > day ? years - 1 : years;
}

/* ---- reading ----------------------------------------------------------- */

typedef struct cursor {
	const char *at, *end;
} cursor;

/* Two digits; more than 99 when one is none. */
static inline unsigned two_digits(const char *at)
{
	unsigned tens = (unsigned)(unsigned char)at[0] - '0', ones = (unsigned)(unsigned char)at[1] - '0';
	return tens > 9 || ones > 9 ? 100 : tens * 10 + ones;
}

/* Two digits whose value lies between `low` and `high`. */
static inline bool read_two(cursor *text, int low, int high, int *ret)
{
	if (text->end - text->at < 2)
		return false;
	*ret = (int)two_digits(text->at);
	text->at += 2;
	return *ret >= low && *ret <= high;
}

static inline bool read_year(cursor *text, int *ret)
{
	if (text->end - text->at < 4)
		return false;
	unsigned century = two_digits(text->at), rest = two_digits(text->at + 2);
	*ret = (int)(century * 100 + rest);
	text->at += 4;
	return rest < 100 && *ret >= FIRST_YEAR && *ret <= LAST_YEAR;
}

static inline bool read_sign(cursor *text, char sign)
{
	if (text->at == text->end || *text->at != sign)
		return false;
	text->at++;
	return true;
}

/* "Z", "+05:30"; nothing is a time of no known zone, which has no instant. */
static bool read_zone(cursor *text, bool *known, int *seconds)
{
	int hours, minutes, sign = 1;
	*seconds = 0;
	*known = text->at < text->end;
	if (!*known || read_sign(text, 'Z'))
		return true;
	if (read_sign(text, '-'))
		sign = -1;
	else if (!read_sign(text, '+'))
		return false;
	if (!read_two(text, 0, 14, &hours) || !read_sign(text, ':') || !read_two(text, 0, 59, &minutes))
		return false;
	*seconds = sign * (hours * 3600 + minutes * 60);
	return hours < 14 || minutes == 0;
}

/* "10:15:00.250+05:30", the seconds and the zone optional: FHIR asks for both, but the day counts without them. */
static bool read_time(cursor *text, vg_when *when)
{
	int hour, minute, second = 0, offset;
	bool zone_known;
	if (!read_two(text, 0, 23, &hour) || !read_sign(text, ':') || !read_two(text, 0, 59, &minute))
		return false;
	if (read_sign(text, ':')) {
		if (!read_two(text, 0, 60, &second))
			return false;
		if (read_sign(text, '.')) {
			const char *fraction = text->at;
			while (text->at < text->end && *text->at >= '0' && *text->at <= '9')
				text->at++;
			if (text->at == fraction)
				return false;
		}
	}
	if (!read_zone(text, &zone_known, &offset))
		return false;
	if (zone_known)
		when->instant = (int64_t)when->first * 86400 + hour * 3600 + minute * 60 + second - offset;
	return true;
}

bool vg_date_parse(const char *text, size_t length, vg_when *ret)
{
	cursor left = {text, text ? text + length : NULL};
	vg_when when = VG_NO_WHEN;
	int year, first_month = 1, last_month = 12, first_day = 1, last_day = 0;
	if (!text || !read_year(&left, &year))
		return false;
	if (read_sign(&left, '-')) {
		if (!read_two(&left, 1, 12, &first_month))
			return false;
		last_month = first_month;
		if (read_sign(&left, '-')) {
			if (!read_two(&left, 1, days_of_month(year, first_month), &first_day))
				return false;
			last_day = first_day;
		}
	}
	when.first = (vg_day)count_days(year, first_month, first_day);
	when.last = last_day ? when.first : (vg_day)count_days(year, last_month, days_of_month(year, last_month));
	if (last_day && read_sign(&left, 'T') && !read_time(&left, &when))
		return false;
	if (left.at != left.end)
		return false;
	*ret = when;
	return true;
}

typedef struct unit {
	const char *name;
	int months, days, hours;
} unit;
static const unit units[] = {{"year", 12, 0, 0}, {"month", 1, 0, 0}, {"week", 0, 7, 0}, {"day", 0, 1, 0}, {"hour", 0, 0, 1}};

/* "Years" is "year": case and one final s do not matter. */
static bool is_unit(const char *text, size_t length, const char *name)
{
	size_t expected = strlen(name);
	if (length != expected && !(length == expected + 1 && (text[expected] | 32) == 's'))
		return false;
	for (size_t i = 0; i < expected; i++)
		if ((text[i] | 32) != name[i])
			return false;
	return true;
}

static const char *skip_blanks(const char *text)
{
	while (*text == ' ' || *text == '\t')
		text++;
	return text;
}

bool vg_duration_parse(const char *text, vg_duration *ret)
{
	enum { LONGEST_YEARS = 1000 };
	if (!text)
		return false;
	const char *at = skip_blanks(text);
	int64_t count = 0;
	const char *digits = at;
	for (; *at >= '0' && *at <= '9'; at++)
		if (count < INT32_MAX)
			count = count * 10 + (*at - '0');
	const char *word = skip_blanks(at);
	if (at == digits || word == at || count == 0)
		return false;
	size_t length = strcspn(word, " \t");
	if (*skip_blanks(word + length) != '\0')
		return false;
	for (size_t i = 0; i < VG_COUNT(units); i++) {
		if (!is_unit(word, length, units[i].name))
			continue;
		int64_t months = count * units[i].months, days = count * units[i].days, hours = count * units[i].hours;
		if (months > LONGEST_YEARS * 12 || days > LONGEST_YEARS * 366 || hours > LONGEST_YEARS * INT64_C(366) * 24)
			return false;
		*ret = (vg_duration){(int32_t)months, (int32_t)days, (int32_t)hours};
		return true;
	}
	return false;
}

/* ---- writing ----------------------------------------------------------- */

static void write_two(int number, char *out)
{
	out[0] = (char)('0' + number / 10);
	out[1] = (char)('0' + number % 10);
}

const char *vg_day_text(vg_day day, char out[16])
{
	if (day == VG_NO_DAY) {
		snprintf(out, 16, "date unknown");
		return out;
	}
	int year, month, day_of_month;
	vg_day_split(limited(day), &year, &month, &day_of_month);
	if (year < 0 || year > 9999) {
		snprintf(out, 16, "%04d-%02d-%02d", year, (unsigned char)month % 100, (unsigned char)day_of_month % 100);
		return out;
	}
	write_two(year / 100, out);
	write_two(year % 100, out + 2);
	out[4] = out[7] = '-';
	write_two(month, out + 5);
	write_two(day_of_month, out + 8);
	out[10] = '\0';
	return out;
}

const char *vg_when_text(vg_when when, char out[32])
{
	char first[16], last[16];
	vg_day_text(when.first, first);
	if (!vg_when_known(when) || when.first == when.last) {
		memcpy(out, first, sizeof first);
		return out;
	}
	int year, month, day, last_year, last_month, last_day;
	vg_day_split(when.first, &year, &month, &day);
	vg_day_split(when.last, &last_year, &last_month, &last_day);
	bool whole_months = day == 1 && year == last_year && last_day == days_of_month(last_year, last_month);
	if (whole_months && month == 1 && last_month == 12)
		snprintf(out, 32, "%.4s", first);
	else if (whole_months && month == last_month)
		snprintf(out, 32, "%.7s", first);
	else
		snprintf(out, 32, "%s to %s", first, vg_day_text(when.last, last));
	return out;
}

const char *vg_duration_text(vg_duration duration, char out[32])
{
	int32_t count = duration.hours;
	const char *name = "hour";
	if (duration.months && duration.months % 12 == 0) {
		count = duration.months / 12;
		name = "year";
	} else if (duration.months) {
		count = duration.months;
		name = "month";
	} else if (duration.days || !duration.hours) {
		count = duration.days;
		name = "day";
	}
	snprintf(out, 32, "%d %s%s", count, name, count == 1 ? "" : "s");
	return out;
}
