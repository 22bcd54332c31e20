/*
 * A population in sum, as text: first how good the data are, then who is where
 * in the funnel of each screening, by age and sex, then what changed and what
 * is to come.
 *
 * Counts are exact: the table is for those who may see the patients.  The
 * report, which is passed on, is where small numbers are hidden.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/scan.h"

enum { MOST_CODES_SHOWN = 10 };

typedef struct sheet {
	const vg_scan *scan;
	const vg_summary *sums;
	vg_page *page;
	vg_arena *arena;
} sheet;

static void heading(sheet *self, const char *text)
{
	vg_page_line(self->page);
	vg_page_add(self->page, VG_BOLD, text);
	vg_page_line(self->page);
}

static void add_text(sheet *self, vg_grid *grid, const char *text) { vg_grid_add(self->arena, grid, text); }

static void add_count(sheet *self, vg_grid *grid, uint64_t count)
{
	add_text(self, grid, vg_format(self->arena, "%llu", (unsigned long long)count));
}

static const char *percent(sheet *self, uint64_t part, uint64_t whole)
{
	if (!whole)
		return "-";
	uint64_t tenths = (uint64_t)((double)part * 1000.0 / (double)whole + 0.5);
	const char *text =
	    vg_format(self->arena, "%llu.%llu %%", (unsigned long long)(tenths / 10), (unsigned long long)(tenths % 10));
	return text ? text : "";
}

/* ---- the data --------------------------------------------------------------------- */

static void fact_line(sheet *self, vg_grid *grid, uint64_t count, uint64_t whole, const char *text)
{
	add_count(self, grid, count);
	add_text(self, grid, percent(self, count, whole));
	add_text(self, grid, text);
}

static void write_data(sheet *self)
{
	const vg_summary *sums = self->sums;
	vg_grid grid = {.columns = 3};
	heading(self, "Data");
	fact_line(self, &grid, sums->patients, sums->patients + sums->bad, "patients");
	fact_line(self, &grid, sums->bad, sums->patients + sums->bad, "records that could not be read");
	fact_line(self, &grid, sums->deceased, sums->patients, "of the patients have died");
	fact_line(self, &grid, sums->without_birth_date, sums->patients,
		  "have no birth date: nobody can tell what they are due for");
	fact_line(self, &grid, sums->without_sex, sums->patients, "have no sex, or an unknown one");
	for (int section = 0; sums->data && section < VG_ORDERS; section++) {
		const char *name = vg_section_name((vg_section)section);
		if (sums->not_supplied[section])
			fact_line(self, &grid, sums->not_supplied[section], sums->patients,
				  vg_format(self->arena, "were supplied without %s", name));
		if (sums->empty[section])
			fact_line(self, &grid, sums->empty[section], sums->patients,
				  vg_format(self->arena, "have no %s", name));
	}
	for (int section = 0; section < VG_ORDERS; section++)
		if (sums->unmapped[section])
			fact_line(self, &grid, sums->unmapped[section], sums->section_facts[section],
				  vg_format(self->arena, "of the %s have a code that is not known",
					    vg_section_name((vg_section)section)));
	if (sums->data && sums->future_facts)
		fact_line(self, &grid, sums->future_facts, sums->facts,
			  "of all entries are dated in the future and were not used");
	if (sums->rule_errors)
		fact_line(self, &grid, sums->rule_errors, sums->patients,
			  "times a rule failed: `vigil scan --format ndjson` names it");
	vg_page_grid(self->page, 2, &grid);
}

/* By how often, then by name: the same order wherever the records come from. */
static int compare_codes(const void *left, const void *right)
{
	const vg_unmapped *a = *(const vg_unmapped *const *)left, *b = *(const vg_unmapped *const *)right;
	if (a->count != b->count)
		return a->count > b->count ? -1 : 1;
	int order = strcmp(a->kind, b->kind);
	order = order ? order : strcmp(a->system, b->system);
	order = order ? order : strcmp(a->code, b->code);
	return order ? order : strcmp(a->display, b->display);
}

