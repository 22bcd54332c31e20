/*
 * `vigil show RULE`: one rule or row, in plain English, with everything that a
 * reviewer asks for: when, what, on which grounds, from which data and codes,
 * and which pack decided it.
 */
#include <string.h>

#include "cli/cli.h"

/* What is shown, gathered once and written as a page or as JSON. */
typedef struct shown_rule {
	const char *id, *title, *kind, *severity, *status;
	const char *when, *requires, *unless, *if_unknown, *check;
	vg_list cases, options, warns, actions, override_reasons, replaces, sets, searches, prefetch, attributes;
	const char *evidence, *url, *source, *verified, *owner, *review_by, *pack, *place, *table;
} shown_rule;

static const char *placed(vg_cli *cli, vg_place place)
{
	if (!place.file || !*place.file)
		return "";
	return place.line > 0 ? vg_format(&cli->arena, "%s:%d", place.file, place.line) : place.file;
}

static const char *joined_evidence(vg_cli *cli, const char *title, const char *publisher, const char *year, const char *grade)
{
	const char *const parts[] = {title, publisher, year, grade};
	vg_buffer out;
	vg_buffer_init(&out, &cli->arena);
	for (size_t i = 0; i < VG_COUNT(parts); i++)
		if (parts[i] && *parts[i])
			vg_addf(&out, "%s%s", out.length ? ", " : "", parts[i]);
	return vg_buffer_text(&out);
}

/* A text as its author wrote it, with its placeholders. */
static const char *template_text(vg_cli *cli, vg_text text)
{
	vg_buffer out;
	vg_buffer_init(&out, &cli->arena);
	for (size_t i = 0; i < text.count; i++) {
		const vg_part *part = &text.parts[i];
		bool braces = part->kind != VG_PART_TEXT && part->text && part->text[0] != '{';
		vg_addf(&out, "%s%s%s", braces ? "{" : "", part->text ? part->text : "", braces ? "}" : "");
	}
	return vg_buffer_text(&out);
}

/* ---- a rule -------------------------------------------------------------------------------- */

static const char *tree(vg_cli *cli, const vg_rulebook *rulebook, uint32_t node)
{
	return node == VG_NO_NODE ? NULL : vg_node_sentence(rulebook, node, &cli->arena);
}

static const char *pack_of(vg_cli *cli, const vg_world *world, uint32_t pack, uint32_t overrides)
{
	vg_buffer out;
	vg_buffer_init(&out, &cli->arena);
	if (pack < world->pack_count)
		vg_addf(&out, "%s %s", world->packs[pack].name, world->packs[pack].version);
	for (uint32_t i = 0; i < world->pack_count && i < 32; i++)
		if (i != pack && (overrides >> i & 1))
			vg_addf(&out, ", over %s", world->packs[i].name);
	return vg_buffer_text(&out);
}

static const char *triggers_text(vg_cli *cli, const vg_world *world, const vg_rule *rule)
{
	const vg_knowledge *knowledge = world->knowledge;
	vg_buffer out;
	vg_buffer_init(&out, &cli->arena);
	const char *next = "";
#define ADD(...) (vg_add(&out, next), vg_addf(&out, __VA_ARGS__), next = "; ")
	if (rule->triggers & VG_ON_ORDERING)
		ADD("ordering %s", rule->ordering ? vg_set_name(knowledge, rule->ordering) : "it");
	if (rule->triggers & VG_ON_ANY_ORDER)
		ADD("ordering anything");
	if (rule->triggers & VG_ON_TAKING)
		ADD("taking %s", rule->taking ? vg_set_name(knowledge, rule->taking) : "it");
	if (rule->triggers & VG_ON_PAIR)
		ADD("an order that brings %s and %s together", vg_set_name(knowledge, rule->pair[0]),
		    vg_set_name(knowledge, rule->pair[1]));
	if (rule->triggers & VG_ON_CHART)
		ADD("opening the chart");
	if (rule->triggers & VG_ON_DISCHARGE)
		ADD("discharging");
#undef ADD
	return vg_buffer_text(&out);
}

