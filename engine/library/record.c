/*
 * Records for the caller: one patient's facts, with the world that they were
 * read with.
 *
 * A record is counted, because a worker's answer points into it: the caller may
 * close his record while he still reads the answer.
 */
#include "library/library_internal.h"

vigil_record *vg_record_handle(vg_world *world, const vg_allocator *allocator)
{
	vigil_record *record = vg_new(allocator, sizeof *record);
	if (!record)
		return NULL;
	record->allocator = *allocator;
	record->world = vg_world_take(world);
	atomic_init(&record->references, 1);
	return record;
}

vigil_record *vg_record_take(vigil_record *record)
{
	atomic_fetch_add(&record->references, 1);
	return record;
}

vigil_status vigil_record_read(vigil_engine *engine, const char *json, size_t length, vigil_record **ret, vigil_error *reterr)
{
	if (!vg_error_usable(reterr))
		return VIGIL_WRONG_USE;
	if (!engine || !json || !ret)
		return vg_fail(reterr, VIGIL_WRONG_USE, "Give an engine, a text and the address of a vigil_record pointer.",
			       "An argument is NULL.");
	vg_world *world = vg_engine_world(engine);
	vigil_record *record = vg_record_handle(world, &engine->allocator);
	vg_world_release(world);
	if (!record)
		return vg_fail_memory(reterr);
	vigil_status status = vg_record_read(json, length, world->knowledge, world->rulebook->watch, &vg_default_limits,
					     &engine->allocator, &record->record, reterr);
	if (status != VIGIL_OK) {
		vigil_record_close(record);
		return status;
	}
	record->hash = vg_hash(json, length);
	*ret = record;
	return VIGIL_OK;
}

const vg_world *vg_record_world(const vigil_record *record) { return record->world; }

const vg_record *vg_record_behind(const vigil_record *record) { return record->record; }

void vigil_record_close(vigil_record *record)
{
	if (!record || atomic_fetch_sub(&record->references, 1) != 1)
		return;
	vg_allocator allocator = record->allocator;
	if (record->record)
		vg_record_free(record->record);
	vg_world_release(record->world);
	vg_delete(&allocator, record, sizeof *record);
}
