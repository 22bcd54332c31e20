/*
 * Memos: what a reader makes of a template, so that it need not run again.
 *
 * Most resources of a chart - results, procedures, problems, vaccinations,
 * visits - differ from others of their template in their id, their dates and
 * one number.  The reader runs on the template twice, with dates and numbers
 * that cannot be mistaken; where each date of the fact turns out to be one of
 * the holes', the number the hole's, the text what is written around it, and
 * all else the same, the fact of any such resource is a copy with these filled
 * in.  What does not turn out so has no memo, and is read.
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

static double probe_number(int run) { return run ? 7654.25 : 31.5; }

static bool is_number(const vg_template *template, size_t hole, const char *key)
{
	const cJSON *value = vg_member_of(template->tree, "valueQuantity");
	return strcmp(key, "value") == 0 && value && vg_member_of(value, "value") == template->holes[hole];
}

/* Only kinds that are one fact each and hang on nothing else of the record. */
static bool may_have_memo(const vg_type_row *row, const vg_template *template)
{
	static const char *const parts[] = {"component", "contained", "result", "onsetAge", "onsetRange", "abatementAge"};
	bool kind = row->kind == VG_FACT_RESULT || row->kind == VG_FACT_REPORT || row->kind == VG_FACT_PROCEDURE ||
		    row->kind == VG_FACT_CONDITION || row->kind == VG_FACT_IMMUNIZATION || row->kind == VG_FACT_ENCOUNTER;
	for (size_t i = 0; kind && i < VG_COUNT(parts); i++)
		kind = !vg_member_of(template->tree, parts[i]);
	return kind && template->hole_count <= VG_MEMO_HOLES;
}

/* Fills the holes for a run; false: one is neither a date nor the number. */
static bool fill_probe(const vg_template *template, int run, char texts[VG_MEMO_HOLES][VG_HOLE_ROOM], int8_t *ret_number)
{
	*ret_number = -1;
	for (size_t i = 0; i < template->hole_count; i++) {
		cJSON *hole = template->holes[i];
		const char *key = hole->string ? hole->string : "";
		if (is_number(template, i, key)) {
			hole->type = cJSON_Number;
			hole->valuedouble = probe_number(run);
			hole->valuestring = NULL;
			*ret_number = (int8_t)i;
			continue;
		}
		size_t length = strlen(key);
		bool date = vg_same_text(key, "start") || vg_same_text(key, "end") || vg_same_text(key, "issued") ||
			    vg_same_text(key, "recorded") || (length > 4 && vg_same_text(key + length - 4, "Date")) ||
			    (length > 8 && vg_same_text(key + length - 8, "DateTime"));
		if (!date)
			return false;
		vg_day_text(probe_when(run, i).first, texts[i]);
		strcat(texts[i], "T01:00:00Z");
		hole->type = cJSON_String;
		hole->valuestring = texts[i];
	}
	return true;
}

static bool same_when(vg_when a, vg_when b) { return a.first == b.first && a.last == b.last && a.instant == b.instant; }

/* Which hole a date of the fact is; -1: it has none; false: neither. */
static bool find_when(const vg_template *template, int run, vg_when when, int8_t *ret)
{
	*ret = -1;
	for (size_t i = 0; i < template->hole_count; i++)
		if (same_when(when, probe_when(run, i)))
			*ret = (int8_t)i;
	return *ret >= 0 || same_when(when, VG_NO_WHEN);
}

/* What stands before and behind the number in the text of the value. */
static bool split_text(vg_intake *in, const char *text, double number, vg_memo *memo)
{
	char digits[32];
	size_t length = vg_shown_number(number, digits);
	const char *found = memmem(text, strlen(text), digits, length);
	if (!found)
		return false;
	memo->before = vg_keep_bytes(in, text, (size_t)(found - text));
	memo->behind = vg_keep(in, found + length);
	return true;
}

