/*
 * Memos: what a reader makes of a template, so that it need not run again.
 *
 * Most resources of a chart - results with their parts, reports, procedures,
 * problems, allergies, vaccinations, visits - differ from others of their
 * template in their id, their dates and their numbers.  The reader runs on the
 * template twice, with dates and numbers that cannot be mistaken; where each
 * date of each fact turns out to be one of the holes', the number the hole's,
 * the text what is written around it, and all else the same, the facts of any
 * such resource are copies with these filled in.  What does not turn out so
 * has no memo, and is read.
 *
 * The two runs have their dates in opposite order, so that a reader which takes
 * the later of two is found out.  tests/store/test_packed.c compares whole answers.
 */
#include "record/packed_internal.h"

enum { PROBES = 2 };

/* Days of the probes: ascending in one run, descending in the other; each with an instant. */
static vg_when probe_when(int run, size_t hole)
{
	vg_day day = 10000 + (vg_day)(run ? VG_MEMO_HOLES - hole : hole) * 777;
	return (vg_when){day, day, (int64_t)day * 86400 + 3600};
}

static double probe_number(int run, size_t hole) { return run ? 7654.25 - 100 * (double)hole : 31.5 + (double)hole; }

/* ---- what a hole is ------------------------------------------------------------------ */

static bool is_value_of(const vg_json_node *owner, const vg_json_node *hole)
{
	const vg_json_node *value = VG_MEMBER(owner, valueQuantity);
	return value && VG_MEMBER(value, value) == hole;
}

/* The number of a result, or of one of its parts. */
static bool is_number(const vg_template *template, const vg_json_node *hole)
{
	bool found = is_value_of(template->tree, hole);
	for (vg_list list = vg_list_of(VG_MEMBER(template->tree, component)); list.item && !found; vg_list_next(&list))
		found = is_value_of(list.item, hole);
	return found;
}

static bool is_result(const vg_template *template, const vg_json_node *hole)
{
	bool found = false;
	for (vg_list list = vg_list_of(VG_MEMBER(template->tree, result)); list.item && !found; vg_list_next(&list))
		found = VG_MEMBER(list.item, reference) == hole;
	return found;
}

static bool is_date(const char *key)
{
	size_t length = strlen(key);
	return vg_same_text(key, "start") || vg_same_text(key, "end") || vg_same_text(key, "issued") ||
	       vg_same_text(key, "recorded") || (length > 4 && vg_same_text(key + length - 4, "Date")) ||
	       (length > 8 && vg_same_text(key + length - 8, "DateTime"));
}

/* Kinds whose facts hang on nothing else of the record, but for the results of a report, and are never listed as
 * unusable for what a hole says. */
static bool may_have_memo(const vg_type_row *row, const vg_template *template)
{
	static const vg_json_key_id parts[] = {VG_KEY_contained, VG_KEY_onsetAge, VG_KEY_onsetRange, VG_KEY_abatementAge};
	bool kind = row->kind == VG_FACT_RESULT || row->kind == VG_FACT_REPORT || row->kind == VG_FACT_PROCEDURE ||
		    row->kind == VG_FACT_CONDITION || row->kind == VG_FACT_IMMUNIZATION || row->kind == VG_FACT_ENCOUNTER ||
		    row->kind == VG_FACT_ALLERGY;
	for (size_t i = 0; kind && i < VG_COUNT(parts); i++)
		kind = !vg_member_of(template->tree, parts[i]);
	return kind && template->hole_count <= VG_MEMO_HOLES;
}

/* Fills the holes for a run; false: one is neither a date nor a number, nor may it be passed over. */
static bool fill_probe(const vg_template *template, int run, char texts[VG_MEMO_HOLES][VG_HOLE_ROOM], vg_memo *memo)
{
	for (size_t i = 0; i < template->hole_count; i++) {
		vg_json_node *hole = template->holes[i];
		hole->kind = VG_JSON_TEXT;
		hole->text = texts[i];
		if (is_number(template, hole)) {
			memo->holes[i] = VG_MEMO_NUMBER;
			hole->kind = VG_JSON_NUMBER;
			hole->number = probe_number(run, i);
		} else if (is_result(template, hole)) {
			memo->holes[i] = VG_MEMO_PASSED;
			strcpy(texts[i], run ? "Observation/one" : "Observation/two");
		} else if (is_date(vg_name_of(hole))) {
			memo->holes[i] = VG_MEMO_DATE;
			vg_day_text(probe_when(run, i).first, texts[i]);
			strcat(texts[i], "T01:00:00Z");
		} else {
			return false;
		}
	}
	return true;
}

