/*
 * The status table, searched.
 *
 * status.def is the one place that says what a status makes of a fact; here it
 * becomes an array in byte order, of which a member is found by halving and its
 * value, one of a few, in order.  A record asks for few members many times.
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

/* A member's rows stand together, that of "" first. */
const vg_status_row *vg_status_member(const char *type, const char *member)
{
	size_t low = 0, high = VG_COUNT(vg_status_rows);
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const vg_status_row *row = &vg_status_rows[middle];
		int order = (unsigned char)*type - (unsigned char)*row->type; /* as most often */
		if (order == 0)
			order = strcmp(type, row->type);
		if (order == 0)
			order = strcmp(member, row->member);
		if (order == 0 && !*row->value)
			return row;
		if (order > 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

const vg_status_row *vg_status_value(const vg_status_row *member, const char *value, bool *known)
{
	const vg_status_row *end = vg_status_rows + VG_COUNT(vg_status_rows);
	*known = true;
	if (!*value)
		return member;
	for (const vg_status_row *row = member + 1; row < end && *row->value; row++)
		if (row->value[0] == value[0] && strcmp(row->value, value) == 0)
			return row;
	*known = false;
	return member;
}

const vg_status_row *vg_status_find(const char *type, const char *member, const char *value, bool *known)
{
	const vg_status_row *rows = vg_status_member(type, member);
	*known = false;
	return rows ? vg_status_value(rows, value, known) : NULL;
}

int vg_standing_weaker(int a, int b)
{
	static const int rank[] = {[VG_CURRENT] = 0, [VG_PRELIMINARY] = 1, [VG_INTENDED] = 2, [VG_DRAFT] = 3,
				   [VG_PAST] = 4,    [VG_PLANNED] = 5,     [VG_NOT_DONE] = 6, [VG_LEFT_OUT] = 7};
	return rank[a] >= rank[b] ? a : b;
}
