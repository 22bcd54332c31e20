/*
 * Plain text into Markdown, and texts of limited length.
 *
 * A card's detail is rendered as GitHub-flavoured Markdown, by some clients
 * with raw HTML.  What a patient, a pharmacy or a rule's author wrote is shown
 * letter by letter: every character that could begin markup is escaped, and
 * where the extended autolinks of GFM would make a link of bare text
 * ("www.", "://", "@"), an invisible word joiner stands between.
 */
#include "library/library.h"

#include <string.h>

static const char word_joiner[] = "\xE2\x81\xA0";

/* Whether the byte at `text` begins a list, a heading, a quotation or a rule, were it the first of its line. */
static size_t block_mark(const char *text)
{
	if (*text == '#' || *text == '+' || *text == '-' || *text == '=' || *text == ':')
		return 1;
	size_t digits = strspn(text, "0123456789");
	return digits && (text[digits] == '.' || text[digits] == ')') ? digits + 1 : 0;
}

/* Characters that are not copied as they are, wherever they stand: markup, controls, and where an autolink could begin. */
static bool is_special(char character)
{
	switch (character) {
	case '&':
	case '<':
	case '>':
	case '\\':
	case '`':
	case '*':
	case '_':
	case '[':
	case ']':
	case '|':
	case '~':
	case '!':
	case '$':
	case '@':
	case ':':
	case 'w':
	case 'W':
	case 0x7F:
		return true;
	default:
		return (unsigned char)character < 0x20;
	}
}

static void add_special(vg_buffer *out, const char *text)
{
	switch (*text) {
	case '&':
		vg_add(out, "&amp;");
		return;
	case '<':
		vg_add(out, "&lt;");
		return;
	case '>':
		vg_add(out, "&gt;");
		return;
	case '@':
		vg_add(out, word_joiner);
		break;
	case ':':
	case 'w':
	case 'W':
		break;
	default:
		vg_add_byte(out, '\\');
	}
	vg_add_byte(out, *text);
}

static bool same_word(const char *text, const char *word)
{
	for (; *word; text++, word++)
		if ((*text | 0x20) != *word)
			return false;
	return true;
}

/* What begins a line: blanks are nothing, and "12." becomes "12\.", "#" becomes "\#". */
static const char *add_line_start(vg_buffer *out, const char *text)
{
	while (*text == ' ' || *text == '\t')
		text++;
	size_t mark = block_mark(text);
	if (!mark)
		return text;
	vg_add_bytes(out, text, mark - 1);
	vg_add_byte(out, '\\');
	vg_add_byte(out, text[mark - 1]);
	return text + mark;
}

void vg_add_markdown(vg_buffer *out, const char *text)
{
	text = add_line_start(out, text);
	for (;;) {
		const char *plain = text;
		while (!is_special(*text))
			text++;
		vg_add_bytes(out, plain, (size_t)(text - plain));
		if (!*text)
			return;
		if (*text == '\n') { /* a paragraph of its own: a lone line break would be shown as a blank */
			vg_add(out, "\n\n");
			text = add_line_start(out, text + strspn(text, "\n"));
			continue;
		}
		if ((unsigned char)*text < 0x20 || *text == 0x7F) {
			vg_add_byte(out, ' ');
		} else if (vg_starts_with(text, "://")) {
			vg_add(out, word_joiner);
			vg_add_byte(out, *text);
		} else if (same_word(text, "www") && text[3] == '.') {
			vg_add_bytes(out, text, 3);
			vg_add(out, word_joiner);
			text += 2;
		} else {
			add_special(out, text);
		}
		text++;
	}
}

const char *vg_shortened(vg_arena *arena, const char *text, size_t most)
{
	if (vg_utf8_count(text) <= most)
		return text;
	size_t length = strlen(text), end = 0, characters = 0, last_blank = 0;
	while (characters + 1 < most && end < length) {
		size_t step = vg_utf8_step(text + end, length - end);
		if (text[end] == ' ')
			last_blank = end;
		end += step ? step : 1;
		characters++;
	}
	/* A word longer than half of the room is cut; all else ends with a whole word. */
	bool inside_word = *(text + end) != ' ';
	if (inside_word && last_blank > end / 2)
		end = last_blank;
	while (end > 0 && strchr(" ,;:-", text[end - 1]))
		end--;
	vg_buffer out;
	vg_buffer_init(&out, arena);
	vg_add_bytes(&out, text, end);
	vg_add(&out, "…");
	return vg_buffer_text(&out);
}

void vg_add_reason_code(vg_buffer *out, const char *reason)
{
	static const char digits[] = "0123456789abcdef";
	bool gap = false, any = false, foreign = false;
	for (const char *at = reason; *at; at++) {
		unsigned char byte = (unsigned char)*at;
		bool upper = byte >= 'A' && byte <= 'Z';
		foreign = foreign || byte >= 0x80;
		if (!upper && !(byte >= 'a' && byte <= 'z') && !(byte >= '0' && byte <= '9')) {
			gap = any;
			continue;
		}
		if (gap)
			vg_add_byte(out, '-');
		vg_add_byte(out, (char)(upper ? byte | 0x20 : byte));
		gap = false;
		any = true;
	}
	if (any && !foreign)
		return;
	/* Letters outside ASCII are not transcribed; a digest keeps such codes apart. */
	uint64_t hash = vg_hash(reason, strlen(reason));
	vg_add(out, any ? "-" : "reason-");
	for (int shift = 28; shift >= 0; shift -= 4)
		vg_add_byte(out, digits[(hash >> shift) & 15]);
}
