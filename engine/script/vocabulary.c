/*
 * The vocabulary: running a rule file, and building declarations from it.
 *
 * The statements that the token check passed are written out once more, a
 * function replaced by `true` and "()" put behind refinements that are written
 * bare, and run in a sandbox whose only names are the words and kinds of the
 * language.  A bare word, a call and a refinement each make a phrase.
 *
 * Lua evaluates in the order in which things are written, arguments before
 * their call.  So the forms that the token check read come along in exactly
 * this order, as a list of *events*: each word that runs takes the next one, and
 * knows its own place, the names of its lines in their order, and the place of
 * every value.  Values are Lua's; places are the forms'.
 *
 * A phrase is never changed: a refinement makes a longer copy, so that a local
 * name may be refined in two ways.  Any operator on a phrase raises.
 *
 * Called by load.c, once a file.
 */
#include "script/script_internal.h"

#include <lauxlib.h>
#include <string.h>

struct run { /* of one file */
	vg_source *source;
	vg_script *script;
	uint32_t pack;
	const vg_form **events;
	size_t event_count, event_capacity, next;
	vg_buffer text; /* what Lua gets */
	bool failed;    /* memory of the script ran out */
};

static const char phrase_type[] = "condition"; /* the address is the metatable's key */

static struct run *run_of(lua_State *lua) { return vg_sandbox_of(lua)->owner; }

/* ---- what Lua gets ------------------------------------------------------------------ */

static void add_event(struct run *run, const vg_form *form)
{
	const vg_form **events =
	    vg_grow(run->source->arena, run->events, run->event_count, &run->event_capacity, sizeof *events);
	if (!events) {
		run->failed = true;
		return;
	}
	run->events = events;
	events[run->event_count++] = form;
}

/* The forms of a value in the order in which Lua meets them. */
static void add_events(struct run *run, const vg_form *form)
{
	if (form->kind == VG_FORM_TABLE_VALUE) {
		for (size_t i = 0; i < form->order_count; i++)
			add_events(run, form->order[i]);
		return;
	}
	if (form->target)
		add_events(run, form->target);
	for (size_t i = 0; i < form->item_count; i++)
		add_events(run, form->items[i]);
	if (form->kind == VG_FORM_WORD || form->kind == VG_FORM_REFINED || form->kind == VG_FORM_DECLARED)
		add_event(run, form);
}

static void write_statement(struct run *run, const vg_statement *statement, int *line)
{
	for (size_t i = statement->first; i < statement->past; i++) {
		const vg_token *token = &run->source->tokens[i];
		if (token->hidden)
			continue;
		for (; *line < token->line; ++*line)
			vg_add(&run->text, "\n");
		vg_add(&run->text, " ");
		if (token->function)
			vg_add(&run->text, "true");
		else
			vg_add_bytes(&run->text, token->text, token->length);
		if (token->call_added)
			vg_add(&run->text, "()");
		*line = token->last_line;
	}
	vg_add(&run->text, ";");
}

/* ---- phrases -------------------------------------------------------------------------- */

static int out_of_memory(lua_State *lua)
{
	run_of(lua)->failed = true;
	return vg_raise(lua, "out of memory");
}

static void *need(lua_State *lua, size_t count, size_t size)
{
	struct run *run = run_of(lua);
	void *block = vg_alloc_array(&run->script->arena, count ? count : 1, size);
	if (!block)
		out_of_memory(lua);
	return block;
}

static const char *keep_text(lua_State *lua, const char *text, size_t length)
{
	const char *copy = vg_copy_text(&run_of(lua)->script->arena, text, length);
	if (!copy)
		out_of_memory(lua);
	return copy;
}

/* The form of the word that runs now. */
static const vg_form *next_event(lua_State *lua, vg_form_kind kind)
{
	struct run *run = run_of(lua);
	if (run->next >= run->event_count || run->events[run->next]->kind != kind)
		luaL_error(lua, "a word runs that the token check did not see");
	return run->events[run->next++];
}

static void push_phrase(lua_State *lua, vg_phrase *phrase)
{
	vg_phrase **box = lua_newuserdatauv(lua, sizeof *box, 0);
	*box = phrase;
	lua_rawgetp(lua, LUA_REGISTRYINDEX, phrase_type);
	lua_setmetatable(lua, -2);
}

/* The phrase at an index; NULL when it is something else. */
static vg_phrase *phrase_at(lua_State *lua, int index)
{
	if (lua_type(lua, index) != LUA_TUSERDATA || !lua_getmetatable(lua, index))
		return NULL;
	lua_rawgetp(lua, LUA_REGISTRYINDEX, phrase_type);
	bool is_phrase = lua_rawequal(lua, -1, -2);
	lua_pop(lua, 2);
	return is_phrase ? *(vg_phrase **)lua_touserdata(lua, index) : NULL;
}

