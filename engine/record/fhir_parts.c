/*
 * Parts that many resources share: dates and periods, concepts, statuses, and
 * what happens with a sketch when its resource has been read.
 */
#include "record/record_internal.h"

vg_when vg_read_when(vg_intake *in, const vg_json_node *item)
{
	vg_when when = VG_NO_WHEN;
	const char *text = vg_text_of(item);
	if (vg_is_something(item) && !vg_date_parse(text, strlen(text), &when)) {
		in->unreadable |= VG_BAD_DATE;
		return VG_NO_WHEN;
	}
	return when;
}

vg_period vg_read_period(vg_intake *in, const vg_json_node *item)
{
	static const vg_places names = {VG_AT(start, 0), VG_AT(end, 1)};
	const vg_json_node *member[2];
	VG_PICK(item, names, member);
	if (vg_is_something(item) && !vg_is(vg_list_of(item).item, VG_JSON_OBJECT))
		in->unreadable |= VG_BAD_DATE;
	vg_period period = {vg_read_when(in, member[0]), vg_read_when(in, member[1])};
	return period;
}

vg_when vg_period_event(vg_period period) { return vg_when_known(period.end) ? period.end : period.start; }

/* A text where one belongs; anything else is marked. */
static const char *read_word(vg_intake *in, const vg_json_node *item)
{
	if (item && item->kind != VG_JSON_TEXT)
		in->unreadable |= VG_BAD_CODE;
	return vg_text_of(item);
}

/* Where nothing was found in it: marked when it is no object, or says something under names that nobody knows. */
static void mark_strange(vg_intake *in, const vg_json_node *item)
{
	bool strange = item->kind != VG_JSON_OBJECT;
	for (size_t i = 1; !strange && i < item->size; i += item[i].size)
		strange = item[i].kind == VG_JSON_NAME;
	if (strange)
		in->unreadable |= VG_BAD_CODE;
}

static void read_coding(vg_intake *in, const vg_json_node *coding, vg_codes *codes)
{
	static const vg_places names = {VG_AT(system, 0), VG_AT(code, 1), VG_AT(display, 2)};
	const vg_json_node *part[3];
	VG_PICK(coding, names, part);
	if (part[1] || part[2])
		vg_codes_add(in, codes, read_word(in, part[0]), read_word(in, part[1]), read_word(in, part[2]));
	else
		mark_strange(in, coding);
}

void vg_read_concept(vg_intake *in, const vg_json_node *concept, vg_codes *codes)
{
	if (!codes->text)
		codes->text = "";
	for (vg_list list = vg_list_of(concept); list.item; vg_list_next(&list)) {
		if (vg_is(list.item, VG_JSON_TEXT)) { /* a bare word where a concept belongs */
			if (!*codes->text)
				codes->text = vg_keep(in, vg_text_of(list.item));
			continue;
		}
		static const vg_places names = {VG_AT(coding, 0), VG_AT(text, 1), VG_AT(concept, 2)};
		const vg_json_node *member[3];
		VG_PICK(list.item, names, member);
		if (!member[0] && !member[1] && !member[2]) /* a Coding where a concept belongs */
			read_coding(in, list.item, codes);
		if (member[2]) /* R5: CodeableReference */
			VG_PICK(member[2], names, member);
		if (!*codes->text)
			codes->text = vg_keep(in, read_word(in, member[1]));
		for (vg_list codings = vg_list_of(member[0]); codings.item; vg_list_next(&codings))
			read_coding(in, codings.item, codes);
	}
}

/* Adds what the codes mean on this side, where a set names it; one code of a side says nothing alone. */
static void add_side(vg_intake *in, const char *side, vg_codes *codes)
{
	const char *snomed = vg_system_uri("snomed");
	for (uint16_t i = 0, count = codes->count; i < count; i++) {
		const vg_code *item = &codes->items[i];
		if (strcmp(item->system, snomed) != 0 || strchr(item->code, ':'))
			continue;
		const char *sided = vg_format(&in->record->arena, "%s:272741003=%s", item->code, side);
		if (sided && vg_concept_find(in->knowledge, snomed, sided))
			vg_codes_add(in, codes, snomed, sided, codes->items[i].display);
	}
}

