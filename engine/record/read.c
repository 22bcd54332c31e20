/*
 * Reading a record: a Bundle of any type, a lone resource, or a CDS Hooks
 * request; and orders, apart.
 *
 * The strict scan finds where the resources lie, and makes the nodes that their
 * readers walk over.  Order of work:
 * which of several versions counts, the Patient, Medications (others refer to
 * them), everything else, freezing.  Nothing is half done: an input is read
 * whole, or refused.
 *
 * Error texts name types, ids and lines, never what a resource says.
 */
#include "record/record_internal.h"

/* ---- naming the entries ------------------------------------------------------------- */

/* Servers name an entry by where it lies, "https://host/fhir/Type/id": then its key is the end of that. */
static bool is_named_by(vg_view url, const vg_entry *entry)
{
	vg_json_text type = entry->span->type, id = entry->span->id;
	size_t length = type.length + 1 + id.length;
	if (!vg_entry_matters(entry) || url.length <= length)
		return false;
	const char *name = url.text + url.length - length;
	return name[-1] == '/' && name[type.length] == '/' && memcmp(name, type.bytes, type.length) == 0 &&
	       memcmp(name + type.length + 1, id.bytes, id.length) == 0 && !memchr(id.bytes, '/', id.length) &&
	       vg_reference_is_plain(url);
}

/* "Type/id" where it has an id, else its fullUrl; the other one is its alias. */
void vg_entry_name(vg_intake *in, vg_entry *entry)
{
	const vg_json_entry *span = entry->span;
	vg_view full = {span->full_url.bytes ? span->full_url.bytes : "", span->full_url.length};
	bool has_id = span->id.bytes && span->id.length && span->type.bytes;
	size_t type = span->type.length, length = type + 1 + span->id.length;
	entry->key = entry->alias = "";
	if (has_id && is_named_by(full, entry)) {
		entry->key = vg_keep_bytes(in, full.text + full.length - length, length);
		return;
	}
	vg_view url = vg_reference_key_of(full);
	if (!has_id) {
		entry->key = vg_keep_bytes(in, url.text, url.length);
		return;
	}
	char *key = vg_alloc_unset(&in->record->arena, length + 1);
	if (!key)
		return;
	memcpy(key, span->type.bytes, type);
	key[type] = '/';
	memcpy(key + type + 1, span->id.bytes, span->id.length);
	key[length] = '\0';
	entry->key = key;
	if (url.length != length || memcmp(url.text, key, length) != 0)
		entry->alias = vg_keep_bytes(in, url.text, url.length);
}

bool vg_is_type_name(vg_json_text type)
{
	bool small = false;
	for (size_t i = 0; i < type.length; i++) {
		char c = type.bytes[i];
		small = small || (c >= 'a' && c <= 'z');
		if (!(c >= 'A' && c <= 'Z') && !(i && c >= 'a' && c <= 'z'))
			return false;
	}
	return small;
}

/* In what is searched or collected each entry is a resource; of changes and of answers to them some have none. */
static bool needs_resource(const vg_reading *reading, const vg_json_entry *span)
{
	static const char *const changes[] = {"history", "batch", "transaction", "batch-response", "transaction-response"};
	if (span->bundle == VG_JSON_NONE)
		return false;
	bool needed = span->kind != VG_JSON_ABSENT || !span->method.bytes;
	for (size_t i = 0; span->kind == VG_JSON_ABSENT && i < VG_COUNT(changes); i++)
		needed = needed && !vg_json_text_is(reading->scan.entries[span->bundle].bundle_type, changes[i]);
	return needed;
}

/* Of a request, and where there is nothing, it is said; what cannot be understood in a file is refused. */
static bool passes(vg_reading *reading, const vg_json_entry *span)
{
	vg_intake *in = &reading->in;
	bool list = span->bad_entries;
	if (reading->scan.shape == VG_JSON_HOOK_REQUEST || span->kind == VG_JSON_ABSENT) {
		vg_unusable(in, VG_ORDERS, "", list ? "A Bundle" : "An entry of a Bundle",
			    list ? "its entries are no list" : "it holds no FHIR resource");
		return true;
	}
	vg_refuse(in, list ? "`entry` is a list of objects." : "Each entry's resource is an object with a resourceType.",
		  list ? "The entries of a Bundle are no list." : "An entry of a Bundle holds no FHIR resource.");
	vg_error_place(in->err, "", vg_json_line(reading->text, span->offset));
	return false;
}

