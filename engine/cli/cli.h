/*
 * Floor 8, cli: the command `vigil`, one file a subcommand.  No clinical logic.
 *
 * A command is one entry of the table in commands.c: its name, its arguments,
 * the options it takes by name, its help, and the function that runs it.  The
 * options are one table as well (options.c), so that parsing, help and the
 * tests of man pages and completion all read the same lines.
 *
 * Exit statuses are those of vigil_status; 1 is "done, and something was found
 * that the caller asked to fail on".  Only this floor reads a clock, the
 * environment and the terminal.
 */
#ifndef VG_CLI_H
#define VG_CLI_H

#include "evaluation/authoring.h"
#include "library/library.h"

enum { VG_EXIT_FOUND = 1 }; /* beside those of vigil_status */

typedef struct vg_list { /* texts given with a repeated option, or positional arguments */
	const char **items;
	size_t count, capacity;
} vg_list;

typedef struct vg_options {
	vg_list arguments, order, rules, not_supplied, fail_on, listen, allow_origin;
	const char *socket, *journal, *config;                                   /* of serve */
	const char *source, *errors;                                             /* of import */
	const char *only, *out, *jobs, *shard, *since, *report, *suppress_below; /* of scan */
	bool resume, forecast, quick;
	const char *as_of, *time_zone, *hook, *format, *knowledge, *explain, *record, *today, *rule, *at_least, *from, *to,
	    *name, *key;
	bool no_starter, no_journal, alerts, all_statuses, record_drafts, all, trace, full, coverage, help;
	bool write, check;  /* of boundaries and fmt */
	const char *sample; /* of impact */
	bool watch;         /* of test */
} vg_options;

typedef struct vg_cli {
	vg_arena arena;
	bool terminal; /* standard output is one */
	bool colour;
	unsigned width; /* columns of standard output */
	bool write_failed;
	int write_errno;
} vg_cli;

typedef struct vg_command {
	const char *name;
	const char *arguments; /* "RECORD|-" */
	const char *summary;   /* half a sentence */
	const char *options;   /* names, blank-separated */
	const char *formats;   /* of --format, the first is the default */
	const char *details;   /* the rest of its help */
	unsigned least, most;  /* how many arguments */
	int (*run)(vg_cli *cli, const vg_options *options);
} vg_command;

/* ---- the commands (commands.c) ------------------------------------------------ */

const vg_command *vg_commands(size_t *ret_count);
const vg_command *vg_command_find(const char *name);
int vg_command_check(vg_cli *cli, const vg_options *options);
int vg_command_lint(vg_cli *cli, const vg_options *options);
int vg_command_words(vg_cli *cli, const vg_options *options);
int vg_command_test(vg_cli *cli, const vg_options *options);
int vg_command_mutate(vg_cli *cli, const vg_options *options);
int vg_command_boundaries(vg_cli *cli, const vg_options *options);
int vg_command_fmt(vg_cli *cli, const vg_options *options);
int vg_command_new(vg_cli *cli, const vg_options *options);
int vg_command_impact(vg_cli *cli, const vg_options *options);
int vg_command_selftest(vg_cli *cli, const vg_options *options);
int vg_command_explain(vg_cli *cli, const vg_options *options);
int vg_command_show(vg_cli *cli, const vg_options *options);
int vg_command_lookup(vg_cli *cli, const vg_options *options);
int vg_command_knowledge(vg_cli *cli, const vg_options *options);
int vg_command_import_population(vg_cli *cli, const vg_options *options);
int vg_command_journal(vg_cli *cli, const vg_options *options);
int vg_command_serve(vg_cli *cli, const vg_options *options);
int vg_command_doctor(vg_cli *cli, const vg_options *options);
int vg_show_all(vg_cli *cli, const vg_options *options, const vg_world *world);
int vg_unknown_rule(vg_cli *cli, const vg_world *world, const char *id); /* 2, with "did you mean" */
int vg_command_scan(vg_cli *cli, const vg_options *options);
int vg_command_version(vg_cli *cli, const vg_options *options);
int vg_command_help(vg_cli *cli, const vg_options *options);

/* ---- options (options.c), help (help.c) ----------------------------------------- */

