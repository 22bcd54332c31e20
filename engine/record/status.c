/*
 * The status table, searched.
 *
 * status.def is the one place that says what a status makes of a fact; here it
 * becomes an array in byte order, and a search by halving.
 */
#include "record/record_internal.h"

#define CURRENT VG_CURRENT
#define PRELIMINARY VG_PRELIMINARY
#define INTENDED VG_INTENDED
#define PAST VG_PAST
#define PLANNED VG_PLANNED
#define NOT_DONE VG_NOT_DONE
#define DRAFT VG_DRAFT
#define LEFT_OUT VG_LEFT_OUT

const vg_status_row vg_status_rows[] = {
#define X(type, member, value, standing, meaning) {type, member, value, standing, #standing, meaning},
#include "record/status.def"
#undef X
};
const size_t vg_status_row_count = VG_COUNT(vg_status_rows);

static int compare(const char *type, const char *member, const char *value, const vg_status_row *row)
{
	int order = strcmp(type, row->type);
	if (order == 0)
		order = strcmp(member, row->member);
	return order ? order : strcmp(value, row->value);
}

static const vg_status_row *exact(const char *type, const char *member, const char *value)
{
	size_t low = 0, high = VG_COUNT(vg_status_rows);
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = compare(type, member, value, &vg_status_rows[middle]);
		if (order == 0)
			return &vg_status_rows[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

const vg_status_row *vg_status_find(const char *type, const char *member, const char *value, bool *known)
{
	const vg_status_row *row = exact(type, member, value);
	*known = row != NULL;
	return row ? row : exact(type, member, "");
}

int vg_standing_weaker(int a, int b)
{
	static const int rank[] = {[VG_CURRENT] = 0, [VG_PRELIMINARY] = 1, [VG_INTENDED] = 2, [VG_DRAFT] = 3,
				   [VG_PAST] = 4,    [VG_PLANNED] = 5,     [VG_NOT_DONE] = 6, [VG_LEFT_OUT] = 7};
	return rank[a] >= rank[b] ? a : b;
}
