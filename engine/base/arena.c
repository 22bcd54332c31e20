/*
 * Arenas: memory that is handed out in small parts and given back at once.
 *
 * Blocks double in size up to a megabyte; what is larger than half the next
 * block gets a block of its own, put behind the current one, whose free part
 * stays in use.  A reset keeps the largest block of ordinary size, so a worker
 * whose requests are alike soon allocates nothing.
 *
 * Invariants: every part handed out is aligned to 16 bytes, and zeroed unless it is asked for unset; `used`
 * is the sum of the parts rounded up to 16; `next` and `end` lie in the first
 * block of the list, or are NULL.  Under the address sanitizer each part is
 * followed by a poisoned gap, so that overruns inside an arena are found.
 */
#include "base/base_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_POISON 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define ARENA_POISON 1
#endif
#ifdef ARENA_POISON
#include <sanitizer/asan_interface.h>
enum { GAP = 16 };
#else
#define ASAN_POISON_MEMORY_REGION(from, size) ((void)0)
#define ASAN_UNPOISON_MEMORY_REGION(from, size) ((void)0)
enum { GAP = 0 };
#endif

enum { ALIGNMENT = 16, FIRST_BLOCK = 4096, LARGEST_BLOCK = 1 << 20 };

struct vg_block {
	struct vg_block *older;
	size_t size; /* of the whole block, this header included */
};
enum { HEADER = 16 };
_Static_assert(sizeof(struct vg_block) <= HEADER, "the first part of a block must be aligned");

static void *system_resize(void *user, void *old, size_t old_size, size_t new_size)
{
	(void)user;
	(void)old_size;
	if (new_size == 0) {
		free(old);
		return NULL;
	}
	return realloc(old, new_size);
}

const vg_allocator vg_system_allocator = {system_resize, NULL};

void vg_arena_init(vg_arena *arena, const vg_allocator *allocator, size_t limit)
{
	*arena = (vg_arena){.allocator = allocator ? *allocator : vg_system_allocator, .limit = limit};
}

static void free_block(vg_arena *arena, struct vg_block *block)
{
	ASAN_UNPOISON_MEMORY_REGION(block, block->size);
	arena->allocator.resize(arena->allocator.user, block, block->size, 0);
}

static void use_block(vg_arena *arena, struct vg_block *block)
{
	arena->next = (char *)block + HEADER;
	arena->end = (char *)block + block->size;
	ASAN_POISON_MEMORY_REGION(arena->next, block->size - HEADER);
}

void vg_arena_reset(vg_arena *arena)
{
	struct vg_block *kept = NULL;
	for (struct vg_block *block = arena->blocks, *older; block; block = older) {
		older = block->older;
		if (block->size <= LARGEST_BLOCK && (!kept || block->size > kept->size)) {
			if (kept)
				free_block(arena, kept);
			kept = block;
		} else {
			free_block(arena, block);
		}
	}
	arena->blocks = kept;
	arena->next = arena->end = NULL;
	arena->used = 0;
	arena->failed = false;
	if (kept) {
		kept->older = NULL;
		use_block(arena, kept);
	}
}

void vg_arena_free(vg_arena *arena)
{
	for (struct vg_block *block = arena->blocks, *older; block; block = older) {
		older = block->older;
		free_block(arena, block);
	}
	arena->blocks = NULL;
	arena->next = arena->end = NULL;
	arena->used = 0;
	arena->failed = false;
}

static void *fail(vg_arena *arena)
{
	arena->failed = true;
	return NULL;
}

static struct vg_block *new_block(vg_arena *arena, size_t size)
{
	struct vg_block *block = arena->allocator.resize(arena->allocator.user, NULL, 0, size);
	if (block)
		block->size = size;
	return block;
}

/* A part of `size` bytes (rounded) that does not fit into the current block. */
static char *take_from_new_block(vg_arena *arena, size_t size)
{
	size_t ordinary = FIRST_BLOCK;
	if (arena->blocks) {
		ordinary = (size_t)(arena->end - (char *)arena->blocks) * 2;
		if (ordinary > LARGEST_BLOCK)
			ordinary = LARGEST_BLOCK;
	}
	if (size > ordinary / 2) {
		struct vg_block *own = new_block(arena, size + HEADER);
		if (!own)
			return NULL;
		if (arena->blocks) {
			own->older = arena->blocks->older;
			arena->blocks->older = own;
		} else {
			own->older = NULL;
			arena->blocks = own;
			arena->next = arena->end = (char *)own + own->size;
		}
		ASAN_POISON_MEMORY_REGION((char *)own + HEADER, size);
		return (char *)own + HEADER;
	}
	struct vg_block *block = new_block(arena, ordinary);
	if (!block)
		return NULL;
	block->older = arena->blocks;
	arena->blocks = block;
	use_block(arena, block);
	char *part = arena->next;
	arena->next += size;
	return part;
}

