/*
 * Settings that contradict each other are refused before anything is opened;
 * those that are dangerous are said, each in a line of its own.
 */
#include <string.h>

#include "service/http_internal.h"

static vigil_status warn(vg_arena *arena, vg_texts *warnings, const char *text, vigil_error *err)
{
	const char **items = text ? vg_grow(arena, warnings->items, warnings->count, &warnings->capacity, sizeof *items) : NULL;
	if (!items)
		return vg_fail_memory(err);
	warnings->items = items;
	items[warnings->count++] = text;
	return VIGIL_OK;
}

/* "https://host[:port]" and, where it may have one, a path without a slash at its end. */
static bool is_base_url(const char *url, bool with_path)
{
	const char *rest = vg_starts_with(url, "https://") ? url + 8 : vg_starts_with(url, "http://") ? url + 7 : NULL;
	if (!rest || *rest == '\0' || *rest == '/')
		return false;
	for (const char *at = rest; *at; at++)
		if ((unsigned char)*at <= ' ' || strchr("?#@\"<>\\", *at) || (*at == '/' && !with_path))
			return false;
	return url[strlen(url) - 1] != '/';
}

static vigil_status check_journal(const vg_settings *settings, vigil_error *err)
{
	if (settings->journal && settings->no_journal)
		return vg_fail(err, VIGIL_WRONG_USE, "Give one of the two.", "Both a journal and no journal are asked for.");
	if (!settings->journal && !settings->no_journal)
		return vg_fail(err, VIGIL_WRONG_USE,
			       "Give --journal FILE, or --no-journal when no answer needs to be shown later.",
			       "`vigil serve` has to be told where its journal is.");
	return VIGIL_OK;
}

static vigil_status check_forms(const vg_settings *settings, vigil_error *err)
{
	if (!settings->tls_certificate != !settings->tls_key)
		return vg_fail(err, VIGIL_WRONG_USE, "Set tls.certificate and tls.key.",
			       "TLS needs a certificate and its key.");
	if (settings->public_url && !is_base_url(settings->public_url, true))
		return vg_fail(err, VIGIL_WRONG_USE, "Write it as https://cds.example.org, without a slash at its end.",
			       "server.public_url is not a base URL.");
	for (size_t i = 0; i < settings->allow_origin.count; i++)
		if (strcmp(settings->allow_origin.items[i], "*") != 0 && !is_base_url(settings->allow_origin.items[i], false))
			return vg_fail(err, VIGIL_WRONG_USE, "Write it as https://emr.example.org, without a path.",
				       "\"%.80s\" is not an origin.", settings->allow_origin.items[i]);
	size_t digits = strspn(settings->socket_mode, "01234567");
	if (digits < 3 || digits > 4 || settings->socket_mode[digits] || (digits == 4 && settings->socket_mode[0] != '0'))
		return vg_fail(err, VIGIL_WRONG_USE, "Write it as 0660.", "server.socket_mode is not a file mode.");
	return VIGIL_OK;
}

static vigil_status check_authentication(const vg_settings *settings, vg_arena *arena, vg_texts *warnings, vigil_error *err)
{
	bool named = settings->auth_issuers.count || settings->auth_jwks.count || settings->auth_jku_allow.count;
	if (!settings->auth_required)
		return named ? warn(arena, warnings, "Issuers or keys are set, but auth.required is off: nobody needs a token.",
				    err)
			     : VIGIL_OK;
	if (!settings->public_url && !settings->auth_audience)
		return vg_fail(err, VIGIL_WRONG_USE, "Set server.public_url to the base URL that clients use.",
			       "A token's audience cannot be judged when the server does not know its own URL.");
	for (size_t i = 0; i < settings->auth_jku_allow.count; i++)
		if (!vg_starts_with(settings->auth_jku_allow.items[i], "https://"))
			return vg_fail(err, VIGIL_WRONG_USE, "Keys come over https only.",
				       "auth.jku_allow holds a URL without TLS.");
	return VIGIL_OK;
}

static vigil_status check_listening(const vg_settings *settings, vg_arena *arena, vg_texts *warnings, vigil_error *err)
{
	for (size_t i = 0; i < settings->listen.count; i++) {
		const char *place = settings->listen.items[i];
		vg_address address;
		vigil_status status = vg_address_parse(place, &address, err);
		if (status == VIGIL_OK && !address.loopback && !settings->tls_certificate)
			status =
			    warn(arena, warnings,
				 vg_format(arena,
					   "%s is reachable from other machines without TLS: patients' data can be read on "
					   "the way.",
					   place),
				 err);
		if (status == VIGIL_OK && !address.loopback && !settings->auth_required)
			status = warn(arena, warnings,
				      vg_format(arena,
						"%s is reachable from other machines without authentication: anybody can ask.",
						place),
				      err);
		if (status != VIGIL_OK)
			return status;
	}
	return VIGIL_OK;
}

