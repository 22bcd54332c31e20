/*
 * Drugs: what they are made of, how strong, and by which route they are given.
 */
#include "knowledge/knowledge_internal.h"

#include <string.h>

static const vg_packed_concept *drug_at(const vg_knowledge *knowledge, vg_concept concept)
{
	return &knowledge->image.concepts.items[concept < knowledge->image.concepts.count ? concept : 0];
}

vg_ids vg_drug_ingredients(const vg_knowledge *knowledge, vg_concept concept)
{
	const vg_image *image = &knowledge->image;
	if (concept == 0 || concept + (size_t)1 >= image->drug_first.count)
		return (vg_ids){NULL, 0};
	uint32_t first = image->drug_first.items[concept];
	return (vg_ids){image->drug_ingredients.items + first, image->drug_first.items[concept + 1] - first};
}

const vg_strength *vg_drug_strengths(const vg_knowledge *knowledge, vg_concept concept)
{
	const vg_image *image = &knowledge->image;
	uint32_t list = concept < image->strength_lists.count ? image->strength_lists.items[concept] : 0;
	return list ? &knowledge->strengths[list - 1] : NULL;
}

vg_route vg_drug_route(const vg_knowledge *knowledge, vg_concept concept)
{
	return (vg_route)(drug_at(knowledge, concept)->flags >> VG_CONCEPT_ROUTE_SHIFT & 15);
}

bool vg_drug_is_pack(const vg_knowledge *knowledge, vg_concept concept)
{
	return (drug_at(knowledge, concept)->flags & VG_CONCEPT_PACK) != 0;
}

vg_set vg_ingredient_set(const vg_knowledge *knowledge, vg_concept ingredient)
{
	return ingredient < knowledge->image.ingredient_sets.count ? knowledge->image.ingredient_sets.items[ingredient] : 0;
}

/* ---- routes ---------------------------------------------------------------------- */

static const struct {
	vg_route route;
	const char *name;
} routes[] = {
#define ROUTE(route, name) {route, name},
#include "routes.def"
#undef ROUTE
};
static const struct {
	const char *words;
	vg_route route;
} forms[] = {
#define FORM(words, route) {" " words " ", route},
#include "routes.def"
#undef FORM
};
static const struct {
	const char *code;
	vg_route route;
} codes[] = {
#define ROUTE_CODE(code, route) {code, route},
#include "routes.def"
#undef ROUTE_CODE
};

bool vg_route_systemic(vg_route route)
{
	return route == VG_ROUTE_ORAL || route == VG_ROUTE_INJECTED || route == VG_ROUTE_TRANSDERMAL ||
	       route == VG_ROUTE_RECTAL || route == VG_ROUTE_UNKNOWN;
}

const char *vg_route_name(vg_route route) { return (size_t)route < VG_COUNT(routes) ? routes[route].name : "unknown"; }

vg_route vg_route_of_name(const char *name)
{
	for (size_t i = 0; i < VG_COUNT(routes); i++)
		if (vg_same_fold(routes[i].name, name))
			return routes[i].route;
	return VG_ROUTE_UNKNOWN;
}

enum { FORM_LIMIT = 1024 }; /* of a longer text the end counts, where the dose form stands */

/* The words of a text in lower case with one blank around each; what stands in square brackets is a brand and left out. */
static void spread_words(const char *text, size_t length, char words[FORM_LIMIT + 2])
{
	size_t used = 0;
	bool in_brand = false;
	if (length > FORM_LIMIT) {
		text += length - FORM_LIMIT;
		length = FORM_LIMIT;
	}
	words[used++] = ' ';
	for (size_t i = 0; i < length; i++) {
		char byte = text[i];
		in_brand = byte == '[' || (in_brand && byte != ']');
		if (byte >= 'A' && byte <= 'Z')
			byte = (char)(byte + 32);
		bool part =
		    !in_brand && ((byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '-' || (byte & 0x80));
		if (part)
			words[used++] = byte;
		else if (words[used - 1] != ' ')
			words[used++] = ' ';
	}
	if (words[used - 1] != ' ')
		words[used++] = ' ';
	words[used] = '\0';
}

static vg_route route_of_words(const char *text, size_t length)
{
	char words[FORM_LIMIT + 3];
	spread_words(text, length, words);
	for (size_t i = 0; i < VG_COUNT(forms); i++)
		if (strstr(words, forms[i].words))
			return forms[i].route;
	return VG_ROUTE_UNKNOWN;
}

/* A pack's parts stand in round brackets. Parts of different routes: unknown when
 * one of them is systemic (which counts as systemic), else other. */
static vg_route route_of_pack(const char *text)
{
	vg_route route = VG_ROUTE_UNKNOWN;
	bool first = true, mixed = false, systemic = false;
	for (const char *open = strchr(text, '('); open; open = strchr(open + 1, '(')) {
		const char *close = strchr(open, ')');
		vg_route part = route_of_words(open, close ? (size_t)(close - open) : strlen(open));
		systemic = systemic || vg_route_systemic(part);
		mixed = mixed || (!first && part != route);
		route = part;
		first = false;
	}
	if (first)
		return route_of_words(text, strlen(text));
	if (mixed)
		return systemic ? VG_ROUTE_UNKNOWN : VG_ROUTE_OTHER;
	return route;
}

vg_route vg_route_of_form(const char *text)
{
	return text[0] == '{' ? route_of_pack(text) : route_of_words(text, strlen(text));
}

vg_route vg_route_of_code(const char *system, const char *code, const char *text)
{
	(void)system; /* codes of different route systems never coincide; see routes.def */
	for (size_t i = 0; code && i < VG_COUNT(codes); i++)
		if (strcmp(codes[i].code, code) == 0)
			return codes[i].route;
	return text ? vg_route_of_form(text) : VG_ROUTE_UNKNOWN;
}