static void read_item(lua_State *lua, int index, const vg_form *form, vg_item *ret);

static void read_table(lua_State *lua, int index, const vg_form *form, vg_item *ret)
{
	luaL_checktype(lua, index, LUA_TTABLE);
	luaL_checkstack(lua, 4, NULL);
	vg_item *items = need(lua, form->item_count, sizeof *items);
	vg_field *fields = need(lua, form->field_count, sizeof *fields);
	for (size_t i = 0; i < form->item_count; i++) {
		lua_rawgeti(lua, index, (lua_Integer)i + 1);
		read_item(lua, lua_gettop(lua), form->items[i], &items[i]);
		lua_pop(lua, 1);
	}
	for (size_t i = 0; i < form->field_count; i++) {
		const vg_form_field *field = &form->fields[i];
		lua_pushstring(lua, field->name);
		lua_rawget(lua, index);
		fields[i].name = keep_text(lua, field->name, strlen(field->name));
		fields[i].place = field->place;
		read_item(lua, lua_gettop(lua), field->value, &fields[i].value);
		lua_pop(lua, 1);
	}
	ret->kind = VG_ITEM_TABLE;
	ret->items = items;
	ret->item_count = form->item_count;
	ret->fields = fields;
	ret->field_count = form->field_count;
}

/* A value of Lua with the place of its form. */
static void read_item(lua_State *lua, int index, const vg_form *form, vg_item *ret)
{
	*ret = (vg_item){.place = form->place};
	size_t length;
	const char *text;
	if (form->kind == VG_FORM_FUNCTION_VALUE) {
		ret->kind = VG_ITEM_FUNCTION;
		ret->function = form->check;
		return;
	}
	switch (lua_type(lua, index)) {
	case LUA_TSTRING:
		text = lua_tolstring(lua, index, &length);
		ret->kind = VG_ITEM_TEXT;
		ret->text = keep_text(lua, text, length);
		break;
	case LUA_TNUMBER:
		ret->kind = VG_ITEM_NUMBER;
		ret->number = lua_tonumber(lua, index);
		break;
	case LUA_TBOOLEAN:
		ret->kind = VG_ITEM_BOOLEAN;
		ret->boolean = lua_toboolean(lua, index);
		break;
	case LUA_TTABLE:
		read_table(lua, index, form, ret);
		break;
	default:
		ret->kind = VG_ITEM_PHRASE;
		ret->phrase = phrase_at(lua, index);
		if (!ret->phrase)
			luaL_error(lua, "a value came that no rule can hold");
		ret->phrase->joined = true;
	}
}

static const vg_item *read_arguments(lua_State *lua, int first, const vg_form *form)
{
	if ((size_t)(lua_gettop(lua) - first + 1) < form->item_count)
		luaL_error(lua, "a call came with fewer values than were written");
	vg_item *items = need(lua, form->item_count, sizeof *items);
	for (size_t i = 0; i < form->item_count; i++)
		read_item(lua, first + (int)i, form->items[i], &items[i]);
	return items;
}

static void push_word(lua_State *lua, const vg_form *form, const vg_item *arguments)
{
	vg_phrase *phrase = need(lua, 1, sizeof *phrase);
	*phrase = (vg_phrase){.place = form->place, .arguments = arguments, .argument_count = form->item_count};
	phrase->word = keep_text(lua, form->name, strlen(form->name));
	push_phrase(lua, phrase);
}

/* word(arguments) */
static int call_word(lua_State *lua)
{
	const vg_form *form = next_event(lua, VG_FORM_WORD);
	push_word(lua, form, read_arguments(lua, 1, form));
	return 1;
}

/* phrase:name(arguments): a copy with one refinement more. */
static int refine(lua_State *lua)
{
	const vg_form *form = next_event(lua, VG_FORM_REFINED);
	vg_phrase *before = phrase_at(lua, 1);
	if (!before)
		return luaL_error(lua, "a refinement stands behind something that is no condition");
	vg_refinement *refinements = need(lua, before->refinement_count + 1, sizeof *refinements);
	if (before->refinement_count > 0)
		memcpy(refinements, before->refinements, before->refinement_count * sizeof *refinements);
	vg_refinement *last = &refinements[before->refinement_count];
	last->place = form->place;
	last->name = keep_text(lua, form->name, strlen(form->name));
	last->arguments = read_arguments(lua, 2, form);
	last->argument_count = form->item_count;
	before->joined = true;

	vg_phrase *phrase = need(lua, 1, sizeof *phrase);
	*phrase = *before;
	phrase->joined = false;
	phrase->refinements = refinements;
	phrase->refinement_count = before->refinement_count + 1;
	push_phrase(lua, phrase);
	return 1;
}

