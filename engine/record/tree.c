/*
 * The nodes of a text alone (json_scan.h): of a part of a text that the strict
 * scan has passed before.
 *
 * They lie in a room that each text takes over from the last, so that after the
 * first few nothing is allocated.
 */
#include "record/json_internal.h"
#include "record/record_internal.h"

static bool copy_text(vg_tree_room *room, const char *text, size_t length)
{
	if (length > room->text_size) {
		size_t wanted = length < SIZE_MAX / 4 ? length * 2 : length;
		room->text = vg_alloc_unset(room->arena, wanted);
		room->text_size = room->text ? wanted : 0;
		if (!room->text)
			return false;
	}
	memcpy(room->text, text, length);
	return true;
}

static bool make_places(vg_tree_room *room)
{
	enum { FIRST_PLACES = 32 };
	if (room->nodes)
		return true;
	room->nodes = vg_alloc_unset(room->arena, FIRST_PLACES * sizeof *room->nodes);
	room->node_capacity = room->nodes ? FIRST_PLACES : 0;
	return room->nodes != NULL;
}

const vg_json_node *vg_tree_make(vg_tree_room *room, const char *text, size_t length)
{
	bool made =
	    copy_text(room, text, length) && make_places(room) &&
	    vg_json_make_nodes(room->arena, text, length, room->text, &room->habits, &room->nodes, &room->node_capacity);
	return made ? room->nodes : NULL;
}
