/*
 * Packed records and resources: what stands before the holes.
 */
#include "record/packed_internal.h"

static uint64_t sum_of(const unsigned char *bytes, size_t length) { return vg_hash(bytes, length); }

bool vg_packed_begin(vg_packed packed, vg_packed_head *ret_head, vg_bytes *ret)
{
	const unsigned char *bytes = packed.bytes;
	if (packed.length <= VG_PACKED_CHECKSUM)
		return false;
	uint64_t sum = 0;
	for (size_t i = VG_PACKED_CHECKSUM; i-- > 0;)
		sum = sum << 8 | bytes[i];
	const unsigned char *start = bytes + VG_PACKED_CHECKSUM, *end = bytes + packed.length;
	if (sum != sum_of(start, (size_t)(end - start)) || *start != VG_PACKED_FORMAT)
		return false;
	vg_bytes at = {start + 1, end, false};
	ret_head->sections = (uint16_t)vg_get_number(&at);
	uint64_t count = vg_get_number(&at);
	if (count > VG_COUNT(ret_head->sources))
		return false;
	ret_head->source_count = (uint32_t)count;
	for (uint64_t i = 0; i < count; i++)
		ret_head->sources[i] = (uint32_t)vg_get_number(&at);
	*ret = at;
	return !at.failed;
}

bool vg_packed_read(uint32_t template, vg_bytes bytes, vg_packed_resource *ret)
{
	const unsigned char *flags = vg_get_bytes(&bytes, 1);
	ret->template = template;
	ret->flags = flags ? *flags : 0;
	ret->source = ret->flags & VG_PACKED_SOURCE ? (uint32_t)vg_get_number(&bytes) : 1;
	ret->id.text = ret->alias.text = "";
	if (ret->flags & VG_PACKED_NAMELESS)
		vg_get_bytes(&bytes, 8);
	else
		vg_get_hole(&bytes, true, &ret->id);
	if (ret->flags & VG_PACKED_ALIAS)
		vg_get_hole(&bytes, true, &ret->alias);
	ret->updated = ret->flags & VG_PACKED_UPDATED ? vg_get_signed(&bytes) : VG_NO_INSTANT;
	ret->version = ret->flags & VG_PACKED_VERSION ? (double)vg_get_number(&bytes) : NAN;
	ret->holes = bytes;
	return !bytes.failed;
}

char *vg_packed_key(vg_arena *arena, const char *before, vg_view type, vg_view id)
{
	size_t first = strlen(before);
	char *key = vg_alloc(arena, first + type.length + 1 + id.length + 1);
	if (!key)
		return NULL;
	char *at = mempcpy(key, before, first);
	at = mempcpy(at, type.text, type.length);
	*at++ = '/';
	at = mempcpy(at, id.text, id.length);
	*at = '\0';
	return key;
}
