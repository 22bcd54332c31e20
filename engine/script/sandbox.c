/*
 * The sandbox: a Lua state that can be stopped.
 *
 * Three limits hold together, because each alone can be outlasted: memory by
 * the state's own allocator, instructions and CPU time by a count hook.  They
 * are enough because nothing that could run long without the hook is within
 * reach of a script: no patterns, no `rep`, no `next`, no metatables, no
 * coroutines, no `pcall` that could catch a limit's error, no finalizers (see
 * allowed.c).  The functions that are left touch each byte of their arguments
 * a few times at most, and say how many they touched: after half a megabyte
 * the clock is read without waiting for the hook.
 *
 * The clock is read in these two places only, so that short functions never
 * read it.  It is the thread's CPU time: a busy machine does
 * not make rules fail.
 *
 * Every entry into Lua is protected.  Lua runs under the "C" locale, for this
 * thread and call, so that numbers look the same everywhere.
 *
 * Invariant: used is the sum of all live blocks, and never above cap.
 */
#include "script/script_internal.h"

#include <lauxlib.h>
#include <string.h>
#include <time.h>

vg_sandbox *vg_sandbox_of(lua_State *lua)
{
	void *user;
	lua_getallocf(lua, &user);
	return user;
}

static void *allocate(void *user, void *old, size_t old_size, size_t new_size)
{
	vg_sandbox *sandbox = user;
	size_t had = old ? old_size : 0; /* without a block, Lua passes the kind of object */
	if (new_size > had && new_size - had > sandbox->cap - sandbox->used) {
		sandbox->host_failed = false;
		return NULL;
	}
	if (new_size == 0 && !old)
		return NULL;
	void *block = sandbox->allocator.resize(sandbox->allocator.user, old, had, new_size);
	if (!block && new_size > 0) {
		sandbox->host_failed = true;
		return NULL;
	}
	sandbox->used = sandbox->used - had + new_size;
	return block;
}

static int64_t cpu_time(void)
{
	struct timespec now = {0};
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Reads the clock; raises when a limit is exceeded. */
static void check_limits(lua_State *lua, vg_sandbox *sandbox)
{
	int64_t now = cpu_time();
	sandbox->work = 0;
	if (sandbox->hooks > sandbox->hook_limit)
		sandbox->stopped = VG_OVER_INSTRUCTIONS;
	else if (sandbox->deadline_ns == 0)
		sandbox->deadline_ns = now + sandbox->budget_ns;
	else if (now > sandbox->deadline_ns)
		sandbox->stopped = VG_OVER_TIME;
	if (sandbox->stopped == VG_RAN)
		return;
	lua_pushlightuserdata(lua, sandbox); /* needs no memory */
	lua_error(lua);
}

static void count_hook(lua_State *lua, lua_Debug *activation)
{
	(void)activation;
	vg_sandbox *sandbox = vg_sandbox_of(lua);
	sandbox->hooks++;
	check_limits(lua, sandbox);
}

void vg_charge(lua_State *lua, size_t bytes)
{
	static const size_t unwatched = 512 * 1024;
	vg_sandbox *sandbox = vg_sandbox_of(lua);
	sandbox->work += bytes;
	if (sandbox->work > unwatched)
		check_limits(lua, sandbox);
}

vigil_status vg_sandbox_open(vg_sandbox *sandbox, const vg_allocator *allocator, size_t cap, vigil_error *err)
{
	*sandbox = (vg_sandbox){.allocator = *allocator, .cap = cap};
	sandbox->locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	sandbox->lua = sandbox->locale ? lua_newstate(allocate, sandbox) : NULL;
	if (!sandbox->lua) {
		vg_sandbox_close(sandbox);
		return vg_fail_memory(err);
	}
	return VIGIL_OK;
}

void vg_sandbox_close(vg_sandbox *sandbox)
{
	if (sandbox->lua)
		lua_close(sandbox->lua);
	if (sandbox->locale)
		freelocale(sandbox->locale);
	sandbox->lua = NULL;
	sandbox->locale = (locale_t)0;
}

vg_ran vg_sandbox_call(vg_sandbox *sandbox, int argument_count, int result_count, uint32_t hook_limit, int64_t budget_ns)
{
	lua_State *lua = sandbox->lua;
	sandbox->hooks = 0;
	sandbox->work = 0;
	sandbox->hook_limit = hook_limit;
	sandbox->deadline_ns = 0;
	sandbox->budget_ns = budget_ns;
	sandbox->stopped = VG_RAN;
	sandbox->raised_line = 0;
	lua_sethook(lua, count_hook, LUA_MASKCOUNT, VG_HOOK_INSTRUCTIONS);
	locale_t before = uselocale(sandbox->locale);
	int status = lua_pcall(lua, argument_count, result_count, 0);
	uselocale(before);
	if (status == LUA_OK)
		return VG_RAN;
	/* Lua's text buffers raise the shortage of memory as a plain message. */
	bool memory = status == LUA_ERRMEM ||
		      (lua_type(lua, -1) == LUA_TSTRING && strcmp(lua_tostring(lua, -1), "not enough memory") == 0);
	if (!memory && sandbox->stopped == VG_RAN)
		return VG_RAISED;
	lua_pop(lua, 1);
	if (memory)
		return sandbox->host_failed ? VG_HOST_MEMORY : VG_OVER_MEMORY;
	return sandbox->stopped;
}

vg_ran vg_sandbox_enter(vg_sandbox *sandbox, lua_CFunction function, void *argument, uint32_t hook_limit, int64_t budget_ns)
{
	lua_pushcfunction(sandbox->lua, function); /* neither needs memory: the stack has room for some twenty values */
	lua_pushlightuserdata(sandbox->lua, argument);
	return vg_sandbox_call(sandbox, 1, 0, hook_limit, budget_ns);
}

int vg_raise(lua_State *lua, const char *text) { return luaL_error(lua, "%s", text); }

/* ---- compiling a check function ----------------------------------------------------- */

typedef struct piece_reader { /* hands "return", line ends up to the function's own line, and its text to Lua */
	const vg_check *check;
	int lines;
	int stage;
} piece_reader;

static const char *next_piece(lua_State *lua, void *data, size_t *ret_size)
{
	static const char lines[] = "\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n";
	(void)lua;
	piece_reader *reader = data;
	if (reader->stage == 0) {
		reader->stage = 1;
		*ret_size = 7;
		return "return ";
	}
	if (reader->lines > 0) {
		int count = reader->lines < (int)sizeof lines - 1 ? reader->lines : (int)sizeof lines - 1;
		reader->lines -= count;
		*ret_size = (size_t)count;
		return lines;
	}
	*ret_size = reader->stage == 1 ? reader->check->length : 0;
	return reader->stage++ == 1 ? reader->check->text : NULL;
}

void vg_push_check(lua_State *lua, const vg_check *check, int allowed_index)
{
	piece_reader reader = {check, check->line - 1, 0};
	if (lua_load(lua, next_piece, &reader, "=check", "t") != LUA_OK)
		lua_error(lua);
	vg_push_environment(lua, allowed_index);
	lua_setupvalue(lua, -2, 1); /* _ENV: the chunk's only upvalue */
	lua_call(lua, 0, 1);
}
