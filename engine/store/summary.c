/*
 * A population in sum: funnels, strata, due dates, and how good the data are.
 *
 * One answer after the other is counted; nothing of a patient is kept.  Sums
 * of parts of a population added up are the sum of the whole, in whatever order;
 * only the list of unmapped codes is in the order of first appearance, so parts
 * are added in the order of the input.
 */
#include "store/store.h"

#include <string.h>

enum { MOST_CODES = 10000 };

static const char *const step_names[VG_STEP_COUNT] = {"not_meant", "excluded", "up_to_date",
						      "due_soon",  "overdue",  "indeterminate"};
static const char *const band_names[VG_BAND_COUNT] = {"0-17", "18-39", "40-49", "50-64", "65-74", "75+", "unknown"};
static const int band_ends[VG_BAND_COUNT - 2] = {18, 40, 50, 65, 75};
static const char *const sex_names[VG_SEX_COUNT] = {"female", "male", "other", "unknown"};
static const char *const due_names[VG_DUE_COUNT] = {"over 2 years",    "1 to 2 years",  "6 to 12 months", "up to 6 months",
						    "within 3 months", "3 to 6 months", "6 to 12 months", "1 to 2 years",
						    "later",           "never again"};

const char *vg_step_name(vg_step step) { return step_names[step]; }
const char *vg_band_name(unsigned band) { return band_names[band]; }
const char *vg_sex_name(unsigned sex) { return sex_names[sex]; }
const char *vg_due_name(unsigned due) { return due_names[due]; }

static void forget_codes(vg_summary *summary)
{
	vg_arena_reset(&summary->code_arena);
	vg_map_init(&summary->code_of, &summary->code_arena);
	vg_buffer_init(&summary->code_key, &summary->code_arena);
	summary->codes = NULL;
	summary->code_count = summary->code_capacity = 0;
}

vigil_status vg_summary_open(vg_summary *summary, const vg_world *world, const uint32_t *rules, size_t count,
			     const vg_allocator *allocator, vigil_error *err)
{
	const vg_rulebook *book = world->rulebook;
	*summary = (vg_summary){.book = book};
	vg_arena_init(&summary->arena, allocator, 0);
	vg_arena_init(&summary->code_arena, allocator, 0);
	forget_codes(summary);
	summary->number_of = vg_alloc_array(&summary->arena, book->rule_count, sizeof *summary->number_of);
	summary->screenings = vg_alloc_array(&summary->arena, book->rule_count, sizeof *summary->screenings);
	if (!summary->number_of || !summary->screenings) {
		vg_summary_free(summary);
		return vg_fail_memory(err);
	}
	for (uint32_t i = 0; i < book->rule_count; i++) {
		bool wanted = !rules;
		for (size_t k = 0; k < count && !wanted; k++)
			wanted = rules[k] == i;
		const vg_rule *rule = &book->rules[i];
		if (!wanted || rule->kind != VG_KIND_SCREENING || rule->status != VG_STATUS_ACTIVE)
			continue;
		summary->screenings[summary->screening_count++] = (vg_screening_sum){.rule = rule->id, .title = rule->title};
		summary->number_of[i] = (uint32_t)summary->screening_count;
	}
	return VIGIL_OK;
}

void vg_summary_free(vg_summary *summary)
{
	vg_arena_free(&summary->code_arena);
	vg_arena_free(&summary->arena);
	*summary = (vg_summary){.patients = 0};
}

uint64_t vg_screening_count(const vg_screening_sum *sum, vg_step step)
{
	uint64_t count = 0;
	for (unsigned band = 0; band < VG_BAND_COUNT; band++)
		for (unsigned sex = 0; sex < VG_SEX_COUNT; sex++)
			count += sum->cells[band][sex][step];
	return count;
}

/* ---- one patient --------------------------------------------------------------------- */

static unsigned band_of(const vg_summary *summary, vg_when birth)
{
	if (!vg_when_known(birth) || birth.first > summary->today)
		return VG_BAND_COUNT - 1;
	unsigned band = 0;
	while (band < VG_COUNT(band_ends) && birth.first <= summary->born[band])
		band++;
	return band;
}

static unsigned sex_of(const vg_patient *patient)
{
	for (unsigned sex = 0; sex + 1 < VG_SEX_COUNT; sex++)
		if (strcmp(patient->sex, sex_names[sex]) == 0)
			return sex;
	return VG_SEX_COUNT - 1;
}

/* The last day of birth with which somebody has completed so many years. */
static vg_day last_birth(vg_day today, int years)
{
	vg_day day = vg_day_minus(today, (vg_duration){.months = 12 * years});
	while (vg_years_between(day + 1, today) >= years) /* a 29 February is completed on the 28th where there is none */
		day++;
	return day;
}

