/*
 * What is taken out of an answer before it becomes cards, and is said there.
 *
 * Three reasons: the site switched a rule off; the client does not want cards
 * of a kind (Da Vinci CRD); the client has shown this very finding at
 * order-select and asked not to have it repeated at order-sign.  With the first
 * two the answer is not complete; each is named in the extension.
 */
#include "service/answer_internal.h"

#include <string.h>

static const char why_off[] = "switched off at this site";
static const char why_unwanted[] = "switched off by the client's configuration";
static const char why_shown[] = "shown before and unchanged";

/* An alert stays as long as one of the rules that found it is on. */
static bool is_off(const vg_call *own, const vg_alert *alert)
{
	if (!vg_service_is_off(own->service, alert->rule))
		return false;
	for (size_t i = 0; i < alert->also_count; i++)
		if (!vg_service_is_off(own->service, alert->also[i]))
			return false;
	return true;
}

static bool was_shown(const vg_call *own, size_t alert)
{
	if (own->hook != VG_HOOK_ORDER_SIGN || !own->marks || !own->marks[alert])
		return false;
	for (size_t i = 0; i < own->shown_count; i++)
		if (strcmp(own->shown[i], own->marks[alert]) == 0)
			return true;
	return false;
}

static const char *why_alert(const vg_call *own, const vg_answer *full, size_t number)
{
	const vg_alert *alert = &full->alerts[number];
	if (is_off(own, alert))
		return why_off;
	if (own->kinds_off & 1u << alert->kind)
		return why_unwanted;
	return was_shown(own, number) ? why_shown : NULL;
}

static const char *why_screening(const vg_call *own, const vg_screening *screening)
{
	if (vg_service_is_off(own->service, screening->rule->id))
		return why_off;
	return own->kinds_off & 1u << VG_KIND_SCREENING ? why_unwanted : NULL;
}

/* true: it stays. */
static bool stays(vg_call *own, const char *rule, const char *why)
{
	if (why)
		own->left_out[own->left_out_count++] = (vg_left_out){rule, why};
	return !why;
}

static bool leaves_out(const vg_call *own, const char *why)
{
	for (size_t i = 0; i < own->left_out_count; i++)
		if (own->left_out[i].why == why)
			return true;
	return false;
}

static bool filter_findings(vg_call *own, const vg_answer *full, vg_answer *ret)
{
	size_t screening_count = ret->screening_count;
	vg_alert *alerts = vg_alloc_array(own->arena, full->alert_count + 1, sizeof *alerts);
	vg_screening *screenings = vg_alloc_array(own->arena, screening_count + 1, sizeof *screenings);
	vg_rule_error *errors = vg_alloc_array(own->arena, full->error_count + 1, sizeof *errors);
	own->left_out =
	    vg_alloc_array(own->arena, full->alert_count + screening_count + full->error_count + 1, sizeof *own->left_out);
	if (!alerts || !screenings || !errors || !own->left_out)
		return false;
	ret->alert_count = ret->screening_count = ret->error_count = 0;
	for (size_t i = 0; i < full->alert_count; i++)
		if (stays(own, full->alerts[i].rule, why_alert(own, full, i)))
			alerts[ret->alert_count++] = full->alerts[i];
	for (size_t i = 0; i < screening_count; i++)
		if (stays(own, full->screenings[i].rule->id, why_screening(own, &full->screenings[i])))
			screenings[ret->screening_count++] = full->screenings[i];
	for (size_t i = 0; i < full->error_count; i++)
		if (stays(own, full->errors[i].rule, vg_service_is_off(own->service, full->errors[i].rule) ? why_off : NULL))
			errors[ret->error_count++] = full->errors[i];
	ret->alerts = alerts;
	ret->screenings = screenings;
	ret->errors = errors;
	return true;
}

/* What could not be fetched, and that something is switched off, is said in a card. */
static bool add_notices(vg_call *own, const vg_answer *full, vg_answer *ret)
{
	bool off = leaves_out(own, why_off);
	const char **notices = vg_alloc_array(own->arena, full->notice_count + own->note_count + 1, sizeof *notices);
	if (!notices)
		return false;
	if (full->notice_count)
		memcpy(notices, full->notices, full->notice_count * sizeof *notices);
	for (size_t i = 0; i < own->note_count; i++) {
		if (!own->notes[i].why)
			continue;
		const char *text =
		    vg_format(own->arena, "The %s could not be fetched: %s", own->notes[i].key, own->notes[i].why);
		if (!text)
			return false;
		notices[ret->notice_count++] = text;
	}
	if (off)
		notices[ret->notice_count++] = "Rules that concern this patient are switched off at this site.";
	ret->notices = notices;
	return true;
}

/* Whether everything that this hook's rules look at was there and was looked at. */
static bool is_complete(const vg_call *own, const vg_answer *full, const vg_answer *kept)
{
	unsigned sections = full->world->hooks[own->hook].sections;
	for (int section = 0; section < VG_SECTION_COUNT; section++)
		if (sections & 1u << section && full->record->sections[section].state != VG_COMPLETE)
			return false;
	bool noticed = full->notice_count > (full->death_notice ? 1 : 0); /* of a death nothing is missing: it is told apart */
	return !noticed && !full->not_checked_count && !full->error_count && !kept->not_evaluated_count &&
	       !leaves_out(own, why_off) && !leaves_out(own, why_unwanted);
}

bool vg_call_filter(vg_call *own, const vg_answer *full, vg_answer *ret)
{
	*ret = *full;
	if ((own->kinds_off || own->shown_count || vg_service_any_off(own->service)) && !filter_findings(own, full, ret))
		return false;
	if ((own->left_out_count || own->note_count) && !add_notices(own, full, ret))
		return false;
	/* Nothing is ordered yet: nothing was to be looked at. */
	ret->complete = vg_call_orders_nothing(own, full->record) ? !full->not_checked_count : is_complete(own, full, ret);
	return true;
}
