/*
 * `vigil selftest`: would these packs have caught it?
 *
 * Scripted patients and orders (the CSV files in each pack's folder selftest; rows of a later
 * pack replace those of the same id) are judged as a prescriber's order would
 * be, and the answers compared with what a pharmacist expects.  A row whose
 * alert comes from a shadow or draft rule has not passed and has not failed:
 * it is reported as not active.  It is asked by kind of alert, not by id, so
 * that a site may have its own rules for the same danger.
 */
#include <stdio.h>
#include <string.h>

#include "cli/selftest.h"
#include "knowledge/csv.h"

/* What kinds of alert answer a category. */
static const struct {
	const char *name, *kinds;
} categories[] = {
    {"drug with drug", "interaction rule"},
    {"allergy", "allergy rule"},
    {"cross-allergy", "allergy rule"},
    {"duplicate therapy", "duplicate_therapy rule"},
    {"dose", "contraindication rule"},
    {"drug with lab value", "contraindication rule"},
    {"drug with diagnosis", "contraindication rule"},
    {"route", "interaction duplicate_therapy contraindication rule"},
    {"monitoring", "contraindication rule"},
    {"duplicate test", "duplicate_test rule"},
    {"nuisance", ""},
};

typedef enum script_verdict { SCRIPT_PASSED, SCRIPT_MISSED, SCRIPT_NOT_ACTIVE, SCRIPT_VERDICTS } script_verdict;

typedef struct script_row {
	const char *cells[VG_SELFTEST_COLUMNS];
	const char *file;
	int line;
	size_t category;
	script_verdict verdict;
	const char *reason; /* "" when it passed */
} script_row;

typedef struct script_book {
	script_row *rows;
	size_t count, capacity;
	size_t sums[VG_COUNT(categories)][SCRIPT_VERDICTS];
} script_book;

static const char *const column_names[VG_SELFTEST_COLUMNS] = {"id",    "category", "patient", "problems", "allergies",
							      "takes", "results",  "orders",  "expect",   "why"};
static const char *const verdict_names[SCRIPT_VERDICTS] = {"passed", "missed", "not_active"};

/* ---- reading the rows -------------------------------------------------------------------- */

static bool is_expectation(const char *text)
{
	static const char *const words[] = {"critical", "warning", "info", "alert", "ask", "silent", "not interrupted"};
	for (size_t i = 0; i < VG_COUNT(words); i++)
		if (strcmp(text, words[i]) == 0)
			return true;
	return vg_starts_with(text, "due ");
}

static vigil_status fail_row(const char *file, int line, vigil_error *err, const char *advice, const char *what)
{
	vigil_status status = vg_fail(err, VIGIL_BAD_INPUT, advice, "%.300s", what);
	vg_error_place(err, file, line);
	return status;
}

static vigil_status keep_row(vg_cli *cli, script_book *book, const script_row *row, vigil_error *err)
{
	for (size_t i = 0; i < book->count; i++)
		if (strcmp(book->rows[i].cells[VG_SELFTEST_ID], row->cells[VG_SELFTEST_ID]) == 0) {
			if (strcmp(book->rows[i].file, row->file) == 0)
				return fail_row(row->file, row->line, err, "Give each row an id of its own.",
						"This id stands in the file twice.");
			book->rows[i] = *row;
			return VIGIL_OK;
		}
	script_row *rows = vg_grow(&cli->arena, book->rows, book->count, &book->capacity, sizeof *rows);
	if (!rows)
		return vg_fail_memory(err);
	book->rows = rows;
	rows[book->count++] = *row;
	return VIGIL_OK;
}

static vigil_status check_row(script_row *row, vigil_error *err)
{
	for (row->category = 0; row->category < VG_COUNT(categories); row->category++)
		if (strcmp(categories[row->category].name, row->cells[VG_SELFTEST_CATEGORY]) == 0)
			break;
	if (!*row->cells[VG_SELFTEST_ID])
		return fail_row(row->file, row->line, err, "Give the row an id.", "The id is empty.");
	if (row->category == VG_COUNT(categories))
		return fail_row(row->file, row->line, err, "docs/commands.md lists the categories of the self-test.",
				"There is no such category.");
	if (!is_expectation(row->cells[VG_SELFTEST_EXPECT]))
		return fail_row(
		    row->file, row->line, err,
		    "Write critical, warning, info, alert, ask, silent, not interrupted, or due and a screening's id.",
		    "What is expected is not understood.");
	return VIGIL_OK;
}