void vg_read_side(vg_intake *in, const vg_json_node *body_site, vg_codes *codes)
{
	static const char *const sides[] = {"7771000", "24028007", "51440002"}; /* left, right, right and left */
	vg_codes sites = {.text = ""};
	vg_read_concept(in, body_site, &sites);
	for (uint16_t i = 0; i < sites.count; i++)
		for (size_t side = 0; side < VG_COUNT(sides); side++)
			if (strcmp(sites.items[i].code, sides[side]) == 0 &&
			    strcmp(sites.items[i].system, vg_system_uri("snomed")) == 0)
				add_side(in, sides[side], codes);
}

const char *vg_read_concept_text(vg_intake *in, const vg_json_node *concept)
{
	if (!concept)
		return "";
	vg_list list = vg_list_of(concept);
	if (vg_is(list.item, VG_JSON_TEXT))
		return vg_keep(in, vg_text_of(list.item));
	const char *text = vg_text_of(VG_MEMBER(list.item, text));
	for (vg_list codings = vg_list_of(VG_MEMBER(list.item, coding)); codings.item; vg_list_next(&codings)) {
		if (!*text)
			text = vg_text_of(VG_MEMBER(codings.item, display));
		if (!*text)
			text = vg_text_of(VG_MEMBER(codings.item, code));
	}
	return vg_keep(in, text);
}

const char *vg_read_concept_code(const vg_json_node *concept)
{
	vg_list list = vg_list_of(concept);
	if (vg_is(list.item, VG_JSON_TEXT))
		return vg_text_of(list.item);
	for (vg_list codings = vg_list_of(VG_MEMBER(list.item, coding)); codings.item; vg_list_next(&codings)) {
		const char *code = vg_text_of(VG_MEMBER(codings.item, code));
		if (*code)
			return code;
	}
	const char *code = vg_text_of(VG_MEMBER(list.item, code)); /* a Coding where a concept belongs */
	return *code ? code : vg_text_of(VG_MEMBER(list.item, text));
}

/* Units of time as FHIR, UCUM and people write them, in days. */
static bool days_of_unit(const char *unit, double *ret)
{
	static const struct {
		const char *unit;
		double days;
	} units[] = {
	    {"d", 1},      {"day", 1},       {"days", 1},       {"h", 1.0 / 24},     {"hour", 1.0 / 24}, {"hours", 1.0 / 24},
	    {"wk", 7},     {"week", 7},      {"weeks", 7},      {"mo", 30.4375},     {"month", 30.4375}, {"months", 30.4375},
	    {"a", 365.25}, {"year", 365.25}, {"years", 365.25}, {"min", 1.0 / 1440}, {"s", 1.0 / 86400},
	};
	for (size_t i = 0; i < VG_COUNT(units); i++) {
		if (strcmp(units[i].unit, unit) == 0) {
			*ret = units[i].days;
			return true;
		}
	}
	return false;
}

static bool read_time(const vg_json_node *quantity, double *ret_days)
{
	static const vg_places names = {VG_AT(value, 0), VG_AT(code, 1), VG_AT(unit, 2)};
	const vg_json_node *member[3];
	if (!quantity) /* as nearly always */
		return false;
	VG_PICK(quantity, names, member);
	double value, unit;
	if (!vg_number_of(member[0], &value) || value < 0)
		return false;
	if (!days_of_unit(vg_text_of(member[1]), &unit) && !days_of_unit(vg_text_of(member[2]), &unit))
		return false;
	*ret_days = value * unit;
	return true;
}

bool vg_read_days(const vg_json_node *duration, double *ret) { return read_time(duration, ret) && *ret < 365250; }