typedef enum vg_option_kind { VG_OPTION_FLAG, VG_OPTION_TEXT, VG_OPTION_LIST } vg_option_kind;
typedef struct vg_option_info {
	const char *name, *argument, *help; /* argument: NULL for a flag */
	vg_option_kind kind;
	size_t offset; /* in vg_options */
} vg_option_info;
const vg_option_info *vg_option_infos(size_t *ret_count);
bool vg_command_takes(const vg_command *command, const char *option);
/* Reads what follows the command's name.  Wrong usage is told on standard error. */
vigil_status vg_options_read(vg_cli *cli, const vg_command *command, int count, char **arguments, vg_options *ret);
/* One item of a blank-separated list, copied; *at moves behind it.  NULL at the end or when memory ran out. */
const char *vg_next_word(vg_arena *arena, const char **at);

/* ---- telling (say.c) --------------------------------------------------------------- */

void vg_print(vg_cli *cli, const char *text);         /* to standard output; failures are kept */
void vg_print_buffer(vg_cli *cli, vg_buffer *buffer); /* all of a buffer, or nothing when memory ran out */
int vg_finish(vg_cli *cli, int status);               /* flushes; 6 when output could not be written */
int vg_tell_error(const vigil_error *err);            /* to standard error; returns the exit status */
/* A whole number from 1 to `most`. */
bool vg_read_number(const char *text, unsigned long most, unsigned *ret);
/* --jobs, or one a processor; 2 after saying what is wrong. */
int vg_read_jobs(const vg_options *options, unsigned *ret);
int vg_wrong_use(const char *advice, const char *format, ...) VG_FORMAT(2, 3); /* 2 */
int vg_out_of_memory(void);                                                    /* 5 */

void vg_add_csv_cell(vg_buffer *out, const char *text); /* quoted, and never a formula (csv_cell.c) */

/* ---- pages: text for people (page.c) -------------------------------------------------- */

typedef struct vg_page {
	vg_buffer out;
	unsigned width;
	bool colour;
} vg_page;
typedef enum vg_ink { VG_PLAIN, VG_BOLD, VG_DIM, VG_RED, VG_YELLOW, VG_CYAN, VG_GREEN } vg_ink;
void vg_page_init(vg_page *page, vg_cli *cli);
/* Adds text as it may be shown: control and direction characters of a record cannot reach the terminal. */
void vg_page_add(vg_page *page, vg_ink ink, const char *text);
void vg_page_line(vg_page *page); /* ends the line */
/* A paragraph: its first line begins with `mark` in column `indent`, all others
 * stand below the text.  Line breaks in the text are kept. */
void vg_page_item(vg_page *page, unsigned indent, const char *mark, vg_ink ink, const char *text);
/* "  Source       text": a label, then text in a column of its own. */
void vg_page_field(vg_page *page, unsigned indent, const char *label, const char *text);
void vg_page_blanks(vg_page *page, unsigned count);
unsigned vg_text_width(const char *text); /* columns */
/* A table: columns as wide as their widest cell, two blanks between; the last one wraps. */
typedef struct vg_grid {
	const char **cells; /* row by row */
	size_t columns, count, capacity;
} vg_grid;
bool vg_grid_add(vg_arena *arena, vg_grid *grid, const char *cell);
void vg_page_grid(vg_page *page, unsigned indent, const vg_grid *grid);

/* A cell of a Markdown table: line breaks become blanks, and what Markdown or HTML would read stands for itself (show_list.c).
 */
void vg_add_cell(vg_buffer *out, const char *text);

/* ---- what a rule needs (show_needs.c) ----------------------------------------------------- */

void vg_append_text(vg_cli *cli, vg_list *list, const char *text); /* NULL is left out */
/* FHIR searches and prefetch templates of these sections: bits of vg_section. */
void vg_list_needs(vg_cli *cli, unsigned sections, vg_list *searches, vg_list *prefetch);
/* "systemic NSAID: 498 codes, sets/drug_classes.csv:449, from: ATC M01A · …" */
const char *vg_set_description(vg_cli *cli, const vg_knowledge *knowledge, vg_set set);

/* ---- opening (open.c), the clock (clock.c) ---------------------------------------------- */