const vg_unmapped **vg_scan_codes(const vg_summary *sums, vg_arena *arena)
{
	const vg_unmapped **codes = vg_alloc_array(arena, sums->code_count, sizeof *codes);
	for (size_t i = 0; codes && i < sums->code_count; i++)
		codes[i] = &sums->codes[i];
	if (codes && sums->code_count)
		qsort(codes, sums->code_count, sizeof *codes, compare_codes);
	return codes;
}

static void write_codes(sheet *self)
{
	const vg_unmapped **codes = vg_scan_codes(self->sums, self->arena);
	vg_grid grid = {.columns = 4};
	if (!codes || !self->sums->code_count)
		return;
	heading(self, "The most frequent codes that are not known");
	for (size_t i = 0; i < self->sums->code_count && i < MOST_CODES_SHOWN; i++) {
		add_count(self, &grid, codes[i]->count);
		add_text(self, &grid, codes[i]->kind);
		add_text(self, &grid, vg_format(self->arena, "%s|%s", codes[i]->system, codes[i]->code));
		add_text(self, &grid, codes[i]->display);
	}
	vg_page_grid(self->page, 2, &grid);
}

/* ---- screenings ------------------------------------------------------------------------- */

static uint64_t meant_for(const vg_screening_sum *sum)
{
	uint64_t count = 0;
	for (int step = VG_STEP_EXCLUDED; step < VG_STEP_COUNT; step++)
		count += vg_screening_count(sum, (vg_step)step);
	return count;
}

static void write_funnel(sheet *self)
{
	static const char *const heads[] = {"screening", "meant for", "excluded",       "up to date",
					    "due soon",  "overdue",   "cannot be told", "covered"};
	vg_grid grid = {.columns = VG_COUNT(heads)};
	heading(self, "Screenings");
	for (size_t i = 0; i < VG_COUNT(heads); i++)
		add_text(self, &grid, heads[i]);
	for (size_t i = 0; i < self->sums->screening_count; i++) {
		const vg_screening_sum *sum = &self->sums->screenings[i];
		uint64_t meant = meant_for(sum), excluded = vg_screening_count(sum, VG_STEP_EXCLUDED);
		uint64_t covered = vg_screening_count(sum, VG_STEP_UP_TO_DATE) + vg_screening_count(sum, VG_STEP_DUE_SOON);
		add_text(self, &grid, sum->rule);
		add_count(self, &grid, meant);
		for (int step = VG_STEP_EXCLUDED; step < VG_STEP_COUNT; step++)
			add_count(self, &grid, vg_screening_count(sum, (vg_step)step));
		add_text(self, &grid, percent(self, covered, meant - excluded));
	}
	vg_page_grid(self->page, 2, &grid);
	vg_page_item(self->page, 2, "", VG_PLAIN, "Covered: up to date or due soon, of those meant for and not excluded.");
}

typedef uint64_t stratum(const vg_screening_sum *sum, unsigned number, vg_step step);

static uint64_t in_band(const vg_screening_sum *sum, unsigned band, vg_step step)
{
	uint64_t count = 0;
	for (unsigned sex = 0; sex < VG_SEX_COUNT; sex++)
		count += sum->cells[band][sex][step];
	return count;
}

static uint64_t of_sex(const vg_screening_sum *sum, unsigned sex, vg_step step)
{
	uint64_t count = 0;
	for (unsigned band = 0; band < VG_BAND_COUNT; band++)
		count += sum->cells[band][sex][step];
	return count;
}

static void write_strata(sheet *self, const char *title, unsigned count, const char *(*name)(unsigned), stratum *in)
{
	vg_grid grid = {.columns = count + 1};
	heading(self, title);
	add_text(self, &grid, "screening");
	for (unsigned k = 0; k < count; k++)
		add_text(self, &grid, name(k));
	for (size_t i = 0; i < self->sums->screening_count; i++) {
		const vg_screening_sum *sum = &self->sums->screenings[i];
		add_text(self, &grid, sum->rule);
		for (unsigned k = 0; k < count; k++) {
			uint64_t due = in(sum, k, VG_STEP_DUE_SOON) + in(sum, k, VG_STEP_OVERDUE);
			uint64_t all = due + in(sum, k, VG_STEP_UP_TO_DATE) + in(sum, k, VG_STEP_INDETERMINATE);
			add_text(self, &grid,
				 all ? vg_format(self->arena, "%llu of %llu", (unsigned long long)due, (unsigned long long)all)
				     : "-");
		}
	}
	vg_page_grid(self->page, 2, &grid);
}

