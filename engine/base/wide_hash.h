/*
 * XXH3 of long texts: with the widest registers that the processor has, where
 * the library can choose between them.  The values are the same either way.
 */
#ifndef VG_BASE_WIDE_HASH_H
#define VG_BASE_WIDE_HASH_H

#if defined(__x86_64__) && __has_include(<xxh_x86dispatch.h>)
#define XXH_STATIC_LINKING_ONLY /* the state of a hash lies where its caller likes */
#include <xxh_x86dispatch.h>
#else
#define XXH_INLINE_ALL
#include <xxhash.h>
#endif

#endif