/* One run; false: the fact cannot be made from a memo. */
static bool probe(vg_intake *in, const vg_type_row *row, const vg_template *template, int run, vg_memo *ret)
{
	char texts[VG_MEMO_HOLES][VG_HOLE_ROOM];
	uint32_t left_out = in->record->errors_left_out;
	in->sketch_count = in->unused_count = 0;
	if (!fill_probe(template, run, texts, &ret->number))
		return false;
	vg_source source = {.type = row->type, .status_type = row->status_type, .reference = "", .key = "", .alias = ""};
	row->read(in, &source, template->tree);
	if (in->status != VIGIL_OK || in->sketch_count != 1 || in->unused_count || in->record->errors_left_out != left_out)
		return false;
	ret->sketch = in->sketches[0];
	const vg_clinical_fact *fact = &ret->sketch.fact;
	bool plain = isnan(ret->sketch.onset_age) && isnan(ret->sketch.onset_age_to) && isnan(ret->sketch.end_age) &&
		     fact->supply_end == VG_NO_DAY && fact->renewed == VG_NO_DAY;
	if (!plain || !find_when(template, run, fact->when, &ret->when) ||
	    !find_when(template, run, fact->until, &ret->until) || !find_when(template, run, fact->recorded, &ret->recorded) ||
	    !find_when(template, run, fact->planned, &ret->planned))
		return false;
	if (ret->number < 0)
		return true;
	return fact->value.kind == VG_VALUE_QUANTITY && fact->value.number == probe_number(run) &&
	       split_text(in, fact->value.text, probe_number(run), ret);
}

static bool agree(const vg_memo *a, const vg_memo *b)
{
	const vg_clinical_fact *x = &a->sketch.fact, *y = &b->sketch.fact;
	return a->when == b->when && a->until == b->until && a->recorded == b->recorded && a->planned == b->planned &&
	       a->number == b->number && x->standing == y->standing && x->code_count == y->code_count &&
	       x->unmapped == y->unmapped && strcmp(x->display, y->display) == 0 && strcmp(x->status, y->status) == 0 &&
	       x->value.kind == y->value.kind && x->value.comparator == y->value.comparator &&
	       x->value.code_count == y->value.code_count && x->value.unit_known == y->value.unit_known &&
	       (a->number < 0 ? strcmp(x->value.text, y->value.text) == 0
			      : strcmp(a->before, b->before) == 0 && strcmp(a->behind, b->behind) == 0);
}

bool vg_memo_make(vg_intake *in, const vg_type_row *row, const vg_template *template, vg_memo *ret)
{
	vg_memo runs[PROBES];
	if (!may_have_memo(row, template))
		return false;
	for (int run = 0; run < PROBES; run++)
		if (!probe(in, row, template, run, &runs[run]))
			return false;
	*ret = runs[0];
	ret->hole_count = (uint8_t) template->hole_count;
	return agree(&runs[0], &runs[1]);
}

/* ---- using one -------------------------------------------------------------------- */

static const char *value_text(vg_intake *in, const vg_memo *memo, double number)
{
	char digits[32];
	size_t length = vg_shown_number(number, digits), before = strlen(memo->before), behind = strlen(memo->behind);
	char *text = vg_alloc(&in->record->arena, before + length + behind + 1);
	if (!text)
		return "";
	memcpy(text, memo->before, before);
	memcpy(text + before, digits, length);
	memcpy(text + before + length, memo->behind, behind + 1);
	return text;
}

bool vg_memo_use(vg_intake *in, const vg_memo *memo, const vg_source *source, vg_bytes holes)
{
	vg_when whens[VG_MEMO_HOLES];
	double number = 0;
	vg_hole hole;
	for (uint8_t i = 0; i < memo->hole_count; i++) {
		vg_get_hole(&holes, false, &hole);
		bool counts = hole.tag == VG_HOLE_DECIMAL || hole.tag == VG_HOLE_DOUBLE;
		if (counts != (memo->number == i) || (!counts && hole.tag != VG_HOLE_DAY && hole.tag != VG_HOLE_TIME))
			return false;
		if (counts)
			number = hole.number;
		else
			whens[i] = hole.when;
	}
	if (holes.failed || holes.at != holes.end)
		return false;
	/* Filled where it lies: the kinds that have memos are never listed as unusable, so nobody has looked at it yet. */
	uint32_t place = vg_intake_add(in, &memo->sketch, source->key, source->alias);
	if (!place)
		return true; /* the arena is marked */
	vg_clinical_fact *fact = &in->sketches[place - 1].fact;
	fact->reference = source->reference;
	const struct {
		int8_t hole;
		vg_when *when;
	} dates[] = {{memo->when, &fact->when},
		     {memo->until, &fact->until},
		     {memo->recorded, &fact->recorded},
		     {memo->planned, &fact->planned}};
	for (size_t i = 0; i < VG_COUNT(dates); i++)
		if (dates[i].hole >= 0)
			*dates[i].when = whens[dates[i].hole];
	if (memo->number >= 0) {
		fact->value.number = number;
		fact->value.text = value_text(in, memo, number);
	}
	return true;
}
