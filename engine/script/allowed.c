/*
 * What a check function may use, all of it.
 *
 *     arithmetic, comparisons, `..`
 *     ipairs select tonumber tostring type error contains
 *     math.floor ceil min max abs log exp sqrt
 *     string.format upper lower sub len, and text:upper() :lower() :sub() :len()
 *
 * Each function here is our own, so that none of them runs patterns, shows an
 * address, depends on the locale, or works longer than its arguments are.
 * What has no answer raises instead of becoming "not a number": a comparison
 * with that is always false, and an alert would be lost.
 *
 * The environment of a check function is an empty table over this one; both
 * raise on names that are not there and on every write.  Metatables cannot be
 * reached: nothing here returns one, and they are locked besides.
 */
#include "script/script_internal.h"

#include <lauxlib.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static int raise_write(lua_State *lua)
{
	return vg_raise(lua, "a name that is not local cannot be written to; write `local` in front of it");
}
static int raise_unknown(lua_State *lua) { return vg_raise(lua, "a name is used that a check function does not have"); }

/* ---- general ---------------------------------------------------------------------- */

static int next_item(lua_State *lua)
{
	lua_Integer i = luaL_checkinteger(lua, 2) + 1;
	lua_pushinteger(lua, i);
	return lua_geti(lua, 1, i) == LUA_TNIL ? 1 : 2;
}

static int allowed_ipairs(lua_State *lua)
{
	luaL_checktype(lua, 1, LUA_TTABLE);
	lua_pushcfunction(lua, next_item);
	lua_pushvalue(lua, 1);
	lua_pushinteger(lua, 0);
	return 3;
}

static int allowed_select(lua_State *lua)
{
	int count = lua_gettop(lua);
	vg_charge(lua, (size_t)count * 16);
	if (lua_type(lua, 1) == LUA_TSTRING && strcmp(lua_tostring(lua, 1), "#") == 0) {
		lua_pushinteger(lua, count - 1);
		return 1;
	}
	lua_Integer which = luaL_checkinteger(lua, 1);
	if (which < 0)
		which += count;
	luaL_argcheck(lua, which >= 1, 1, "index out of range");
	return which >= count ? 0 : count - (int)which;
}

static int allowed_tonumber(lua_State *lua)
{
	luaL_checkany(lua, 1);
	luaL_argcheck(lua, lua_gettop(lua) == 1, 2, "no base can be given");
	size_t length;
	const char *text;
	if (lua_type(lua, 1) == LUA_TNUMBER)
		return 1;
	if (lua_type(lua, 1) == LUA_TSTRING && (text = lua_tolstring(lua, 1, &length)) &&
	    lua_stringtonumber(lua, text) == length + 1 && isfinite(lua_tonumber(lua, -1)))
		return 1;
	lua_pushnil(lua);
	return 1;
}

/* The text of a value: of what is no text, number or truth, the name of its type and no address. */
static const char *push_text(lua_State *lua, int index, size_t *ret_length)
{
	switch (lua_type(lua, index)) {
	case LUA_TNUMBER:
	case LUA_TSTRING:
		lua_pushvalue(lua, index);
		break;
	case LUA_TBOOLEAN:
		lua_pushstring(lua, lua_toboolean(lua, index) ? "true" : "false");
		break;
	default:
		lua_pushstring(lua, luaL_typename(lua, index));
	}
	return lua_tolstring(lua, -1, ret_length);
}

static int allowed_tostring(lua_State *lua)
{
	luaL_checkany(lua, 1);
	push_text(lua, 1, NULL);
	return 1;
}

static int allowed_type(lua_State *lua)
{
	luaL_checkany(lua, 1);
	lua_pushstring(lua, luaL_typename(lua, 1));
	return 1;
}

/* What is raised is dropped: it could hold what the record says. Its line is kept. */
static int allowed_error(lua_State *lua)
{
	lua_Debug caller;
	vg_sandbox *sandbox = vg_sandbox_of(lua);
	sandbox->raised_line = lua_getstack(lua, 1, &caller) && lua_getinfo(lua, "l", &caller) ? caller.currentline : -1;
	lua_pushlightuserdata(lua, sandbox);
	return lua_error(lua);
}

