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
	size_t significant; /* how many digits stand from the first on that is not 0 */
	uint64_t digits;    /* all of them as one number, when no more than 19 are significant */
	int64_t exponent;
	bool negative;
} decimal;

static inline bool is_digit(char byte) { return byte >= '0' && byte <= '9'; }

/* The digits that begin at `at`: takes them in and returns how many there are. */
static inline size_t take_digits(decimal *number, const char *at, const char *end)
{
	const char *start = at;
	for (; at < end && is_digit(*at); at++) {
		number->digits = number->digits * 10 + (uint64_t)(*at - '0');
		number->significant += number->significant || *at != '0';
	}
	return (size_t)(at - start);
}

/* What follows an "e"; NULL when it is no exponent. */
static const char *read_exponent(decimal *number, const char *at, const char *end)
{
	bool negative = at < end && *at == '-';
	at += negative || (at < end && *at == '+');
	if (at == end || !is_digit(*at))
		return NULL;
	for (; at < end && is_digit(*at); at++)
		if (number->exponent < INT64_C(1000000000000000))
			number->exponent = number->exponent * 10 + (*at - '0');
	if (negative)
		number->exponent = -number->exponent;
	return at;
}

/* JSON's grammar of a number. */
static bool split(const char *text, size_t length, decimal *ret)
{
	const char *at = text, *end = text + length;
	*ret = (decimal){.negative = length > 0 && *text == '-'};
	at += ret->negative;
	ret->whole = at;
	ret->whole_count = take_digits(ret, at, end);
	if (ret->whole_count == 0 || (ret->whole_count > 1 && *at == '0'))
		return false;
	at += ret->whole_count;
	if (at < end && *at == '.') {
		ret->fraction = ++at;
		ret->fraction_count = take_digits(ret, at, end);
		if (ret->fraction_count == 0)
			return false;
		at += ret->fraction_count;
	}
	if (at < end && (*at == 'e' || *at == 'E'))
		at = read_exponent(ret, at + 1, end);
	return at == end;
}

static char digit_at(const decimal *number, size_t i)
{
	return i < number->whole_count ? number->whole[i] : number->fraction[i - number->whole_count];
}

static bool read_long(const decimal *number, double *ret)
{
	char text[MOST_DIGITS + 32];
	size_t count = number->whole_count + number->fraction_count, used = 0, i = count - number->significant;
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
	if (number.significant == 0) {
		*ret = number.negative ? -0.0 : 0.0;
		return true;
	}
	int64_t exponent = number.exponent - (int64_t)number.fraction_count;
	if (number.significant > 19 || number.digits > UINT64_C(1) << 53 || exponent < -22 || exponent > 22)
		return read_long(&number, ret);
	double value = (double)number.digits;
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
