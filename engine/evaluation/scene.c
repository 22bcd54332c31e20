/*
 * The scene: from a question to what is judged.
 *
 * Orders are those of the request and of the records given beside it, each
 * resource once; a draft that is not among the request's selections is context.
 * What the chart says about a resource that is being ordered is not a second
 * drug, so it is not active.  The hook decides what sets rules off; orders are
 * judged under every hook, because an order that is there may do harm.
 */
#include "evaluation/evaluation_internal.h"

static const char *const hook_names[VG_HOOK_COUNT] = {
    [VG_HOOK_NONE] = "",
    [VG_HOOK_PATIENT_VIEW] = "patient-view",
    [VG_HOOK_ORDER_SELECT] = "order-select",
    [VG_HOOK_ORDER_SIGN] = "order-sign",
    [VG_HOOK_ORDER_DISPATCH] = "order-dispatch",
    [VG_HOOK_ENCOUNTER_START] = "encounter-start",
    [VG_HOOK_ENCOUNTER_DISCHARGE] = "encounter-discharge",
    [VG_HOOK_APPOINTMENT_BOOK] = "appointment-book",
    [VG_HOOK_ALLERGY_CREATE] = "allergyintolerance-create",
    [VG_HOOK_PROBLEM_CREATE] = "problem-list-item-create",
    [VG_HOOK_MEDICATION_REFILL] = "medication-refill",
    [VG_HOOK_MEDICATION_VERIFY] = "medication-verify",
};
enum { ON_ORDERS = VG_ON_ORDERING | VG_ON_ANY_ORDER | VG_ON_PAIR };

const char *vg_hook_name(vg_hook hook) { return (unsigned)hook < VG_HOOK_COUNT ? hook_names[hook] : ""; }

bool vg_hook_find(const char *name, vg_hook *ret)
{
	for (int hook = VG_HOOK_PATIENT_VIEW; hook < VG_HOOK_COUNT; hook++)
		if (vg_same_text(hook_names[hook], name)) {
			*ret = (vg_hook)hook;
			return true;
		}
	return false;
}

uint32_t vg_rulebook_triggers(vg_hook hook)
{
	switch (hook) {
	case VG_HOOK_PATIENT_VIEW:
	case VG_HOOK_ENCOUNTER_START:
		return VG_ON_CHART | VG_ON_TAKING;
	case VG_HOOK_ALLERGY_CREATE:
	case VG_HOOK_PROBLEM_CREATE:
		return VG_ON_TAKING;
	case VG_HOOK_ENCOUNTER_DISCHARGE: /* what goes home with the patient is reconciled */
		return VG_ON_DISCHARGE | VG_ON_TAKING;
	case VG_HOOK_ORDER_SELECT:
	case VG_HOOK_ORDER_SIGN:
	case VG_HOOK_ORDER_DISPATCH:
	case VG_HOOK_MEDICATION_REFILL:
	case VG_HOOK_MEDICATION_VERIFY:
		return ON_ORDERS;
	case VG_HOOK_APPOINTMENT_BOOK: /* what is due is best done while an appointment is made */
		return VG_ON_CHART;
	case VG_HOOK_NONE:
	case VG_HOOK_COUNT:
		break;
	}
	return 0;
}

const char *vg_screening_status_name(vg_screening_status status)
{
	static const char *const names[] = {"not_applicable", "up_to_date", "due_soon", "overdue", "indeterminate"};
	return (unsigned)status < VG_COUNT(names) ? names[status] : "";
}

/* ---- orders -------------------------------------------------------------------- */

typedef struct order_list {
	const vg_clinical_fact **orders, **drafts;
	uint32_t order_count, draft_count;
} order_list;

static bool is_listed(const vg_clinical_fact *const *facts, uint32_t count, const vg_clinical_fact *fact)
{
	for (uint32_t i = 0; i < count; i++)
		if (facts[i] == fact || vg_same_resource(facts[i], fact))
			return true;
	return false;
}

