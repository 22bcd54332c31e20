/*
 * The contexts of pair rows: tables/pair_cases.csv names definitions, which
 * become nodes here, and sentences, which become texts.
 *
 * A case that cannot be compiled has no node and never decides: the row keeps
 * its own severity, and the finding says so.
 */
#include "rule/rule_internal.h"

static size_t count_cases(const vg_knowledge *knowledge)
{
	size_t count = 0;
	while (vg_pair_case_get(knowledge, (uint32_t)count))
		count++;
	return count;
}

void vg_compile_pair_cases(vg_compiler *compiler)
{
	vg_rulebook *book = compiler->book;
	size_t count = count_cases(compiler->knowledge);
	uint32_t *nodes = vg_alloc_array(&book->arena, count, sizeof *nodes);
	vg_text *says = vg_alloc_array(&book->arena, count, sizeof *says);
	if (!nodes || !says)
		return;
	for (size_t i = 0; i < count; i++) {
		const vg_pair_case *pair_case = vg_pair_case_get(compiler->knowledge, (uint32_t)i);
		compiler->rule = NULL;
		compiler->failed = false;
		compiler->frame = VG_FRAME_ORDER | VG_FRAME_PAIR;
		/* What may lower a severity needs as much evidence as what silences. */
		compiler->strict = !(pair_case->changes_severity && pair_case->severity == VIGIL_SEVERITY_CRITICAL);
		nodes[i] = vg_definition_node(compiler, pair_case->definition, pair_case->place);
		compiler->strict = false;
		vg_item say = {.kind = VG_ITEM_TEXT, .place = pair_case->place, .text = pair_case->say};
		if (pair_case->say && *pair_case->say)
			says[i] = vg_compile_text(compiler, &say, "say");
	}
	book->pair_case_nodes = nodes;
	book->pair_case_says = says;
	book->pair_case_count = count;
}
