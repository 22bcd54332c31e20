/*
 * The clock, and the zone in which it is today.
 *
 * A zone is an offset or the name of a file of the system's zone database.  The
 * C library takes a name that it does not know for UTC without a word; here it
 * is wrong usage, because the wrong zone is the wrong day.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/cli.h"

static const char advice[] = "Name a zone as Europe/Berlin, or an offset as +01:00.";

/* "+01:00", "-0330", "Z"; minutes east of Greenwich. */
static bool read_offset(const char *zone, long *ret)
{
	if (strcmp(zone, "Z") == 0 || strcmp(zone, "UTC") == 0) {
		*ret = 0;
		return true;
	}
	if ((zone[0] != '+' && zone[0] != '-') || !isdigit((unsigned char)zone[1]) || !isdigit((unsigned char)zone[2]))
		return false;
	const char *minutes = zone + 3 + (zone[3] == ':');
	if (!isdigit((unsigned char)minutes[0]) || !isdigit((unsigned char)minutes[1]) || minutes[2])
		return false;
	long hours = (zone[1] - '0') * 10 + zone[2] - '0', rest = (minutes[0] - '0') * 10 + minutes[1] - '0';
	if (hours > 14 || rest > 59)
		return false;
	*ret = (zone[0] == '-' ? -1 : 1) * (hours * 60 + rest);
	return true;
}

static bool zone_exists(const char *zone)
{
	const char *root = getenv("TZDIR");
	char path[512], magic[4] = {0};
	if (strstr(zone, "..") || *zone == '/' || strlen(zone) > 100)
		return false;
	snprintf(path, sizeof path, "%.350s/%s", root && *root ? root : "/usr/share/zoneinfo", zone);
	FILE *file = fopen(path, "rb");
	if (!file)
		return false;
	bool found = fread(magic, 1, sizeof magic, file) == sizeof magic && memcmp(magic, "TZif", 4) == 0;
	fclose(file);
	return found;
}

static const char *written(vg_cli *cli, const struct tm *local, long offset)
{
	long minutes = labs(offset);
	return vg_format(&cli->arena, "%04d-%02d-%02dT%02d:%02d:%02d%c%02ld:%02ld", local->tm_year + 1900, local->tm_mon + 1,
			 local->tm_mday, local->tm_hour, local->tm_min, local->tm_sec, offset < 0 ? '-' : '+', minutes / 60,
			 minutes % 60);
}

vigil_status vg_now(vg_cli *cli, const char *zone, const char **ret, vigil_error *err)
{
	time_t now = time(NULL);
	struct tm local;
	long offset = 0;
	if (now == (time_t)-1)
		return vg_fail(err, VIGIL_INTERNAL, "Give the day with --as-of.", "The clock cannot be read.");
	if (zone && read_offset(zone, &offset)) {
		now += offset * 60;
		if (!gmtime_r(&now, &local))
			return vg_fail(err, VIGIL_INTERNAL, "Give the day with --as-of.", "The clock cannot be read.");
	} else {
		if (zone && !zone_exists(zone))
			return vg_fail(err, VIGIL_WRONG_USE, advice, "There is no time zone \"%.60s\".", zone);
		if (zone && setenv("TZ", zone, 1) != 0)
			return vg_fail_memory(err);
		tzset();
		if (!localtime_r(&now, &local))
			return vg_fail(err, VIGIL_INTERNAL, "Give the day with --as-of.", "The clock cannot be read.");
		offset = local.tm_gmtoff / 60;
	}
	const char *text = written(cli, &local, offset);
	if (!text)
		return vg_fail_memory(err);
	*ret = text;
	return VIGIL_OK;
}

vigil_status vg_moment(vg_cli *cli, const vg_options *options, const char **ret, vigil_error *err)
{
	/* The zone is looked at in any case, so that a misspelt one is found on every day. */
	const char *now;
	vigil_status status = vg_now(cli, options->time_zone, &now, err);
	if (status == VIGIL_OK)
		*ret = options->as_of ? options->as_of : now;
	return status;
}
