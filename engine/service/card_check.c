/*
 * A look at our own cards before they are sent: what CDS Hooks 2.0 requires of
 * a response, written apart from what makes it.  A card that breaks a rule of
 * the specification may be dropped by a client without a word; a refusal is
 * seen.
 */
#include "service/answer_internal.h"

#include <cjson/cJSON.h>
#include <string.h>

static const char *text_of(const cJSON *object, const char *key)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
	return cJSON_IsString(item) && *item->valuestring ? item->valuestring : NULL;
}

static bool one_of(const char *text, const char *const *texts)
{
	for (; text && *texts; texts++)
		if (strcmp(text, *texts) == 0)
			return true;
	return false;
}

static bool absolute(const char *url) { return vg_starts_with(url, "https://") || vg_starts_with(url, "http://"); }

/* No null and no empty member, but the list of cards and our extension's own lists. */
static bool has_empty(const cJSON *item)
{
	if (cJSON_IsNull(item) || (cJSON_IsString(item) && !*item->valuestring))
		return true;
	if ((cJSON_IsArray(item) || cJSON_IsObject(item)) && !item->child)
		return true;
	for (const cJSON *child = item->child; child; child = child->next)
		if (has_empty(child))
			return true;
	return false;
}

static const char *check_action(const cJSON *action)
{
	static const char *const types[] = {"create", "update", "delete", NULL};
	const char *type = text_of(action, "type");
	const cJSON *resource = cJSON_GetObjectItemCaseSensitive(action, "resource");
	if (!one_of(type, types) || !text_of(action, "description"))
		return "an action has no type or no description";
	if (strcmp(type, "delete") == 0)
		return text_of(action, "resourceId") && !resource ? NULL : "a deletion does not name its resource";
	return text_of(resource, "resourceType") ? NULL : "an action has no resource";
}

static const char *check_suggestions(const cJSON *card)
{
	static const char *const behaviours[] = {"at-most-one", "any", NULL};
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(card, "suggestions"), *suggestion, *action;
	int recommended = 0;
	if (!list)
		return NULL;
	if (!one_of(text_of(card, "selectionBehavior"), behaviours))
		return "suggestions have no selectionBehavior";
	cJSON_ArrayForEach(suggestion, list)
	{
		if (!text_of(suggestion, "label") || !text_of(suggestion, "uuid"))
			return "a suggestion has no label or no uuid";
		recommended += cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(suggestion, "isRecommended"));
		cJSON_ArrayForEach(action, cJSON_GetObjectItemCaseSensitive(suggestion, "actions"))
		{
			const char *problem = check_action(action);
			if (problem)
				return problem;
		}
	}
	return recommended > 1 ? "more than one suggestion is recommended" : NULL;
}

static const char *check_lists(const cJSON *card)
{
	static const char *const link_types[] = {"absolute", "smart", NULL};
	const cJSON *item;
	cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(card, "overrideReasons"))
	{
		if (!text_of(item, "code") || !text_of(item, "system") || !text_of(item, "display"))
			return "an override reason is not whole";
	}
	cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(card, "links"))
	{
		const char *url = text_of(item, "url");
		if (!text_of(item, "label") || !url || !absolute(url) || !one_of(text_of(item, "type"), link_types))
			return "a link is not whole";
	}
	return NULL;
}

static const char *check_card(const cJSON *card)
{
	static const char *const indicators[] = {"info", "warning", "critical", NULL};
	const cJSON *source = cJSON_GetObjectItemCaseSensitive(card, "source");
	const char *summary = text_of(card, "summary"), *url = text_of(source, "url");
	const cJSON *topic = cJSON_GetObjectItemCaseSensitive(source, "topic");
	if (!summary || vg_utf8_count(summary) >= 140)
		return "a summary is missing or too long";
	if (!text_of(card, "uuid"))
		return "a card has no uuid";
	if (!one_of(text_of(card, "indicator"), indicators))
		return "an indicator is none of the three";
	if (!text_of(source, "label") || (url && !absolute(url)))
		return "a source has no label or a relative URL";
	if (topic && (!text_of(topic, "code") || !text_of(topic, "system")))
		return "a topic is not whole";
	if (has_empty(card))
		return "a card has an empty member";
	const char *problem = check_suggestions(card);
	return problem ? problem : check_lists(card);
}

const char *vg_card_problem(const char *json, size_t length)
{
	const char *problem = NULL;
	cJSON *root = cJSON_ParseWithLength(json, length);
	const cJSON *cards = cJSON_GetObjectItemCaseSensitive(root, "cards"), *card;
	if (!cJSON_IsArray(cards))
		problem = "there is no list of cards";
	cJSON_ArrayForEach(card, cards)
	{
		if (!problem)
			problem = check_card(card);
	}
	cJSON_Delete(root);
	return problem;
}
