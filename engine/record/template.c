/*
 * Templates: what many resources of a population have in common.
 *
 * A resource's tree is written as JSON, but for what differs from patient to
 * patient: dates, references, inner ids, measured numbers and long texts become
 * holes, and their values go into the patient's record.  A million blood
 * pressures share one template, which readers of FHIR and knowledge look at
 * once.
 *
 * The outermost member `resourceType` stands first; `id` is left out.
 *
 * A hole is the JSON text "$".  Texts that begin with "$" are holes themselves,
 * so that no text of a record can look like one.  Holes stand in the order in
 * which the tree is walked.
 */
#include "record/packed_internal.h"

enum { LONG_TEXT = 200, SPARSE_TEXT = 24, HOLES_OF_A_TEMPLATE = 100000 };

/* ---- writing ------------------------------------------------------------------- */

typedef struct place { /* where a value stands */
	const char *key;
	bool in_course; /* below a dosage or a dispense request: few different numbers, and more depends on them */
} place;

static bool is_date(const char *text)
{
	static const char form[] = "dddd-dd-dd";
	for (size_t i = 0; form[i]; i++)
		if (form[i] == 'd' ? text[i] < '0' || text[i] > '9' : text[i] != '-')
			return false;
	return true;
}

/* What codes and statuses are made of stays in the template even of a full dictionary: rules look for it. */
static bool is_structure(const char *key)
{
	static const char *const keys[] = {"resourceType", "system", "code", "status", "intent", "type", "comparator"};
	for (size_t i = 0; i < VG_COUNT(keys); i++)
		if (strcmp(keys[i], key) == 0)
			return true;
	return false;
}

static bool is_text_hole(const vg_template_writer *writer, place at, const char *text)
{
	if (text[0] == '$' || is_date(text) || strcmp(at.key, "reference") == 0 || strcmp(at.key, "id") == 0)
		return true;
	size_t length = strlen(text);
	return length > LONG_TEXT || (writer->sparse && length > SPARSE_TEXT && !is_structure(at.key));
}

static bool is_number_hole(const vg_template_writer *writer, place at)
{
	return writer->sparse || (strncmp(at.key, "value", 5) == 0 && !at.in_course);
}

static void write_value(vg_template_writer *writer, const cJSON *value, place at);

static bool is_left_out(const vg_template_writer *writer, const cJSON *member, bool outermost)
{
	if (!outermost)
		return false;
	return strcmp(member->string, "id") == 0 || strcmp(member->string, "resourceType") == 0 ||
	       (writer->is_own && (strcmp(member->string, "subject") == 0 || strcmp(member->string, "patient") == 0));
}

static void write_children(vg_template_writer *writer, const cJSON *parent, place at, bool outermost)
{
	bool object = cJSON_IsObject(parent), first = true;
	vg_add(writer->text, object ? "{" : "[");
	if (outermost) { /* first, so that a template's type can be seen */
		vg_add(writer->text, "\"resourceType\":");
		vg_add_json_text(writer->text, vg_text_of(vg_member_of(parent, "resourceType")));
		first = false;
	}
	for (const cJSON *child = parent->child; child; child = child->next) {
		if (object && is_left_out(writer, child, outermost))
			continue;
		if (!first)
			vg_add(writer->text, ",");
		first = false;
		place below = at;
		if (object) {
			below.key = child->string;
			below.in_course = at.in_course || strncmp(child->string, "dosage", 6) == 0 ||
					  strcmp(child->string, "dispenseRequest") == 0;
			vg_add_json_text(writer->text, child->string);
			vg_add(writer->text, ":");
		}
		write_value(writer, child, below);
	}
	vg_add(writer->text, object ? "}" : "]");
}

static void write_value(vg_template_writer *writer, const cJSON *value, place at)
{
	static const char hole[] = "\"$\"";
	if (cJSON_IsObject(value) || cJSON_IsArray(value)) {
		write_children(writer, value, at, false);
	} else if (cJSON_IsString(value) && is_text_hole(writer, at, value->valuestring)) {
		vg_add(writer->text, hole);
		vg_put_text_hole(writer->holes, value->valuestring);
	} else if (cJSON_IsString(value)) {
		vg_add_json_text(writer->text, value->valuestring);
	} else if (cJSON_IsNumber(value) && is_number_hole(writer, at)) {
		vg_add(writer->text, hole);
		vg_put_number_hole(writer->holes, value->valuedouble);
	} else if (cJSON_IsNumber(value)) {
		vg_add_number(writer->text, value->valuedouble);
	} else {
		vg_add(writer->text, cJSON_IsTrue(value) ? "true" : cJSON_IsFalse(value) ? "false" : "null");
	}
}

void vg_template_write(vg_template_writer *writer, const cJSON *resource)
{
	write_children(writer, resource, (place){"", false}, true);
}

/* ---- reading -------------------------------------------------------------------- */

static bool is_hole(const cJSON *node) { return cJSON_IsString(node) && strcmp(node->valuestring, "$") == 0; }

/* Counts the holes below a node, and notes them when there is room for it. */
static size_t find_holes(cJSON *node, cJSON **holes, size_t count)
{
	for (cJSON *child = node->child; child; child = child->next) {
		if (is_hole(child)) {
			if (holes)
				holes[count] = child;
			count++;
		}
		count = find_holes(child, holes, count);
	}
	return count;
}

vigil_status vg_template_read(vg_arena *arena, vg_packed text, vg_template *ret, vigil_error *err)
{
	vg_arena scratch;
	vg_arena_init(&scratch, &arena->allocator, 0);
	vg_json_scan_result scan;
	vigil_status status = vg_json_scan(&scratch, text.bytes, text.length, NULL, &scan, err);
	vg_arena_free(&scratch);
	if (status != VIGIL_OK)
		return status;
	vg_tree_room room = {.arena = arena};
	vg_template made = {.tree = (cJSON *)vg_tree_make(&room, text.bytes, text.length, false)};
	if (!made.tree)
		return vg_fail_memory(err);
	made.hole_count = find_holes(made.tree, NULL, 0);
	made.holes = vg_alloc_array(arena, made.hole_count, sizeof *made.holes);
	if (!made.holes)
		return vg_fail_memory(err);
	find_holes(made.tree, made.holes, 0);
	*ret = made;
	return VIGIL_OK;
}