static int index_phrase(lua_State *lua)
{
	lua_pushcfunction(lua, refine);
	return 1;
}

static int refuse_comparison(lua_State *lua)
{
	return vg_raise(lua, "a condition cannot be compared; write :is_below, :is_above, :is_at_least, :is_at_most or :is");
}
static int refuse_arithmetic(lua_State *lua)
{
	return vg_raise(lua, "a condition cannot be computed with; compute in a check function");
}
static int refuse_joining(lua_State *lua) { return vg_raise(lua, "conditions are joined with all { }, any { } and none { }"); }
static int refuse_call(lua_State *lua) { return vg_raise(lua, "a condition cannot be called; a comma may be missing"); }
static int refuse_write(lua_State *lua) { return vg_raise(lua, "nothing can be assigned here; use `local`"); }

/* ---- statements ---------------------------------------------------------------------------- */

/* kind "id" body: the body. The id is the closure's. */
static int declare(lua_State *lua)
{
	struct run *run = run_of(lua);
	vg_script *script = run->script;
	const vg_form *form = next_event(lua, VG_FORM_DECLARED);
	vg_declaration declaration = {.place = form->place, .pack = run->pack};
	size_t length;
	const char *id = lua_tolstring(lua, lua_upvalueindex(1), &length);
	declaration.kind = keep_text(lua, form->name, strlen(form->name));
	declaration.id = keep_text(lua, id, length);
	read_item(lua, 1, form->items[0], &declaration.body);
	vg_declaration *declarations = vg_grow(&script->arena, script->declarations, script->declaration_count,
					       &script->declaration_capacity, sizeof *declarations);
	if (!declarations)
		return out_of_memory(lua);
	script->declarations = declarations;
	declarations[script->declaration_count++] = declaration;
	return 0;
}

static int call_kind(lua_State *lua)
{
	if (lua_type(lua, 1) == LUA_TSTRING) {
		lua_settop(lua, 1);
		lua_pushcclosure(lua, declare, 1);
		return 1;
	}
	lua_pushliteral(lua, ""); /* pack { … } has no id */
	lua_pushcclosure(lua, declare, 1);
	lua_insert(lua, 1);
	lua_call(lua, 1, 0);
	return 0;
}

/* A global name: a bare word makes its phrase, the others are called next. */
static int index_environment(lua_State *lua)
{
	const char *name = lua_type(lua, 2) == LUA_TSTRING ? lua_tostring(lua, 2) : "";
	const vg_word_info *word = vg_word_find(name);
	if (word && word->form == VG_FORM_BARE)
		push_word(lua, next_event(lua, VG_FORM_WORD), NULL);
	else if (word)
		lua_pushcfunction(lua, call_word);
	else if (vg_kind_find(name))
		lua_pushcfunction(lua, call_kind);
	else
		return luaL_error(lua, "`%s` is not a word of the rule language", name);
	return 1;
}

static void set_operators(lua_State *lua)
{
	static const struct {
		const char *event;
		lua_CFunction function;
	} operators[] = {
	    {"__index", index_phrase},    {"__newindex", refuse_write},  {"__call", refuse_call},
	    {"__lt", refuse_comparison},  {"__le", refuse_comparison},   {"__eq", refuse_comparison},
	    {"__add", refuse_arithmetic}, {"__sub", refuse_arithmetic},  {"__mul", refuse_arithmetic},
	    {"__div", refuse_arithmetic}, {"__mod", refuse_arithmetic},  {"__pow", refuse_arithmetic},
	    {"__unm", refuse_arithmetic}, {"__idiv", refuse_arithmetic}, {"__len", refuse_arithmetic},
	    {"__concat", refuse_joining}, {"__band", refuse_joining},    {"__bor", refuse_joining},
	    {"__bxor", refuse_joining},   {"__bnot", refuse_joining},    {"__shl", refuse_joining},
	    {"__shr", refuse_joining},
	};
	lua_createtable(lua, 0, VG_COUNT(operators) + 1);
	for (size_t i = 0; i < VG_COUNT(operators); i++) {
		lua_pushcfunction(lua, operators[i].function);
		lua_setfield(lua, -2, operators[i].event);
	}
	lua_pushboolean(lua, 0);
	lua_setfield(lua, -2, "__metatable");
	lua_rawsetp(lua, LUA_REGISTRYINDEX, phrase_type);
}

