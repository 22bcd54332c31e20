/*
 * Kleene's three values: unknown is what could be either.  A false makes `and`
 * false and a true makes `or` true whatever the other is.
 */
#include "base/base_internal.h"

vg_truth vg_and(vg_truth a, vg_truth b)
{
	if (a == VG_FALSE || b == VG_FALSE)
		return VG_FALSE;
	return a == VG_TRUE && b == VG_TRUE ? VG_TRUE : VG_UNKNOWN;
}

vg_truth vg_or(vg_truth a, vg_truth b)
{
	if (a == VG_TRUE || b == VG_TRUE)
		return VG_TRUE;
	return a == VG_FALSE && b == VG_FALSE ? VG_FALSE : VG_UNKNOWN;
}

vg_truth vg_not(vg_truth a)
{
	if (a == VG_UNKNOWN)
		return VG_UNKNOWN;
	return a == VG_TRUE ? VG_FALSE : VG_TRUE;
}

const char *vg_truth_text(vg_truth truth)
{
	switch (truth) {
	case VG_TRUE:
		return "true";
	case VG_FALSE:
		return "false";
	case VG_UNKNOWN:
		break;
	}
	return "unknown";
}