/* Where packs, knowledge and caches are, from options and environment. */
vigil_status vg_locate(vg_cli *cli, const vg_options *options, vigil_config *ret, vigil_error *err);
const char *vg_starter_folder(vg_cli *cli); /* NULL: none is installed */
/* For `lint` and `test`: the arguments as layers behind --rules, errors accepted (layers.c). */
vigil_status vg_locate_layers(vg_cli *cli, const vg_options *options, vigil_config *ret, vigil_error *err);
bool vg_below_arguments(const vg_options *options, const char *file); /* whether a file belongs to them; true without any */
void vg_tell_findings(const vigil_findings *findings);                /* errors, to standard error */
/* Opens the engine; packs that cannot be loaded are told with their findings. Returns an exit status. */
int vg_open_engine(vg_cli *cli, const vg_options *options, vigil_engine **ret);
/* The moment of evaluation: --as-of, else now, in the zone asked for. */
vigil_status vg_moment(vg_cli *cli, const vg_options *options, const char **ret, vigil_error *err);
/* The present day in a zone (IANA name, ±hh:mm; NULL: the system's), as a dateTime with offset. */
vigil_status vg_now(vg_cli *cli, const char *zone, const char **ret, vigil_error *err);

/* The files of a request. */
typedef struct vg_asked {
	vigil_request request;
	const char **names; /* of the orders' files, for messages */
	const char *record_name;
} vg_asked;
vigil_status vg_ask(vg_cli *cli, const vg_options *options, const char *record, vg_asked *ret, vigil_error *err);
void vg_name_file(const vg_asked *asked, vigil_error *err); /* "orders[1]" in an error becomes the file's name */

/* ---- files that authors keep (write.c) -------------------------------------------------------- */

/* Replaces a file, or makes it, with the folders above it: all of it or nothing. */
vigil_status vg_write_file(vg_cli *cli, const char *path, const char *text, size_t length, vigil_error *err);

/* ---- what `vigil new` writes (new_templates.c) ------------------------------------------------ */

typedef struct vg_template {
	const char *kind, *about, *text; /* text: with @ID@ and @REVIEW@ */
} vg_template;
const vg_template *vg_templates(size_t *ret_count);

/* ---- a progress bar on the terminal (progress.c) ------------------------------------------- */

/* On standard error, when that is a terminal and the work takes over two seconds:
 * how far, how many, how fast, how long still.  NULL is a meter that shows nothing. */
typedef struct vg_meter vg_meter;
vg_meter *vg_meter_open(vg_cli *cli, const char *what, const char *things); /* "Scanning", "patients" */
/* `count` things are done; `done` of `all` parts of the work, in whatever unit (all 0: not known). */
void vg_meter_show(vg_meter *meter, uint64_t count, uint64_t done, uint64_t all);
void vg_meter_say(vg_meter *meter,
		  const char *text);  /* a line on standard error, terminal or not, between the bar's pictures */
void vg_meter_close(vg_meter *meter); /* takes the bar away */
vg_progress vg_terminal_progress(vg_cli *cli, const char *what);

/* ---- `vigil test --watch` (test_watch.c) ---------------------------------------------------- */

/* Calls `run`, with memory of its own, now and after each change below the packs that are named, until that fails. */
int vg_watch_packs(vg_cli *cli, const vg_options *options, int (*run)(vg_cli *cli, const vg_options *options));

/* ---- `vigil test --coverage` (test_coverage.c) --------------------------------------------- */

void vg_write_coverage_text(vg_cli *cli, const vg_options *options, vg_page *page, const vg_coverage *coverage);
void vg_write_coverage_json(vg_cli *cli, const vg_options *options, vg_json_writer *json, const vg_coverage *coverage);

/* ---- writing answers and findings (output_text.c, output_findings.c) --------------------- */

void vg_write_answer(vg_page *page, const vg_answer *answer, bool trace);
typedef enum vg_findings_form { VG_FINDINGS_TEXT, VG_FINDINGS_JSON, VG_FINDINGS_ONELINE, VG_FINDINGS_SARIF } vg_findings_form;
void vg_write_sarif(vg_cli *cli, const vigil_findings *findings); /* output_sarif.c */
int vg_explain_finding(vg_cli *cli, const vg_options *options);   /* explain_finding.c */
void vg_write_findings(vg_cli *cli, const vigil_findings *findings, vg_findings_form form, vg_page *page);
const char *vg_level_name(vigil_level level);                                            /* "error" … */
void vg_write_quantity(vg_buffer *out, size_t count, const char *one, const char *many); /* "1 error", "2 errors" */

#endif
