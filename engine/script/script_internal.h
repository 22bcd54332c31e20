/*
 * Shared by the files of the script floor and by nobody else.
 *
 * The way of a rule file: lexer.c makes tokens, check_tokens.c reads them as
 * *forms* (calls of words, tables, texts) and refuses everything else,
 * check_function.c looks at the bodies of check functions, vocabulary.c runs
 * what is left in a sandbox and builds declarations, load.c does this for all
 * files of all packs.  checker.c calls the check functions later.
 *
 * Why both read and run: Lua gives the values and is the second wall; the
 * forms give what Lua forgets, the column of everything and the order of the
 * lines of a table, and they let every mistake of a file be told at once.
 */
#ifndef VG_SCRIPT_INTERNAL_H
#define VG_SCRIPT_INTERNAL_H

#include <lua.h>

#include <locale.h>

#include "script/script.h"

#define VG_RULE_LANGUAGE "1" /* the version that packs name */

/* ---- tokens (lexer.c) ---------------------------------------------------------- */

typedef enum vg_token_kind {
	VG_TOKEN_END,
	VG_TOKEN_NAME,
	VG_TOKEN_KEYWORD,
	VG_TOKEN_TEXT,
	VG_TOKEN_NUMBER,
	VG_TOKEN_SYMBOL
} vg_token_kind;

typedef struct vg_token {
	const char *text;  /* as written, in the source */
	const char *value; /* of a text: decoded, with a NUL behind */
	uint32_t length, value_length;
	int line, column, last_line; /* column in characters */
	uint8_t kind;                /* vg_token_kind */
	bool broken;                 /* reported by the lexer */
	bool call_added;             /* a refinement written bare: Lua gets "()" behind it */
	bool hidden;                 /* inside a check function: Lua does not get it */
	bool function;               /* begins a check function: Lua gets `true` in its place */
} vg_token;

typedef struct vg_source {
	const char *file; /* as findings name it; lives as long as the script, places point to it */
	const char *text; /* without a byte-order mark */
	size_t length;
	vg_token *tokens; /* the last is VG_TOKEN_END */
	size_t token_count;
	vg_arena *arena;
	vg_findings *findings;
	size_t first_finding; /* how many there were before this file */
	bool failed;          /* memory ran out */
} vg_source;
/* No more is read of a file with so many mistakes; vg_lex and vg_read_forms say so. */
#define VG_MOST_MISTAKES 500
static inline bool vg_stopped(const vg_source *source)
{
	return source->failed || source->findings->count - source->first_finding >= VG_MOST_MISTAKES;
}

/* Splits a text into tokens.  False when it cannot be read at all (reported)
 * or memory ran out. */
bool vg_lex(vg_source *source);
bool vg_token_is(const vg_token *token, const char *symbol_or_keyword);
bool vg_keyword(const char *text, size_t length);
extern const char *const vg_keywords[];
extern const size_t vg_keyword_count;
static inline vg_place vg_token_place(const vg_source *source, const vg_token *token)
{
	return (vg_place){source->file, token->line, token->column};
}

/* ---- characters (characters.c) --------------------------------------------------- */

enum vg_lookalike_kind {
	VG_LOOKS_LIKE_QUOTE,
	VG_LOOKS_LIKE_DASH,
	VG_LOOKS_LIKE,   /* another sign of the language */
	VG_IS_COMPARISON /* ≥ and its kin: read as an operator, which the language does not have */
};
typedef struct vg_lookalike { /* a character that looks like a sign of the language and is none */
	const char *bytes, *write;
	enum vg_lookalike_kind kind;
} vg_lookalike;
const vg_lookalike *vg_lookalike_at(const char *text, size_t length); /* NULL: none */
/* A character (of so many bytes) that turns or hides text: bidirectional controls, zero-width ones, C0 and C1 controls. */
bool vg_is_hiding(const char *text, size_t size);

