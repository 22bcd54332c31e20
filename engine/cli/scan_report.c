/*
 * A population in sum, as one page of HTML that needs nothing but itself: for
 * whoever runs the clinic, on a screen or on paper.
 *
 * The page is made to be passed on, so small numbers are hidden, and others with
 * them, until nobody can compute them.  Per screening there are three sums (not
 * meant or excluded; due soon or overdue; up to date or not to be told) which add
 * up to the population, and two parts of each.  A sum that is small hides
 * the screening; a part that is small hides both parts, and the sum stays.  Ages
 * and sexes are strata of the sums of due and of settled, whose totals are known:
 * vg_suppress hides what has to be hidden.  How long overdue and how far off are
 * strata of parts, shown only where these are.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/scan_page.h"

static const char style[] =
    "body{font:15px/1.45 system-ui,sans-serif;color:#1c2430;background:#fff;max-width:1080px;margin:0 auto;padding:24px}"
    "h1{font-size:26px;margin:0 0 4px}h2{font-size:19px;margin:34px 0 10px;border-bottom:2px solid #1c2430;padding-bottom:3px}"
    "h3{font-size:16px;margin:0 0 8px}h4{font-size:12.5px;margin:14px 0 2px;color:#4a5568;font-weight:600}"
    "p{margin:4px 0 10px;max-width:75ch}.quiet{color:#4a5568}"
    ".figures{display:flex;flex-wrap:wrap;gap:12px;margin:16px 0}.figure{border:1px solid "
    "#cbd5e0;border-radius:6px;padding:8px "
    "16px;min-width:130px}.figure b{display:block;font-size:24px}"
    "table{border-collapse:collapse;width:100%;font-size:14px}th,td{padding:4px 8px;text-align:right;border-bottom:1px solid "
    "#e2e8f0}th:first-child,td:first-child{text-align:left}thead th{border-bottom:2px solid #a0aec0;vertical-align:bottom}"
    ".cards{display:grid;grid-template-columns:1fr 1fr;gap:18px}.card{border:1px solid #cbd5e0;border-radius:6px;padding:14px "
    "16px;break-inside:avoid}.card table{font-size:12.5px}.card th,.card td{padding:2px 6px}"
    "svg{width:100%;height:auto;display:block}svg text{font:11px system-ui,sans-serif;text-anchor:middle;fill:#1c2430}"
    "svg text.tick{fill:#4a5568;font-size:10.5px}svg line{stroke:#718096}"
    ".done{fill:#2b6cb0;background:#2b6cb0}.soon{fill:#ecc94b;background:#ecc94b}.late{fill:#c05621;background:#c05621}"
    ".unsure{fill:#a0aec0;background:#a0aec0}.hidden{fill:#edf2f7;stroke:#a0aec0;stroke-dasharray:3 2}"
    ".legend{list-style:none;display:flex;flex-wrap:wrap;gap:2px 14px;margin:6px 0 0;padding:0;font-size:12.5px}"
    ".key{display:inline-block;width:11px;height:11px;border-radius:2px;margin-right:5px;print-color-adjust:exact;"
    "-webkit-print-color-adjust:exact}svg rect{print-color-adjust:exact;-webkit-print-color-adjust:exact}"
    "abbr{text-decoration:none;color:#4a5568}footer{margin-top:34px;border-top:1px solid "
    "#cbd5e0;padding-top:8px;font-size:13px}"
    "@media(max-width:760px){.cards{grid-template-columns:1fr}body{padding:12px}}"
    "@media print{body{padding:0;font-size:11pt;max-width:none}.cards{grid-template-columns:1fr 1fr}h2{break-after:avoid}}";

/* ---- text --------------------------------------------------------------------------- */

void vg_html(vg_sheet *sheet, const char *text)
{
	for (const char *at = text ? text : ""; *at; at++) {
		switch (*at) {
		case '<':
			vg_add(sheet->out, "&lt;");
			break;
		case '>':
			vg_add(sheet->out, "&gt;");
			break;
		case '&':
			vg_add(sheet->out, "&amp;");
			break;
		case '"':
			vg_add(sheet->out, "&quot;");
			break;
		default:
			vg_add_byte(sheet->out, *at);
		}
	}
}

void vg_html_number(vg_sheet *sheet, uint64_t number)
{
	char digits[32];
	int length = snprintf(digits, sizeof digits, "%llu", (unsigned long long)number);
	for (int i = 0; i < length; i++) {
		if (i && (length - i) % 3 == 0)
			vg_add(sheet->out, ",");
		vg_add_byte(sheet->out, digits[i]);
	}
}

