/* Every finding of VG200–VG299 is provoked once, with its advice; and right rules provoke none. */
#include "rule_tests.h"

#include <stdio.h>

#define RULE(more)                                                                                                             \
	"rule \"r\" { title = \"t\", severity = \"info\", when_opening_chart = true, warn = \"w\", evidence = { title = "      \
	"\"e\" }, " more " }"
#define ORDER(more)                                                                                                            \
	"rule \"r\" { title = \"t\", severity = \"info\", when_ordering = \"warfarin\", warn = \"w\", evidence = { title = "   \
	"\"e\" }, " more " }"
#define IF(condition) RULE("if_all = { " condition " }")
#define SCREEN(options, more)                                                                                                  \
	"screening \"r\" { title = \"t\", for_patients = { age_at_least \"50 years\" }, satisfied_by = { " options             \
	" }, remind = \"w\", evidence = { title = \"e\" }, " more " }"
#define LONG_TITLE                                                                                                             \
	"0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 "       \
	"0123456789 "                                                                                                          \
	"0123456789 0123456789"

static const struct row {
	const char *code, *text, *told, *advice; /* told and advice: parts of the texts */
} rows[] = {
    {"VG200", IF("takin \"warfarin\""), "takin", "Did you mean \"taking\"?"},
    {"VG201", IF("order \"FIT\""), "`order` cannot stand", "stands behind suggest"},
    {"VG201", IF("overdue \"x\""), "overdue", "only in examples"},
    {"VG201", IF("age_in_years"), "age_in_years", "behind needs"},
    {"VG201", IF("anything"), "anything", "when_ordering"},
    {"VG201", RULE("if_all = { pregnant }, suggest = { pregnant }"), "pregnant", "is a condition"},
    {"VG202", "interction \"r\" { }", "interction", "Write"},
    {"VG203", RULE("if_all = { pregnant }, unles_any = { in_hospice }"), "unles_any", "Did you mean \"unless_any\"?"},
    {"VG203", ORDER("cases = { { if_any = { pregnant }, sevrity = \"info\" } }"), "sevrity", "Did you mean \"severity\"?"},
    {"VG203",
     "rule \"r\" { title = \"t\", severity = \"info\", when_opening_chart = true, if_all = { pregnant }, warn = \"w\", "
     "evidence = { titel = \"x\" } }",
     "titel", "Did you mean \"title\"?"},
    {"VG204", "rule \"r\" { severity = \"info\", when_opening_chart = true, if_all = { pregnant }, warn = \"w\" }",
     "no line \"title\"", "Write it so"},
    {"VG204", ORDER("cases = { { severity = \"info\" } }"), "no condition", "if_any"},
    {"VG204", ORDER("cases = { { if_any = { pregnant } } }"), "changes nothing", "severity, say"},
    {"VG204", ORDER("cases = { { if_any = { pregnant }, if_all = { pregnant }, say = \"x\" } }"), "both", "one of"},
    {"VG205", RULE("if_all = { pregnant }, owner = 5"), "`owner` is a text, but here stands a number", "double quotes"},
    {"VG205", RULE("if_all = { pregnant }, accept_override = \"x\""), "is a list", "{ …, … }"},
    {"VG205", RULE("if_all = { pregnant }, when_discharging = false"), "true or not there", "take the line out"},
    {"VG205", RULE("if_all = { pregnant }, check = 5"), "`check` is a function", "function(p"},
    {"VG205", "interaction \"r\" { title = \"t\", severity = \"info\", between = { \"warfarin\" }, warn = \"w\" }", "two sets",
     "between ="},
    {"VG205",
     "interaction \"r\" { title = \"t\", severity = \"info\", between = { \"warfarin\", \"statin\" }, warn = \"w\", "
     "still_counts = { [\"heparin\"] = \"5 days\" } }",
     "not one of the pair", "two sets"},
    {"VG205", RULE("if_all = { pregnant }, suggest = { link(\"a\", \"b\") }"), "no address", "https://"},
    {"VG205", RULE("if_all = \"pregnant\""), "list of conditions", "braces"},
    {"VG206",
     "rule \"r\" { title = \"t\", severity = \"high\", when_opening_chart = true, if_all = { pregnant }, warn = \"w\" }",
     "high", "\"info\", \"warning\", \"critical\""},
    {"VG206", IF("sex \"femal\""), "femal", "\"female\""},
    {"VG206", IF("taking \"ibuprofen\" :by_route \"by mouth\""), "by mouth", "\"oral\""},
    {"VG206", IF("in_setting \"ward\""), "ward", "\"inpatient\""},
    {"VG206", RULE("if_all = { pregnant }, if_unknown = \"silent\""), "silent", "\"stay silent\""},
    {"VG207",
     "rule \"a rule\" { title = \"t\", severity = \"info\", when_opening_chart = true, if_all = { pregnant }, warn = \"w\" }",
     "a rule", "hyphens"},
    {"VG208", IF("pregnant") IF("in_hospice"), "stands twice", "another id"},
    {"VG208", IF("pregnant") "screening \"r\" { title = \"t\" }", "stands twice", "another id"},
    {"VG208", "define \"frail patient\" { pregnant }", "stands twice", "another name"},
    {"VG208",
     "rule \"wf01\" { title = \"t\", severity = \"info\", when_opening_chart = true, if_all = { pregnant }, warn = \"w\" }",
     "row of tables/interactions.csv", "replaces"},
    {"VG209", RULE("if_all = { pregnant }, replaces = { \"wf99\" }"), "wf99", "Correct the id"},
    {"VG210", IF("age_between(\"45 years\")"), "takes 2 arguments, but here are 1", "age_between("},
    {"VG210", IF("done \"FIT\" :within"), "`:within` takes 1 argument", "Write it so"},
    {"VG211", IF("latest \"INR\" :is_abov \"4\""), "is_abov", "Did you mean \"is_above\"?"},
    {"VG211", IF("pregnant :sometimes"), "sometimes", "It takes none."},
    {"VG212", IF("pregnant :within \"90 days\""), "`pregnant` does not take `:within", "It takes none."},
    {"VG212", IF("done \"FIT\" :on \"2020-01-01\""), "`done` does not take `:on` here", ":within"},
    {"VG212", IF("any { pregnant, in_hospice } :within \"90 days\""), "`any` takes no refinements", "inside"},
    {"VG213", IF("done \"FIT\" :within \"1 year\" :within \"2 years\""), "`:within` stands twice", "Keep one"},
    {"VG214", IF("latest \"INR\" :is_above \"4\" :is_below \"5\""), "compares twice", ":is_between"},
    {"VG214", IF("latest \"creatinine\" :risen_by \"50 %\""), "time", ":within"},
    {"VG214", IF("done \"FIT\" :within \"1 year\" :since \"2020-01-01\""), "Two windows", "Keep one"},
    {"VG214", IF("readings \"INR\" :last(2) :at_least(3) :above \"4\""), "Of the last 2", ":last"},
    {"VG214", IF("visited \"dialysis\" :on_different_days"), "says nothing", ":times"},
    {"VG215", IF("latest \"INR\""), "not compared", "resulted"},
    {"VG215", IF("total_daily_dose(\"warfarin\")"), "not compared", ":is_above"},
    {"VG215", IF("readings \"INR\" :last(2)"), "not compared", ":above"},
    {"VG215", IF("readings \"INR\" :above \"4\""), "how many", ":last"},
    {"VG215", ORDER("if_all = { this_order }"), "always true", ":is"},
    {"VG216", RULE("if_all = { }"), "empty list", "take the list out"},
    {"VG216", IF("any { }"), "empty list", "take the list out"},
    {"VG216", SCREEN("", ""), "list of events", "satisfied_by"},
    {"VG217", IF("\"warfarin\""), "but here stands a text", "taking"},
    {"VG217", IF("\"pregnant\""), "but here stands a text", "without quotes"},
    {"VG217", IF("true"), "but here stands true or false", "Write a condition"},
    {"VG217", IF("{ pregnant }"), "but here stands a list", "all {"},
    {"VG217", IF("drug = pregnant"), "drug =", "without a name"},
    {"VG217", "rule \"r\" { pregnant }", "without a name", "Every line"},
    {"VG218", RULE("if_all = pregnant"), "braces", "if_all {"},
    {"VG219", IF("at_least(3, { pregnant, in_hospice })"), "At least 3 of 2", "Lower the number"},
    {"VG219", IF("at_least(0, { pregnant, in_hospice })"), "out of range", "1"},
    {"VG220", IF("taking \"warfarine\""), "warfarine", "Did you mean \"warfarin\"?"},
    {"VG220", IF("latest \"FIT\" :is \"abnrmal\""), "abnrmal", "Did you mean \"abnormal\"?"},
    {"VG221", IF("taking \"HbA1c\""), "a set of tests", "a set of drugs"},
    {"VG221", IF("has_condition \"warfarin\""), "a set of drugs", "a set of conditions"},
    {"VG221", IF("latest \"diabetes\" :is_above \"4\""), "a set of conditions", "tests"},
    {"VG222", IF("has_condition \"void\""), "no codes", "Give the set codes"},
    {"VG223", RULE("if_all = { pregnant }, suggest = { order \"INR\" }"), "no preferred code", "preferred"},
    {"VG225", IF("latest \"INR\" :is_above \"about 4\""), "does not begin with a number", "Write a number"},
    {"VG225", IF("latest \"potassium\" :is_above \"1,000 mmol/L\""), "cannot be read", "separators"},
    {"VG225", IF("latest \"creatinine\" :risen_by \"0 mg/dL\" :within \"7 days\""), "is none", "how much"},
    {"VG226", IF("latest \"creatinine\" :is_above \"2\""), "has no unit", "mg/dL"},
    {"VG226", ORDER("needs = { x = latest \"INR\" }, check = function end"), "unknown unit", ":in_unit"},
    {"VG227", IF("latest \"eGFR\" :is_below \"30 mg/dL\""), "cannot be compared", "mL/min"},
    {"VG227", IF("latest \"HbA1c\" :risen_by \"1 %\" :within \"1 year\""), "two things", "a limit"},
    {"VG227", IF("taking \"metformin\" :daily_dose_above \"2 mL\""), "neither a mass", "\"4 g\""},
    {"VG227", ORDER("needs = { x = latest \"creatinine\" :in_unit \"mmHg\" }, check = function end"), "does not fit", "mg/dL"},
    {"VG228", IF("latest \"INR\" :is_above \"4 gramms\""), "gramms", "UCUM"},
    {"VG229", IF("age_between(\"75 years\", \"45 years\")"), "No age lies between", "lower age first"},
    {"VG229", IF("latest \"potassium\" :is_between(\"5 mmol/L\", \"3 mmol/L\")"), "No value lies between", "lower limit first"},
    {"VG229", IF("done \"FIT\" :during \"2025-06-01 to 2025-01-01\""), "ends before it begins", "earlier day"},
    {"VG230", IF("done \"FIT\" :within \"90\""), "cannot be read", "90 days"},
    {"VG230", IF("done \"FIT\" :within(90)"), "has no unit", "90 days"},
    {"VG230", IF("age_at_least \"48 hours\""), "hours", "days"},
    {"VG230", SCREEN("done \"FIT\" :every \"48 hours\"", ""), "hours", "days"},
    {"VG231", RULE("if_all = { pregnant }, review_by = \"1.9.2027\""), "1.9.2027", "year, month and day"},
    {"VG231", IF("done \"FIT\" :since \"last May\""), "last May", "year, month and day"},
    {"VG232", IF("done \"FIT\" :during \"winter\""), "winter", "2025-03"},
    {"VG240", IF("meets \"hospice servces\""), "hospice servces", "Did you mean \"hospice services\"?"},
    {"VG241", "define \"a\" { meets \"b\" } define \"b\" { meets \"a\" }" IF("meets \"a\""), "leads back", "circle"},
    {"VG242", "define \"unused\" { pregnant }", "used nowhere", "meets"},
    {"VG244", "define \"two\" { pregnant, in_hospice }" IF("meets \"two\""), "one condition", "all {"},
    {"VG250", RULE("if_all = { pregnant }, ask = \"{last INR}\", if_unknown = \"ask\""), "last INR", "latest"},
    {"VG250",
     "rule \"r\" { title = \"t\", severity = \"info\", when_ordering = anything, if_all = { pregnant }, warn = \"{this_oder}\" "
     "}",
     "this_oder", "Did you mean {this_order}?"},
    {"VG250",
     "rule \"r\" { title = \"t\", severity = \"info\", when_opening_chart = true, if_all = { pregnant }, warn = \"{xyzzy "
     "plugh}\" }",
     "xyzzy", "{latest X}"},
    {"VG251",
     "rule \"r\" { title = \"t\", severity = \"info\", when_ordering = anything, if_all = { pregnant }, warn = "
     "\"{other_drug}\" }",
     "other_drug", "two drugs"},
    {"VG251",
     "rule \"r\" { title = \"t\", severity = \"info\", when_opening_chart = true, if_all = { pregnant }, warn = \"{due}\" }",
     "due", "screening"},
    {"VG251",
     "rule \"r\" { title = \"{age}\", severity = \"info\", when_opening_chart = true, if_all = { pregnant }, warn = \"w\" }",
     "title", "into warn"},
    {"VG252",
     "rule \"r\" { title = \"t\", severity = \"info\", when_opening_chart = true, if_all = { pregnant }, warn = \"{age\" }",
     "'{'", "twice"},
    {"VG252",
     "rule \"r\" { title = \"t\", severity = \"info\", when_opening_chart = true, if_all = { pregnant }, warn = \"age}\" }",
     "'}'", "twice"},
    {"VG253",
     "rule \"r\" { title = \"" LONG_TITLE
     "\", severity = \"info\", when_opening_chart = true, if_all = { pregnant }, warn = \"w\" }",
     "142 characters", "short"},
    {"VG254",
     "rule \"r\" { title = \"t\", severity = \"info\", when_opening_chart = true, if_all = { pregnant }, warn = "
     "\"<b>Stop</b>\" }",
     "HTML", "plain text"},
    {"VG255",
     "rule \"r\" { title = \" \", severity = \"info\", when_opening_chart = true, if_all = { pregnant }, warn = \"w\" }",
     "empty text", "Write it"},
    {"VG260", "rule \"r\" { title = \"t\", severity = \"info\", if_all = { pregnant }, warn = \"w\" }",
     "when the rule is asked", "when_ordering"},
    {"VG261", RULE(""), "for everyone", "if_all"},
    {"VG262", IF("this_order :is \"opioid\""), "this_order", "when_ordering"},
    {"VG262", ORDER("if_all = { other_drug :is \"opioid\" }"), "no pair", "taking"},
    {"VG262", RULE("if_all = { pregnant }, suggest = { cancel_this_order }"), "no order", "link"},
    {"VG262", "define \"o\" { this_order :is \"opioid\" }" IF("meets \"o\""), "speaks of the order", "out of the definition"},
    {"VG262", ORDER("needs = { x = this_order :is \"opioid\" }, check = function end"), "cannot be a need", "second parameter"},
    {"VG263", RULE("if_all = { pregnant }, if_unknown = \"ask\""), "no text", "ask ="},
    {"VG264", RULE("if_all = { pregnant }, ask = \"a\""), "never shown", "if_unknown"},
    {"VG265", ORDER("check = function end"), "no list", "needs ="},
    {"VG266", ORDER("needs = { x = pregnant }"), "without a check", "check function"},
    {"VG267", ORDER("needs = { x = any { pregnant, in_hospice } }, check = function end"), "is a list", "needs of their own"},
    {"VG270", SCREEN("done \"FIT\"", ""), "for how long", ":every"},
    {"VG271", IF("done \"FIT\" :every \"1 year\""), ":every", ":within"},
    {"VG272", SCREEN("pregnant :every \"1 year\"", ""), "`pregnant` is no event", "done"},
    {"VG272", SCREEN("latest \"INR\" :is_above \"4\"", ""), "`latest` is no event", "done"},
    {"VG273", SCREEN("done \"FIT\" :every \"1 year\"", "due_soon = \"1 year\""), "as long as", "shorter"},
    {"VG280", IF("age_at_least \"65 years\", age_below \"18 years\""), "never both true", "limits"},
    {"VG280", IF("sex \"female\", sex \"male\""), "never both true", "any {"},
    {"VG280", IF("latest \"creatinine\" :is_above \"2 mg/dL\", latest \"creatinine\" :is_below \"100 umol/L\""),
     "never both true", "limits"},
    {"VG280", IF("pregnant, none { pregnant }"), "required and excluded", "out"},
    {"VG281", IF("age_at_least \"50 years\", age_at_least \"65 years\""), "implies", "wider"},
    {"VG282", IF("taking \"warfarin\", taking \"warfarin\""), "stands twice", "one of them"},
    {"VG282", IF("any { taking \"warfarin\", taking \"warfarin\" }"), "stands twice", "one of them"},
    {"VG283", RULE("if_all = { pregnant }, unless_any = { pregnant, in_hospice }"), "never fires", "two lists"},
    {"VG284",
     IF("pregnant") "rule \"s\" { title = \"t\", severity = \"info\", when_opening_chart = true, if_all = { pregnant }, warn = "
		    "\"w\" }",
     "asks the same as", "Join them"},
    {"VG207", "define \"\" { pregnant }", "no name", "define"},
    {"VG217", IF("function end"), "but here stands a function", "check ="},
    {"VG216", ORDER("cases = { }"), "empty list", "take the line out"},
    {"VG205", ORDER("cases = { pregnant }"), "table of its own", "if_any"},
    {"VG210", ORDER("needs = { x = optional(pregnant, deceased) }, check = function end"), "takes one condition", "optional("},
    {"VG217", ORDER("needs = { x = \"eGFR\" }, check = function end"), "The need x is a text", "egfr ="},
    {"VG205", ORDER("needs = { pregnant }, check = function end"), "Every need has a name", "egfr ="},
    {"VG217", ORDER("suggest = { \"cancel\" }"), "A suggestion is needed, but here stands a text", "cancel_this_order"},
    {"VG205",
     "rule \"r\" { title = \"t\", severity = \"info\", when_opening_chart = true, if_all = { pregnant }, warn = \"w\", "
     "evidence = \"x\" }",
     "`evidence` is a table", "title ="},
    {"VG205",
     "interaction \"r\" { title = \"t\", severity = \"info\", between = { \"warfarin\", \"statin\" }, warn = \"w\", "
     "still_counts = \"5 days\" }",
     "names a set of the pair", "still_counts"},
    {"VG220",
     "interaction \"r\" { title = \"t\", severity = \"info\", between = { \"warfarin\", \"statin\" }, warn = \"w\", "
     "still_counts = { [\"warfarine\"] = \"5 days\" } }",
     "warfarine", "Did you mean"},
    {"VG227", IF("total_daily_dose(\"warfarin\") :is_between(\"1 mg\", \"5 [iU]\")"), "One limit is a mass", "same kind"},
    {"VG227", IF("latest \"INR\" :is_between(\"1 mg\", \"5 mL\")"), "different units", "same unit"},
    {"VG228", ORDER("needs = { x = latest \"creatinine\" :in_unit \"gramms\" }, check = function end"), "gramms", "UCUM"},
    {"VG214", IF("latest \"FIT\" :is_above \"4\" :is \"abnormal\""), "compares twice", "two conditions"},
    {"VG217", SCREEN("\"colonoscopy\"", ""), "An event is needed, but here stands a text", "done"},
    {"VG214", SCREEN("done \"FIT\" :every \"1 year\" :within \"1 year\"", ""), "window of its own", ":every"},
    {"VG214", SCREEN("done \"FIT\" :every \"1 year\" :once", ""), "both :every and :once", "Keep one"},
    {"VG216", SCREEN("all { done \"FIT\" :every \"1 year\" }", ""), "at least one more", "all {"},
    {"VG212", SCREEN("all { done \"FIT\", done \"colonoscopy\" } :within \"1 year\"", ""), "`all` does not take `:within",
     ":every"},
    {"VG272", SCREEN("all { all { done \"FIT\", done \"colonoscopy\" }, pregnant } :every \"1 year\"", ""), "`all` is no event",
     "done"},
    {"VG212",
     "interaction \"r\" { title = \"t\", severity = \"info\", between = { \"warfarin\", \"statin\" }, warn = \"w\", "
     "if_all = { other_drug :is_renewal } }",
     "`other_drug` does not take `:is_renewal", ":is"},
    {"VG280", IF("taking \"ibuprofen\", none { taking \"systemic NSAID\" }"), "which it implies, is excluded", "Take one"},
    {"VG281", IF("taking \"ibuprofen\", taking \"systemic NSAID\""), "ibuprofen\" implies \"", "wider"},
    {"VG281", IF("any { taking \"systemic NSAID\", taking \"ibuprofen\" }"), "ibuprofen\" is a part of", "narrower"},
    {"VG281", IF("done \"FIT\" :within \"1 year\", done \"FIT\" :within \"30 months\""), "implies", "wider"},
    {"VG281", IF("done \"FIT\" :within \"27 days\", done \"FIT\" :within \"1 month\""), "implies", "wider"},
    {"VG281", IF("any { done \"FIT\", done \"FIT\" :within \"1 year\" }"), "is a part of", "narrower"},
    {"VG283", RULE("if_all = { age_at_least \"65 years\" }, unless_any = { age_at_least \"50 years\" }"), "always holds",
     "Narrow"},
    {"VG283", RULE("if_all = { taking \"ibuprofen\" }, unless_any = { taking \"systemic NSAID\" }"), "always holds", "Narrow"},
    {"VG287", RULE("if_all = { age_at_least \"65 years\" }, unless_any = { age_below \"18 years\" }"), "never holds", "limits"},
    {"VG280", IF("latest \"INR\" :is_between(\"2\", \"3\"), latest \"INR\" :is_above \"3\""), "never both true", "limits"},
    {"VG290",
     "rule \"r\" { title = \"t\", severity = \"info\", when_opening_chart = true, if_all = { pregnant }, warn = \"w\" }",
     "rests on", "evidence ="},
};