static vg_matter matter_of(const vg_entry *entry)
{
	vg_json_text type = entry->span->type;
	return entry->row                                  ? VG_MATTER_FACT
	       : vg_json_text_is(type, "Patient")          ? VG_MATTER_PATIENT
	       : vg_json_text_is(type, "Medication")       ? VG_MATTER_PRODUCT
	       : vg_json_text_is(type, "OperationOutcome") ? VG_MATTER_OUTCOME
							   : VG_MATTER_NOTHING;
}

/* Resources of one type stand together, mostly. */
static const vg_type_row *row_of(vg_json_text type, const vg_type_row *last)
{
	bool same = last && last->length == type.length && memcmp(last->type, type.bytes, type.length) == 0;
	return same ? last : vg_type_find(type.bytes, type.length);
}

static bool prepare_entries(vg_reading *reading)
{
	vg_intake *in = &reading->in;
	size_t count = reading->scan.entry_count;
	reading->entries = vg_alloc_unset(&in->scratch, count * sizeof *reading->entries);
	reading->pages = vg_alloc_array(&in->scratch, count, sizeof *reading->pages);
	vg_map_init(&reading->entry_of, &in->scratch);
	vg_map_init(&reading->glances, &in->scratch);
	if (!reading->entries || !reading->pages) {
		reading->entries = NULL;
		return false;
	}
	size_t expected = 0; /* facts, components not counted */
	for (size_t i = 0; i < count; i++) {
		vg_entry *entry = &reading->entries[i];
		const vg_json_entry *span = &reading->scan.entries[i];
		*entry = (vg_entry){.span = span,
				    .key = "",
				    .alias = "",
				    .node = &reading->scan.nodes[span->node],
				    .matter = VG_MATTER_NOTHING,
				    .role = VG_ROLE_NONE};
		reading->pages[i].oldest = VG_NO_DAY;
		bool object = span->kind == VG_JSON_OBJECT;
		entry->row = object ? row_of(span->type, i ? entry[-1].row : NULL) : NULL;
		bool resource = entry->row || (object && vg_is_type_name(span->type));
		bool unreadable = span->bad_entries || (!resource && needs_resource(reading, span));
		if (unreadable && !passes(reading, span))
			return false;
		if (!resource || vg_json_text_is(span->type, "Bundle"))
			continue;
		expected += entry->row != NULL;
		entry->role = VG_ROLE_CHART;
		entry->matter = (uint8_t)matter_of(entry);
		if (vg_entry_matters(entry))
			vg_entry_name(in, entry);
	}
	in->sketches = vg_alloc_unset(&in->scratch, (expected + 8) * sizeof *in->sketches);
	in->sketch_capacity = in->sketches ? expected + 8 : 0;
	return vg_intake_status(in) == VIGIL_OK;
}

/* ---- the patient ---------------------------------------------------------------------- */

static const char *known_patient(const vg_intake *in) { return in->record->patient.reference; }

static void read_patient_entry(vg_reading *reading, vg_entry *entry)
{
	vg_intake *in = &reading->in;
	vg_source source = {
	    .type = "Patient", .status_type = "Patient", .reference = entry->key, .key = entry->key, .alias = ""};
	vg_read_patient(in, &source, entry->node);
	if (vg_starts_with(entry->key, "Patient/"))
		in->patient_id = entry->key + strlen("Patient/");
	else
		in->record->patient.full_url = entry->key;
	if (*entry->alias)
		in->record->patient.full_url = entry->alias;
	if (!*in->record->patient.reference)
		in->record->patient.reference = "Patient";
}