static int allowed_contains(lua_State *lua)
{
	size_t length, part_length;
	luaL_checktype(lua, 1, LUA_TSTRING);
	luaL_checktype(lua, 2, LUA_TSTRING);
	const char *text = lua_tolstring(lua, 1, &length), *part = lua_tolstring(lua, 2, &part_length);
	vg_charge(lua, length + part_length);
	lua_pushboolean(lua, memmem(text, length, part, part_length) != NULL);
	return 1;
}

/* ---- math ---------------------------------------------------------------------------- */

static double number_at(lua_State *lua, int index)
{
	luaL_checktype(lua, index, LUA_TNUMBER); /* a text is no number here */
	return lua_tonumber(lua, index);
}

static int push_number(lua_State *lua, double number)
{
	if (!isfinite(number))
		return vg_raise(lua, "a result is not a number, or is infinite");
	lua_pushnumber(lua, number);
	return 1;
}

static int push_whole(lua_State *lua, double number)
{
	lua_Integer integer;
	if (lua_numbertointeger(number, &integer)) {
		lua_pushinteger(lua, integer);
		return 1;
	}
	return push_number(lua, number);
}

static int allowed_floor(lua_State *lua) { return push_whole(lua, floor(number_at(lua, 1))); }
static int allowed_ceil(lua_State *lua) { return push_whole(lua, ceil(number_at(lua, 1))); }
static int allowed_exp(lua_State *lua) { return push_number(lua, exp(number_at(lua, 1))); }
static int allowed_sqrt(lua_State *lua) { return push_number(lua, sqrt(number_at(lua, 1))); }

static int allowed_abs(lua_State *lua)
{
	if (!lua_isinteger(lua, 1))
		return push_number(lua, fabs(number_at(lua, 1)));
	lua_Integer number = lua_tointeger(lua, 1);
	lua_pushinteger(lua, number < 0 && number != LUA_MININTEGER ? -number : number);
	return 1;
}

static int allowed_log(lua_State *lua)
{
	double number = number_at(lua, 1);
	if (lua_isnoneornil(lua, 2))
		return push_number(lua, log(number));
	double base = number_at(lua, 2);
	return push_number(lua, base == 10.0 ? log10(number) : base == 2.0 ? log2(number) : log(number) / log(base));
}

static int extreme(lua_State *lua, int direction)
{
	int best = 1;
	for (int i = 1; i <= lua_gettop(lua) || i == 1; i++) {
		if (isnan(number_at(lua, i)))
			return vg_raise(lua, "an argument of math.min or math.max is not a number");
		if (direction > 0 ? lua_compare(lua, best, i, LUA_OPLT) : lua_compare(lua, i, best, LUA_OPLT))
			best = i;
	}
	lua_pushvalue(lua, best);
	return 1;
}
static int allowed_max(lua_State *lua) { return extreme(lua, 1); }
static int allowed_min(lua_State *lua) { return extreme(lua, -1); }

/* ---- texts ----------------------------------------------------------------------------- */

static const char *text_at(lua_State *lua, int index, size_t *ret_length)
{
	luaL_checktype(lua, index, LUA_TSTRING);
	const char *text = lua_tolstring(lua, index, ret_length);
	vg_charge(lua, *ret_length);
	return text;
}

static int change_case(lua_State *lua, char first, char last)
{
	size_t length;
	const char *text = text_at(lua, 1, &length);
	luaL_Buffer buffer;
	char *out = luaL_buffinitsize(lua, &buffer, length);
	for (size_t i = 0; i < length; i++)
		out[i] = (char)(text[i] >= first && text[i] <= last ? text[i] ^ 0x20 : text[i]);
	luaL_pushresultsize(&buffer, length);
	return 1;
}
static int allowed_upper(lua_State *lua) { return change_case(lua, 'a', 'z'); }
static int allowed_lower(lua_State *lua) { return change_case(lua, 'A', 'Z'); }

static int allowed_len(lua_State *lua)
{
	size_t length;
	text_at(lua, 1, &length);
	lua_pushinteger(lua, (lua_Integer)length);
	return 1;
}

/* As Lua's own: bytes from 1, negative ones from the end. */
static int allowed_sub(lua_State *lua)
{
	size_t length;
	const char *text = text_at(lua, 1, &length);
	lua_Integer size = (lua_Integer)length, first = luaL_checkinteger(lua, 2), last = luaL_optinteger(lua, 3, -1);
	first = first > 0 ? first : first == 0 || first < -size ? 1 : size + first + 1;
	last = last > size ? size : last >= 0 ? last : last < -size ? 0 : size + last + 1;
	if (first > last)
		lua_pushliteral(lua, "");
	else
		lua_pushlstring(lua, text + first - 1, (size_t)(last - first + 1));
	return 1;
}

