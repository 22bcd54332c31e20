/*
 * Texts: comparing, folding, UTF-8, and "did you mean".
 *
 * Folding is Unicode's simple case folding, one character for one: exact
 * enough for names of drugs, sets and words, and it needs no memory.  Folded
 * names are normalised to NFC besides, so that a name that was typed with
 * combining accents is the same name.
 */
#include "base/base_internal.h"

#include <stdlib.h>
#include <string.h>
#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>

/* ---- UTF-8 ------------------------------------------------------------- */

static bool is_tail(unsigned char byte) { return (byte & 0xC0) == 0x80; }

size_t vg_utf8_step(const char *text, size_t length)
{
	if (length == 0)
		return 0;
	const unsigned char *s = (const unsigned char *)text;
	if (s[0] < 0x80)
		return 1;
	if (s[0] < 0xC2 || s[0] > 0xF4 || length < 2 || !is_tail(s[1]))
		return 0;
	if (s[0] < 0xE0)
		return 2;
	if (length < 3 || !is_tail(s[2]))
		return 0;
	if (s[0] < 0xF0) {
		bool overlong = s[0] == 0xE0 && s[1] < 0xA0, surrogate = s[0] == 0xED && s[1] > 0x9F;
		return overlong || surrogate ? 0 : 3;
	}
	if (length < 4 || !is_tail(s[3]))
		return 0;
	bool overlong = s[0] == 0xF0 && s[1] < 0x90, beyond = s[0] == 0xF4 && s[1] > 0x8F;
	return overlong || beyond ? 0 : 4;
}

bool vg_utf8_valid(const char *text, size_t length)
{
	size_t i = 0;
	while (i < length) {
		uint64_t eight;
		if (length - i >= sizeof eight) {
			memcpy(&eight, text + i, sizeof eight);
			if ((eight & 0x8080808080808080u) == 0) {
				i += sizeof eight;
				continue;
			}
		}
		size_t step = vg_utf8_step(text + i, length - i);
		if (step == 0)
			return false;
		i += step;
	}
	return true;
}

size_t vg_utf8_count(const char *text)
{
	size_t count = 0;
	for (const char *at = text; *at; at++)
		count += !is_tail((unsigned char)*at);
	return count;
}

uint32_t vg_utf8_read(const char *text, size_t length, size_t *step)
{
	const unsigned char *s = (const unsigned char *)text;
	*step = vg_utf8_step(text, length);
	switch (*step) {
	case 1:
		return s[0];
	case 2:
		return (s[0] & 0x1Fu) << 6 | (s[1] & 0x3Fu);
	case 3:
		return (s[0] & 0x0Fu) << 12 | (s[1] & 0x3Fu) << 6 | (s[2] & 0x3Fu);
	case 4:
		return (s[0] & 0x07u) << 18 | (s[1] & 0x3Fu) << 12 | (s[2] & 0x3Fu) << 6 | (s[3] & 0x3Fu);
	default:
		*step = 1;
		return 0x110000u + s[0];
	}
}

static size_t write_character(uint32_t character, char *to)
{
	if (character > 0x10FFFF) { /* a stray byte: see vg_utf8_read */
		to[0] = (char)(character - 0x110000u);
		return 1;
	}
	if (character < 0x80) {
		to[0] = (char)character;
		return 1;
	}
	if (character < 0x800) {
		to[0] = (char)(0xC0 | character >> 6);
		to[1] = (char)(0x80 | (character & 0x3F));
		return 2;
	}
	if (character < 0x10000) {
		to[0] = (char)(0xE0 | character >> 12);
		to[1] = (char)(0x80 | (character >> 6 & 0x3F));
		to[2] = (char)(0x80 | (character & 0x3F));
		return 3;
	}
	to[0] = (char)(0xF0 | character >> 18);
	to[1] = (char)(0x80 | (character >> 12 & 0x3F));
	to[2] = (char)(0x80 | (character >> 6 & 0x3F));
	to[3] = (char)(0x80 | (character & 0x3F));
	return 4;
}

/* ---- comparing --------------------------------------------------------- */

/* Upper case first brings the variants of one letter together (ſ and s, ς and
 * σ, µ and μ); the two Turkish letters have no simple folding. */
uint32_t vg_fold_character(uint32_t character)
{
	if (character < 0x80)
		return character >= 'A' && character <= 'Z' ? character + 32 : character;
	if (character == 0x130 || character == 0x131 || character > 0x10FFFF)
		return character;
	return uc_tolower(uc_toupper(character));
}

bool vg_same_text(const char *a, const char *b)
{
	if (!a || !b)
		return a == b;
	return strcmp(a, b) == 0;
}

