/*
 * Numbers and holes of the packed form.
 *
 * Dates, times, UUIDs and decimals have short forms.  A short form is only used
 * when it gives back exactly what it was made from; everything else is written
 * as it is, so nothing is lost by being unusual.
 */
#include "record/packed_internal.h"

#include <stdio.h>

/* Types that references name; the numbers are in stores: append only. */
static const char *const reference_types[] = {
    "Patient",    "Encounter",      "Observation",  "Condition",           "Procedure",          "MedicationRequest",
    "Medication", "ServiceRequest", "Practitioner", "Organization",        "DiagnosticReport",   "Immunization",
    "CarePlan",   "Group",          "Device",       "MedicationStatement", "MedicationDispense", "AllergyIntolerance"};

enum { UUID_LENGTH = 36 };
const double vg_powers_of_ten[VG_MOST_DIGITS + 1] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};

/* ---- numbers ------------------------------------------------------------------- */

static void put_byte(vg_buffer *out, unsigned byte)
{
	char c = (char)(unsigned char)byte;
	vg_add_byte(out, c);
}

void vg_put_number(vg_buffer *out, uint64_t number)
{
	char bytes[10];
	size_t count = 0;
	for (; number >= 128; number >>= 7)
		bytes[count++] = (char)(unsigned char)(number | 128);
	bytes[count++] = (char)number;
	vg_add_bytes(out, bytes, count);
}

void vg_put_signed(vg_buffer *out, int64_t number)
{
	uint64_t bits = (uint64_t)number;
	vg_put_number(out, number < 0 ? ~(bits << 1) : bits << 1);
}

uint64_t vg_get_number_slowly(vg_bytes *bytes)
{
	uint64_t number = 0;
	for (unsigned shift = 0; shift < 64 && bytes->at < bytes->end; shift += 7) {
		unsigned char byte = *bytes->at++;
		number |= (uint64_t)(byte & 127) << shift;
		if (byte < 128)
			return number;
	}
	bytes->failed = true;
	bytes->at = bytes->end;
	return 0;
}

/* ---- UUIDs ------------------------------------------------------------------------ */

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1; /* capitals would come back small */
}

static bool is_dash(size_t at) { return at == 8 || at == 13 || at == 18 || at == 23; }

static bool read_uuid(const char *text, char out[16])
{
	if (strlen(text) != UUID_LENGTH)
		return false;
	size_t count = 0;
	for (size_t at = 0; at < UUID_LENGTH; at++) {
		if (is_dash(at)) {
			if (text[at] != '-')
				return false;
			continue;
		}
		int high = hex_digit(text[at]), low = hex_digit(text[at + 1]);
		if (high < 0 || low < 0)
			return false;
		out[count++] = (char)(unsigned char)(high * 16 + low);
		at++;
	}
	return true;
}

char *vg_write_uuid(const unsigned char *bytes, char *to)
{
	static const char digits[] = "0123456789abcdef";
	for (size_t i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*to++ = '-';
		*to++ = digits[bytes[i] >> 4];
		*to++ = digits[bytes[i] & 15];
	}
	*to = '\0';
	return to;
}

/* ---- days and times ------------------------------------------------------------------ */

typedef struct moment {
	vg_day day;
	unsigned second, zone, offset, digits;
	uint32_t fraction;
} moment;

static char *write_digits(char *to, uint64_t number, unsigned count)
{
	for (unsigned i = count; i-- > 0; number /= 10)
		to[i] = (char)('0' + number % 10);
	return to + count;
}

static char *write_day(char *to, vg_day day)
{
	int year, month, day_of_month;
	vg_day_split(day, &year, &month, &day_of_month);
	to = write_digits(to, (uint64_t)year, 4);
	*to++ = '-';
	to = write_digits(to, (uint64_t)month, 2);
	*to++ = '-';
	return write_digits(to, (uint64_t)day_of_month, 2);
}

static void write_moment(char *to, const moment *from)
{
	to = write_day(to, from->day);
	*to++ = 'T';
	to = write_digits(to, from->second / 3600 % 100, 2);
	*to++ = ':';
	to = write_digits(to, from->second / 60 % 60, 2);
	*to++ = ':';
	to = write_digits(to, from->second % 60, 2);
	if (from->digits) {
		*to++ = '.';
		to = write_digits(to, from->fraction, from->digits);
	}
	if (from->zone == VG_ZONE_Z)
		*to++ = 'Z';
	if (from->zone == VG_ZONE_PLUS || from->zone == VG_ZONE_MINUS) {
		*to++ = from->zone == VG_ZONE_PLUS ? '+' : '-';
		to = write_digits(to, from->offset / 60, 2);
		*to++ = ':';
		to = write_digits(to, from->offset % 60, 2);
	}
	*to = '\0';
}

