/*
 * SHA-256 digests, by nettle: of packs, of knowledge, of answers.
 *
 * nettle's state is copied in and out of the opaque bytes, which therefore
 * need no alignment; its size is checked when this file is compiled.
 */
#include "base/base_internal.h"

#include <nettle/sha2.h>
#include <string.h>

_Static_assert(sizeof(struct sha256_ctx) <= sizeof(vg_digest_state), "nettle's state must fit");
_Static_assert(SHA256_DIGEST_SIZE == sizeof(vg_digest), "SHA-256 has 32 bytes");

void vg_digest_begin(vg_digest_state *state)
{
	struct sha256_ctx context;
	sha256_init(&context);
	memset(state, 0, sizeof *state);
	memcpy(state->opaque, &context, sizeof context);
}

void vg_digest_add(vg_digest_state *state, const void *bytes, size_t length)
{
	if (length == 0)
		return;
	struct sha256_ctx context;
	memcpy(&context, state->opaque, sizeof context);
	sha256_update(&context, length, bytes);
	memcpy(state->opaque, &context, sizeof context);
}

void vg_digest_add_text(vg_digest_state *state, const char *text)
{
	/* No text has this length, so NULL is not the same as "". */
	uint64_t length = text ? strlen(text) : UINT64_MAX;
	unsigned char bytes[8];
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (unsigned char)(length >> (8 * i));
	vg_digest_add(state, bytes, sizeof bytes);
	if (text)
		vg_digest_add(state, text, (size_t)length);
}

void vg_digest_end(vg_digest_state *state, vg_digest *ret)
{
	struct sha256_ctx context;
	memcpy(&context, state->opaque, sizeof context);
	sha256_digest(&context, sizeof ret->bytes, ret->bytes);
	memcpy(state->opaque, &context, sizeof context);
}

void vg_digest_text(const vg_digest *digest, char out[65])
{
	static const char digits[] = "0123456789abcdef";
	for (size_t i = 0; i < sizeof digest->bytes; i++) {
		out[2 * i] = digits[digest->bytes[i] >> 4];
		out[2 * i + 1] = digits[digest->bytes[i] & 15];
	}
	out[64] = '\0';
}
