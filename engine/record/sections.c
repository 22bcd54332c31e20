/*
 * Sections of a record: their names, which facts they hold, and marking them
 * as not supplied or as complete since a date.
 */
#include "record/record_internal.h"

static const char *const names[VG_SECTION_COUNT] = {
    [VG_MEDICATIONS] = "medications", [VG_ALLERGIES] = "allergies",   [VG_CONDITIONS] = "conditions",
    [VG_RESULTS] = "results",         [VG_PROCEDURES] = "procedures", [VG_IMMUNIZATIONS] = "immunizations",
    [VG_ENCOUNTERS] = "encounters",   [VG_ORDERS] = "orders"};

const char *vg_section_name(vg_section section) { return names[section]; }

bool vg_section_find(const char *name, vg_section *ret)
{
	static const struct {
		const char *name;
		vg_section section;
	} aliases[] = {{"observations", VG_RESULTS}, {"immunisations", VG_IMMUNIZATIONS}};
	for (int section = 0; section < VG_SECTION_COUNT; section++) {
		if (strcmp(names[section], name) == 0) {
			*ret = (vg_section)section;
			return true;
		}
	}
	for (size_t i = 0; i < VG_COUNT(aliases); i++) {
		if (strcmp(aliases[i].name, name) == 0) {
			*ret = aliases[i].section;
			return true;
		}
	}
	return false;
}

vg_section vg_section_of(vg_fact_kind kind)
{
	static const vg_section sections[VG_FACT_KIND_COUNT] = {[VG_FACT_MEDICATION] = VG_MEDICATIONS,
								[VG_FACT_ALLERGY] = VG_ALLERGIES,
								[VG_FACT_CONDITION] = VG_CONDITIONS,
								[VG_FACT_RESULT] = VG_RESULTS,
								[VG_FACT_REPORT] = VG_RESULTS,
								[VG_FACT_PROCEDURE] = VG_PROCEDURES,
								[VG_FACT_IMMUNIZATION] = VG_IMMUNIZATIONS,
								[VG_FACT_ENCOUNTER] = VG_ENCOUNTERS,
								[VG_FACT_SERVICE] = VG_ORDERS,
								[VG_FACT_FAMILY_HISTORY] = VG_CONDITIONS};
	return sections[kind];
}

static bool is_blank(char c) { return c == ' ' || c == '\t'; }

/* One item, "name" or "name=since DATE", without outer blanks. */
static vigil_status read_item(vg_record *record, const char *item, size_t length, vg_completeness *sections, vigil_error *err)
{
	char word[64];
	size_t name_length = 0;
	while (name_length < length && item[name_length] != '=')
		name_length++;
	size_t rest = name_length;
	while (name_length > 0 && is_blank(item[name_length - 1]))
		name_length--;
	if (name_length >= sizeof word)
		name_length = sizeof word - 1;
	memcpy(word, item, name_length);
	word[name_length] = 0;
	vg_section section;
	if (!vg_section_find(word, &section)) {
		const char *nearest = vg_nearest(word, names, VG_COUNT(names));
		char advice[200] = "The sections are medications, allergies, conditions, results, procedures, immunizations, "
				   "encounters, orders.";
		if (nearest) {
			strcpy(advice, "Did you mean ");
			strcat(strcat(advice, nearest), "?");
		}
		return vg_fail(err, VIGIL_WRONG_USE, advice, "There is no section \"%s\".", word);
	}
	if (rest == length) {
		sections[section] = (vg_completeness){VG_NOT_SUPPLIED, VG_NO_DAY, "not supplied"};
		return VIGIL_OK;
	}
	const char *since = item + rest + 1;
	size_t since_length = length - rest - 1;
	while (since_length && is_blank(*since))
		since++, since_length--;
	if (since_length > 5 && memcmp(since, "since", 5) == 0 && is_blank(since[5]))
		since += 6, since_length -= 6;
	else
		since_length = 0;
	while (since_length && is_blank(*since))
		since++, since_length--;
	vg_when when;
	if (!since_length || !vg_date_parse(since, since_length, &when))
		return vg_fail(err, VIGIL_WRONG_USE, "Write a section as \"allergies\" or as \"procedures=since 2024-01-01\".",
			       "What follows \"%s=\" is not \"since\" and a date.", word);
	char day[16];
	const char *why = vg_format(&record->arena, "supplied since %s only", vg_day_text(when.last, day));
	if (!why)
		return vg_fail_memory(err);
	/* Of "since 2024" only the year's last day is sure to be covered. */
	sections[section] = (vg_completeness){VG_SUPPLIED_SINCE, when.last, why};
	return VIGIL_OK;
}

vigil_status vg_record_sections(vg_record *record, const char *text, vigil_error *err)
{
	vg_completeness sections[VG_SECTION_COUNT];
	memcpy(sections, record->sections, sizeof sections);
	while (*text) {
		size_t length = strcspn(text, ",");
		const char *next = text[length] ? text + length + 1 : text + length;
		while (length && is_blank(*text))
			text++, length--;
		while (length && is_blank(text[length - 1]))
			length--;
		if (length) {
			vigil_status status = read_item(record, text, length, sections, err);
			if (status != VIGIL_OK)
				return status;
		}
		text = next;
	}
	memcpy(record->sections, sections, sizeof sections);
	return VIGIL_OK;
}