static vigil_status read_header(const vg_csv *csv, const char *file, vigil_error *err)
{
	bool same = csv->cell_count == VG_SELFTEST_COLUMNS;
	for (size_t i = 0; same && i < VG_SELFTEST_COLUMNS; i++)
		same = strcmp(csv->cells[i], column_names[i]) == 0;
	return same ? VIGIL_OK
		    : fail_row(file, csv->row_line, err,
			       "Write id,category,patient,problems,allergies,takes,results,orders,expect,why.",
			       "The columns are not those of the self-test.");
}

static vigil_status read_file(vg_cli *cli, script_book *book, const char *file, vigil_error *err)
{
	char *text;
	size_t length;
	vg_csv csv;
	bool header = true;
	vigil_status status = vg_read_file(&cli->arena, file, 16u << 20, &text, &length, err);
	if (status != VIGIL_OK)
		return status;
	vg_csv_begin(&csv, text, length);
	while (status == VIGIL_OK && vg_csv_next(&csv)) {
		script_row row = {.file = file, .line = csv.row_line, .reason = ""};
		if (csv.problem != VG_CSV_FINE)
			return fail_row(file, csv.row_line, err, "Mend the row.", vg_csv_problem_text(csv.problem));
		if (header) {
			status = read_header(&csv, file, err);
			header = false;
			continue;
		}
		if (csv.cell_count != VG_SELFTEST_COLUMNS)
			return fail_row(file, csv.row_line, err, "Give the row ten cells.", "Cells are missing or too many.");
		for (size_t i = 0; i < VG_SELFTEST_COLUMNS; i++)
			row.cells[i] = csv.cells[i];
		status = check_row(&row, err);
		if (status == VIGIL_OK)
			status = keep_row(cli, book, &row, err);
	}
	return status;
}

static vigil_status read_pack(vg_cli *cli, script_book *book, const char *pack, vigil_error *err)
{
	const char *const *files;
	size_t count;
	vigil_status status = vg_list_files(&cli->arena, pack, ".csv", &files, &count, err);
	for (size_t i = 0; status == VIGIL_OK && i < count; i++) {
		if (!vg_starts_with(files[i], "selftest/"))
			continue;
		const char *file = vg_format(&cli->arena, "%s/%s", pack, files[i]);
		status = file ? read_file(cli, book, file, err) : vg_fail_memory(err);
	}
	return status;
}

static vigil_status read_book(vg_cli *cli, const vigil_config *config, script_book *book, vigil_error *err)
{
	vigil_status status = config->starter_dir ? read_pack(cli, book, config->starter_dir, err) : VIGIL_OK;
	for (size_t i = 0; status == VIGIL_OK && i < config->rule_dir_count; i++)
		status = read_pack(cli, book, config->rule_dirs[i], err);
	if (status == VIGIL_OK && !book->count)
		status =
		    vg_fail(err, VIGIL_WRONG_USE, "Add selftest/orders.csv to a pack, or do not leave out the starter pack.",
			    "No pack has scripted orders.");
	return status;
}

/* ---- judging one row ------------------------------------------------------------------------- */

static bool has_word(const char *words, const char *word)
{
	size_t length = strlen(word);
	for (const char *at = strstr(words, word); at; at = strstr(at + 1, word))
		if ((at == words || at[-1] == ' ') && (at[length] == ' ' || !at[length]))
			return true;
	return false;
}

static const char *severity_name(vigil_severity severity)
{
	return severity == VIGIL_SEVERITY_CRITICAL ? "critical" : severity == VIGIL_SEVERITY_WARNING ? "warning" : "info";
}

