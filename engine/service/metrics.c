/*
 * /metrics: Prometheus text.  Nothing of a patient or a request stands in it:
 * labels are hooks, statuses, and names of rules and tables.
 */
#include "service/answer_internal.h"

#include <string.h>

static const int limits[VG_LATENCY_BUCKETS] = {100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000, 100000, 500000, 1000000};
static const char *const limit_names[VG_LATENCY_BUCKETS] = {"0.0001", "0.0002", "0.0005", "0.001", "0.002", "0.005",
							    "0.01",   "0.02",   "0.05",   "0.1",   "0.5",   "1"};

void vg_count_latency(vg_service *service, vg_hook hook, int64_t microseconds)
{
	vg_histogram *histogram = &service->latency[hook];
	int bucket = 0;
	while (bucket < VG_LATENCY_BUCKETS && microseconds > limits[bucket])
		bucket++;
	atomic_fetch_add(&histogram->buckets[bucket], 1);
	atomic_fetch_add(&histogram->microseconds, (uint64_t)microseconds);
}

/* Counting must not fail an answer: without memory for a new name the name stays uncounted. */
static void count_rule(vg_service *service, vg_hook hook, const char *name, bool table)
{
	uint32_t *place = vg_map_at(&service->rule_places, name, strlen(name), false);
	if (!place) {
		const char *copy = vg_copy_text(&service->arena, name, strlen(name));
		vg_rule_count *items = vg_grow(&service->arena, service->rules, service->rule_count, &service->rule_capacity,
					       sizeof *service->rules);
		if (items)
			service->rules = items;
		place = copy && items ? vg_map_at(&service->rule_places, copy, strlen(copy), true) : NULL;
		if (!place)
			return;
		service->rules[service->rule_count++] = (vg_rule_count){.name = copy, .table = table};
		*place = (uint32_t)service->rule_count;
	}
	vg_rule_count *rule = &service->rules[*place - 1];
	rule->fired++;
	rule->answers[hook] += rule->answer != service->answer_count;
	rule->answer = service->answer_count;
	memcpy(rule->at_last, service->answers, sizeof rule->at_last);
}

void vg_count_answer(vg_service *service, const vg_answer *answer)
{
	pthread_mutex_lock(&service->lock);
	service->answers[answer->hook]++;
	service->answer_count++;
	for (size_t i = 0; i < answer->alert_count; i++) {
		const vg_alert *alert = &answer->alerts[i];
		atomic_fetch_add(&service->alerts[alert->severity], 1);
		if (alert->lua_rule)
			count_rule(service, answer->hook, alert->lua_rule->family ? alert->lua_rule->family : alert->rule,
				   alert->lua_rule->family != NULL);
		else if (alert->row != UINT32_MAX)
			count_rule(service, answer->hook,
				   alert->family == VG_INTERACTIONS ? "interactions" : "cross_reactivity", true);
		else
			count_rule(service, answer->hook, "built_in", true);
	}
	for (size_t i = 0; i < answer->screening_count; i++)
		if (answer->screenings[i].status == VG_OVERDUE || answer->screenings[i].status == VG_DUE_SOON)
			count_rule(service, answer->hook, answer->screenings[i].rule->id, false);
	pthread_mutex_unlock(&service->lock);
	atomic_fetch_add(&service->not_checked, answer->not_checked_count);
	atomic_fetch_add(&service->rule_errors, answer->error_count);
	atomic_fetch_add(&service->incomplete, !answer->complete);
}

