/*
 * Fingerprints of files, and hashes of long texts: whether one is what it was,
 * at the speed of reading it.
 *
 * Opening a pack reads every byte of its sources, so that a changed file is
 * never taken for an old one, whatever its time and size say.  A cryptographic
 * digest would be most of that time, so it is made only when it is needed.
 */
#include "base/base_internal.h"
#include "base/wide_hash.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK = 1 << 17 };

uint64_t vg_hash_long(const void *bytes, size_t length) { return XXH3_64bits(bytes, length); }

bool vg_fingerprint_file(const char *path, uint64_t limit, vg_fingerprint *ret, vg_digest *digest)
{
	unsigned char bytes[CHUNK];
	struct stat info;
	XXH3_state_t state;
	vg_digest_state digest_state;
	uint64_t length = 0;
	ssize_t got = -1;
	int file = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	XXH3_128bits_reset(&state);
	vg_digest_begin(&digest_state);
	if (file >= 0 && fstat(file, &info) == 0 && S_ISREG(info.st_mode)) {
		while (length <= limit && ((got = read(file, bytes, sizeof bytes)) > 0 || (got < 0 && errno == EINTR))) {
			if (got < 0)
				continue;
			length += (uint64_t)got;
			XXH3_128bits_update(&state, bytes, (size_t)got);
			if (digest)
				vg_digest_add(&digest_state, bytes, (size_t)got);
		}
	}
	if (file >= 0)
		close(file);
	XXH128_hash_t hash = XXH3_128bits_digest(&state);
	*ret = (vg_fingerprint){hash.low64, hash.high64, length};
	if (digest)
		vg_digest_end(&digest_state, digest);
	return got == 0;
}