static size_t rounded(size_t size) { return (size + (size == 0) + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1); }

static bool over_limit(const vg_arena *arena, size_t size)
{
	return arena->limit && (size > arena->limit || arena->used > arena->limit - size);
}

void *vg_alloc_unset(vg_arena *arena, size_t size)
{
	if (size > SIZE_MAX / 4 || over_limit(arena, rounded(size)))
		return fail(arena);
	size_t part_size = rounded(size) + GAP;
	char *part;
	if (part_size <= (size_t)(arena->end - arena->next)) {
		part = arena->next;
		arena->next += part_size;
	} else {
		part = take_from_new_block(arena, part_size);
		if (!part)
			return fail(arena);
	}
	arena->used += rounded(size);
	ASAN_UNPOISON_MEMORY_REGION(part, size);
	return part;
}

void *vg_alloc(vg_arena *arena, size_t size)
{
	void *part = vg_alloc_unset(arena, size);
	return part ? memset(part, 0, size) : NULL;
}

void *vg_alloc_array(vg_arena *arena, size_t count, size_t item_size)
{
	if (item_size && count > SIZE_MAX / item_size)
		return fail(arena);
	return vg_alloc(arena, count * item_size);
}

void *vg_arena_extend(vg_arena *arena, void *old, size_t old_size, size_t new_size)
{
	if (old && new_size <= SIZE_MAX / 4 && (char *)old + rounded(old_size) + GAP == arena->next) {
		size_t more = rounded(new_size) - rounded(old_size);
		if (more <= (size_t)(arena->end - arena->next)) {
			if (over_limit(arena, more))
				return fail(arena);
			arena->next += more;
			arena->used += more;
			ASAN_UNPOISON_MEMORY_REGION(old, new_size);
			memset((char *)old + old_size, 0, new_size - old_size);
			return old;
		}
	}
	char *larger = vg_alloc_unset(arena, new_size);
	if (!larger)
		return NULL;
	if (old_size)
		memcpy(larger, old, old_size);
	memset(larger + old_size, 0, new_size - old_size);
	return larger;
}

void *vg_grow(vg_arena *arena, void *items, size_t count, size_t *capacity, size_t item_size)
{
	if (items && count < *capacity)
		return items;
	size_t wanted = *capacity ? *capacity * 2 : 8;
	if (*capacity > SIZE_MAX / 8 / (item_size ? item_size : 1))
		return fail(arena);
	void *larger = vg_arena_extend(arena, items, *capacity * item_size, wanted * item_size);
	if (larger)
		*capacity = wanted;
	return larger;
}

char *vg_copy_text(vg_arena *arena, const char *text, size_t length)
{
	if (length > SIZE_MAX / 4)
		return fail(arena);
	char *copy = vg_alloc_unset(arena, length + 1);
	if (!copy)
		return NULL;
	if (length)
		memcpy(copy, text, length);
	copy[length] = '\0';
	return copy;
}

/* Most formats join texts and nothing else: "%s" is all that stands in them. */
static bool joins_texts(const char *format)
{
	for (const char *sign = strchr(format, '%'); sign; sign = strchr(sign + 2, '%'))
		if (sign[1] != 's')
			return false;
	return true;
}

/* Writes the joined texts, or with no `out` only counts their bytes. */
static size_t join_texts(char *out, const char *format, va_list arguments)
{
	size_t length = 0;
	while (*format) {
		bool given = *format == '%';
		const char *piece = given ? va_arg(arguments, const char *) : format;
		if (!piece)
			piece = "(null)"; /* as the C library says it */
		size_t count = given ? strlen(piece) : strcspn(format, "%");
		if (out)
			memcpy(out + length, piece, count);
		length += count;
		format += given ? 2 : count;
	}
	return length;
}

static char *format_texts(vg_arena *arena, const char *format, va_list arguments)
{
	va_list again;
	va_copy(again, arguments);
	size_t length = join_texts(NULL, format, again);
	va_end(again);
	char *text = vg_alloc_unset(arena, length + 1);
	if (!text)
		return NULL;
	join_texts(text, format, arguments);
	text[length] = '\0';
	return text;
}

char *vg_format(vg_arena *arena, const char *format, ...)
{
	char small[256];
	va_list arguments;
	va_start(arguments, format);
	if (joins_texts(format)) {
		char *joined = format_texts(arena, format, arguments);
		va_end(arguments);
		return joined;
	}
	int length = vsnprintf(small, sizeof small, format, arguments);
	va_end(arguments);
	if (length < 0)
		return fail(arena);
	if ((size_t)length < sizeof small)
		return vg_copy_text(arena, small, (size_t)length);
	char *text = vg_alloc(arena, (size_t)length + 1);
	if (text) {
		va_start(arguments, format);
		vsnprintf(text, (size_t)length + 1, format, arguments);
		va_end(arguments);
	}
	return text;
}
