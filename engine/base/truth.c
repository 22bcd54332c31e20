/*
 * Kleene's three values as words; their tables are in base.h.
 */
#include "base/base_internal.h"

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
