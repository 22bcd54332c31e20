/*
 * Names: the concept of a text, when there is no usable code.
 *
 * A wrong match is worse than none, since what is not matched is said.  So a
 * text matches only as a whole: what remains of it after brackets, strengths,
 * dose forms and salts are taken off must be a known name, or known names
 * joined by "/", "+", "and", "with" or "-" that some product has together.
 * "no aspirin" and "aspirin allergy label" are nothing.
 *
 * Nothing here allocates: texts are at most VG_NAME_LIMIT bytes and are worked
 * on in an array on the stack.
 */
#include "knowledge/knowledge_internal.h"

#include <stdlib.h>
#include <string.h>

static void *refuse(void *user, void *old, size_t old_size, size_t new_size)
{
	(void)user, (void)old, (void)old_size, (void)new_size;
	return NULL;
}

void vg_stack_arena(vg_arena *arena, void *room, size_t size)
{
	vg_arena_init(arena, &(vg_allocator){refuse, NULL}, 0);
	arena->next = room;
	arena->end = (char *)room + size;
}

/* ---- words that do not name a drug ------------------------------------------------ */

typedef struct known_word {
	const char *text;
	size_t length;
} known_word;
#define KNOWN(word) {word, sizeof(word) - 1},
static const known_word salts[] = {
#define SALT(word) KNOWN(word)
#include "words.def"
#undef SALT
};
static const known_word metals[] = {
#define METAL(word) KNOWN(word)
#include "words.def"
#undef METAL
};
static const known_word forms[] = {
#define FORM_WORD(word) KNOWN(word)
#include "words.def"
#undef FORM_WORD
};
static const known_word measures[] = {
#define MEASURE(word) KNOWN(word)
#include "words.def"
#undef MEASURE
};

static bool among(const known_word *words, size_t count, const char *word, size_t length)
{
	size_t low = 0, high = count;
	while (low < high) {
		size_t middle = low + (high - low) / 2, shared = words[middle].length < length ? words[middle].length : length;
		int order = (unsigned char)*word - (unsigned char)*words[middle].text; /* as nearly always */
		if (order == 0)
			order = memcmp(word, words[middle].text, shared);
		if (order == 0 && words[middle].length == length)
			return true;
		if (order < 0 || (order == 0 && length < words[middle].length))
			high = middle;
		else
			low = middle + 1;
	}
	return false;
}
#define AMONG(words, word, length) among(words, VG_COUNT(words), word, length)

static size_t number_length(const char *word, size_t length)
{
	size_t digits = 0;
	if (length == 0 || word[0] < '0' || word[0] > '9')
		return 0;
	while (digits < length && strchr("0123456789.,/-", word[digits]) != NULL)
		digits++;
	return digits;
}

/* "mg", "mg/ml", "mg/5ml", "mg-125": measures joined by strokes, numbers among them. */
static bool is_measure(const char *word, size_t length)
{
	bool measured = false;
	while (length) {
		size_t piece = 0;
		while (piece < length && word[piece] != '/' && word[piece] != '-')
			piece++;
		size_t digits = number_length(word, piece);
		bool measure = digits < piece && AMONG(measures, word + digits, piece - digits);
		if (!measure && (digits < piece || digits == 0))
			return false;
		measured = measured || measure;
		word += piece + (piece < length);
		length -= piece + (piece < length);
	}
	return measured;
}

static size_t without_comma(const char *word, size_t length)
{
	while (length && (word[length - 1] == ',' || word[length - 1] == ';' || word[length - 1] == '.'))
		length--;
	return length;
}

static size_t word_length(const char *at)
{
	const char *end = at;
	while (*end && *end != ' ')
		end++;
	return (size_t)(end - at);
}

