/*
 * Examples: what they prove about rules.
 *
 * A Lua rule is in service only while its examples show that it fires, that
 * it stays silent and what it does with unknown data, and none of them fails.
 * A rule that falls short is withdrawn, with a finding that says what is missing.
 *
 * Called by proof.c before a world is shared.
 */
#include "evaluation/example_internal.h"

#include <string.h>

/* Bits of what passing examples show of a rule; `ret_failed` tells that one of the layer `pack` fails. */
static unsigned shown(const vg_example_report *report, const char *rule, uint32_t pack, bool *ret_failed)
{
	unsigned kinds = 0;
	*ret_failed = false;
	for (size_t i = 0; i < report->count; i++) {
		const vg_example_result *result = &report->items[i];
		for (size_t k = 0; k < result->rule_count; k++) {
			if (strcmp(result->claims[k].rule, rule) != 0)
				continue;
			if (result->passed)
				kinds |= result->claims[k].kinds;
			else if (!result->known_gap && result->pack >= pack)
				*ret_failed = true;
		}
	}
	return kinds;
}

static void report_missing(const vg_rule *rule, unsigned kinds, vg_findings *findings)
{
	static const struct {
		unsigned kind;
		vg_finding_code code;
		const char *what;
	} needed[] = {{VG_CLAIM_FIRES, VG402, "that it fires"},
		      {VG_CLAIM_SILENT, VG403, "that it stays silent"},
		      {VG_CLAIM_UNKNOWN, VG404, "what it does with unknown data"}};
	static const char advice[] = "Write the example, or set status = \"draft\". Until then the rule is out of service.";
	if (kinds == 0) {
		vg_report(findings, VG400, rule->place, rule->id, advice, "No passing example names the active rule \"%s\".",
			  rule->id);
		return;
	}
	for (size_t i = 0; i < VG_COUNT(needed); i++)
		if (!(kinds & needed[i].kind))
			vg_report(findings, needed[i].code, rule->place, rule->id, advice,
				  "No passing example of the rule \"%s\" shows %s.", rule->id, needed[i].what);
}

static void report_result(const vg_example_result *result, uint32_t last, vg_findings *findings)
{
	const char *rule = result->rule_count ? result->claims[0].rule : NULL;
	if (!result->passed && !result->known_gap && result->pack < last)
		vg_report(findings, VG408, result->place, rule,
			  "Look whether the later pack means it; nothing needs to be mended if so.",
			  "The example \"%s\" of an earlier pack no longer holds: %s", result->name, result->text);
	else if (!result->passed && !result->known_gap)
		vg_report(findings, VG401, result->place, rule,
			  "Mend the rule or the example; `vigil test` shows the record it runs on.",
			  "The example \"%s\" fails: %s", result->name, result->text);
	else if (result->passed && result->known_gap)
		vg_report(findings, VG405, result->place, rule, "Remove its line known_gap.",
			  "The example \"%s\" has a known gap, and passes.", result->name);
}

/* Whether a rule of an earlier layer runs in the world of the earlier layers. */
static bool stands_below(const vg_world *below, const char *rule)
{
	uint32_t number = vg_rule_find(below->rulebook, rule);
	return number != UINT32_MAX && below->rulebook->rules[number].status == VG_STATUS_ACTIVE;
}

vigil_status vg_examples_judge(vg_world *world, const vg_world *below, const vg_example_report *report, vg_findings *findings,
			       vigil_error *err)
{
	static const unsigned all = VG_CLAIM_FIRES | VG_CLAIM_SILENT | VG_CLAIM_UNKNOWN;
	vg_rulebook *book = world->rulebook;
	uint32_t last = below ? (uint32_t)world->pack_count - 1 : 0;
	for (size_t i = 0; i < report->count; i++)
		report_result(&report->items[i], last, findings);
	for (uint32_t i = 0; i < book->rule_count; i++) {
		const vg_rule *rule = &book->rules[i];
		bool failed;
		if (rule->status != VG_STATUS_ACTIVE || rule->family)
			continue;
		unsigned kinds = shown(report, rule->id, last, &failed);
		if (rule->pack < last && !failed) {
			if (!stands_below(below, rule->id))
				vg_rule_withdraw(book, i);
			continue;
		}
		if (kinds != all)
			report_missing(rule, kinds, findings);
		if (failed || kinds != all)
			vg_rule_withdraw(book, i);
	}
	return findings->arena.failed ? vg_fail_memory(err) : VIGIL_OK;
}