/* ---- what comes of it ------------------------------------------------------------------ */

static bool same_when(vg_when a, vg_when b) { return a.first == b.first && a.last == b.last && a.instant == b.instant; }

/* Which hole a date of the fact is; -1: it has none; false: neither. */
static bool find_when(size_t hole_count, int run, vg_when when, int8_t *ret)
{
	*ret = -1;
	for (size_t i = 0; i < hole_count; i++)
		if (same_when(when, probe_when(run, i)))
			*ret = (int8_t)i;
	return *ret >= 0 || same_when(when, VG_NO_WHEN);
}

/* What stands before and behind the number in the text of the value. */
static bool split_text(vg_intake *in, const char *text, double number, vg_memo_fact *made)
{
	char digits[32];
	size_t length = vg_shown_number(number, digits);
	const char *found = memmem(text, strlen(text), digits, length);
	if (!found)
		return false;
	made->before_length = (uint32_t)(found - text);
	made->before = vg_keep_bytes(in, text, made->before_length);
	made->behind = vg_keep(in, found + length);
	made->behind_length = (uint32_t)strlen(made->behind);
	return true;
}

/* Which hole the number of the fact is, if any; false: one that is not the hole's as it stands. */
static bool find_number(vg_intake *in, const vg_memo *memo, int run, vg_memo_fact *made)
{
	const vg_value *value = &made->sketch.fact.value;
	made->number = -1;
	made->before = made->behind = "";
	for (size_t i = 0; i < memo->hole_count; i++)
		if (memo->holes[i] == VG_MEMO_NUMBER && value->number == probe_number(run, i))
			made->number = (int8_t)i;
	if (made->number < 0)
		return true;
	return value->kind == VG_VALUE_QUANTITY && split_text(in, value->text, value->number, made);
}

static bool settle_fact(vg_intake *in, const vg_memo *memo, int run, const vg_sketch *sketch, vg_memo_fact *made)
{
	const vg_clinical_fact *fact = &sketch->fact;
	bool plain = isnan(sketch->onset_age) && isnan(sketch->onset_age_to) && isnan(sketch->end_age) &&
		     fact->supply_end == VG_NO_DAY && fact->renewed == VG_NO_DAY;
	made->sketch = *sketch;
	made->sketch.result_keys = NULL; /* not linked: the memo is then one for screenings alone */
	made->sketch.result_count = 0;
	bool found = plain && find_when(memo->hole_count, run, fact->when, &made->when) &&
		     find_when(memo->hole_count, run, fact->until, &made->until) &&
		     find_when(memo->hole_count, run, fact->recorded, &made->recorded) &&
		     find_when(memo->hole_count, run, fact->planned, &made->planned) && find_number(in, memo, run, made);
	bool guessed = made->when < 0 && (fact->kind == VG_FACT_CONDITION || fact->kind == VG_FACT_ALLERGY);
	made->begin = guessed ? made->recorded : made->when;
	return found;
}

/* Each number hole is one fact's number. */
static bool uses_numbers(const vg_memo *memo, const vg_memo_fact *facts)
{
	for (size_t hole = 0; hole < memo->hole_count; hole++) {
		uint32_t users = 0;
		for (uint32_t i = 0; i < memo->fact_count; i++)
			users += facts[i].number == (int8_t)hole;
		if (memo->holes[hole] == VG_MEMO_NUMBER && users != 1)
			return false;
	}
	return true;
}

/* One run; false: the facts cannot be made from a memo. */
static bool probe(vg_intake *in, const vg_type_row *row, const vg_template *template, int run, vg_memo *ret)
{
	char texts[VG_MEMO_HOLES][VG_HOLE_ROOM];
	uint32_t left_out = in->record->errors_left_out;
	in->sketch_count = in->unused_count = 0;
	ret->hole_count = (uint8_t) template->hole_count;
	ret->only_seen = VG_MEMBER(template->tree, result) != NULL;
	if (!fill_probe(template, run, texts, ret))
		return false;
	vg_source source = {.type = row->type, .status_type = row->status_type, .reference = "", .key = "", .alias = ""};
	row->read(in, &source, template->tree);
	if (in->status != VIGIL_OK || in->sketch_count == 0 || in->unused_count || in->record->errors_left_out != left_out)
		return false;
	vg_memo_fact *facts = vg_alloc_array(&in->record->arena, in->sketch_count, sizeof *facts);
	if (!facts)
		return false;
	ret->facts = facts;
	ret->fact_count = (uint32_t)in->sketch_count;
	for (uint32_t i = 0; i < ret->fact_count; i++)
		if (!settle_fact(in, ret, run, &in->sketches[i], &facts[i]))
			return false;
	return uses_numbers(ret, facts);
}

