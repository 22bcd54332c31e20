/*
 * Units of measurement: read as UCUM writes them and as people do, and
 * converted.
 *
 * A text is first normalised: Greek and raised characters become plain ones,
 * annotations in braces go, and "/1.73 m²" with them, since UCUM counts it as
 * one.  Then it is read as a product: atoms with prefixes and exponents,
 * numbers, strokes.  units.def holds all words.
 *
 * A missing unit is no unit: it converts to a missing one only, so that "7.2"
 * without a unit is never taken for 7.2 %.  mmol/mol and % are the same
 * dimension but, for HbA1c, different scales: they convert only where the
 * analyte says so, by the IFCC's equation.
 */
#include "knowledge/knowledge_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
	MASS,
	AMOUNT,
	VOLUME,
	LENGTH,
	TIME,
	ARBITRARY,
	EQUIVALENTS,
	PRESSURE,
	TEMPERATURE,
	CHARGE,
	DIMENSIONS,
	NOTHING = DIMENSIONS
};
_Static_assert(sizeof(((vg_unit *)NULL)->dimension) == DIMENSIONS, "vg_unit names ten dimensions");

enum { TEXT_LIMIT = 128, DEPTH_LIMIT = 8, EXPONENT_LIMIT = 12 };

typedef struct unit_atom {
	const char *code;
	bool prefixes;
	double factor;
	int dimension;
	double offset;
} unit_atom;
static const unit_atom atoms[] = {
#define ATOM(code, prefixes, factor, dimension, offset) {code, prefixes, factor, dimension, offset},
#include "units.def"
#undef ATOM
};
static const struct {
	const char *text;
	double factor;
} prefixes[] = {
#define PREFIX(text, factor) {text, factor},
#include "units.def"
#undef PREFIX
};
static const struct {
	const char *text, *code;
} spellings[] =
    {
#define SPELLING(text, code) {text, code},
#include "units.def"
#undef SPELLING
},
  wholes[] = {
#define WHOLE(text, code) {text, code},
#include "units.def"
#undef WHOLE
};
static const char *const counted[] = {
#define COUNTED(word) word,
#include "units.def"
#undef COUNTED
};

/* ---- normalising ------------------------------------------------------------------ */

static const struct {
	const char *from, *to;
} characters[] = {
    {"\xC2\xB5", "u"},     {"\xCE\xBC", "u"},     {"\xC2\xB2", "2"},     {"\xC2\xB3", "3"},     {"\xC2\xB7", "."},
    {"\xE2\x8B\x85", "."}, {"\xC3\x97", "x"},     {"\xC2\xB0", "deg"},   {"\xC2\xA0", " "},     {"\xE2\x81\xBB", "-"},
    {"\xC2\xB9", "1"},     {"\xE2\x81\xB0", "0"}, {"\xE2\x81\xB4", "4"}, {"\xE2\x81\xB6", "6"}, {"\xE2\x81\xB9", "9"},
};

/* Plain characters and no annotations; false when the text is too long or a brace is open. */
static bool normalise(const char *text, char out[TEXT_LIMIT])
{
	size_t used = 0;
	while (*text) {
		const char *piece = text;
		size_t step = 1, length = 1;
		if (*text == '{') {
			const char *close = strchr(text, '}');
			if (!close)
				return false;
			text = close + 1;
			continue;
		}
		for (size_t i = 0; i < VG_COUNT(characters) && (unsigned char)*text >= 0x80; i++) {
			if (!vg_starts_with(text, characters[i].from))
				continue;
			piece = characters[i].to;
			step = strlen(characters[i].from);
			length = strlen(piece);
			break;
		}
		if (used + length >= TEXT_LIMIT)
			return false;
		memcpy(out + used, piece, length);
		used += length;
		text += step;
	}
	while (used && (out[used - 1] == ' ' || out[used - 1] == '/'))
		used--;
	out[used] = '\0';
	return true;
}

/* Takes "/1.73 m2" and " per 1.73 m2" off; "per" is a stroke. */
static void strip_body_surface(char *text)
{
	for (char *per = strstr(text, " per "); per; per = strstr(text, " per ")) {
		*per = '/';
		memmove(per + 1, per + 5, strlen(per + 5) + 1);
	}
	for (char *at = strchr(text, '/'); at; at = strchr(at + 1, '/')) {
		const char *number = at + 1 + strspn(at + 1, " (");
		if (!vg_starts_with(number, "1.73"))
			continue;
		const char *end = strchr(number, '/');
		end = end ? end : number + strlen(number);
		memmove(at, end, strlen(end) + 1);
		return;
	}
}