struct conversion { /* one %… of string.format */
	char spec[16];
	bool left;
	int width, precision; /* precision: -1 when not given */
	char kind;
};

/* Reads "%-5.2f" behind the percent sign; returns what follows it, NULL when it is not allowed. */
static const char *read_conversion(const char *at, const char *end, struct conversion *ret)
{
	*ret = (struct conversion){.precision = -1};
	size_t size = 0;
	ret->spec[size++] = '%';
	for (; at < end && size < 6 && strchr("-+ 0", *at) && *at; at++) {
		ret->left |= *at == '-';
		ret->spec[size++] = *at;
	}
	for (int digits = 0; at < end && *at >= '0' && *at <= '9' && digits < 2; digits++, at++) {
		ret->width = ret->width * 10 + (*at - '0');
		ret->spec[size++] = *at;
	}
	if (at < end && *at == '.') {
		ret->precision = 0;
		ret->spec[size++] = *at++;
		for (int digits = 0; at < end && *at >= '0' && *at <= '9' && digits < 2; digits++, at++) {
			ret->precision = ret->precision * 10 + (*at - '0');
			ret->spec[size++] = *at;
		}
	}
	if (at >= end || !strchr("dfgxs", *at) || !*at)
		return NULL;
	ret->kind = *at;
	return at + 1;
}

static void add_padded(luaL_Buffer *buffer, const struct conversion *conversion, const char *text, size_t length)
{
	if (conversion->precision >= 0 && (size_t)conversion->precision < length)
		length = (size_t)conversion->precision;
	size_t blanks = (size_t)conversion->width > length ? (size_t)conversion->width - length : 0;
	for (size_t i = 0; i < blanks && !conversion->left; i++)
		luaL_addchar(buffer, ' ');
	luaL_addlstring(buffer, text, length);
	for (size_t i = 0; i < blanks && conversion->left; i++)
		luaL_addchar(buffer, ' ');
}

static void add_conversion(lua_State *lua, luaL_Buffer *buffer, struct conversion *conversion, int index)
{
	char out[512];
	size_t size = strlen(conversion->spec), length;
	if (conversion->kind == 's') {
		const char *text = push_text(lua, index, &length);
		lua_replace(lua, index); /* the buffer owns the top of the stack */
		vg_charge(lua, length);
		add_padded(buffer, conversion, text, length);
		return;
	}
	if (conversion->kind == 'd' || conversion->kind == 'x') {
		luaL_checktype(lua, index, LUA_TNUMBER);
		memcpy(conversion->spec + size, conversion->kind == 'd' ? "lld" : "llx", 4);
		length = (size_t)snprintf(out, sizeof out, conversion->spec, (long long)luaL_checkinteger(lua, index));
	} else {
		double number = number_at(lua, index);
		luaL_argcheck(lua, isfinite(number), index, "not a number");
		conversion->spec[size] = conversion->kind;
		length = (size_t)snprintf(out, sizeof out, conversion->spec, number);
	}
	luaL_addlstring(buffer, out, length < sizeof out ? length : sizeof out - 1);
}

static int allowed_format(lua_State *lua)
{
	size_t length;
	const char *at = text_at(lua, 1, &length), *end = at + length;
	int index = 1, last = lua_gettop(lua);
	luaL_Buffer buffer;
	luaL_buffinit(lua, &buffer);
	while (at < end) {
		struct conversion conversion;
		if (*at != '%') {
			luaL_addchar(&buffer, *at++);
		} else if (at + 1 < end && at[1] == '%') {
			luaL_addchar(&buffer, '%');
			at += 2;
		} else if (!(at = read_conversion(at + 1, end, &conversion))) {
			return vg_raise(lua, "string.format knows %s %d %f %g %x, with widths of at most two digits");
		} else {
			index++;
			luaL_argcheck(lua, index <= last, index, "no value");
			add_conversion(lua, &buffer, &conversion, index);
		}
	}
	luaL_pushresult(&buffer);
	return 1;
}

/* ---- tables of names -------------------------------------------------------------------- */

