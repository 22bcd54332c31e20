/*
 * The checker: a Lua state of one thread that calls check functions.
 *
 * It compiles a function when it is first called, alone, from the text that
 * the script kept: the function has no file around it, so it shares nothing
 * with another one and keeps nothing from call to call.  Functions are found by
 * their number in the script, which the declaration of their rule carries.
 *
 * `p` and `this_order` are two objects of the state that are asked for a name
 * and answer from the arguments of the current call: nothing is built per call.
 *
 * After a failure of any kind the state is thrown away; the next call makes a
 * new one.
 */
#include "script/script_internal.h"

#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

struct vg_checker {
	const vg_script *script;
	vg_allocator allocator;
	vg_sandbox sandbox; /* closed while lua is NULL */
	size_t loaded;      /* bytes when the last function was compiled */
	uint32_t check;     /* of the current call */
	const vg_argument *arguments, *order;
	size_t count, order_count;
};

/* Places in the state's registry, behind Lua's own; check functions follow. */
enum { KEY_ALLOWED = 11, KEY_P, KEY_ORDER, KEY_CHECKS };

static vg_checker *checker_of(lua_State *lua) { return vg_sandbox_of(lua)->owner; }

static int push_argument(lua_State *lua, const vg_argument *arguments, size_t count, const char *missing)
{
	const char *name = lua_type(lua, 2) == LUA_TSTRING ? lua_tostring(lua, 2) : "";
	for (size_t i = 0; i < count; i++) {
		const vg_argument *argument = &arguments[i];
		if (strcmp(argument->name, name) != 0)
			continue;
		if (argument->kind == VG_ARGUMENT_NUMBER)
			lua_pushnumber(lua, argument->number);
		else if (argument->kind == VG_ARGUMENT_TEXT)
			lua_pushstring(lua, argument->text);
		else if (argument->kind == VG_ARGUMENT_BOOLEAN)
			lua_pushboolean(lua, argument->boolean);
		else
			lua_pushnil(lua);
		return 1;
	}
	return vg_raise(lua, missing);
}

static int index_p(lua_State *lua)
{
	vg_checker *checker = checker_of(lua);
	return push_argument(lua, checker->arguments, checker->count, "`p` is asked for something that `needs` does not list");
}

static int index_order(lua_State *lua)
{
	vg_checker *checker = checker_of(lua);
	return push_argument(lua, checker->order, checker->order_count,
			     "`this_order` is asked for something that it does not have");
}

static int refuse_write(lua_State *lua) { return vg_raise(lua, "what a check function is given can only be read"); }

static void keep_proxy(lua_State *lua, lua_CFunction index, lua_Integer key)
{
	lua_newuserdatauv(lua, 0, 0);
	lua_createtable(lua, 0, 3);
	lua_pushcfunction(lua, index);
	lua_setfield(lua, -2, "__index");
	lua_pushcfunction(lua, refuse_write);
	lua_setfield(lua, -2, "__newindex");
	lua_pushboolean(lua, 0);
	lua_setfield(lua, -2, "__metatable");
	lua_setmetatable(lua, -2);
	lua_rawseti(lua, LUA_REGISTRYINDEX, key);
}

static int set_up(lua_State *lua)
{
	vg_push_allowed(lua);
	lua_rawseti(lua, LUA_REGISTRYINDEX, KEY_ALLOWED);
	keep_proxy(lua, index_p, KEY_P);
	keep_proxy(lua, index_order, KEY_ORDER);
	return 0;
}

static int compile(lua_State *lua)
{
	vg_checker *checker = checker_of(lua);
	lua_rawgeti(lua, LUA_REGISTRYINDEX, KEY_ALLOWED);
	vg_push_check(lua, &checker->script->checks[checker->check], lua_gettop(lua));
	lua_rawseti(lua, LUA_REGISTRYINDEX, KEY_CHECKS + (lua_Integer)checker->check);
	return 0;
}

static void throw_away(vg_checker *checker)
{
	if (checker->sandbox.lua)
		vg_sandbox_close(&checker->sandbox);
	checker->loaded = 0;
}

/* The budget of memory counts from what the loaded rules take, not from what earlier calls have left lying about. */
static void set_cap(vg_checker *checker)
{
	static const size_t negligible = 64 * 1024;
	vg_sandbox *sandbox = &checker->sandbox;
	if (sandbox->used > checker->loaded + negligible)
		lua_gc(sandbox->lua, LUA_GCCOLLECT);
	checker->loaded = sandbox->used;
	sandbox->cap = sandbox->used + VG_CHECK_BYTES;
}