/* An order that names nothing yet, as a form sends it when it is opened, orders nothing. */
static void add_order(order_list *list, const vg_clinical_fact *fact)
{
	bool nameless = fact->code_count == 0 && strcmp(fact->display, fact->type) == 0;
	if (!nameless && fact->standing != VG_NOT_DONE && !is_listed(list->orders, list->order_count, fact))
		list->orders[list->order_count++] = fact;
}

/* Drafts of the chart: of the same ordering session, or lying about. */
static void add_drafts(const vg_work *work, order_list *list, vg_fact_kind kind)
{
	const vg_record *record = work->question->record;
	for (uint32_t i = 0; i < record->kind_counts[kind]; i++) {
		const vg_clinical_fact *fact = &record->facts[record->kind_facts[kind][i]];
		if (fact->other_draft) {
			if (!is_listed(list->orders, list->order_count, fact))
				list->drafts[list->draft_count++] = fact;
		} else if (fact->standing == VG_DRAFT && work->question->record_drafts) {
			add_order(list, fact);
		}
	}
}

static bool find_orders(vg_work *work)
{
	const vg_question *question = work->question;
	const vg_record *record = question->record;
	size_t most = record->order_count;
	for (size_t i = 0; i < question->order_record_count; i++)
		most += question->order_records[i]->order_count;
	most += record->draft_count;
	if (most == 0)
		return true;
	order_list list = {.orders = vg_alloc_array(work->arena, most, sizeof(const vg_clinical_fact *)),
			   .drafts = vg_alloc_array(work->arena, record->draft_count, sizeof(const vg_clinical_fact *))};
	if (!list.orders || !list.drafts)
		return false;
	for (uint32_t i = 0; i < record->order_count; i++)
		add_order(&list, &record->orders[i]);
	for (size_t k = 0; k < question->order_record_count; k++)
		for (uint32_t i = 0; i < question->order_records[k]->order_count; i++)
			add_order(&list, &question->order_records[k]->orders[i]);
	if (record->draft_count) {
		add_drafts(work, &list, VG_FACT_MEDICATION);
		add_drafts(work, &list, VG_FACT_SERVICE);
	}
	work->scene.orders = list.orders;
	work->scene.order_count = list.order_count;
	work->scene.drafts = list.drafts;
	work->scene.draft_count = list.draft_count;
	return true;
}

uint32_t vg_order_place(const vg_work *work, const vg_clinical_fact *fact)
{
	for (uint32_t i = 0; i < work->scene.order_count; i++)
		if (work->scene.orders[i] == fact)
			return i;
	return VG_NO_ORDER;
}

uint64_t vg_fact_place(const vg_work *work, const vg_clinical_fact *fact)
{
	if (!fact)
		return UINT64_MAX;
	uint32_t order = vg_order_place(work, fact);
	if (order != VG_NO_ORDER)
		return order;
	return (UINT64_C(1) << 32) + (uint64_t)(fact - work->scene.record->facts);
}

bool vg_has_drug_orders(const vg_work *work)
{
	for (uint32_t i = 0; i < work->scene.order_count; i++)
		if (work->scene.orders[i]->kind == VG_FACT_MEDICATION)
			return true;
	return false;
}

/* ---- activity and place ------------------------------------------------------------ */

static bool find_activity(vg_work *work)
{
	const vg_scene *scene = &work->scene;
	const vg_record *record = scene->record;
	uint8_t *activity = vg_alloc(work->arena, record->fact_count);
	if (!activity)
		return false;
	const uint32_t *places = record->kind_facts[VG_FACT_MEDICATION];
	uint32_t count = record->kind_counts[VG_FACT_MEDICATION];
	for (uint32_t i = 0; i < count; i++) {
		activity[places[i]] = (uint8_t)vg_span_activity(&record->medication_spans[i], scene->as_of);
		/* The few that count are looked at next, and lie in main memory when the record was not used for a while. */
		if (activity[places[i]] != VG_NOT_ACTIVE) {
			__builtin_prefetch(&record->facts[places[i]]);
			__builtin_prefetch(&record->facts[places[i]].ingredients);
		}
	}
	for (uint32_t i = 0; i < count && scene->order_count; i++)
		if (activity[places[i]] != VG_NOT_ACTIVE &&
		    is_listed(scene->orders, scene->order_count, &record->facts[places[i]]))
			activity[places[i]] = VG_NOT_ACTIVE;
	work->scene.activity = activity;
	return true;
}