/* "`all` takes one." and not "all takes one": a capital, a quote or a backquote first, and a full stop last. */
static bool is_sentence(const char *text) { return *text && !(*text >= 'a' && *text <= 'z') && text[strlen(text) - 1] == '.'; }

static void provokes_every_finding(void)
{
	for (size_t i = 0; i < VG_COUNT(rows); i++) {
		test_book book = book_of(rows[i].text);
		const vigil_finding *found = NULL;
		for (size_t j = 0; j < book.findings.count; j++) {
			const vigil_finding *finding = &book.findings.items[j];
			CHECK(is_sentence(finding->text), "%s says no sentence: %s", finding->code, finding->text);
			if (strcmp(finding->code, rows[i].code) == 0 && strstr(finding->text, rows[i].told))
				found = finding;
		}
		CHECK(found != NULL, "%s does not give %s \"%s\", but:%s", rows[i].text, rows[i].code, rows[i].told,
		      book_findings(&book));
		CHECK(!found || (found->advice && strstr(found->advice, rows[i].advice)), "%s of %s advises \"%s\"",
		      rows[i].code, rows[i].text, found && found->advice ? found->advice : "");
		bool error = found && found->level == VIGIL_ERROR && found->rule && strcmp(found->rule, "r") == 0;
		CHECK(!error || !book_rule(&book, "r") || strcmp(rows[i].code, "VG208") == 0,
		      "%s: the rule runs in spite of %s", rows[i].text, rows[i].code);
		book_close(&book);
	}
}

