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

#ifdef __SSE2__
enum { BLOCK = 16 };

static inline bool block_is_plain(const char *at)
{
	__m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
	__m128i cuts = _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('|')), _mm_cmpeq_epi8(bytes, _mm_set1_epi8('?')));
	__m128i others = _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('#')), _mm_cmpeq_epi8(bytes, _mm_set1_epi8('_')));
	return !_mm_movemask_epi8(_mm_or_si128(cuts, others));
}
#else
enum { BLOCK = 1 };

static inline bool block_is_plain(const char *at) { return *at != '|' && *at != '?' && *at != '#' && *at != '_'; }
#endif

/* Whether a path has none of the signs that cut it off, nor the one that "/_history/" begins with, as nearly always.  Short
 * ones may be told otherwise. */
static bool is_plain(vg_view view)
{
	if (view.length < BLOCK)
		return false;
	const char *last = view.text + view.length - BLOCK;
	for (const char *at = view.text; at < last; at += BLOCK)
		if (!block_is_plain(at))
			return false;
	return block_is_plain(last);
}

static bool is_urn(vg_view view) { return view.length > 4 && memcmp(view.text, "urn:", 4) == 0; }

bool vg_reference_is_plain(vg_view reference) { return is_plain(reference) && !is_urn(reference); }

/* Bytes before a version ("|", "/_history/"), a query or a fragment. */
static size_t path_length(vg_view view)
{
	static const char marks[] = {'|', '?', '#'}, history[] = "/_history/";
	size_t length = view.length;
	if (is_plain(view))
		return length;
	for (size_t i = 0; i < VG_COUNT(marks); i++) {
		const char *mark = memchr(view.text, marks[i], length);
		if (mark)
			length = (size_t)(mark - view.text);
	}
	const char *version = memmem(view.text, length, history, sizeof history - 1);
	return version ? (size_t)(version - view.text) : length;
}

/* Where the part of a path begins that ends before `end`. */
static size_t part_before(const char *path, size_t end)
{
	const char *stroke = memrchr(path, '/', end);
	return stroke ? (size_t)(stroke - path) + 1 : 0;
}

vg_view vg_reference_key_of(vg_view view)
{
	if (view.length == 0 || view.text[0] == '#')
		return (vg_view){"", 0};
	if (is_urn(view))
		return view;
	view.length = path_length(view);
	size_t id = part_before(view.text, view.length), type = id ? part_before(view.text, id - 1) : 0;
	if (id > 0 && is_type(view.text + type, id - 1 - type))
		return (vg_view){view.text + type, view.length - type};
	return view;
}

vg_view vg_reference_key(const char *reference) { return vg_reference_key_of((vg_view){reference, strlen(reference)}); }

const char *vg_reference_text(const vg_json_node *reference)
{
	const char *text = vg_text_of(reference);
	return *text ? text : vg_text_of(VG_MEMBER(reference, reference));
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
	bool names_type = memchr(key.text, '/', key.length) && !is_urn(key);
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

/* Nearly all of a record's resources name their subject with the same words. */
static bool is_own(const vg_intake *in, const char *text)
{
	const vg_own_subject *own = &in->own;
	return own->text && own->patient_id == in->patient_id && own->full_url == in->record->patient.full_url &&
	       strcmp(own->text, text) == 0;
}

static void note_own(vg_intake *in, const char *text)
{
	in->own =
	    (vg_own_subject){vg_copy_text(&in->scratch, text, strlen(text)), in->patient_id, in->record->patient.full_url};
}

bool vg_about_patient(vg_intake *in, const vg_json_node *subject, const char *reference, vg_section section)
{
	const char *text = vg_reference_text(subject);
	if (is_own(in, text))
		return true;
	vg_view view = {text, strlen(text)};
	switch (vg_about(in, view)) {
	case VG_ABOUT_PATIENT:
		note_own(in, text);
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

const vg_json_node *vg_contained(const vg_json_node *resource, const char *reference)
{
	if (reference[0] != '#')
		return NULL;
	for (vg_list list = vg_list_of(VG_MEMBER(resource, contained)); list.item; vg_list_next(&list)) {
		const char *id = vg_text_of(VG_MEMBER(list.item, id));
		if (strcmp(id, reference + 1) == 0 || strcmp(id, reference) == 0)
			return list.item;
	}
	return NULL;
}