static bool same_ascii_fold(const char *a, size_t length, const char *b)
{
	for (size_t i = 0; i < length; i++) {
		char x = a[i], y = b[i];
		if (x >= 'A' && x <= 'Z')
			x = (char)(x + 32);
		if (y >= 'A' && y <= 'Z')
			y = (char)(y + 32);
		if (x != y)
			return false;
	}
	return b[length] == '\0';
}

/* ---- reading ------------------------------------------------------------------------ */

typedef struct unit_reader {
	const char *at;
	vg_unit unit;
	bool named;  /* some unit was named, or a number: more than words that count */
	bool offset; /* a unit with an offset was used: it must stand alone */
	int factors;
	int depth;
} unit_reader;

static bool multiply(unit_reader *reader, double factor, int dimension, int exponent)
{
	reader->factors++;
	reader->unit.factor *= pow(factor, exponent);
	if (dimension == NOTHING)
		return true;
	int sum = reader->unit.dimension[dimension] + exponent;
	reader->unit.dimension[dimension] = (int8_t)sum;
	return sum >= -EXPONENT_LIMIT && sum <= EXPONENT_LIMIT;
}

static bool is_text(const char *a, size_t length, const char *b)
{
	return a[0] == b[0] && strncmp(a, b, length) == 0 && b[length] == '\0';
}

static bool read_code(unit_reader *reader, const char *code, size_t length, int exponent)
{
	for (size_t i = 0; i < VG_COUNT(atoms); i++) {
		if (!is_text(code, length, atoms[i].code))
			continue;
		if (atoms[i].dimension == TEMPERATURE && atoms[i].offset > 0) {
			reader->unit.offset = atoms[i].offset;
			reader->offset = true;
		}
		reader->named = true;
		return multiply(reader, atoms[i].factor, atoms[i].dimension, exponent) && (!reader->offset || exponent == 1);
	}
	for (size_t i = 0; i < VG_COUNT(prefixes); i++) {
		size_t prefix = prefixes[i].text[0] == code[0] ? strlen(prefixes[i].text) : length;
		if (length <= prefix || memcmp(code, prefixes[i].text, prefix) != 0)
			continue;
		for (size_t j = 0; j < VG_COUNT(atoms); j++) {
			if (!atoms[j].prefixes || !is_text(code + prefix, length - prefix, atoms[j].code))
				continue;
			reader->named = true;
			return multiply(reader, prefixes[i].factor * atoms[j].factor, atoms[j].dimension, exponent);
		}
	}
	return false;
}

/* Spellings first: by UCUM's letters "ML" is a megalitre, which nobody measures in and many write. */
static bool read_word(unit_reader *reader, const char *word, size_t length, int exponent)
{
	for (size_t i = 0; i < VG_COUNT(spellings); i++)
		if (is_text(word, length, spellings[i].text))
			return read_code(reader, spellings[i].code, strlen(spellings[i].code), exponent);
	if (read_code(reader, word, length, exponent))
		return true;
	for (size_t i = 0; i < VG_COUNT(counted); i++)
		if (same_ascii_fold(word, length, counted[i]))
			return true;
	return false;
}

static bool is_digit(char byte) { return byte >= '0' && byte <= '9'; }

/* An exponent: "2", "-1", "^2"; 1 when there is none. False when it is too large. */
static bool read_exponent(unit_reader *reader, int *ret)
{
	const char *at = reader->at;
	int sign = 1, value = 0;
	if (*at == '^')
		at++;
	if (*at == '-' || *at == '+')
		sign = *at++ == '-' ? -1 : 1;
	if (!is_digit(*at)) {
		*ret = 1;
		return *reader->at != '^';
	}
	for (; is_digit(*at); at++)
		if ((value = value * 10 + (*at - '0')) > EXPONENT_LIMIT)
			return false;
	reader->at = at;
	*ret = sign * value;
	return true;
}

/* "10*3", "10^3", "10E3", "10(3)": a power of ten, as laboratories write it. */
static bool read_power_of_ten(unit_reader *reader, int exponent)
{
	const char *at = reader->at + 2;
	bool bracket = *at == '(';
	if (bracket || *at == '*' || *at == '^' || *at == 'E' || *at == 'e')
		at++;
	int power = 1;
	reader->at = at;
	if (!read_exponent(reader, &power) || (bracket && *reader->at++ != ')'))
		return false;
	reader->named = true;
	return multiply(reader, 10, NOTHING, power * exponent);
}

static bool read_number(unit_reader *reader, int exponent)
{
	size_t length = strspn(reader->at, "0123456789.");
	double number;
	if (length == 2 && memcmp(reader->at, "10", 2) == 0 && strchr("*^Ee(", reader->at[2]) && reader->at[2])
		return read_power_of_ten(reader, exponent);
	while (length && reader->at[length - 1] == '.')
		length--;
	if (!vg_parse_number(reader->at, length, &number) || number <= 0)
		return false;
	reader->at += length;
	reader->named = true;
	return multiply(reader, number, NOTHING, exponent);
}

