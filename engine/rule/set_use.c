/*
 * Names of sets to sets: unknown, empty and misplaced ones are findings.
 *
 * A set of tests behind `taking` would never match anything, and the rule
 * would stay silent for ever; so each word says what its set must be about.
 */
#include "rule/rule_internal.h"

static const char *const builtin_names[] = {
#define BUILTIN_SET(id, name, needed) name,
#include "rule/builtin_sets.def"
#undef BUILTIN_SET
};
static const bool builtin_needed[] = {
#define BUILTIN_SET(id, name, needed) needed,
#include "rule/builtin_sets.def"
#undef BUILTIN_SET
};

/* "drugs and conditions", of bits of vg_set_use. */
static const char *uses_text(vg_arena *arena, unsigned uses)
{
	static const char *const names[] = {"drugs", "tests", "procedures", "conditions", "vaccines"};
	vg_buffer buffer;
	vg_buffer_init(&buffer, arena);
	for (unsigned i = 0; i < VG_COUNT(names); i++)
		if (uses >> i & 1)
			vg_addf(&buffer, "%s%s", buffer.length ? " or " : "", names[i]);
	const char *text = vg_buffer_text(&buffer);
	return text ? text : "";
}

/* "6809", "E11.9", "57905-2": a code, where a set's name belongs. */
static bool looks_like_code(const char *name)
{
	size_t digits = strspn(name, "0123456789"), letter = digits == 0 && *name >= 'A' && *name <= 'Z';
	size_t length = strspn(name + letter, "0123456789.-");
	return strlen(name) >= 3 && name[letter + length] == '\0' && length > 0;
}

vg_set vg_find_set(vg_compiler *compiler, const char *name, vg_place place, unsigned uses, const char *for_what)
{
	vg_set set = vg_set_find(compiler->knowledge, name);
	if (!set) {
		VG_COMPLAIN(compiler, VG220, place,
			    looks_like_code(name)
				? vg_format(&compiler->scratch,
					    "Rules name sets, not codes: `vigil lookup %s` tells which sets have it.", name)
				: vg_advise(compiler, vg_set_nearest(compiler->knowledge, name),
					    "Add the set to a file in the pack's sets folder, or use the name of one that "
					    "exists."),
			    "There is no set \"%s\".", name);
		return 0;
	}
	if (!vg_set_members(compiler->knowledge, set).count) {
		VG_COMPLAIN(compiler, VG222, place, "Give the set codes, or leave the condition out.",
			    "The set \"%s\" has no codes, so %s can never find anything.", name, for_what);
		return set;
	}
	unsigned has = vg_set_uses(compiler->knowledge, set);
	if (uses && has && !(uses & has)) {
		VG_COMPLAIN(compiler, VG221, place,
			    vg_format(&compiler->scratch, "Behind %s stands a set of %s.", for_what,
				      uses_text(&compiler->scratch, uses)),
			    "\"%s\" is a set of %s, which %s never finds.", name, uses_text(&compiler->scratch, has), for_what);
		return 0;
	}
	return set;
}

const char *vg_builtin_name(vg_builtin_set which) { return builtin_names[which]; }

vg_set vg_find_builtin(vg_compiler *compiler, vg_builtin_set which, vg_place place)
{
	vg_set set = vg_set_find(compiler->knowledge, builtin_names[which]);
	if (!set && builtin_needed[which] && !compiler->builtin_missed[which]) {
		compiler->builtin_missed[which] = true;
		VG_COMPLAIN(compiler, VG224, place,
			    vg_format(&compiler->scratch, "Add a set \"%s\" to the pack's sets folder.", builtin_names[which]),
			    "The word needs the set \"%s\", which no pack has.", builtin_names[which]);
	} else if (!set && builtin_needed[which]) {
		compiler->failed = true; /* said before; this rule cannot run either */
	}
	return set;
}

uint32_t vg_watch_set(vg_compiler *compiler, vg_set set)
{
	if (!set || !compiler->slot_of_set)
		return 0;
	if (!compiler->slot_of_set[set])
		compiler->slot_of_set[set] = compiler->slot_count++;
	return compiler->slot_of_set[set];
}
