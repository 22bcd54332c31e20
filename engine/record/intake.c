/*
 * A record while it is being made: texts, units, sketches, and the list of what
 * could not be used.
 *
 * Called by the readers of FHIR and by the builder; vg_freeze ends it.
 */
#include "record/record_internal.h"

#include <stdio.h>

vigil_status vg_intake_open(vg_intake *in, const vg_knowledge *knowledge, const vg_limits *limits,
			    const vg_allocator *allocator, vigil_error *err)
{
	*in = (vg_intake){.knowledge = knowledge, .limits = limits ? limits : &vg_default_limits, .err = err};
	in->patient_id = "";
	vg_arena_init(&in->scratch, allocator, 0);
	vg_arena arena;
	vg_arena_init(&arena, allocator, 0);
	vg_record *record = vg_alloc(&arena, sizeof *record);
	if (!record) {
		vg_arena_free(&arena);
		return vg_fail_memory(err);
	}
	record->arena = arena;
	record->knowledge = knowledge;
	record->patient.reference = record->patient.full_url = record->patient.sex = "";
	record->patient.birth = record->patient.death = VG_NO_WHEN;
	for (int section = 0; section < VG_SECTION_COUNT; section++)
		record->sections[section] = (vg_completeness){VG_COMPLETE, VG_NO_DAY, ""};
	in->record = record;
	vg_map_init(&in->fact_of, &in->scratch);
	vg_map_init(&in->product_of, &in->scratch);
	vg_map_init(&in->unit_of, &in->scratch);
	vg_map_init(&in->text_of, &in->scratch);
	vg_map_init(&in->system_of, &in->scratch);
	return VIGIL_OK;
}

void vg_intake_close(vg_intake *in)
{
	vg_arena_free(&in->scratch);
	vg_record_free(in->record);
	in->record = NULL;
}

void vg_record_free(vg_record *record)
{
	if (!record)
		return;
	vg_arena arena = record->arena, *lender = record->lender; /* the record lies in its own arena */
	if (lender && !lender->blocks) {
		vg_arena_reset(&arena);
		*lender = arena;
	} else {
		vg_arena_free(&arena);
	}
}

vigil_status vg_intake_no_memory(vg_intake *in) { return in->status = vg_fail_memory(in->err); }

void vg_refuse(vg_intake *in, const char *advice, const char *text, ...)
{
	if (in->status != VIGIL_OK)
		return;
	char message[400];
	va_list arguments;
	va_start(arguments, text);
	vsnprintf(message, sizeof message, text, arguments);
	va_end(arguments);
	in->status = vg_fail(in->err, VIGIL_BAD_INPUT, advice, "%s", message);
}

/* Whether a text lies in what lives as long as the record: in its own texts each ends with a zero. */
static inline bool is_own(const vg_own_texts *own, const char *text)
{
	return (uintptr_t)text - (uintptr_t)own->copy < own->length;
}

const char *vg_keep_bytes(vg_intake *in, const char *text, size_t length)
{
	if (length == 0)
		return "";
	if (is_own(&in->own_texts, text) && !text[length])
		return text;
	const char *copy = vg_copy_text(&in->record->arena, text, length);
	return copy ? copy : "";
}

const char *vg_keep(vg_intake *in, const char *text)
{
	if (!text || !*text)
		return "";
	return is_own(&in->own_texts, text) ? text : vg_keep_bytes(in, text, strlen(text));
}

const char *vg_intern(vg_intake *in, const char *text)
{
	size_t length = text ? strlen(text) : 0;
	if (length == 0)
		return "";
	uint32_t *place = vg_map_at(&in->text_of, text, length, false);
	if (place)
		return in->texts[*place - 1];
	const char *copy = vg_keep_bytes(in, text, length);
	const char **texts = vg_grow(&in->scratch, in->texts, in->text_count, &in->text_capacity, sizeof *texts);
	if (!texts)
		return copy;
	in->texts = texts;
	place = *copy ? vg_map_at(&in->text_of, copy, length, true) : NULL;
	if (!place)
		return copy;
	in->texts[in->text_count++] = copy;
	*place = (uint32_t)in->text_count;
	return copy;
}