/* Letters, percent signs and groups in square brackets. */
static size_t word_length(const char *at)
{
	size_t length = 0;
	for (;;) {
		char byte = at[length];
		if (byte == '[') {
			const char *close = strchr(at + length, ']');
			if (!close)
				return 0;
			length = (size_t)(close - at) + 1;
		} else if ((byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '%' || byte == '_' ||
			   byte == '#') {
			length++;
		} else {
			return length;
		}
	}
}

static bool read_product(unit_reader *reader, int sign);

static bool read_factor(unit_reader *reader, int sign)
{
	const char *at = reader->at;
	if (*at == '(') {
		reader->at++;
		if (++reader->depth > DEPTH_LIMIT || !read_product(reader, sign) || *reader->at != ')')
			return false;
		reader->at++;
		reader->depth--;
		return true;
	}
	if ((*at == 'x' || *at == 'X') && at[1 + strspn(at + 1, " ")] == '1')
		reader->at = at + 1 + strspn(at + 1, " ");
	if (is_digit(*reader->at))
		return read_number(reader, sign);
	size_t length = word_length(at);
	int exponent;
	if (length == 0)
		return false;
	reader->at = at + length;
	return read_exponent(reader, &exponent) && read_word(reader, at, length, sign * exponent);
}

static void skip_blanks(unit_reader *reader) { reader->at += strspn(reader->at, " "); }

/* Factors joined by ".", by blanks or by nothing behind a number, and by strokes, from left to right. */
static bool read_product(unit_reader *reader, int sign)
{
	int side = sign;
	skip_blanks(reader);
	if (*reader->at == '/') {
		reader->at++;
		side = -sign;
		skip_blanks(reader);
	}
	for (;;) {
		if (!read_factor(reader, side))
			return false;
		skip_blanks(reader);
		if (*reader->at == '\0' || *reader->at == ')')
			return true;
		if (*reader->at == '/') {
			reader->at++;
			side = -sign;
		} else if (*reader->at == '.') {
			reader->at++;
			side = sign;
		} /* else "24 h", "mg/24h", "mg/g creat": the next factor stands on the same side */
		skip_blanks(reader);
	}
}

/* A volume written as a length to the third power. */
static void lengths_to_volume(vg_unit *unit)
{
	for (; unit->dimension[LENGTH] >= 3; unit->dimension[LENGTH] = (int8_t)(unit->dimension[LENGTH] - 3)) {
		unit->dimension[VOLUME]++;
		unit->factor *= 1000;
	}
	for (; unit->dimension[LENGTH] <= -3; unit->dimension[LENGTH] = (int8_t)(unit->dimension[LENGTH] + 3)) {
		unit->dimension[VOLUME]--;
		unit->factor /= 1000;
	}
}

/* As written, trimmed, without annotations; the body surface area stays, as people write it. */
static const char *shown_text(vg_arena *arena, const char *text)
{
	vg_buffer shown;
	vg_buffer_init(&shown, arena);
	text += strspn(text, " ");
	while (*text) {
		const char *close = *text == '{' ? strchr(text, '}') : NULL;
		if (!close) {
			vg_add_byte(&shown, *text++);
			continue;
		}
		if (vg_starts_with(text, "{1.73"))
			vg_add(&shown, "1.73 m\xC2\xB2");
		text = close + 1;
	}
	while (shown.length && (shown.text[shown.length - 1] == ' ' || shown.text[shown.length - 1] == '/'))
		shown.text[--shown.length] = '\0';
	return vg_buffer_text(&shown);
}

bool vg_unit_parse(vg_arena *arena, const char *text, vg_unit *ret)
{
	char plain[TEXT_LIMIT];
	unit_reader reader = {.unit = {.factor = 1, .text = ""}};
	if (!text || !normalise(text, plain))
		return !text && (*ret = reader.unit, true);
	strip_body_surface(plain);
	reader.at = plain + strspn(plain, " ");
	size_t length = strlen(reader.at);
	for (size_t i = 0; i < VG_COUNT(wholes); i++) {
		if (same_ascii_fold(reader.at, length, wholes[i].text)) {
			reader.at = wholes[i].code;
			length = strlen(reader.at);
		}
	}
	if (*reader.at && (!read_product(&reader, 1) || *reader.at || (reader.offset && reader.factors > 1)))
		return false;
	if (!isfinite(reader.unit.factor) || reader.unit.factor <= 0)
		return false;
	lengths_to_volume(&reader.unit);
	if (reader.named)
		reader.unit.text = shown_text(arena, text);
	if (!reader.unit.text)
		return false;
	*ret = reader.unit;
	return true;
}

/* ---- converting ----------------------------------------------------------------------- */

static const vg_packed_analyte *find_analyte(const vg_knowledge *knowledge, vg_set test)
{
	size_t low = 0, high = knowledge && test ? knowledge->image.analytes.count : 0, count = high;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (knowledge->image.analytes.items[middle].set < test)
			low = middle + 1;
		else
			high = middle;
	}
	return low < count && knowledge->image.analytes.items[low].set == test ? &knowledge->image.analytes.items[low] : NULL;
}

