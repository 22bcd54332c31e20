/*
 * The columns of the tables and what may stand in their cells.
 *
 * Both are data: tables.def says of which kind each column is, and here each
 * kind has its words or its parser.  A cell that does not fit makes its row
 * invalid before it is layered, so that a slip in a site's pack leaves the
 * starter pack's row as it was.
 */
#include "knowledge/knowledge_internal.h"

#include <string.h>

const vg_column_definition vg_column_definitions[VG_COLUMNS] = {
#define TABLE(name, keys)
#define COLUMN(table, column, kind, needed) {#column, VG_CELL_##kind, needed},
#include "tables.def"
#undef TABLE
#undef COLUMN
};

enum { /* the number of columns of each table: its COLUMN lines, added up */
#define TABLE(name, keys) , VG_WIDTH_##name = 0
#define COLUMN(table, column, kind, needed) +1
       VG_WIDTH_NONE = 0
#include "tables.def"
#undef TABLE
#undef COLUMN
};

const vg_table_definition vg_table_definitions[VG_TABLES] = {
#define TABLE(name, keys) {#name, keys, VG_FIRST_##name, VG_WIDTH_##name},
#define COLUMN(table, column, kind, needed)
#include "tables.def"
#undef TABLE
#undef COLUMN
};

static const char *const severity_words[] = {"info", "warning", "critical", NULL};
static const char *const severity_or_silent_words[] = {"info", "warning", "critical", "silent", NULL};
static const char *const status_words[] = {"draft", "shadow", "active", "retired", NULL};
static const char *const yes_words[] = {"yes", "no", NULL};
static const char *const match_words[] = {"exact", "prefix", "remove", NULL};
static const char *const allergen_words[] = {"substance", "class", "negated", "other", NULL};
static const char *const setting_words[] = {"any", "inpatient", "outpatient", NULL};
static const char *const fact_words[] = {"lab", "disease", "pregnancy", "age", "lactation", NULL};
static const char *const comparison_words[] = {"below", "above", "at least", "at most", NULL};
static const char *const applies_words[] = {"ordering", "taking", "both", NULL};

typedef struct word_kind {
	vg_cell_kind kind;
	vg_finding_code code;
	const char *const *words;
	const char *expected;
} word_kind;
static const word_kind word_kinds[] = {
    {VG_CELL_SEVERITY, VG322, severity_words, "info, warning or critical"},
    {VG_CELL_SEVERITY_OR_SILENT, VG322, severity_or_silent_words, "info, warning, critical or silent"},
    {VG_CELL_STATUS, VG323, status_words, "draft, shadow, active or retired"},
    {VG_CELL_YES, VG327, yes_words, "yes, no or nothing"},
    {VG_CELL_MATCH, VG314, match_words, "exact, prefix, remove or nothing"},
    {VG_CELL_ALLERGEN_KIND, VG327, allergen_words, "substance, class, negated or other"},
    {VG_CELL_SETTING, VG327, setting_words, "any, inpatient or outpatient"},
    {VG_CELL_FACT_KIND, VG327, fact_words, "lab, disease, pregnancy, age or lactation"},
    {VG_CELL_COMPARISON, VG327, comparison_words, "below, above, at least or at most"},
    {VG_CELL_APPLIES_TO, VG327, applies_words, "ordering, taking or both"},
};

static int word_index(const char *const *words, const char *text)
{
	for (int i = 0; words[i]; i++)
		if (strcmp(words[i], text) == 0)
			return i;
	return -1;
}

bool vg_severity_of_name(const char *name, vigil_severity *ret)
{
	int index = word_index(severity_words, name);
	if (index >= 0)
		*ret = (vigil_severity)(VIGIL_SEVERITY_INFO + index);
	return index >= 0;
}

bool vg_rule_status_of_name(const char *name, vg_rule_status *ret)
{
	int index = word_index(status_words, name);
	if (index >= 0)
		*ret = (vg_rule_status)(VG_STATUS_DRAFT + index);
	return index >= 0;
}

vg_allergen_kind vg_allergen_kind_of_name(const char *name)
{
	return (vg_allergen_kind)(VG_ALLERGEN_NONE + 1 + word_index(allergen_words, name));
}

/* A number, then a unit or a period: "30 mL/min/1.73 m²", "4 g", "65 years", "4". */
static bool is_quantity(vg_arena *arena, const char *text)
{
	size_t number_length = strspn(text, "0123456789.");
	double number;
	vg_unit unit;
	vg_duration duration;
	if (!vg_parse_number(text, number_length, &number))
		return false;
	if (vg_duration_parse(text, &duration))
		return true;
	text += number_length;
	return vg_unit_parse(arena, text, &unit);
}

static bool is_integer(const char *text)
{
	size_t length = strlen(text);
	return length > 0 && length < 10 && strspn(text, "0123456789") == length;
}

static bool is_whole_day(const char *text)
{
	vg_when when;
	return vg_date_parse(text, strlen(text), &when) && when.first == when.last;
}

bool vg_cell_fits(vg_arena *arena, vg_cell_kind kind, const char *text, vg_finding_code *ret_code, const char **ret_expected)
{
	vg_duration duration;
	vg_unit unit;
	double number;
	for (size_t i = 0; i < VG_COUNT(word_kinds); i++) {
		if (word_kinds[i].kind != kind)
			continue;
		*ret_code = word_kinds[i].code;
		*ret_expected = word_kinds[i].expected;
		return word_index(word_kinds[i].words, text) >= 0;
	}
	*ret_code = VG326;
	switch (kind) {
	case VG_CELL_DURATION:
		*ret_code = VG324;
		*ret_expected = "a number and a unit of time, such as \"60 days\"";
		return vg_duration_parse(text, &duration);
	case VG_CELL_DATE:
		*ret_code = VG325;
		*ret_expected = "a day, such as 2027-09-01";
		return is_whole_day(text);
	case VG_CELL_NUMBER:
		*ret_expected = "a number above 0, such as 113.12";
		return vg_parse_number(text, strlen(text), &number) && number > 0;
	case VG_CELL_INTEGER:
		*ret_expected = "a whole number, such as 1";
		return is_integer(text);
	case VG_CELL_QUANTITY:
		*ret_expected = "a number and a unit, such as \"30 mL/min\" or \"65 years\"";
		return is_quantity(arena, text);
	case VG_CELL_UNIT:
		*ret_expected = "a unit, such as mg/dL";
		return vg_unit_parse(arena, text, &unit);
	case VG_CELL_ROUTE:
		*ret_code = VG327;
		*ret_expected = "a route, such as oral, topical or systemic";
		return vg_route_of_name(text) != VG_ROUTE_UNKNOWN || strcmp(text, "systemic") == 0;
	case VG_CELL_WORD:
		*ret_code = VG318;
		*ret_expected = "one word without blanks";
		return strpbrk(text, " \t\r\n") == NULL;
	default:
		return true;
	}
}