static bool agree(const vg_memo_fact *a, const vg_memo_fact *b)
{
	const vg_clinical_fact *x = &a->sketch.fact, *y = &b->sketch.fact;
	return a->when == b->when && a->until == b->until && a->recorded == b->recorded && a->planned == b->planned &&
	       a->number == b->number && a->sketch.part == b->sketch.part && a->sketch.parent == b->sketch.parent &&
	       x->kind == y->kind && x->standing == y->standing && x->code_count == y->code_count &&
	       x->ingredient_count == y->ingredient_count && x->unmapped == y->unmapped &&
	       x->without_result == y->without_result && x->criticality == y->criticality && x->reaction == y->reaction &&
	       x->reaction_count == y->reaction_count && strcmp(x->display, y->display) == 0 &&
	       strcmp(x->status, y->status) == 0 && strcmp(x->reason_not_done, y->reason_not_done) == 0 &&
	       x->value.kind == y->value.kind && x->value.comparator == y->value.comparator &&
	       x->value.code_count == y->value.code_count && x->value.unit_known == y->value.unit_known &&
	       (a->number < 0 ? strcmp(x->value.text, y->value.text) == 0
			      : strcmp(a->before, b->before) == 0 && strcmp(a->behind, b->behind) == 0);
}

/* ---- sets --------------------------------------------------------------------------------- */

static void add_slots(const vg_knowledge *knowledge, vg_watch watch, vg_concept concept, uint32_t *slots, uint32_t *count)
{
	vg_ids sets = concept ? vg_concept_sets(knowledge, concept) : (vg_ids){NULL, 0};
	for (size_t i = 0; i < sets.count; i++) {
		uint32_t slot = watch.slot_of_set[sets.ids[i]], k = 0;
		while (k < *count && slots[k] != slot)
			k++;
		if (slot && k == *count)
			slots[(*count)++] = slot;
	}
}

/* The watched sets of each fact, so that no record need look them up. */
static void find_slots(vg_intake *in, vg_watch watch, vg_memo *memo)
{
	vg_memo_fact *facts = (vg_memo_fact *)memo->facts; /* ours, not yet shared */
	uint32_t *slots = vg_alloc_array(&in->scratch, watch.slot_count + (size_t)1, sizeof *slots);
	for (uint32_t i = 0; slots && i < memo->fact_count; i++) {
		const vg_clinical_fact *fact = &facts[i].sketch.fact;
		uint32_t count = 0;
		for (uint8_t k = 0; k < fact->code_count; k++)
			add_slots(in->knowledge, watch, fact->codes[k].concept, slots, &count);
		for (uint16_t k = 0; k < fact->ingredient_count; k++)
			add_slots(in->knowledge, watch, fact->ingredients[k], slots, &count);
		uint32_t *kept = vg_alloc_array(&in->record->arena, count, sizeof *kept);
		if (!kept)
			return;
		memcpy(kept, slots, count * sizeof *kept);
		facts[i].slots = kept;
		facts[i].slot_count = count;
	}
}

bool vg_memo_make(vg_intake *in, const vg_type_row *row, const vg_template *template, vg_watch watch, vg_memo *ret)
{
	vg_memo runs[PROBES] = {{.type = ""}};
	if (!watch.slot_of_set || !may_have_memo(row, template) || strlen(row->type) + 2 > VG_MEMO_TYPE)
		return false;
	for (int run = 0; run < PROBES; run++)
		if (!probe(in, row, template, run, &runs[run]))
			return false;
	if (runs[0].fact_count != runs[1].fact_count)
		return false;
	for (uint32_t i = 0; i < runs[0].fact_count; i++)
		if (!agree(&runs[0].facts[i], &runs[1].facts[i]))
			return false;
	*ret = runs[0];
	strcat(strcpy(ret->type, row->type), "/");
	ret->type_length = (uint32_t)strlen(ret->type);
	find_slots(in, watch, ret);
	return true;
}

