/*
 * Texts of alerts with their placeholders: "INR {latest INR} on {date of latest INR}."
 *
 * A placeholder that is misspelt, or that can never be filled where it stands,
 * would show braces to a clinician; so it is a finding here.  "{{" and "}}"
 * are braces themselves.
 */
#include "rule/rule_internal.h"

typedef struct text_placeholder {
	const char *name; /* with a blank at its end: a set's name follows */
	vg_part_kind kind;
	unsigned frame;    /* what the rule must have; 0: nothing */
	const char *needs; /* in words */
} text_placeholder;

/* Longer names first: "latest " must not take "last done". */
static const text_placeholder placeholders[] = {
    {"this_order", VG_PART_THIS_ORDER, VG_FRAME_ORDER, "a rule about an order or a drug that is taken"},
    {"other_drug", VG_PART_OTHER_DRUG, VG_FRAME_PAIR, "a rule about two drugs, or a drug and an allergy"},
    {"date of latest ", VG_PART_DATE_OF_LATEST, 0, ""},
    {"latest ", VG_PART_LATEST, 0, ""},
    {"age", VG_PART_AGE, 0, ""},
    {"date of last done ", VG_PART_DATE_OF_LAST_DONE, 0, ""},
    {"date of last done", VG_PART_DATE_OF_LAST_DONE, VG_FRAME_SCHEDULE, "a screening"},
    {"last done ", VG_PART_LAST_DONE, 0, ""},
    {"last done", VG_PART_LAST_DONE, VG_FRAME_SCHEDULE, "a screening"},
    {"due", VG_PART_DUE, VG_FRAME_SCHEDULE, "a screening"},
    {"daily dose of ", VG_PART_DAILY_DOSE, 0, ""},
};
static const char placeholder_list[] = "{this_order}, {other_drug}, {latest X}, {date of latest X}, {age}, {last done}, {date "
				       "of last done}, {due}, {daily dose of X}; X is a set.";

typedef struct text_reader {
	vg_compiler *compiler;
	vg_place place;
	const char *line;
	vg_part *parts;
	size_t count, capacity;
	vg_buffer plain; /* text not yet added as a part */
} text_reader;

static void add_part(text_reader *reader, vg_part part)
{
	vg_part *parts = vg_grow(&reader->compiler->scratch, reader->parts, reader->count, &reader->capacity, sizeof *parts);
	if (!parts)
		return;
	reader->parts = parts;
	parts[reader->count++] = part;
}

static void end_plain(text_reader *reader)
{
	if (reader->plain.length)
		add_part(reader,
			 (vg_part){VG_PART_TEXT, vg_keep_text(reader->compiler, vg_buffer_text(&reader->plain)), VG_NO_LEAF});
	vg_buffer_init(&reader->plain, &reader->compiler->scratch);
}

static const text_placeholder *find_placeholder(const char *name, size_t length)
{
	for (size_t i = 0; i < VG_COUNT(placeholders); i++) {
		size_t known = strlen(placeholders[i].name);
		bool open = placeholders[i].name[known - 1] == ' ';
		if (open ? length > known && memcmp(placeholders[i].name, name, known) == 0
			 : length == known && memcmp(placeholders[i].name, name, length) == 0)
			return &placeholders[i];
	}
	return NULL;
}

static const char *nearest_placeholder(const char *name)
{
	const char *names[VG_COUNT(placeholders)];
	for (size_t i = 0; i < VG_COUNT(placeholders); i++)
		names[i] = placeholders[i].name;
	return vg_nearest(name, names, VG_COUNT(names));
}

