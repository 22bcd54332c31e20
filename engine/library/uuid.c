/*
 * Derived uuids: the same request has the same ones, so that the output of
 * `check --format cards` is the same bytes every time.  They are name-based
 * uuids (RFC 9562, version 8: by SHA-256 of a seed and a running number).
 */
#include "library/library.h"

bool vg_derived_uuid(void *user, char out[37])
{
	static const char digits[] = "0123456789abcdef";
	vg_derived_uuids *uuids = user;
	uint32_t number = uuids->next++;
	const unsigned char name[4] = {(unsigned char)(number >> 24), (unsigned char)(number >> 16),
				       (unsigned char)(number >> 8), (unsigned char)number};
	vg_digest_state state;
	vg_digest digest;
	vg_digest_begin(&state);
	vg_digest_add(&state, uuids->seed.bytes, sizeof uuids->seed.bytes);
	vg_digest_add(&state, name, sizeof name);
	vg_digest_end(&state, &digest);
	digest.bytes[6] = (unsigned char)((digest.bytes[6] & 0x0F) | 0x80);
	digest.bytes[8] = (unsigned char)((digest.bytes[8] & 0x3F) | 0x80);
	char *to = out;
	for (int i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*to++ = '-';
		*to++ = digits[digest.bytes[i] >> 4];
		*to++ = digits[digest.bytes[i] & 15];
	}
	*to = '\0';
	return true;
}