/* How many bytes of a strength begin here ("200 mg", "40mg", "5 mg/ml", "875 mg-125 mg"); 0 when none does. */
static size_t strength_length(const char *at)
{
	if (*at < '0' || *at > '9')
		return 0;
	size_t word = word_length(at), bare = without_comma(at, word), digits = number_length(at, bare), end = 0;
	if (digits < bare) {
		if (!is_measure(at + digits, bare - digits))
			return 0;
		end = word;
	}
	for (;;) {
		const char *next = at + (end ? end : word);
		next += *next == ' ';
		size_t following = word_length(next);
		if (!following || !is_measure(next, without_comma(next, following)))
			return end;
		end = (size_t)(next - at) + following;
	}
}

static const char application[] = "nda";

/* "nda020800", an application number that some names begin with. */
static bool is_application(const char *word, size_t length)
{
	size_t letters = sizeof application - 1;
	return length > letters && memcmp(word, application, letters) == 0 &&
	       strspn(word + letters, "0123456789") >= length - letters;
}

char *vg_drug_words(vg_arena *arena, const char *folded)
{
	size_t length = strlen(folded), used = 0;
	char *out = vg_alloc(arena, length + 1);
	if (!out)
		return NULL;
	for (const char *at = folded; *at;) {
		size_t word = word_length(at), bare = without_comma(at, word), strength = strength_length(at);
		bool dropped = word == 0 || strength || AMONG(forms, at, bare) || is_application(at, bare);
		if (!dropped) {
			if (used)
				out[used++] = ' ';
			memcpy(out + used, at, word);
			used += word;
		}
		at += strength ? strength : word;
		at += *at == ' ';
	}
	used = without_comma(out, used);
	out[used] = '\0';
	return used ? out : NULL;
}

char *vg_brand_of(vg_arena *arena, const char *name)
{
	const char *open = strrchr(name, '['), *close = open ? strchr(open, ']') : NULL;
	if (!close || close == open + 1)
		return NULL;
	return vg_copy_text(arena, open + 1, (size_t)(close - open - 1));
}

/* ---- how names begin ------------------------------------------------------------------ */

enum { FIRST_LETTERS = 24 }; /* of more letters only so many are looked at */

/* The letters (a to z, of either case) that a text begins with: their count, and their hash in lower case. */
static size_t first_letters(const char *text, uint64_t *ret_hash)
{
	char letters[FIRST_LETTERS];
	size_t count = 0;
	for (; count < FIRST_LETTERS; count++) {
		letters[count] = (char)(text[count] | 0x20);
		if (letters[count] < 'a' || letters[count] > 'z')
			break;
	}
	*ret_hash = vg_hash(letters, count);
	return count;
}

void vg_mark_name_start(vg_bits *starts, size_t bits, const char *folded)
{
	uint64_t hash;
	first_letters(folded, &hash);
	vg_bit_set(starts, hash & (bits - 1));
}

void vg_mark_word_starts(vg_bits *starts, size_t bits)
{
	for (size_t i = 0; i < VG_COUNT(forms); i++)
		vg_mark_name_start(starts, bits, forms[i].text);
	for (size_t i = 0; i < VG_COUNT(metals); i++)
		vg_mark_name_start(starts, bits, metals[i].text);
	vg_mark_name_start(starts, bits, application);
}

/* Whether a text may name a drug at all, told without folding it, since what is written for a code that nobody knows is
 * mostly none.  A text is cut up only where something stands that is no letter, and its first part must be a drug: so it
 * begins with the letters of a name, or of a word that is taken off.  What begins otherwise than with letters, or goes on
 * with others than those of ASCII, is looked at in any case. */
static bool may_name_drug(const vg_knowledge *knowledge, const char *text)
{
	uint64_t hash;
	size_t count = first_letters(text, &hash);
	if (count == 0 || (unsigned char)text[count] >= 0x80)
		return true;
	return vg_bit_test(knowledge->image.drug_name_starts.items, hash & (knowledge->image.drug_name_starts.count * 64 - 1));
}

/* ---- looking up --------------------------------------------------------------------- */

