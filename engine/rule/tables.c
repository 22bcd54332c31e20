/*
 * Rows of the families to declarations: retest intervals, duplicate therapy,
 * drugs against laboratory values and diseases, maximum daily doses.
 *
 * A row becomes exactly the declaration that a pharmacist would have written
 * in Lua, so that everything that holds for rules (findings, sentences,
 * traces, examples) holds for rows.  The pair tables stay rows: see rule.h.
 */
#include "rule/rule_internal.h"

enum { MOST_LINES = 24 };

typedef struct row_writer { /* one declaration being written */
	vg_compiler *compiler;
	const vg_table *table;
	const vg_table_row *row;
	vg_place place;
	vg_field lines[MOST_LINES];
	size_t line_count;
} row_writer;

static vg_arena *arena_of(row_writer *writer) { return &writer->compiler->scratch; }
static const char *cell(row_writer *writer, const char *column) { return vg_cell(writer->table, writer->row, column); }

/* ---- items ------------------------------------------------------------------------ */

static vg_item text_item(row_writer *writer, const char *text)
{
	return (vg_item){.kind = VG_ITEM_TEXT, .place = writer->place, .text = text ? text : ""};
}

static vg_item list_item(row_writer *writer, const vg_item *items, size_t count)
{
	vg_item item = {.kind = VG_ITEM_TABLE, .place = writer->place};
	vg_item *copy = vg_alloc_array(arena_of(writer), count, sizeof *copy);
	if (!copy)
		return item;
	memcpy(copy, items, count * sizeof *copy);
	item.items = copy;
	item.item_count = count;
	return item;
}

static vg_item phrase_item(row_writer *writer, const char *word, const char *argument)
{
	vg_item item = {.kind = VG_ITEM_PHRASE, .place = writer->place};
	vg_phrase *phrase = vg_alloc(arena_of(writer), sizeof *phrase);
	vg_item *argument_item = vg_alloc(arena_of(writer), sizeof *argument_item);
	if (!phrase || !argument_item)
		return item;
	*phrase = (vg_phrase){.word = word, .place = writer->place};
	if (argument) {
		*argument_item = text_item(writer, argument);
		phrase->arguments = argument_item;
		phrase->argument_count = 1;
	}
	item.phrase = phrase;
	return item;
}

static void refine(row_writer *writer, vg_item *item, const char *name, const char *argument)
{
	if (!item->phrase || !*argument)
		return;
	vg_phrase *phrase = item->phrase;
	vg_refinement *refinements = vg_alloc_array(arena_of(writer), phrase->refinement_count + 1, sizeof *refinements);
	vg_item *argument_item = vg_alloc(arena_of(writer), sizeof *argument_item);
	if (!refinements || !argument_item)
		return;
	if (phrase->refinement_count)
		memcpy(refinements, phrase->refinements, phrase->refinement_count * sizeof *refinements);
	*argument_item = text_item(writer, argument);
	refinements[phrase->refinement_count++] = (vg_refinement){name, writer->place, argument_item, 1};
	phrase->refinements = refinements;
}

static void add_line(row_writer *writer, const char *name, vg_item value)
{
	if (writer->line_count < MOST_LINES)
		writer->lines[writer->line_count++] = (vg_field){name, writer->place, value};
}

static void add_text(row_writer *writer, const char *name, const char *text)
{
	if (text && *text)
		add_line(writer, name, text_item(writer, text));
}

/* ---- lines that all families have ----------------------------------------------------- */

/* A cell's text as part of a text with placeholders: braces are only braces. */
static void add_plain(vg_buffer *buffer, const char *text)
{
	for (; *text; text++) {
		vg_add_byte(buffer, *text);
		if (*text == '{' || *text == '}')
			vg_add_byte(buffer, *text);
	}
}

/* `lead`, then what the row says is to be done. */
static void add_warning(row_writer *writer, const char *lead)
{
	vg_buffer buffer;
	vg_buffer_init(&buffer, arena_of(writer));
	vg_add(&buffer, lead ? lead : "");
	const char *management = cell(writer, "management");
	if (*management) {
		vg_add(&buffer, buffer.length ? " " : "");
		add_plain(&buffer, management);
	}
	add_text(writer, "warn", vg_buffer_text(&buffer));
}

