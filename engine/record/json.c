/*
 * Reading cJSON trees with patience: exact names, one walk an object, and a
 * single value where a list belongs counts as a list of one.
 *
 * The trees come from text that the strict scan has passed, so strings are
 * valid UTF-8 without NUL and no object has the same member twice.
 */
#include "record/record_internal.h"

bool vg_number_of(const cJSON *item, double *ret)
{
	if (vg_is(item, cJSON_Number) && isfinite(item->valuedouble)) {
		*ret = item->valuedouble;
		return true;
	}
	const char *text = vg_text_of(item);
	return *text && vg_parse_number(text, strlen(text), ret);
}

bool vg_is_true(const cJSON *item) { return vg_is(item, cJSON_True) || strcmp(vg_text_of(item), "true") == 0; }

const cJSON *vg_member_of(const cJSON *object, const char *name)
{
	if (vg_is(object, cJSON_Array))
		object = object->child;
	const cJSON *member = vg_is(object, cJSON_Object) ? object->child : NULL;
	while (member && (member->string[0] != name[0] || strcmp(member->string, name) != 0))
		member = member->next;
	return member;
}

void vg_pick_members(const cJSON *object, const vg_places *names, const cJSON **ret)
{
	if (vg_is(object, cJSON_Array))
		object = object->child;
	if (!vg_is(object, cJSON_Object))
		return;
	for (const cJSON *member = object->child; member; member = member->next) {
		size_t place = names->of[member->valueint];
		if (place && !vg_is(member, cJSON_NULL))
			ret[place - 1] = member;
	}
}
