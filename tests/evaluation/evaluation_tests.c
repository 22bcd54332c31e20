/* Worlds, samples and answers as text; see evaluation_tests.h. */
#include "evaluation_tests.h"

#include <stdlib.h>

static vg_world *shared_world;

vigil_status cases_world_open(const vg_allocator *allocator, vg_findings *findings, vg_world **ret, vigil_error *err)
{
	vigil_config config = VIGIL_CONFIG_INIT;
	config.starter_dir = CASES_PACK;
	if (allocator) {
		config.resize = allocator->resize;
		config.resize_user = allocator->user;
	}
	return vg_world_open(&config, findings, ret, err);
}

vg_world *cases_world(void)
{
	if (shared_world)
		return shared_world;
	vigil_error err = VIGIL_ERROR_INIT;
	vg_findings findings;
	vg_findings_init(&findings, NULL);
	vigil_status status = cases_world_open(NULL, &findings, &shared_world, &err);
	CHECK(status == VIGIL_OK, "the cases' pack opens: %s (%s:%d)", err.text, err.file, err.line);
	for (size_t i = 0; i < findings.count; i++)
		if (findings.items[i].level == VIGIL_ERROR)
			fprintf(stderr, "  %s %s:%d: %s\n", findings.items[i].code,
				findings.items[i].file ? findings.items[i].file : "", findings.items[i].line,
				findings.items[i].text);
	vg_findings_free(&findings);
	return shared_world;
}

void cases_world_close(void)
{
	vg_world_release(shared_world);
	shared_world = NULL;
}

/* ---- samples ------------------------------------------------------------------ */

static const vg_question default_question = {.as_of = {VG_NO_DAY, VG_NO_DAY, VG_NO_INSTANT}};

static bool set_day(test_sample *sample, const char *as_of)
{
	return vg_date_parse(as_of, strlen(as_of), &sample->question.as_of);
}

static bool read_texts(test_sample *out, vg_world *world, const char *record, const char *const *orders, size_t count,
		       const vg_allocator *allocator)
{
	vigil_error err = VIGIL_ERROR_INIT;
	vigil_status status = vg_record_read(record, strlen(record), world->knowledge, world->rulebook->watch, NULL, allocator,
					     &out->record, &err);
	CHECK(status == VIGIL_OK, "the record is read: %s", err.text);
	for (size_t i = 0; i < count && status == VIGIL_OK; i++) {
		status = vg_orders_read(orders[i], strlen(orders[i]), out->record, world->rulebook->watch, NULL, allocator,
					&out->orders[i], &err);
		CHECK(status == VIGIL_OK, "order %zu is read: %s", i + 1, err.text);
		out->order_count += status == VIGIL_OK;
	}
	out->question.record = out->record;
	out->question.order_records = (const vg_record *const *)out->orders;
	out->question.order_record_count = out->order_count;
	return status == VIGIL_OK;
}

bool sample_open(test_sample *out, vg_world *world, const char *record, const char *const *orders, size_t order_count,
		 const char *as_of)
{
	memset(out, 0, sizeof *out);
	out->question = default_question;
	vg_arena_init(&out->arena, NULL, 0);
	if (!record)
		record = BUNDLE(&out->arena, patient_json("1960-05-05", "male", &out->arena));
	return set_day(out, as_of) && read_texts(out, world, record, orders, order_count, NULL);
}

void sample_close(test_sample *sample)
{
	for (size_t i = 0; i < sample->order_count; i++)
		vg_record_free(sample->orders[i]);
	vg_record_free(sample->record);
	vg_arena_free(&sample->arena);
}

/* One line of a case's `args`: a name, and its value. */
static bool take_argument(test_sample *out, const char *name, const char *value, const char **not_supplied)
{
	vg_question *question = &out->question;
	if (strcmp(name, "as_of") == 0)
		return set_day(out, value);
	if (strcmp(name, "hook") == 0)
		return vg_hook_find(value, &question->hook);
	if (strcmp(name, "not_supplied") == 0) {
		*not_supplied = value;
		return true;
	}
	bool *flag = strcmp(name, "judge_existing") == 0   ? &question->judge_existing
		     : strcmp(name, "all_statuses") == 0   ? &question->all_statuses
		     : strcmp(name, "record_drafts") == 0  ? &question->record_drafts
		     : strcmp(name, "all_screenings") == 0 ? &question->all_screenings
							   : NULL;
	if (flag)
		*flag = true;
	return flag != NULL;
}

static bool read_arguments(test_sample *out, const char *folder, const char **not_supplied)
{
	char path[256], *text, *rest = NULL;
	size_t length;
	snprintf(path, sizeof path, "%s/args", folder);
	if (vg_read_file(&out->arena, path, 65536, &text, &length, NULL) != VIGIL_OK)
		return false;
	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		char *blank = strchr(line, ' ');
		if (blank)
			*blank = '\0';
		bool known = take_argument(out, line, blank ? blank + 1 : "", not_supplied);
		CHECK(known, "%s: \"%s\" is an argument", path, line);
	}
	return true;
}