static void add_evidence(row_writer *writer)
{
	static const char *const names[] = {"url", "publisher", "year", "grade", "source", "verified"};
	vg_field lines[VG_COUNT(names) + 1];
	size_t count = 0;
	const char *title = *cell(writer, "evidence") ? cell(writer, "evidence") : cell(writer, "source");
	if (!*title)
		return;
	lines[count++] = (vg_field){"title", writer->place, text_item(writer, title)};
	for (size_t i = 0; i < VG_COUNT(names); i++)
		if (*cell(writer, names[i]))
			lines[count++] = (vg_field){names[i], writer->place, text_item(writer, cell(writer, names[i]))};
	vg_field *copy = vg_alloc_array(arena_of(writer), count, sizeof *copy);
	if (!copy)
		return;
	memcpy(copy, lines, count * sizeof *copy);
	add_line(writer, "evidence",
		 (vg_item){.kind = VG_ITEM_TABLE, .place = writer->place, .fields = copy, .field_count = count});
}

static void add_common(row_writer *writer, const char *title)
{
	add_text(writer, "title", *cell(writer, "title") ? cell(writer, "title") : title);
	add_text(writer, "severity", cell(writer, "severity"));
	add_text(writer, "status", cell(writer, "status"));
	add_text(writer, "owner", cell(writer, "owner"));
	add_text(writer, "review_by", cell(writer, "review_by"));
	add_evidence(writer);
}

/* unless: names of definitions, separated by semicolons. */
static void add_unless(row_writer *writer)
{
	vg_item items[32];
	size_t count = 0;
	for (const char *at = cell(writer, "unless"); *at && count < VG_COUNT(items);) {
		size_t length = strcspn(at, ";"), skip = strspn(at, " ");
		if (skip < length) {
			const char *name = at + skip;
			size_t name_length = length - skip;
			while (name[name_length - 1] == ' ')
				name_length--;
			items[count++] = phrase_item(writer, "meets", vg_copy_text(arena_of(writer), name, name_length));
		}
		at += length + (at[length] == ';');
	}
	if (count)
		add_line(writer, "unless_any", list_item(writer, items, count));
}

static void add_requirement(row_writer *writer, vg_item condition)
{
	add_line(writer, "if_all", list_item(writer, &condition, 1));
}

/* ---- one family each --------------------------------------------------------------------- */

static bool write_retest(row_writer *writer)
{
	const char *test = cell(writer, "test"), *setting = cell(writer, "setting");
	add_common(writer, vg_format(arena_of(writer), "%s was measured recently", test));
	add_text(writer, "test", test);
	add_text(writer, "within", cell(writer, "interval"));
	if (*setting && !vg_same_text(setting, "any"))
		add_requirement(writer, phrase_item(writer, "in_setting", setting));
	add_unless(writer);
	add_warning(writer,
		    vg_format(arena_of(writer), "%s was last measured on {date of latest %s}: {latest %s}.", test, test, test));
	return true;
}

static bool write_therapy(row_writer *writer)
{
	const char *class = cell(writer, "class"), *at_most = cell(writer, "at_most");
	bool same = vg_same_fold(class, "same ingredient");
	double number = 1;
	add_common(writer, same ? "The same drug twice" : vg_format(arena_of(writer), "More than one drug of %s", class));
	add_text(writer, "class", class);
	if (*at_most && vg_parse_number(at_most, strlen(at_most), &number))
		add_line(writer, "at_most", (vg_item){.kind = VG_ITEM_NUMBER, .place = writer->place, .number = number});
	add_unless(writer);
	add_warning(writer, same ? "{this_order} holds what {other_drug} holds already."
				 : vg_format(arena_of(writer), "{this_order} and {other_drug} are of one class: %s.", class));
	return true;
}

static const char *comparison_word(const char *comparison)
{
	static const char *const pairs[][2] = {
	    {"below", "is_below"}, {"above", "is_above"}, {"at least", "is_at_least"}, {"at most", "is_at_most"}};
	for (size_t i = 0; i < VG_COUNT(pairs); i++)
		if (vg_same_text(pairs[i][0], comparison))
			return pairs[i][1];
	return NULL;
}

static bool complain_row(row_writer *writer, const char *advice, const char *what)
{
	VG_COMPLAIN(writer->compiler, VG293, writer->place, advice, "The row \"%s\" %s.", cell(writer, "id"), what);
	return false;
}

/* The condition of a row of drug_lab_disease and the sentence that leads its alert. */
static bool lab_condition(row_writer *writer, vg_item *ret, const char **ret_lead)
{
	const char *subject = cell(writer, "subject"), *limit = cell(writer, "limit");
	const char *word = comparison_word(cell(writer, "comparison"));
	if (!*subject || !word || !*limit)
		return complain_row(writer, "Fill in subject, comparison and limit.", "about a laboratory value has no limit");
	*ret = phrase_item(writer, "latest", subject);
	refine(writer, ret, word, limit);
	refine(writer, ret, "within", cell(writer, "within"));
	*ret_lead = vg_format(arena_of(writer), "%s {latest %s} on {date of latest %s}.", subject, subject, subject);
	return true;
}

