/*
 * The tables of json_keys.h, both made of json_keys.def.
 */
#include "record/json_keys.h"

_Static_assert(VG_KEY_COUNT <= 256, "numbers of names are kept in a byte");

const vg_json_known_key vg_json_known_keys[VG_KEY_COUNT] = {
    [VG_KEY_UNKNOWN] = {"", "", 0, false, 0},
#define ROW(name, needless)                                                                                                    \
	[VG_KEY_##name] = {"\"" #name "\":", #name, sizeof #name - 1, needless, (UINT32_C(1) << (sizeof #name + 2)) - 1},
#define KEY(slot, name) ROW(name, false)
#define NEEDLESS(slot, name) ROW(name, true)
#include "record/json_keys.def"
#undef KEY
#undef NEEDLESS
};

const uint8_t vg_json_key_slots[VG_JSON_KEY_SLOTS] = {
#define KEY(slot, name) [slot] = VG_KEY_##name,
#define NEEDLESS(slot, name) [slot] = VG_KEY_##name,
#include "record/json_keys.def"
#undef KEY
#undef NEEDLESS
};