typedef struct allowed_function {
	const char *name;
	lua_CFunction function;
} allowed_function;
static const allowed_function general[] = {
    {"ipairs", allowed_ipairs}, {"select", allowed_select}, {"tonumber", allowed_tonumber}, {"tostring", allowed_tostring},
    {"type", allowed_type},     {"error", allowed_error},   {"contains", allowed_contains}};
static const allowed_function mathematics[] = {{"floor", allowed_floor}, {"ceil", allowed_ceil}, {"min", allowed_min},
					       {"max", allowed_max},     {"abs", allowed_abs},   {"log", allowed_log},
					       {"exp", allowed_exp},     {"sqrt", allowed_sqrt}};
static const allowed_function texts[] = {{"upper", allowed_upper},
					 {"lower", allowed_lower},
					 {"sub", allowed_sub},
					 {"len", allowed_len},
					 {"format", allowed_format}}; /* the first four are methods too */
#define METHODS 4

const char *const *vg_allowed_names(const char *library, size_t *ret_count)
{
	static const char *const names[] = {"ipairs", "select",   "tonumber", "tostring", "type",
					    "error",  "contains", "math",     "string"};
	static const char *const of_math[] = {"floor", "ceil", "min", "max", "abs", "log", "exp", "sqrt"};
	static const char *const of_string[] = {"upper", "lower", "sub", "len", "format"};
	_Static_assert(VG_COUNT(names) == VG_COUNT(general) + 2 && VG_COUNT(of_math) == VG_COUNT(mathematics) &&
			   VG_COUNT(of_string) == VG_COUNT(texts),
		       "the names are those of the functions");
	if (!library) {
		*ret_count = VG_COUNT(names);
		return names;
	}
	*ret_count = library[0] == 'm' ? VG_COUNT(of_math) : VG_COUNT(of_string);
	return library[0] == 'm' ? of_math : of_string;
}

/* Gives the table or userdata on the stack a locked metatable: names from `index` (0: none but raising), no writes. */
static void lock(lua_State *lua, int index)
{
	int object = lua_gettop(lua);
	lua_createtable(lua, 0, 3);
	if (index)
		lua_pushvalue(lua, index);
	else
		lua_pushcfunction(lua, raise_unknown);
	lua_setfield(lua, -2, "__index");
	lua_pushcfunction(lua, raise_write);
	lua_setfield(lua, -2, "__newindex");
	lua_pushboolean(lua, 0);
	lua_setfield(lua, -2, "__metatable");
	lua_setmetatable(lua, object);
}

/* A table of functions that raises on other names. */
static void push_names(lua_State *lua, const allowed_function *functions, size_t count)
{
	lua_createtable(lua, 0, (int)count);
	for (size_t i = 0; i < count; i++) {
		lua_pushcfunction(lua, functions[i].function);
		lua_setfield(lua, -2, functions[i].name);
	}
	lock(lua, 0);
}

/* An empty table over a table of functions: reads go through, writes raise. */
static void push_library(lua_State *lua, const allowed_function *functions, size_t count)
{
	push_names(lua, functions, count);
	lua_createtable(lua, 0, 0);
	lock(lua, lua_gettop(lua) - 1);
	lua_remove(lua, -2);
}

void vg_push_allowed(lua_State *lua)
{
	luaL_checkstack(lua, 12, NULL);
	lua_createtable(lua, 0, 12);
	for (size_t i = 0; i < VG_COUNT(general); i++) {
		lua_pushcfunction(lua, general[i].function);
		lua_setfield(lua, -2, general[i].name);
	}
	push_library(lua, mathematics, VG_COUNT(mathematics));
	lua_setfield(lua, -2, "math");
	push_library(lua, texts, VG_COUNT(texts));
	lua_setfield(lua, -2, "string");
	lock(lua, 0);

	/* text:upper(): the metatable that all texts share. Without arithmetic in it, "62.5" * 2 raises. */
	lua_pushliteral(lua, "");
	lua_createtable(lua, 0, 2);
	push_library(lua, texts, METHODS);
	lua_setfield(lua, -2, "__index");
	lua_pushboolean(lua, 0);
	lua_setfield(lua, -2, "__metatable");
	lua_setmetatable(lua, -2);
	lua_pop(lua, 1);
}

void vg_push_environment(lua_State *lua, int index)
{
	lua_createtable(lua, 0, 0);
	lock(lua, index);
}
