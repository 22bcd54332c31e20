/*
 * Mutation: what can be changed in one declaration, and the changed copy.
 *
 * Changed are what decides: limits and periods by one step up and down,
 * comparisons to their neighbour and to their opposite, sets to another set of
 * the same use that shares no member, kinds of lists, members of lists,
 * refinements, exceptions, cases, their order and severity, what happens with
 * unknown data.  Texts, evidence and suggestions decide nothing and stay.
 *
 * A change is kept as the place in the tree that it touches; the copy is made
 * when it is tried.
 */
#include <stdio.h>

#include "evaluation/authoring_internal.h"

typedef struct finder {
	const vg_knowledge *knowledge;
	vg_arena *arena;
	vg_edit_list *out;
	const char *about; /* the phrase or line that is being looked at, for the words */
} finder;

static bool is_one_of(const char *name, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

static void add(finder *find, const vg_edit *edit, const char *change)
{
	vg_edit *items = vg_grow(find->arena, find->out->items, find->out->count, &find->out->capacity, sizeof *items);
	if (!items || !change)
		return; /* the arena is marked as failed */
	find->out->items = items;
	items[find->out->count] = *edit;
	items[find->out->count++].change = change;
}

static void add_text(finder *find, const void *target, vg_place place, const char *what, const char *old, const char *text)
{
	if (text && strcmp(text, old) != 0)
		add(find, &(vg_edit){.kind = VG_EDIT_TEXT, .target = target, .text = text, .place = place},
		    vg_format(find->arena, "%s \"%s\" of %s were \"%s\"", what, old, find->about, text));
}

static void add_drop(finder *find, const void *target, vg_place place, const char *what)
{
	add(find, &(vg_edit){.kind = VG_EDIT_DROP, .target = target, .place = place},
	    vg_format(find->arena, "%s were not there", what));
}

/* ---- limits -------------------------------------------------------------------------------- */

const char *vg_stepped_text(const char *text, int which, int direction, vg_arena *arena)
{
	size_t start = strcspn(text, "0123456789"), length = strspn(text + start, "0123456789.");
	if (start > 2) /* a name with a number in it */
		return NULL;
	if (which == 1) {
		if (text[start + length] != '/' || strspn(text + start + length + 1, "0123456789") == 0)
			return NULL;
		start += length + 1;
		length = strspn(text + start, "0123456789.");
	}
	double number;
	if (length == 0 || !vg_parse_number(text + start, length, &number))
		return NULL;
	const char *point = memchr(text + start, '.', length);
	size_t decimals = point ? length - (size_t)(point - (text + start)) - 1 : 0;
	double step = 1;
	for (size_t i = 0; i < decimals; i++)
		step /= 10;
	number += direction * step;
	if (number <= step / 2) /* nothing is left of it: the next smaller unit instead */
		return NULL;
	vg_buffer out;
	vg_buffer_init(&out, arena);
	vg_add_bytes(&out, text, start);
	char digits[40];
	snprintf(digits, sizeof digits, "%.*f", (int)(decimals > 9 ? 9 : decimals), number);
	for (char *comma = digits; *comma; comma++)
		if (*comma == ',')
			*comma = '.'; /* whatever the locale's decimal sign is */
	vg_add(&out, digits);
	vg_add(&out, text + start + length);
	return vg_buffer_text(&out);
}

static const char *shorter(const char *text, vg_arena *arena)
{
	static const char *const units[][2] = {{"1 year", "11 months"}, {"1 month", "3 weeks"}, {"1 week", "6 days"}};
	for (size_t i = 0; i < VG_COUNT(units); i++)
		if (strcmp(text, units[i][0]) == 0)
			return units[i][1];
	return vg_stepped_text(text, 0, -1, arena);
}

static const char *longer(const char *text, vg_arena *arena)
{
	const char *stepped = vg_stepped_text(text, 0, 1, arena);
	bool singular = stepped && vg_starts_with(text, "1 ") && text[strlen(text) - 1] != 's';
	return singular ? vg_format(arena, "%ss", stepped) : stepped;
}

/* A set of the same use that has nothing in common with this one. */
static const char *other_set(const finder *find, vg_set set)
{
	const vg_knowledge *knowledge = find->knowledge;
	size_t count = vg_set_count(knowledge);
	vg_ids members = vg_set_members(knowledge, set);
	for (size_t i = 1; i < count; i++) {
		vg_set other = (vg_set)((set - 1 + i) % count + 1);
		bool shares = !(vg_set_uses(knowledge, other) & vg_set_uses(knowledge, set));
		for (size_t k = 0; k < members.count && !shares; k++)
			shares = vg_set_has(knowledge, other, members.ids[k]);
		if (!shares && vg_set_members(knowledge, other).count)
			return vg_set_name(knowledge, other);
	}
	return NULL;
}

static void change_value(finder *find, const vg_item *item)
{
	static const char *const opposites[][2] = {
	    {"female", "male"},         {"male", "female"},        {"inpatient", "outpatient"}, {"outpatient", "inpatient"},
	    {"systemic", "topical"},    {"topical", "oral"},       {"oral", "topical"},         {"severe", "mild"},
	    {"this year", "last year"}, {"last year", "this year"}};
	vg_duration duration;
	if (item->kind == VG_ITEM_NUMBER) {
		for (int direction = -1; direction <= 1; direction += 2)
			if (item->number + direction > 0)
				add(find,
				    &(vg_edit){.kind = VG_EDIT_NUMBER,
					       .target = item,
					       .number = item->number + direction,
					       .place = item->place},
				    vg_format(find->arena, "the number %d of %s were %d", (int)item->number, find->about,
					      (int)item->number + direction));
		return;
	}
	if (item->kind != VG_ITEM_TEXT)
		return;
	for (size_t i = 0; i < VG_COUNT(opposites); i++)
		if (strcmp(item->text, opposites[i][0]) == 0) {
			add_text(find, item, item->place, "", item->text, opposites[i][1]);
			return;
		}
	vg_set set = vg_set_find(find->knowledge, item->text);
	if (vg_duration_parse(item->text, &duration)) {
		add_text(find, item, item->place, "the period", item->text, longer(item->text, find->arena));
		add_text(find, item, item->place, "the period", item->text, shorter(item->text, find->arena));
	} else if (set) {
		add_text(find, item, item->place, "the set", item->text, other_set(find, set));
	} else {
		for (int k = 0; k < 4; k++)
			add_text(find, item, item->place, "the limit", item->text,
				 vg_stepped_text(item->text, k / 2, k % 2 ? 1 : -1, find->arena));
	}
}

/* ---- phrases --------------------------------------------------------------------------------- */

static void change_item(finder *find, const vg_item *item);

static void change_list(finder *find, const vg_item *table, const char *what)
{
	for (size_t i = 0; i < table->item_count; i++) {
		const vg_item *item = &table->items[i];
		const char *name = item->kind == VG_ITEM_PHRASE ? item->phrase->word
				   : item->kind == VG_ITEM_TEXT ? item->text
								: "…";
		const vg_item *argument =
		    item->kind == VG_ITEM_PHRASE && item->phrase->argument_count ? &item->phrase->arguments[0] : NULL;
		bool quoted = argument && argument->kind == VG_ITEM_TEXT;
		if (table->item_count > 1)
			add_drop(find, item, item->place,
				 vg_format(find->arena, "%s%s%s%s of %s", name, quoted ? " \"" : "",
					   quoted ? argument->text : "", quoted ? "\"" : "", what));
		change_item(find, item);
	}
}

static void change_word(finder *find, const vg_phrase *phrase)
{
	static const char *const words[][2] = {{"all", "any"}, {"any", "all"}, {"none", "any"}};
	for (size_t i = 0; i < VG_COUNT(words); i++)
		if (strcmp(phrase->word, words[i][0]) == 0) {
			bool single = phrase->argument_count && phrase->arguments[0].item_count < 2 && i < 2;
			if (!single)
				add(find,
				    &(vg_edit){
					.kind = VG_EDIT_TEXT, .target = phrase, .text = words[i][1], .place = phrase->place},
				    vg_format(find->arena, "the list `%s` were `%s`", words[i][0], words[i][1]));
		}
}

static void change_refinement(finder *find, const vg_refinement *refinement)
{
	static const char *const comparisons[][2] = {
	    {"is_below", "is_at_most"},  {"is_at_most", "is_below"}, {"is_above", "is_at_least"}, {"is_at_least", "is_above"},
	    {"is_below", "is_at_least"}, {"is_above", "is_at_most"}, {"is_at_most", "is_above"},  {"is_at_least", "is_below"},
	    {"risen_by", "fallen_by"},   {"fallen_by", "risen_by"}};
	for (size_t i = 0; i < VG_COUNT(comparisons); i++)
		if (strcmp(refinement->name, comparisons[i][0]) == 0)
			add(find,
			    &(vg_edit){.kind = VG_EDIT_TEXT,
				       .target = refinement,
				       .text = comparisons[i][1],
				       .place = refinement->place},
			    vg_format(find->arena, ":%s of %s were :%s", comparisons[i][0], find->about, comparisons[i][1]));
	add_drop(find, refinement, refinement->place, vg_format(find->arena, ":%s of %s", refinement->name, find->about));
	const char *about = find->about;
	find->about = vg_format(find->arena, "%s :%s", about, refinement->name);
	for (size_t i = 0; i < refinement->argument_count; i++)
		change_item(find, &refinement->arguments[i]);
	find->about = about;
}

static void change_phrase(finder *find, const vg_phrase *phrase)
{
	const char *about = find->about;
	bool quoted = phrase->argument_count && phrase->arguments[0].kind == VG_ITEM_TEXT;
	find->about = quoted ? vg_format(find->arena, "%s \"%s\"", phrase->word, phrase->arguments[0].text) : phrase->word;
	change_word(find, phrase);
	bool named = strcmp(phrase->word, "meets") == 0;
	for (size_t i = 0; i < phrase->argument_count && !named && find->about; i++) {
		if (phrase->arguments[i].kind == VG_ITEM_TABLE)
			change_list(find, &phrase->arguments[i], vg_format(find->arena, "`%s`", phrase->word));
		else if (!(strcmp(phrase->word, "named") == 0 && i == 0))
			change_item(find, &phrase->arguments[i]);
	}
	for (size_t i = 0; i < phrase->refinement_count && find->about; i++)
		change_refinement(find, &phrase->refinements[i]);
	find->about = about;
}

static void change_item(finder *find, const vg_item *item)
{
	if (find->arena->failed)
		return;
	if (item->kind == VG_ITEM_PHRASE)
		change_phrase(find, item->phrase);
	else if (item->kind == VG_ITEM_TABLE)
		change_list(find, item, "a list");
	else
		change_value(find, item);
}

/* ---- lines of a rule ------------------------------------------------------------------------ */

static void change_case(finder *find, const vg_item *item)
{
	static const char *const severities[][2] = {{"info", "warning"}, {"warning", "critical"}, {"critical", "warning"}};
	for (size_t i = 0; i < item->field_count; i++) {
		const vg_field *field = &item->fields[i];
		if (strcmp(field->name, "severity") == 0 && field->value.kind == VG_ITEM_TEXT) {
			for (size_t k = 0; k < VG_COUNT(severities); k++)
				if (strcmp(field->value.text, severities[k][0]) == 0)
					add_text(find, &field->value, field->place, "the severity", field->value.text,
						 severities[k][1]);
		} else if (field->value.kind == VG_ITEM_TABLE) {
			change_list(find, &field->value, vg_format(find->arena, "a case's %s", field->name));
			if (field->value.item_count > 1)
				add(find,
				    &(vg_edit){.kind = VG_EDIT_TEXT,
					       .target = field,
					       .text = strcmp(field->name, "if_all") == 0 ? "if_any" : "if_all",
					       .place = field->place},
				    vg_format(find->arena, "a case's %s asked for %s", field->name,
					      strcmp(field->name, "if_all") == 0 ? "any of its members"
										 : "all of its members"));
		}
	}
}

static void change_cases(finder *find, const vg_item *cases)
{
	for (size_t i = 0; i < cases->item_count; i++) {
		const vg_item *item = &cases->items[i];
		find->about = vg_format(find->arena, "case %zu", i + 1);
		add_drop(find, item, item->place, find->about);
		if (i + 1 < cases->item_count)
			add(find, &(vg_edit){.kind = VG_EDIT_SWAP, .target = item, .place = item->place},
			    vg_format(find->arena, "cases %zu and %zu changed places", i + 1, i + 2));
		change_case(find, item);
	}
}

static void change_unknown(finder *find, const vg_field *field)
{
	static const char *const choices[] = {"stay silent", "ask", "warn"};
	for (size_t i = 0; i < VG_COUNT(choices) && field->value.kind == VG_ITEM_TEXT; i++)
		add_text(find, &field->value, field->place, "what happens", field->value.text, choices[i]);
}

static void change_field(finder *find, const vg_field *field)
{
	static const char *const told[] = {"title",           "severity", "status",   "owner",  "review_by",
					   "evidence",        "warn",     "ask",      "remind", "suggest",
					   "accept_override", "say",      "replaces", "check",  "needs"};
	if (is_one_of(field->name, told, VG_COUNT(told)) || find->arena->failed)
		return;
	find->about = field->name;
	add_drop(find, field, field->place, vg_format(find->arena, "the line `%s`", field->name));
	if (strcmp(field->name, "cases") == 0)
		change_cases(find, &field->value);
	else if (strcmp(field->name, "if_unknown") == 0)
		change_unknown(find, field);
	else if (field->value.kind == VG_ITEM_TABLE)
		change_list(find, &field->value, field->name);
	else
		change_item(find, &field->value);
	static const char *const lists[][2] = {{"if_all", "if_any"}, {"if_any", "if_all"}};
	for (size_t i = 0; i < VG_COUNT(lists) && field->value.item_count > 1; i++)
		if (strcmp(field->name, lists[i][0]) == 0)
			add(find, &(vg_edit){.kind = VG_EDIT_TEXT, .target = field, .text = lists[i][1], .place = field->place},
			    vg_format(find->arena, "`%s` were `%s`", lists[i][0], lists[i][1]));
}

void vg_list_edits(const vg_knowledge *knowledge, const vg_declaration *declaration, vg_arena *arena, vg_edit_list *out)
{
	finder find = {.knowledge = knowledge, .arena = arena, .out = out, .about = declaration->id};
	for (size_t i = 0; i < declaration->body.field_count; i++)
		change_field(&find, &declaration->body.fields[i]);
	for (size_t i = 0; i < declaration->body.item_count; i++)
		change_item(&find, &declaration->body.items[i]);
}

/* ---- the changed copy ------------------------------------------------------------------------- */

static vg_phrase *edited_phrase(const vg_phrase *phrase, const vg_edit *edit, vg_arena *arena);

static const vg_item *edited_items(const vg_item *items, size_t *count, const vg_edit *edit, vg_arena *arena)
{
	vg_item *copy = vg_alloc_array(arena, *count ? *count : 1, sizeof *copy);
	size_t kept = 0;
	for (size_t i = 0; copy && i < *count; i++) {
		if (edit->kind == VG_EDIT_DROP && edit->target == &items[i])
			continue;
		copy[kept++] = vg_edited(&items[i], edit, arena);
		if (edit->kind == VG_EDIT_SWAP && i > 0 && edit->target == &items[i - 1]) {
			vg_item held = copy[kept - 1];
			copy[kept - 1] = copy[kept - 2];
			copy[kept - 2] = held;
		}
	}
	*count = kept;
	return copy;
}

vg_item vg_edited(const vg_item *item, const vg_edit *edit, vg_arena *arena)
{
	vg_item copy = *item;
	if (edit->target == item && edit->kind == VG_EDIT_TEXT)
		copy.text = edit->text;
	if (edit->target == item && edit->kind == VG_EDIT_NUMBER)
		copy.number = edit->number;
	if (item->kind == VG_ITEM_PHRASE)
		copy.phrase = edited_phrase(item->phrase, edit, arena);
	if (item->kind != VG_ITEM_TABLE)
		return copy;
	copy.items = edited_items(item->items, &copy.item_count, edit, arena);
	vg_field *fields = vg_alloc_array(arena, item->field_count + 1, sizeof *fields);
	copy.fields = fields;
	copy.field_count = 0;
	for (size_t i = 0; fields && i < item->field_count; i++) {
		const vg_field *field = &item->fields[i];
		bool touched = edit->target == field;
		if (touched && edit->kind == VG_EDIT_DROP)
			continue;
		fields[copy.field_count] = *field;
		fields[copy.field_count].value = vg_edited(&field->value, edit, arena);
		if (touched)
			fields[copy.field_count].name = edit->text;
		copy.field_count++;
	}
	return copy;
}

static vg_phrase *edited_phrase(const vg_phrase *phrase, const vg_edit *edit, vg_arena *arena)
{
	vg_phrase *copy = vg_alloc(arena, sizeof *copy);
	vg_refinement *refinements = vg_alloc_array(arena, phrase->refinement_count + 1, sizeof *refinements);
	if (!copy || !refinements)
		return NULL;
	*copy = *phrase;
	if (edit->target == phrase)
		copy->word = edit->text;
	copy->arguments = edited_items(phrase->arguments, &copy->argument_count, edit, arena);
	copy->refinements = refinements;
	copy->refinement_count = 0;
	for (size_t i = 0; i < phrase->refinement_count; i++) {
		const vg_refinement *refinement = &phrase->refinements[i];
		bool touched = edit->target == refinement;
		if (touched && edit->kind == VG_EDIT_DROP)
			continue;
		vg_refinement *to = &refinements[copy->refinement_count++];
		*to = *refinement;
		if (touched)
			to->name = edit->text;
		to->arguments = edited_items(refinement->arguments, &to->argument_count, edit, arena);
	}
	return copy;
}