static vg_concept look_up(const vg_knowledge *knowledge, vg_name_kind kind, const char *folded)
{
	const vg_image *image = &knowledge->image;
	size_t mask = image->name_slots.count - 1;
	for (size_t place = vg_hash(folded, strlen(folded)) & mask; image->name_slots.items[place];
	     place = (place + 1) & mask) {
		const vg_packed_name *entry = &image->names.items[image->name_slots.items[place] - 1];
		if (entry->kinds == 1u << kind && strcmp(vg_pool_at(knowledge, entry->text), folded) == 0)
			return entry->id;
	}
	return 0;
}

/* A name as it is, then without its last words as long as they are salts, then without a metal before it. */
static vg_concept look_up_drug(const vg_knowledge *knowledge, vg_arena *arena, const char *words)
{
	vg_concept found = look_up(knowledge, VG_NAME_DRUG, words);
	char *shorter = found ? NULL : vg_copy_text(arena, words, strlen(words)), *last;
	while (!found && shorter && (last = strrchr(shorter, ' ')) != NULL && AMONG(salts, last + 1, strlen(last + 1))) {
		*last = '\0';
		if (!strchr(shorter, ' ') && AMONG(salts, shorter, strlen(shorter)))
			break;
		found = look_up(knowledge, VG_NAME_DRUG, shorter);
	}
	size_t first = word_length(words);
	if (!found && words[first] && AMONG(metals, words, first) &&
	    !AMONG(salts, words + first + 1, strlen(words + first + 1)))
		found = look_up(knowledge, VG_NAME_DRUG, words + first + 1);
	return found;
}

/* ---- several drugs in one text ----------------------------------------------------------- */

enum { MOST_PARTS = 16 };
typedef struct part_list {
	uint32_t ids[MOST_PARTS];
	size_t count;
	vg_concept only; /* the concept of the only part */
	size_t parts;
} part_list;

static bool add_concept(const vg_knowledge *knowledge, part_list *list, vg_concept concept)
{
	vg_ids ingredients = vg_drug_ingredients(knowledge, concept);
	list->only = concept;
	list->parts++;
	for (size_t i = 0; i < ingredients.count; i++) {
		size_t place = list->count;
		while (place && list->ids[place - 1] > ingredients.ids[i])
			place--;
		if (place && list->ids[place - 1] == ingredients.ids[i])
			continue;
		if (list->count == MOST_PARTS)
			return false;
		memmove(list->ids + place + 1, list->ids + place, (list->count - place) * sizeof *list->ids);
		list->ids[place] = ingredients.ids[i];
		list->count++;
	}
	return concept != 0;
}

/* Adds the drug or, split at each of the joints in turn, the drugs that a text names; false when some of it is none. */
static bool add_drugs(const vg_knowledge *knowledge, vg_arena *arena, part_list *list, const char *words)
{
	static const char *const joints[] = {"/", "+", " and ", " with ", "-"};
	vg_concept whole = look_up_drug(knowledge, arena, words);
	if (whole)
		return add_concept(knowledge, list, whole);
	for (size_t i = 0; i < VG_COUNT(joints); i++) {
		if (!strstr(words, joints[i]))
			continue;
		for (const char *rest = words; rest;) {
			const char *joint = strstr(rest, joints[i]);
			char *part = vg_fold_name(arena, rest, joint ? (size_t)(joint - rest) : strlen(rest));
			vg_concept found = part && *part ? look_up_drug(knowledge, arena, part) : 0;
			if (!found || !add_concept(knowledge, list, found))
				return false;
			rest = joint ? joint + strlen(joints[i]) : NULL;
		}
		return true;
	}
	return false;
}

