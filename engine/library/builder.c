/*
 * The builder for callers who hold their data already: a record fact by fact.
 *
 * The record floor's builder does the work.  This file keeps the world alive,
 * checks arguments, and digests the calls, so that the same calls give the
 * same uuids on cards.
 */
#include "library/library_internal.h"

struct vigil_record_builder {
	vg_allocator allocator;
	vg_world *world;
	vg_builder *builder;
	vg_digest_state calls;
	bool finished;
};

vigil_status vigil_record_builder_open(vigil_engine *engine, vigil_record_builder **ret, vigil_error *reterr)
{
	if (!vg_error_usable(reterr))
		return VIGIL_WRONG_USE;
	if (!engine || !ret)
		return vg_fail(reterr, VIGIL_WRONG_USE, "Give an engine and the address of a vigil_record_builder pointer.",
			       "An argument is NULL.");
	vigil_record_builder *builder = vg_new(&engine->allocator, sizeof *builder);
	if (!builder)
		return vg_fail_memory(reterr);
	builder->allocator = engine->allocator;
	builder->world = vg_engine_world(engine);
	vg_digest_begin(&builder->calls);
	vigil_status status = vg_builder_open(builder->world->knowledge, &builder->allocator, &builder->builder, reterr);
	if (status != VIGIL_OK) {
		vigil_record_builder_close(builder);
		return status;
	}
	*ret = builder;
	return VIGIL_OK;
}

static vigil_status check_builder(const vigil_record_builder *builder, vigil_error *err)
{
	if (!builder)
		return vg_fail(err, VIGIL_WRONG_USE, "Open a builder first.", "`builder` is NULL.");
	if (builder->finished)
		return vg_fail(err, VIGIL_WRONG_USE, "Open a new builder for the next record.", "The builder is finished.");
	return VIGIL_OK;
}

/* A missing text and an empty one are different calls. */
static void digest_text(vigil_record_builder *builder, const char *text)
{
	vg_digest_add(&builder->calls, text ? "+" : "-", 1);
	vg_digest_add_text(&builder->calls, text ? text : "");
}

vigil_status vigil_record_builder_patient(vigil_record_builder *builder, const char *id, const char *birth_date,
					  const char *sex, vigil_error *reterr)
{
	if (!vg_error_usable(reterr))
		return VIGIL_WRONG_USE;
	vigil_status status = check_builder(builder, reterr);
	if (status != VIGIL_OK)
		return status;
	status = vg_builder_patient(builder->builder, id, birth_date, sex, reterr);
	if (status == VIGIL_OK) {
		digest_text(builder, id);
		digest_text(builder, birth_date);
		digest_text(builder, sex);
	}
	return status;
}

vigil_status vigil_record_builder_add(vigil_record_builder *builder, const vigil_fact *fact, vigil_error *reterr)
{
	if (!vg_error_usable(reterr))
		return VIGIL_WRONG_USE;
	vigil_status status = check_builder(builder, reterr);
	if (status != VIGIL_OK)
		return status;
	if (!fact || !vg_given_usable(fact, fact->size, sizeof *fact))
		return vg_fail(reterr, VIGIL_WRONG_USE, "Begin with vigil_fact fact = VIGIL_FACT_INIT.",
			       "The fact is missing, or its size is not one this version knows.");
	if (!fact->type || !*fact->type)
		return vg_fail(reterr, VIGIL_WRONG_USE, "Set fact.type, such as \"MedicationRequest\".",
			       "The fact has no type.");
	status = vg_builder_add(builder->builder, fact, reterr);
	if (status != VIGIL_OK)
		return status;
	const char *const texts[] = {fact->type,
				     fact->id,
				     fact->status,
				     fact->system,
				     fact->code,
				     fact->display,
				     fact->date,
				     fact->end,
				     fact->value,
				     fact->unit,
				     fact->is_draft ? "draft" : "chart"};
	for (size_t i = 0; i < VG_COUNT(texts); i++)
		digest_text(builder, texts[i]);
	return VIGIL_OK;
}

vigil_status vigil_record_builder_section(vigil_record_builder *builder, const char *section, int supplied, const char *since,
					  vigil_error *reterr)
{
	if (!vg_error_usable(reterr))
		return VIGIL_WRONG_USE;
	vigil_status status = check_builder(builder, reterr);
	if (status != VIGIL_OK)
		return status;
	if (!section)
		return vg_fail(reterr, VIGIL_WRONG_USE, "Name a section, such as \"medications\".", "`section` is NULL.");
	if (!supplied && since)
		return vg_fail(reterr, VIGIL_WRONG_USE, "Set `supplied`, or leave `since` NULL.",
			       "A section that is not supplied cannot be complete since a date.");
	status = vg_builder_section(builder->builder, section, supplied != 0, since, reterr);
	if (status == VIGIL_OK) {
		digest_text(builder, section);
		digest_text(builder, supplied ? "supplied" : NULL);
		digest_text(builder, since);
	}
	return status;
}

vigil_status vigil_record_builder_finish(vigil_record_builder *builder, vigil_record **ret, vigil_error *reterr)
{
	if (!vg_error_usable(reterr))
		return VIGIL_WRONG_USE;
	vigil_status status = check_builder(builder, reterr);
	if (status != VIGIL_OK)
		return status;
	if (!ret)
		return vg_fail(reterr, VIGIL_WRONG_USE, "Give the address of a vigil_record pointer.", "`ret` is NULL.");
	vigil_record *record = vg_record_handle(builder->world, &builder->allocator);
	if (!record)
		return vg_fail_memory(reterr);
	status = vg_builder_finish(builder->builder, builder->world->rulebook->watch, &record->record, reterr);
	if (status != VIGIL_OK) {
		vigil_record_close(record);
		return status;
	}
	vg_digest digest;
	vg_digest_end(&builder->calls, &digest);
	record->hash = vg_hash(digest.bytes, sizeof digest.bytes);
	builder->finished = true;
	*ret = record;
	return VIGIL_OK;
}

void vigil_record_builder_close(vigil_record_builder *builder)
{
	if (!builder)
		return;
	vg_allocator allocator = builder->allocator;
	if (builder->builder)
		vg_builder_close(builder->builder);
	vg_world_release(builder->world);
	vg_delete(&allocator, builder, sizeof *builder);
}
