/*
 * A look at our own cards before they are sent: what CDS Hooks 2.0 requires of
 * a response, written apart from what makes it.  A card that breaks a rule of
 * the specification may be dropped by a client without a word; a refusal is
 * seen.
 *
 * The text is read into parts that point into it.  Nothing is unescaped: what is
 * compared has no escapes, and a text that is not as it should be is a problem
 * either way.
 */
#include "service/answer_internal.h"

#include <string.h>

typedef struct part {
	char kind; /* '{', '[', '"', or the first byte of a number or a word */
	const char *name, *text;
	size_t name_length, length; /* of a string between its quotes, as it is written */
	struct part *child, *next;
} part;

/* ---- reading ---------------------------------------------------------------------- */

enum { DEEPEST = 32, PARTS_AT_ONCE = 64 };

typedef struct reader {
	const char *at, *end; /* a NUL stands at the end */
	vg_arena *arena;
	part *spare; /* zeroed, for those to come */
	size_t spare_count;
} reader;

static part *new_part(reader *own)
{
	if (own->spare_count == 0) {
		own->spare = vg_alloc_array(own->arena, PARTS_AT_ONCE, sizeof *own->spare);
		own->spare_count = own->spare ? PARTS_AT_ONCE : 0;
	}
	if (own->spare_count == 0)
		return NULL;
	own->spare_count--;
	return own->spare++;
}

static bool take(reader *own, char byte)
{
	if (*own->at != byte)
		return false;
	own->at++;
	return true;
}

/* The length of the escape that stands at a backslash; 0: it is none. */
static size_t escape_length(const char *at)
{
	if (at[1] == 'u')
		return strspn(at + 2, "0123456789abcdefABCDEF") >= 4 ? 6 : 0;
	return at[1] && strchr("\"\\/bfnrt", at[1]) ? 2 : 0;
}

/* Behind the opening quote. */
static bool read_text(reader *own, const char **ret, size_t *ret_length)
{
	const char *at = own->at + strcspn(own->at, "\"\\");
	while (*at == '\\') {
		size_t step = escape_length(at);
		if (!step)
			return false;
		at += step;
		at += strcspn(at, "\"\\");
	}
	if (*at != '"')
		return false;
	*ret = own->at;
	*ret_length = (size_t)(at - own->at);
	own->at = at + 1;
	return true;
}

/* A number, true, false or null. */
static bool read_word(reader *own)
{
	static const char *const words[] = {"true", "false", "null"};
	for (size_t i = 0; i < VG_COUNT(words); i++)
		if (vg_starts_with(own->at, words[i])) {
			own->at += strlen(words[i]);
			return true;
		}
	size_t length = strspn(own->at, "-+.0123456789eE");
	own->at += length;
	return length > 0;
}

static bool read_part(reader *own, part *to, int depth);

/* The members of an object or the items of a list, behind its bracket. */
static bool read_children(reader *own, part *to, char closing, int depth)
{
	part **place = &to->child;
	if (depth == DEEPEST)
		return false;
	if (take(own, closing))
		return true;
	do {
		part *child = new_part(own);
		if (!child ||
		    (closing == '}' &&
		     !(take(own, '"') && read_text(own, &child->name, &child->name_length) && take(own, ':'))) ||
		    !read_part(own, child, depth + 1))
			return false;
		*place = child;
		place = &child->next;
	} while (take(own, ','));
	return take(own, closing);
}

static bool read_part(reader *own, part *to, int depth)
{
	to->kind = *own->at;
	if (take(own, '{'))
		return read_children(own, to, '}', depth);
	if (take(own, '['))
		return read_children(own, to, ']', depth);
	if (take(own, '"'))
		return read_text(own, &to->text, &to->length);
	return read_word(own);
}

/* Some byte below a blank: in a text JSON has none, and between its parts ours have none either. */
static bool has_control(const char *text, size_t length)
{
	const uint64_t ones = 0x0101010101010101u, high = 0x8080808080808080u;
	size_t i = 0;
	for (uint64_t eight; length - i >= sizeof eight; i += sizeof eight) {
		memcpy(&eight, text + i, sizeof eight);
		if ((eight - ones * 0x20) & ~eight & high)
			return true;
	}
	while (i < length && (unsigned char)text[i] >= 0x20)
		i++;
	return i < length;
}

/* NULL: it is not JSON, or memory ran out. */
static const part *read_response(const char *json, size_t length, vg_arena *arena)
{
	reader own = {.at = json, .end = json + length, .arena = arena};
	part *root = new_part(&own);
	bool plain = vg_utf8_valid(json, length) && !has_control(json, length);
	return root && plain && read_part(&own, root, 0) && own.at == own.end ? root : NULL;
}

/* ---- looking -------------------------------------------------------------------- */

static const part *member(const part *object, const char *name)
{
	size_t length = strlen(name);
	for (const part *at = object ? object->child : NULL; at; at = at->next)
		if (at->name_length == length && memcmp(at->name, name, length) == 0)
			return at;
	return NULL;
}