/* Whether an alert is what the row waits for; `severity` receives the gravest of the right kind. */
static bool answers(const script_row *row, const vigil_alert *alert)
{
	const char *expect = row->cells[VG_SELFTEST_EXPECT];
	if (!has_word(categories[row->category].kinds, alert->kind))
		return false;
	if (strcmp(expect, "ask") == 0)
		return strcmp(alert->outcome, "ask") == 0;
	return strcmp(alert->outcome, "alert") == 0 &&
	       (strcmp(expect, "alert") == 0 || strcmp(expect, severity_name(alert->severity)) == 0);
}

/* An alert that a row of silence does not bear. */
static bool disturbs(const script_row *row, const vigil_alert *alert)
{
	const char *expect = row->cells[VG_SELFTEST_EXPECT];
	return strcmp(expect, "silent") == 0 ||
	       (strcmp(expect, "not interrupted") == 0 && alert->severity != VIGIL_SEVERITY_INFO);
}

static void miss(script_row *row, const char *reason)
{
	row->verdict = SCRIPT_MISSED;
	row->reason = reason;
}

static void judge_alerts(vg_cli *cli, script_row *row, const vigil_result *result)
{
	bool quiet = strcmp(row->cells[VG_SELFTEST_EXPECT], "silent") == 0 ||
		     strcmp(row->cells[VG_SELFTEST_EXPECT], "not interrupted") == 0;
	vg_buffer said;
	vg_buffer_init(&said, &cli->arena);
	for (size_t i = 0; i < vigil_result_alert_count(result); i++) {
		vigil_alert alert = VIGIL_ALERT_INIT;
		if (vigil_result_alert(result, i, &alert) != VIGIL_OK)
			continue;
		if (!quiet && answers(row, &alert)) {
			row->verdict = SCRIPT_PASSED;
			return;
		}
		if (quiet ? disturbs(row, &alert) : true)
			vg_addf(&said, "%s%s: %s (%s%s)", said.length ? "; " : "", alert.rule, alert.summary,
				severity_name(alert.severity), strcmp(alert.outcome, "ask") == 0 ? ", asks" : "");
	}
	if (quiet && !said.length)
		row->verdict = SCRIPT_PASSED;
	else if (quiet)
		miss(row, vg_format(&cli->arena, "expected to be %s, but said: %s", row->cells[VG_SELFTEST_EXPECT],
				    vg_buffer_text(&said)));
	else
		miss(row, vg_format(&cli->arena, "expected %s; said: %s", row->cells[VG_SELFTEST_EXPECT],
				    said.length ? vg_buffer_text(&said) : "nothing"));
}

static void judge_screening(vg_cli *cli, script_row *row, const vigil_result *result)
{
	const char *id = row->cells[VG_SELFTEST_EXPECT] + strlen("due ");
	const char *found = "not applicable, or no active screening";
	for (size_t i = 0; i < vigil_result_screening_count(result); i++) {
		vigil_screening screening = VIGIL_SCREENING_INIT;
		if (vigil_result_screening(result, i, &screening) != VIGIL_OK || strcmp(screening.rule, id) != 0)
			continue;
		if (strcmp(screening.status, "overdue") == 0 || strcmp(screening.status, "due_soon") == 0) {
			row->verdict = SCRIPT_PASSED;
			return;
		}
		found = screening.status;
	}
	miss(row, vg_format(&cli->arena, "expected %s to be due; it is %s", id, found));
}

/* Whether a shadow or draft rule would have answered. */
static bool sleeps(const script_row *row, const vigil_result *result, const char **ret_rule, const char **ret_status)
{
	for (size_t i = 0; i < vigil_result_alert_count(result); i++) {
		vigil_alert alert = VIGIL_ALERT_INIT;
		if (vigil_result_alert(result, i, &alert) == VIGIL_OK && strcmp(alert.status, "active") != 0 &&
		    answers(row, &alert)) {
			*ret_rule = alert.rule;
			*ret_status = alert.status;
			return true;
		}
	}
	return false;
}

