/* Loading texts, showing what came of them. */
#include "script/script_tests.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *make_folder(void)
{
	static char folders[8][40];
	static unsigned next;
	char *folder = folders[next++ % VG_COUNT(folders)];
	strcpy(folder, "/tmp/vigil-script-XXXXXX");
	if (!mkdtemp(folder)) {
		perror(folder);
		exit(1);
	}
	return folder;
}

void write_file(const char *folder, const char *name, const char *bytes, size_t length)
{
	char path[200];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	FILE *file = fopen(path, "wb");
	if (!file || fwrite(bytes, 1, length, file) != length || fclose(file) != 0) {
		perror(path);
		exit(1);
	}
}

void remove_folder(const char *folder)
{
	char command[100];
	snprintf(command, sizeof command, "rm -rf %s", folder);
	if (system(command) != 0)
		perror(folder);
}

void load_folders(test_load *loaded, const char *const *folders, size_t count, const vg_allocator *allocator)
{
	*loaded = (test_load){.error = VIGIL_ERROR_INIT};
	vg_findings_init(&loaded->findings, allocator);
	loaded->status = vg_script_load(folders, count, allocator, &loaded->findings, &loaded->script, &loaded->error);
	vg_findings_sort(&loaded->findings);
}

void load_bytes(test_load *loaded, const char *bytes, size_t length)
{
	const char *folder = make_folder();
	char path[100];
	snprintf(path, sizeof path, "%s/rules.lua", folder);
	write_file(folder, "rules.lua", bytes, length);
	const char *given = path;
	load_folders(loaded, &given, 1, &vg_system_allocator);
	remove_folder(folder);
}

void load_text(test_load *loaded, const char *text) { load_bytes(loaded, text, strlen(text)); }

void unload(test_load *loaded)
{
	vg_script_free(loaded->script);
	vg_findings_free(&loaded->findings);
}

const char *findings_text(const test_load *loaded, vg_arena *arena)
{
	vg_buffer text;
	vg_buffer_init(&text, arena);
	for (size_t i = 0; i < loaded->findings.count; i++) {
		const vigil_finding *finding = &loaded->findings.items[i];
		vg_addf(&text, "%s%s@%d:%d", i ? " " : "", finding->code, finding->line, finding->column);
	}
	return vg_buffer_text(&text);
}

const vigil_finding *finding_of(const test_load *loaded, const char *code)
{
	for (size_t i = 0; i < loaded->findings.count; i++)
		if (strcmp(loaded->findings.items[i].code, code) == 0)
			return &loaded->findings.items[i];
	return NULL;
}

static void show_item(vg_buffer *text, const vg_item *item, bool places);

static void show_place(vg_buffer *text, vg_place place, bool places)
{
	if (places)
		vg_addf(text, "@%d:%d", place.line, place.column);
}

static void show_items(vg_buffer *text, const vg_item *items, size_t count, bool places)
{
	for (size_t i = 0; i < count; i++) {
		vg_add(text, i ? ", " : "");
		show_item(text, &items[i], places);
	}
}

static void show_phrase(vg_buffer *text, const vg_phrase *phrase, bool places)
{
	vg_add(text, phrase->word);
	show_place(text, phrase->place, places);
	if (phrase->argument_count > 0) {
		vg_add(text, "(");
		show_items(text, phrase->arguments, phrase->argument_count, places);
		vg_add(text, ")");
	}
	for (size_t i = 0; i < phrase->refinement_count; i++) {
		vg_addf(text, " :%s", phrase->refinements[i].name);
		show_place(text, phrase->refinements[i].place, places);
		if (phrase->refinements[i].argument_count > 0) {
			vg_add(text, "(");
			show_items(text, phrase->refinements[i].arguments, phrase->refinements[i].argument_count, places);
			vg_add(text, ")");
		}
	}
}

static void show_item(vg_buffer *text, const vg_item *item, bool places)
{
	switch (item->kind) {
	case VG_ITEM_TEXT:
		vg_add_json_text(text, item->text);
		break;
	case VG_ITEM_NUMBER:
		vg_add_number(text, item->number);
		break;
	case VG_ITEM_BOOLEAN:
		vg_add(text, item->boolean ? "true" : "false");
		break;
	case VG_ITEM_FUNCTION:
		vg_addf(text, "check %u", item->function);
		break;
	case VG_ITEM_PHRASE:
		show_phrase(text, item->phrase, places);
		return;
	case VG_ITEM_TABLE:
		vg_add(text, "{");
		show_items(text, item->items, item->item_count, places);
		for (size_t i = 0; i < item->field_count; i++) {
			vg_addf(text, "%s%s", item->item_count || i ? ", " : "", item->fields[i].name);
			show_place(text, item->fields[i].place, places);
			vg_add(text, " = ");
			show_item(text, &item->fields[i].value, places);
		}
		vg_add(text, "}");
		break;
	default:
		vg_add(text, "nothing");
	}
	show_place(text, item->place, places);
}

const char *declaration_text(const vg_declaration *declaration, vg_arena *arena, bool with_places)
{
	vg_buffer text;
	vg_buffer_init(&text, arena);
	vg_addf(&text, "%s %s ", declaration->kind, declaration->id);
	show_item(&text, &declaration->body, with_places);
	return vg_buffer_text(&text);
}

const char *run_body(const char *body, vg_check_error *error)
{
	static const vg_argument arguments[] = {{"number", VG_ARGUMENT_NUMBER, 24.5, NULL, false},
						{"text", VG_ARGUMENT_TEXT, 0, "Smith", false},
						{"truth", VG_ARGUMENT_BOOLEAN, 0, NULL, true},
						{"missing", VG_ARGUMENT_MISSING, 0, NULL, false}};
	static const vg_argument order[] = {{"display", VG_ARGUMENT_TEXT, 0, "ibuprofen 400 mg", false}};
	vg_arena arena;
	vg_arena_init(&arena, &vg_system_allocator, 0);
	const char *text = vg_format(&arena, "function(p, this_order) %s\nend", body);
	vg_check check = {"hostile", "hostile.lua", text, strlen(text), 1};
	vg_script script = {.checks = &check, .check_count = 1};
	vg_checker *checker;
	vg_truth truth = VG_FALSE;
	const char *outcome = "no memory";
	*error = (vg_check_error){.code = ""};
	if (vg_checker_open(&script, &vg_system_allocator, &checker, NULL) == VIGIL_OK) {
		bool ran = vg_checker_call(checker, 0, arguments, VG_COUNT(arguments), order, VG_COUNT(order), &truth, error);
		outcome = ran ? vg_truth_text(truth) : error->code;
		vg_checker_close(checker);
	}
	vg_arena_free(&arena);
	return outcome;
}

void *peak_resize(void *user, void *old, size_t old_size, size_t new_size)
{
	peak_allocator *peak = user;
	void *block = vg_system_allocator.resize(vg_system_allocator.user, old, old_size, new_size);
	if (block || new_size == 0)
		peak->live = peak->live - (old ? old_size : 0) + new_size;
	if (peak->live > peak->peak)
		peak->peak = peak->live;
	return block;
}