static void add_head(vg_buffer *body, const char *name, const char *type, const char *help)
{
	vg_addf(body, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void add_plain(vg_buffer *body, const char *name, const char *type, const char *help, uint64_t value)
{
	add_head(body, name, type, help);
	vg_addf(body, "%s %llu\n", name, (unsigned long long)value);
}

/* Each histogram is read once, so that its buckets, sum and count belong together as far as atomics allow. */
static void add_latency(vg_service *service, vg_buffer *body)
{
	static const char name[] = "vigil_answer_seconds";
	add_head(body, name, "histogram", "Time of answering, by hook; hook none is the native interface.");
	for (int hook = 0; hook < VG_HOOK_COUNT; hook++) {
		vg_histogram *histogram = &service->latency[hook];
		const char *label = hook ? vg_hook_name((vg_hook)hook) : "none";
		unsigned long long total = 0;
		uint64_t sum = atomic_load(&histogram->microseconds);
		for (int i = 0; i < VG_LATENCY_BUCKETS; i++) {
			total += atomic_load(&histogram->buckets[i]);
			vg_addf(body, "%s_bucket{hook=\"%s\",le=\"%s\"} %llu\n", name, label, limit_names[i], total);
		}
		total += atomic_load(&histogram->buckets[VG_LATENCY_BUCKETS]);
		vg_addf(body, "%s_bucket{hook=\"%s\",le=\"+Inf\"} %llu\n", name, label, total);
		vg_addf(body, "%s_sum{hook=\"%s\"} %llu.%06llu\n", name, label, (unsigned long long)(sum / 1000000),
			(unsigned long long)(sum % 1000000));
		vg_addf(body, "%s_count{hook=\"%s\"} %llu\n", name, label, total);
	}
}

static void add_rules(vg_service *service, vg_buffer *body)
{
	add_head(body, "vigil_rule_fired_total", "counter", "Alerts and reminders given, by rule or table.");
	pthread_mutex_lock(&service->lock);
	for (size_t i = 0; i < service->rule_count; i++)
		vg_addf(body, "vigil_rule_fired_total{%s=\"%s\"} %llu\n", service->rules[i].table ? "table" : "rule",
			service->rules[i].name, (unsigned long long)service->rules[i].fired);
	add_head(body, "vigil_rule_expected_firings", "gauge",
		 "Answers in which a rule or table was to be expected since it spoke last, by its rate until then.");
	for (size_t i = 0; i < service->rule_count; i++) {
		const vg_rule_count *rule = &service->rules[i];
		uint64_t since;
		double expected = vg_expected_firings(rule->answers, rule->at_last, service->answers, VG_HOOK_COUNT, &since);
		vg_addf(body, "vigil_rule_expected_firings{%s=\"%s\"} ", rule->table ? "table" : "rule", rule->name);
		vg_add_number(body, expected);
		vg_add(body, "\n");
	}
	add_head(body, "vigil_rule_switched_off", "gauge", "Rules that were switched off at run time.");
	for (const vg_switched *item = service->switched; item; item = item->next)
		vg_addf(body, "vigil_rule_switched_off{rule=\"%s\"} 1\n", item->rule);
	add_head(body, "vigil_rule_failing", "gauge", "Rules that failed since the rules were loaded.");
	for (const vg_switched *item = service->failing; item; item = item->next)
		vg_addf(body, "vigil_rule_failing{rule=\"%s\"} %d\n", item->rule, vg_is_failing(service, item));
	pthread_mutex_unlock(&service->lock);
}

static void add_journal(vg_service *service, vg_buffer *body)
{
	vg_journal_health journal;
	add_plain(body, "vigil_journal_lost_total", "counter", "Rows that the journal could not take.",
		  atomic_load(&service->journal_lost));
	if (!vg_service_journal(service, &journal))
		return;
	add_plain(body, "vigil_journal_waiting_rows", "gauge", "Rows in the journal's tails that its file does not have yet.",
		  journal.waiting);
	add_plain(body, "vigil_journal_waits", "gauge", "Whether they could not be moved there the last time.",
		  journal.trouble.status != VIGIL_OK);
}

static void add_transport(vg_service *service, vg_buffer *body)
{
	vg_transport_counts *counts = &service->counts;
	add_head(body, "vigil_http_responses_total", "counter", "Answers sent, by status.");
	for (size_t i = 0; i < VG_COUNT(counts->responses); i++) {
		uint64_t value = atomic_load(&counts->responses[i]);
		if (value)
			vg_addf(body, "vigil_http_responses_total{status=\"%zu\"} %llu\n", i, (unsigned long long)value);
	}
	add_plain(body, "vigil_http_requests_total", "counter", "Requests whose headers were read.",
		  atomic_load(&counts->requests));
	add_plain(body, "vigil_http_in_flight", "gauge", "Requests between headers and answer.",
		  atomic_load(&counts->in_flight));
	add_plain(body, "vigil_http_overloaded_total", "counter", "Requests refused because of load.",
		  atomic_load(&counts->overloaded));
	add_plain(body, "vigil_http_timed_out_total", "counter", "Connections ended for slowness.",
		  atomic_load(&counts->timed_out));
	add_plain(body, "vigil_http_connections_opened_total", "counter", "Connections opened.",
		  atomic_load(&counts->connections_opened));
	add_plain(body, "vigil_http_connections_closed_total", "counter", "Connections closed.",
		  atomic_load(&counts->connections_closed));
	add_plain(body, "vigil_http_body_bytes_in_total", "counter", "Bytes of requests' bodies.",
		  atomic_load(&counts->bytes_in));
	add_plain(body, "vigil_http_body_bytes_out_total", "counter", "Bytes of answers' bodies.",
		  atomic_load(&counts->bytes_out));
}

void vg_answer_metrics(vg_service *service, vg_http_response *out)
{
	vg_buffer body;
	vg_buffer_init(&body, out->arena);
	add_latency(service, &body);
	add_head(&body, "vigil_alerts_total", "counter", "Alerts given, by severity.");
	for (int i = 0; i < 3; i++)
		vg_addf(&body, "vigil_alerts_total{severity=\"%s\"} %llu\n", vg_severity_name((vigil_severity)i),
			(unsigned long long)atomic_load(&service->alerts[i]));
	add_rules(service, &body);
	add_plain(&body, "vigil_not_checked_total", "counter", "Facts that could not be used.",
		  atomic_load(&service->not_checked));
	add_plain(&body, "vigil_rule_errors_total", "counter", "Rules that failed.", atomic_load(&service->rule_errors));
	add_plain(&body, "vigil_suppressed_total", "counter", "Findings of rules that are switched off.",
		  atomic_load(&service->suppressed));
	add_plain(&body, "vigil_incomplete_answers_total", "counter", "Answers that say that not all could be checked.",
		  atomic_load(&service->incomplete));
	add_plain(&body, "vigil_bad_cards_total", "counter", "Answers withheld by the check of cards.",
		  atomic_load(&service->bad_cards));
	add_journal(service, &body);
	add_head(&body, "vigil_feedback_total", "counter", "Feedback, by outcome.");
	vg_addf(&body, "vigil_feedback_total{outcome=\"accepted\"} %llu\nvigil_feedback_total{outcome=\"overridden\"} %llu\n",
		(unsigned long long)atomic_load(&service->feedback_accepted),
		(unsigned long long)atomic_load(&service->feedback_overridden));
	add_plain(&body, "vigil_feedback_unmatched_total", "counter", "Feedback for cards that the journal does not have.",
		  atomic_load(&service->feedback_unmatched));
	add_plain(&body, "vigil_reloads_total", "counter", "Rules read again and used.", atomic_load(&service->reloads));
	add_plain(&body, "vigil_reloads_refused_total", "counter", "Rules read again and not used.",
		  atomic_load(&service->reloads_refused));
	add_plain(&body, "vigil_fetches_total", "counter", "Searches and reads at FHIR servers for what requests lacked.",
		  atomic_load(&service->fetches));
	add_plain(&body, "vigil_fetches_failed_total", "counter", "Those that brought not all.",
		  atomic_load(&service->fetches_failed));
	add_transport(service, &body);
	out->type = "text/plain; version=0.0.4; charset=utf-8";
	vg_service_send(out, &body);
	if (out->status != 200)
		out->type = NULL;
}
