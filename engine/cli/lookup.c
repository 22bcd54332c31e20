/*
 * `vigil lookup`: what the knowledge knows of a code or a name.
 */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

static const char *const systems[] = {
#define X(name, label, uri, others) name,
#include "knowledge/systems.def"
#undef X
};

enum { MOST = 64 };
typedef struct matches {
	vg_concept concepts[MOST];
	size_t count;
	vg_set set; /* whose name it is; 0: none */
} matches;

static void add_concept(matches *found, vg_concept concept)
{
	for (size_t i = 0; i < found->count; i++)
		if (found->concepts[i] == concept)
			return;
	if (concept && found->count < MOST)
	found->concepts[found->count++] = concept;
}

static void find(vg_cli *cli, const vg_knowledge *knowledge, const char *text, matches *ret)
{
	*ret = (matches){0};
	const char *bar = strchr(text, '|');
	if (bar) {
		const char *system = vg_copy_text(&cli->arena, text, (size_t)(bar - text));
		if (system)
			add_concept(ret, vg_concept_find(knowledge, vg_system_uri(system), bar + 1));
		return;
	}
	for (size_t i = 0; i < VG_COUNT(systems); i++)
		add_concept(ret, vg_concept_find(knowledge, vg_system_uri(systems[i]), text));
	add_concept(ret, vg_concept_by_name(knowledge, VG_NAME_DRUG, text));
	add_concept(ret, vg_concept_by_name(knowledge, VG_NAME_ALLERGEN, text));
	add_concept(ret, vg_concept_by_name(knowledge, VG_NAME_OTHER, text));
	ret->set = vg_set_find(knowledge, text);
}

/* ---- one concept ------------------------------------------------------------------------ */

static const char *set_names(vg_cli *cli, const vg_knowledge *knowledge, vg_ids sets)
{
	vg_buffer out;
	vg_buffer_init(&out, &cli->arena);
	for (size_t i = 0; i < sets.count; i++)
		vg_addf(&out, "%s%s", i ? "; " : "", vg_set_name(knowledge, sets.ids[i]));
	return vg_buffer_text(&out);
}

static const char *ingredient_names(vg_cli *cli, const vg_knowledge *knowledge, vg_concept concept)
{
	vg_ids ingredients = vg_drug_ingredients(knowledge, concept);
	const vg_strength *strengths = vg_drug_strengths(knowledge, concept);
	vg_buffer out;
	vg_buffer_init(&out, &cli->arena);
	for (size_t i = 0; i < ingredients.count; i++) {
		vg_addf(&out, "%s%s", i ? "; " : "", vg_concept_name(knowledge, ingredients.ids[i]));
		if (!strengths || !(strengths[i].amount > 0))
			continue;
		vg_add(&out, " ");
		vg_add_number(&out, strengths[i].amount);
		vg_addf(&out, " %s", strengths[i].unit ? strengths[i].unit : "");
		if (strengths[i].per_unit && *strengths[i].per_unit) {
			vg_add(&out, " / ");
			vg_add_number(&out, strengths[i].per);
			vg_addf(&out, " %s", strengths[i].per_unit);
		}
	}
	return vg_buffer_text(&out);
}

static const char *allergen_text(vg_cli *cli, const vg_knowledge *knowledge, vg_concept concept)
{
	static const char *const kinds[] = {[VG_ALLERGEN_NONE] = "",
					    [VG_ALLERGEN_SUBSTANCE] = "a substance",
					    [VG_ALLERGEN_CLASS] = "a class of drugs",
					    [VG_ALLERGEN_NEGATED] = "says that there is no such allergy",
					    [VG_ALLERGEN_OTHER] = "known, but no drug"};
	vg_allergen_kind kind = vg_allergen_kind_of(knowledge, concept);
	if (kind == VG_ALLERGEN_NONE)
		return "";
	const char *sets = set_names(cli, knowledge, vg_allergen_sets(knowledge, concept));
	return vg_format(&cli->arena, "%s%s%s%s", kinds[kind], sets && *sets ? ", stands for " : "", sets ? sets : "",
			 vg_allergen_is_intolerance(knowledge, concept) ? "; an intolerance" : "");
}

