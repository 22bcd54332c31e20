/*
 * Reading cJSON trees with patience: exact names, one walk an object, and a
 * single value where a list belongs counts as a list of one.
 *
 * The trees come from text that the strict scan has passed, so strings are
 * valid UTF-8 without NUL and no object has the same member twice.
 */
#include "record/record_internal.h"

vg_list vg_list_of(const cJSON *item)
{
	vg_list list = {item, false};
	if (cJSON_IsArray(item))
		list = (vg_list){item->child, true};
	while (list.many && cJSON_IsNull(list.item))
		list.item = list.item->next;
	if (cJSON_IsNull(list.item))
		list.item = NULL;
	return list;
}

void vg_list_next(vg_list *list)
{
	do {
		list->item = list->many && list->item ? list->item->next : NULL;
	} while (cJSON_IsNull(list->item));
}

const char *vg_text_of(const cJSON *item) { return cJSON_IsString(item) ? item->valuestring : ""; }

bool vg_number_of(const cJSON *item, double *ret)
{
	if (cJSON_IsNumber(item) && isfinite(item->valuedouble)) {
		*ret = item->valuedouble;
		return true;
	}
	const char *text = vg_text_of(item);
	return *text && vg_parse_number(text, strlen(text), ret);
}

bool vg_is_true(const cJSON *item) { return cJSON_IsTrue(item) || strcmp(vg_text_of(item), "true") == 0; }

const cJSON *vg_member_of(const cJSON *object, const char *name)
{
	if (cJSON_IsArray(object))
		object = object->child;
	return cJSON_IsObject(object) ? cJSON_GetObjectItemCaseSensitive(object, name) : NULL;
}

void vg_pick_members(const cJSON *object, const char *const *names, size_t count, const cJSON **ret)
{
	uint32_t letters = 0; /* with which names begin: most members of a resource are none of them */
	for (size_t i = 0; i < count; i++) {
		ret[i] = NULL;
		letters |= UINT32_C(1) << (names[i][0] & 31);
	}
	if (cJSON_IsArray(object))
		object = object->child;
	if (!cJSON_IsObject(object))
		return;
	for (const cJSON *member = object->child; member; member = member->next) {
		const char *name = member->string;
		if (!(letters >> (name[0] & 31) & 1))
			continue;
		for (size_t i = 0; i < count; i++) {
			if (names[i][0] == name[0] && !ret[i] && strcmp(names[i], name) == 0) {
				if (!cJSON_IsNull(member))
					ret[i] = member;
				break;
			}
		}
	}
}