typedef struct vg_lexer { /* of one source; shared by lexer.c and characters.c */
	vg_source *source;
	const char *text;
	size_t at, length;
	int line;
	size_t line_start; /* offset of the line's first byte … */
	size_t counted;    /* … up to where its characters were counted … */
	int characters;    /* … and how many there were */
	size_t capacity;
	bool unclosed[100]; /* by level: no long bracket is closed from here on */
	size_t errors;      /* findings when the current token began */
} vg_lexer;
vg_place vg_lexer_place(vg_lexer *lexer, size_t at);
int vg_lexer_peek(const vg_lexer *lexer, size_t ahead); /* a byte; -1 behind the end */
bool vg_lexer_at_line_end(const vg_lexer *lexer);
void vg_lexer_step(vg_lexer *lexer); /* over one character; reports it when it hides something */
vg_token *vg_lexer_add(vg_lexer *lexer, vg_token_kind kind, size_t start); /* NULL when memory ran out */
void vg_lexer_end(vg_lexer *lexer, vg_token *token);
void vg_lexer_add_symbol(vg_lexer *lexer, size_t size);
/* characters.c: what is nothing of the language, reported with what to write instead. */
void vg_lexer_read_strange(vg_lexer *lexer);
/* Prose behind the comment sign of another language, at the beginning of a line: reported and stepped over. */
bool vg_lexer_skip_foreign_comment(vg_lexer *lexer);

/* ---- forms (check_tokens.c, forms.c, reader.c) --------------------------------------------- */

typedef enum vg_form_kind {
	VG_FORM_TEXT_VALUE,
	VG_FORM_NUMBER_VALUE,
	VG_FORM_BOOLEAN_VALUE,
	VG_FORM_FUNCTION_VALUE,
	VG_FORM_TABLE_VALUE,
	VG_FORM_WORD,    /* pregnant, taking "x" */
	VG_FORM_LOCAL,   /* a local name */
	VG_FORM_REFINED, /* target :name arguments */
	VG_FORM_DECLARED /* kind "id" body */
} vg_form_kind;

typedef struct vg_form vg_form;
typedef struct vg_form_field {
	const char *name;
	vg_place place;
	vg_form *value;
} vg_form_field;
struct vg_form {
	uint8_t kind; /* vg_form_kind */
	bool called;  /* a word with arguments */
	vg_place place;
	const char *name; /* word, local name, refinement, kind, text */
	vg_form *target;  /* of a refinement */
	vg_form **items;  /* arguments, or a table's list part; a declaration's body */
	size_t item_count, item_capacity;
	vg_form_field *fields; /* a table's named part */
	size_t field_count, field_capacity;
	vg_form **order; /* a table's values of both parts, as written */
	size_t order_count, order_capacity;
	uint32_t check; /* of a function: its number in the script; UINT32_MAX when it is not to be looked at further */
};

typedef struct vg_statement {
	vg_form *form;     /* NULL when it could not be read */
	const char *local; /* `local NAME = form`; NULL otherwise */
	vg_place place;
	const char *id;     /* of a declaration; NULL */
	size_t first, past; /* its tokens */
	bool broken;        /* something in it was reported */
} vg_statement;
typedef struct vg_program {
	vg_statement *statements;
	size_t count, capacity;
} vg_program;

typedef struct vg_check { /* the source of a check function; its index is the check number */
	const char *rule, *file;
	const char *text; /* from `function` to `end` */
	size_t length;
	int line;
} vg_check;

struct vg_script {
	vg_arena arena;
	vg_pack *packs;
	size_t pack_count;
	vg_declaration *declarations;
	size_t declaration_count, declaration_capacity;
	vg_check *checks;
	size_t check_count, check_capacity;
};

/* Reads the tokens of a source as statements and reports everything that the
 * language does not have.  False when memory ran out. */
bool vg_read_forms(vg_source *source, vg_script *script, vg_program *ret);

typedef struct vg_local {
	const char *name;
	vg_place place;
	bool used, broken;
} vg_local;
typedef struct vg_reader { /* of one source; shared by check_tokens.c and forms.c */
	vg_source *source;
	vg_script *script;
	vg_program *program;
	size_t at; /* the current token */
	int depth;
	bool broken;    /* something in the current statement was reported, or was by the lexer */
	const char *id; /* of the current declaration; NULL */
	vg_local *locals;
	size_t local_count, local_capacity;
	size_t functions; /* so far */
	bool unclosed;    /* a function of this file has no `end` */
} vg_reader;
/* What a person would write stays far below these; they keep loading linear in the size of a file. */
#define VG_DEEPEST 60          /* lists inside lists */
#define VG_MOST_REFINEMENTS 20 /* of one phrase */
#define VG_MOST_LINES 300      /* named lines of one table */
#define VG_MOST_LOCALS 180     /* of a file; Lua has 200 */
#define VG_MOST_FUNCTIONS 300  /* of a file */
#define VG_MOST_NAMES 400      /* of a check function */
#define VG_MOST_TOKENS 20000   /* of a check function */

