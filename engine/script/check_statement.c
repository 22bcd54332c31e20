/*
 * The lines of `pack` and `example`, which no floor between this one and the
 * evaluation looks at: unknown and missing lines, the day of an example, and
 * words that an example cannot hold.
 *
 * Called by check_tokens.c, once a statement.
 */
#include "script/script_internal.h"

#include <stdio.h>
#include <string.h>

const vg_form_field *vg_form_line(const vg_form *table, const char *name)
{
	for (size_t i = 0; i < table->field_count; i++)
		if (strcmp(table->fields[i].name, name) == 0)
			return &table->fields[i];
	return NULL;
}

static void complain_at(vg_reader *reader, vg_finding_code code, vg_place place, const char *advice, const char *text)
{
	reader->broken = true;
	vg_report(reader->source->findings, code, place, reader->id, advice, "%s", text);
}

static void check_lines(vg_reader *reader, const vg_kind_info *kind, const vg_token *token, const vg_form *body)
{
	char names[512];
	const char *lines[32];
	size_t count = 0;
	snprintf(names, sizeof names, "%s", kind->fields);
	for (char *next = names, *name; (name = strsep(&next, " ")) && count < VG_COUNT(lines);) {
		bool needed = name[strcspn(name, "!")] == '!';
		name[strcspn(name, "!")] = '\0';
		if (needed && !vg_form_line(body, name))
			vg_complain(reader, VG204, token, kind->usage, "This `%s` has no line `%s`.", kind->name, name);
		lines[count++] = name;
	}
	for (size_t i = 0; i < body->field_count; i++) {
		const vg_form_field *field = &body->fields[i];
		if (vg_list_has(kind->fields, field->name))
			continue;
		const char *near = vg_nearest(field->name, lines, count);
		char advice[100], text[120];
		snprintf(advice, sizeof advice, "Did you mean `%s`?", near ? near : "");
		snprintf(text, sizeof text, "`%s` has no line `%.60s`.", kind->name, field->name);
		complain_at(reader, VG203, field->place, near ? advice : "Remove it.", text);
	}
	if (body->item_count > 0)
		vg_complain(reader, VG122, token, kind->usage,
			    "`%s` takes named lines only; something stands in it without a name.", kind->name);
}

/* What to write in an example instead of a word that asks. */
static const char *instead(const vg_word_info *word)
{
	static const char *const pairs[][2] = {
	    {"age_between", "Write age \"70 years\", or born \"1956-03-01\"."},
	    {"age_at_least", "Write age \"70 years\", or born \"1956-03-01\"."},
	    {"age_below", "Write age \"70 years\", or born \"1956-03-01\"."},
	    {"ever_had", "Write has_condition \"…\" for what goes on, had \"…\" for what is over."},
	    {"latest", "Write result(\"eGFR\", \"24 mL/min/1.73 m²\", \"2 months ago\")."},
	    {"resulted", "Write result(\"eGFR\", \"24 mL/min/1.73 m²\", \"2 months ago\")."},
	    {"readings", "Write result(\"blood pressure\", \"150/95 mm[Hg]\", \"2 months ago\"), once for each."},
	    {"will_be_taking", "Write taking \"…\" for what is taken, ordering \"…\" for what is ordered."},
	};
	for (size_t i = 0; i < VG_COUNT(pairs); i++)
		if (strcmp(pairs[i][0], word->name) == 0)
			return pairs[i][1];
	return "An example tells of one patient: age \"70 years\", taking \"warfarin\", result(…), has_condition \"…\" …";
}

static void check_words(vg_reader *reader, const vg_form_field *line, bool expected)
{
	if (!line)
		return;
	char text[120];
	if (line->value->kind != VG_FORM_TABLE_VALUE) {
		snprintf(text, sizeof text, "`%s` is no list.", line->name);
		complain_at(reader, VG218, line->value->place, "Put it in braces: given = { … }, expect = { \"rule-id\" }.",
			    text);
		return;
	}
	if (line->value->field_count > 0) {
		snprintf(text, sizeof text, "`%.60s =` stands in `%s`.", line->value->fields[0].name, line->name);
		complain_at(reader, VG217, line->value->fields[0].place, "Write the word and its text, without an equals sign.",
			    text);
	}
	if (line->value->item_count == 0 && strcmp(line->name, "expect") == 0)
		complain_at(
		    reader, VG216, line->value->place,
		    "Write what must come: \"rule-id\", silent \"rule-id\" …; expect_only = { } means that nothing may.",
		    "`expect` is empty, so the example cannot fail.");
	for (size_t i = 0; i < line->value->item_count; i++) {
		const vg_form *form = line->value->items[i];
		while (form && form->kind == VG_FORM_REFINED)
			form = form->target;
		const vg_word_info *word = form && form->kind == VG_FORM_WORD ? vg_word_find(form->name) : NULL;
		if (!word)
			continue;
		bool fits = (word->uses & VG_WORD_EXAMPLE) && (strcmp(word->group, "expect") == 0) == expected;
		snprintf(text, sizeof text, "`%s` cannot stand in `%s`.", word->name, line->name);
		if (!fits)
			complain_at(
			    reader, VG201, form->place,
			    expected
				? "Write the rule's id, or alert, ask, silent, not_evaluated, overdue, up_to_date … \"id\"."
				: instead(word),
			    text);
	}
}

void vg_check_statement(vg_reader *reader, const vg_kind_info *kind, const vg_token *token, const vg_form *body)
{
	vg_when day;
	check_lines(reader, kind, token, body);
	if (strcmp(kind->name, "example") != 0)
		return;
	const vg_form_field *today = vg_form_line(body, "today"), *only = vg_form_line(body, "expect_only"),
			    *expect = vg_form_line(body, "expect");
	if (today && today->value->kind == VG_FORM_TEXT_VALUE &&
	    (!vg_date_parse(today->value->name, strlen(today->value->name), &day) || day.first != day.last))
		complain_at(reader, VG231, today->value->place, "Write year, month and day: today = \"2026-03-01\".",
			    "`today` is no day of the calendar.");
	if (!expect && !only)
		vg_complain(reader, VG204, token, "Add expect = { \"rule-id\" }, or expect = { silent \"rule-id\" }.",
			    "This `example` does not say what it expects.");
	check_words(reader, vg_form_line(body, "given"), false);
	check_words(reader, expect, true);
	check_words(reader, only, true);
}