/* The leaf that finds what a placeholder shows. */
static uint32_t placeholder_leaf(text_reader *reader, vg_part_kind kind, const char *set_name)
{
	vg_compiler *compiler = reader->compiler;
	bool result = kind == VG_PART_LATEST || kind == VG_PART_DATE_OF_LATEST, dose = kind == VG_PART_DAILY_DOSE;
	unsigned uses = result ? VG_USE_RESULT | VG_USE_PROCEDURE : dose ? VG_USE_DRUG : 0;
	vg_leaf *leaf = vg_alloc(&compiler->scratch, sizeof *leaf);
	if (!leaf)
		return VG_NO_LEAF;
	leaf->word = result ? VG_WORD_LATEST : dose ? VG_WORD_TOTAL_DAILY_DOSE : VG_WORD_DONE;
	leaf->place = reader->place;
	leaf->day_from = leaf->day_to = VG_NO_DAY;
	leaf->set = vg_find_set(compiler, set_name, reader->place, uses, "a placeholder");
	if (!leaf->set)
		return VG_NO_LEAF;
	if (dose && vg_unit_parse(&compiler->book->arena, "mg", &leaf->low.unit)) {
		leaf->low.text = vg_keep_text(compiler, "mg");
		leaf->high.unit = leaf->low.unit;
	}
	vg_leaf_plan(leaf, vg_set_uses(compiler->knowledge, leaf->set));
	return vg_intern_leaf(compiler, leaf);
}

static void add_placeholder(text_reader *reader, const char *name, size_t length)
{
	vg_compiler *compiler = reader->compiler;
	const text_placeholder *found = find_placeholder(name, length);
	const char *written = vg_copy_text(&compiler->scratch, name, length);
	if (!written)
		return;
	if (!found) {
		const char *nearest = nearest_placeholder(written);
		VG_COMPLAIN(compiler, VG250, reader->place,
			    nearest ? vg_format(&compiler->scratch, "Did you mean {%s%s}?", nearest,
						vg_starts_with(nearest, "latest ") ? "X" : "")
				    : placeholder_list,
			    "There is no placeholder {%s} (in %s).", written, reader->line);
		return;
	}
	if (found->frame & ~compiler->frame) {
		VG_COMPLAIN(compiler, VG251, reader->place,
			    vg_format(&compiler->scratch, "It stands only in %s.", found->needs),
			    "{%s} has nothing to show here (in %s).", written, reader->line);
		return;
	}
	size_t known = strlen(found->name);
	vg_part part = {(uint8_t)found->kind, vg_keep_text(compiler, written), VG_NO_LEAF};
	if (found->name[known - 1] == ' ')
		part.leaf = placeholder_leaf(reader, found->kind, written + known);
	add_part(reader, part);
}

static void complain_braces(text_reader *reader, char brace)
{
	VG_COMPLAIN(reader->compiler, VG252, reader->place, "Write {this_order}; for a brace itself write it twice.",
		    "A brace '%c' stands alone (in %s).", brace, reader->line);
}

static void read_parts(text_reader *reader, const char *text)
{
	for (const char *at = text; *at;) {
		if ((*at == '{' || *at == '}') && at[1] == *at) {
			vg_add_byte(&reader->plain, *at);
			at += 2;
		} else if (*at == '{') {
			const char *end = strchr(at, '}');
			if (!end) {
				complain_braces(reader, '{');
				return;
			}
			end_plain(reader);
			add_placeholder(reader, at + 1, (size_t)(end - at - 1));
			at = end + 1;
		} else if (*at == '}') {
			complain_braces(reader, '}');
			return;
		} else {
			size_t length = strcspn(at, "{}");
			vg_add_bytes(&reader->plain, at, length);
			at += length;
		}
	}
	end_plain(reader);
}

static bool looks_like_html(const char *text)
{
	for (const char *at = strchr(text, '<'); at; at = strchr(at + 1, '<'))
		if ((at[1] >= 'a' && at[1] <= 'z') || (at[1] >= 'A' && at[1] <= 'Z') || at[1] == '/' || at[1] == '!')
			return true;
	return false;
}

vg_text vg_compile_text(vg_compiler *compiler, const vg_item *item, const char *line)
{
	const char *text;
	vg_text none = {NULL, 0};
	if (!vg_take_text(compiler, item, line, &text))
		return none;
	if (looks_like_html(text))
		VG_COMPLAIN(compiler, VG254, item->place, "Write plain text; what is shown decides its own form.",
			    "`%s` holds HTML.", line);
	text_reader reader = {.compiler = compiler, .place = item->place, .line = line};
	vg_buffer_init(&reader.plain, &compiler->scratch);
	read_parts(&reader, text);
	vg_part *parts = vg_alloc_array(&compiler->book->arena, reader.count, sizeof *parts);
	if (!parts)
		return none;
	if (reader.count)
		memcpy(parts, reader.parts, reader.count * sizeof *parts);
	return (vg_text){parts, reader.count};
}
