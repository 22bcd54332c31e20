/* Check functions before they run: what fails for every patient is told when the rule is loaded. */
#include "script/script_tests.h"

#include <stdio.h>
#include <string.h>

typedef struct function_case {
	const char *function, *codes, *says;
} function_case;

static void check_functions(const function_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		vg_arena arena;
		test_load loaded;
		vg_arena_init(&arena, &vg_system_allocator, 0);
		load_text(&loaded,
			  vg_format(&arena, "rule \"a\" { needs = { x = latest \"x\", y = optional(latest \"y\") },\n%s }",
				    cases[i].function));
		vg_buffer codes;
		vg_buffer_init(&codes, &arena);
		bool said = !cases[i].says[0];
		for (size_t k = 0; k < loaded.findings.count; k++) {
			const vigil_finding *finding = &loaded.findings.items[k];
			if (strcmp(finding->code, "VG147") != 0)
				vg_addf(&codes, "%s%s", codes.length ? " " : "", finding->code);
			said |=
			    strstr(finding->text, cases[i].says) || (finding->advice && strstr(finding->advice, cases[i].says));
			CHECK(!finding->rule || strcmp(finding->rule, "a") == 0, "%s: the finding does not name its rule",
			      cases[i].function);
		}
		CHECK(strcmp(vg_buffer_text(&codes), cases[i].codes) == 0, "%s\n    got      %s\n    expected %s",
		      cases[i].function, vg_buffer_text(&codes), cases[i].codes);
		CHECK(said, "%s\n    nothing says: %s", cases[i].function, cases[i].says);
		size_t declarations;
		vg_script_declarations(loaded.script, &declarations);
		CHECK((declarations == 1) == (loaded.findings.errors == 0), "%s: %zu declarations with %zu errors",
		      cases[i].function, declarations, loaded.findings.errors);
		unload(&loaded);
		vg_arena_free(&arena);
	}
}

static void good_ones(void)
{
	static const function_case cases[] = {
	    {"check = function(p) return p.x > 3 and p.y ~= nil end", "", ""},
	    {"check = function(p, this_order) return this_order ~= nil and contains(this_order.display, \"x\") or p.x == p.y "
	     "end",
	     "", ""},
	    {"check = function(patient, order) local t = { a = 1, [\"b\"] = 2, patient.x, patient.y }\nfor i, v in ipairs(t) "
	     "do "
	     "if v > t.a then return true end end\nreturn nil end",
	     "", ""},
	    {"check = function(p) local function f(a, ...) return select('#', ...) + a end\nlocal g = function(b) return -b "
	     "end\n"
	     "repeat local done = f(1, p.x) >= g(p.y) until done\nwhile p.x < 0 do break end\nreturn not (p.x == 1) end",
	     "", ""},
	    {"check = function(p) local s = tostring(p.x) .. \"x\"\nreturn s:upper():lower():sub(1, 2):len() == math.floor(p.y "
	     "% 3 ^ 2 // 1) end",
	     "", ""},
	    {"check = function(p) local math_like = { floor = 1 }\nreturn math_like.floor == p.x / p.y end", "", ""},
	    {"check = function(p) local a <const>, b = 1, 2 return a < b and p.x > p.y end", "VG141", "attribute"},
	    {"check = function(p) local a, b, c = 1, 2, 3 return a < b and c > a and p.x > p.y end", "", ""},
	};
	check_functions(cases, VG_COUNT(cases));
}

