/*
 * Reads rules as they stand in rule files, without Lua: strings, numbers,
 * tables, words with arguments and refinements.  Enough for tests.
 */
#include "rule_tests.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct source_parser {
	test_source *source;
	const char *at;
	int line;
	bool failed;
} source_parser;

static vg_place place_of(const source_parser *parser) { return (vg_place){"test.lua", parser->line, 1}; }

static void skip(source_parser *parser)
{
	for (; isspace((unsigned char)*parser->at); parser->at++)
		parser->line += *parser->at == '\n';
}

static bool take(source_parser *parser, char character)
{
	skip(parser);
	if (*parser->at != character)
		return false;
	parser->at++;
	return true;
}

static void refuse(source_parser *parser, const char *what)
{
	if (!parser->failed)
		CHECK(false, "the test's rule cannot be read: %s at \"%.40s\"", what, parser->at);
	parser->failed = true;
}

static const char *name(source_parser *parser)
{
	skip(parser);
	size_t length = 0;
	while (isalnum((unsigned char)parser->at[length]) || parser->at[length] == '_')
		length++;
	const char *text = vg_copy_text(&parser->source->arena, parser->at, length);
	parser->at += length;
	return text;
}

static const char *string(source_parser *parser)
{
	const char *end = strchr(parser->at + 1, '"');
	if (!end) {
		refuse(parser, "a quote");
		return "";
	}
	const char *text = vg_copy_text(&parser->source->arena, parser->at + 1, (size_t)(end - parser->at - 1));
	parser->at = end + 1;
	return text;
}

static vg_item value(source_parser *parser);

/* Adds an item to a growing array of the arena. */
static void push(source_parser *parser, vg_item **items, size_t *count, vg_item item)
{
	vg_item *grown = vg_alloc_array(&parser->source->arena, *count + 1, sizeof *grown);
	if (*count)
		memcpy(grown, *items, *count * sizeof *grown);
	grown[(*count)++] = item;
	*items = grown;
}

static void push_field(source_parser *parser, vg_item *table, const char *field_name, vg_item item)
{
	vg_field *grown = vg_alloc_array(&parser->source->arena, table->field_count + 1, sizeof *grown);
	if (table->field_count)
		memcpy(grown, table->fields, table->field_count * sizeof *grown);
	grown[table->field_count++] = (vg_field){field_name, item.place, item};
	table->fields = grown;
}

/* The name of `name = value` or `["name"] = value`; NULL when there is none here. */
static const char *field_name(source_parser *parser)
{
	skip(parser);
	struct source_parser before = *parser;
	const char *text = NULL;
	if (take(parser, '[')) {
		skip(parser);
		text = string(parser);
		take(parser, ']');
	} else if (isalpha((unsigned char)*parser->at)) {
		text = name(parser);
	}
	if (text && take(parser, '='))
		return text;
	*parser = before;
	return NULL;
}

static vg_item table(source_parser *parser)
{
	vg_item item = {.kind = VG_ITEM_TABLE, .place = place_of(parser)};
	vg_item *items = NULL;
	take(parser, '{');
	while (!parser->failed && !take(parser, '}')) {
		const char *field = field_name(parser);
		vg_item inner = value(parser);
		if (field)
			push_field(parser, &item, field, inner);
		else
			push(parser, &items, &item.item_count, inner);
		if (!take(parser, ',') && (skip(parser), *parser->at != '}'))
			refuse(parser, "a comma");
	}
	item.items = items;
	return item;
}

/* `"x"`, `{ … }` or `(…, …)` behind a word or a refinement. */
static void arguments(source_parser *parser, const vg_item **ret, size_t *ret_count)
{
	vg_item *items = NULL;
	*ret_count = 0;
	skip(parser);
	if (*parser->at == '"' || *parser->at == '{') {
		push(parser, &items, ret_count, value(parser));
	} else if (take(parser, '(')) {
		while (!parser->failed && !take(parser, ')')) {
			push(parser, &items, ret_count, value(parser));
			if (!take(parser, ',') && (skip(parser), *parser->at != ')'))
				refuse(parser, "a bracket");
		}
	}
	*ret = items;
}

static vg_item phrase(source_parser *parser)
{
	vg_item item = {.kind = VG_ITEM_PHRASE, .place = place_of(parser)};
	vg_phrase *made = vg_alloc(&parser->source->arena, sizeof *made);
	made->place = item.place;
	made->word = name(parser);
	arguments(parser, &made->arguments, &made->argument_count);
	while (take(parser, ':')) {
		vg_refinement *grown = vg_alloc_array(&parser->source->arena, made->refinement_count + 1, sizeof *grown);
		if (made->refinement_count)
			memcpy(grown, made->refinements, made->refinement_count * sizeof *grown);
		vg_refinement *added = &grown[made->refinement_count++];
		added->place = place_of(parser);
		added->name = name(parser);
		arguments(parser, &added->arguments, &added->argument_count);
		made->refinements = grown;
	}
	item.phrase = made;
	return item;
}

static vg_item value(source_parser *parser)
{
	skip(parser);
	vg_item item = {.place = place_of(parser)};
	if (*parser->at == '"') {
		item.kind = VG_ITEM_TEXT;
		item.text = string(parser);
	} else if (*parser->at == '{') {
		item = table(parser);
	} else if (isdigit((unsigned char)*parser->at) || *parser->at == '-') {
		char *end;
		item.kind = VG_ITEM_NUMBER;
		item.number = strtod(parser->at, &end);
		parser->at = end;
	} else if (vg_starts_with(parser->at, "true") || vg_starts_with(parser->at, "false")) {
		item.kind = VG_ITEM_BOOLEAN;
		item.boolean = *parser->at == 't';
		name(parser);
	} else if (vg_starts_with(parser->at, "function")) {
		item.kind = VG_ITEM_FUNCTION;
		const char *end = strstr(parser->at, "end");
		parser->at = end ? end + 3 : parser->at + strlen(parser->at);
	} else if (isalpha((unsigned char)*parser->at)) {
		item = phrase(parser);
	} else {
		refuse(parser, "a value");
	}
	return item;
}

void source_read(test_source *source, const char *text, uint32_t pack)
{
	source_parser parser = {.source = source, .at = text, .line = 1};
	if (!source->arena.allocator.resize)
		vg_arena_init(&source->arena, &vg_system_allocator, 0);
	for (skip(&parser); *parser.at && !parser.failed; skip(&parser)) {
		source->declarations = vg_grow(&source->arena, source->declarations, source->count, &source->capacity,
					       sizeof *source->declarations);
		vg_declaration declaration = {.place = place_of(&parser), .pack = pack};
		declaration.kind = name(&parser);
		skip(&parser);
		if (*parser.at != '"') {
			refuse(&parser, "an id");
			return;
		}
		declaration.id = string(&parser);
		declaration.body = value(&parser);
		source->declarations[source->count++] = declaration;
	}
}

void source_free(test_source *source)
{
	if (source->arena.allocator.resize)
		vg_arena_free(&source->arena);
	*source = (test_source){.count = 0};
}
