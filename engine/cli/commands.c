/*
 * The commands, in the order in which help lists them.
 */
#include <string.h>

#include "cli/cli.h"

#define PACKS "rules no-starter knowledge"
#define REQUEST "order as-of time-zone hook not-supplied record-drafts"

static const vg_command commands[] = {
    {"check", "RECORD|-", "evaluates one record and the orders being made",
     REQUEST " alerts all-statuses all format trace fail-on " PACKS, "text json cards",
     "RECORD is a FHIR R4 Bundle of one patient's resources, a CDS Hooks request, or - for standard input.\n"
     "Without a hook, a record with orders is judged as at order-sign, without as at patient-view.\n"
     "--fail-on takes info, warning or critical (an alert of at least this severity from an active rule) and\n"
     "incomplete (something could not be evaluated); repeatable.",
     1, 1, vg_command_check},
    {"explain", "RULE RECORD|-", "tells why a rule fired for a record, or did not", REQUEST " alerts full format " PACKS,
     "text json",
     "One sentence, then each condition with its value, the facts it rests on and where it is written, then what\n"
     "would have to change. --full tells every step of the evaluation in its order, with its facts and its time; the row\n"
     "of a pair table has no steps of its own.",
     2, 2, vg_command_explain},
    {"show", "[RULE]", "tells a rule or a table's row in plain English, or lists all of them", "format " PACKS,
     "text json markdown",
     "With RULE: its kind, severity, triggers, conditions, data needs with FHIR searches and prefetch, sets with\n"
     "their sources, patient attributes, evidence, and which layer decided it. Without: the list, as markdown the catalogue.",
     0, 1, vg_command_show},
    {"lint", "[DIR|FILE]…", "finds mistakes in rule packs", "format explain record today fail-on rules no-starter knowledge",
     "text json oneline sarif markdown",
     "Each folder or file is read as a layer over the starter pack, and its own findings are shown; without one, the\n"
     "starter pack's. Ends with 1 when there is an error; --fail-on warning or note asks for more.",
     0, 100, vg_command_lint},
    {"test", "[DIR]…", "runs the examples of rule packs", "coverage format rule watch " PACKS, "text json junit",
     "Each folder is read as a layer over the starter pack. Ends with 1 when an example fails.\n"
     "--coverage tells of each condition whether an example shows it true, false, and deciding alone (MC/DC).",
     0, 100, vg_command_test},
    {"mutate", "[RULE]…", "changes rules and tells which changes no example would notice", "at-least format " PACKS,
     "text json",
     "Limits, periods, comparisons, sets, kinds of lists, exceptions and cases are changed one at a time and the rule's\n"
     "examples run. Without RULE, all active rules of rule files. --at-least 95 ends with 1 when a rule scores less.",
     0, 100, vg_command_mutate},
    {"boundaries", "RULE", "makes a patient beside each limit of a rule and tells what becomes of him",
     "as-of format write " PACKS, "text markdown html json",
     "Just below, at and just above each limit: values, ages, windows, counts, doses, intervals. A table to read and\n"
     "sign; --write keeps it as examples, in the rule's file or, for a row of a table, in examples/ of its pack.\n"
     "Without --as-of the day is 2026-03-01, so that the table is the same tomorrow.",
     1, 1, vg_command_boundaries},
    {"impact", "OLD NEW POPULATION…", "tells who would newly get, or lose, an alert or a due screening",
     "as-of time-zone all-statuses record-drafts sample format rules no-starter", "text json",
     "OLD and NEW are folders of rule packs, each layered over the starter pack and --rules; - is none. POPULATION is\n"
     "bundles, recorded CDS Hooks requests, a file of one a line (.ndjson, also gzip and zstd), or folders of these.\n"
     "--all-statuses counts drafts and shadow rules too, to see what a rule would do before it is put into service.",
     3, 100, vg_command_impact},
    {"new", "KIND ID", "writes a working rule with its examples, to begin from", "out " PACKS, "text",
     "KIND is rule (any alert), interaction, contraindication, allergy, duplicate_therapy, duplicate_test, screening or\n"
     "define (a named condition). The file is ID.lua in the folder of --out, the current one without it, which becomes a\n"
     "pack when it is none. Nothing that is there is touched.",
     2, 2, vg_command_new},
    {"fmt", "FILE|DIR|-…", "puts blanks, line indents, quotes and commas of rule files in order", "check", "text",
     "Line breaks, texts and comments stay. Each file is replaced at once, or not at all; one with a mistake in it is left\n"
     "alone and told (3). - reads standard input and writes standard output.",
     1, 100, vg_command_fmt},
    {"words", "[NAME]…", "tells the words of the rule language, and writes what editors need to know them", "format out",
     "text json markdown editor luals plugin luarc luacheck",
     "With NAME: one word, :refinement, line or kind of rule. --format editor --out DIR writes into a pack's folder what\n"
     "lua-language-server and luacheck read; each other format goes to standard output, or into --out DIR.",
     0, 20, vg_command_words},
    {"selftest", "", "runs scripted patients and orders against the packs, and reports what would have been missed",
     "format " PACKS, "text json",
     "The orders are in selftest/*.csv of each pack; a later pack's row replaces one of the same id. An order whose\n"
     "rule is shadow or draft is reported as not active. Ends with 1 when an order was missed.",
     0, 0, vg_command_selftest},
    {"lookup", "CODE|NAME…", "tells what the knowledge knows of a code, a drug, an allergen, a test or a set", "format " PACKS,
     "text json", "A code may be written with its system: rxnorm|197805, or a whole URI before the bar.", 1, 20,
     vg_command_lookup},
    {"knowledge", "info|import|list-imports|remove …", "tells what is loaded, and imports terminologies",
     "to name format " PACKS, "text json",
     "info                          which tables, sets and codes are loaded, and from where\n"
     "import rxnorm DIR             RXNCONSO.RRF, RXNREL.RRF and RXNSAT.RRF: every product of RxNorm\n"
     "import valueset FILE          a FHIR ValueSet, expanded or with its codes listed\n"
     "import sets FILE              a table of sets, .tsv or .csv: name, system, code, display\n"
     "import local-codes FILE       a site's laboratory codes, CSV: system, code, loinc, display\n"
     "list-imports                  what was imported\n"
     "remove NAME                   takes an import away",
     1, 3, vg_command_knowledge},
    {"import", "POPULATION.db PATH…", "reads FHIR exports and bundles into a population store", "source errors jobs format",
     "text json",
     "PATH is the folder of a bulk export (NDJSON, also .gz and .zst, with or without its manifest), an NDJSON file, a\n"
     "Bundle (.json), or a folder of them. Importing again updates: the newer version of a resource counts, deletions\n"
     "are followed, and the same import changes nothing. An import that was stopped goes on when it is run again.\n"
     "Ends with 3 when a line could not be read or a resource's patient is not known; the rest is in the store.",
     2, 1000000, vg_command_import_population},
    {"scan", "POPULATION.db|PATH…|-", "tells who in a population is due for what",
     "as-of time-zone only not-supplied alerts all format out jobs shard resume since forecast quick report "
     "suppress-below " PACKS,
     "table csv ndjson fhir",
     "PATH is a population store, a file of a Bundle a line (.ndjson, also .gz and .zst), a Bundle (.json), or a folder\n"
     "of them; - reads a Bundle a line from standard input and writes one result a line. The output is in the order of\n"
     "the input, whatever --jobs. A record that cannot be read is answered with an error in its place, and the scan ends\n"
     "with 3. --shard takes part I of N of a store's patients, or every N-th line: rows (csv, ndjson) of all parts are\n"
     "those of the whole; sums (table, report, the lists of fhir) are of the part alone.",
     1, 1000, vg_command_scan},
    {"journal", "verify|export|stats FILE", "tells whether the service's journal is whole, and what it holds",
     "key from to fail-on format", "text json csv ndjson",
     "verify   reads every row and card; ends with 1 when one was changed, removed, added or moved, or when the end is\n"
     "         missing; text or json\n"
     "export   a line for each card that was given and for each feedback: intervention, action, feedback, user, date,\n"
     "         location; csv (also when no format is given), or ndjson\n"
     "stats    how often each rule fires, what was done with its cards, and the alarm for rules that stopped firing or\n"
     "         jumped; text, csv or json; ends with 1 on an alarm when --fail-on alarm asks for it",
     2, 2, vg_command_journal},
    {"serve", "", "answers CDS Hooks and its own API over HTTP, in the foreground",
     "listen socket journal no-journal allow-origin config time-zone " PACKS, "text",
     "Needs --journal FILE or --no-journal. Listens on 127.0.0.1:8080 unless told otherwise. SIGHUP loads the packs again\n"
     "or keeps the old ones and says why; SIGTERM lets running requests end.",
     0, 0, vg_command_serve},
    {"doctor", "", "tells what is installed and whether packs, knowledge and cache are sound", "format config " PACKS,
     "text json",
     "With --config also whether a service with these settings would start: settings, certificate, keys, journal, packs.\n"
     "Ends with 1 when something needs mending.",
     0, 0, vg_command_doctor},
    {"version", "", "tells the versions of Vigil, its languages and its libraries", "format", "text json", "", 0, 0,
     vg_command_version},
    {"help", "[COMMAND]", "tells what commands there are, or what one does", "", "text", "", 0, 1, vg_command_help},
};

const vg_command *vg_commands(size_t *ret_count)
{
	*ret_count = VG_COUNT(commands);
	return commands;
}

const vg_command *vg_command_find(const char *name)
{
	for (size_t i = 0; i < VG_COUNT(commands); i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}
