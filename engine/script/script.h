/*
 * Floor 5, script: rule files in, declarations out.  The only floor that knows Lua.
 *
 * A rule file runs once, in a sandbox, after a check of its tokens; its words
 * build items and phrases (rule/rule.h).  Nothing of Lua stays behind for them.
 * A `check = function … end` stays: each worker has a checker, a Lua state of
 * the same sources, and functions are found by rule id, never by the order in
 * which they were registered.
 */
#ifndef VG_SCRIPT_H
#define VG_SCRIPT_H

#include "rule/rule.h"

typedef struct vg_pack {
	const char *folder, *name, *version, *publisher, *language; /* from pack.lua */
} vg_pack;
typedef struct vg_script vg_script;

/* Reads pack.lua and all Lua files of the folders, in order; reports every
 * finding of every file.  A file with errors contributes no declarations of
 * the broken statement; the others stand.  Also takes single files in place
 * of folders (for `vigil lint FILE`): a pack without pack.lua is an error. */
vigil_status vg_script_load(const char *const *folders, size_t count, const vg_allocator *allocator, vg_findings *findings,
			    vg_script **ret, vigil_error *err);
void vg_script_free(vg_script *script);
const vg_pack *vg_script_packs(const vg_script *script, size_t *ret_count);
const vg_declaration *vg_script_declarations(const vg_script *script, size_t *ret_count); /* define, rules, example */

/* ---- tidy files (format.c) ------------------------------------------------------- */

/* The text of a rule file with its blanks, line indents, quotes and commas put
 * in order, in the arena.  VIGIL_BAD_INPUT when there is a mistake in it, which is
 * then among the findings. */
vigil_status vg_format_rules(const char *file, const char *text, size_t length, vg_arena *arena, vg_findings *findings,
			     const char **ret, vigil_error *err);

/* What a name of a check function may be: "math", "ipairs" …; of a library ("math", "string"): its members. */
const char *const *vg_allowed_names(const char *library, size_t *ret_count);

/* ---- check functions ----------------------------------------------------------- */

typedef struct vg_checker vg_checker; /* one thread at a time */
typedef enum vg_argument_kind {
	VG_ARGUMENT_MISSING,
	VG_ARGUMENT_NUMBER,
	VG_ARGUMENT_TEXT,
	VG_ARGUMENT_BOOLEAN
} vg_argument_kind;
typedef struct vg_argument { /* p.NAME */
	const char *name;
	vg_argument_kind kind; /* missing: only for optional needs; reads as nil */
	double number;
	const char *text;
	bool boolean;
} vg_argument;
typedef struct vg_check_error {
	const char *code; /* "error", "instructions", "time", "memory", "result"; "no_memory": the host had none */
	char text[256];   /* no patient data */
} vg_check_error;

vigil_status vg_checker_open(const vg_script *script, const vg_allocator *allocator, vg_checker **ret, vigil_error *err);
void vg_checker_close(vg_checker *checker);
/* Calls a rule's check with p = arguments and this_order = order (display,
 * is_renewal, …; with none, this_order is nil).  true: *ret holds true, false or unknown (nil).
 * false: the function failed or exceeded a limit; the state was thrown away
 * and is rebuilt by the next call. */
bool vg_checker_call(vg_checker *checker, uint32_t check, const vg_argument *arguments, size_t count, const vg_argument *order,
		     size_t order_count, vg_truth *ret, vg_check_error *error);

#endif
