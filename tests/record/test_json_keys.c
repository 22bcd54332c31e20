/*
 * Known member names: the table, the look-up, and what the scan makes of them
 * (the same key twice, however it is written and whatever was expected).
 */
#include "record/json_keys.h"
#include "record/json_scan.h"
#include "support/support.h"

#include <stdio.h>

static vg_json_key_id key_of(const char *text)
{
	char copy[64] = "";
	size_t length = strlen(text);
	memcpy(copy, text, length);
	vg_json_key_id near = vg_json_key_of(copy, length, vg_json_ends_of(copy, length, sizeof copy));
	char exact[64]; /* no more readable than the name itself */
	memcpy(exact, text, length);
	vg_json_key_id far = vg_json_key_of(exact, length, vg_json_ends_of(exact, length, length));
	CHECK(near == far, "%s is %d with bytes behind it, %d without", text, near, far);
	return near;
}

static void every_name_has_its_slot(void)
{
	for (unsigned id = VG_KEY_UNKNOWN + 1; id < VG_KEY_COUNT; id++) {
		const vg_json_known_key *known = &vg_json_known_keys[id];
		size_t slot = vg_json_slot_of(vg_json_ends_of(known->text, known->length, sizeof known->text));
		CHECK(vg_json_key_slots[slot] == id, "json_keys.def should say %s(0x%03zx, %s)",
		      known->needless ? "NEEDLESS" : "KEY", slot, known->text);
		CHECK(key_of(known->text) == id, "%s is not found", known->text);
		CHECK(strlen(known->text) == known->length && known->length + 2u <= VG_JSON_KEY_ROOM, "%s has another length",
		      known->text);
	}
	CHECK(key_of("code") == VG_KEY_code && key_of("medicationCodeableConcept") == VG_KEY_medicationCodeableConcept,
	      "a name has the number of another");
}

static void no_other_name_is_known(void)
{
	CHECK(key_of("") == VG_KEY_UNKNOWN, "the empty name is known");
	for (unsigned id = VG_KEY_UNKNOWN + 1; id < VG_KEY_COUNT; id++) {
		const vg_json_known_key *known = &vg_json_known_keys[id];
		char text[64];
		for (size_t at = 0; at <= known->length; at++) { /* one byte changed; one more behind it */
			snprintf(text, sizeof text, "%s", known->text);
			text[at] ^= 1;
			vg_json_key_id other = key_of(text);
			CHECK(other == VG_KEY_UNKNOWN || strcmp(vg_json_known_keys[other].text, text) == 0, "%s passes for %s",
			      text, vg_json_known_keys[other].text);
		}
		snprintf(text, sizeof text, "%.*s", known->length - 1, known->text);
		vg_json_key_id shorter = key_of(text);
		CHECK(shorter == VG_KEY_UNKNOWN || strcmp(vg_json_known_keys[shorter].text, text) == 0, "%s passes for %s",
		      text, known->text);
	}
}

static unsigned guess(const vg_json_habits *habits, unsigned context, const char *text)
{
	unsigned id = vg_json_habit(habits, context);
	return id != VG_KEY_UNKNOWN && vg_json_stands_at(&vg_json_known_keys[id], text) ? id : VG_KEY_UNKNOWN;
}

static void guesses_only_what_stands_there(void)
{
	for (unsigned id = VG_KEY_UNKNOWN + 1; id < VG_KEY_COUNT; id++) {
		vg_json_habits habits = {0};
		unsigned context = vg_json_context(VG_KEY_coding, VG_KEY_code),
			 other = vg_json_context(VG_KEY_code, VG_KEY_coding);
		char text[96];
		int length =
		    snprintf(text, sizeof text, "\"%s\":\"some text of more than thirty bytes\"", vg_json_known_keys[id].text);
		CHECK(length < (int)sizeof text && guess(&habits, context, text) == VG_KEY_UNKNOWN, "%s is guessed", text);
		vg_json_learn(&habits, context, (vg_json_key_id)id);
		CHECK(guess(&habits, context, text) == id, "%s is not guessed", text);
		CHECK(guess(&habits, other, text) == VG_KEY_UNKNOWN, "%s is guessed in another place", text);
		for (size_t at = 0; at < vg_json_known_keys[id].length + 3u; at++) {
			text[at] ^= 1;
			CHECK(guess(&habits, context, text) == VG_KEY_UNKNOWN, "%s is guessed", text);
			text[at] ^= 1;
		}
	}
}