static vigil_status judge(vg_cli *cli, vigil_worker *worker, const vg_knowledge *knowledge, script_row *row, vigil_error *err)
{
	vg_script_patient patient;
	vigil_request request = VIGIL_REQUEST_INIT;
	const vigil_result *result;
	const char *rule, *status_name;
	vg_selftest_patient(&cli->arena, knowledge, row->cells, &patient);
	if (cli->arena.failed)
		return vg_fail_memory(err);
	if (patient.problem) {
		miss(row, patient.problem);
		return VIGIL_OK;
	}
	request.json = patient.chart.text;
	request.json_length = patient.chart.length;
	request.orders = &patient.order;
	request.order_count = patient.order.text ? 1 : 0;
	request.as_of = VG_SELFTEST_DAY;
	vigil_status status = vigil_evaluate(worker, &request, &result, err);
	if (status != VIGIL_OK)
		return status;
	if (vg_starts_with(row->cells[VG_SELFTEST_EXPECT], "due "))
		judge_screening(cli, row, result);
	else
		judge_alerts(cli, row, result);
	if (row->verdict != SCRIPT_MISSED)
		return VIGIL_OK;
	request.all_statuses = 1;
	status = vigil_evaluate(worker, &request, &result, err);
	if (status == VIGIL_OK && sleeps(row, result, &rule, &status_name)) {
		row->verdict = SCRIPT_NOT_ACTIVE;
		row->reason = vg_format(&cli->arena, "%s is %s", rule, status_name);
	}
	return cli->arena.failed ? vg_fail_memory(err) : status;
}

/* ---- the report ------------------------------------------------------------------------------- */

static size_t sum_of(const script_book *book, script_verdict verdict)
{
	size_t sum = 0;
	for (size_t i = 0; i < VG_COUNT(categories); i++)
		sum += book->sums[i][verdict];
	return sum;
}

static void write_totals(vg_cli *cli, const script_book *book, vg_page *page)
{
	static const char *const heads[] = {"Category", "Orders", "Passed", "Missed", "Not active in these packs"};
	vg_grid grid = {.columns = VG_COUNT(heads)};
	for (size_t i = 0; i < VG_COUNT(heads); i++)
		vg_grid_add(&cli->arena, &grid, heads[i]);
	for (size_t i = 0; i < VG_COUNT(categories); i++) {
		const size_t *sums = book->sums[i];
		size_t all = sums[SCRIPT_PASSED] + sums[SCRIPT_MISSED] + sums[SCRIPT_NOT_ACTIVE];
		vg_grid_add(&cli->arena, &grid, categories[i].name);
		vg_grid_add(&cli->arena, &grid, vg_format(&cli->arena, "%zu", all));
		for (int verdict = SCRIPT_PASSED; verdict < SCRIPT_VERDICTS; verdict++)
			vg_grid_add(&cli->arena, &grid, vg_format(&cli->arena, "%zu", sums[verdict]));
	}
	vg_page_grid(page, 0, &grid);
}

static void write_text(vg_cli *cli, const script_book *book)
{
	static const struct {
		const char *mark;
		vg_ink ink;
	} marks[SCRIPT_VERDICTS] = {{"", VG_PLAIN}, {"MISSED      ", VG_RED}, {"not active  ", VG_YELLOW}};
	vg_page page;
	vg_page_init(&page, cli);
	for (size_t i = 0; i < book->count; i++) {
		const script_row *row = &book->rows[i];
		if (row->verdict == SCRIPT_PASSED)
			continue;
		vg_page_add(&page, marks[row->verdict].ink, marks[row->verdict].mark);
		vg_page_item(&page, 0, "", VG_PLAIN,
			     vg_format(&cli->arena, "%s: %s  (%s)", row->cells[VG_SELFTEST_ID], row->reason,
				       row->cells[VG_SELFTEST_WHY]));
	}
	vg_page_line(&page);
	write_totals(cli, book, &page);
	vg_page_line(&page);
	vg_page_item(&page, 0, "", VG_PLAIN,
		     vg_format(&cli->arena, "%zu orders: %zu passed, %zu missed, %zu not active in these packs.", book->count,
			       sum_of(book, SCRIPT_PASSED), sum_of(book, SCRIPT_MISSED), sum_of(book, SCRIPT_NOT_ACTIVE)));
	vg_print_buffer(cli, &page.out);
}

