/*
 * Shared by the tests of the rule floor; see rule_tests.h.
 */
#include "rule_tests.h"

#include <stdio.h>
#include <stdlib.h>

const vg_knowledge *test_knowledge(void)
{
	static vg_knowledge *knowledge;
	static const vg_pack_folder pack = {"tests/rule/pack", "rule-words", "1"};
	if (knowledge)
		return knowledge;
	vg_findings findings;
	vg_findings_init(&findings, &vg_system_allocator);
	vg_knowledge_sources sources = {.packs = &pack, .pack_count = 1};
	vigil_error error = VIGIL_ERROR_INIT;
	if (vg_knowledge_open(&sources, &vg_system_allocator, &findings, &knowledge, &error) != VIGIL_OK) {
		fprintf(stderr, "tests/rule/pack cannot be opened: %s\n", error.text);
		exit(1);
	}
	for (size_t i = 0; i < findings.count; i++)
		if (findings.items[i].level == VIGIL_ERROR)
			fprintf(stderr, "%s:%d: %s\n", findings.items[i].file, findings.items[i].line, findings.items[i].text);
	vg_findings_free(&findings);
	return knowledge;
}

/* ---- rulebooks --------------------------------------------------------------------- */

static const char needed_definitions[] = "define \"frail patient\" { age_at_least \"85 years\" }"
					 "define \"hospice services\" { in_hospice }"
					 "define \"high INR\" { latest \"INR\" :is_above \"4\" :within \"14 days\" }";

test_book book_of_layers(const char *first, const char *second)
{
	test_book book = {.book = NULL};
	vigil_error error = VIGIL_ERROR_INIT;
	vg_findings_init(&book.findings, &vg_system_allocator);
	source_read(&book.source, needed_definitions, 0);
	source_read(&book.source, first, 0);
	if (second)
		source_read(&book.source, second, 1);
	vigil_status status = vg_rulebook_compile(book.source.declarations, book.source.count, test_knowledge(),
						  &vg_system_allocator, &book.findings, &book.book, &error);
	CHECK(status == VIGIL_OK, "compiling fails with %d: %s", status, error.text);
	vg_findings_sort(&book.findings);
	return book;
}

test_book book_of(const char *text) { return book_of_layers(text, NULL); }

void book_close(test_book *book)
{
	vg_rulebook_free(book->book);
	vg_findings_free(&book->findings);
	source_free(&book->source);
}

const vg_rule *book_rule(const test_book *book, const char *id)
{
	uint32_t number = vg_rule_find(book->book, id);
	return number == UINT32_MAX ? NULL : &book->book->rules[number];
}

const vigil_finding *book_finding(const test_book *book, const char *code)
{
	for (size_t i = 0; i < book->findings.count; i++)
		if (strcmp(book->findings.items[i].code, code) == 0)
			return &book->findings.items[i];
	return NULL;
}

const char *book_findings(const test_book *book)
{
	static char text[4000];
	size_t length = 0;
	text[0] = '\0';
	for (size_t i = 0; i < book->findings.count && length < sizeof text - 400; i++)
		length += (size_t)snprintf(text + length, 400, "\n    %s %.150s | %.200s", book->findings.items[i].code,
					   book->findings.items[i].text,
					   book->findings.items[i].advice ? book->findings.items[i].advice : "");
	return text;
}

/* ---- truth tables -------------------------------------------------------------------------- */

static void check_row(const truth_row *row, const char *as_of)
{
	char text[1024];
	snprintf(text, sizeof text,
		 "rule \"r\" { title = \"t\", severity = \"info\", when_ordering = anything, if_all = { %s }, warn = \"w\" }",
		 row->condition);
	test_book book = book_of(text);
	const vg_rule *rule = book_rule(&book, "r");
	CHECK(rule != NULL, "%s: is not compiled:%s", row->condition, book_findings(&book));
	if (!rule) {
		book_close(&book);
		return;
	}
	test_scene *scene = scene_of(book.book, row->record, as_of);
	const vg_clinical_fact *order = scene->scene.order_count ? scene->scene.orders[0] : NULL;
	vg_binding binding = {.order = order, .subject = order};
	vg_truth truth = vg_node_truth(&scene->scene, rule->requires, &binding, NULL);
	CHECK(truth == row->expected, "%s\n    with \"%s\" on %s is %s, not %s", row->condition, row->record, as_of,
	      vg_truth_text(truth), vg_truth_text(row->expected));
	const vg_node *node = &book.book->nodes[rule->requires];
	if (node->kind == VG_NODE_LEAF) {
		vg_arena arena;
		vg_arena_init(&arena, &vg_system_allocator, 0);
		vg_look look = {.arena = &arena};
		vg_truth looked = vg_leaf_truth(&scene->scene, &book.book->leaves[node->leaf], &binding, &look);
		CHECK(looked == truth, "%s\n    with \"%s\": %s with a look, %s without", row->condition, row->record,
		      vg_truth_text(looked), vg_truth_text(truth));
		CHECK(looked != VG_UNKNOWN || look.missing, "%s\n    with \"%s\": unknown, but does not say why",
		      row->condition, row->record);
		vg_arena_free(&arena);
	}
	scene_close(scene);
	book_close(&book);
}

void check_truths(const truth_row *rows, size_t count, const char *as_of)
{
	for (size_t i = 0; i < count; i++)
		check_row(&rows[i], as_of);
}