static bool take_digits(const char **at, unsigned count, uint32_t *ret)
{
	*ret = 0;
	for (; count; count--, ++*at) {
		if (**at < '0' || **at > '9')
			return false;
		*ret = *ret * 10 + (uint32_t)(**at - '0');
	}
	return true;
}

static bool take(const char **at, char expected)
{
	if (**at != expected)
		return false;
	++*at;
	return true;
}

/* Behind the 'T'; whether it is right shows when it is written again. */
static bool read_moment(const char *at, moment *ret)
{
	uint32_t hour, minute, second, offset_hour, offset_minute;
	if (!take_digits(&at, 2, &hour) || !take(&at, ':') || !take_digits(&at, 2, &minute) || !take(&at, ':') ||
	    !take_digits(&at, 2, &second) || second > 59 || minute > 59)
		return false;
	ret->second = hour * 3600 + minute * 60 + second;
	if (take(&at, '.')) {
		const char *start = at;
		while (*at >= '0' && *at <= '9' && at - start < VG_MOST_DIGITS)
			at++;
		ret->digits = (unsigned)(at - start);
		if (ret->digits == 0 || !take_digits(&start, ret->digits, &ret->fraction))
			return false;
	}
	if (take(&at, 'Z')) {
		ret->zone = VG_ZONE_Z;
	} else if (*at == '+' || *at == '-') {
		ret->zone = *at++ == '+' ? VG_ZONE_PLUS : VG_ZONE_MINUS;
		if (!take_digits(&at, 2, &offset_hour) || !take(&at, ':') || !take_digits(&at, 2, &offset_minute))
			return false;
		ret->offset = offset_hour * 60 + offset_minute;
	}
	return *at == '\0';
}

/* What the reader of dates makes of such a text. */
static vg_when when_of(const moment *from)
{
	vg_when when = {from->day, from->day, VG_NO_INSTANT};
	if (from->zone == VG_ZONE_NONE)
		return when;
	int64_t offset = (int64_t)from->offset * 60;
	when.instant = (int64_t)from->day * 86400 + from->second +
		       (from->zone == VG_ZONE_MINUS  ? offset
			: from->zone == VG_ZONE_PLUS ? -offset
						     : 0);
	return when;
}

static bool same_when(vg_when a, vg_when b) { return a.first == b.first && a.last == b.last && a.instant == b.instant; }

static void put_moment(vg_buffer *out, const moment *from)
{
	put_byte(out, VG_HOLE_TIME);
	put_byte(out, from->zone | from->digits << VG_FRACTION_SHIFT);
	vg_put_signed(out, from->day);
	vg_put_number(out, from->second);
	if (from->zone == VG_ZONE_PLUS || from->zone == VG_ZONE_MINUS)
		vg_put_number(out, from->offset);
	if (from->digits)
		vg_put_number(out, from->fraction);
}

static moment get_moment(vg_bytes *bytes)
{
	const unsigned char *form = vg_get_bytes(bytes, 1);
	moment read = {.zone = form ? *form & 3U : 0, .digits = form ? (unsigned)*form >> VG_FRACTION_SHIFT : 0};
	read.day = (vg_day)vg_get_signed(bytes);
	read.second = (unsigned)vg_get_number(bytes) % VG_MOST_SECONDS;
	if (read.zone == VG_ZONE_PLUS || read.zone == VG_ZONE_MINUS)
		read.offset = (unsigned)vg_get_number(bytes) % VG_MOST_OFFSET;
	if (read.digits)
		read.fraction = (uint32_t)vg_get_number(bytes);
	if (read.digits > VG_MOST_DIGITS)
		read.digits = VG_MOST_DIGITS;
	return read;
}

/* A date in full, with or without a time; false: another text. */
static bool put_date(vg_buffer *out, const char *text, size_t length)
{
	vg_when when;
	if (length < 10 || length > 40 || text[4] != '-' || text[7] != '-' || !vg_date_parse(text, length, &when))
		return false;
	char again[VG_HOLE_ROOM];
	if (length == 10) {
		put_byte(out, VG_HOLE_DAY);
		vg_put_signed(out, when.first);
		return true;
	}
	moment read = {.day = when.first};
	if (!read_moment(text + 11, &read))
		return false;
	write_moment(again, &read);
	if (strcmp(again, text) != 0 || !same_when(when_of(&read), when))
		return false;
	put_moment(out, &read);
	return true;
}

/* ---- holes ------------------------------------------------------------------------------- */