/* The days that part ages and due dates, reckoned once for a day of evaluation. */
static void set_today(vg_summary *summary, vg_day today)
{
	static const int back[VG_OVERDUE_COUNT - 1] = {24, 12, 6}, ahead[VG_COUNT(summary->ahead)] = {3, 6, 12, 24};
	if (summary->today_known && summary->today == today)
		return;
	summary->today = today;
	summary->today_known = true;
	for (size_t i = 0; i < VG_COUNT(band_ends); i++)
		summary->born[i] = last_birth(today, band_ends[i]);
	for (size_t i = 0; i < VG_COUNT(back); i++)
		summary->back[i] = vg_day_minus(today, (vg_duration){back[i], 0, 0});
	for (size_t i = 0; i < VG_COUNT(ahead); i++)
		summary->ahead[i] = vg_day_plus(today, (vg_duration){ahead[i], 0, 0});
}

/* How long something has been overdue; without a date, for as long as anybody knows. */
static unsigned overdue_of(const vg_summary *summary, vg_day due)
{
	unsigned number = 0;
	while (due != VG_NO_DAY && number < VG_COUNT(summary->back) && due >= summary->back[number])
		number++;
	return number;
}

/* How far off it is. */
static unsigned due_of(const vg_summary *summary, vg_day due)
{
	unsigned number = 0;
	if (due == VG_NO_DAY)
		return VG_DUE_COUNT - 1;
	while (number < VG_COUNT(summary->ahead) && due > summary->ahead[number])
		number++;
	return VG_OVERDUE_COUNT + number;
}

static vg_step step_of(const vg_screening *screening)
{
	switch ((vg_screening_status)screening->status) {
	case VG_UP_TO_DATE:
		return VG_STEP_UP_TO_DATE;
	case VG_DUE_SOON:
		return VG_STEP_DUE_SOON;
	case VG_OVERDUE:
		return VG_STEP_OVERDUE;
	case VG_INDETERMINATE:
		return VG_STEP_INDETERMINATE;
	case VG_NOT_APPLICABLE:
		break;
	}
	return screening->excluded ? VG_STEP_EXCLUDED : VG_STEP_NOT_MEANT;
}

static vg_screening_sum *sum_of(vg_summary *summary, const vg_screening *screening)
{
	uint32_t number = summary->number_of[screening->rule - summary->book->rules];
	return number ? &summary->screenings[number - 1] : NULL;
}

static void count_screenings(vg_summary *summary, const vg_answer *answer, unsigned band, unsigned sex)
{
	for (size_t i = 0; i < answer->screening_count; i++) {
		const vg_screening *screening = &answer->screenings[i];
		vg_screening_sum *sum = sum_of(summary, screening);
		if (!sum)
			continue;
		vg_step step = step_of(screening);
		sum->cells[band][sex][step]++;
		if (step == VG_STEP_OVERDUE)
			sum->due[overdue_of(summary, screening->due)]++;
		else if (step == VG_STEP_UP_TO_DATE || step == VG_STEP_DUE_SOON)
			sum->due[due_of(summary, screening->due)]++;
	}
}

/* ---- the data ---------------------------------------------------------------------------- */

static bool count_code(vg_summary *summary, const vg_unmapped *code)
{
	vg_arena *arena = &summary->code_arena;
	vg_buffer *key = &summary->code_key;
	key->length = 0;
	vg_addf(key, "%s|%s|%s", code->kind, code->system, *code->code ? code->code : code->display);
	if (!vg_buffer_text(key))
		return false;
	uint32_t *at = vg_map_at(&summary->code_of, key->text, key->length, false);
	if (at) {
		summary->codes[*at - 1].count += code->count;
		return true;
	}
	if (summary->code_count >= MOST_CODES) {
		summary->codes_left_out += code->count;
		return true;
	}
	vg_unmapped *codes = vg_grow(arena, summary->codes, summary->code_count, &summary->code_capacity, sizeof *codes);
	const char *kept = vg_copy_text(arena, key->text, key->length);
	if (!codes || !kept)
		return false;
	summary->codes = codes;
	codes[summary->code_count] = (vg_unmapped){
	    .kind = vg_copy_text(arena, code->kind, strlen(code->kind)),
	    .system = vg_copy_text(arena, code->system, strlen(code->system)),
	    .code = vg_copy_text(arena, code->code, strlen(code->code)),
	    .display = vg_copy_text(arena, code->display, strlen(code->display)),
	    .count = code->count,
	};
	at = vg_map_at(&summary->code_of, kept, key->length, true);
	if (!at || arena->failed)
		return false;
	*at = (uint32_t)++summary->code_count;
	return true;
}