bool vg_html_small(const vg_sheet *sheet, uint64_t count) { return vg_is_small(count, sheet->least); }

void vg_html_count(vg_sheet *sheet, uint64_t count, bool hidden)
{
	if (hidden)
		vg_add(sheet->out, "\xE2\x80\xA2"); /* a bullet; the page says what it means */
	else
		vg_html_number(sheet, count);
}

static void cell(vg_sheet *sheet, uint64_t count, bool hidden)
{
	vg_add(sheet->out, "<td>");
	vg_html_count(sheet, count, hidden);
	vg_add(sheet->out, "</td>");
}

static void percent(vg_sheet *sheet, uint64_t part, uint64_t whole)
{
	if (whole)
		vg_addf(sheet->out, "%u %%", (unsigned)((double)part * 100 / (double)whole + 0.5));
	else
		vg_add(sheet->out, "\xE2\x80\x93");
}

/* ---- the data ------------------------------------------------------------------------- */

static void data_row(vg_sheet *sheet, const char *what, uint64_t count, uint64_t whole, bool people)
{
	bool hidden = people && vg_html_small(sheet, count);
	vg_add(sheet->out, "<tr><td>");
	vg_html(sheet, what);
	vg_add(sheet->out, "</td>");
	cell(sheet, count, hidden);
	vg_add(sheet->out, "<td>");
	if (hidden)
		vg_html_count(sheet, count, true);
	else
		percent(sheet, count, whole);
	vg_add(sheet->out, "</td></tr>\n");
}

static void write_codes(vg_sheet *sheet)
{
	const vg_unmapped **codes = vg_scan_codes(sheet->sums, sheet->out->arena);
	bool begun = false;
	for (size_t i = 0; codes && i < sheet->sums->code_count && i < 10; i++) {
		if (codes[i]->count < sheet->least)
			break; /* a rare code may be one person's */
		if (!begun)
			vg_add(sheet->out, "<h4>The most frequent codes that are not known</h4><table><thead><tr><th>code</th>"
					   "<th>kind</th><th>entries</th></tr></thead><tbody>\n");
		begun = true;
		vg_add(sheet->out, "<tr><td>");
		vg_html(sheet, *codes[i]->display ? codes[i]->display : codes[i]->code);
		vg_add(sheet->out, " <span class=\"quiet\">");
		vg_html(sheet, *codes[i]->display ? codes[i]->code : "");
		vg_add(sheet->out, "</span></td><td>");
		vg_html(sheet, codes[i]->kind);
		vg_add(sheet->out, "</td>");
		cell(sheet, codes[i]->count, false);
		vg_add(sheet->out, "</tr>\n");
	}
	vg_add(sheet->out, begun ? "</tbody></table>\n" : "");
}

static void write_data(vg_sheet *sheet)
{
	const vg_summary *sums = sheet->sums;
	vg_add(sheet->out,
	       "<h2>How good the data are</h2><p>What is missing here is missing in everything below: a test done "
	       "elsewhere and never recorded counts as not done.</p><table><thead><tr><th>What</th><th>how many</th>"
	       "<th>share</th></tr></thead><tbody>\n");
	data_row(sheet, "records that could not be read", sums->bad, sums->patients + sums->bad, false);
	data_row(sheet, "patients without a birth date", sums->without_birth_date, sums->patients, true);
	data_row(sheet, "patients whose sex is not recorded", sums->without_sex, sums->patients, true);
	for (int section = 0; section < VG_ORDERS; section++) {
		char text[96];
		const char *name = vg_section_name((vg_section)section);
		uint64_t none = sums->empty[section] + sums->not_supplied[section];
		snprintf(text, sizeof text, "patients with no %.40s on record", name);
		data_row(sheet, text, none, sums->patients, true);
		snprintf(text, sizeof text, "%.40s whose code is not known", name);
		if (sums->unmapped[section] && !vg_html_small(sheet, sums->unmapped[section]))
			data_row(sheet, text, sums->unmapped[section], sums->section_facts[section], false);
	}
	if (sums->future_facts)
		data_row(sheet, "entries dated in the future, which were not used", sums->future_facts, sums->facts, true);
	if (sums->rule_errors)
		data_row(sheet, "times that a rule failed", sums->rule_errors, sums->patients, false);
	vg_add(sheet->out, "</tbody></table>\n");
	write_codes(sheet);
}

/* ---- what may be shown ------------------------------------------------------------------- */