/* ---- in the scan --------------------------------------------------------- */

static bool is_twice(const char *text)
{
	vg_arena arena;
	vg_json_scan_result result;
	vigil_error error = VIGIL_ERROR_INIT;
	vg_arena_init(&arena, NULL, 0);
	vigil_status status = vg_json_scan(&arena, &arena, text, strlen(text), NULL, &result, &error);
	vg_arena_free(&arena);
	CHECK(status == VIGIL_OK || strstr(error.text, "an object has this key twice") != NULL, "%s: %s", text, error.text);
	return status != VIGIL_OK;
}

static void finds_known_keys_twice(void)
{
	static const struct {
		const char *text;
		bool twice;
	} cases[] = {
	    {"{\"code\":1,\"code\":2}", true},
	    {"{\"code\":1,\"c\\u006fde\":2}", true},
	    {"{\"\\u0063ode\":1,\"code\":2}", true},
	    {"{\"code\":{\"code\":[{\"code\":1},{\"code\":2}]},\"codes\":1,\"cod\":2,\"Code\":3}", false},
	    {"{\"code\":{\"code\":[{\"code\":1},{\"code\":2}]},\"x\":1,\"code\":2}", true},
	    {"{\"x\":{\"code\":1},\"y\":{\"code\":1}}", false},
	    /* Where `system` is followed by `code`, and again; the last time twice. */
	    {"[{\"system\":1,\"code\":2},{\"system\":1,\"code\":2},{\"system\":1,\"code\":2,\"system\":3}]", true},
	    {"[{\"system\":1,\"code\":2},{\"system\":1,\"code\":2},{\"system\":1,\"code\":2,\"display\":3}]", false},
	    {"[{\"code\":1,\"x\":{\"code\":1}},{\"code\":1,\"x\":{\"code\":1},\"code\":1,\"y\":\"far from the end of it "
	     "all\"}]",
	     true},
	    {"[{\"a\":{\"id\":1}},{\"a\":{\"id\":1,\"id\":2}},\"so that the end is far from here, as in records\"]", true},
	};
	for (size_t i = 0; i < VG_COUNT(cases); i++)
		CHECK(is_twice(cases[i].text) == cases[i].twice, "%s is %s", cases[i].text,
		      cases[i].twice ? "accepted" : "refused");
}

/* All of the known names in one object, among as many that are not known; then each once more. */
static void finds_each_known_key_twice(void)
{
	for (unsigned repeated = VG_KEY_UNKNOWN; repeated < VG_KEY_COUNT; repeated++) {
		vg_arena arena;
		vg_buffer text;
		vg_arena_init(&arena, NULL, 0);
		vg_buffer_init(&text, &arena);
		for (int object = 0; object < 2; object++) { /* the second is as expected */
			vg_add(&text, object ? ",{\"first\":0" : "[{\"first\":0");
			for (unsigned id = VG_KEY_UNKNOWN + 1; id < VG_KEY_COUNT; id++)
				vg_addf(&text, ",\"%s\":%u,\"%s_\":{}", vg_json_known_keys[id].text, id,
					vg_json_known_keys[id].text);
			if (object && repeated)
				vg_addf(&text, ",\"%s\":\"again, and far from the end\"", vg_json_known_keys[repeated].text);
			vg_add(&text, "}");
		}
		vg_add(&text, "]");
		CHECK(is_twice(vg_buffer_text(&text)) == (repeated != VG_KEY_UNKNOWN), "%s twice",
		      vg_json_known_keys[repeated].text);
		vg_arena_free(&arena);
	}
}

const test_case test_cases_json_keys[] = {
    {"every name has its slot", every_name_has_its_slot},
    {"no other name is known", no_other_name_is_known},
    {"only what stands there is guessed", guesses_only_what_stands_there},
    {"a known key twice is found", finds_known_keys_twice},
    {"each known key twice is found", finds_each_known_key_twice},
    {NULL, NULL},
};
