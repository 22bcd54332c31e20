/*
 * The endpoints: one table of what exists, with which method, and who may ask.
 *
 * Paths are compared as they stand on the wire.  None of ours needs an escape,
 * so a path with one is none of ours: nothing is decoded, and nothing can be
 * decoded twice.
 */
#include <string.h>

#include "service/service.h"

static const vg_endpoint_info infos[VG_ENDPOINTS] = {
    [VG_ENDPOINT_NONE] = {"none", "", .post = false},
    [VG_ENDPOINT_DISCOVERY] = {"discovery", "/cds-services", .post = false},
    [VG_ENDPOINT_HOOK] = {"hook", "/cds-services/{id}", .post = true},
    [VG_ENDPOINT_FEEDBACK] = {"feedback", "/cds-services/{id}/feedback", .post = true},
    [VG_ENDPOINT_EVALUATE] = {"evaluate", "/v1/evaluate", .post = true},
    [VG_ENDPOINT_EXPLAIN] = {"explain", "/v1/explain", .post = true},
    [VG_ENDPOINT_RULES] = {"rules", "/v1/rules", .post = false},
    [VG_ENDPOINT_RULE] = {"rule", "/v1/rules/{id}", .post = false},
    [VG_ENDPOINT_SWITCH] = {"switch", "/v1/rules/{id}/switch", .post = true, .local_only = true},
    [VG_ENDPOINT_RELOAD] = {"reload", "/v1/reload", .post = true, .local_only = true, .body_optional = true},
    [VG_ENDPOINT_OPENAPI] = {"openapi", "/v1/openapi.json", .post = false},
    [VG_ENDPOINT_HEALTH] = {"health", "/healthz", .post = false, .open = true},
    [VG_ENDPOINT_READY] = {"ready", "/readyz", .post = false, .open = true},
    [VG_ENDPOINT_METRICS] = {"metrics", "/metrics", .post = false, .open = true},
};

const vg_endpoint_info *vg_endpoint_info_of(vg_endpoint endpoint) { return &infos[endpoint]; }

static bool in_id(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

/* Whether `path` has the form of `pattern`; the part at {id} goes to `id`. */
static bool fits(const char *pattern, const char *path, char id[129])
{
	static const char variable[] = "{id}";
	const char *place = strstr(pattern, variable);
	id[0] = '\0';
	if (!place)
		return strcmp(pattern, path) == 0;
	size_t before = (size_t)(place - pattern), length = 0;
	if (strncmp(pattern, path, before) != 0)
		return false;
	path += before;
	while (in_id(path[length]))
		length++;
	if (length == 0 || length > 128 || strcmp(path + length, place + sizeof variable - 1) != 0)
		return false;
	memcpy(id, path, length);
	id[length] = '\0';
	if (strcmp(id, ".") != 0 && strcmp(id, "..") != 0)
		return true;
	id[0] = '\0';
	return false;
}

vg_endpoint vg_endpoint_find(const char *path, char id[129])
{
	for (int i = VG_ENDPOINT_NONE + 1; i < VG_ENDPOINTS; i++)
		if (fits(infos[i].path, path, id))
			return (vg_endpoint)i;
	id[0] = '\0';
	return VG_ENDPOINT_NONE;
}