static void add_text(vg_page *page, vg_cli *cli, const vg_knowledge *knowledge, vg_concept concept)
{
	vg_page_add(page, VG_BOLD, vg_concept_name(knowledge, concept));
	vg_page_line(page);
	vg_page_field(page, 2, "Code",
		      vg_format(&cli->arena, "%s %s", vg_system_name(vg_concept_system(knowledge, concept)),
				vg_concept_code(knowledge, concept)));
	if (vg_drug_ingredients(knowledge, concept).count) {
		vg_page_field(page, 2, "Ingredients", ingredient_names(cli, knowledge, concept));
		vg_route route = vg_drug_route(knowledge, concept);
		if (route != VG_ROUTE_UNKNOWN)
			vg_page_field(page, 2, "Route", vg_route_name(route));
	}
	vg_page_field(page, 2, "Allergen", allergen_text(cli, knowledge, concept));
	vg_ids panel = vg_panel_members(knowledge, concept);
	for (size_t i = 0; i < panel.count; i++)
		vg_page_field(page, 2, i ? "" : "Panel of", vg_concept_name(knowledge, panel.ids[i]));
	const char *sets = set_names(cli, knowledge, vg_concept_sets(knowledge, concept));
	vg_page_field(page, 2, "Sets", sets && *sets ? sets : "none");
}

static void add_json(vg_json_writer *json, vg_cli *cli, const vg_knowledge *knowledge, vg_concept concept)
{
	vg_json_open(json, NULL, '{');
	vg_json_text_always(json, "system", vg_concept_system(knowledge, concept));
	vg_json_text_always(json, "code", vg_concept_code(knowledge, concept));
	vg_json_text(json, "name", vg_concept_name(knowledge, concept));
	vg_ids ingredients = vg_drug_ingredients(knowledge, concept);
	if (ingredients.count) {
		vg_json_open(json, "ingredients", '[');
		for (size_t i = 0; i < ingredients.count; i++)
			vg_json_text_always(json, NULL, vg_concept_name(knowledge, ingredients.ids[i]));
		vg_json_close(json, ']');
		vg_json_text(json, "route", vg_route_name(vg_drug_route(knowledge, concept)));
	}
	vg_json_text(json, "allergen", allergen_text(cli, knowledge, concept));
	vg_ids panel = vg_panel_members(knowledge, concept);
	if (panel.count) {
		vg_json_open(json, "panel", '[');
		for (size_t i = 0; i < panel.count; i++)
			vg_json_text_always(json, NULL, vg_concept_name(knowledge, panel.ids[i]));
		vg_json_close(json, ']');
	}
	vg_ids sets = vg_concept_sets(knowledge, concept);
	vg_json_open(json, "sets", '[');
	for (size_t i = 0; i < sets.count; i++)
		vg_json_text_always(json, NULL, vg_set_name(knowledge, sets.ids[i]));
	vg_json_close(json, ']');
	vg_json_close(json, '}');
}

/* ---- one set ------------------------------------------------------------------------------ */