static vg_shown_sum look_at(const vg_sheet *sheet, const vg_screening_sum *sum)
{
	vg_shown_sum shown = {.any = true};
	for (int step = 0; step < VG_STEP_COUNT; step++)
		shown.steps[step] = vg_screening_count(sum, (vg_step)step);
	const uint64_t *steps = shown.steps;
	shown.apart = steps[VG_STEP_NOT_MEANT] + steps[VG_STEP_EXCLUDED];
	shown.due = steps[VG_STEP_DUE_SOON] + steps[VG_STEP_OVERDUE];
	shown.settled = steps[VG_STEP_UP_TO_DATE] + steps[VG_STEP_INDETERMINATE];
	shown.any =
	    !vg_html_small(sheet, shown.apart) && !vg_html_small(sheet, shown.due) && !vg_html_small(sheet, shown.settled);
	shown.apart_split =
	    shown.any && !vg_html_small(sheet, steps[VG_STEP_NOT_MEANT]) && !vg_html_small(sheet, steps[VG_STEP_EXCLUDED]);
	shown.due_split =
	    shown.any && !vg_html_small(sheet, steps[VG_STEP_DUE_SOON]) && !vg_html_small(sheet, steps[VG_STEP_OVERDUE]);
	shown.settled_split = shown.any && !vg_html_small(sheet, steps[VG_STEP_UP_TO_DATE]) &&
			      !vg_html_small(sheet, steps[VG_STEP_INDETERMINATE]);
	return shown;
}

/* ---- the funnel ------------------------------------------------------------------------------ */

static void write_funnel_row(vg_sheet *sheet, const vg_screening_sum *sum)
{
	vg_shown_sum shown = look_at(sheet, sum);
	const uint64_t *steps = shown.steps;
	uint64_t meant = shown.due + shown.settled + steps[VG_STEP_EXCLUDED], judged = shown.due + shown.settled;
	vg_add(sheet->out, "<tr><td>");
	vg_html(sheet, sum->title && *sum->title ? sum->title : sum->rule);
	vg_add(sheet->out, "</td>");
	cell(sheet, meant, !shown.apart_split);
	cell(sheet, steps[VG_STEP_EXCLUDED], !shown.apart_split);
	cell(sheet, judged, !shown.any);
	cell(sheet, steps[VG_STEP_UP_TO_DATE], !shown.settled_split);
	cell(sheet, steps[VG_STEP_INDETERMINATE], !shown.settled_split);
	cell(sheet, steps[VG_STEP_DUE_SOON], !shown.due_split);
	cell(sheet, steps[VG_STEP_OVERDUE], !shown.due_split);
	cell(sheet, shown.due, !shown.any);
	vg_add(sheet->out, "<td>");
	if (shown.any)
		percent(sheet, shown.due, judged);
	else
		vg_html_count(sheet, 0, true);
	vg_add(sheet->out, "</td></tr>\n");
}

