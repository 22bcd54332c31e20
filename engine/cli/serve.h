/* What `vigil serve` and `vigil doctor --config` share: the settings of a service, as flags and file give them. */
#ifndef VG_CLI_SERVE_H
#define VG_CLI_SERVE_H

#include "cli/cli.h"
#include "service/service.h"

/* From --config and flags, checked; `warnings` receives what is dangerous. */
vigil_status vg_serve_settings(vg_cli *cli, const vg_options *options, vg_settings *settings, vg_texts *warnings,
			       vigil_error *err);
/* The options with the packs that the settings name. */
vg_options vg_serve_packs(const vg_options *options, const vg_settings *settings);

#endif