bool vg_set_is_measured(const vg_knowledge *knowledge, vg_set test) { return find_analyte(knowledge, test) != NULL; }

double vg_analyte_molar_mass(const vg_knowledge *knowledge, vg_set test)
{
	const vg_packed_analyte *analyte = find_analyte(knowledge, test);
	return analyte ? analyte->molar_mass : 0;
}

const char *vg_analyte_unit(const vg_knowledge *knowledge, vg_set test)
{
	const vg_packed_analyte *analyte = find_analyte(knowledge, test);
	return analyte && analyte->unit ? vg_pool_at(knowledge, analyte->unit) : NULL;
}

/* Twelve digits: what is left of a conversion's rounding never decides on which side of a limit a value lies. */
static double rounded(double value)
{
	if (!(fabs(value) > 0) || !isfinite(value))
		return value;
	int places = 12 - (int)ceil(log10(fabs(value)));
	if (places > 300 || places < -300)
		return value;
	double scale = pow(10, abs(places));
	return places >= 0 ? round(value * scale) / scale : round(value / scale) * scale;
}

static bool is_written(const vg_unit *unit, const char *text)
{
	const char *at = unit->text;
	for (; *text; at++) {
		if (*at == ' ')
			continue;
		if (*at != *text++)
			return false;
	}
	return *at == '\0';
}

static bool is_missing(const vg_unit *unit) { return unit->text[0] == '\0'; }

static bool same_scale(const vg_unit *a, const vg_unit *b)
{
	return fabs(a->factor - b->factor) <= 1e-14 * fabs(b->factor) && fabs(a->offset - b->offset) <= 1e-9;
}

/* Fractions: "%" and "1", "L/L" and "%"; HbA1c's two scales; a missing unit. */
static bool convert_fraction(const vg_packed_analyte *analyte, double value, const vg_unit *from, const vg_unit *to,
			     double *ret)
{
	static const double slope = 0.09148, intercept = 2.152;
	bool from_ifcc = is_written(from, "mmol/mol"), to_ifcc = is_written(to, "mmol/mol");
	if (is_missing(from) != is_missing(to))
		return same_scale(from, to) && (is_written(from, "1") || is_written(to, "1")) && (*ret = value, true);
	if (same_scale(from, to)) {
		*ret = value;
		return true;
	}
	if (from_ifcc || to_ifcc) {
		if (!analyte || !analyte->ifcc || !is_written(from_ifcc ? to : from, "%"))
			return false;
		*ret = rounded(from_ifcc ? slope * value + intercept : (value - intercept) / slope);
		return true;
	}
	*ret = rounded(value * from->factor / to->factor);
	return true;
}

bool vg_unit_convert(const vg_knowledge *knowledge, vg_set analyte, double value, const vg_unit *from, const vg_unit *to,
		     double *ret)
{
	const vg_packed_analyte *known = find_analyte(knowledge, analyte);
	int difference[DIMENSIONS], other = 0;
	bool pure = true;
	for (int i = 0; i < DIMENSIONS; i++) {
		difference[i] = to->dimension[i] - from->dimension[i];
		pure = pure && !to->dimension[i] && !from->dimension[i];
		if (i != MASS && i != AMOUNT && i != EQUIVALENTS)
			other += difference[i] != 0;
	}
	if (pure)
		return convert_fraction(known, value, from, to, ret);
	if (other || difference[MASS] + difference[AMOUNT] + difference[EQUIVALENTS] != 0)
		return false;
	double factor = from->factor / to->factor;
	if (difference[MASS]) {
		if (!known || !(known->molar_mass > 0))
			return false;
		factor *= pow(known->molar_mass, difference[MASS]);
	}
	if (difference[EQUIVALENTS]) {
		if (!known || !(known->valence > 0))
			return false;
		factor *= pow(known->valence, difference[EQUIVALENTS]);
	}
	if (same_scale(from, to) && !difference[MASS] && !difference[EQUIVALENTS])
		*ret = value;
	else if (from->offset > 0 || to->offset > 0)
		*ret = rounded((value * from->factor + from->offset - to->offset) / to->factor);
	else
		*ret = rounded(value * factor);
	return true;
}