static const char *option_text(vg_cli *cli, const vg_rulebook *rulebook, const vg_option *option)
{
	char every[32];
	const char *also = tree(cli, rulebook, option->also);
	return vg_format(&cli->arena, "%s%s%s, %s%s", rulebook->leaves[option->leaf].sentence, also ? " and " : "",
			 also ? also : "", option->once ? "once" : "every ",
			 option->once ? "" : vg_duration_text(option->every, every));
}

static const char *case_text(vg_cli *cli, const vg_rulebook *rulebook, const vg_case *item)
{
	const char *sentence = tree(cli, rulebook, item->node), *say = template_text(cli, item->say);
	const char *effect = item->silences ? "silent" : item->changes_severity ? vg_severity_name(item->severity) : "adds";
	return vg_format(&cli->arena, "%s if %s%s%s", effect, sentence ? sentence : "always", say && *say ? ": " : "",
			 say ? say : "");
}

static const char *action_text(vg_cli *cli, const vg_knowledge *knowledge, const vg_action *action)
{
	const char *set = action->set ? vg_set_name(knowledge, action->set) : "";
	vg_concept preferred = action->set ? vg_set_preferred(knowledge, action->set) : 0;
	const char *code = "";
	if (preferred)
		code = vg_format(&cli->arena, " (%s %s, %s)", vg_system_name(vg_concept_system(knowledge, preferred)),
				 vg_concept_code(knowledge, preferred), vg_concept_name(knowledge, preferred));
	else if (action->set)
		code = " (no preferred code: a suggestion without an order)";
	switch (action->kind) {
	case VG_CANCEL_THIS_ORDER:
		return "cancel this order";
	case VG_ORDER_INSTEAD:
		return vg_format(&cli->arena, "order %s instead%s", set, code ? code : "");
	case VG_ORDER:
		return vg_format(&cli->arena, "order %s%s", set, code ? code : "");
	case VG_POSTPONE_THIS_ORDER:
		return vg_format(&cli->arena, "postpone this order: %s", action->label ? action->label : "");
	default:
		return vg_format(&cli->arena, "link: %s, %s", action->label ? action->label : "",
				 action->url ? action->url : "");
	}
}

static void gather_texts(vg_cli *cli, const vg_rule *rule, shown_rule *shown)
{
	const struct {
		const char *label;
		vg_text text;
	} texts[] = {{"warns", rule->warn}, {"reminds", rule->remind}, {"asks", rule->ask}};
	for (size_t i = 0; i < VG_COUNT(texts); i++)
		if (texts[i].text.count)
			vg_append_text(cli, &shown->warns,
				       vg_format(&cli->arena, "%s: %s", texts[i].label, template_text(cli, texts[i].text)));
	for (size_t i = 0; i < rule->override_count; i++)
		vg_append_text(cli, &shown->override_reasons, rule->override_reasons[i]);
	for (size_t i = 0; i < rule->replaces_count; i++)
		vg_append_text(cli, &shown->replaces, rule->replaces[i]);
}

static void add_attributes(vg_cli *cli, shown_rule *shown, bool age, bool sex)
{
	if (age)
		vg_append_text(cli, &shown->attributes, "age");
	if (sex)
		vg_append_text(cli, &shown->attributes, "sex");
}

static void gather_needs(vg_cli *cli, const vg_world *world, uint32_t number, shown_rule *shown)
{
	const vg_rule *rule = &world->rulebook->rules[number];
	unsigned sections = vg_rule_sections(world->rulebook, number);
	if (rule->triggers & (VG_ON_TAKING | VG_ON_PAIR))
		sections |= 1u << VG_MEDICATIONS;
	vg_list_needs(cli, sections, &shown->searches, &shown->prefetch);
	vg_ids sets = vg_rule_sets(world->rulebook, number, &cli->arena);
	for (size_t i = 0; i < sets.count; i++)
		vg_append_text(cli, &shown->sets, vg_set_description(cli, world->knowledge, sets.ids[i]));
	add_attributes(cli, shown, rule->uses_age, rule->uses_sex);
}

