/* The server's certificate while it is renewed: what is kept, and what is not taken. */
#include <gnutls/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "service/http_internal.h"
#include "support/support.h"

typedef struct pem_files {
	char certificate[40], key[40];
} pem_files;

static void write_pem(const char *path, const gnutls_datum_t *text)
{
	FILE *file = fopen(path, "wb");
	CHECK(file && fwrite(text->data, 1, text->size, file) == text->size, "%s is not written", path);
	if (file)
		fclose(file);
}

/* A new key, and a certificate of its own that is good until `expires`. */
static void make_pair(const pem_files *files, time_t expires)
{
	gnutls_x509_privkey_t key;
	gnutls_x509_crt_t certificate;
	gnutls_datum_t text = {NULL, 0};
	const unsigned char serial[] = {1};
	gnutls_x509_privkey_init(&key);
	gnutls_x509_crt_init(&certificate);
	gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0);
	gnutls_x509_crt_set_version(certificate, 3);
	gnutls_x509_crt_set_serial(certificate, serial, sizeof serial);
	gnutls_x509_crt_set_activation_time(certificate, expires - 86400);
	gnutls_x509_crt_set_expiration_time(certificate, expires);
	gnutls_x509_crt_set_dn_by_oid(certificate, GNUTLS_OID_X520_COMMON_NAME, 0, "cds.test", strlen("cds.test"));
	gnutls_x509_crt_set_key(certificate, key);
	CHECK(gnutls_x509_crt_sign2(certificate, certificate, key, GNUTLS_DIG_SHA256, 0) == 0, "a certificate is not signed");
	gnutls_x509_crt_export2(certificate, GNUTLS_X509_FMT_PEM, &text);
	write_pem(files->certificate, &text);
	gnutls_free(text.data);
	gnutls_x509_privkey_export2(key, GNUTLS_X509_FMT_PEM, &text);
	write_pem(files->key, &text);
	gnutls_free(text.data);
	gnutls_x509_crt_deinit(certificate);
	gnutls_x509_privkey_deinit(key);
}

static void keeps_one_of_each(void)
{
	pem_files files = {"/tmp/vigil-certificate-XXXXXX", "/tmp/vigil-key-XXXXXX"};
	vigil_error error = VIGIL_ERROR_INIT;
	close(mkstemp(files.certificate));
	close(mkstemp(files.key));
	const vg_settings settings = {.tls_certificate = files.certificate, .tls_key = files.key};
	struct vg_server server = {.settings = &settings};
	make_pair(&files, time(NULL) + 86400);
	CHECK(vg_server_renew(&server, &error) == VIGIL_OK, "a good certificate: %s", error.text);
	const vg_certificate *first = atomic_load(&server.certificate);
	for (int i = 0; i < 3; i++)
		CU_ASSERT_EQUAL(vg_server_renew(&server, &error), VIGIL_OK);
	CHECK(first && atomic_load(&server.certificate) == first, "the same certificate is kept once more at each reload");
	make_pair(&files, time(NULL) - 60);
	CU_ASSERT_EQUAL(vg_server_renew(&server, &error), VIGIL_WRONG_USE);
	CHECK(atomic_load(&server.certificate) == first, "one that has run out replaces a good one");
	make_pair(&files, time(NULL) + 86400);
	CU_ASSERT_EQUAL(vg_server_renew(&server, &error), VIGIL_OK);
	CHECK(atomic_load(&server.certificate) != first, "a new certificate is not taken");
	vg_certificates_drop(&server);
	CU_ASSERT_EQUAL(atomic_load(&server.certificate), NULL);
	unlink(files.certificate);
	unlink(files.key);
}

const test_case test_cases_tls[] = {{"a certificate is kept once, and another one replaces it", keeps_one_of_each}, {0}};
