/*
 * Numbers as texts, whatever the locale of the process.
 *
 * Reading: a number with at most 19 digits and a small power of ten is exact
 * after one multiplication or division of doubles; any other is handed to
 * strtod as an integer with an exponent, a form without a decimal point, the
 * only thing in it that locales change.
 * Writing: the digits come from "%.*e", with the fewest digits that read back
 * the same, and are set here.
 */
#include "base/base_internal.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A double lies between two neighbours that 768 digits tell apart; a "1"
 * behind them stands for all digits that were left out. */
enum { MOST_DIGITS = 770, LARGEST_EXPONENT = 100000 };

typedef struct decimal {
	const char *whole, *fraction; /* the digits before and behind the point */
	size_t whole_count, fraction_count;
	int64_t exponent;
	bool negative;
} decimal;

static size_t count_digits(const char *text, const char *end)
{
	const char *at = text;
	while (at < end && *at >= '0' && *at <= '9')
		at++;
	return (size_t)(at - text);
}

/* JSON's grammar of a number. */
static bool split(const char *text, size_t length, decimal *ret)
{
	const char *at = text, *end = text + length;
	*ret = (decimal){.negative = length > 0 && *text == '-'};
	at += ret->negative;
	ret->whole = at;
	ret->whole_count = count_digits(at, end);
	if (ret->whole_count == 0 || (ret->whole_count > 1 && *at == '0'))
		return false;
	at += ret->whole_count;
	if (at < end && *at == '.') {
		ret->fraction = ++at;
		ret->fraction_count = count_digits(at, end);
		if (ret->fraction_count == 0)
			return false;
		at += ret->fraction_count;
	}
	if (at < end && (*at == 'e' || *at == 'E')) {
		bool negative = ++at < end && *at == '-';
		at += negative || (at < end && *at == '+');
		size_t count = count_digits(at, end);
		if (count == 0)
			return false;
		for (; count; count--, at++)
			if (ret->exponent < INT64_C(1000000000000000))
				ret->exponent = ret->exponent * 10 + (*at - '0');
		if (negative)
			ret->exponent = -ret->exponent;
	}
	return at == end;
}

static char digit_at(const decimal *number, size_t i)
{
	return i < number->whole_count ? number->whole[i] : number->fraction[i - number->whole_count];
}

static bool read_long(const decimal *number, size_t first, double *ret)
{
	char text[MOST_DIGITS + 32];
	size_t count = number->whole_count + number->fraction_count, used = 0, i = first;
	for (; i < count && used < MOST_DIGITS; i++)
		text[used++] = digit_at(number, i);
	int64_t exponent = number->exponent - (int64_t)number->fraction_count + (int64_t)(count - i);
	for (; i < count; i++)
		if (digit_at(number, i) != '0') {
			text[used++] = '1';
			exponent--;
			break;
		}
	if (exponent > LARGEST_EXPONENT)
		exponent = LARGEST_EXPONENT;
	if (exponent < -LARGEST_EXPONENT)
		exponent = -LARGEST_EXPONENT;
	snprintf(text + used, sizeof text - used, "e%" PRId64, exponent);
	double value = strtod(text, NULL);
	if (!isfinite(value))
		return false;
	*ret = number->negative ? -value : value;
	return true;
}

bool vg_parse_number(const char *text, size_t length, double *ret)
{
	static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
					1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
	decimal number;
	if (!split(text, length, &number))
		return false;
	size_t count = number.whole_count + number.fraction_count, first = 0;
	while (first < count && digit_at(&number, first) == '0')
		first++;
	if (first == count) {
		*ret = number.negative ? -0.0 : 0.0;
		return true;
	}
	if (count - first > 19)
		return read_long(&number, first, ret);
	uint64_t digits = 0;
	for (size_t i = first; i < count; i++)
		digits = digits * 10 + (uint64_t)(digit_at(&number, i) - '0');
	int64_t exponent = number.exponent - (int64_t)number.fraction_count;
	if (digits > UINT64_C(1) << 53 || exponent < -22 || exponent > 22)
		return read_long(&number, first, ret);
	double value = (double)digits;
	value = exponent < 0 ? value / powers[-exponent] : value * powers[exponent];
	*ret = number.negative ? -value : value;
	return true;
}

/* The digits of "%.*e" without the point, whatever that is; returns the exponent. */
static int decimal_digits(double number, int count, char digits[20])
{
	char text[48];
	snprintf(text, sizeof text, "%.*e", count - 1, number);
	const char *at = text;
	for (int i = 0; i < count; at++)
		if (*at >= '0' && *at <= '9')
			digits[i++] = *at;
	digits[count] = '\0';
	int exponent = 0;
	bool negative = at[1] == '-';
	for (at += 2; *at; at++)
		exponent = exponent * 10 + (*at - '0');
	return negative ? -exponent : exponent;
}

static bool reads_back(double number, const char *digits, int count, int exponent)
{
	char text[48];
	int length = snprintf(text, sizeof text, "%se%d", digits, exponent - (count - 1));
	double value;
	return vg_parse_number(text, (size_t)length, &value) && value == number;
}

/* Every decimal of 15 digits is a double of its own, unless the number is so
 * small that doubles have fewer bits there. */
static int shortest_digits(double number, char digits[20], int *exponent)
{
	for (int count = number < 1e-300 ? 1 : 15; count < 17; count++) {
		*exponent = decimal_digits(number, count, digits);
		if (reads_back(number, digits, count, *exponent))
			return count;
	}
	*exponent = decimal_digits(number, 17, digits);
	return 17;
}

size_t vg_number_text(double number, char out[32])
{
	if (!isfinite(number))
		return (size_t)snprintf(out, 32, "null");
	size_t used = 0;
	if (signbit(number)) {
		out[used++] = '-';
		number = -number;
	}
	if (number < 9007199254740992.0 && number == floor(number))
		return used + (size_t)snprintf(out + used, 32 - used, "%" PRIu64, (uint64_t)number);
	char digits[20];
	int exponent, count = shortest_digits(number, digits, &exponent);
	while (count > 1 && digits[count - 1] == '0')
		count--;
	if (exponent < -6 || exponent >= 21) {
		out[used++] = digits[0];
		if (count > 1)
			out[used++] = '.';
		memcpy(out + used, digits + 1, (size_t)count - 1);
		used += (size_t)count - 1;
		return used + (size_t)snprintf(out + used, 32 - used, "e%d", exponent);
	}
	if (exponent < 0) {
		out[used++] = '0';
		out[used++] = '.';
		for (int i = -1; i > exponent; i--)
			out[used++] = '0';
	}
	for (int i = 0; i < count || i <= exponent; i++) {
		if (i == exponent + 1 && exponent >= 0)
			out[used++] = '.';
		out[used++] = i < count ? digits[i] : '0';
	}
	out[used] = '\0';
	return used;
}
