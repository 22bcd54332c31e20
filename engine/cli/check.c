/*
 * `vigil check`: one record, the orders being made, one answer.
 */
#include <string.h>

#include "cli/cli.h"

/* What --fail-on asks for, checked before anything is loaded. */
typedef struct vg_wanted {
	bool severity_given, incomplete;
	vigil_severity severity;
} vg_wanted;

static int read_wanted(const vg_options *options, vg_wanted *ret)
{
	static const char *const names[] = {"info", "warning", "critical", "incomplete"};
	*ret = (vg_wanted){0};
	for (size_t i = 0; i < options->fail_on.count; i++) {
		const char *given = options->fail_on.items[i];
		size_t found = 0;
		while (found < VG_COUNT(names) && strcmp(names[found], given) != 0)
			found++;
		if (found == VG_COUNT(names))
			return vg_wrong_use("It takes info, warning, critical or incomplete.",
					    "--fail-on does not know \"%.40s\".", given);
		if (found == 3) {
			ret->incomplete = true;
		} else if (!ret->severity_given || (vigil_severity)found < ret->severity) {
			ret->severity_given = true;
			ret->severity = (vigil_severity)found;
		}
	}
	return VIGIL_OK;
}

/* Shadow and draft rules are shown when asked for; nothing fails because of them. */
static bool found_wanted(const vg_answer *answer, const vg_wanted *wanted)
{
	if (wanted->incomplete && !answer->complete)
		return true;
	for (size_t i = 0; wanted->severity_given && i < answer->alert_count; i++)
		if (answer->alerts[i].status == VG_STATUS_ACTIVE && answer->alerts[i].severity >= wanted->severity)
			return true;
	return false;
}

static bool write_result(vg_cli *cli, const vg_options *options, const vigil_result *result)
{
	if (strcmp(options->format, "text") == 0) {
		vg_page page;
		vg_page_init(&page, cli);
		vg_write_answer(&page, vg_result_answer(result), options->trace);
		vg_print_buffer(cli, &page.out);
		return true;
	}
	const char *text = strcmp(options->format, "json") == 0 ? vigil_result_json(result) : vigil_result_cards(result);
	if (!text)
		return false;
	vg_print(cli, text);
	vg_print(cli, "\n");
	return true;
}

int vg_command_check(vg_cli *cli, const vg_options *options)
{
	vigil_error error = VIGIL_ERROR_INIT;
	vigil_engine *engine = NULL;
	vigil_worker *worker = NULL;
	const vigil_result *result;
	vg_wanted wanted;
	vg_asked asked;
	int status = read_wanted(options, &wanted);
	if (status != VIGIL_OK)
		return status;
	if (vg_ask(cli, options, options->arguments.items[0], &asked, &error) != VIGIL_OK)
		return vg_tell_error(&error);
	status = vg_open_engine(cli, options, &engine);
	if (status != VIGIL_OK)
		return status;
	if (vigil_worker_open(engine, &worker, &error) != VIGIL_OK ||
	    vigil_evaluate(worker, &asked.request, &result, &error) != VIGIL_OK) {
		vg_name_file(&asked, &error);
		status = vg_tell_error(&error);
	} else if (!write_result(cli, options, result)) {
		status = vg_out_of_memory();
	} else if (found_wanted(vg_result_answer(result), &wanted)) {
		status = VG_EXIT_FOUND;
	}
	vigil_worker_close(worker);
	vigil_engine_close(engine);
	return status;
}