/* Told elsewhere: VG224 needs a knowledge without built-in sets, VG285 and VG286 are asked for, VG291 and VG292 need a day,
 * VG293 a row. */
static void knows_every_code(void)
{
	static const char elsewhere[] = "VG224 VG285 VG286 VG291 VG292 VG293";
	for (int number = 200; number < 300; number++) {
		char code[16];
		snprintf(code, sizeof code, "VG%d", number);
		const vg_finding_kind *kind = vg_finding_kind_find(code);
		bool provoked = vg_list_has(elsewhere, code);
		for (size_t i = 0; i < VG_COUNT(rows); i++)
			provoked |= strcmp(rows[i].code, code) == 0;
		CHECK(!kind || provoked, "nothing provokes %s (%s)", code, kind ? kind->name : "");
		CHECK(kind || !provoked, "%s is provoked but not in the catalogue", code);
	}
}

static void accepts_what_is_right(void)
{
	static const char *const texts[] = {
	    IF("age_at_least \"50 years\", sex \"female\", none { ever_had \"breast cancer\" }"),
	    IF("latest \"potassium\" :is_above \"5 mmol/L\", any { taking \"warfarin\", latest \"potassium\" :is_below \"7 "
	       "mmol/L\" }"),
	    IF("any { age_at_least \"65 years\", age_below \"18 years\" }"),
	    IF("done \"FIT\" :within \"30 days\", none { done \"FIT\" :within \"1 month\" }"), /* 28 days */
	    IF("done \"FIT\" :times(2), done \"FIT\" :within \"1 year\""),
	    IF("resulted \"INR\" :is_above \"4\", any { resulted \"INR\" :within \"1 year\", pregnant }"),
	    IF("latest \"INR\" :is_above \"4\" :within \"7 days\", none { latest \"INR\" :is_above \"4\" :within \"1 year\" }"),
	    RULE("if_all = { age_at_least \"50 years\" }, unless_any = { age_at_least \"65 years\" }, evidence = { title = "
		 "\"e\" }"),
	    RULE("if_all = { taking \"systemic NSAID\" }, unless_any = { taking \"ibuprofen\" }, evidence = { title = \"e\" }"),
	    IF("latest \"creatinine\" :is_above \"2 mg/dL\" :within \"1 year\", latest \"creatinine\" :is_below \"100 umol/L\" "
	       ":within \"2 years\""),
	    ORDER("needs = { egfr = latest \"eGFR\" :within \"1 year\", kg = optional(latest \"body weight\"), age = "
		  "age_in_years, p = pregnant }, "
		  "check = function end"),
	    SCREEN("done \"FIT\" :unless_result \"abnormal\" :every \"1 year\", done \"colonoscopy\" :every \"10 years\"",
		   "due_soon = \"60 days\""),
	    "rule \"wf01\" { title = \"t\", severity = \"info\", when_opening_chart = true, if_all = { pregnant }, warn = "
	    "\"w\", "
	    "replaces = { \"wf01\" }, evidence = { title = \"e\" } }",
	    IF("latest \"creatinine\" :is_above \"2 mg/dL\", latest \"creatinine\" :is_above \"0.1 g/L\" :within \"1 year\""),
	    SCREEN("all { done \"Pap test\", done \"HPV test\" :within \"5 years\" } :once", ""),
	    IF("pregnant") "rule \"s\" { title = \"t\", severity = \"info\", when_opening_chart = true, if_all = { pregnant }, "
			   "warn = \"w\", "
			   "replaces = { \"r\" }, evidence = { title = \"e\" } }",
	    SCREEN("vaccinated \"zoster vaccine\" :doses_at_least(2) :once", ""),
	    SCREEN("all { done \"Pap test\" :every \"5 years\", done \"HPV test\" :within \"5 years\" }", "ask = \"a\""),
	};
	for (size_t i = 0; i < VG_COUNT(texts); i++) {
		test_book book = book_of(texts[i]);
		CHECK(book.findings.count == 0, "%s gives%s", texts[i], book_findings(&book));
		book_close(&book);
	}
}

