/*
 * Where the members of a resource lie in its text.
 *
 * Whoever packs a resource asks for few of its members - whose it is, which
 * version - and copies most of the others as they stand, so the text is divided
 * once and no tree is made of it.  Called by pack.c.
 */
#include "record/json_internal.h"
#include "record/packed_internal.h"

/* ---- passing over ---------------------------------------------------------- */

/* Behind the closing quote of the text whose first byte is `at`. */
static inline const char *pass_text(const char *at, const char *end)
{
	for (at = vg_json_find_special(at, end); *at != '"'; at = vg_json_find_special(at + 2, end))
		;
	return at + 1;
}

/* Behind a value: at the comma or the bracket that follows it, or the end. */
static const char *pass_value(const char *at, const char *end)
{
	for (int depth = 0; at < end;) {
		switch (*at++) {
		case '"':
			at = pass_text(at, end);
			break;
		case '{':
		case '[':
			depth++;
			break;
		case ',':
			if (depth == 0)
				return at - 1;
			break;
		case '}':
		case ']':
			if (depth-- == 0)
				return at - 1;
			break;
		default:
			break;
		}
	}
	return at;
}

/* ---- the members --------------------------------------------------------- */

static bool add(vg_members *members, vg_member member)
{
	vg_member *items = vg_grow(members->arena, members->items, members->count, &members->capacity, sizeof *items);
	if (!items)
		return false;
	members->items = items;
	items[members->count++] = member;
	return true;
}

/* The key whose quote is at `at`; *ret_until: behind its closing quote. */
static bool read_key(const char *at, const char *end, vg_arena *keys, vg_view *ret, const char **ret_until)
{
	const char *start = at + 1, *until = vg_json_find_special(start, end);
	bool escaped = *until != '"';
	while (*until != '"')
		until = vg_json_find_special(until + 2, end);
	vg_json_text plain = {start, (size_t)(until - start)};
	if (escaped)
		plain = vg_json_unescape(keys, start, plain.length);
	*ret = (vg_view){plain.bytes, plain.length};
	*ret_until = until + 1;
	return plain.bytes != NULL;
}

bool vg_members_find(vg_members *members, const char *text, size_t length, vg_arena *keys)
{
	const char *end = text + length, *at = vg_json_pass_blanks(vg_json_pass_blanks(text, end) + 1, end);
	members->count = 0;
	while (at < end && *at == '"') {
		vg_member member = {.at = at};
		if (!read_key(at, end, keys, &member.key, &at))
			return false;
		const char *value = vg_json_pass_blanks(vg_json_pass_blanks(at, end) + 1, end);
		at = pass_value(value, end);
		member.value = (vg_view){value, (size_t)(at - value)};
		member.left_out = vg_json_is_needless(member.key.text, member.key.length) || vg_view_is(member.key, "id") ||
				  vg_view_is(member.key, "resourceType");
		if (!add(members, member))
			return false;
		at = *at == ',' ? vg_json_pass_blanks(at + 1, end) : end;
	}
	return true;
}

vg_member *vg_members_named(const vg_members *members, const char *name)
{
	for (size_t i = 0; i < members->count; i++)
		if (vg_view_is(members->items[i].key, name))
			return &members->items[i];
	return NULL;
}
