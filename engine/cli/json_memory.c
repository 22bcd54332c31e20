/*
 * Memory for cJSON: a stack of blocks for each thread.
 *
 * A document is some thousand small blocks that come together and go together,
 * and asking the system for each is the largest cost of reading one.  Here a
 * thread takes them one behind the other from a region of its own, and starts
 * again at its beginning whenever all of them were given back.  What does not
 * fit comes from the system.  Each block tells in front where it came from, so
 * that it can be given back by any thread.
 *
 * The hooks are the whole process's, so only the command installs them, before
 * it has threads; a program that uses the library keeps its own.  Under the
 * address sanitizer they are left out: it sees single blocks only.
 *
 * Invariant: of a region's blocks `live` minus `returned` are in use.  The
 * owning thread alone reads and writes `used` and `live`; other threads count
 * what they give back in `returned`, which hardly ever happens, so that the
 * usual way costs no atomic operation.
 */
#include <cjson/cJSON.h>
#include <pthread.h>
#include <stdatomic.h>

#include "cli/cli.h"

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif

#ifdef SANITIZED
void vg_install_json_memory(void) {}
#else

enum { REGION = 1 << 20, ALIGNMENT = 16 };

typedef struct region {
	size_t used, live;
	_Atomic size_t returned; /* by other threads */
	_Alignas(ALIGNMENT) char bytes[REGION];
} region;

typedef struct block_head {
	region *from; /* NULL: the system */
	size_t size;  /* of the whole block */
} block_head;
_Static_assert(sizeof(block_head) == ALIGNMENT, "blocks must stay aligned");

/* The thread's region, and the key whose destructor gives it back: the only state beside the hooks themselves. */
static _Thread_local region *own_region;
static pthread_key_t end_of_thread;

static bool is_idle(region *own) { return own->live == atomic_load_explicit(&own->returned, memory_order_acquire); }

static void drop_region(void *user)
{
	region *own = user;
	own_region = NULL;
	if (is_idle(own))
		vg_system_allocator.resize(vg_system_allocator.user, own, sizeof *own, 0);
}

static region *make_region(void)
{
	region *own = vg_system_allocator.resize(vg_system_allocator.user, NULL, 0, sizeof *own);
	if (!own)
		return NULL;
	own->used = own->live = 0;
	atomic_init(&own->returned, 0);
	if (pthread_setspecific(end_of_thread, own) == 0)
		return own_region = own;
	vg_system_allocator.resize(vg_system_allocator.user, own, sizeof *own, 0);
	return NULL;
}

static void *take(size_t size)
{
	if (size > SIZE_MAX / 2)
		return NULL;
	size_t whole = (size + sizeof(block_head) + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
	region *own = own_region ? own_region : make_region();
	block_head *head;
	if (own && own->used > 0 && is_idle(own)) {
		own->used = own->live = 0;
		atomic_store_explicit(&own->returned, 0, memory_order_relaxed);
	}
	if (own && whole <= REGION - own->used) {
		head = (block_head *)(void *)(own->bytes + own->used);
		own->used += whole;
		own->live++;
		head->from = own;
	} else {
		head = vg_system_allocator.resize(vg_system_allocator.user, NULL, 0, whole);
		if (!head)
			return NULL;
		head->from = NULL;
	}
	head->size = whole;
	return head + 1;
}

static void give_back(void *block)
{
	if (!block)
		return;
	block_head *head = (block_head *)block - 1;
	if (!head->from)
		vg_system_allocator.resize(vg_system_allocator.user, head, head->size, 0);
	else if (head->from == own_region)
		own_region->live--;
	else
		atomic_fetch_add_explicit(&head->from->returned, 1, memory_order_release);
}

void vg_install_json_memory(void)
{
	cJSON_Hooks hooks = {take, give_back};
	if (pthread_key_create(&end_of_thread, drop_region) == 0)
		cJSON_InitHooks(&hooks);
}
#endif
