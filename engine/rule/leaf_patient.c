/*
 * Words about the patient: age, sex, pregnant, in_hospice, deceased, in_setting.
 */
#include "rule/rule_internal.h"

static const vg_duration pregnancy_length = {.days = 300};
static const vg_duration hospice_window = {.months = 12};

/* Whether an age is completed on the day of evaluation. */
static inline vg_truth reached(const vg_scene *scene, const vg_duration *age)
{
	if (scene->age_months && !(age->days | age->hours))
		return scene->age_months > age->months ? VG_TRUE : VG_FALSE;
	vg_when birth = scene->record->patient.birth;
	if (vg_has_passed(birth.last, *age, scene->as_of))
		return VG_TRUE;
	return vg_has_passed(birth.first, *age, scene->as_of) ? VG_UNKNOWN : VG_FALSE;
}

static void tell_age(const vg_scene *scene, vg_look *look)
{
	vg_when birth = scene->record->patient.birth;
	int youngest = vg_years_between(birth.last, scene->as_of), oldest = vg_years_between(birth.first, scene->as_of);
	char date[32];
	vg_buffer buffer;
	vg_buffer_init(&buffer, look->arena);
	if (youngest == oldest)
		vg_addf(&buffer, "%d years", youngest);
	else
		vg_addf(&buffer, "%d or %d years", youngest, oldest);
	vg_look_value(look, vg_buffer_text(&buffer));
	if (youngest != oldest)
		vg_look_missing(look, "of the date of birth only %s is known", vg_when_text(birth, date));
}

vg_truth vg_truth_age(const vg_scene *scene, const vg_leaf *leaf, const vg_binding *binding, vg_look *look)
{
	(void)binding;
	if (!vg_when_known(scene->record->patient.birth)) {
		vg_look_missing(look, "no date of birth");
		return VG_UNKNOWN;
	}
	vg_truth truth = VG_TRUE;
	if (vg_duration_given(leaf->least))
		truth = reached(scene, &leaf->least);
	if (vg_duration_given(leaf->most))
		truth = vg_and(truth, vg_not(reached(scene, &leaf->most)));
	if (look)
		tell_age(scene, look);
	return truth;
}

vg_truth vg_truth_sex(const vg_scene *scene, const vg_leaf *leaf, const vg_binding *binding, vg_look *look)
{
	(void)binding;
	/* The four codes differ in their first letter. */
	const char *sex = scene->record->patient.sex;
	if (!sex || *sex == '\0' || *sex == 'u') {
		vg_look_missing(look, "sex not recorded");
		return VG_UNKNOWN;
	}
	vg_look_value(look, sex);
	return *sex == *leaf->argument ? VG_TRUE : VG_FALSE;
}

vg_truth vg_truth_deceased(const vg_scene *scene, const vg_leaf *leaf, const vg_binding *binding, vg_look *look)
{
	(void)leaf;
	(void)binding;
	(void)look;
	return vg_has_died(&scene->record->patient, scene->as_of) ? VG_TRUE : VG_FALSE;
}

vg_truth vg_truth_setting(const vg_scene *scene, const vg_leaf *leaf, const vg_binding *binding, vg_look *look)
{
	(void)binding;
	if (!scene->setting) {
		vg_look_missing(look, "setting of care not told");
		return VG_UNKNOWN;
	}
	vg_look_value(look, scene->setting);
	return vg_same_text(scene->setting, leaf->argument) ? VG_TRUE : VG_FALSE;
}

/* ---- pregnant ------------------------------------------------------------------- */

/* An active pregnancy is one for 300 days; an older or undated one may be over. */
static vg_truth pregnancy_condition(const vg_scene *scene, const vg_clinical_fact *fact)
{
	if (fact->kind != VG_FACT_CONDITION || !vg_fact_usable(scene, fact) || !vg_condition_active(fact, scene->as_of))
		return VG_FALSE;
	vg_when begun = vg_when_known(fact->when) ? fact->when : fact->recorded;
	vg_day start = vg_day_minus(scene->as_of, pregnancy_length);
	return vg_when_known(begun) && begun.first >= start ? VG_TRUE : VG_UNKNOWN;
}