static void gather_rule(vg_cli *cli, const vg_world *world, uint32_t number, shown_rule *shown)
{
	static const char *const unknown[] = {
	    [VG_STAY_SILENT] = "stays silent, and is listed as not evaluated", [VG_ASK] = "asks", [VG_WARN] = "warns"};
	const vg_rulebook *rulebook = world->rulebook;
	const vg_rule *rule = &rulebook->rules[number];
	shown->id = rule->id;
	shown->title = rule->title;
	shown->kind = vg_rule_kind_name((vg_rule_kind)rule->kind);
	shown->severity = vg_severity_name((vigil_severity)rule->severity);
	shown->status = vg_rule_status_name((vg_rule_status)rule->status);
	shown->when = triggers_text(cli, world, rule);
	shown->requires = tree(cli, rulebook, rule->requires);
	shown->unless = tree(cli, rulebook, rule->unless);
	shown->if_unknown = rule->kind == VG_KIND_SCREENING ? NULL : unknown[rule->if_unknown];
	shown->check = rule->check ? "a check function in Lua decides besides" : NULL;
	for (size_t i = 0; i < rule->case_count; i++)
		vg_append_text(cli, &shown->cases, case_text(cli, rulebook, &rule->cases[i]));
	for (size_t i = 0; i < rule->option_count; i++)
		vg_append_text(cli, &shown->options, option_text(cli, rulebook, &rule->options[i]));
	for (size_t i = 0; i < rule->action_count; i++)
		vg_append_text(cli, &shown->actions, action_text(cli, world->knowledge, &rule->actions[i]));
	gather_texts(cli, rule, shown);
	gather_needs(cli, world, number, shown);
	const vg_evidence_source *evidence = &rule->evidence;
	shown->evidence = joined_evidence(cli, evidence->title, evidence->publisher, evidence->year, evidence->grade);
	shown->url = evidence->url;
	shown->source = evidence->source;
	shown->verified = evidence->verified;
	shown->owner = rule->owner;
	shown->review_by = rule->review_by;
	shown->pack = pack_of(cli, world, rule->pack, rule->overrides);
	shown->place = placed(cli, rule->place);
	shown->table = rule->family;
}

/* ---- a row of a pair table --------------------------------------------------------------------- */

static void gather_row(vg_cli *cli, const vg_world *world, vg_family family, uint32_t number, shown_rule *shown)
{
	const vg_knowledge *knowledge = world->knowledge;
	bool allergy = family == VG_CROSS_REACTIVITY, age = false, sex = false;
	unsigned sections = 1u << VG_MEDICATIONS | (allergy ? 1u << VG_ALLERGIES : 0);
	vg_pair_row row;
	char counts[32];
	vg_pair_get(knowledge, family, number, &row);
	const char *a = vg_set_name(knowledge, row.a), *b = vg_set_name(knowledge, row.b);
	shown->id = row.id;
	shown->title = *row.title ? row.title : vg_format(&cli->arena, allergy ? "Allergy to %s: %s" : "%s with %s", a, b);
	shown->kind = vg_rule_kind_name(allergy ? VG_KIND_ALLERGY : VG_KIND_INTERACTION);
	shown->severity = row.silent ? "silent" : vg_severity_name(row.severity);
	shown->status = vg_rule_status_name(row.status);
	shown->when = allergy ? vg_format(&cli->arena, "ordering %s for a patient with an allergy to %s", b, a)
			      : vg_format(&cli->arena, "an order that brings %s and %s together", a, b);
	if (vg_duration_given(row.still_counts_a))
		vg_append_text(cli, &shown->cases,
			       vg_format(&cli->arena, "%s counts for %s after it was stopped", a,
					 vg_duration_text(row.still_counts_a, counts)));
	if (vg_duration_given(row.still_counts_b))
		vg_append_text(cli, &shown->cases,
			       vg_format(&cli->arena, "%s counts for %s after it was stopped", b,
					 vg_duration_text(row.still_counts_b, counts)));
	for (uint32_t i = 0; i < row.case_count; i++) {
		const vg_pair_case *item = vg_pair_case_get(knowledge, row.first_case + i);
		uint32_t node = world->rulebook->pair_case_nodes[row.first_case + i];
		sections |= vg_node_needs(world->rulebook, node, &age, &sex);
		const char *effect = item->silences           ? "silent"
				     : item->changes_severity ? vg_severity_name(item->severity)
							      : "adds";
		vg_append_text(
		    cli, &shown->cases,
		    vg_format(&cli->arena, "%s if %s%s%s", effect, item->definition, *item->say ? ": " : "", item->say));
	}
	const char *const texts[] = {row.mechanism, row.effect, row.management};
	static const char *const labels[] = {"mechanism", "effect", "what to do"};
	for (size_t i = 0; i < VG_COUNT(texts); i++)
		if (texts[i] && *texts[i])
			vg_append_text(cli, &shown->warns, vg_format(&cli->arena, "%s: %s", labels[i], texts[i]));
	const char *silenced = row.silences;
	for (const char *id; (id = vg_next_word(&cli->arena, &silenced));)
		vg_append_text(cli, &shown->replaces, id);
	vg_list_needs(cli, sections, &shown->searches, &shown->prefetch);
	add_attributes(cli, shown, age, sex);
	vg_append_text(cli, &shown->sets, vg_set_description(cli, knowledge, row.a));
	if (row.b != row.a)
		vg_append_text(cli, &shown->sets, vg_set_description(cli, knowledge, row.b));
	shown->evidence = joined_evidence(cli, row.evidence, row.publisher, row.year, row.grade);
	shown->url = row.url;
	shown->source = row.source;
	shown->verified = row.verified;
	shown->owner = row.owner;
	shown->review_by = row.review_by;
	shown->pack = pack_of(cli, world, row.pack, 0);
	shown->place = placed(cli, row.place);
	shown->table = allergy ? "cross_reactivity" : "interactions";
}

