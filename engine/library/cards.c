/*
 * An answer as a CDS Hooks 2.0 response.
 *
 * Alerts become cards in the answer's order; screenings become info cards, at
 * chart opening only; what could not be checked becomes one info card, so that
 * an empty list of cards always means "checked, and nothing to say".
 *
 * Invariants that the specification asks for: a summary of fewer than 140
 * characters, a source with a label, no null and no empty member, an action
 * with a type and a description, suggestions with a selectionBehavior, reasons
 * with code, system and display, and absolute links.  Everything that comes
 * from a record or a rule passes vg_add_markdown before it enters a detail.
 */
#include "library/library.h"

#include <string.h>

#define TOPIC_SYSTEM "urn:vigil:alert-kind"
#define REASON_SYSTEM "urn:vigil:override-reason"
enum { SUMMARY_MOST = 139 };

typedef struct card_writer {
	vg_json_writer json;
	const vg_answer *answer;
	const vg_uuids *uuids;
	bool failed; /* no uuid could be made */
} card_writer;

/* What one card shows, whatever it came from. */
typedef struct card {
	const char *rule; /* NULL: its topic */
	const char *summary, *detail, *indicator;
	const char *source_label, *source_url;
	const char *topic, *topic_display;
	const vg_suggestion *suggestions;
	size_t suggestion_count;
	const char *const *reasons;
	size_t reason_count;
	const char *order; /* reference of the order that it is about; NULL or "": none */
} card;

static bool write_uuid(card_writer *writer, char uuid[37])
{
	if (writer->uuids->make(writer->uuids->user, uuid))
		vg_json_text_always(&writer->json, "uuid", uuid);
	else
		writer->failed = true;
	return !writer->failed;
}

static bool absolute(const char *url) { return url && (vg_starts_with(url, "https://") || vg_starts_with(url, "http://")); }

/* ---- suggestions ------------------------------------------------------------ */

static bool has_id(const vg_clinical_fact *order) { return order && *order->reference; }

static void write_deletion(card_writer *writer, const vg_clinical_fact *order)
{
	vg_json_open(&writer->json, NULL, '{');
	vg_json_text_always(&writer->json, "type", "delete");
	vg_json_text_always(&writer->json, "description",
			    *order->display ? vg_format(writer->json.out->arena, "Cancel %s", order->display)
					    : "Cancel this order");
	vg_json_text_always(&writer->json, "resourceId", order->reference);
	vg_json_close(&writer->json, '}');
}

/* A draft order: what a prescriber still completes and signs. */
static void write_creation(card_writer *writer, const vg_suggestion *suggestion)
{
	vg_json_writer *json = &writer->json;
	const char *name = suggestion->display && *suggestion->display ? suggestion->display : suggestion->code;
	vg_json_open(json, NULL, '{');
	vg_json_text_always(json, "type", "create");
	vg_json_text_always(json, "description", suggestion->label);
	vg_json_open(json, "resource", '{');
	vg_json_text_always(json, "resourceType", suggestion->orders_medication ? "MedicationRequest" : "ServiceRequest");
	vg_json_text_always(json, "status", "draft");
	vg_json_text_always(json, "intent", "order");
	vg_json_open(json, suggestion->orders_medication ? "medicationCodeableConcept" : "code", '{');
	vg_json_open(json, "coding", '[');
	vg_json_open(json, NULL, '{');
	vg_json_text(json, "system", suggestion->system);
	vg_json_text(json, "code", suggestion->code);
	vg_json_text(json, "display", suggestion->display);
	vg_json_close(json, '}');
	vg_json_close(json, ']');
	vg_json_text(json, "text", name);
	vg_json_close(json, '}');
	vg_json_open(json, "subject", '{');
	vg_json_text_always(json, "reference", writer->answer->record->patient.reference);
	vg_json_close(json, '}');
	vg_json_close(json, '}');
	vg_json_close(json, '}');
}

/* Deletions come before creations: the order in which clients apply them.
 * Postponing is a change of a resource of which Vigil keeps no copy: it is
 * said in the label, and the prescriber does it. */