bool vg_same_fold(const char *a, const char *b)
{
	if (!a || !b)
		return a == b;
	while (*a && *b) {
		unsigned char x = (unsigned char)*a, y = (unsigned char)*b;
		size_t a_step = 1, b_step = 1;
		uint32_t a_character = x, b_character = y;
		if (x >= 0x80)
			a_character = vg_utf8_read(a, strlen(a), &a_step);
		if (y >= 0x80)
			b_character = vg_utf8_read(b, strlen(b), &b_step);
		if (a_character != b_character && vg_fold_character(a_character) != vg_fold_character(b_character))
			return false;
		a += a_step;
		b += b_step;
	}
	return *a == *b;
}

bool vg_starts_with(const char *text, const char *prefix) { return strncmp(text, prefix, strlen(prefix)) == 0; }

/* ---- names ------------------------------------------------------------- */

static bool is_blank(uint32_t character)
{
	if (character < 0x80)
		return character == ' ' || (character >= '\t' && character <= '\r');
	return character <= 0x10FFFF && uc_is_property_white_space(character);
}

/* NFC of a folded name that is not plain ASCII; NULL when memory ran out.  The
 * longest NFC of a text is three times its bytes, so libunistring writes into
 * the arena and takes from the C library only its small working space. */
static char *compose(vg_arena *arena, char *text, size_t length)
{
	if (!vg_utf8_valid(text, length))
		return text;
	size_t composed_length = 3 * length;
	uint8_t *room = vg_alloc_array(arena, composed_length + 1, 1);
	if (!room)
		return NULL;
	uint8_t *composed = u8_normalize(UNINORM_NFC, (const uint8_t *)text, length, room, &composed_length);
	if (!composed) {
		arena->failed = true;
		return NULL;
	}
	if (composed != room) {
		char *copy = vg_copy_text(arena, (const char *)composed, composed_length);
		free(composed);
		return copy;
	}
	room[composed_length] = '\0';
	return (char *)room;
}

char *vg_fold_name(vg_arena *arena, const char *text, size_t length)
{
	/* A folded character has at most one byte more than before: two become three. */
	char *folded = vg_alloc_array(arena, length / 2 * 3 + 2, 1);
	if (!folded)
		return NULL;
	size_t used = 0;
	bool gap = false, plain = true;
	for (size_t i = 0, step = 1; i < length; i += step) {
		uint32_t character = (unsigned char)text[i];
		if (character >= 0x80)
			character = vg_utf8_read(text + i, length - i, &step);
		else
			step = 1;
		if (is_blank(character)) {
			gap = used > 0;
			continue;
		}
		if (gap)
			folded[used++] = ' ';
		gap = false;
		plain = plain && character < 0x80;
		used += write_character(vg_fold_character(character), folded + used);
	}
	folded[used] = '\0';
	return plain ? folded : compose(arena, folded, used);
}

/* ---- did you mean ------------------------------------------------------ */

enum { LONGEST_WORD = 64 }; /* characters; longer ones are no slips of the pen */

static size_t fold_word(const char *word, uint32_t out[LONGEST_WORD])
{
	size_t count = 0, left = strlen(word), step;
	for (; left; word += step, left -= step) {
		if (count == LONGEST_WORD)
			return 0;
		out[count++] = vg_fold_character(vg_utf8_read(word, left, &step));
	}
	return count;
}

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

/* Insertions, deletions, replacements, and swaps of neighbours, each counted as one. */
static size_t distance(const uint32_t *a, size_t a_count, const uint32_t *b, size_t b_count)
{
	size_t rows[3][LONGEST_WORD + 1];
	size_t *before = rows[0], *last = rows[1], *now = rows[2];
	for (size_t j = 0; j <= b_count; j++)
		last[j] = j;
	for (size_t i = 1; i <= a_count; i++) {
		now[0] = i;
		for (size_t j = 1; j <= b_count; j++) {
			size_t replaced = last[j - 1] + (a[i - 1] != b[j - 1]);
			now[j] = smaller(replaced, smaller(last[j], now[j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				now[j] = smaller(now[j], before[j - 2] + 1);
		}
		size_t *spare = before;
		before = last;
		last = now;
		now = spare;
	}
	return last[b_count];
}

const char *vg_nearest(const char *word, const char *const *candidates, size_t count)
{
	uint32_t wanted[LONGEST_WORD], candidate[LONGEST_WORD];
	size_t wanted_count = fold_word(word, wanted), best_distance = wanted_count / 3;
	const char *best = NULL;
	if (wanted_count == 0)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		size_t candidate_count = fold_word(candidates[i], candidate);
		if (candidate_count == 0 || candidate_count > wanted_count + best_distance ||
		    wanted_count > candidate_count + best_distance)
			continue;
		size_t found = distance(wanted, wanted_count, candidate, candidate_count);
		if (best ? found < best_distance : found <= best_distance) {
			best = candidates[i];
			best_distance = found;
		}
	}
	return best;
}
