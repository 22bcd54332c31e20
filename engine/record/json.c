/*
 * Reading the nodes of JSON with patience: exact names, one walk an object, and
 * a single value where a list belongs counts as a list of one.
 *
 * The nodes come from text that the strict scan has passed, so strings are
 * valid UTF-8 without NUL and no object has the same member twice.
 */
#include "record/record_internal.h"

bool vg_number_of(const vg_json_node *item, double *ret)
{
	if (vg_is(item, VG_JSON_NUMBER) && isfinite(item->number)) {
		*ret = item->number;
		return true;
	}
	const char *text = vg_text_of(item);
	return *text && vg_parse_number(text, strlen(text), ret);
}

bool vg_is_true(const vg_json_node *item) { return vg_is(item, VG_JSON_TRUE) || strcmp(vg_text_of(item), "true") == 0; }

/* The members of an object, or of a list's first item. */
static inline vg_list members_of(const vg_json_node *object)
{
	if (vg_is(object, VG_JSON_ARRAY))
		object = object->size > 1 ? object + 1 : NULL;
	return vg_is(object, VG_JSON_OBJECT) ? (vg_list){object + 1, object + object->size} : (vg_list){NULL, NULL};
}

const vg_json_node *vg_member_of(const vg_json_node *object, vg_json_key_id key)
{
	vg_list all = members_of(object);
	for (const vg_json_node *member = all.item; member < all.end; member += member->size)
		if (member->key == key)
			return member;
	return NULL;
}

void vg_pick_members(const vg_json_node *object, const vg_places *names, const vg_json_node **ret)
{
	vg_list all = members_of(object);
	for (const vg_json_node *member = all.item; member < all.end; member += member->size) {
		size_t place = names->of[member->key];
		if (place && member->kind != VG_JSON_NULL)
			ret[place - 1] = member;
	}
}