/* Finds the one Patient.  `expected`: the patient is known already, by a request or a record. */
static void find_patient(vg_reading *reading, bool expected)
{
	vg_intake *in = &reading->in;
	vg_entry *found = NULL;
	for (size_t i = 0; i < reading->scan.entry_count; i++) {
		vg_entry *entry = &reading->entries[i];
		if (entry->role == VG_ROLE_NONE || entry->matter != VG_MATTER_PATIENT)
			continue;
		if (found)
			return vg_refuse(in, "Send one patient at a time.", "The record holds several patients.");
		found = entry;
		vg_view key = {entry->key, strlen(entry->key)};
		if (expected && *entry->key && vg_about(in, key) != VG_ABOUT_PATIENT)
			return vg_refuse(in, "Send the resources of one patient only.",
					 "Not every Patient resource is the patient that the request names.");
	}
	if (found) {
		const char *reference = known_patient(in);
		read_patient_entry(reading, found);
		if (expected)
			in->record->patient.reference = reference;
	} else if (!expected) {
		vg_refuse(in, "Put the Patient resource into the Bundle.",
			  "There is no Patient in it, so nobody whom it could be about.");
	}
}

/* ---- resources --------------------------------------------------------------------------- */

static void read_entry(vg_reading *reading, vg_entry *entry, const char *type, const char *status_type,
		       vg_resource_reader *read)
{
	vg_source source = {.type = type,
			    .status_type = status_type,
			    .reference = entry->key,
			    .key = entry->key,
			    .alias = entry->alias,
			    .is_order = entry->role == VG_ROLE_ORDER,
			    .other_draft = entry->role == VG_ROLE_OTHER_DRAFT};
	read(&reading->in, &source, entry->node);
}

/* Of a page that others follow: up to which day it reaches back. */
static void note_page(vg_reading *reading, const vg_entry *entry, size_t first_sketch)
{
	vg_intake *in = &reading->in;
	uint32_t bundle = entry->span->bundle;
	if (bundle == VG_JSON_NONE || !reading->scan.entries[bundle].has_next || in->sketch_count <= first_sketch)
		return;
	vg_page *page = &reading->pages[bundle];
	vg_when when = in->sketches[first_sketch].fact.when;
	if (!vg_when_known(when) || (page->oldest != VG_NO_DAY && when.last > page->oldest))
		page->unsorted = true;
	else
		page->oldest = when.last;
}

/* An OperationOutcome among the entries tells that the query failed, or only warns. */
static void read_outcome(vg_reading *reading, vg_entry *entry)
{
	for (vg_list list = vg_list_of(VG_MEMBER(entry->node, issue)); list.item; vg_list_next(&list)) {
		const char *severity = vg_text_of(VG_MEMBER(list.item, severity));
		if (entry->span->bundle != VG_JSON_NONE && (strcmp(severity, "error") == 0 || strcmp(severity, "fatal") == 0))
			reading->pages[entry->span->bundle].failed = true;
	}
}

/* subject.reference or patient.reference; "" */
static const char *subject_of(const vg_json_node *resource)
{
	const vg_json_node *subject = VG_MEMBER(VG_MEMBER(resource, subject), reference);
	return vg_text_of(subject ? subject : VG_MEMBER(VG_MEMBER(resource, patient), reference));
}

static void read_rest(vg_reading *reading, bool orders_only)
{
	vg_intake *in = &reading->in;
	for (size_t i = 0; i < reading->scan.entry_count && vg_intake_status(in) == VIGIL_OK; i++) {
		vg_entry *entry = &reading->entries[i];
		if (entry->role == VG_ROLE_NONE || entry->matter == VG_MATTER_PATIENT || entry->matter == VG_MATTER_PRODUCT)
			continue;
		if (entry->matter == VG_MATTER_OUTCOME) {
			read_outcome(reading, entry);
		} else if (!entry->row || vg_entry_is_unseen(reading, entry)) {
			/* No fact comes from it, but it must not be another patient's. */
			if (vg_about(in, vg_view_of(subject_of(entry->node))) == VG_ABOUT_ANOTHER) {
				vg_entry_name(in, entry);
				vg_refuse_other_patient(in, entry->key);
			}
		} else if (orders_only && !entry->row->can_be_ordered) {
			vg_unusable(in, vg_section_of(entry->row->kind), entry->key, entry->row->type, "it is not an order");
		} else {
			size_t before = in->sketch_count;
			read_entry(reading, entry, entry->row->type, entry->row->status_type, entry->row->read);
			note_page(reading, entry, before);
		}
	}
}