/* A due date ahead; one that was said more than 300 days ago, or lies further ahead, is no sign. */
static vg_truth due_date(const vg_scene *scene, const vg_clinical_fact *fact)
{
	vg_when due;
	if (fact->kind != VG_FACT_RESULT || !vg_fact_usable(scene, fact) || fact->standing > VG_INTENDED || !fact->value.text ||
	    !vg_date_parse(fact->value.text, strlen(fact->value.text), &due))
		return VG_FALSE;
	if (due.last < scene->as_of || due.first > vg_day_plus(scene->as_of, pregnancy_length))
		return VG_FALSE;
	return due.first >= scene->as_of ? VG_TRUE : VG_UNKNOWN;
}

/* "Pregnancy status: pregnant", of the last 300 days. */
static vg_truth status_result(const vg_scene *scene, const vg_leaf *leaf, const vg_clinical_fact *fact)
{
	if (fact->kind != VG_FACT_RESULT || !vg_fact_usable(scene, fact) || fact->standing > VG_INTENDED ||
	    vg_coded_in(scene, fact, leaf->helper_sets[0]) != VG_TRUE)
		return VG_FALSE;
	if (!vg_when_known(fact->when))
		return VG_UNKNOWN;
	vg_day start = vg_day_minus(scene->as_of, pregnancy_length);
	return vg_day_reached(fact->when, start, start);
}

vg_truth vg_truth_pregnant(const vg_scene *scene, const vg_leaf *leaf, const vg_binding *binding, vg_look *look)
{
	(void)binding;
	vg_truth result = VG_FALSE;
	for (int helper = 0; helper < 3; helper++) {
		if (!leaf->helper_slots[helper])
			continue;
		vg_ids ids = vg_record_watched(scene->record, leaf->helper_slots[helper]);
		for (size_t i = 0; i < ids.count; i++) {
			const vg_clinical_fact *fact = &scene->record->facts[ids.ids[i]];
			vg_truth truth = helper == 0   ? pregnancy_condition(scene, fact)
					 : helper == 1 ? due_date(scene, fact)
						       : status_result(scene, leaf, fact);
			result = vg_or(result, truth);
			if (truth != VG_FALSE)
				vg_look_fact(look, fact);
			if (truth == VG_UNKNOWN)
				vg_look_missing(look, "whether the recorded pregnancy still goes on");
		}
	}
	if (result != VG_FALSE)
		return result;
	return vg_nothing_found(scene, leaf->sections, vg_day_minus(scene->as_of, pregnancy_length), look);
}

/* ---- in_hospice -------------------------------------------------------------------- */

static vg_truth hospice_fact(const vg_scene *scene, const vg_clinical_fact *fact)
{
	if (!vg_fact_usable(scene, fact))
		return VG_FALSE;
	switch (fact->kind) {
	case VG_FACT_CONDITION:
		return vg_condition_active(fact, scene->as_of) ? VG_TRUE : VG_FALSE;
	case VG_FACT_ENCOUNTER:
	case VG_FACT_PROCEDURE:
	case VG_FACT_SERVICE:
	case VG_FACT_RESULT:
		break;
	default:
		return VG_FALSE;
	}
	if (fact->standing > VG_PAST)
		return VG_FALSE;
	vg_when last = vg_when_known(fact->until) ? fact->until : fact->when;
	if (fact->kind == VG_FACT_ENCOUNTER && fact->standing == VG_CURRENT && !vg_when_known(fact->until))
		return VG_TRUE;
	if (!vg_when_known(last))
		return VG_UNKNOWN;
	vg_day start = vg_day_minus(scene->as_of, hospice_window);
	return vg_day_reached(last, start, start);
}

vg_truth vg_truth_hospice(const vg_scene *scene, const vg_leaf *leaf, const vg_binding *binding, vg_look *look)
{
	(void)binding;
	vg_truth result = VG_FALSE;
	vg_ids ids = vg_record_watched(scene->record, leaf->helper_slots[0]);
	for (size_t i = 0; i < ids.count; i++) {
		const vg_clinical_fact *fact = &scene->record->facts[ids.ids[i]];
		vg_truth truth = hospice_fact(scene, fact);
		result = vg_or(result, truth);
		if (truth != VG_FALSE)
			vg_look_fact(look, fact);
		if (truth == VG_UNKNOWN)
			vg_look_missing(look, "when the recorded hospice care was");
	}
	return result != VG_FALSE ? result : vg_nothing_found(scene, leaf->sections, VG_NO_DAY, look);
}
