/* Units: what can be read, what converts, and what must not. */
#include "knowledge_tests.h"

#include <math.h>
#include <string.h>

static vg_arena arena;

static bool parse(const char *text, vg_unit *ret)
{
	vg_arena_reset(&arena);
	if (!arena.allocator.resize)
		vg_arena_init(&arena, NULL, 0);
	return vg_unit_parse(&arena, text, ret);
}

/* value in `from` as `to`; NAN when it does not convert. */
static double convert_test(const char *test, double value, const char *from_text, const char *to_text)
{
	const vg_knowledge *k = base_knowledge();
	vg_unit from, to;
	double result;
	vg_set set = test ? set_of(k, test) : 0;
	vg_arena_reset(&arena);
	if (!arena.allocator.resize)
		vg_arena_init(&arena, NULL, 0);
	bool read = vg_unit_parse(&arena, from_text, &from) && vg_unit_parse(&arena, to_text, &to);
	CHECK(read, "\"%s\" or \"%s\" cannot be read", from_text, to_text);
	return read && vg_unit_convert(k, set, value, &from, &to, &result) ? result : NAN;
}

static double convert(double value, const char *from, const char *to) { return convert_test(NULL, value, from, to); }

#define SAME(got, expected)                                                                                                    \
	do {                                                                                                                   \
		double got_ = (got), expected_ = (expected);                                                                   \
		CHECK(got_ >= expected_ && got_ <= expected_, "%s is %.17g, not %.17g", #got, got_, expected_);                \
	} while (0)
#define NONE(got) CHECK(isnan(got), "%s converts to %.17g", #got, (got))

static void spellings_mean_the_same(void)
{
	static const char *const same[][8] = {
	    {"ug", "mcg", "\xC2\xB5g", "\xCE\xBCg", "MCG", "UG"},
	    {"mg/dL", "mg/dl", "MG/DL", "mg / dL", "mg.dL-1", "mg/100mL", "mg/(100.mL)", "mg/(dL)"},
	    {"mg/dL", "Mg/dL", "Mg/dl", "MG/100ML"},
	    {"ng/mL", "NG/ML", "ng/Ml", "ug/L", "UG/L"},
	    {"mL/min", "ML/MIN", "Ml/min", "ML/MIN/1.73M2", "ML/MIN/{1.73_M2}"},
	    {"mmol/L", "MMOL/L", "Mmol/L"},
	    {"10*3/uL", "10^3/uL", "x10^3/uL", "10E3/uL", "x10(3)/uL", "K/uL", "thou/mcL", "10*9/L"},
	    {"10*6/uL", "10^6/uL", "M/uL", "10*12/L", "x 10^6/\xC2\xB5L"},
	    {"mL/min/{1.73_m2}", "mL/min/1.73 m\xC2\xB2", "mL/min/1.73m2", "mL/min/1.73.m2", "ml/min/1.73 m2", "mL/min",
	     "mL/min/1.73m^2", "mL/min per 1.73 m2"},
	    {"mm[Hg]", "mmHg", "mm Hg", "MMHG", "Torr"},
	    {"[iU]/L", "IU/L", "iu/l", "U/L", "units/L", "UNT/L"},
	    {"m[iU]/L", "mIU/L", "uIU/mL", "\xC2\xB5IU/mL", "mU/L"},
	    {"meq/L", "mEq/L", "MEQ/L", "Meq/L", "ueq/mL"},
	    {"kg/m2", "kg/m\xC2\xB2", "kg/m^2", "kg.m-2"},
	    {"/min", "bpm", "beats/min", "{beats}/min", "1/min", "min-1", "breaths/min"},
	    {"h", "hr", "hours", "HR", "60.min"},
	    {"g/(24.h)", "g/24h", "g/24 h", "g/24hr", "g/d", "g/day"},
	    {"mg/g", "mg/g{creat}", "mg/g creat", "ug/mg", "mg/g Cr"},
	    {"uL", "mm3", "mm^3", "mcL", "\xC2\xB5L"},
	    {"Cel", "degC",
	     "\xC2\xB0"
	     "C",
	     "deg C"},
	    {"[lb_av]", "lb", "lbs", "pounds"},
	    {"[in_i]", "in", "inches"},
	    {"ms", "msec", "milliseconds"},
	    {"a", "yr", "years"},
	    {"mosm/kg", "mOsm/kg", "Mosm/kg", "mmol/kg"},
	};
	for (size_t i = 0; i < VG_COUNT(same); i++) {
		vg_unit first, other;
		CHECK(parse(same[i][0], &first), "\"%s\" cannot be read", same[i][0]);
		for (size_t j = 1; j < 8 && same[i][j]; j++) {
			bool read = parse(same[i][j], &other);
			CHECK(read, "\"%s\" cannot be read", same[i][j]);
			if (!read)
				continue;
			CHECK(memcmp(first.dimension, other.dimension, sizeof first.dimension) == 0,
			      "\"%s\" and \"%s\" differ in dimension", same[i][0], same[i][j]);
			CHECK(fabs(first.factor / other.factor - 1) < 1e-12, "\"%s\" is %g, \"%s\" is %g", same[i][0],
			      first.factor, same[i][j], other.factor);
		}
	}
}

/* Of each spelling, that it is its code and no other unit of the same letters. */
static void spellings_mean_their_codes(void)
{
	static const char *const spellings[][2] = {
#define SPELLING(text, code) {text, code},
#include "knowledge/units.def"
#undef SPELLING
	};
	for (size_t i = 0; i < VG_COUNT(spellings); i++) {
		vg_unit spelt, code;
		bool read = parse(spellings[i][0], &spelt) && parse(spellings[i][1], &code);
		CHECK(read, "\"%s\" cannot be read", spellings[i][0]);
		if (read)
			CHECK(memcmp(spelt.dimension, code.dimension, sizeof spelt.dimension) == 0 &&
				  fabs(spelt.factor / code.factor - 1) < 1e-12,
			      "\"%s\" is not %s", spellings[i][0], spellings[i][1]);
	}
}

static void texts_are_as_written(void)
{
	static const char *const texts[][2] = {{"mg/dL", "mg/dL"},
					       {" mg/dL ", "mg/dL"},
					       {"mg/g{creat}", "mg/g"},
					       {"mL/min/{1.73_m2}", "mL/min/1.73 m\xC2\xB2"},
					       {"mL/min/1.73 m\xC2\xB2", "mL/min/1.73 m\xC2\xB2"},
					       {"cells/{HPF}", ""},
					       {"", ""},
					       {"{INR}", ""},
					       {"INR", ""},
					       {"[pH]", ""},
					       {"{score}", ""},
					       {"tablets", ""},
					       {"{tbl}", ""},
					       {"1", "1"},
					       {"%", "%"},
					       {"%{HbA1c}", "%"}};
	for (size_t i = 0; i < VG_COUNT(texts); i++) {
		vg_unit unit;
		bool read = parse(texts[i][0], &unit);
		CHECK(read, "\"%s\" cannot be read", texts[i][0]);
		if (read)
			CHECK_TEXT(unit.text, texts[i][1]);
	}
	vg_unit unit;
	CHECK(parse(NULL, &unit) && unit.text[0] == '\0', "a missing unit cannot be read");
}

static void nonsense_cannot_be_read(void)
{
	static const char *const texts[] = {"xyz",      "mg/",     "mg//dL",      "mg/dL)",  "(mg", "mg^", "m999",
					    "mg{open",  "[mg",     "C\xC2\xB0",   "-3",      "0",   "1e5", "mg dl xx",
					    "Cel/min",  "Cel2",    "10*999",      "mg.",     ".mg", "/",   "mgg",
					    "about mg", "mg or g", "((((((((((g", "kg/m2/x", "10(3"};
	for (size_t i = 0; i < VG_COUNT(texts); i++) {
		vg_unit unit = {0};
		/* A stroke with nothing behind it is an annotation's rest and is forgiven; so is a "/" alone. */
		bool forgiven = strcmp(texts[i], "mg/") == 0 || strcmp(texts[i], "/") == 0;
		CHECK(parse(texts[i], &unit) == forgiven, "\"%s\" is read as \"%s\"", texts[i], unit.text ? unit.text : "");
	}
	char text[400];
	memset(text, 'm', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	vg_unit unit;
	CHECK(!parse(text, &unit), "an endless unit is read");
}

static void same_dimensions_convert(void)
{
	SAME(convert(7, "mg/dL", "mg/dL"), 7);
	SAME(convert(1.26, "g/L", "mg/dL"), 126); /* exactly: a limit "at least 126" must hold */
	SAME(convert(126, "mg/dL", "g/L"), 1.26);
	SAME(convert(0.3, "g", "mg"), 300);
	SAME(convert(4, "g", "mg"), 4000);
	SAME(convert(250, "mcg", "mg"), 0.25);
	SAME(convert(150, "10*3/uL", "10*9/L"), 150);
	SAME(convert(0.15, "10*6/uL", "10*3/uL"), 150);
	SAME(convert(30, "mL/min/{1.73_m2}", "mL/min/1.73 m\xC2\xB2"), 30);
	SAME(convert(0.5, "mL/s", "mL/min"), 30);
	SAME(convert(1, "ukat/L", "U/L"), 60);
	SAME(convert(2.5, "mIU/L", "uIU/mL"), 2.5);
	SAME(convert(7, "d", "wk"), 1);
	SAME(convert(48, "h", "d"), 2);
	SAME(convert(0.47, "s", "ms"), 470);
	SAME(convert(100, "[lb_av]", "kg"), 45.359237);
	SAME(convert(70, "[in_i]", "cm"), 177.8);
	SAME(convert(1.5, "g/24h", "mg/d"), 1500);
	SAME(convert(1, "m3", "L"), 1000);
	SAME(convert(1, "mg/mmol", "g/mol"), 1);
	SAME(convert(-5, "mmol/L", "umol/mL"), -5);
	SAME(convert(0, "g", "mg"), 0);
	SAME(convert(1, "g/cm3", "g/mL"), 1);
	SAME(convert(48, "mmol / mol", "mmol/mol"), 48);
	CHECK(fabs(convert(16, "kPa", "mm[Hg]") - 120.0098) < 0.001, "16 kPa are %g mm[Hg]", convert(16, "kPa", "mm[Hg]"));
}

static void temperatures_convert(void)
{
	SAME(convert(37, "Cel", "[degF]"), 98.6);
	SAME(convert(98.6, "degF", "Cel"), 37);
	SAME(convert(38, "Cel", "degC"), 38);
	SAME(convert(0, "Cel", "K"), 273.15);
	SAME(convert(-40, "Cel", "[degF]"), -40);
}

static void different_dimensions_do_not(void)
{
	NONE(convert(1, "mg", "mL"));
	NONE(convert(1, "mg/dL", "mg"));
	NONE(convert(1, "kg/m2", "kg"));
	NONE(convert(1, "U/L", "mg/L"));
	NONE(convert(1, "mmol/L", "meq/L")); /* without an analyte nobody knows the valence */
	NONE(convert(1, "mg/dL", "mmol/L"));
	NONE(convert(1, "Cel", "min"));
	NONE(convert(1, "pg", "fL"));
}

static void a_missing_unit_is_no_unit(void)
{
	SAME(convert(3, "", ""), 3);
	SAME(convert(3, "{INR}", ""), 3);
	SAME(convert(3, "1", "INR"), 3);
	SAME(convert(2, "tablets", "{tbl}"), 2);
	NONE(convert(7.2, "", "%"));
	NONE(convert(7.2, "%", ""));
	NONE(convert(7.2, "{INR}", "%"));
	NONE(convert(7.2, "", "mg/dL"));
	NONE(convert(7.2, "mg/dL", ""));
	NONE(convert(7.2, "", "10*3"));
	NONE(convert(0.4, "", "L/L"));
	SAME(convert(0.45, "1", "%"), 45);
	SAME(convert(45, "%", "1"), 0.45);
	SAME(convert(0.45, "L/L", "%"), 45);
	SAME(convert(30, "mg/g", "ug/mg"), 30);
}

static void analytes_convert_mass_and_amount(void)
{
	CHECK(fabs(convert_test("creatinine", 1, "mg/dL", "umol/L") - 88.4017) < 0.001, "creatinine 1 mg/dL is %g umol/L",
	      convert_test("creatinine", 1, "mg/dL", "umol/L"));
	CHECK(fabs(convert_test("creatinine", 88.4017, "umol/L", "mg/dL") - 1) < 1e-5, "and back");
	SAME(convert_test("potassium level", 5.5, "mEq/L", "mmol/L"), 5.5);
	SAME(convert_test("potassium level", 5.5, "mmol/L", "meq/L"), 5.5);
	CHECK(fabs(convert_test("potassium level", 39.0983, "mg/L", "meq/L") - 1) < 1e-9, "a mass of potassium in equivalents");
	NONE(convert_test("creatinine", 1, "mmol/L", "meq/L")); /* no valence */
	NONE(convert_test("HbA1c", 1, "mg/dL", "mmol/L"));      /* no molar mass */
	NONE(convert_test("creatinine", 1, "mg/dL", "mmol"));
	const vg_knowledge *k = base_knowledge();
	SAME(vg_analyte_molar_mass(k, set_of(k, "creatinine")), 113.12);
	SAME(vg_analyte_molar_mass(k, set_of(k, "NSAID")), 0);
	SAME(vg_analyte_molar_mass(k, 0), 0);
	CHECK_TEXT(vg_analyte_unit(k, set_of(k, "HbA1c")), "%");
	CHECK_TEXT(vg_analyte_unit(k, set_of(k, "diabetes")), NULL);
}

static void hba1c_has_two_scales(void)
{
	SAME(convert_test("HbA1c", 48, "mmol/mol", "%"), 6.54304);
	CHECK(fabs(convert_test("HbA1c", 6.5, "%", "mmol/mol") - 47.5295) < 0.001, "6.5 %% are %g mmol/mol",
	      convert_test("HbA1c", 6.5, "%", "mmol/mol"));
	SAME(convert_test("HbA1c", 6.5, "%", "%"), 6.5);
	SAME(convert_test("HbA1c", 48, "mmol/mol", "mmol/mol{Hb}"), 48);
	NONE(convert_test("creatinine", 48, "mmol/mol", "%")); /* 4.8 % would be a fraction, and dangerously wrong for HbA1c */
	NONE(convert(48, "mmol/mol", "%"));
	NONE(convert(6.5, "%", "mmol/mol"));
}

/* Whatever converts, converts back; and no text makes the reader stumble. */
static void there_and_back(void)
{
	static const char *const units[] = {"mg",      "g",       "ug/mL",  "mg/dL", "mmol/L", "nmol/L", "U/L",
					    "k[iU]/L", "Cel",     "[degF]", "%",     "1",      "mm[Hg]", "kPa",
					    "mL/min",  "10*3/uL", "/uL",    "h",     "d",      "mL"};
	for (size_t i = 0; i < VG_COUNT(units); i++)
		for (size_t j = 0; j < VG_COUNT(units); j++) {
			double there = convert(12.5, units[i], units[j]);
			double back = isnan(there) ? NAN : convert(there, units[j], units[i]);
			CHECK(isnan(there) || fabs(back - 12.5) < 1e-8, "12.5 %s are %g %s are %g %s", units[i], there,
			      units[j], back, units[i]);
			CHECK(isnan(there) == isnan(convert(12.5, units[j], units[i])), "%s and %s convert in one direction",
			      units[i], units[j]);
		}
	static const char alphabet[] = "mgdLU/.*^(){}[]%10 2-xXeE_Hm\xC2\xB5";
	uint32_t seed = 3;
	for (int round = 0; round < 50000; round++) {
		char text[16];
		size_t length = 0;
		vg_unit unit;
		for (; length < sizeof text - 1; length++) {
			seed = seed * 1664525 + 1013904223;
			if (seed >> 28 == 0)
				break;
			text[length] = alphabet[(seed >> 16) % (sizeof alphabet - 1)];
		}
		text[length] = '\0';
		if (parse(text, &unit))
			CHECK(isfinite(unit.factor) && unit.factor > 0, "\"%s\" has the factor %g", text, unit.factor);
	}
}

const test_case test_cases_unit[] = {
    {"UCUM's codes and the usual spellings", spellings_mean_the_same},
    {"spellings mean their codes", spellings_mean_their_codes},
    {"texts are as written, without annotations", texts_are_as_written},
    {"nonsense cannot be read", nonsense_cannot_be_read},
    {"units of one dimension convert, exactly where they can", same_dimensions_convert},
    {"temperatures convert", temperatures_convert},
    {"units of different dimensions do not convert", different_dimensions_do_not},
    {"a missing unit converts to a missing one only", a_missing_unit_is_no_unit},
    {"an analyte's molar mass and valence convert", analytes_convert_mass_and_amount},
    {"HbA1c's two scales convert by the IFCC's equation, and only HbA1c's", hba1c_has_two_scales},
    {"what converts, converts back", there_and_back},
    {NULL, NULL},
};