/* Makes sure that the state is there and the function is compiled; pushes it. */
static vg_ran prepare(vg_checker *checker)
{
	vg_sandbox *sandbox = &checker->sandbox;
	vg_ran ran = VG_RAN;
	if (!sandbox->lua) {
		if (vg_sandbox_open(sandbox, &checker->allocator, VG_LOAD_BYTES, NULL) != VIGIL_OK)
			return VG_HOST_MEMORY;
		sandbox->owner = checker;
		ran = vg_sandbox_enter(sandbox, set_up, NULL, VG_CHECK_HOOKS, VG_CHECK_NANOSECONDS);
	}
	if (ran != VG_RAN)
		return ran;
	lua_Integer key = KEY_CHECKS + (lua_Integer)checker->check;
	if (lua_rawgeti(sandbox->lua, LUA_REGISTRYINDEX, key) == LUA_TFUNCTION)
		return VG_RAN;
	lua_pop(sandbox->lua, 1);
	sandbox->cap = sandbox->used + VG_LOAD_BYTES;
	ran = vg_sandbox_enter(sandbox, compile, NULL, VG_CHECK_HOOKS, VG_CHECK_NANOSECONDS);
	if (ran != VG_RAN)
		return ran;
	set_cap(checker);
	lua_rawgeti(sandbox->lua, LUA_REGISTRYINDEX, key);
	return VG_RAN;
}

/* What went wrong, without anything that the record says. */
static void tell(const vg_checker *checker, vg_ran ran, vg_check_error *error)
{
	static const char *const codes[] = {"result", "error", "instructions", "time", "memory", "no_memory"};
	static const char *const texts[] = {
	    "returned something else than true, false or nil",  "failed",
	    "was stopped after a million instructions",         "was stopped after 25 ms",
	    "was stopped for needing more than 1 MB of memory", "could not be called: memory ran out"};
	const vg_check *check = &checker->script->checks[checker->check];
	const vg_sandbox *sandbox = &checker->sandbox;
	char place[24];
	int line = check->line;
	error->code = codes[ran];
	if (ran == VG_RAISED && sandbox->raised_line != 0) {
		if (sandbox->raised_line > 0)
			line = sandbox->raised_line;
		snprintf(place, sizeof place, ":%d", line);
		snprintf(error->text, sizeof error->text, "The check function stopped itself with error() at %.120s%s.",
			 check->file, place);
		return;
	}
	const char *message =
	    ran == VG_RAISED && lua_type(sandbox->lua, -1) == LUA_TSTRING ? lua_tostring(sandbox->lua, -1) : NULL;
	int told = 0;
	const char *text = message ? vg_message_text(message, &told) : NULL;
	snprintf(place, sizeof place, ":%d", told > 0 ? told : line);
	snprintf(error->text, sizeof error->text, "The check function at %.120s%s %s%s%.90s.", check->file, place, texts[ran],
		 text ? ": " : "", text ? text : "");
}

static bool read_result(lua_State *lua, vg_truth *ret)
{
	int type = lua_type(lua, -1);
	if (type != LUA_TBOOLEAN && type != LUA_TNIL)
		return false;
	*ret = type == LUA_TNIL ? VG_UNKNOWN : lua_toboolean(lua, -1) ? VG_TRUE : VG_FALSE;
	return true;
}

vigil_status vg_checker_open(const vg_script *script, const vg_allocator *allocator, vg_checker **ret, vigil_error *err)
{
	vg_checker *checker = allocator->resize(allocator->user, NULL, 0, sizeof *checker);
	if (!checker)
		return vg_fail_memory(err);
	*checker = (vg_checker){.script = script, .allocator = *allocator};
	*ret = checker;
	return VIGIL_OK;
}

void vg_checker_close(vg_checker *checker)
{
	if (!checker)
		return;
	throw_away(checker);
	vg_allocator allocator = checker->allocator;
	allocator.resize(allocator.user, checker, sizeof *checker, 0);
}

bool vg_checker_call(vg_checker *checker, uint32_t check, const vg_argument *arguments, size_t count, const vg_argument *order,
		     size_t order_count, vg_truth *ret, vg_check_error *error)
{
	checker->check = check;
	checker->arguments = arguments;
	checker->count = count;
	checker->order = order;
	checker->order_count = order_count;
	vg_ran ran = prepare(checker);
	if (ran == VG_RAN) {
		lua_State *lua = checker->sandbox.lua;
		lua_rawgeti(lua, LUA_REGISTRYINDEX, KEY_P);
		if (order_count > 0)
			lua_rawgeti(lua, LUA_REGISTRYINDEX, KEY_ORDER);
		else
			lua_pushnil(lua); /* nothing is being ordered */
		ran = vg_sandbox_call(&checker->sandbox, 2, 1, VG_CHECK_HOOKS, VG_CHECK_NANOSECONDS);
		if (ran == VG_RAN && read_result(lua, ret)) {
			lua_settop(lua, 0);
			return true;
		}
	}
	tell(checker, ran, error);
	throw_away(checker);
	return false;
}