static bool put_reference(vg_buffer *out, const char *text, size_t length)
{
	char uuid[16];
	if (length < UUID_LENGTH)
		return false;
	if (read_uuid(text, uuid)) {
		put_byte(out, VG_HOLE_UUID);
		vg_add_bytes(out, uuid, sizeof uuid);
		return true;
	}
	if (strncmp(text, "urn:uuid:", 9) == 0 && read_uuid(text + 9, uuid)) {
		put_byte(out, VG_HOLE_URN);
		vg_add_bytes(out, uuid, sizeof uuid);
		return true;
	}
	const char *slash = strchr(text, '/');
	if (!slash || !read_uuid(slash + 1, uuid))
		return false;
	vg_view type = {text, (size_t)(slash - text)};
	for (size_t i = 0; i < VG_COUNT(reference_types); i++) {
		if (vg_view_is(type, reference_types[i])) {
			put_byte(out, VG_HOLE_REFERENCE);
			vg_put_number(out, i);
			vg_add_bytes(out, uuid, sizeof uuid);
			return true;
		}
	}
	return false;
}

void vg_put_text_hole(vg_buffer *out, vg_view text)
{
	char room[VG_HOLE_ROOM]; /* what has a short form is not longer */
	if (text.length < sizeof room) {
		memcpy(room, text.text, text.length);
		room[text.length] = '\0';
		if (put_date(out, room, text.length) || put_reference(out, room, text.length))
			return;
	}
	put_byte(out, VG_HOLE_TEXT);
	vg_put_number(out, text.length);
	vg_add_bytes(out, text.text, text.length);
	put_byte(out, 0);
}

void vg_put_number_hole(vg_buffer *out, double number)
{
	for (unsigned digits = 0; digits <= VG_MOST_DIGITS && fabs(number) < 1e9; digits++) {
		double whole = nearbyint(number * vg_powers_of_ten[digits]);
		if (fabs(whole) >= 9e15)
			break;
		double again = whole / vg_powers_of_ten[digits];
		if (memcmp(&again, &number, sizeof again) == 0) { /* minus zero differs from zero */
			put_byte(out, VG_HOLE_DECIMAL);
			put_byte(out, digits);
			vg_put_signed(out, (int64_t)whole);
			return;
		}
	}
	put_byte(out, VG_HOLE_DOUBLE);
	vg_add_bytes(out, (const char *)&number, sizeof number);
}

static void get_uuid(vg_bytes *bytes, const char *before, const char *slash, vg_hole *ret)
{
	const unsigned char *uuid = vg_get_bytes(bytes, 16);
	size_t length = strlen(before), more = strlen(slash);
	memcpy(ret->room, before, length);
	memcpy(ret->room + length, slash, more + 1);
	if (uuid)
		vg_write_uuid(uuid, ret->room + length + more);
	ret->text = ret->room;
}

static void get_text(vg_bytes *bytes, vg_hole *ret)
{
	size_t length = (size_t)vg_get_number(bytes);
	const unsigned char *text = length < SIZE_MAX ? vg_get_bytes(bytes, length + 1) : NULL;
	if (text && text[length] == 0)
		ret->text = (const char *)text;
	else
		bytes->failed = true;
}

void vg_get_hole(vg_bytes *bytes, bool texts, vg_hole *ret)
{
	const unsigned char *tag = vg_get_bytes(bytes, 1);
	ret->tag = tag ? (vg_hole_tag)*tag : VG_HOLE_TEXT;
	ret->text = "";
	ret->number = 0;
	moment time;
	switch (ret->tag) {
	case VG_HOLE_TEXT:
		get_text(bytes, ret);
		return;
	case VG_HOLE_DAY:
		time = (moment){.day = (vg_day)vg_get_signed(bytes)};
		ret->when = when_of(&time);
		if (texts)
			*write_day(ret->room, time.day) = '\0';
		ret->text = ret->room;
		return;
	case VG_HOLE_TIME:
		time = get_moment(bytes);
		ret->when = when_of(&time);
		if (texts)
			write_moment(ret->room, &time);
		ret->text = ret->room;
		return;
	case VG_HOLE_DECIMAL:
	case VG_HOLE_DOUBLE:
		bytes->at--; /* before the tag again */
		vg_get_double(bytes, &ret->number);
		return;
	case VG_HOLE_UUID:
		get_uuid(bytes, "", "", ret);
		return;
	case VG_HOLE_URN:
		get_uuid(bytes, "urn:uuid:", "", ret);
		return;
	case VG_HOLE_REFERENCE: {
		uint64_t type = vg_get_number(bytes);
		get_uuid(bytes, type < VG_COUNT(reference_types) ? reference_types[type] : "", "/", ret);
		return;
	}
	default:
		bytes->failed = true;
	}
}