static void write_funnel(vg_sheet *sheet)
{
	vg_add(sheet->out,
	       "<h2>Who is where</h2><p>Of all patients, some are meant for a screening; of these some are excluded by an "
	       "exception (hospice, an operation). The others are judged: up to date, due soon, overdue, or the record does "
	       "not tell.</p>"
	       "<table><thead><tr><th>Screening</th><th>meant for</th><th>excluded</th><th>judged</th><th>up to "
	       "date</th><th>cannot "
	       "be told</th><th>due soon</th><th>overdue</th><th>due, both</th><th>share due</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < sheet->sums->screening_count; i++)
		write_funnel_row(sheet, &sheet->sums->screenings[i]);
	vg_add(sheet->out, "</tbody></table>\n");
}

/* ---- one screening ------------------------------------------------------------------------------- */

static void write_strata(vg_sheet *sheet, const vg_screening_sum *sum, bool by_age)
{
	uint64_t counts[VG_BAND_COUNT][2] = {{0}};
	bool hidden[VG_BAND_COUNT];
	unsigned strata = by_age ? VG_BAND_COUNT : VG_SEX_COUNT;
	for (unsigned band = 0; band < VG_BAND_COUNT; band++) {
		for (unsigned sex = 0; sex < VG_SEX_COUNT; sex++) {
			const uint64_t *steps = sum->cells[band][sex];
			uint64_t *to = counts[by_age ? band : sex];
			to[0] += steps[VG_STEP_DUE_SOON] + steps[VG_STEP_OVERDUE];
			to[1] += steps[VG_STEP_UP_TO_DATE] + steps[VG_STEP_INDETERMINATE];
		}
	}
	vg_suppress(&counts[0][0], strata, 2, sheet->least, hidden);
	vg_addf(sheet->out, "<table><thead><tr><th>%s</th><th>judged</th><th>due</th><th>share</th></tr></thead><tbody>",
		by_age ? "Age" : "Sex");
	for (unsigned i = 0; i < strata; i++) {
		uint64_t judged = counts[i][0] + counts[i][1];
		if (!judged && !hidden[i])
			continue;
		vg_addf(sheet->out, "<tr><td>%s</td>", by_age ? vg_band_name(i) : vg_sex_name(i));
		cell(sheet, judged, hidden[i]);
		cell(sheet, counts[i][0], hidden[i]);
		vg_add(sheet->out, "<td>");
		if (hidden[i])
			vg_html_count(sheet, 0, true);
		else
			percent(sheet, counts[i][0], judged);
		vg_add(sheet->out, "</td></tr>");
	}
	vg_add(sheet->out, "</tbody></table>\n");
}

static void write_due(vg_sheet *sheet, const vg_screening_sum *sum, const char *name, unsigned from, unsigned until,
		      const char *shade)
{
	vg_bar bars[VG_DUE_COUNT];
	bool hidden[VG_DUE_COUNT];
	unsigned count = until - from;
	vg_suppress(&sum->due[from], count, 1, sheet->least, hidden);
	for (unsigned i = 0; i < count; i++)
		bars[i] = (vg_bar){vg_due_name(from + i), sum->due[from + i], hidden[i], shade};
	vg_addf(sheet->out, "<h4>%s</h4>", name);
	vg_chart_bars(sheet, name, bars, count);
}

static void write_forecast(vg_sheet *sheet, const vg_screening_sum *sum)
{
	static const char *const names[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	vg_bar bars[VG_FORECAST_MONTHS];
	bool hidden[VG_FORECAST_MONTHS];
	for (unsigned i = 0; i < VG_FORECAST_MONTHS;
	     i += 3) /* a quarter's sum may be guessed from what is due and what was done */
		vg_suppress(&sum->forecast[i], 3, 1, sheet->least, hidden + i);
	for (unsigned i = 0; i < VG_FORECAST_MONTHS; i++) {
		int year, month, day;
		vg_day_split(sheet->scan->months[i + 1], &year, &month, &day);
		const char *label = vg_format(sheet->out->arena, "%s %d", names[month - 1], day);
		bars[i] = (vg_bar){label ? label : "", sum->forecast[i], hidden[i], "soon"};
	}
	uint64_t all = 0;
	for (unsigned i = 0; i < VG_FORECAST_MONTHS; i++)
		all += sum->forecast[i];
	vg_add(sheet->out, "<h4>Falling due in the month until, if nothing is done meanwhile</h4>");
	if (!all) {
		vg_add(sheet->out, "<p class=\"quiet\">Nobody in the next 12 months.</p>");
		return;
	}
	vg_chart_bars(sheet, "How many fall due in each of the next 12 months", bars, VG_FORECAST_MONTHS);
}

static void write_parts(vg_sheet *sheet, const vg_shown_sum *shown)
{
	vg_bar bars[4];
	size_t count = 0;
	if (shown->settled_split) {
		bars[count++] = (vg_bar){"up to date", shown->steps[VG_STEP_UP_TO_DATE], false, "done"};
		bars[count++] = (vg_bar){"cannot be told", shown->steps[VG_STEP_INDETERMINATE], false, "unsure"};
	} else {
		bars[count++] = (vg_bar){"up to date or cannot be told", shown->settled, false, "done"};
	}
	if (shown->due_split) {
		bars[count++] = (vg_bar){"due soon", shown->steps[VG_STEP_DUE_SOON], false, "soon"};
		bars[count++] = (vg_bar){"overdue", shown->steps[VG_STEP_OVERDUE], false, "late"};
	} else {
		bars[count++] = (vg_bar){"due soon or overdue", shown->due, false, "late"};
	}
	vg_chart_parts(sheet, "Shares of those judged", bars, count);
}

static void write_card(vg_sheet *sheet, const vg_screening_sum *sum)
{
	vg_shown_sum shown = look_at(sheet, sum);
	vg_add(sheet->out, "<section class=\"card\"><h3>");
	vg_html(sheet, sum->title && *sum->title ? sum->title : sum->rule);
	vg_add(sheet->out, "</h3>");
	if (!shown.any) {
		vg_add(sheet->out, "<p class=\"quiet\">Too few patients to show anything.</p></section>\n");
		return;
	}
	if (shown.due + shown.settled == 0) {
		vg_add(sheet->out, "<p class=\"quiet\">Nobody to judge.</p></section>\n");
		return;
	}
	write_parts(sheet, &shown);
	if (shown.due_split && shown.settled_split && shown.steps[VG_STEP_OVERDUE])
		write_due(sheet, sum, "Overdue for", 0, VG_OVERDUE_COUNT, "late");
	if (shown.due_split && shown.settled_split && shown.steps[VG_STEP_UP_TO_DATE] + shown.steps[VG_STEP_DUE_SOON])
		write_due(sheet, sum, "Next due", VG_OVERDUE_COUNT, VG_DUE_COUNT, "done");
	write_forecast(sheet, sum);
	vg_add(sheet->out, "<h4>Who they are</h4>");
	write_strata(sheet, sum, true);
	write_strata(sheet, sum, false);
	vg_add(sheet->out, "</section>\n");
}

/* ---- the page ---------------------------------------------------------------------------------------- */

static void figure(vg_sheet *sheet, const char *what, uint64_t count)
{
	vg_add(sheet->out, "<div class=\"figure\"><b>");
	vg_html_count(sheet, count, vg_html_small(sheet, count));
	vg_add(sheet->out, "</b>");
	vg_html(sheet, what);
	vg_add(sheet->out, "</div>");
}

static void write_head(vg_sheet *sheet)
{
	char day[16];
	vg_day_text(sheet->scan->as_of.first, day);
	vg_addf(
	    sheet->out,
	    "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
	    "content=\"width=device-width,initial-scale=1\"><title>Preventive care, %s</title><style>%s</style></head><body>\n"
	    "<h1>Preventive care: who is due for what</h1><p class=\"quiet\">As of %s",
	    day, style, day);
	if (sheet->scan->shard.count)
		vg_addf(sheet->out, ", part %u of %u of the population", sheet->scan->shard.number, sheet->scan->shard.count);
	vg_add(sheet->out, "</p><div class=\"figures\">");
	figure(sheet, "patients", sheet->sums->patients);
	figure(sheet, "of them have died", sheet->sums->deceased);
	figure(sheet, "screenings looked at", sheet->sums->screening_count);
	vg_add(sheet->out, "</div>");
	vg_addf(sheet->out,
		"<p><b>\xE2\x80\xA2</b> stands for a number that is hidden: it is smaller than %llu, or a smaller one could be "
		"computed from it.</p>\n",
		(unsigned long long)sheet->least);
}

static void write_foot(vg_sheet *sheet)
{
	const vg_world *world = sheet->scan->world;
	vg_add(sheet->out, "<footer class=\"quiet\">Made by Vigil " VIGIL_VERSION_TEXT " with ");
	for (size_t i = 0; i < world->pack_count; i++) {
		vg_add(sheet->out, i ? ", " : "");
		vg_html(sheet, world->packs[i].name);
		vg_add(sheet->out, " ");
		vg_html(sheet, world->packs[i].version);
	}
	vg_add(sheet->out, ". Counts of people; each screening is judged by its own rule. What to do for a patient is decided "
			   "with the patient's record, not with this page.</footer></body></html>\n");
}

static vigil_status write_page(const char *path, const char *text, size_t length, vg_arena *arena, vigil_error *err)
{
	const char *part = vg_format(arena, "%s.part", path);
	if (!part)
		return vg_fail_memory(err);
	FILE *stream = fopen(part, "we");
	bool fine = stream && fwrite(text, 1, length, stream) == length && fflush(stream) == 0;
	if (stream)
		fine = fclose(stream) == 0 && fine;
	if (!fine || rename(part, path) != 0) {
		vigil_status status = vg_fail(err, VIGIL_BAD_OUTPUT, "Make room, or write elsewhere.",
					      "\"%s\" cannot be written: %s.", path, strerrordesc_np(errno));
		remove(part);
		return status;
	}
	return VIGIL_OK;
}

vigil_status vg_scan_report(const vg_scan *scan, const vg_summary *sums, const char *path, vigil_error *err)
{
	vg_buffer out;
	vg_buffer_init(&out, &scan->cli->arena);
	vg_sheet sheet = {scan, sums, &out, scan->least};
	write_head(&sheet);
	write_data(&sheet);
	write_funnel(&sheet);
	vg_add(&out, "<h2>Screening by screening</h2><div class=\"cards\">\n");
	for (size_t i = 0; i < sums->screening_count; i++)
		write_card(&sheet, &sums->screenings[i]);
	vg_add(&out, "</div>\n");
	write_foot(&sheet);
	const char *text = vg_buffer_text(&out);
	return text && !out.failed ? write_page(path, text, out.length, &scan->cli->arena, err) : vg_fail_memory(err);
}