static bool age_condition(row_writer *writer, vg_item *ret, const char **ret_lead)
{
	const char *comparison = cell(writer, "comparison"), *limit = cell(writer, "limit");
	bool below = vg_same_text(comparison, "below");
	if (!*limit || (!below && !vg_same_text(comparison, "at least")))
		return complain_row(writer, "Write below or at least, and an age such as 65 years.",
				    "about age has no clear limit");
	*ret = phrase_item(writer, below ? "age_below" : "age_at_least", limit);
	*ret_lead = vg_format(arena_of(writer), "The patient is {age} old.");
	return true;
}

static bool write_lab_disease(row_writer *writer)
{
	const char *drug = cell(writer, "drug"), *kind = cell(writer, "kind"), *subject = cell(writer, "subject");
	const char *applies = cell(writer, "applies_to"), *lead = NULL;
	vg_item condition;
	if (vg_same_text(kind, "lab")) {
		if (!lab_condition(writer, &condition, &lead))
			return false;
	} else if (vg_same_text(kind, "age")) {
		if (!age_condition(writer, &condition, &lead))
			return false;
	} else if (vg_same_text(kind, "pregnancy")) {
		condition = phrase_item(writer, "pregnant", NULL);
		lead = "The patient is pregnant.";
	} else {
		if (!*subject && vg_same_text(kind, "lactation"))
			subject = "lactation";
		if (!*subject)
			return complain_row(writer, "Fill in the set of conditions.", "about a disease has no subject");
		condition = phrase_item(writer, "has_condition", subject);
		lead = vg_format(arena_of(writer), "The patient has %s.", subject);
	}
	add_common(writer, vg_format(arena_of(writer), "%s and %s", drug, *subject ? subject : kind));
	if (!vg_same_text(applies, "taking"))
		add_text(writer, "when_ordering", drug);
	if (!vg_same_text(applies, "ordering"))
		add_text(writer, "when_taking", drug);
	add_requirement(writer, condition);
	add_warning(writer, lead);
	return true;
}

static bool write_dose(row_writer *writer)
{
	const char *ingredient = cell(writer, "ingredient"), *limit = cell(writer, "limit");
	vg_item condition = phrase_item(writer, "total_daily_dose", ingredient);
	refine(writer, &condition, "is_above", limit);
	refine(writer, &condition, "by_route", cell(writer, "route"));
	add_common(writer, vg_format(arena_of(writer), "More than %s of %s a day", limit, ingredient));
	add_text(writer, "when_ordering", ingredient);
	add_requirement(writer, condition);
	add_unless(writer);
	add_warning(writer,
		    vg_format(arena_of(writer), "All products together give {daily dose of %s} a day; the usual maximum is %s.",
			      ingredient, limit));
	return true;
}

static const struct family {
	const char *table, *kind;
	bool (*write)(row_writer *writer);
} families[] = {
    {"retest_intervals", "duplicate_test", write_retest},
    {"duplicate_therapy", "duplicate_therapy", write_therapy},
    {"drug_lab_disease", "contraindication", write_lab_disease},
    {"max_daily_dose", "contraindication", write_dose},
};

static bool write_row(vg_compiler *compiler, const struct family *family, const vg_table *table, const vg_table_row *row,
		      vg_made *ret)
{
	row_writer *writer = vg_alloc(&compiler->scratch, sizeof *writer);
	if (!writer)
		return false;
	writer->compiler = compiler;
	writer->table = table;
	writer->row = row;
	writer->place = row->place;
	compiler->rule = cell(writer, "id");
	if (!family->write(writer))
		return false;
	ret->family = family->table;
	ret->declaration =
	    (vg_declaration){.kind = family->kind, .id = cell(writer, "id"), .place = row->place, .pack = row->pack};
	ret->declaration.body =
	    (vg_item){.kind = VG_ITEM_TABLE, .place = row->place, .fields = writer->lines, .field_count = writer->line_count};
	return true;
}

bool vg_declare_tables(vg_compiler *compiler, vg_made **ret, size_t *ret_count)
{
	size_t room = 0, count = 0;
	for (size_t i = 0; i < VG_COUNT(families); i++) {
		const vg_table *table = vg_knowledge_table(compiler->knowledge, families[i].table);
		room += table ? table->row_count : 0;
	}
	vg_made *made = vg_alloc_array(&compiler->scratch, room, sizeof *made);
	if (!made)
		return false;
	for (size_t i = 0; i < VG_COUNT(families); i++) {
		const vg_table *table = vg_knowledge_table(compiler->knowledge, families[i].table);
		for (size_t row = 0; table && row < table->row_count; row++)
			count += write_row(compiler, &families[i], table, &table->rows[row], &made[count]);
	}
	*ret = made;
	*ret_count = count;
	return vg_compiler_sound(compiler);
}