static const char *setting_of_class(const char *code)
{
	static const struct {
		const char *code, *setting;
	} classes[] = {
	    {"IMP", "inpatient"},
	    {"ACUTE", "inpatient"},
	    {"NONAC", "inpatient"},
	    {"SS", "inpatient"},
	    {"OBSENC", "inpatient"},
	    {"PRENC", "inpatient"},
	    {"AMB", "outpatient"},
	    {"EMER", "emergency"},
	    {"HH", "home"},
	    {"VR", "virtual"},
	    {"FLD", "emergency"},
	    {"inpatient", "inpatient"},
	    {"outpatient", "outpatient"},
	    {"ambulatory", "outpatient"},
	    {"emergency", "emergency"},
	    {"home", "home"},
	    {"virtual", "virtual"},
	};
	for (size_t i = 0; i < VG_COUNT(classes); i++)
		if (strcmp(classes[i].code, code) == 0)
			return classes[i].setting;
	return NULL;
}

/* The request's own encounter when it names one, else the newest that still goes on. */
const char *vg_setting_of(const vg_work *work)
{
	const vg_record *record = work->scene.record;
	for (uint32_t i = 0; i < record->kind_counts[VG_FACT_ENCOUNTER]; i++) {
		const vg_clinical_fact *visit = &record->facts[record->kind_facts[VG_FACT_ENCOUNTER][i]];
		bool meant = record->encounter && *record->encounter
				 ? strcmp(record->encounter, visit->reference) == 0
				 : visit->standing == VG_CURRENT && !vg_fact_is_future(visit, work->scene.as_of);
		for (uint8_t code = 0; meant && code < visit->code_count; code++) {
			const char *setting = setting_of_class(visit->codes[code].code);
			if (setting)
				return setting;
		}
	}
	return NULL;
}

/* Asked by every screening for every patient: reckoned once.  Months are completed on the day of the month of birth, or on
 * the month's last where it is shorter, as vg_day_plus has it. */
static int32_t completed_months(const vg_scene *scene)
{
	vg_when birth = scene->record->patient.birth;
	if (!vg_when_known(birth) || birth.first != birth.last || birth.first > scene->as_of)
		return 0;
	int birth_year, birth_month, birth_day, year, month, day;
	vg_day_split(birth.first, &birth_year, &birth_month, &birth_day);
	vg_day_split(scene->as_of, &year, &month, &day);
	int32_t months = (year - birth_year) * 12 + month - birth_month;
	bool passed = day >= birth_day || vg_day_plus(birth.first, (vg_duration){.months = months}) <= scene->as_of;
	return months + passed;
}

bool vg_scene_make(vg_work *work)
{
	const vg_question *question = work->question;
	vg_scene *scene = &work->scene;
	scene->rulebook = work->book;
	scene->knowledge = work->knowledge;
	scene->record = question->record;
	scene->as_of = question->as_of.first;
	scene->as_of_instant = question->as_of.instant;
	memcpy(scene->sections, question->record->sections, sizeof scene->sections);
	for (unsigned i = 0; i < VG_SECTION_COUNT; i++)
		scene->complete |= (unsigned)(scene->sections[i].state == VG_COMPLETE) << i;
	scene->age_months = completed_months(scene);
	if (!find_orders(work) || !find_activity(work))
		return false;
	if (work->plan->asks_setting)
		scene->setting = vg_setting_of(work);
	work->hook = question->hook;
	if (work->hook == VG_HOOK_NONE)
		work->hook = scene->order_count ? VG_HOOK_ORDER_SIGN : VG_HOOK_PATIENT_VIEW;
	work->triggers = vg_rulebook_triggers(work->hook);
	if (scene->order_count)
		work->triggers |= ON_ORDERS;
	work->has_died = vg_has_died(&scene->record->patient, scene->as_of);
	work->judges_taken = question->judge_existing && !work->has_died;
	if (work->judges_taken)
		work->triggers |= VG_ON_TAKING;
	if (work->has_died)
		work->triggers &= ~(unsigned)VG_ON_TAKING;
	return true;
}