static vg_concept combination_of(const vg_knowledge *knowledge, const part_list *list)
{
	char code[VG_NAME_LIMIT];
	size_t length = 0;
	if (list->parts == 1)
		return list->only;
	if (list->count == 0)
		return 0;
	if (list->count == 1)
		return list->ids[0];
	for (size_t i = 0; i < list->count; i++) {
		const char *piece = vg_concept_code(knowledge, list->ids[i]);
		size_t more = strlen(piece);
		if (length + more + 2 > sizeof code)
			return 0;
		if (i)
			code[length++] = '+';
		memcpy(code + length, piece, more + 1);
		length += more;
	}
	return vg_concept_exact(knowledge, VG_SYSTEM_COMBINATION, code);
}

/* A folded name without what stands in square brackets, to be cut up; NULL when there is no room for it. */
static char *without_brackets(vg_arena *arena, const char *folded)
{
	char *plain = vg_copy_text(arena, folded, strlen(folded)), *first = plain ? strchr(plain, '[') : NULL;
	if (!first)
		return plain;
	for (char *open = first; open; open = strchr(open, '[')) {
		char *close = strchr(open, ']');
		if (!close)
			break;
		memset(open, ' ', (size_t)(close - open) + 1);
	}
	return vg_fold_name(arena, plain, strlen(plain));
}

static vg_concept drug_of_text(const vg_knowledge *knowledge, vg_arena *arena, const char *folded)
{
	vg_concept found = look_up(knowledge, VG_NAME_DRUG, folded);
	char *plain = found ? NULL : without_brackets(arena, folded);
	if (!plain)
		return found;
	part_list list = {.count = 0};
	for (char *rest = plain; rest;) {
		char *joint = strstr(rest, " / ");
		if (joint)
			*joint = '\0';
		char *words = vg_drug_words(arena, rest);
		if (!words || !add_drugs(knowledge, arena, &list, words))
			return 0;
		rest = joint ? joint + 3 : NULL;
	}
	return combination_of(knowledge, &list);
}

/* ---- allergens ------------------------------------------------------------------------------ */

/* "allergy to x", "x allergy" say no more than x where an allergen is expected. */
static const char *without_allergy(vg_arena *arena, const char *folded)
{
	static const char *const before[] = {"allergy to ", "allergic to ", "hypersensitivity to ", "allergic reaction to "};
	static const char after[] = " allergy";
	size_t length = strlen(folded), end = sizeof after - 1;
	for (size_t i = 0; i < VG_COUNT(before); i++)
		if (vg_starts_with(folded, before[i]))
			return folded + strlen(before[i]);
	if (length > end && strcmp(folded + length - end, after) == 0)
		return vg_copy_text(arena, folded, length - end);
	return NULL;
}

static vg_concept allergen_of_text(const vg_knowledge *knowledge, vg_arena *arena, const char *folded)
{
	vg_concept found = look_up(knowledge, VG_NAME_ALLERGEN, folded);
	if (!found)
		found = drug_of_text(knowledge, arena, folded);
	const char *shorter = found ? NULL : without_allergy(arena, folded);
	if (shorter)
		found = look_up(knowledge, VG_NAME_ALLERGEN, shorter);
	if (shorter && !found)
		found = drug_of_text(knowledge, arena, shorter);
	return found;
}

vg_concept vg_concept_by_name(const vg_knowledge *knowledge, vg_name_kind kind, const char *text)
{
	char room[8 * VG_STACK_ARENA_BYTES] __attribute__((aligned(16)));
	vg_arena arena;
	size_t length = text ? strlen(text) : 0;
	if (length == 0 || length > VG_NAME_LIMIT || (kind == VG_NAME_DRUG && !may_name_drug(knowledge, text)))
		return 0;
	vg_stack_arena(&arena, room, sizeof room);
	const char *folded = vg_fold_name(&arena, text, length);
	if (!folded || !*folded)
		return 0;
	switch (kind) {
	case VG_NAME_DRUG:
		return drug_of_text(knowledge, &arena, folded);
	case VG_NAME_ALLERGEN:
		return allergen_of_text(knowledge, &arena, folded);
	default:
		return look_up(knowledge, kind, folded);
	}
}