/* What no rule could see, because nobody knows what the code means. The kind of an encounter is no code to be known. */
static bool count_facts(vg_summary *summary, const vg_record *record)
{
	static const vg_code none = {.system = "", .code = "", .display = ""};
	for (uint32_t i = 0; i < record->fact_count; i++) {
		const vg_clinical_fact *fact = &record->facts[i];
		vg_section section = vg_section_of((vg_fact_kind)fact->kind);
		summary->section_facts[section]++;
		if (!fact->unmapped || section == VG_ENCOUNTERS)
			continue;
		const vg_code *code = fact->code_count ? &fact->codes[0] : &none;
		vg_unmapped unmapped = {fact->type, code->system, code->code,
					*code->display || *code->code ? code->display : fact->display, 1};
		summary->unmapped[section]++;
		if (!count_code(summary, &unmapped))
			return false;
	}
	return true;
}

static void count_sections(vg_summary *summary, const vg_record *record)
{
	uint32_t facts[VG_SECTION_COUNT] = {0};
	for (int kind = 0; kind < VG_FACT_KIND_COUNT; kind++)
		facts[vg_section_of((vg_fact_kind)kind)] += record->kind_counts[kind];
	for (int section = 0; section < VG_SECTION_COUNT; section++) {
		bool supplied = record->sections[section].state != VG_NOT_SUPPLIED;
		summary->not_supplied[section] += !supplied;
		summary->empty[section] += supplied && facts[section] == 0;
	}
}

vigil_status vg_summary_add(vg_summary *summary, const vg_answer *answer, vigil_error *err)
{
	const vg_record *record = answer->record;
	const vg_patient *patient = &record->patient;
	set_today(summary, answer->as_of.first);
	unsigned band = band_of(summary, patient->birth), sex = sex_of(patient);
	bool died = vg_has_died(patient, answer->as_of.first);
	summary->patients++;
	summary->deceased += died;
	summary->people[band][sex] += !died;
	summary->without_birth_date += !vg_when_known(patient->birth);
	summary->without_sex += sex == VG_SEX_COUNT - 1;
	summary->incomplete += !answer->complete;
	summary->rule_errors += answer->error_count;
	summary->facts += record->fact_count;
	summary->future_facts += answer->future_facts;
	summary->with_alerts += answer->alert_count > 0;
	for (size_t i = 0; i < answer->alert_count; i++)
		summary->alerts[answer->alerts[i].severity]++;
	count_screenings(summary, answer, band, sex);
	if (!summary->data)
		return VIGIL_OK;
	count_sections(summary, record);
	return count_facts(summary, record) ? VIGIL_OK : vg_fail_memory(err);
}

void vg_summary_forecast(vg_summary *summary, const vg_answer *later, unsigned month, vg_day after, vg_day until)
{
	for (size_t i = 0; i < later->screening_count; i++) {
		const vg_screening *screening = &later->screenings[i];
		vg_screening_sum *sum = sum_of(summary, screening);
		bool is_due = screening->status == VG_OVERDUE || screening->status == VG_DUE_SOON;
		if (sum && is_due && screening->due > after && screening->due <= until)
			sum->forecast[month - 1]++;
	}
}

void vg_summary_change(vg_summary *summary, const vg_screening *screening, vg_change change)
{
	vg_screening_sum *sum = sum_of(summary, screening);
	if (sum)
		sum->changes[change]++;
}

/* ---- sums of sums ---------------------------------------------------------------------------- */

static void move_counts(uint64_t *to, uint64_t *from, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		to[i] += from[i];
		from[i] = 0;
	}
}
#define MOVE(member) move_counts((uint64_t *)&to->member, (uint64_t *)&from->member, sizeof to->member / sizeof(uint64_t))

static void move_screening(vg_screening_sum *to, vg_screening_sum *from)
{
	MOVE(cells);
	MOVE(due);
	MOVE(forecast);
	MOVE(changes);
}

vigil_status vg_summary_move(vg_summary *to, vg_summary *from, vigil_error *err)
{
	for (size_t i = 0; i < to->screening_count; i++)
		move_screening(&to->screenings[i], &from->screenings[i]);
	MOVE(patients);
	MOVE(bad);
	MOVE(deceased);
	MOVE(without_birth_date);
	MOVE(without_sex);
	MOVE(incomplete);
	MOVE(rule_errors);
	MOVE(people);
	MOVE(not_supplied);
	MOVE(empty);
	MOVE(facts);
	MOVE(section_facts);
	MOVE(unmapped);
	MOVE(future_facts);
	MOVE(alerts);
	MOVE(with_alerts);
	MOVE(codes_left_out);
	for (size_t i = 0; i < from->code_count; i++)
		if (!count_code(to, &from->codes[i]))
			return vg_fail_memory(err);
	if (from->code_count)
		forget_codes(from);
	return VIGIL_OK;
}