vg_code_system vg_intake_system(vg_intake *in, const char *text)
{
	if (!text || !*text)
		return (vg_code_system){"", "", false, UINT32_MAX};
	if (in->last_system && strcmp(in->systems[in->last_system - 1].text, text) == 0)
		return in->systems[in->last_system - 1];
	size_t length = strlen(text);
	const uint32_t *found = vg_map_at(&in->system_of, text, length, false);
	if (found)
		return in->systems[(in->last_system = *found) - 1];
	uint32_t number = vg_system_number(in->knowledge, text);
	const char *known = vg_system_of_number(number), *kept;
	if (!known && (known = vg_system_known(text)) != NULL) /* in other letters than the table's */
		number = vg_system_number(in->knowledge, known);
	kept = known ? vg_copy_text(&in->scratch, text, length) : vg_keep_bytes(in, text, length);
	if (!kept)
		kept = "";
	vg_code_system system = {kept, known ? known : kept, known != NULL, number};
	vg_code_system *systems = vg_grow(&in->scratch, in->systems, in->system_count, &in->system_capacity, sizeof *systems);
	if (!systems)
		return system;
	in->systems = systems;
	uint32_t *place = *kept ? vg_map_at(&in->system_of, kept, length, true) : NULL;
	if (!place)
		return system;
	in->systems[in->system_count++] = system;
	*place = (uint32_t)in->system_count;
	in->last_system = in->system_count;
	return system;
}

/* Its place among the units, where it is put when it is new; NULL: memory ran out. */
static const vg_known_unit *known_unit(vg_intake *in, const char *text)
{
	size_t length = strlen(text);
	uint32_t *place = vg_map_at(&in->unit_of, text, length, false);
	if (place)
		return &in->units[(in->last_unit = *place) - 1];
	vg_known_unit made = {.unit = {.factor = 1, .text = ""}, .text = vg_copy_text(&in->scratch, text, length)};
	made.known = vg_unit_parse(&in->record->arena, text, &made.unit);
	if (in->record->arena.failed || !made.text)
		return NULL;
	if (!made.known)
		made.unit = (vg_unit){.factor = 1, .text = vg_keep(in, text)};
	vg_known_unit *units = vg_grow(&in->scratch, in->units, in->unit_count, &in->unit_capacity, sizeof *units);
	if (!units)
		return NULL;
	in->units = units;
	place = vg_map_at(&in->unit_of, made.text, length, true);
	if (!place)
		return NULL;
	units[in->unit_count++] = made;
	*place = in->last_unit = (uint32_t)in->unit_count;
	return &units[*place - 1];
}

bool vg_intake_unit(vg_intake *in, const char *text, vg_unit *ret)
{
	const vg_known_unit *found = in->last_unit ? &in->units[in->last_unit - 1] : NULL;
	if (!found || strcmp(found->text, text) != 0)
		found = known_unit(in, text);
	if (!found)
		return false;
	*ret = found->unit;
	return found->known;
}

static const vg_sketch empty = {
    .fact =
	{
	    .when = VG_NO_WHEN,
	    .until = VG_NO_WHEN,
	    .recorded = VG_NO_WHEN,
	    .planned = VG_NO_WHEN,
	    .reference = "",
	    .display = "",
	    .type = "",
	    .status = "",
	    .value = {.number = NAN, .upper = NAN, .unit = {.factor = 1, .text = ""}, .text = ""},
	    .supply_end = VG_NO_DAY,
	    .prior = "",
	    .duration_days = NAN,
	    .superseded_from = VG_NO_DAY,
	    .renewed = VG_NO_DAY,
	    .reason_not_done = "",
	},
    .key = "",
    .alias = "",
    .source = "",
    .prescription = "",
    .onset_age = NAN,
    .onset_age_to = NAN,
    .end_age = NAN,
};

vg_value vg_empty_value(void) { return empty.fact.value; }

vg_sketch *vg_intake_next(vg_intake *in, bool order)
{
	if (!order && in->sketch_count < in->sketch_capacity) /* as nearly always */
		return &in->sketches[in->sketch_count];
	vg_sketch **list = order ? &in->orders : &in->sketches;
	size_t count = order ? in->order_count : in->sketch_count;
	vg_sketch *items =
	    vg_grow(&in->scratch, *list, count, order ? &in->order_capacity : &in->sketch_capacity, sizeof *items);
	if (!items)
		return &in->lost;
	*list = items;
	return &items[count];
}

vg_sketch *vg_new_sketch(vg_intake *in, const vg_source *source, vg_fact_kind kind)
{
	vg_sketch *sketch = vg_intake_next(in, source->is_order);
	*sketch = empty;
	sketch->fact.kind = (uint8_t)kind;
	sketch->fact.type = source->type;
	sketch->fact.reference = source->reference;
	return sketch;
}