const vg_token *vg_peek(const vg_reader *reader, size_t ahead);
void vg_step(vg_reader *reader); /* marks the statement as broken when the token is */
void vg_complain(vg_reader *reader, vg_finding_code code, const vg_token *at, const char *advice, const char *text, ...)
    VG_FORMAT(5, 6);
char *vg_token_copy(vg_reader *reader, const vg_token *token); /* its text; NULL when memory ran out */
/* At a "{".  Always steps over it and what belongs to it. `declares`: the body
 * of a declaration, where `check = function` may stand. */
vg_form *vg_form_table(vg_reader *reader, bool declares);
/* Any value.  NULL when it cannot be read, reported. */
vg_form *vg_form_value(vg_reader *reader);
/* At a name that is no kind: a word or a local with its arguments and refinements. */
vg_form *vg_form_word(vg_reader *reader);
vg_form *vg_new_form(vg_reader *reader, vg_form_kind kind, const vg_token *token);
bool vg_add_item(vg_reader *reader, vg_form *form, vg_form *item);
/* Skips a function; reports it when it is not closed. Returns the index of its first token. */
size_t vg_skip_function(vg_reader *reader, bool *ret_closed);
/* Whether a statement begins at this token: a kind or `local` in the first column. */
bool vg_begins_statement(const vg_source *source, size_t at);
vg_local *vg_local_find(vg_reader *reader, const char *name); /* NULL: none */
/* form_function.c: at `function` behind `check =`: keeps its source, hides its tokens from Lua. */
vg_form *vg_form_check(vg_reader *reader);
/* check_statement.c: the lines of `pack` and `example`, reported at `token` or where they stand. */
void vg_check_statement(vg_reader *reader, const vg_kind_info *kind, const vg_token *token, const vg_form *body);
const vg_form_field *vg_form_line(const vg_form *table, const char *name); /* NULL: none */
typedef struct vg_operator {                                               /* of Lua, and what to write instead */
	const char *sign;
	vg_finding_code code;
	const char *advice;
} vg_operator;
const vg_operator *vg_operator_at(const vg_token *token); /* NULL: no operator */
/* "did you mean" for a name: among the words, kinds and locals; NULL. */
const char *vg_nearest_name(vg_reader *reader, const char *name);
/* The keyword of Lua that is meant by a misspelt name; NULL. */
const char *vg_nearest_keyword(const char *name);

/* ---- slips of the pen (slips.c): each true (or not NULL) when there was one, reported and stepped over -------- */

/* A text without quotes behind a word or refinement (`sign` and `name`): taking warfarin, :within 6 months. */
bool vg_slip_argument(vg_reader *reader, const char *sign, const char *name, const char *usage);
void vg_slip_unknown_value(vg_reader *reader, const vg_token *token, const char *line); /* severity = critical */
/* in hospice: the word that is meant; the last of its tokens becomes the current one. */
const char *vg_slip_joined(vg_reader *reader);
void vg_slip_brackets(vg_reader *reader, const vg_token *opener); /* if_all = (pregnant, deceased) */
/* In a list that is not closed: at a line of the rule that follows. The comma before it becomes the current token. */
bool vg_slip_open_list(vg_reader *reader, const vg_token *opener);
bool vg_slip_colon(vg_reader *reader);       /* title: "…"; the colon becomes the next token but one */
bool vg_slip_no_function(vg_reader *reader); /* check = p.egfr < 30 */
bool vg_slip_early_end(vg_reader *reader);   /* behind a statement: if_all = { … }}, */
bool vg_slip_glued(const char *text);        /* "eGFR < 30": a comparison inside a set's name; nothing is reported */

/* ---- check functions before they run (check_function.c) ---------------------------- */