static void write_changes(sheet *self)
{
	static const vg_change shown[] = {VG_CHANGE_NEWLY_OVERDUE, VG_CHANGE_NEWLY_DUE, VG_CHANGE_CLOSED,
					  VG_CHANGE_DROPPED,       VG_CHANGE_UNKNOWN,   VG_CHANGE_OTHER};
	static const char *const heads[] = {"screening",       "newly overdue",           "newly due soon", "closed",
					    "no longer meant", "cannot be told any more", "other"};
	vg_grid grid = {.columns = VG_COUNT(heads)};
	heading(self, "Since the earlier result");
	for (size_t i = 0; i < VG_COUNT(heads); i++)
		add_text(self, &grid, heads[i]);
	for (size_t i = 0; i < self->sums->screening_count; i++) {
		add_text(self, &grid, self->sums->screenings[i].rule);
		for (size_t k = 0; k < VG_COUNT(shown); k++)
			add_count(self, &grid, self->sums->screenings[i].changes[shown[k]]);
	}
	vg_page_grid(self->page, 2, &grid);
	uint64_t left = vg_since_left(self->scan->since);
	if (left && !self->scan->options->only)
		vg_page_item(
		    self->page, 2, "", VG_PLAIN,
		    vg_format(self->arena,
			      "%llu screenings that were due before belong to patients or rules that are not here any more.",
			      (unsigned long long)left));
}

static void write_forecast(sheet *self)
{
	char day[16];
	vg_grid grid = {.columns = VG_FORECAST_MONTHS + 1};
	heading(self, "Falling due in the month until, if nothing is done meanwhile");
	add_text(self, &grid, "screening");
	for (unsigned month = 1; month <= VG_FORECAST_MONTHS; month++) {
		vg_day_text(self->scan->months[month], day);
		add_text(self, &grid, vg_copy_text(self->arena, day + 2, strlen(day + 2)));
	}
	for (size_t i = 0; i < self->sums->screening_count; i++) {
		add_text(self, &grid, self->sums->screenings[i].rule);
		for (unsigned month = 0; month < VG_FORECAST_MONTHS; month++)
			add_count(self, &grid, self->sums->screenings[i].forecast[month]);
	}
	vg_page_grid(self->page, 2, &grid);
}

static void write_alerts(sheet *self)
{
	const vg_summary *sums = self->sums;
	vg_grid grid = {.columns = 2};
	heading(self, "Alerts");
	for (int severity = VIGIL_SEVERITY_CRITICAL; severity >= VIGIL_SEVERITY_INFO; severity--) {
		add_count(self, &grid, sums->alerts[severity]);
		add_text(self, &grid, vg_severity_name((vigil_severity)severity));
	}
	add_count(self, &grid, sums->with_alerts);
	add_text(self, &grid, "patients with one or more");
	vg_page_grid(self->page, 2, &grid);
}

void vg_scan_table(const vg_scan *scan, const vg_summary *sums, vg_page *page)
{
	sheet self = {scan, sums, page, &scan->cli->arena};
	char day[16];
	vg_day_text(scan->as_of.first, day);
	vg_page_add(page, VG_BOLD,
		    scan->shard.count
			? vg_format(self.arena,
				    "Part %u of %u of the population, as of %s; sums of parts are not those of the whole",
				    scan->shard.number, scan->shard.count, day)
			: vg_format(self.arena, "Population as of %s", day));
	vg_page_line(page);
	write_data(&self);
	write_codes(&self);
	write_funnel(&self);
	write_strata(&self, "Due soon or overdue, by age, of those not excluded", VG_BAND_COUNT, vg_band_name, in_band);
	write_strata(&self, "Due soon or overdue, by sex, of those not excluded", VG_SEX_COUNT, vg_sex_name, of_sex);
	if (scan->options->alerts)
		write_alerts(&self);
	if (scan->since)
		write_changes(&self);
	if (scan->forecast)
		write_forecast(&self);
}
