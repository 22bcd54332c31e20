/* See schema.h. */
#include "schema.h"

#include <math.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "support/support.h"

typedef struct checking {
	const cJSON *document;
	schema_problem *problem;
	char path[256];
} checking;

static bool check(checking *own, const cJSON *schema, const cJSON *value);

static bool wrong(checking *own, const char *what, const char *detail)
{
	if (!*own->problem->text)
		snprintf(own->problem->text, sizeof own->problem->text, "%s: %s %s", own->path, what, detail);
	return false;
}

/* The same schema with no word about why it does not fit. */
static bool fits_silently(checking *own, const cJSON *schema, const cJSON *value)
{
	schema_problem forgotten = {""};
	checking other = *own;
	other.problem = &forgotten;
	return check(&other, schema, value);
}

static bool is_type(const cJSON *value, const char *type)
{
	double number = cJSON_GetNumberValue(value);
	return (strcmp(type, "object") == 0 && cJSON_IsObject(value)) || (strcmp(type, "array") == 0 && cJSON_IsArray(value)) ||
	       (strcmp(type, "string") == 0 && cJSON_IsString(value)) ||
	       (strcmp(type, "boolean") == 0 && cJSON_IsBool(value)) || (strcmp(type, "null") == 0 && cJSON_IsNull(value)) ||
	       (strcmp(type, "number") == 0 && cJSON_IsNumber(value)) ||
	       (strcmp(type, "integer") == 0 && cJSON_IsNumber(value) && number == floor(number));
}

static bool matches(const char *pattern, const char *text)
{
	regex_t compiled;
	if (regcomp(&compiled, pattern, REG_EXTENDED | REG_NOSUB) != 0)
		return false;
	bool found = regexec(&compiled, text, 0, NULL, 0) == 0;
	regfree(&compiled);
	return found;
}

static bool has(const cJSON *object, const cJSON *key) { return cJSON_GetObjectItemCaseSensitive(object, key->valuestring); }

static bool in_member(checking *own, const char *name, const cJSON *schema, const cJSON *value)
{
	size_t length = strlen(own->path);
	snprintf(own->path + length, sizeof own->path - length, "/%s", name);
	bool good = check(own, schema, value);
	own->path[length] = '\0';
	return good;
}

static bool check_members(checking *own, const cJSON *schema, const cJSON *value)
{
	const cJSON *properties = cJSON_GetObjectItemCaseSensitive(schema, "properties");
	const cJSON *others = cJSON_GetObjectItemCaseSensitive(schema, "additionalProperties"), *member;
	cJSON_ArrayForEach(member, value)
	{
		const cJSON *known = cJSON_GetObjectItemCaseSensitive(properties, member->string);
		if (known && !in_member(own, member->string, known, member))
			return false;
		if (!known && cJSON_IsFalse(others))
			return wrong(own, "has an unknown member", member->string);
		if (!known && cJSON_IsObject(others) && !in_member(own, member->string, others, member))
			return false;
	}
	return true;
}

static bool check_items(checking *own, const cJSON *schema, const cJSON *value)
{
	const cJSON *item;
	int index = 0;
	char name[16];
	cJSON_ArrayForEach(item, value)
	{
		snprintf(name, sizeof name, "%d", index++);
		if (!in_member(own, name, schema, item))
			return false;
	}
	return true;
}

static int fitting_items(checking *own, const cJSON *schema, const cJSON *value)
{
	const cJSON *item;
	int count = 0;
	cJSON_ArrayForEach(item, value) { count += fits_silently(own, schema, item); }
	return count;
}

static int fitting_schemas(checking *own, const cJSON *schemas, const cJSON *value)
{
	const cJSON *schema;
	int count = 0;
	cJSON_ArrayForEach(schema, schemas) { count += fits_silently(own, schema, value); }
	return count;
}

static bool check_type(checking *own, const cJSON *types, const cJSON *value)
{
	const cJSON *type;
	if (cJSON_IsString(types))
		return is_type(value, types->valuestring) || wrong(own, "is not of type", types->valuestring);
	cJSON_ArrayForEach(type, types)
	{
		if (is_type(value, type->valuestring))
			return true;
	}
	return wrong(own, "is of no type that it may have", "");
}

static bool check_required(checking *own, const cJSON *keys, const cJSON *value)
{
	const cJSON *key;
	cJSON_ArrayForEach(key, keys)
	{
		if (cJSON_IsObject(value) && !has(value, key))
			return wrong(own, "lacks", key->valuestring);
	}
	return true;
}

static bool check_dependent(checking *own, const cJSON *rule, const cJSON *value)
{
	const cJSON *keys;
	cJSON_ArrayForEach(keys, rule)
	{
		if (cJSON_GetObjectItemCaseSensitive(value, keys->string) && !check_required(own, keys, value))
			return false;
	}
	return true;
}

