/*
 * The certificate of the server, and renewing it while the server runs.
 *
 * libmicrohttpd asks for the certificate at each handshake, so that one that
 * was renewed counts from the next connection on.  A handshake may still hold
 * an older one: they are kept until the server ends, one for each time that the
 * certificate really was another.  What cannot be read, has run out, or does not
 * belong together is not taken.
 */
#include <gnutls/abstract.h>
#include <gnutls/x509.h>
#include <string.h>
#include <time.h>

#include "service/http_internal.h"

enum { LARGEST_PEM = 1 << 20, LONGEST_CHAIN = 16, KEY_ID = 64 };

struct vg_certificate { /* read-only once it is chosen from */
	gnutls_pcert_st chain[LONGEST_CHAIN];
	unsigned count;
	gnutls_privkey_t key;
	int64_t expires; /* seconds since 1970 */
	struct vg_certificate *older;
};

static void drop(vg_certificate *certificate)
{
	for (unsigned i = 0; i < certificate->count; i++)
		gnutls_pcert_deinit(&certificate->chain[i]);
	if (certificate->key)
		gnutls_privkey_deinit(certificate->key);
	vg_system_allocator.resize(vg_system_allocator.user, certificate, sizeof *certificate, 0);
}

static vigil_status fail(vigil_error *err, const char *file, const char *text)
{
	vigil_status status = vg_fail(
	    err, VIGIL_WRONG_USE, "Look whether tls.certificate and tls.key are PEM files that belong together.", "%s", text);
	vg_error_place(err, file, 0);
	return status;
}

/* Whether the key is the one that the first certificate speaks of. */
static bool belong_together(const vg_certificate *certificate)
{
	unsigned char ids[2][KEY_ID];
	size_t lengths[2] = {KEY_ID, KEY_ID};
	gnutls_pubkey_t public = NULL;
	bool same = gnutls_pubkey_init(&public) == 0 && gnutls_pubkey_import_privkey(public, certificate->key, 0, 0) == 0 &&
		    gnutls_pubkey_get_key_id(public, 0, ids[0], &lengths[0]) == 0 &&
		    gnutls_pubkey_get_key_id(certificate->chain[0].pubkey, 0, ids[1], &lengths[1]) == 0 &&
		    lengths[0] == lengths[1] && memcmp(ids[0], ids[1], lengths[0]) == 0;
	if (public)
		gnutls_pubkey_deinit(public);
	return same;
}

static int64_t expiry_of(const vg_certificate *certificate)
{
	gnutls_x509_crt_t first = NULL;
	int64_t expires = 0;
	if (gnutls_x509_crt_init(&first) == 0 &&
	    gnutls_x509_crt_import(first, &certificate->chain[0].cert, GNUTLS_X509_FMT_DER) == 0)
		expires = (int64_t)gnutls_x509_crt_get_expiration_time(first);
	if (first)
		gnutls_x509_crt_deinit(first);
	return expires;
}

static vigil_status fill(vg_certificate *certificate, const vg_settings *settings, vg_arena *arena, vigil_error *err)
{
	char *chain = NULL, *key = NULL;
	size_t chain_length = 0, key_length = 0;
	vigil_status status = vg_read_file(arena, settings->tls_certificate, LARGEST_PEM, &chain, &chain_length, err);
	if (status == VIGIL_OK)
		status = vg_read_file(arena, settings->tls_key, LARGEST_PEM, &key, &key_length, err);
	if (status != VIGIL_OK)
		return status;
	const gnutls_datum_t chain_text = {(unsigned char *)chain, (unsigned)chain_length};
	const gnutls_datum_t key_text = {(unsigned char *)key, (unsigned)key_length};
	unsigned count = LONGEST_CHAIN;
	if (gnutls_pcert_list_import_x509_raw(certificate->chain, &count, &chain_text, GNUTLS_X509_FMT_PEM, 0) != 0 ||
	    count == 0)
		return fail(err, settings->tls_certificate, "The certificate is none.");
	certificate->count = count;
	if (gnutls_privkey_init(&certificate->key) != 0 ||
	    gnutls_privkey_import_x509_raw(certificate->key, &key_text, GNUTLS_X509_FMT_PEM, NULL, 0) != 0)
		return fail(err, settings->tls_key, "The certificate's key is none.");
	if (!belong_together(certificate))
		return fail(err, settings->tls_key, "The key is not the certificate's.");
	certificate->expires = expiry_of(certificate);
	if (certificate->expires <= (int64_t)time(NULL))
		return fail(err, settings->tls_certificate, "The certificate has run out.");
	return VIGIL_OK;
}