static vg_unused *new_unused(vg_intake *in, vg_section section, const char *reference, const char *display, const char *why)
{
	vg_unused *unused = vg_grow(&in->scratch, in->unused, in->unused_count, &in->unused_capacity, sizeof *unused);
	if (!unused)
		return NULL;
	in->unused = unused;
	unused += in->unused_count++;
	*unused = (vg_unused){.reference = reference, .display = display, .why = why, .section = (uint8_t)section};
	return unused;
}

void vg_unusable(vg_intake *in, vg_section section, const char *reference, const char *display, const char *why)
{
	new_unused(in, section, reference, display, why);
}

/* Why an unmapped fact is listed; NULL when nothing of safety hangs on it: what
 * is over, and results, problems and procedures under codes that no rule names. */
static const char *why_listed(const vg_clinical_fact *fact)
{
	bool counts = fact->is_order || fact->other_draft || fact->standing == VG_CURRENT || fact->standing == VG_PRELIMINARY ||
		      fact->standing == VG_INTENDED || fact->standing == VG_DRAFT;
	if (!fact->unmapped || !counts)
		return NULL;
	bool nameless = fact->code_count == 0 && strcmp(fact->display, fact->type) == 0;
	if (nameless && (fact->is_order || fact->other_draft))
		return NULL; /* a prescriber who has not chosen yet: there is nothing to check */
	if (fact->kind == VG_FACT_MEDICATION)
		return nameless ? "no medication is named" : "drug code not known";
	if (fact->kind == VG_FACT_ALLERGY)
		return nameless ? "no substance is named" : "allergy code not known";
	bool is_test = fact->kind == VG_FACT_SERVICE &&
		       (vg_same_text(fact->type, "ServiceRequest") || vg_same_text(fact->type, "ProcedureRequest") ||
			vg_same_text(fact->type, "DiagnosticOrder"));
	if (is_test)
		return nameless ? "no test is named" : "test code not known";
	return NULL;
}

static uint32_t *named(vg_intake *in, vg_map *map, uint32_t scope, const char *key, size_t length, bool add)
{
	if (!scope)
		return vg_map_at(map, key, length, add);
	const char *scoped = vg_format(&in->scratch, "%u %.*s", scope, (int)length, key); /* no key has a blank */
	return scoped ? vg_map_at(map, scoped, strlen(scoped), add) : NULL;
}

/* false: memory ran out. */
static bool name(vg_intake *in, vg_map *map, uint32_t scope, const char *key, uint32_t place)
{
	if (!*key)
		return true;
	uint32_t *found = named(in, map, scope, key, strlen(key), true);
	if (found)
		*found = place;
	return found;
}

void vg_intake_name_product(vg_intake *in, const char *key, uint32_t place)
{
	name(in, &in->product_of, in->scope, key, place);
}

const vg_product *vg_product_find(vg_intake *in, const char *reference)
{
	vg_view key = vg_reference_key(reference);
	const uint32_t *found = key.length ? named(in, &in->product_of, in->scope, key.text, key.length, false) : NULL;
	return found ? &in->products[*found - 1] : NULL;
}

uint32_t vg_intake_fact(vg_intake *in, uint32_t scope, const char *key)
{
	if (!*key)
		return 0;
	for (; in->named_count < in->sketch_count; in->named_count++) {
		const vg_sketch *sketch = &in->sketches[in->named_count];
		uint32_t place = (uint32_t)in->named_count + 1;
		if (sketch->part == 0 && (!name(in, &in->fact_of, sketch->scope, sketch->key, place) ||
					  !name(in, &in->fact_of, sketch->scope, sketch->alias, place)))
			return 0;
	}
	const uint32_t *found = named(in, &in->fact_of, scope, key, strlen(key), false);
	return found ? *found : 0;
}

uint32_t vg_intake_add(vg_intake *in, const vg_source *source, vg_sketch *sketch)
{
	if (sketch == &in->lost)
		return 0;
	const vg_clinical_fact *fact = &sketch->fact;
	uint32_t place = (uint32_t)++ * (source->is_order ? &in->order_count : &in->sketch_count);
	sketch->key = source->key;
	sketch->alias = source->alias;
	sketch->scope = in->scope;
	in->record->unmapped_count += fact->unmapped;
	const char *why = why_listed(fact);
	vg_unused *unused = why ? new_unused(in, vg_section_of(fact->kind), fact->reference, fact->display, why) : NULL;
	if (unused) {
		unused->unmapped = true;
		unused->of_order = source->is_order;
		unused->fact = place;
	}
	return place;
}
