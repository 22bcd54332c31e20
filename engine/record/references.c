/*
 * References between resources: relative ("Patient/1"), absolute
 * ("https://host/fhir/Patient/1/_history/2"), within the bundle ("urn:uuid:…",
 * matched with fullUrl) and contained ("#med").
 *
 * Two spellings mean the same resource when their keys are equal: the last
 * "Type/id" of a path, or the whole urn.  The host of an absolute reference is
 * not compared, because servers behind proxies write several.
 */
#include "record/record_internal.h"

static bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }

static bool is_type(const char *text, size_t length)
{
	if (length == 0 || !is_upper(text[0]))
		return false;
	for (size_t i = 1; i < length; i++)
		if (!is_upper(text[i]) && !(text[i] >= 'a' && text[i] <= 'z'))
			return false;
	return true;
}

/* Bytes before a version ("|", "/_history/"), a query or a fragment. */
static size_t path_length(vg_view view)
{
	static const char history[] = "/_history/";
	static const uint64_t marks = UINT64_C(1) << '#' | UINT64_C(1) << '/' | UINT64_C(1) << '?';
	size_t length = sizeof history - 1;
	for (size_t i = 0; i < view.length; i++) {
		unsigned char c = (unsigned char)view.text[i];
		if (c != '|' && (c >= 64 || !(marks >> c & 1)))
			continue;
		if (c != '/')
			return i;
		if (view.length - i >= length && view.text[i + 1] == '_' && memcmp(view.text + i, history, length) == 0)
			return i;
	}
	return view.length;
}

vg_view vg_reference_key_of(vg_view view)
{
	if (view.length == 0 || view.text[0] == '#')
		return (vg_view){"", 0};
	if (view.length > 4 && memcmp(view.text, "urn:", 4) == 0)
		return view;
	view.length = path_length(view);
	size_t id = view.length;
	while (id > 0 && view.text[id - 1] != '/')
		id--;
	size_t type = id ? id - 1 : 0;
	while (type > 0 && view.text[type - 1] != '/')
		type--;
	if (id > 0 && is_type(view.text + type, id - 1 - type))
		return (vg_view){view.text + type, view.length - type};
	return view;
}

vg_view vg_reference_key(const char *reference) { return vg_reference_key_of((vg_view){reference, strlen(reference)}); }

const char *vg_reference_text(const cJSON *reference)
{
	const char *text = vg_text_of(reference);
	return *text ? text : vg_text_of(vg_member_of(reference, "reference"));
}

bool vg_view_is(vg_view view, const char *text)
{
	return strlen(text) == view.length && memcmp(view.text, text, view.length) == 0;
}

static bool is_patient(const vg_intake *in, vg_view key)
{
	const char *full_url = in->record->patient.full_url;
	if (*full_url && vg_view_is(key, full_url))
		return true;
	static const char *const before[] = {"Patient/", "urn:uuid:", "urn:oid:", ""};
	for (size_t i = 0; i < VG_COUNT(before); i++) {
		size_t skip = strlen(before[i]);
		if (key.length > skip && memcmp(key.text, before[i], skip) == 0)
			return vg_view_is((vg_view){key.text + skip, key.length - skip}, in->patient_id);
	}
	return false;
}

/* A Patient without id and fullUrl is the one that the first resource speaks of. */
static void adopt(vg_intake *in, vg_view key)
{
	bool named = key.length > 8 && memcmp(key.text, "Patient/", 8) == 0;
	in->patient_id = vg_keep_bytes(in, key.text + (named ? 8 : 0), key.length - (named ? 8 : 0));
	if (!named)
		in->record->patient.full_url = in->patient_id;
}

vg_aboutness vg_about(vg_intake *in, vg_view reference)
{
	vg_view key = vg_reference_key_of(reference);
	if (key.length == 0)
		return VG_ABOUT_PATIENT;
	bool urn = key.length > 4 && memcmp(key.text, "urn:", 4) == 0;
	bool names_type = memchr(key.text, '/', key.length) && !urn;
	if (names_type && !(key.length > 8 && memcmp(key.text, "Patient/", 8) == 0))
		return VG_ABOUT_SOMETHING_ELSE;
	if (!*in->patient_id && !*in->record->patient.full_url)
		adopt(in, key);
	return is_patient(in, key) ? VG_ABOUT_PATIENT : VG_ABOUT_ANOTHER;
}

/* Patients' ids are patients' data: an error names the resource, never whose it is. */
void vg_refuse_other_patient(vg_intake *in, const char *reference)
{
	vg_refuse(in, "Send the resources of one patient only.", "%s belongs to another patient than the record.",
		  *reference ? reference : "A resource without an id");
}

bool vg_about_patient(vg_intake *in, const cJSON *subject, const char *reference, vg_section section)
{
	const char *text = vg_reference_text(subject);
	vg_view view = {text, strlen(text)};
	switch (vg_about(in, view)) {
	case VG_ABOUT_PATIENT:
		return true;
	case VG_ABOUT_SOMETHING_ELSE:
		view = vg_reference_key_of(view);
		vg_unusable(in, section, reference, vg_keep_bytes(in, view.text, view.length), "it is not about the patient");
		return false;
	default:
		vg_refuse_other_patient(in, reference);
		return false;
	}
}

const cJSON *vg_contained(const cJSON *resource, const char *reference)
{
	if (reference[0] != '#')
		return NULL;
	for (vg_list list = vg_list_of(vg_member_of(resource, "contained")); list.item; vg_list_next(&list)) {
		const char *id = vg_text_of(vg_member_of(list.item, "id"));
		if (strcmp(id, reference + 1) == 0 || strcmp(id, reference) == 0)
			return list.item;
	}
	return NULL;
}

const vg_product *vg_product_find(vg_intake *in, const char *reference)
{
	vg_view key = vg_reference_key(reference);
	uint32_t place = vg_intake_find(in, &in->product_of, in->scope, key.text, key.length);
	return place ? &in->products[place - 1] : NULL;
}