/* ---- writing ------------------------------------------------------------------------------------ */

typedef struct line {
	const char *label, *key, *text;
	const vg_list *list; /* or */
} line;
enum { LINE_COUNT = 24 };

static size_t lines_of(const shown_rule *rule, line lines[LINE_COUNT])
{
	const line all[] = {{"When", "when", rule->when, NULL},
			    {"If", "requires", rule->requires, NULL},
			    {"Unless", "unless", rule->unless, NULL},
			    {"Satisfied by", "satisfied_by", NULL, &rule->options},
			    {"Check", "check", rule->check, NULL},
			    {"If unknown", "if_unknown", rule->if_unknown, NULL},
			    {"Cases", "cases", NULL, &rule->cases},
			    {"Says", "texts", NULL, &rule->warns},
			    {"Suggests", "suggests", NULL, &rule->actions},
			    {"Acceptable if", "override_reasons", NULL, &rule->override_reasons},
			    {"Decides for", "replaces", NULL, &rule->replaces},
			    {"Needs", "searches", NULL, &rule->searches},
			    {"Prefetch", "prefetch", NULL, &rule->prefetch},
			    {"Sets", "sets", NULL, &rule->sets},
			    {"Attributes", "attributes", NULL, &rule->attributes},
			    {"Evidence", "evidence", rule->evidence, NULL},
			    {"", "url", rule->url, NULL},
			    {"Source", "source", rule->source, NULL},
			    {"Verified", "verified", rule->verified, NULL},
			    {"Owner", "owner", rule->owner, NULL},
			    {"Review by", "review_by", rule->review_by, NULL},
			    {"Table", "table", rule->table, NULL},
			    {"Decided by", "pack", rule->pack, NULL},
			    {"Written in", "place", rule->place, NULL}};
	_Static_assert(VG_COUNT(all) <= LINE_COUNT, "every line has its place");
	memcpy(lines, all, sizeof all);
	return VG_COUNT(all);
}

