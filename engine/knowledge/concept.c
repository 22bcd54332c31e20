/*
 * Code systems, and concepts looked up by their codes.
 *
 * A concept's hash is over its system's number and its code in one canonical
 * form; the table of slots is part of the image, so that looking up is one
 * hash and, nearly always, one comparison.
 */
#include "knowledge/knowledge_internal.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

const vg_system_definition vg_system_definitions[VG_SYSTEMS_KNOWN] = {
#define X(name, label, uri, others) {name, label, uri, others},
#include "systems.def"
#undef X
    {"name", "name", "name", ""},
    {"combination", "combination", "combination", ""},
};

/* Whether `text` is one of the words of a blank-separated list. */
static bool is_listed(const char *list, const char *text)
{
	size_t length = strlen(text);
	while (*list) {
		size_t word = strcspn(list, " ");
		if (word == length && memcmp(list, text, length) == 0)
			return true;
		list += word + (list[word] == ' ');
	}
	return false;
}

uint32_t vg_system_index(const char *text)
{
	bool is_uri = strchr(text, ':') != NULL; /* which no name or label has */
	for (uint32_t i = 0; i < VG_SYSTEMS_KNOWN; i++)
		if (strcmp(text, is_uri ? vg_system_definitions[i].uri : vg_system_definitions[i].name) == 0)
			return i;
	for (uint32_t i = 0; i < VG_SYSTEMS_KNOWN; i++) {
		const vg_system_definition *system = &vg_system_definitions[i];
		if (is_uri ? is_listed(system->others, text)
			   : vg_same_fold(text, system->name) || vg_same_fold(text, system->label))
			return i;
	}
	return VG_SYSTEMS_KNOWN;
}

const char *vg_system_known(const char *text)
{
	uint32_t index = vg_system_index(text);
	return index < VG_SYSTEMS_KNOWN ? vg_system_definitions[index].uri : NULL;
}

const char *vg_system_of_number(uint32_t number)
{
	return number < VG_SYSTEMS_KNOWN ? vg_system_definitions[number].uri : NULL;
}

const char *vg_system_uri(const char *short_name_or_uri)
{
	const char *uri = vg_system_known(short_name_or_uri);
	return uri ? uri : short_name_or_uri;
}

const char *vg_system_name(const char *uri)
{
	uint32_t index = vg_system_index(uri);
	return index < VG_SYSTEMS_KNOWN ? vg_system_definitions[index].label : uri;
}

/* Letters and digits in capitals, a dot behind the third: "e1165" is "E11.65". */
static const char *canonical_icd10cm(const char *code, char room[VG_CODE_SIZE])
{
	size_t length = 0;
	for (; *code; code++) {
		if (*code == '.' || *code == ' ')
			continue;
		if (length == 3)
			room[length++] = '.';
		if (length + 2 > VG_CODE_SIZE)
			return NULL;
		room[length++] = (char)(*code >= 'a' && *code <= 'z' ? *code - 32 : *code);
	}
	room[length] = '\0';
	return room;
}

/* Eleven digits: the parts of "0093-0058-01" are filled up with zeros to 5, 4 and 2. NULL when it is not of that form. */
static const char *canonical_ndc(const char *code, char room[VG_CODE_SIZE])
{
	static const size_t widths[] = {5, 4, 2};
	size_t at = 0;
	for (size_t i = 0; i < VG_COUNT(widths); i++) {
		size_t length = strspn(code, "0123456789");
		if (length == 0 || length > widths[i] || code[length] != (i < 2 ? '-' : '\0'))
			return NULL;
		for (size_t j = length; j < widths[i]; j++)
			room[at++] = '0';
		memcpy(room + at, code, length);
		at += length;
		code += length + 1;
	}
	room[at] = '\0';
	return room;
}

/* Systems whose codes are written in several ways. */
static bool has_canonical_form(uint32_t system)
{
	return system == VG_SYSTEM_ICD10CM || system == VG_SYSTEM_CVX || system == VG_SYSTEM_NDC;
}