/* Reports what a check function's tokens [first, past) may not hold. True when nothing was reported. */
bool vg_check_function_tokens(vg_source *source, size_t first, size_t past, const char *rule);
/* Reports needs that are read and not listed, or listed and not read. */
void vg_check_function_needs(vg_source *source, size_t first, size_t past, const vg_form *needs, const char *rule);
/* Reports a function that words could say. */
void vg_check_function_plain(vg_source *source, size_t first, size_t past, const char *rule);
/* Reports a message of Lua's compiler in words that help. */
void vg_report_lua_message(vg_source *source, vg_finding_code code, vg_place place, const char *rule, const char *message);

/* The part of a message of Lua behind its place, and the line; 0 when it names none. */
const char *vg_message_text(const char *message, int *ret_line);

/* ---- sandbox (sandbox.c, allowed.c) ------------------------------------------------ */

typedef enum vg_ran {
	VG_RAN,    /* to its end */
	VG_RAISED, /* an error; its message is on the stack */
	VG_OVER_INSTRUCTIONS,
	VG_OVER_TIME,
	VG_OVER_MEMORY,
	VG_HOST_MEMORY /* the host's allocator failed */
} vg_ran;

typedef struct vg_sandbox {
	lua_State *lua;
	vg_allocator allocator;
	locale_t locale;            /* "C": numbers look the same everywhere */
	size_t used, cap;           /* bytes */
	bool host_failed;           /* why the last allocation failed: the host, or the cap */
	uint32_t hooks, hook_limit; /* each stands for VG_HOOK_INSTRUCTIONS */
	size_t work;                /* bytes that functions in C touched since the clock was read */
	int64_t deadline_ns;        /* CPU time of the thread; 0: not set yet */
	int64_t budget_ns;
	vg_ran stopped;  /* why the hook stopped it */
	int raised_line; /* of a call of error(); 0 */
	void *owner;     /* of the C functions that run inside */
} vg_sandbox;

#define VG_HOOK_INSTRUCTIONS 500
#define VG_CHECK_HOOKS 2000                 /* one million instructions a call */
#define VG_CHECK_NANOSECONDS (25 * 1000000) /* of CPU time a call */
#define VG_CHECK_BYTES (1024 * 1024)        /* beyond the loaded rules */
#define VG_LOAD_HOOKS 20000
#define VG_LOAD_NANOSECONDS (1000 * 1000000LL)
#define VG_LOAD_BYTES (32 * 1024 * 1024)

/* Opens a Lua state without any library. */
vigil_status vg_sandbox_open(vg_sandbox *sandbox, const vg_allocator *allocator, size_t cap, vigil_error *err);
void vg_sandbox_close(vg_sandbox *sandbox);
/* Calls what is on the stack (function, arguments) under all limits.  The stack
 * holds the results, or the message after VG_RAISED, or nothing. */
vg_ran vg_sandbox_call(vg_sandbox *sandbox, int argument_count, int result_count, uint32_t hook_limit, int64_t budget_ns);
/* Calls a C function with one pointer, under the same limits. */
vg_ran vg_sandbox_enter(vg_sandbox *sandbox, lua_CFunction function, void *argument, uint32_t hook_limit, int64_t budget_ns);
vg_sandbox *vg_sandbox_of(lua_State *lua);
/* Told by a function in C before it touches so many bytes; raises when time is over. */
void vg_charge(lua_State *lua, size_t bytes);

/* Pushes the table of what a check function may use; call once a state, inside vg_sandbox_enter. */
void vg_push_allowed(lua_State *lua);
/* Pushes an empty environment over the allowed table at `index`. */
void vg_push_environment(lua_State *lua, int index);
/* An error that says nothing of data: a text without arguments from data. */
int vg_raise(lua_State *lua, const char *text);

/* Compiles one check: pushes the function.  Call inside vg_sandbox_enter; raises Lua's message. */
void vg_push_check(lua_State *lua, const vg_check *check, int allowed_index);

/* ---- vocabulary (vocabulary.c) ------------------------------------------------------- */

/* Runs the statements that are not broken and appends their declarations.
 * Reports what Lua refuses.  VIGIL_OK also with findings. */
vigil_status vg_run_program(vg_source *source, const vg_program *program, vg_script *script, uint32_t pack,
			    const vg_allocator *allocator, vigil_error *err);

#endif