static void write_text(vg_cli *cli, const shown_rule *rule)
{
	line lines[LINE_COUNT];
	size_t count = lines_of(rule, lines);
	vg_page page;
	vg_page_init(&page, cli);
	vg_page_add(&page, VG_BOLD, rule->id);
	vg_page_add(&page, VG_PLAIN, vg_format(&cli->arena, "  %s, %s, %s", rule->kind, rule->severity, rule->status));
	vg_page_line(&page);
	vg_page_item(&page, 0, "", VG_PLAIN, rule->title);
	vg_page_line(&page);
	for (size_t i = 0; i < count; i++) {
		if (!lines[i].list)
			vg_page_field(&page, 0, lines[i].label, lines[i].text);
		for (size_t j = 0; lines[i].list && j < lines[i].list->count; j++)
			vg_page_field(&page, 0, j ? "" : lines[i].label, lines[i].list->items[j]);
	}
	vg_print_buffer(cli, &page.out);
}

static void write_markdown(vg_cli *cli, const shown_rule *rule)
{
	line lines[LINE_COUNT];
	size_t count = lines_of(rule, lines);
	vg_buffer out;
	vg_buffer_init(&out, &cli->arena);
	vg_add(&out, "# ");
	vg_add_markdown(&out, rule->id);
	vg_add(&out, "\n\n");
	vg_add_markdown(&out, rule->title);
	vg_addf(&out, "\n\n%s, %s, %s\n\n| | |\n| --- | --- |\n", rule->kind, rule->severity, rule->status);
	for (size_t i = 0; i < count; i++) {
		size_t texts = lines[i].list ? lines[i].list->count : lines[i].text && *lines[i].text ? 1 : 0;
		for (size_t j = 0; j < texts; j++) {
			vg_addf(&out, "| %s | ", j ? "" : lines[i].label);
			vg_add_cell(&out, lines[i].list ? lines[i].list->items[j] : lines[i].text);
			vg_add(&out, " |\n");
		}
	}
	vg_print_buffer(cli, &out);
}

static void write_json(vg_cli *cli, const shown_rule *rule)
{
	line lines[LINE_COUNT];
	size_t count = lines_of(rule, lines);
	vg_buffer out;
	vg_buffer_init(&out, &cli->arena);
	vg_json_writer json = {&out, false};
	vg_json_open(&json, NULL, '{');
	vg_json_text_always(&json, "schema", "vigil.rule/1");
	vg_json_text_always(&json, "rule", rule->id);
	vg_json_text_always(&json, "title", rule->title);
	vg_json_text_always(&json, "kind", rule->kind);
	vg_json_text_always(&json, "severity", rule->severity);
	vg_json_text_always(&json, "status", rule->status);
	for (size_t i = 0; i < count; i++)
		if (lines[i].list)
			vg_json_texts(&json, lines[i].key, lines[i].list->items, lines[i].list->count);
		else
			vg_json_text(&json, lines[i].key, lines[i].text);
	vg_json_close(&json, '}');
	vg_add(&out, "\n");
	vg_print_buffer(cli, &out);
}

static int show_one(vg_cli *cli, const vg_options *options, const vg_world *world, const char *id)
{
	shown_rule shown = {0};
	uint32_t number = vg_rule_find(world->rulebook, id);
	if (number != UINT32_MAX) {
		gather_rule(cli, world, number, &shown);
	} else {
		vg_family family = VG_INTERACTIONS;
		number = vg_pair_find_id(world->knowledge, family, id);
		if (number == UINT32_MAX)
			number = vg_pair_find_id(world->knowledge, family = VG_CROSS_REACTIVITY, id);
		if (number == UINT32_MAX)
			return vg_unknown_rule(cli, world, id);
		gather_row(cli, world, family, number, &shown);
	}
	if (cli->arena.failed)
		return vg_out_of_memory();
	if (strcmp(options->format, "json") == 0)
		write_json(cli, &shown);
	else if (strcmp(options->format, "markdown") == 0)
		write_markdown(cli, &shown);
	else
		write_text(cli, &shown);
	return VIGIL_OK;
}

int vg_command_show(vg_cli *cli, const vg_options *options)
{
	vigil_engine *engine = NULL;
	int status = vg_open_engine(cli, options, &engine);
	if (status != VIGIL_OK)
		return status;
	vg_world *world = vg_engine_world(engine);
	status = options->arguments.count ? show_one(cli, options, world, options->arguments.items[0])
					  : vg_show_all(cli, options, world);
	vg_world_release(world);
	vigil_engine_close(engine);
	return status;
}