bool vg_read_age(const vg_json_node *age, double *ret_years)
{
	double days;
	if (!read_time(age, &days))
		return false;
	*ret_years = days / 365.25;
	return true;
}

static vg_status_memo *status_memo(vg_intake *in, const char *type, const char *member)
{
	for (size_t i = 0; i < in->status_count; i++)
		if (in->statuses[i].type == type && in->statuses[i].member == member)
			return &in->statuses[i];
	if (in->status_count == VG_STATUS_MEMBERS)
		in->status_count--;
	vg_status_memo *memo = &in->statuses[in->status_count++];
	const vg_status_row *rows = vg_status_member(type, member);
	*memo = (vg_status_memo){type, member, rows, rows};
	return memo;
}

int vg_read_standing(vg_intake *in, const vg_source *source, const char *member, const char *value, int standing,
		     const char **ret_status)
{
	vg_status_memo *memo = status_memo(in, source->status_type, member);
	if (!memo->rows)
		return standing;
	bool known = strcmp(memo->last->value, value) == 0;
	const vg_status_row *row = known ? memo->last : vg_status_value(memo->rows, value, &known);
	memo->last = row;
	const char *trouble = NULL;
	if (!known)
		trouble = "its status is none that FHIR knows";
	else if (row->standing == VG_PLANNED && (!*value || strcmp(value, "unknown") == 0))
		trouble = "its status is not known, so it does not count";
	if (trouble)
		vg_unusable(in, vg_section_of(vg_type_find(source->type, strlen(source->type))->kind), source->reference,
			    source->type, trouble);
	if (ret_status)
		*ret_status = known ? row->value : vg_intern(in, value);
	return vg_standing_weaker(row->standing, standing);
}

/* An order counts whatever stage of making it is in, unless it is over or not to be done. */
static const char *why_no_order(int standing)
{
	if (standing == VG_PAST || standing == VG_PLANNED)
		return "by its status it is no order that is being made";
	return standing == VG_NOT_DONE ? "it is an order not to do something" : NULL;
}

/* What could not be understood of it.  Its parts share its dates; a code beside one that is known is not missed. */
static void say_unreadable(vg_intake *in, const vg_source *source, const vg_sketch *sketch)
{
	static const struct {
		unsigned part;
		const char *why;
	} reasons[] = {{VG_BAD_DATE, "a date of it cannot be read"},
		       {VG_BAD_CODE, "a code of it cannot be read"},
		       {VG_BAD_VALUE, "its value cannot be read"}};
	const vg_clinical_fact *fact = &sketch->fact;
	unsigned now = in->unreadable;
	if (sketch->part)
		now &= ~(unsigned)VG_BAD_DATE;
	in->unreadable &= ~now;
	if (!fact->unmapped)
		now &= ~(unsigned)VG_BAD_CODE;
	for (size_t i = 0; i < VG_COUNT(reasons); i++)
		if (now & reasons[i].part)
			vg_unusable(in, vg_section_of(fact->kind), source->reference, fact->display, reasons[i].why);
}

uint32_t vg_finish_sketch(vg_intake *in, const vg_source *source, vg_sketch *sketch, int standing)
{
	vg_clinical_fact *fact = &sketch->fact;
	vg_section section = vg_section_of(fact->kind);
	if (in->unreadable)
		say_unreadable(in, source, sketch);
	if (standing == VG_LEFT_OUT) {
		in->record->errors_left_out += sketch->part == 0;
		return 0;
	}
	if (source->is_order || source->other_draft) {
		const char *why = why_no_order(standing);
		if (why) {
			if (source->is_order)
				vg_unusable(in, section, source->reference, fact->display, why);
			return 0;
		}
		standing = VG_DRAFT;
	}
	fact->standing = (uint8_t)standing;
	fact->is_order = source->is_order;
	fact->other_draft = source->other_draft;
	if (!*fact->display)
		fact->display = fact->type;
	return vg_intake_add(in, source, sketch);
}