/* ---- a Patient ------------------------------------------------------------------------------ */

static bool probe_person(vg_intake *in, const vg_template *template, int run, vg_person_memo *ret)
{
	char texts[VG_MEMO_HOLES][VG_HOLE_ROOM];
	vg_memo holes = {.hole_count = 0};
	vg_patient *patient = &in->record->patient;
	vg_source source = {.type = "Patient", .status_type = "Patient", .reference = "", .key = "", .alias = ""};
	*patient = (vg_patient){.reference = "", .full_url = "", .sex = "", .birth = VG_NO_WHEN, .death = VG_NO_WHEN};
	in->unused_count = 0;
	if (template->hole_count > VG_MEMO_HOLES || !fill_probe(template, run, texts, &holes))
		return false;
	vg_read_patient(in, &source, template->tree);
	ret->patient = *patient;
	ret->hole_count = (uint8_t) template->hole_count;
	for (size_t i = 0; i < template->hole_count; i++)
		if (holes.holes[i] != VG_MEMO_DATE)
			return false;
	return in->status == VIGIL_OK && !in->unused_count &&
	       find_when(template->hole_count, run, patient->birth, &ret->birth) &&
	       find_when(template->hole_count, run, patient->death, &ret->death);
}

bool vg_person_memo_make(vg_intake *in, const vg_template *template, vg_person_memo *ret)
{
	vg_person_memo runs[PROBES];
	for (int run = 0; run < PROBES; run++)
		if (!probe_person(in, template, run, &runs[run]))
			return false;
	const vg_patient *a = &runs[0].patient, *b = &runs[1].patient;
	*ret = runs[0];
	return runs[0].birth == runs[1].birth && runs[0].death == runs[1].death && strcmp(a->sex, b->sex) == 0 &&
	       a->deceased == b->deceased && a->deceased_known == b->deceased_known;
}

/* ---- using one -------------------------------------------------------------------- */

static const char *value_text(vg_intake *in, const vg_memo_fact *made, double number)
{
	char digits[32];
	size_t length = vg_shown_number(number, digits);
	char *text = vg_alloc(&in->record->arena, made->before_length + length + made->behind_length + 1);
	if (!text)
		return "";
	memcpy(text, made->before, made->before_length);
	memcpy(text + made->before_length, digits, length);
	memcpy(text + made->before_length + length, made->behind, made->behind_length + 1);
	return text;
}

static void add_fact(vg_intake *in, const vg_memo_fact *made, const vg_source *source, uint32_t before, const vg_when *whens,
		     const double *numbers)
{
	vg_sketch *sketch = vg_intake_next(in, false);
	vg_clinical_fact *fact = &sketch->fact;
	*sketch = made->sketch;
	fact->reference = source->reference;
	if (sketch->parent)
		sketch->parent += before;
	const struct {
		int8_t hole;
		vg_when *when;
	} dates[] = {{made->when, &fact->when},
		     {made->until, &fact->until},
		     {made->recorded, &fact->recorded},
		     {made->planned, &fact->planned}};
	for (size_t i = 0; i < VG_COUNT(dates); i++)
		if (dates[i].hole >= 0)
			*dates[i].when = whens[dates[i].hole];
	if (made->number >= 0) {
		fact->value.number = numbers[made->number];
		fact->value.text = value_text(in, made, fact->value.number);
	}
	vg_intake_add(in, source, sketch);
}

bool vg_memo_use(vg_intake *in, const vg_memo *memo, const vg_source *source, vg_bytes holes)
{
	vg_when whens[VG_MEMO_HOLES];
	double numbers[VG_MEMO_HOLES];
	vg_hole passed;
	for (uint8_t i = 0; i < memo->hole_count; i++) {
		if (memo->holes[i] == VG_MEMO_DATE     ? !vg_get_when(&holes, &whens[i])
		    : memo->holes[i] == VG_MEMO_NUMBER ? !vg_get_double(&holes, &numbers[i])
						       : (vg_get_hole(&holes, false, &passed), holes.failed))
			return false;
	}
	if (holes.failed || holes.at != holes.end)
		return false;
	uint32_t before = (uint32_t)in->sketch_count;
	for (uint32_t i = 0; i < memo->fact_count; i++)
		add_fact(in, &memo->facts[i], source, before, whens, numbers);
	return true;
}