/* A knowledge without the built-in sets, and rows that lack what they need. */
static void reports_what_packs_lack(void)
{
	static const vg_pack_folder pack = {"tests/rule/poor_pack", "poor", "1"};
	vg_knowledge *knowledge = NULL;
	vg_findings findings;
	vigil_error error = VIGIL_ERROR_INIT;
	vg_findings_init(&findings, &vg_system_allocator);
	vg_knowledge_sources sources = {.packs = &pack, .pack_count = 1};
	CU_ASSERT_EQUAL_FATAL(vg_knowledge_open(&sources, &vg_system_allocator, &findings, &knowledge, &error), VIGIL_OK);
	test_source source = {.count = 0};
	source_read(&source,
		    IF("pregnant") "rule \"s\" { title = \"t\", severity = \"info\", when_opening_chart = true, if_all = { "
				   "pregnant }, warn = \"w\" }",
		    0);
	vg_rulebook *book = NULL;
	CU_ASSERT_EQUAL_FATAL(
	    vg_rulebook_compile(source.declarations, source.count, knowledge, &vg_system_allocator, &findings, &book, &error),
	    VIGIL_OK);
	size_t lacking = 0, told = 0;
	for (size_t i = 0; i < findings.count; i++) {
		const vigil_finding *finding = &findings.items[i];
		lacking += strcmp(finding->code, "VG224") == 0;
		told += strcmp(finding->code, "VG293") == 0 && finding->rule && strcmp(finding->rule, "p2") == 0;
	}
	/* The third is eGFR: no row that names it is whole. */
	size_t before = findings.count, unused = 0, unknown = 0;
	CHECK(vg_rulebook_check_sets(book, NULL, &vg_system_allocator, &findings), "the sets are looked at");
	for (size_t i = before; i < findings.count; i++) {
		const vigil_finding *finding = &findings.items[i];
		unused += strcmp(finding->code, "VG285") == 0 && strstr(finding->text, "\"loop diuretc\"");
		unknown += strcmp(finding->code, "VG286") == 0 && strstr(finding->text, "1128999") && finding->line == 3;
	}
	CHECK(unused == 1 && unknown == 1 && findings.count == before + 3, "%zu unused sets, %zu unknown codes, %zu in all",
	      unused, unknown, findings.count - before);
	before = findings.count;
	CHECK(vg_rulebook_check_sets(book, "tests/rule/poor_pack/", &vg_system_allocator, &findings), "and again");
	CHECK(findings.count == before + 1, "sets of the vocabulary may go unused");
	CHECK(lacking == 1, "the missing set \"pregnancy\" is told %zu times", lacking);
	CHECK(told == 1, "the row without meaning is told %zu times", told);
	CU_ASSERT_EQUAL(book->rule_count, 0);
	CU_ASSERT_EQUAL(vg_rule_find(book, "r"), UINT32_MAX);
	CU_ASSERT_EQUAL(vg_rule_find(book, "s"), UINT32_MAX);
	vg_rulebook_free(book);
	source_free(&source);
	vg_findings_free(&findings);
	vg_knowledge_free(knowledge);
}

const test_case test_cases_findings[] = {
    {"each mistake gives its finding and its advice", provokes_every_finding},
    {"no code of the range is left untested", knows_every_code},
    {"right rules give no finding", accepts_what_is_right},
    {"missing built-in sets and rows without meaning are told", reports_what_packs_lack},
    {0},
};