static void write_suggestion(card_writer *writer, const vg_suggestion *suggestion)
{
	vg_json_writer *json = &writer->json;
	bool deletes =
	    (suggestion->kind == VG_CANCEL_THIS_ORDER || suggestion->kind == VG_ORDER_INSTEAD) && has_id(suggestion->order);
	bool creates = (suggestion->kind == VG_ORDER || suggestion->kind == VG_ORDER_INSTEAD) && suggestion->code &&
		       *suggestion->code && *writer->answer->record->patient.reference;
	/* Without its creation an "instead" would only take the order away. */
	if (suggestion->kind == VG_ORDER_INSTEAD && !creates)
		deletes = false;
	vg_json_open(json, NULL, '{');
	char uuid[37];
	vg_json_text_always(json, "label", suggestion->label);
	write_uuid(writer, uuid);
	if (deletes || creates) {
		vg_json_open(json, "actions", '[');
		if (deletes)
			write_deletion(writer, suggestion->order);
		if (creates)
			write_creation(writer, suggestion);
		vg_json_close(json, ']');
	}
	vg_json_close(json, '}');
}

static void write_suggestions(card_writer *writer, const card *shown)
{
	size_t links = 0;
	for (size_t i = 0; i < shown->suggestion_count; i++)
		links += shown->suggestions[i].kind == VG_LINK;
	if (shown->suggestion_count > links) {
		vg_json_open(&writer->json, "suggestions", '[');
		for (size_t i = 0; i < shown->suggestion_count; i++)
			if (shown->suggestions[i].kind != VG_LINK)
				write_suggestion(writer, &shown->suggestions[i]);
		vg_json_close(&writer->json, ']');
		vg_json_text_always(&writer->json, "selectionBehavior", "at-most-one");
	}
	bool open = false;
	for (size_t i = 0; i < shown->suggestion_count; i++) {
		const vg_suggestion *link = &shown->suggestions[i];
		if (link->kind != VG_LINK || !absolute(link->url))
			continue;
		if (!open)
			vg_json_open(&writer->json, "links", '[');
		open = true;
		vg_json_open(&writer->json, NULL, '{');
		vg_json_text_always(&writer->json, "label", link->label && *link->label ? link->label : link->url);
		vg_json_text_always(&writer->json, "url", link->url);
		vg_json_text_always(&writer->json, "type", "absolute");
		vg_json_close(&writer->json, '}');
	}
	if (open)
		vg_json_close(&writer->json, ']');
}

static void write_reasons(card_writer *writer, const card *shown)
{
	if (!shown->reason_count)
		return;
	vg_json_open(&writer->json, "overrideReasons", '[');
	for (size_t i = 0; i < shown->reason_count; i++) {
		vg_buffer code;
		vg_buffer_init(&code, writer->json.out->arena);
		vg_add_reason_code(&code, shown->reasons[i]);
		const char *text = vg_buffer_text(&code);
		if (!text)
			writer->json.out->failed = true;
		vg_json_open(&writer->json, NULL, '{');
		vg_json_text_always(&writer->json, "code", text);
		vg_json_text_always(&writer->json, "system", REASON_SYSTEM);
		vg_json_text_always(&writer->json, "display", shown->reasons[i]);
		vg_json_close(&writer->json, '}');
	}
	vg_json_close(&writer->json, ']');
}

/* ---- cards -------------------------------------------------------------------- */