bool sample_read(test_sample *out, vg_world *world, const char *folder, const vg_allocator *allocator)
{
	memset(out, 0, sizeof *out);
	out->question = default_question;
	vg_arena_init(&out->arena, NULL, 0);
	const char *not_supplied = NULL, *orders[8];
	char path[256], *record, *text;
	size_t length, count = 0;
	snprintf(path, sizeof path, "%s/record.json", folder);
	bool read = vg_read_file(&out->arena, path, 1 << 22, &record, &length, NULL) == VIGIL_OK &&
		    read_arguments(out, folder, &not_supplied);
	CHECK(read, "%s has a record and args", folder);
	if (!read)
		return false;
	for (int i = 0; i < 8; i++) {
		snprintf(path, sizeof path, i ? "%s/order%d.json" : "%s/order.json", folder, i);
		if (vg_read_file(&out->arena, path, 1 << 22, &text, &length, NULL) == VIGIL_OK)
			orders[count++] = text;
	}
	if (!read_texts(out, world, record, orders, count, allocator))
		return false;
	vigil_error err = VIGIL_ERROR_INIT;
	if (not_supplied && vg_record_sections(out->record, not_supplied, &err) != VIGIL_OK) {
		CHECK(false, "%s: sections: %s", folder, err.text);
		return false;
	}
	return true;
}

/* ---- answers -------------------------------------------------------------------- */

static void add_reference(vg_buffer *out, const vg_clinical_fact *fact)
{
	vg_add(out, fact ? (*fact->reference ? fact->reference : fact->display) : "-");
}

static void add_alert(vg_buffer *out, const vg_alert *alert, bool details)
{
	vg_addf(out, "%s %s %s ", alert->ask ? "ask" : "alert", vg_severity_name((vigil_severity)alert->severity), alert->rule);
	add_reference(out, alert->order);
	if (!alert->order && alert->subject) {
		vg_add(out, " ");
		add_reference(out, alert->subject);
	}
	for (size_t i = 0; i < alert->other_count; i++) {
		vg_add(out, i ? ", " : " <- ");
		add_reference(out, alert->others[i]);
	}
	for (size_t i = 0; i < alert->also_count; i++)
		vg_addf(out, "%s%s", i ? ", " : " (also ", alert->also[i]);
	vg_add(out, alert->also_count ? ")" : "");
	if (alert->status != VG_STATUS_ACTIVE)
		vg_addf(out, " [%s]", vg_rule_status_name((vg_rule_status)alert->status));
	vg_add(out, "\n");
	if (!details)
		return;
	vg_addf(out, "  %s\n  %s\n", alert->summary, alert->detail);
	for (size_t i = 0; i < alert->evidence_count; i++)
		vg_addf(out, "  * %s | %s | %s | %s\n", alert->evidence[i].reference ? alert->evidence[i].reference : "-",
			alert->evidence[i].display, alert->evidence[i].date ? alert->evidence[i].date : "-",
			alert->evidence[i].says);
	for (size_t i = 0; i < alert->not_excluded_count; i++)
		vg_addf(out, "  not excluded: %s\n", alert->not_excluded[i]);
}

static void add_screening(vg_buffer *out, const vg_screening *screening, bool details)
{
	char day[32];
	vg_addf(out, "screening %s %s", screening->rule->id, vg_screening_status_name((vg_screening_status)screening->status));
	if (screening->due != VG_NO_DAY)
		vg_addf(out, " due %s", vg_day_text(screening->due, day));
	if (screening->overdue_since != VG_NO_DAY)
		vg_addf(out, " since %s", vg_day_text(screening->overdue_since, day));
	if (screening->last)
		vg_addf(out, " last %s %s", screening->last->reference, vg_when_text(screening->last_done, day));
	vg_add(out, "\n");
	if (details)
		vg_addf(out, "  %s\n", screening->reason);
	for (size_t i = 0; details && i < screening->not_excluded_count; i++)
		vg_addf(out, "  not excluded: %s\n", screening->not_excluded[i]);
}

const char *answer_text(const vg_answer *answer, bool details, vg_arena *arena)
{
	vg_buffer out;
	vg_buffer_init(&out, arena);
	for (size_t i = 0; i < answer->alert_count; i++)
		add_alert(&out, &answer->alerts[i], details);
	for (size_t i = 0; i < answer->screening_count; i++)
		add_screening(&out, &answer->screenings[i], details);
	for (size_t i = 0; i < answer->not_evaluated_count; i++)
		vg_addf(&out, "not_evaluated %s%s%s\n", answer->not_evaluated[i].rule, details ? ": " : "",
			details ? answer->not_evaluated[i].missing : "");
	for (size_t i = 0; i < answer->not_checked_count; i++)
		vg_addf(&out, "not_checked %s: %s\n", answer->not_checked[i].reference, answer->not_checked[i].why);
	for (size_t i = 0; i < answer->error_count; i++)
		vg_addf(&out, "error %s %s\n", answer->errors[i].rule, answer->errors[i].code);
	for (size_t i = 0; i < answer->notice_count; i++)
		vg_addf(&out, "notice %s\n", answer->notices[i]);
	vg_addf(&out, "complete %s\n", answer->complete ? "yes" : "no");
	const char *text = vg_buffer_text(&out);
	return text ? text : "";
}

const char *ask(vg_evaluator *evaluator, test_sample *sample, bool details, vg_arena *arena)
{
	const vg_answer *answer = NULL;
	vigil_error err = VIGIL_ERROR_INIT;
	vigil_status status = vg_evaluate(evaluator, cases_world(), &sample->question, &answer, &err);
	CHECK(status == VIGIL_OK, "the question is answered: %s", err.text);
	return status == VIGIL_OK ? answer_text(answer, details, arena) : "";
}
