/*
 * `vigil version`: Vigil's own version, its languages' and its libraries'.
 */
#include <cjson/cJSON.h>
#include <lua.h>
#include <nettle/version.h>
#include <sqlite3.h>
#include <string.h>
#include <unistring/version.h>
#include <xxhash.h>

#include "cli/cli.h"

typedef struct part {
	const char *name, *version;
} part;

static size_t list_parts(vg_cli *cli, part parts[8])
{
	size_t count = 0;
	unsigned xxhash = XXH_VERSION_NUMBER;
	parts[count++] = (part){"Lua", LUA_VERSION_MAJOR "." LUA_VERSION_MINOR "." LUA_VERSION_RELEASE};
	parts[count++] = (part){"SQLite", sqlite3_libversion()};
	parts[count++] = (part){"cJSON", cJSON_Version()};
	parts[count++] = (part){"nettle", vg_format(&cli->arena, "%d.%d", nettle_version_major(), nettle_version_minor())};
	parts[count++] = (part){"xxHash", vg_format(&cli->arena, "%u.%u.%u", xxhash / 10000, xxhash / 100 % 100, xxhash % 100)};
	parts[count++] =
	    (part){"libunistring", vg_format(&cli->arena, "%d.%d", _libunistring_version >> 8, _libunistring_version & 255)};
	return count;
}

int vg_command_version(vg_cli *cli, const vg_options *options)
{
	part parts[8];
	size_t count = list_parts(cli, parts);
	vg_buffer out;
	vg_buffer_init(&out, &cli->arena);
	if (strcmp(options->format, "json") == 0) {
		vg_json_writer json = {&out, false};
		vg_json_open(&json, NULL, '{');
		vg_json_text_always(&json, "vigil", vigil_version());
		vg_json_text_always(&json, "rule_language", "1");
		vg_json_text_always(&json, "check_schema", "vigil.check/1");
		vg_json_text_always(&json, "cds_hooks", "2.0");
		vg_json_open(&json, "libraries", '{');
		for (size_t i = 0; i < count; i++)
			vg_json_text_always(&json, parts[i].name, parts[i].version);
		vg_json_close(&json, '}');
		vg_json_close(&json, '}');
		vg_add(&out, "\n");
	} else {
		vg_addf(&out, "vigil %s\nrule language 1, answers vigil.check/1, CDS Hooks 2.0\n", vigil_version());
		for (size_t i = 0; i < count; i++)
			vg_addf(&out, "%s%s %s", i ? ", " : "", parts[i].name, parts[i].version ? parts[i].version : "");
		vg_add(&out, "\n");
	}
	vg_print_buffer(cli, &out);
	return VIGIL_OK;
}