static void write_card(card_writer *writer, const card *shown)
{
	vg_json_writer *json = &writer->json;
	const char *summary = shown->summary ? vg_shortened(json->out->arena, shown->summary, SUMMARY_MOST) : NULL;
	if (!summary || !shown->detail) {
		json->out->failed = true;
		return;
	}
	char uuid[37];
	vg_json_open(json, NULL, '{');
	if (write_uuid(writer, uuid) && writer->uuids->given)
		writer->uuids->given(writer->uuids->user, uuid, shown->rule ? shown->rule : shown->topic, shown->indicator);
	vg_json_text_always(json, "summary", summary);
	vg_json_text(json, "detail", shown->detail);
	vg_json_text_always(json, "indicator", shown->indicator);
	vg_json_open(json, "source", '{');
	vg_json_text_always(json, "label", shown->source_label && *shown->source_label ? shown->source_label : "Vigil");
	if (absolute(shown->source_url))
		vg_json_text(json, "url", shown->source_url);
	vg_json_open(json, "topic", '{');
	vg_json_text_always(json, "system", TOPIC_SYSTEM);
	vg_json_text_always(json, "code", shown->topic);
	vg_json_text(json, "display", shown->topic_display);
	vg_json_close(json, '}');
	vg_json_close(json, '}');
	write_suggestions(writer, shown);
	write_reasons(writer, shown);
	if (shown->order && *shown->order) { /* Da Vinci CRD: which of several orders the card is about */
		vg_json_open(json, "extension", '{');
		vg_json_texts(json, "davinci-associated-resource", &shown->order, 1);
		vg_json_close(json, '}');
	}
	vg_json_close(json, '}');
}

static void add_line(vg_buffer *detail, const char *mark, const char *label, const char *text)
{
	if (!text || !*text)
		return;
	if (detail->length)
		vg_add(detail, *mark ? "\n" : "\n\n");
	vg_add(detail, mark);
	if (label) {
		vg_add(detail, "**");
		vg_add(detail, label);
		vg_add(detail, "** ");
	}
	vg_add_markdown(detail, text);
}

/* A list begins after an empty line, or it is part of the paragraph before. */
static void add_title(vg_buffer *detail, const char *title)
{
	vg_add(detail, detail->length ? "\n\n**" : "**");
	vg_add(detail, title);
	vg_add(detail, "**\n");
}

static void add_evidence(vg_buffer *detail, const vg_alert *alert)
{
	if (alert->evidence_count)
		add_title(detail, "Because of");
	for (size_t i = 0; i < alert->evidence_count; i++) {
		const vg_shown *shown = &alert->evidence[i];
		vg_add(detail, "\n* ");
		vg_add_markdown(detail, shown->display && *shown->display ? shown->display : "a fact without a name");
		if (shown->date && *shown->date) {
			vg_add(detail, " (");
			vg_add(detail, shown->date);
			vg_add(detail, ")");
		}
		if (shown->says && *shown->says) {
			vg_add(detail, ": ");
			vg_add_markdown(detail, shown->says);
		}
	}
}

static const char *topic_display(uint8_t kind)
{
	static const char *const names[] = {[VG_KIND_INTERACTION] = "Drug interaction",
					    [VG_KIND_ALLERGY] = "Allergy",
					    [VG_KIND_CONTRAINDICATION] = "Contraindication",
					    [VG_KIND_DUPLICATE_THERAPY] = "Duplicate therapy",
					    [VG_KIND_DUPLICATE_TEST] = "Duplicate test",
					    [VG_KIND_SCREENING] = "Preventive service",
					    [VG_KIND_RULE] = "Clinical rule"};
	return kind < VG_COUNT(names) ? names[kind] : "Clinical rule";
}

/* What a rule says that is not active is marked, so that nobody takes it for advice. */
static const char *marked(vg_arena *arena, uint8_t status, const char *summary)
{
	if (status == VG_STATUS_ACTIVE)
		return summary;
	return vg_format(arena, "(%s) %s", vg_rule_status_name((vg_rule_status)status), summary);
}