static void write_counts(vg_json_writer *json, const size_t *sums)
{
	size_t all = 0;
	for (int verdict = SCRIPT_PASSED; verdict < SCRIPT_VERDICTS; verdict++) {
		vg_json_count(json, verdict_names[verdict], sums[verdict]);
		all += sums[verdict];
	}
	vg_json_count(json, "orders", all);
}

static void write_json(vg_cli *cli, const script_book *book)
{
	vg_buffer out;
	size_t sums[SCRIPT_VERDICTS];
	vg_buffer_init(&out, &cli->arena);
	vg_json_writer writer = {&out, false}, *json = &writer;
	vg_json_open(json, NULL, '{');
	vg_json_text_always(json, "schema", "vigil.selftest/1");
	vg_json_open(json, "categories", '[');
	for (size_t i = 0; i < VG_COUNT(categories); i++) {
		vg_json_open(json, NULL, '{');
		vg_json_text_always(json, "category", categories[i].name);
		write_counts(json, book->sums[i]);
		vg_json_close(json, '}');
	}
	vg_json_close(json, ']');
	vg_json_open(json, "orders", '[');
	for (size_t i = 0; i < book->count; i++) {
		const script_row *row = &book->rows[i];
		vg_json_open(json, NULL, '{');
		for (size_t column = 0; column < VG_SELFTEST_COLUMNS; column++)
			vg_json_text(json, column_names[column], row->cells[column]);
		vg_json_text_always(json, "status", verdict_names[row->verdict]);
		vg_json_text(json, "reason", row->reason);
		vg_json_text_always(json, "file", row->file);
		vg_json_count(json, "line", row->line > 0 ? (uint64_t)row->line : 0);
		vg_json_close(json, '}');
	}
	vg_json_close(json, ']');
	for (int verdict = SCRIPT_PASSED; verdict < SCRIPT_VERDICTS; verdict++)
		sums[verdict] = sum_of(book, (script_verdict)verdict);
	vg_json_open(json, "counts", '{');
	write_counts(json, sums);
	vg_json_close(json, '}');
	vg_json_close(json, '}');
	vg_add(&out, "\n");
	vg_print_buffer(cli, &out);
}

/* ---- the command ------------------------------------------------------------------------------- */

static int judge_all(vg_cli *cli, const vg_options *options, vigil_engine *engine, script_book *book)
{
	vigil_error error = VIGIL_ERROR_INIT;
	vigil_worker *worker = NULL;
	if (vigil_worker_open(engine, &worker, &error) != VIGIL_OK)
		return vg_tell_error(&error);
	vg_world *world = vg_engine_world(engine);
	vigil_status status = VIGIL_OK;
	for (size_t i = 0; status == VIGIL_OK && i < book->count; i++) {
		status = judge(cli, worker, world->knowledge, &book->rows[i], &error);
		book->sums[book->rows[i].category][book->rows[i].verdict]++;
	}
	vg_world_release(world);
	vigil_worker_close(worker);
	if (status != VIGIL_OK)
		return vg_tell_error(&error);
	if (strcmp(options->format, "json") == 0)
		write_json(cli, book);
	else
		write_text(cli, book);
	return sum_of(book, SCRIPT_MISSED) ? VG_EXIT_FOUND : VIGIL_OK;
}

int vg_command_selftest(vg_cli *cli, const vg_options *options)
{
	vigil_error error = VIGIL_ERROR_INIT;
	vigil_config config;
	vigil_engine *engine = NULL;
	script_book book = {0};
	if (vg_locate(cli, options, &config, &error) != VIGIL_OK || read_book(cli, &config, &book, &error) != VIGIL_OK)
		return vg_tell_error(&error);
	int status = vg_open_engine(cli, options, &engine);
	if (status != VIGIL_OK)
		return status;
	status = judge_all(cli, options, engine, &book);
	vigil_engine_close(engine);
	return status;
}
