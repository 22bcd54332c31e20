/* What the files of `vigil journal` share. */
#ifndef VG_CLI_JOURNAL_H
#define VG_CLI_JOURNAL_H

#include "cli/cli.h"
#include "store/store.h"

enum { VG_MOMENT_TEXT = 64 };
/* "2026-03-01T08:00:00.123Z" */
const char *vg_journal_moment(int64_t at, char out[VG_MOMENT_TEXT]);

typedef struct vg_journal_range {
	const char *file;
	int64_t from, until; /* milliseconds since 1970, the second not included */
} vg_journal_range;
/* Both return an exit status. */
int vg_journal_export(vg_cli *cli, const vg_journal_range *range, bool csv);
int vg_journal_stats(vg_cli *cli, const vg_journal_range *range, const char *format, bool fail_on_alarm);

#endif