static void alert_card(card_writer *writer, const vg_alert *alert)
{
	vg_arena *arena = writer->json.out->arena;
	const char *summary = marked(arena, alert->status, alert->summary);
	vg_buffer detail;
	vg_buffer_init(&detail, arena);
	if (!summary) {
		writer->json.out->failed = true;
		return;
	}
	if (vg_utf8_count(summary) > SUMMARY_MOST)
		add_line(&detail, "", NULL, summary);
	add_line(&detail, "", NULL, alert->detail);
	if (alert->order)
		add_line(&detail, "", "This order:", alert->order->display);
	add_evidence(&detail, alert);
	if (alert->not_excluded_count)
		add_title(&detail, "Not excluded");
	for (size_t i = 0; i < alert->not_excluded_count; i++)
		add_line(&detail, "* ", NULL, alert->not_excluded[i]);
	const card shown = {alert->rule,
			    summary,
			    vg_buffer_text(&detail),
			    vg_severity_name((vigil_severity)alert->severity),
			    alert->source_label,
			    alert->source_url,
			    vg_rule_kind_name((vg_rule_kind)alert->kind),
			    topic_display(alert->kind),
			    alert->suggestions,
			    alert->suggestion_count,
			    alert->override_reasons,
			    alert->override_count,
			    alert->order ? alert->order->reference : NULL};
	write_card(writer, &shown);
}

/* An undetermined screening is worth a card only where its rule asks for what is missing. */
static bool screening_speaks(const vg_screening *screening)
{
	switch (screening->status) {
	case VG_DUE_SOON:
	case VG_OVERDUE:
		return true;
	case VG_INDETERMINATE:
		return screening->detail && *screening->detail;
	default:
		return false;
	}
}

static const char *screening_summary(vg_arena *arena, const vg_screening *screening)
{
	const char *title = *screening->rule->title ? screening->rule->title : screening->rule->id;
	char day[16];
	if (screening->status == VG_OVERDUE && screening->overdue_since != VG_NO_DAY)
		return vg_format(arena, "%s: overdue since %s", title, vg_day_text(screening->overdue_since, day));
	if (screening->status == VG_OVERDUE)
		return vg_format(arena, "%s: overdue", title);
	if (screening->status == VG_DUE_SOON && screening->due != VG_NO_DAY)
		return vg_format(arena, "%s: due on %s", title, vg_day_text(screening->due, day));
	if (screening->status == VG_DUE_SOON)
		return vg_format(arena, "%s: due soon", title);
	return vg_format(arena, "%s: could not be determined", title);
}

static void screening_card(card_writer *writer, const vg_screening *screening)
{
	vg_arena *arena = writer->json.out->arena;
	const vg_rule *rule = screening->rule;
	const char *summary = screening_summary(arena, screening);
	if (summary)
		summary = marked(arena, rule->status, summary);
	if (!summary) {
		writer->json.out->failed = true;
		return;
	}
	vg_buffer detail;
	vg_buffer_init(&detail, arena);
	add_line(&detail, "", NULL, screening->detail);
	add_line(&detail, "", NULL, screening->reason);
	if (screening->last) {
		char text[32];
		const char *last =
		    vg_format(arena, "%s, %s", screening->last->display, vg_when_text(screening->last_done, text));
		add_line(&detail, "", "Last done:", last);
	}
	if (screening->not_excluded_count)
		add_title(&detail, "Not excluded");
	for (size_t i = 0; i < screening->not_excluded_count; i++)
		add_line(&detail, "* ", NULL, screening->not_excluded[i]);
	const char *label = rule->evidence.publisher;
	if (!label || !*label)
		label = rule->evidence.title;
	const card shown = {rule->id,
			    summary,
			    vg_buffer_text(&detail),
			    "info",
			    label,
			    rule->evidence.url,
			    vg_rule_kind_name(VG_KIND_SCREENING),
			    topic_display(VG_KIND_SCREENING),
			    screening->suggestions,
			    screening->suggestion_count,
			    screening->override_reasons,
			    screening->override_count,
			    NULL};
	write_card(writer, &shown);
}

/* Several screenings of which nothing can be told are one card: a record without
 * a section would else bury what is due under a card for every rule. */