static int run_file(lua_State *lua)
{
	struct run *run = run_of(lua);
	set_operators(lua);
	if (luaL_loadbufferx(lua, run->text.text, run->text.length, "=rules", "t") != LUA_OK)
		return lua_error(lua);
	lua_createtable(lua, 0, 0);
	lua_createtable(lua, 0, 3);
	lua_pushcfunction(lua, index_environment);
	lua_setfield(lua, -2, "__index");
	lua_pushcfunction(lua, refuse_write);
	lua_setfield(lua, -2, "__newindex");
	lua_pushboolean(lua, 0);
	lua_setfield(lua, -2, "__metatable");
	lua_setmetatable(lua, -2);
	lua_setupvalue(lua, -2, 1);
	lua_call(lua, 0, 0);
	return 0;
}

/* ---- one file -------------------------------------------------------------------------------- */

/* Compiles a check function for its syntax alone. */
static int compile_check(lua_State *lua)
{
	const vg_check *check = lua_touserdata(lua, 1);
	lua_createtable(lua, 0, 0);
	vg_push_check(lua, check, 2);
	return 0;
}

static vigil_status report_ran(struct run *run, vg_sandbox *sandbox, vg_ran ran, vg_finding_code code, vg_place place,
			       const char *rule, vigil_error *err)
{
	vg_findings *findings = run->source->findings;
	switch (ran) {
	case VG_RAN:
		return VIGIL_OK;
	case VG_HOST_MEMORY:
		return vg_fail_memory(err);
	case VG_RAISED:
		if (run->failed)
			return vg_fail_memory(err);
		vg_report_lua_message(run->source, code, place, rule,
				      lua_type(sandbox->lua, -1) == LUA_TSTRING ? lua_tostring(sandbox->lua, -1)
										: "an error without a text");
		return VIGIL_OK;
	default:
		vg_report(findings, VG160, place, rule, "Split the file; big lists belong into tables/*.csv.",
			  "Loading was stopped: it needs too much %s.", ran == VG_OVER_MEMORY ? "memory" : "time");
		return VIGIL_OK;
	}
}

/* Check functions that the token check passed must be valid Lua: a statement with another is broken. */
static vigil_status check_syntax(struct run *run, vg_sandbox *sandbox, vg_statement *statement, const vg_form *form,
				 vigil_error *err)
{
	vigil_status status = VIGIL_OK;
	for (size_t i = 0; i < form->field_count && status == VIGIL_OK; i++) {
		const vg_form *value = form->fields[i].value;
		if (value->kind != VG_FORM_FUNCTION_VALUE || value->check == UINT32_MAX)
			continue;
		size_t errors = run->source->findings->errors;
		vg_ran ran = vg_sandbox_enter(sandbox, compile_check, &run->script->checks[value->check], VG_LOAD_HOOKS,
					      VG_LOAD_NANOSECONDS);
		status = report_ran(run, sandbox, ran, VG143, value->place, statement->id, err);
		lua_settop(sandbox->lua, 0);
		statement->broken |= run->source->findings->errors != errors;
	}
	return status;
}

vigil_status vg_run_program(vg_source *source, const vg_program *program, vg_script *script, uint32_t pack,
			    const vg_allocator *allocator, vigil_error *err)
{
	struct run run = {.source = source, .script = script, .pack = pack};
	vg_sandbox sandbox;
	vigil_status status = vg_sandbox_open(&sandbox, allocator, VG_LOAD_BYTES, err);
	if (status != VIGIL_OK)
		return status;
	sandbox.owner = &run;
	vg_buffer_init(&run.text, source->arena);
	int line = 1;
	for (size_t i = 0; i < program->count && status == VIGIL_OK; i++) {
		vg_statement *statement = &program->statements[i];
		if (statement->form && statement->form->kind == VG_FORM_DECLARED)
			status = check_syntax(&run, &sandbox, statement, statement->form->items[0], err);
		if (statement->broken)
			continue;
		add_events(&run, statement->form);
		write_statement(&run, statement, &line);
	}
	if (status == VIGIL_OK && (run.failed || !vg_buffer_text(&run.text)))
		status = vg_fail_memory(err);
	if (status == VIGIL_OK && run.text.length > 0) {
		vg_ran ran = vg_sandbox_enter(&sandbox, run_file, NULL, VG_LOAD_HOOKS, VG_LOAD_NANOSECONDS);
		status = report_ran(&run, &sandbox, ran, VG161, (vg_place){source->file, 1, 0}, NULL, err);
	}
	vg_sandbox_close(&sandbox);
	return status;
}