static void read_products(vg_reading *reading)
{
	for (size_t i = 0; i < reading->scan.entry_count && vg_intake_status(&reading->in) == VIGIL_OK; i++)
		if (reading->entries[i].role != VG_ROLE_NONE && reading->entries[i].matter == VG_MATTER_PRODUCT)
			read_entry(reading, &reading->entries[i], "Medication", "Medication", vg_read_product);
}

/* ---- sections of a bundle file ---------------------------------------------------------------- */

static void mark(vg_record *record, uint32_t sections, const char *why)
{
	for (int section = 0; section < VG_SECTION_COUNT; section++)
		if (sections & (1U << section))
			record->sections[section] = (vg_completeness){VG_NOT_SUPPLIED, VG_NO_DAY, why};
}

/* A file is complete, unless it says itself that it is a page of several or that
 * a query failed.  That concerns everything, or of a Bundle inside what it holds. */
static void judge_bundles(vg_reading *reading)
{
	uint32_t *sections = vg_alloc_array(&reading->in.scratch, reading->scan.entry_count, sizeof *sections);
	for (uint32_t i = 0; sections && i < reading->scan.entry_count; i++) {
		const vg_entry *entry = &reading->entries[i];
		if (entry->row && entry->span->bundle != VG_JSON_NONE)
			sections[entry->span->bundle] |= 1U << vg_section_of(entry->row->kind);
	}
	for (uint32_t i = 0; sections && i < reading->scan.entry_count; i++) {
		const vg_page *page = &reading->pages[i];
		if (reading->scan.entries[i].has_next || page->failed)
			mark(reading->in.record, i && sections[i] ? sections[i] : UINT32_MAX,
			     page->failed ? "the query failed (OperationOutcome)" : "first page only");
	}
}

/* ---- the whole ------------------------------------------------------------------------------------ */

static void refuse_other(vg_reading *reading)
{
	bool object = reading->scan.entries[0].kind == VG_JSON_OBJECT;
	vg_refuse(&reading->in, "Send a FHIR R4 Bundle of one patient's resources, or a CDS Hooks request.",
		  "It is JSON, but neither a FHIR resource nor a CDS Hooks request: %s.",
		  object ? "the object has no resourceType" : "it is no object");
}

static void read_chart(vg_reading *reading)
{
	vg_intake *in = &reading->in;
	bool request = reading->scan.shape == VG_JSON_HOOK_REQUEST;
	if (reading->scan.shape == VG_JSON_OTHER)
		return refuse_other(reading);
	if (vg_json_text_is(reading->scan.entries[0].type, "OperationOutcome"))
		return vg_refuse(in, "Mend the query, and send what it answers then.",
				 "It is an OperationOutcome: the query failed.");
	if (!prepare_entries(reading))
		return;
	if (request)
		vg_hooks_begin(reading);
	if (vg_intake_status(in) == VIGIL_OK)
		vg_settle_versions(reading);
	if (vg_intake_status(in) == VIGIL_OK)
		find_patient(reading, request);
	read_products(reading);
	read_rest(reading, false);
	if (vg_intake_status(in) != VIGIL_OK)
		return;
	if (request)
		vg_hooks_end(reading);
	else
		judge_bundles(reading);
}

static vigil_status begin(vg_reading *reading, const char *json, size_t length, const vg_knowledge *knowledge,
			  const vg_limits *limits, const vg_allocator *allocator, vigil_error *err)
{
	*reading = (vg_reading){.text = json};
	vigil_status status = vg_intake_open(&reading->in, knowledge, limits, allocator, err);
	if (status != VIGIL_OK)
		return status;
	vg_intake *in = &reading->in;
	in->status = vg_json_scan(&in->scratch, &in->record->arena, json, length, in->limits, &reading->scan, err);
	if (in->status == VIGIL_OK)
		in->own_texts = (vg_own_texts){reading->scan.copy, length};
	return VIGIL_OK;
}

static void end(vg_reading *reading) { vg_intake_close(&reading->in); }

static vigil_status read_record(const char *json, size_t length, const vg_knowledge *knowledge, vg_watch watch, bool only_seen,
				const vg_limits *limits, const vg_allocator *allocator, vg_record **ret, vigil_error *err)
{
	vg_reading reading;
	vigil_status status = begin(&reading, json, length, knowledge, limits, allocator, err);
	if (status != VIGIL_OK)
		return status;
	reading.only_seen = only_seen ? &watch : NULL;
	status = vg_intake_status(&reading.in);
	if (status == VIGIL_OK) {
		read_chart(&reading);
		status = vg_intake_status(&reading.in);
	}
	if (status == VIGIL_OK)
		status = vg_freeze(&reading.in, watch, ret);
	end(&reading);
	return status;
}