static void undetermined_card(card_writer *writer, size_t count)
{
	const vg_answer *answer = writer->answer;
	vg_arena *arena = writer->json.out->arena;
	vg_buffer detail;
	vg_buffer_init(&detail, arena);
	for (size_t i = 0; i < answer->screening_count; i++) {
		const vg_screening *screening = &answer->screenings[i];
		if (screening->status != VG_INDETERMINATE || !screening_speaks(screening))
			continue;
		vg_add(&detail, detail.length ? "\n* " : "* ");
		vg_add_markdown(&detail, *screening->rule->title ? screening->rule->title : screening->rule->id);
		vg_add(&detail, ": ");
		vg_add_markdown(&detail, screening->detail);
	}
	const card shown = {.summary = vg_format(arena, "%zu preventive services could not be determined", count),
			    .detail = vg_buffer_text(&detail),
			    .indicator = "info",
			    .source_label = "Vigil",
			    .topic = vg_rule_kind_name(VG_KIND_SCREENING),
			    .topic_display = topic_display(VG_KIND_SCREENING)};
	write_card(writer, &shown);
}

static void screening_cards(card_writer *writer)
{
	const vg_answer *answer = writer->answer;
	size_t undetermined = 0;
	for (size_t i = 0; i < answer->screening_count; i++)
		undetermined += answer->screenings[i].status == VG_INDETERMINATE && screening_speaks(&answer->screenings[i]);
	for (size_t i = 0; i < answer->screening_count; i++) {
		const vg_screening *screening = &answer->screenings[i];
		if (screening_speaks(screening) && (screening->status != VG_INDETERMINATE || undetermined == 1))
			screening_card(writer, screening);
	}
	if (undetermined > 1)
		undetermined_card(writer, undetermined);
}

/* What could not be checked is said once, visibly. */
static void gap_card(card_writer *writer)
{
	const vg_answer *answer = writer->answer;
	if (!answer->notice_count && !answer->not_checked_count && !answer->error_count)
		return;
	vg_arena *arena = writer->json.out->arena;
	vg_buffer detail;
	vg_buffer_init(&detail, arena);
	for (size_t i = 0; i < answer->notice_count; i++)
		add_line(&detail, "", NULL, answer->notices[i]);
	if (answer->not_checked_count)
		add_title(&detail, "Could not be checked");
	for (size_t i = 0; i < answer->not_checked_count; i++) {
		const vg_not_checked *item = &answer->not_checked[i];
		const char *name = item->display && *item->display ? item->display : item->reference;
		vg_add(&detail, "\n* ");
		vg_add_markdown(&detail, name && *name ? name : "a fact without a name");
		vg_add(&detail, ": ");
		vg_add_markdown(&detail, item->why);
	}
	if (answer->error_count)
		add_title(&detail, "Rules that failed");
	for (size_t i = 0; i < answer->error_count; i++) {
		vg_add(&detail, "\n* ");
		vg_add_markdown(&detail, answer->errors[i].rule);
		vg_add(&detail, ": ");
		vg_add_markdown(&detail, answer->errors[i].text);
	}
	const char *summary;
	if (answer->notice_count)
		summary = answer->notices[0];
	else if (answer->not_checked_count == 1 && !answer->error_count)
		summary = "1 entry could not be checked";
	else if (!answer->error_count)
		summary = vg_format(arena, "%zu entries could not be checked", answer->not_checked_count);
	else
		summary = vg_format(arena, "%zu of the rules could not be evaluated", answer->error_count);
	if (!summary) {
		writer->json.out->failed = true;
		return;
	}
	const card shown = {.summary = summary,
			    .detail = vg_buffer_text(&detail),
			    .indicator = "info",
			    .source_label = "Vigil",
			    .topic = "not_checked",
			    .topic_display = "Not checked"};
	write_card(writer, &shown);
}

bool vg_answer_cards(const vg_answer *answer, const vg_uuids *uuids, vg_buffer *out)
{
	card_writer writer = {{out, false}, answer, uuids, false};
	vg_json_open(&writer.json, NULL, '{');
	vg_json_open(&writer.json, "cards", '[');
	for (size_t i = 0; i < answer->alert_count; i++)
		alert_card(&writer, &answer->alerts[i]);
	if (vg_rulebook_triggers(answer->hook) & VG_ON_CHART)
		screening_cards(&writer);
	gap_card(&writer);
	vg_json_close(&writer.json, ']');
	vg_json_close(&writer.json, '}');
	return !writer.failed && !out->failed;
}