const char *vg_canonical_code(uint32_t system, const char *code, char room[VG_CODE_SIZE])
{
	if (system == VG_SYSTEM_ICD10CM) {
		const char *canonical = canonical_icd10cm(code, room);
		return canonical ? canonical : code;
	}
	if (system == VG_SYSTEM_CVX && code[0] >= '0' && code[0] <= '9' && code[1] == '\0') {
		snprintf(room, VG_CODE_SIZE, "0%c", code[0]);
		return room;
	}
	if (system == VG_SYSTEM_NDC) {
		const char *canonical = canonical_ndc(code, room);
		return canonical ? canonical : code;
	}
	return code;
}

uint64_t vg_code_hash(uint32_t system, const char *code)
{
	uint64_t hash = vg_hash(code, strlen(code)) + (system + 1) * UINT64_C(0x9E3779B97F4A7C15);
	return hash ^ hash >> 32;
}

vg_concept vg_concept_exact(const vg_knowledge *knowledge, uint32_t system, const char *code)
{
	const vg_image *image = &knowledge->image;
	size_t mask = image->concept_slots.count - 1;
	for (size_t place = vg_code_hash(system, code) & mask; image->concept_slots.items[place]; place = (place + 1) & mask) {
		vg_concept concept = image->concept_slots.items[place];
		const vg_packed_concept *packed = &image->concepts.items[concept];
		if (packed->system == system && strcmp(vg_pool_at(knowledge, packed->code), code) == 0)
		return concept;
	}
	return 0;
}

uint32_t vg_system_number(const vg_knowledge *knowledge, const char *system)
{
	size_t mask = knowledge->spelling_capacity - 1, place = vg_hash(system, strlen(system)) & mask;
	for (; knowledge->spellings[place].text; place = (place + 1) & mask)
		if (strcmp(knowledge->spellings[place].text, system) == 0)
			return knowledge->spellings[place].system;
	return UINT32_MAX;
}

/* The longest prefix of an ICD-10-CM code that stands for the codes below it. */
static vg_concept find_prefix(const vg_knowledge *knowledge, const char *code)
{
	char prefix[VG_CODE_SIZE];
	size_t length = strlen(code);
	if (length >= sizeof prefix)
		return 0;
	memcpy(prefix, code, length + 1);
	while (length > 1) {
		prefix[--length] = '\0';
		if (prefix[length - 1] == '.')
			prefix[--length] = '\0';
		vg_concept concept = vg_concept_exact(knowledge, VG_SYSTEM_ICD10CM, prefix);
		if (concept && knowledge->image.concepts.items[concept].flags & VG_CONCEPT_PREFIX)
		return concept;
	}
	return 0;
}

vg_concept vg_concept_of(const vg_knowledge *knowledge, uint32_t system_number, const char *code)
{
	char room[VG_CODE_SIZE];
	if (system_number == UINT32_MAX || !*code)
		return 0;
	if (has_canonical_form(system_number))
		code = vg_canonical_code(system_number, code, room);
	vg_concept concept = vg_concept_exact(knowledge, system_number, code);
	if (!concept && system_number == VG_SYSTEM_ICD10CM)
	concept = find_prefix(knowledge, code);
	uint32_t means = knowledge->image.concepts.items[concept].means;
	return means ? means : concept;
}

vg_concept vg_concept_find(const vg_knowledge *knowledge, const char *system, const char *code)
{
	return system && code && *code ? vg_concept_of(knowledge, vg_system_number(knowledge, system), code) : 0;
}

size_t vg_concept_count(const vg_knowledge *knowledge) { return knowledge->image.concepts.count - 1; }

static const vg_packed_concept *concept_at(const vg_knowledge *knowledge, vg_concept concept)
{
	return &knowledge->image.concepts.items[concept < knowledge->image.concepts.count ? concept : 0];
}

const char *vg_concept_system(const vg_knowledge *knowledge, vg_concept concept)
{
	const vg_packed_concept *packed = concept_at(knowledge, concept);
	return packed->code ? vg_pool_at(knowledge, knowledge->image.systems.items[packed->system]) : "";
}

const char *vg_concept_code(const vg_knowledge *knowledge, vg_concept concept)
{
	return vg_pool_at(knowledge, concept_at(knowledge, concept)->code);
}

const char *vg_concept_name(const vg_knowledge *knowledge, vg_concept concept)
{
	return vg_pool_at(knowledge, concept_at(knowledge, concept)->name);
}
