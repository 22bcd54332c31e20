/*
 * Both tails of the journal behind the rows that FILE has.
 *
 * The tails are used in turn, so of the rows that FILE does not have the older
 * ones lie in one tail and the newer ones in the other, and neither of the two
 * need be the older one.  Rows that FILE has are passed over: a tail keeps them
 * until it is used again.
 */
#include <errno.h>
#include <unistd.h>

#include "store/journal_internal.h"

const char *vg_tail_path(const char *file, size_t which, vg_arena *arena)
{
	return vg_format(arena, "%s.tail-%c", file, "ab"[which]);
}

static bool is_missing(const char *path) { return access(path, F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR); }

vigil_status vg_tails_read(const char *file, vg_arena *arena, vg_tails *ret, vigil_error *err)
{
	*ret = (vg_tails){.arena = arena, .boot = vg_tail_boot()};
	for (size_t i = 0; i < VG_TAIL_COUNT; i++) {
		vg_tail_walk *walk = &ret->walks[i];
		char *bytes = "";
		const char *path = vg_tail_path(file, i, arena);
		if (!path)
			return vg_fail_memory(err);
		if (!is_missing(path)) {
			vigil_status status = vg_read_file(arena, path, 0, &bytes, &walk->length, err);
			if (status != VIGIL_OK &&
			    !is_missing(path)) /* a journal that is closed meanwhile takes its tails away */
				return status;
		}
		walk->bytes = bytes;
	}
	return VIGIL_OK;
}

void vg_tails_begin(vg_tails *tails, uint64_t number)
{
	tails->number = number;
	tails->problem = NULL;
	for (size_t i = 0; i < VG_TAIL_COUNT; i++) {
		vg_tail_walk *walk = &tails->walks[i];
		walk->place = 0;
		walk->row.number = 0;
		vg_tail_next(walk, tails->arena);
	}
}

/* What it means that no tail stands on the row that should follow. */
static const char *problem_of(const vg_tails *tails)
{
	for (size_t i = 0; i < VG_TAIL_COUNT; i++) {
		const vg_tail_walk *walk = &tails->walks[i];
		if ((walk->on_row && walk->boot == tails->boot) || vg_tail_goes_on(walk, tails->number, tails->boot))
			return "the row is missing or damaged in the journal's tails, which hold later ones";
	}
	return NULL;
}

bool vg_tails_next(vg_tails *tails)
{
	for (size_t i = 0; i < VG_TAIL_COUNT; i++) {
		vg_tail_walk *walk = &tails->walks[i];
		while (walk->on_row && walk->row.number <= tails->number)
			vg_tail_next(walk, tails->arena);
		if (!walk->on_row || walk->row.number != tails->number + 1)
			continue;
		tails->number++;
		tails->row = walk->row;
		tails->code = walk->code;
		return true;
	}
	if (!tails->arena->failed)
		tails->problem = problem_of(tails);
	return false;
}