static vigil_status check_fetching(const vg_settings *settings, vg_arena *arena, vg_texts *warnings, vigil_error *err)
{
	if (!settings->fetch_enabled)
		return settings->fetch_servers.count
			   ? warn(arena, warnings, "FHIR servers are listed, but fetch.enabled is off: none is asked.", err)
			   : VIGIL_OK;
	if (!settings->fetch_servers.count)
		return vg_fail(err, VIGIL_WRONG_USE, "Set fetch.servers to the servers that may be asked.",
			       "fetch.enabled is on, but no FHIR server may be asked.");
	for (size_t i = 0; i < settings->fetch_servers.count; i++) {
		const char *server = settings->fetch_servers.items[i];
		vigil_status status = VIGIL_OK;
		if (!is_base_url(server, false))
			return vg_fail(err, VIGIL_WRONG_USE, "Write it as https://fhir.example.org, without a path.",
				       "\"%.80s\" in fetch.servers is not the address of a server.", server);
		if (!vg_starts_with(server, "https://"))
			status =
			    warn(arena, warnings,
				 vg_format(arena, "%s is asked without TLS: patients' data and tokens can be read on the way.",
					   server),
				 err);
		if (status != VIGIL_OK)
			return status;
	}
	return VIGIL_OK;
}

vigil_status vg_settings_check(const vg_settings *settings, vg_arena *arena, vg_texts *warnings, vigil_error *err)
{
	vigil_status status = check_journal(settings, err);
	if (status == VIGIL_OK)
		status = check_forms(settings, err);
	if (status == VIGIL_OK)
		status = check_authentication(settings, arena, warnings, err);
	if (status == VIGIL_OK)
		status = check_fetching(settings, arena, warnings, err);
	if (status == VIGIL_OK)
		status = check_listening(settings, arena, warnings, err);
	for (size_t i = 0; status == VIGIL_OK && i < settings->allow_origin.count; i++)
		if (strcmp(settings->allow_origin.items[i], "*") == 0)
			status = warn(arena, warnings, "Web pages of every origin may ask: fit for simulators only.", err);
	return status;
}

unsigned vg_server_threads(const vg_settings *settings)
{
	return settings->threads > 0 ? (unsigned)settings->threads : vg_processors();
}

vigil_status vg_settings_service(const vg_settings *settings, vg_arena *arena, vg_service_config *ret, vigil_error *err)
{
	*ret = (vg_service_config){.engine = VIGIL_CONFIG_INIT,
				   .on_loss =
				       strcmp(settings->journal_on_failure, "answer") == 0 ? VG_LOSS_ANSWER : VG_LOSS_REFUSE,
				   .workers = vg_server_threads(settings),
				   .lenient_requests = settings->lenient,
				   .not_checked_card = settings->not_checked_card,
				   .plain_patients = strcmp(settings->journal_patient, "reference") == 0,
				   .fetch_deadline = (int)settings->fetch_deadline,
				   .fetch_pages = (unsigned)settings->fetch_pages,
				   .fetch_size = (size_t)settings->fetch_size,
				   .fetch_at_once = (unsigned)settings->fetch_at_once,
				   .public_url = settings->public_url};
	if (settings->fetch_enabled) {
		vg_client_config *fetch = vg_alloc(arena, sizeof *fetch);
		if (!fetch)
			return vg_fail_memory(err);
		*fetch =
		    (vg_client_config){settings->fetch_servers.items, settings->fetch_servers.count, settings->fetch_ca_file};
		ret->fetch = fetch;
	}
	if (settings->no_journal)
		return VIGIL_OK;
	vg_journal_config *journal = vg_alloc(arena, sizeof *journal);
	if (!journal)
		return vg_fail_memory(err);
	*journal =
	    (vg_journal_config){settings->journal, settings->journal_key,
				strcmp(settings->journal_durability, "full") == 0 ? VG_DURABLE_POWER : VG_DURABLE_PROCESS};
	ret->journal = journal;
	return VIGIL_OK;
}