static vigil_status load(const vg_settings *settings, vg_certificate **ret, vigil_error *err)
{
	vg_arena arena;
	vg_certificate *certificate = vg_system_allocator.resize(vg_system_allocator.user, NULL, 0, sizeof *certificate);
	if (!certificate)
		return vg_fail_memory(err);
	*certificate = (vg_certificate){.count = 0};
	vg_arena_init(&arena, &vg_system_allocator, 0);
	vigil_status status = fill(certificate, settings, &arena, err);
	vg_arena_free(&arena);
	if (status == VIGIL_OK)
		*ret = certificate;
	else
		drop(certificate);
	return status;
}

vigil_status vg_certificate_check(const vg_settings *settings, int64_t *ret_expires, vigil_error *err)
{
	vg_certificate *certificate = NULL;
	vigil_status status = load(settings, &certificate, err);
	if (status != VIGIL_OK)
		return status;
	*ret_expires = certificate->expires;
	drop(certificate);
	return VIGIL_OK;
}

/* The same certificates: with them belongs the same key. */
static bool is_same(const vg_certificate *one, const vg_certificate *other)
{
	if (one->count != other->count)
		return false;
	for (unsigned i = 0; i < one->count; i++) {
		const gnutls_datum_t *a = &one->chain[i].cert, *b = &other->chain[i].cert;
		if (a->size != b->size || memcmp(a->data, b->data, a->size) != 0)
			return false;
	}
	return true;
}

vigil_status vg_server_renew(vg_server *server, vigil_error *err)
{
	vg_certificate *certificate = NULL;
	if (!server->settings->tls_certificate)
		return VIGIL_OK;
	vigil_status status = load(server->settings, &certificate, err);
	if (status != VIGIL_OK)
		return status;
	certificate->older = atomic_load(&server->certificate);
	if (certificate->older && is_same(certificate, certificate->older))
		drop(certificate); /* a reload for other reasons */
	else
		atomic_store(&server->certificate, certificate);
	return VIGIL_OK;
}

void vg_certificates_drop(vg_server *server)
{
	vg_certificate *certificate = atomic_exchange(&server->certificate, NULL);
	while (certificate) {
		vg_certificate *older = certificate->older;
		drop(certificate);
		certificate = older;
	}
}

/* libmicrohttpd makes the connection the session's pointer. */
int vg_certificate_choose(gnutls_session_t session, const gnutls_datum_t *names, int name_count,
			  const gnutls_pk_algorithm_t *algorithms, int algorithm_count, gnutls_pcert_st **ret,
			  unsigned *ret_count, gnutls_privkey_t *ret_key)
{
	struct MHD_Connection *mhd = gnutls_session_get_ptr(session);
	const union MHD_ConnectionInfo *info = mhd ? MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT) : NULL;
	const vg_connection *connection = info ? info->socket_context : NULL;
	vg_certificate *certificate = connection ? atomic_load(&connection->listener->server->certificate) : NULL;
	(void)names;
	(void)name_count;
	(void)algorithms;
	(void)algorithm_count;
	if (!certificate)
		return -1;
	*ret = certificate->chain;
	*ret_count = certificate->count;
	*ret_key = certificate->key;
	return 0;
}