static void add_set_text(vg_page *page, vg_cli *cli, const vg_knowledge *knowledge, vg_set set)
{
	enum { SHOWN = 12 };
	vg_ids members = vg_set_members(knowledge, set);
	vg_place place = vg_set_place(knowledge, set);
	vg_concept preferred = vg_set_preferred(knowledge, set);
	vg_page_add(page, VG_BOLD, vg_format(&cli->arena, "set \"%s\"", vg_set_name(knowledge, set)));
	vg_page_line(page);
	if (place.file && *place.file)
		vg_page_field(page, 2, "Defined in",
			      place.line > 0 ? vg_format(&cli->arena, "%s:%d", place.file, place.line) : place.file);
	if (preferred)
		vg_page_field(page, 2, "Preferred",
			      vg_format(&cli->arena, "%s %s %s", vg_system_name(vg_concept_system(knowledge, preferred)),
					vg_concept_code(knowledge, preferred), vg_concept_name(knowledge, preferred)));
	vg_page_field(page, 2, "Codes", vg_format(&cli->arena, "%zu", members.count));
	for (size_t i = 0; i < members.count && i < SHOWN; i++)
		vg_page_field(page, 2, "",
			      vg_format(&cli->arena, "%s %s  %s", vg_system_name(vg_concept_system(knowledge, members.ids[i])),
					vg_concept_code(knowledge, members.ids[i]),
					vg_concept_name(knowledge, members.ids[i])));
	if (members.count > SHOWN)
		vg_page_field(page, 2, "",
			      vg_format(&cli->arena, "… and %zu more; --format json lists them all", members.count - SHOWN));
}

static void add_set_json(vg_json_writer *json, const vg_knowledge *knowledge, vg_set set)
{
	vg_ids members = vg_set_members(knowledge, set);
	vg_json_open(json, NULL, '{');
	vg_json_text_always(json, "set", vg_set_name(knowledge, set));
	vg_json_open(json, "members", '[');
	for (size_t i = 0; i < members.count; i++) {
		vg_json_open(json, NULL, '{');
		vg_json_text_always(json, "system", vg_concept_system(knowledge, members.ids[i]));
		vg_json_text_always(json, "code", vg_concept_code(knowledge, members.ids[i]));
		vg_json_text(json, "name", vg_concept_name(knowledge, members.ids[i]));
		vg_json_close(json, '}');
	}
	vg_json_close(json, ']');
	vg_json_close(json, '}');
}

/* ---- the command ---------------------------------------------------------------------------- */

static int not_known(const vg_knowledge *knowledge, const char *text)
{
	const char *nearest = vg_set_nearest(knowledge, text);
	char advice[192] = "Write a code as rxnorm|197805, or the name of a drug, an allergen, a test or a set.";
	if (nearest)
		snprintf(advice, sizeof advice, "Did you mean \"%.120s\"?", nearest);
	fprintf(stderr, "vigil: \"%.100s\" is not known.\n       %s\n", text, advice);
	return VG_EXIT_FOUND;
}

static int look_up(vg_cli *cli, const vg_options *options, const vg_knowledge *knowledge)
{
	int status = VIGIL_OK;
	vg_page page;
	bool as_json = strcmp(options->format, "json") == 0;
	vg_page_init(&page, cli);
	vg_json_writer writer = {&page.out, false}, *json = &writer;
	if (as_json) {
		vg_json_open(json, NULL, '{');
		vg_json_text_always(json, "schema", "vigil.lookup/1");
		vg_json_open(json, "results", '[');
	}
	for (size_t i = 0; i < options->arguments.count; i++) {
		matches found;
		find(cli, knowledge, options->arguments.items[i], &found);
		if (!found.count && !found.set)
			status = not_known(knowledge, options->arguments.items[i]);
		for (size_t j = 0; j < found.count; j++)
			if (as_json)
				add_json(json, cli, knowledge, found.concepts[j]);
			else
				add_text(&page, cli, knowledge, found.concepts[j]);
		if (found.set && as_json)
			add_set_json(json, knowledge, found.set);
		else if (found.set)
			add_set_text(&page, cli, knowledge, found.set);
	}
	if (as_json) {
		vg_json_close(json, ']');
		vg_json_close(json, '}');
		vg_add(&page.out, "\n");
	}
	vg_print_buffer(cli, &page.out);
	return status;
}

int vg_command_lookup(vg_cli *cli, const vg_options *options)
{
	vigil_engine *engine = NULL;
	int status = vg_open_engine(cli, options, &engine);
	if (status != VIGIL_OK)
		return status;
	vg_world *world = vg_engine_world(engine);
	status = look_up(cli, options, world->knowledge);
	vg_world_release(world);
	vigil_engine_close(engine);
	return status;
}