static bool is_one_of(const cJSON *values, const cJSON *value)
{
	const cJSON *each;
	cJSON_ArrayForEach(each, values)
	{
		if (cJSON_Compare(each, value, true))
			return true;
	}
	return false;
}

static bool check_text(checking *own, const char *word, const cJSON *rule, const char *text)
{
	if (strcmp(word, "pattern") == 0)
		return matches(rule->valuestring, text) || wrong(own, "does not match", rule->valuestring);
	double length = (double)vg_utf8_count(text), limit = cJSON_GetNumberValue(rule);
	return (strcmp(word, "minLength") == 0 ? length >= limit : length <= limit) || wrong(own, "breaks", word);
}

/* One keyword of a schema. */
static bool check_word(checking *own, const cJSON *schema, const cJSON *rule, const cJSON *value)
{
	static const char *const silent[] = {"description", "minContains", "maxContains", "properties"};
	const char *word = rule->string;
	for (size_t i = 0; i < VG_COUNT(silent); i++)
		if (strcmp(word, silent[i]) == 0)
			return strcmp(word, "properties") != 0 ||
			       cJSON_GetObjectItemCaseSensitive(schema, "additionalProperties") ||
			       check_members(own, schema, value);
	if (strcmp(word, "type") == 0)
		return check_type(own, rule, value);
	if (strcmp(word, "additionalProperties") == 0)
		return check_members(own, schema, value);
	if (strcmp(word, "required") == 0)
		return check_required(own, rule, value);
	if (strcmp(word, "dependentRequired") == 0)
		return check_dependent(own, rule, value);
	if (strcmp(word, "items") == 0)
		return !cJSON_IsArray(value) || check_items(own, rule, value);
	if (strcmp(word, "minItems") == 0)
		return cJSON_GetArraySize(value) >= cJSON_GetNumberValue(rule) || wrong(own, "has too few items", "");
	if (strcmp(word, "maxItems") == 0)
		return cJSON_GetArraySize(value) <= cJSON_GetNumberValue(rule) || wrong(own, "has too many items", "");
	if (strcmp(word, "contains") == 0) {
		const cJSON *most = cJSON_GetObjectItemCaseSensitive(schema, "maxContains");
		return !most || fitting_items(own, rule, value) <= cJSON_GetNumberValue(most) ||
		       wrong(own, "contains more of a kind than it may", "");
	}
	if (strcmp(word, "enum") == 0)
		return is_one_of(rule, value) ||
		       wrong(own, "is none of its values:", cJSON_IsString(value) ? value->valuestring : "");
	if (strcmp(word, "const") == 0)
		return cJSON_Compare(rule, value, true) || wrong(own, "is not the one value it has", "");
	if (strcmp(word, "minimum") == 0)
		return !cJSON_IsNumber(value) || cJSON_GetNumberValue(value) >= cJSON_GetNumberValue(rule) ||
		       wrong(own, "is too small", "");
	if (strcmp(word, "pattern") == 0 || strcmp(word, "minLength") == 0 || strcmp(word, "maxLength") == 0)
		return !cJSON_IsString(value) || check_text(own, word, rule, value->valuestring);
	if (strcmp(word, "oneOf") == 0)
		return fitting_schemas(own, rule, value) == 1 || wrong(own, "fits none or several of its forms", "");
	if (strcmp(word, "anyOf") == 0)
		return fitting_schemas(own, rule, value) > 0 || wrong(own, "fits none of its forms", "");
	return wrong(own, "has a keyword that this test does not know:", word);
}

static bool check(checking *own, const cJSON *schema, const cJSON *value)
{
	const cJSON *reference = cJSON_GetObjectItemCaseSensitive(schema, "$ref"), *rule;
	if (reference)
		return check(own, schema_named(own->document, strrchr(reference->valuestring, '/') + 1), value);
	if (!schema || !value)
		return wrong(own, "has no schema, or is not there", "");
	cJSON_ArrayForEach(rule, schema)
	{
		if (!check_word(own, schema, rule, value))
			return false;
	}
	return true;
}

bool schema_fits(const cJSON *document, const cJSON *schema, const cJSON *value, schema_problem *problem)
{
	checking own = {.document = document, .problem = problem};
	*problem->text = '\0';
	return check(&own, schema, value);
}

const cJSON *schema_named(const cJSON *document, const char *name)
{
	const cJSON *components = cJSON_GetObjectItemCaseSensitive(document, "components");
	return cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(components, "schemas"), name);
}

cJSON *schema_document(void)
{
	vg_arena arena;
	char *text = NULL;
	size_t length = 0;
	vigil_error error = VIGIL_ERROR_INIT;
	vg_arena_init(&arena, NULL, 0);
	cJSON *document = vg_read_file(&arena, "docs/service/openapi.json", 0, &text, &length, &error) == VIGIL_OK
			      ? cJSON_ParseWithLength(text, length)
			      : NULL;
	CHECK(document != NULL, "docs/service/openapi.json can be read: %s", error.text);
	vg_arena_free(&arena);
	return document;
}
