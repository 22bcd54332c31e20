/*
 * Handles and the structures that callers fill: their memory and their sizes.
 *
 * A structure of vigil.h that a caller fills begins with its own size.  One
 * that is smaller than the library's own was not set by its INIT macro; one
 * that is larger was compiled against a later vigil.h, and is understood as
 * long as the members that this library does not know are all zero: a wish
 * that cannot be granted is refused, never forgotten.
 */
#include "library/library_internal.h"

#include <string.h>

void *vg_new(const vg_allocator *allocator, size_t size)
{
	void *block = allocator->resize(allocator->user, NULL, 0, size);
	return block ? memset(block, 0, size) : NULL;
}

void vg_delete(const vg_allocator *allocator, void *block, size_t size)
{
	if (block)
		allocator->resize(allocator->user, block, size, 0);
}

bool vg_error_usable(const vigil_error *err) { return !err || err->size >= sizeof *err; }

bool vg_given_usable(const void *given, size_t size, size_t known)
{
	if (size < known || size > known + 4096)
		return false;
	const unsigned char *bytes = given;
	for (size_t i = known; i < size; i++)
		if (bytes[i])
			return false;
	return true;
}

vigil_status vg_give(void *ret, const void *full, size_t size)
{
	size_t given;
	if (!ret)
		return VIGIL_WRONG_USE;
	memcpy(&given, ret, sizeof given);
	if (given < size)
		return VIGIL_WRONG_USE;
	memcpy((char *)ret + sizeof given, (const char *)full + sizeof given, size - sizeof given);
	return VIGIL_OK;
}

const char *vigil_version(void) { return VIGIL_VERSION_TEXT; }