vigil_status vg_record_read(const char *json, size_t length, const vg_knowledge *knowledge, vg_watch watch,
			    const vg_limits *limits, const vg_allocator *allocator, vg_record **ret, vigil_error *err)
{
	return read_record(json, length, knowledge, watch, false, limits, allocator, ret, err);
}

vigil_status vg_record_read_seen(const char *json, size_t length, const vg_knowledge *knowledge, vg_watch watch,
				 const vg_limits *limits, const vg_allocator *allocator, vg_record **ret, vigil_error *err)
{
	return read_record(json, length, knowledge, watch, watch.slot_of_set != NULL, limits, allocator, ret, err);
}

/* ---- orders ------------------------------------------------------------------------------------------ */

/* The record's patient and Medications are those of the orders too. */
static void take_over(vg_intake *in, const vg_record *record)
{
	const char *reference = vg_keep(in, record->patient.reference);
	in->record->patient = record->patient;
	in->record->patient.reference = reference;
	in->record->patient.full_url = vg_keep(in, record->patient.full_url);
	in->record->patient.sex = vg_keep(in, record->patient.sex);
	if (vg_starts_with(reference, "Patient/"))
		in->patient_id = reference + strlen("Patient/");
	for (size_t i = 0; i < record->product_count; i++) {
		vg_product *products =
		    vg_grow(&in->scratch, in->products, in->product_count, &in->product_capacity, sizeof *products);
		if (!products)
			return;
		in->products = products;
		vg_product *product = &products[in->product_count++];
		*product = record->products[i];
		vg_codes codes = {.text = vg_keep(in, product->text)};
		for (uint16_t k = 0; k < product->code_count; k++)
			vg_codes_add(in, &codes, product->codes[k].system, product->codes[k].code, product->codes[k].display);
		*product = (vg_product){.reference = vg_keep(in, product->reference),
					.codes = codes.items,
					.code_count = codes.count,
					.text = codes.text,
					.is_compound = product->is_compound,
					.has_unknown_ingredient = product->has_unknown_ingredient};
		vg_intake_name_product(in, product->reference, (uint32_t)in->product_count);
	}
}

static void read_orders(vg_reading *reading)
{
	vg_intake *in = &reading->in;
	if (reading->scan.shape == VG_JSON_OTHER)
		return refuse_other(reading);
	if (reading->scan.shape == VG_JSON_HOOK_REQUEST)
		return vg_refuse(in, "Give the request as the record, and orders as resources or as a Bundle of them.",
				 "A CDS Hooks request stands where orders are expected.");
	if (!prepare_entries(reading))
		return;
	bool any = false;
	for (size_t i = 0; i < reading->scan.entry_count; i++) {
		vg_entry *entry = &reading->entries[i];
		if (entry->row && entry->row->can_be_ordered) {
			entry->role = VG_ROLE_ORDER;
			any = true;
		}
	}
	if (!any)
		return vg_refuse(in, "Send a MedicationRequest, a ServiceRequest, or a Bundle of them.",
				 "There is no order in it.");
	vg_settle_versions(reading);
	if (vg_intake_status(in) == VIGIL_OK)
		find_patient(reading, true);
	read_products(reading);
	read_rest(reading, true);
}

vigil_status vg_orders_read(const char *json, size_t length, const vg_record *record, vg_watch watch, const vg_limits *limits,
			    const vg_allocator *allocator, vg_record **ret, vigil_error *err)
{
	vg_reading reading;
	vigil_status status = begin(&reading, json, length, record->knowledge, limits, allocator, err);
	if (status != VIGIL_OK)
		return status;
	status = vg_intake_status(&reading.in);
	if (status == VIGIL_OK) {
		take_over(&reading.in, record);
		read_orders(&reading);
		status = vg_intake_status(&reading.in);
	}
	if (status == VIGIL_OK)
		status = vg_freeze(&reading.in, watch, ret);
	end(&reading);
	return status;
}