/* A string that is there and not empty; NULL else. */
static const part *text_of(const part *object, const char *name)
{
	const part *found = member(object, name);
	return found && found->kind == '"' && found->length > 0 ? found : NULL;
}

static bool is_text(const part *text, const char *other)
{
	size_t length = strlen(other);
	return text->length == length && memcmp(text->text, other, length) == 0;
}

/* Characters of a string: an escape is one, which is not less than it is. */
static size_t count_characters(const part *text)
{
	size_t count = 0;
	for (size_t i = 0; i < text->length; i++) {
		count += ((unsigned char)text->text[i] & 0xC0) != 0x80;
		if (text->text[i] == '\\')
			i += escape_length(text->text + i) - 1;
	}
	return count;
}

static bool one_of(const part *text, const char *const *texts)
{
	for (; text && *texts; texts++)
		if (is_text(text, *texts))
			return true;
	return false;
}

static bool absolute(const part *url) { return vg_starts_with(url->text, "https://") || vg_starts_with(url->text, "http://"); }

/* No null and no empty member, but the list of cards and our extension's own lists. */
static bool has_empty(const part *item)
{
	bool holds = item->kind == '{' || item->kind == '[';
	if (item->kind == 'n' || (item->kind == '"' && !item->length) || (holds && !item->child))
		return true;
	for (const part *child = item->child; child; child = child->next)
		if (has_empty(child))
			return true;
	return false;
}

static const char *check_action(const part *action)
{
	static const char *const types[] = {"create", "update", "delete", NULL};
	const part *type = text_of(action, "type");
	const part *resource = member(action, "resource");
	if (!one_of(type, types) || !text_of(action, "description"))
		return "an action has no type or no description";
	if (is_text(type, "delete"))
		return text_of(action, "resourceId") && !resource ? NULL : "a deletion does not name its resource";
	return text_of(resource, "resourceType") ? NULL : "an action has no resource";
}

static const char *check_suggestions(const part *card)
{
	static const char *const behaviours[] = {"at-most-one", "any", NULL};
	const part *list = member(card, "suggestions");
	int recommended = 0;
	if (!list)
		return NULL;
	if (!one_of(text_of(card, "selectionBehavior"), behaviours))
		return "suggestions have no selectionBehavior";
	for (const part *suggestion = list->child; suggestion; suggestion = suggestion->next) {
		if (!text_of(suggestion, "label") || !text_of(suggestion, "uuid"))
			return "a suggestion has no label or no uuid";
		const part *mark = member(suggestion, "isRecommended"), *actions = member(suggestion, "actions");
		recommended += mark && mark->kind == 't';
		for (const part *action = actions ? actions->child : NULL; action; action = action->next) {
			const char *problem = check_action(action);
			if (problem)
				return problem;
		}
	}
	return recommended > 1 ? "more than one suggestion is recommended" : NULL;
}

static const char *check_lists(const part *card)
{
	static const char *const link_types[] = {"absolute", "smart", NULL};
	const part *reasons = member(card, "overrideReasons"), *links = member(card, "links");
	for (const part *item = reasons ? reasons->child : NULL; item; item = item->next)
		if (!text_of(item, "code") || !text_of(item, "system") || !text_of(item, "display"))
			return "an override reason is not whole";
	for (const part *item = links ? links->child : NULL; item; item = item->next) {
		const part *url = text_of(item, "url");
		if (!text_of(item, "label") || !url || !absolute(url) || !one_of(text_of(item, "type"), link_types))
			return "a link is not whole";
	}
	return NULL;
}

static const char *check_card(const part *card)
{
	static const char *const indicators[] = {"info", "warning", "critical", NULL};
	const part *source = member(card, "source");
	const part *summary = text_of(card, "summary"), *url = text_of(source, "url");
	const part *topic = member(source, "topic");
	if (!summary || count_characters(summary) >= 140)
		return "a summary is missing or too long";
	if (!text_of(card, "uuid"))
		return "a card has no uuid";
	if (!one_of(text_of(card, "indicator"), indicators))
		return "an indicator is none of the three";
	if (!text_of(source, "label") || (url && !absolute(url)))
		return "a source has no label or a relative URL";
	if (topic && (!text_of(topic, "code") || !text_of(topic, "system")))
		return "a topic is not whole";
	if (has_empty(card))
		return "a card has an empty member";
	const char *problem = check_suggestions(card);
	return problem ? problem : check_lists(card);
}

const char *vg_card_problem(const char *json, size_t length, vg_arena *arena)
{
	const part *cards = member(read_response(json, length, arena), "cards");
	if (!cards || cards->kind != '[')
		return "there is no list of cards";
	const char *problem = NULL;
	for (const part *card = cards->child; card && !problem; card = card->next)
		problem = check_card(card);
	return problem;
}