static void bad_ones(void)
{
	static const function_case cases[] = {
	    {"check = function(p) return os.time() > 0 end", "VG140", "`os`"},
	    {"check = function(p) return math.random() > 0 end", "VG140", "`random`"},
	    {"check = function(p) return math.flor(p.x) > 0 end", "VG140", "`floor`"},
	    {"check = function(p) return tonumbr(p.x) > 0 end", "VG140", "`tonumber`"},
	    {"check = function(p) return p.x:find(\"a\") end", "VG141", ":upper()"},
	    {"check = function(p) count = p.x return true end", "VG142", "local"},
	    {"check = function(p) p.x = 1 return true end", "VG142", "only read"},
	    {"check = function(p) math.max = 1 return true end", "VG142", "only read"},
	    {"check = function(p) ipairs = nil return true end", "VG142", "local name"},
	    {"check = function(p) function f() return 1 end return true end", "VG141 VG140", "local function"},
	    {"check = function(p) goto done return true end", "VG143 VG141", "while"},
	    {"check = function(p) return p.x & 1 == 1 end", "VG107", "and"},
	    {"check = function() return true end", "VG144", "p, this_order"},
	    {"check = function(...) return true end", "VG144", "p, this_order"},
	    {"check = function(p, o, q) return true end", "VG144", "p, this_order"},
	    {"check = function(p) return p.z > 1 end", "VG145", "needs"},
	    {"check = function(p) return p.xx > 1 end", "VG145", "needs"},
	    {"check = function(p) local z = p.x end", "VG146", "true, false, or nil"},
	    {"check = function(p) return _G.os end", "VG140", "_G"},
	    {"check = function(p) return _ENV.os end", "VG141", "_ENV"},
	    {"check = function(p) if p.x > 3 return true end return false end", "VG143", "`then`"},
	    {"check = function(p) for i = 1, 3 p.x() end return 1 end", "VG146 VG143 VG108 VG108", "`do`"},
	    {"check = function(p) local t = { 1 2 } return t end", "VG143", "comma"},
	    {"check = function(p) return f(p.x end", "VG140 VG143", "( is not closed"},
	    {"check = function(p) p.x return 1 end", "VG143", "alone"},
	    {"check = function(p) break return 1 end", "VG143", "loop"},
	    {"check = function(p) local end = 1 return 1 end", "VG146 VG143 VG122 VG108 VG108", "end"},
	    {"check = function(p) return ... end", "VG143", "outside a function"},
	    {"check = function(p) return p.x = 3 end", "VG143", "=="},
	    {"check = function(p) if p.x > 2 and p.x = 3 then return true end return false end", "VG143", "=="},
	    {"check = function(p) local a = p.x and p.y\n a = 3 return a end", "", ""},
	    {"check = function(p) if p.x ≥ 3 then return true end return false end", "VG143", ">="},
	    {"check = function(p) if p.x != 3 then return true end return false end", "VG103", "~="},
	    {"check = function(p) local x = 1..2 return x end", "VG119", "not a number"},
	};
	check_functions(cases, VG_COUNT(cases));
}

/* Needs that are listed and not read are a warning; p handed on means that they may be read. */
static void unread_needs_and_plain_functions(void)
{
	static const struct {
		const char *function, *findings;
	} cases[] = {
	    {"check = function(p) return p.x > 1 end", "VG147@1:38 VG148@2:9"},
	    {"check = function(p) return p.x > 1 and not p.y end", "VG148@2:9"},
	    {"check = function(p, this_order) return 3 <= p.x or p.y end", "VG148@2:9"},
	    {"check = function(p) return p.x - p.y > 1 end", ""},
	    {"check = function(p) return p.x > 1 and this_order end", "VG147@1:38 VG140@2:40"},
	    {"check = function(p) return p.x > 1 and p.y == 3 end", ""},
	    {"check = function(p) return p.x > p.y end", ""},
	    {"check = function(p) local q = p return q.x > q.y end", ""},
	    {"check = function(p) local function f(r) return r.y end return p.x > f(p) end", ""},
	};
	for (size_t i = 0; i < VG_COUNT(cases); i++) {
		vg_arena arena;
		test_load loaded;
		vg_arena_init(&arena, &vg_system_allocator, 0);
		load_text(&loaded, vg_format(&arena, "rule \"a\" { needs = { x = latest \"x\", y = latest \"y\" },\n%s }",
					     cases[i].function));
		CHECK_TEXT(findings_text(&loaded, &arena), cases[i].findings);
		unload(&loaded);
		vg_arena_free(&arena);
	}
}

const test_case test_cases_functions[] = {
    {"what is allowed is let through", good_ones},
    {"what cannot work is told, with the right words", bad_ones},
    {"needs that nobody reads, and functions that words could say, are told", unread_needs_and_plain_functions},
    {0}};
