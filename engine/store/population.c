/*
 * The population store, for reading.
 *
 * One SQLite file with pages of 32 kB, mapped into memory, so that a patient's
 * record is read where it lies.  It is opened so that SQLite may finish what a
 * killed import left (it goes back to what was before), and nothing else is
 * ever written.  Every cursor has a connection of its own: threads share
 * nothing but what was read when the store was opened.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "store/population_internal.h"
#include "store/store_internal.h"

struct vg_population {
	vg_arena arena; /* the population itself */
	const char *file;
	vg_packed *templates;
	size_t template_count;
	uint32_t *sections; /* of each source */
	vg_population_tally *parts;
	uint64_t sum; /* over all rows */
	vg_population_info info;
};

struct vg_cursor {
	vg_arena arena;
	const vg_population *population;
	sqlite3 *database;
	sqlite3_stmt *select;
	vg_population_range range;
	uint64_t part;             /* which is being read */
	vg_population_tally found; /* of it, so far */
	uint64_t touched;          /* bytes of records that were read since the file was mapped anew */
};

/* A mapped page counts as the process's memory until it is let go.  So that a scan needs the same for a thousand patients
 * and for a million, a cursor maps the file anew after so many bytes of records. */
enum { MOST_TOUCHED = 16 << 20 };

/* ---- SQLite's words ---------------------------------------------------------------- */

vigil_status vg_population_fail(vigil_error *err, const char *file, sqlite3 *database, int code, const char *doing)
{
	const char *advice = "Check that it is the file of a population, and that nothing else writes it.";
	vigil_status status = VIGIL_BAD_INPUT;
	switch (code & 0xff) {
	case SQLITE_NOMEM:
		return vg_fail_memory(err);
	case SQLITE_FULL:
		status = VIGIL_BAD_OUTPUT;
		advice = "Free some space on the disk and run the same import again: it goes on where it was.";
		break;
	case SQLITE_READONLY:
	case SQLITE_PERM:
		status = VIGIL_BAD_OUTPUT;
		advice = "Check that the user who runs Vigil may write the file and its folder.";
		break;
	case SQLITE_CANTOPEN:
		advice = "Check that the folder exists and that the user who runs Vigil may use the file.";
		break;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		status = VIGIL_BAD_OUTPUT;
		advice =
		    "Another process uses the store: an import writes it, or a scan reads it. Try again when that is over.";
		break;
	case SQLITE_NOTADB:
		advice = "It is not a population store; name one, or a file that does not exist yet.";
		break;
	case SQLITE_CORRUPT:
		advice = "The store is damaged: restore a copy, or import the population again into a new file.";
		break;
	case SQLITE_IOERR:
		status = VIGIL_BAD_OUTPUT;
		advice = "Check the disk and the space on it.";
		break;
	default:
		break;
	}
	vg_fail(err, status, advice, "The population store could not be used while %s: %s.", doing,
		database ? sqlite3_errmsg(database) : sqlite3_errstr(code));
	vg_error_place(err, file, 0);
	return status;
}

vigil_status vg_population_connect(const char *file, bool make, sqlite3 **ret, vigil_error *err)
{
	struct stat info;
	bool there = stat(file, &info) == 0;
	if (!make && !there) {
		int reason = errno;
		vg_fail(err, VIGIL_BAD_INPUT,
			reason == ENOENT ? "`vigil import FILE PATH…` makes a population store."
					 : "Check the path and who may read it.",
			"The population store cannot be opened: %s.", strerrordesc_np(reason));
		vg_error_place(err, file, 0);
		return VIGIL_BAD_INPUT;
	}
	if (there && !S_ISREG(info.st_mode)) {
		vg_fail(err, VIGIL_BAD_INPUT, "Name the file of a population store.", "It is not a file.");
		vg_error_place(err, file, 0);
		return VIGIL_BAD_INPUT;
	}
	int flags = SQLITE_OPEN_READWRITE | (make ? SQLITE_OPEN_CREATE : 0) | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
	int code = sqlite3_open_v2(file, ret, flags, NULL);
	if (code == SQLITE_OK) {
		sqlite3_extended_result_codes(*ret, 1);
		sqlite3_busy_timeout(*ret, 1000);
		code = sqlite3_exec(*ret, "PRAGMA mmap_size=1099511627776; PRAGMA cell_size_check=1;", NULL, NULL, NULL);
	}
	return code == SQLITE_OK ? VIGIL_OK : vg_population_fail(err, file, *ret, code, "opening it");
}

vigil_status vg_population_check_kind(sqlite3 *database, const char *file, bool *ret_empty, vigil_error *err)
{
	static const vg_store_kind kind = {
	    .application = VG_POPULATION_APPLICATION,
	    .version = VG_POPULATION_VERSION,
	    .name = "population store",
	    .tables = "template source patient link identifier product wanted figures part import",
	    .other = "The file is a database, but not a population store of Vigil.",
	    .name_one = "Name a population store, or a file that does not exist yet.",
	    .use_newer = "Use the newer release, or import the population again into a new file.",
	    .make_again = "Import the population again into a new file.",
	    .fail = vg_population_fail,
	};
	return vg_store_check_kind(&kind, database, file, ret_empty, err);
}

/* ---- opening ---------------------------------------------------------------------------- */

static const char *column_text(vg_arena *arena, sqlite3_stmt *row, int column)
{
	const char *text = (const char *)sqlite3_column_text(row, column);
	return text ? vg_copy_text(arena, text, strlen(text)) : "";
}

static uint64_t column_count(sqlite3_stmt *row, int column) { return (uint64_t)sqlite3_column_int64(row, column); }

static int read_templates(vg_population *population, sqlite3_stmt *row)
{
	size_t capacity = 0;
	int code;
	while ((code = sqlite3_step(row)) == SQLITE_ROW) {
		vg_packed *templates = vg_grow(&population->arena, population->templates, population->template_count, &capacity,
					       sizeof *templates);
		size_t length = (size_t)sqlite3_column_bytes(row, 1);
		const char *text = (const char *)sqlite3_column_blob(row, 1);
		char *copy = vg_copy_text(&population->arena, text ? text : "", text ? length : 0);
		if (!templates || !copy)
			return SQLITE_NOMEM;
		population->templates = templates;
		if (column_count(row, 0) != population->template_count + 1 || column_count(row, 2) != vg_hash(copy, length))
			return SQLITE_CORRUPT;
		templates[population->template_count++] = (vg_packed){copy, length};
	}
	return code;
}

static int read_sources(vg_population *population, sqlite3_stmt *row)
{
	vg_population_info *info = &population->info;
	const char **names = vg_alloc_array(&population->arena, VG_POPULATION_SOURCES, sizeof *names);
	population->sections = vg_alloc_array(&population->arena, VG_POPULATION_SOURCES, sizeof *population->sections);
	info->sources = names;
	if (!names || !population->sections)
		return SQLITE_NOMEM;
	int code;
	while ((code = sqlite3_step(row)) == SQLITE_ROW) {
		if (info->source_count == VG_POPULATION_SOURCES || column_count(row, 0) != info->source_count + 1)
			return SQLITE_CORRUPT;
		names[info->source_count] = column_text(&population->arena, row, 1);
		population->sections[info->source_count++] = (uint32_t)sqlite3_column_int(row, 2);
	}
	return code;
}

static int read_figures(vg_population *population, sqlite3_stmt *row)
{
	vg_population_info *info = &population->info;
	int code = sqlite3_step(row);
	if (code != SQLITE_ROW)
		return code == SQLITE_DONE ? SQLITE_CORRUPT : code;
	info->patients = column_count(row, 0);
	info->resources = column_count(row, 1);
	info->without_birth_date = column_count(row, 2);
	info->without_sex = column_count(row, 3);
	population->sum = column_count(row, 4);
	info->digest = column_text(&population->arena, row, 5);
	return SQLITE_DONE;
}

uint64_t vg_population_row_sum(uint64_t number, vg_packed record)
{
	uint64_t parts[2] = {number, 0};
	memcpy(&parts[1], record.bytes, record.length < sizeof parts[1] ? record.length : sizeof parts[1]);
	return vg_hash(parts, sizeof parts);
}

int vg_population_tallies(sqlite3_stmt *row, vg_population_tally *parts, vg_population_tally whole)
{
	int code;
	while ((code = sqlite3_step(row)) == SQLITE_ROW) {
		uint64_t number = column_count(row, 0);
		if (number >= VG_POPULATION_PARTS)
			return SQLITE_CORRUPT;
		parts[number] = (vg_population_tally){column_count(row, 1), column_count(row, 2)};
		whole.patients -= parts[number].patients; /* modulo 2^64 */
		whole.sum -= parts[number].sum;
	}
	return code == SQLITE_DONE && (whole.patients || whole.sum) ? SQLITE_CORRUPT : code;
}

static int read_parts(vg_population *population, sqlite3_stmt *row)
{
	population->parts = vg_alloc_array(&population->arena, VG_POPULATION_PARTS, sizeof *population->parts);
	vg_population_tally whole = {population->info.patients, population->sum};
	return population->parts ? vg_population_tallies(row, population->parts, whole) : SQLITE_NOMEM;
}

static int read_imports(vg_population *population, sqlite3_stmt *row)
{
	vg_population_info *info = &population->info;
	int code;
	info->imported_at = "";
	while ((code = sqlite3_step(row)) == SQLITE_ROW) {
		info->imported_at = column_text(&population->arena, row, 0);
		info->bad_lines += column_count(row, 1);
		info->orphans += column_count(row, 2);
	}
	return code;
}

static vigil_status read_all(vg_population *population, sqlite3 *database, vigil_error *err)
{
	static const struct {
		const char *sql;
		int (*read)(vg_population *population, sqlite3_stmt *row);
		const char *doing;
	} parts[] = {
	    {"SELECT number, text, sum FROM template ORDER BY number", read_templates, "reading its dictionary"},
	    {"SELECT number, name, sections FROM source ORDER BY number", read_sources, "reading its sources"},
	    {"SELECT patients, resources, without_birth_date, without_sex, sum, digest FROM figures", read_figures,
	     "reading its figures"},
	    {"SELECT number, patients, sum FROM part", read_parts, "reading its figures"},
	    {"SELECT at, bad, orphans FROM import ORDER BY number", read_imports, "reading its imports"},
	};
	for (size_t i = 0; i < VG_COUNT(parts); i++) {
		sqlite3_stmt *row = NULL;
		int code = sqlite3_prepare_v2(database, parts[i].sql, -1, &row, NULL);
		if (code == SQLITE_OK)
			code = parts[i].read(population, row);
		vigil_status status = VIGIL_OK;
		if (population->arena.failed)
			status = vg_fail_memory(err);
		else if (code != SQLITE_DONE)
			status = vg_population_fail(err, population->file, code == SQLITE_CORRUPT ? NULL : database, code,
						    parts[i].doing);
		sqlite3_finalize(row);
		if (status != VIGIL_OK)
			return status;
	}
	return VIGIL_OK;
}

vigil_status vg_population_open(const char *file, const vg_allocator *allocator, vg_population **ret, vigil_error *err)
{
	vg_arena arena;
	vg_arena_init(&arena, allocator, 0);
	vg_population *made = vg_alloc(&arena, sizeof *made);
	if (!made) {
		vg_arena_free(&arena);
		return vg_fail_memory(err);
	}
	made->arena = arena;
	made->file = vg_copy_text(&made->arena, file, strlen(file));
	sqlite3 *database = NULL;
	bool empty = false;
	vigil_status status = made->file ? vg_population_connect(file, false, &database, err) : vg_fail_memory(err);
	if (status == VIGIL_OK)
		status = vg_population_check_kind(database, made->file, &empty, err);
	if (status == VIGIL_OK && empty) {
		status = vg_fail(err, VIGIL_BAD_INPUT, "`vigil import FILE PATH…` fills it.", "The population store is empty.");
		vg_error_place(err, file, 0);
	}
	if (status == VIGIL_OK)
		status = read_all(made, database, err);
	sqlite3_close(database);
	if (status != VIGIL_OK) {
		vg_population_close(made);
		return status;
	}
	*ret = made;
	return VIGIL_OK;
}

const vg_population_info *vg_population_info_of(const vg_population *population) { return &population->info; }

vigil_status vg_population_dictionary(const vg_population *population, const vg_knowledge *knowledge, vg_watch watch,
				      vg_dictionary **ret, vigil_error *err)
{
	return vg_dictionary_open(population->templates, population->template_count, population->sections,
				  population->info.source_count, knowledge, watch, &population->arena.allocator, ret, err);
}

void vg_population_close(vg_population *population)
{
	if (!population)
		return;
	vg_arena arena = population->arena; /* the population lies in it */
	vg_arena_free(&arena);
}

/* ---- ranges and cursors -------------------------------------------------------------------- */

/* `part` of `parts` of a width, without overflow. */
static uint64_t share(uint64_t width, uint64_t part, uint64_t parts)
{
	return width / parts * part + width % parts * part / parts;
}

/* Where the first `part` of `parts` of a range end: where a part of the store does, so that each is read as a whole. */
static uint64_t end_of(vg_population_range range, uint64_t part, uint64_t parts)
{
	uint64_t at = range.from + share(range.until - range.from, part, parts);
	if (part == parts)
		return range.until;
	at -= at % (UINT64_C(1) << VG_POPULATION_PART_BITS);
	return at > range.from ? at : range.from;
}

vg_population_range vg_population_part(vg_population_range range, uint64_t part, uint64_t parts)
{
	return (vg_population_range){end_of(range, part - 1, parts), end_of(range, part, parts)};
}

vigil_status vg_cursor_open(const vg_population *population, vg_cursor **ret, vigil_error *err)
{
	vg_arena arena;
	vg_arena_init(&arena, &population->arena.allocator, 0);
	vg_cursor *cursor = vg_alloc(&arena, sizeof *cursor);
	if (!cursor) {
		vg_arena_free(&arena);
		return vg_fail_memory(err);
	}
	*cursor = (vg_cursor){.arena = arena, .population = population};
	vigil_status status = vg_population_connect(population->file, false, &cursor->database, err);
	if (status == VIGIL_OK) {
		int code = sqlite3_prepare_v2(
		    cursor->database, "SELECT number, record FROM patient WHERE number >= ?1 AND number <= ?2 ORDER BY number",
		    -1, &cursor->select, NULL);
		if (code != SQLITE_OK)
			status = vg_population_fail(err, population->file, cursor->database, code, "opening it");
	}
	if (status != VIGIL_OK) {
		vg_cursor_close(cursor);
		return status;
	}
	*ret = cursor;
	return VIGIL_OK;
}

/* Gives up what is mapped; the next read maps the file again.  Only while nothing is being read. */
static void let_go(vg_cursor *cursor)
{
	sqlite3_int64 size = 0; /* in: the new limit, out: the one before */
	if (sqlite3_file_control(cursor->database, "main", SQLITE_FCNTL_MMAP_SIZE, &size) == SQLITE_OK && size > 0)
		sqlite3_file_control(cursor->database, "main", SQLITE_FCNTL_MMAP_SIZE, &size);
	cursor->touched = 0;
}

vigil_status vg_cursor_seek(vg_cursor *cursor, vg_population_range range, vigil_error *err)
{
	(void)err;
	sqlite3_reset(cursor->select);
	if (cursor->touched > MOST_TOUCHED)
		let_go(cursor);
	bool none = range.until <= range.from; /* from 1 up to 0 is nothing */
	cursor->range = none ? (vg_population_range){0, 0} : range;
	cursor->part = cursor->range.from >> VG_POPULATION_PART_BITS;
	cursor->found = (vg_population_tally){0, 0};
	sqlite3_bind_int64(cursor->select, 1, none ? 1 : (int64_t)range.from);
	sqlite3_bind_int64(cursor->select, 2, none ? 0 : (int64_t)(range.until - 1));
	return VIGIL_OK;
}

/* Everything before `number` is read: whether it was all that the store says is there.  A part of which only a piece was
 * asked for is not judged. */
static bool agrees(vg_cursor *cursor, uint64_t number)
{
	for (uint64_t until = number >> VG_POPULATION_PART_BITS; cursor->part < until; cursor->part++) {
		const vg_population_tally *said = &cursor->population->parts[cursor->part];
		bool whole = cursor->part << VG_POPULATION_PART_BITS >= cursor->range.from;
		if (whole && (cursor->found.patients != said->patients || cursor->found.sum != said->sum))
			return false;
		cursor->found = (vg_population_tally){0, 0};
	}
	return true;
}

/* Other patients than the store said when it was opened: since then it was written, or it is damaged. */
static vigil_status fail_disagreement(vg_cursor *cursor, vigil_error *err)
{
	const vg_population *population = cursor->population;
	sqlite3_stmt *row = NULL;
	sqlite3_reset(cursor->select);
	bool known = sqlite3_prepare_v2(cursor->database, "SELECT digest FROM figures", -1, &row, NULL) == SQLITE_OK &&
		     sqlite3_step(row) == SQLITE_ROW;
	const char *digest = known ? (const char *)sqlite3_column_text(row, 0) : NULL;
	bool written = digest && strcmp(digest, population->info.digest) != 0;
	sqlite3_finalize(row);
	if (written)
		vg_fail(err, VIGIL_BAD_INPUT, "Run it again: nothing was lost.",
			"An import changed the population store while it was read.");
	else
		vg_fail(err, VIGIL_BAD_INPUT,
			"The store is damaged: restore a copy, or import the population again into a new file.",
			"The population store does not hold the patients that it should: rows are missing, or were changed.");
	vg_error_place(err, population->file, 0);
	return VIGIL_BAD_INPUT;
}

vigil_status vg_cursor_next(vg_cursor *cursor, uint64_t *ret_number, vg_packed *ret, bool *ret_more, vigil_error *err)
{
	int code = sqlite3_step(cursor->select);
	*ret_more = code == SQLITE_ROW;
	if (code == SQLITE_DONE) {
		if (!agrees(cursor, cursor->range.until))
			return fail_disagreement(cursor, err);
		sqlite3_reset(cursor->select); /* lets an import in */
		return VIGIL_OK;
	}
	if (code == SQLITE_ROW) {
		*ret_number = column_count(cursor->select, 0);
		*ret = (vg_packed){sqlite3_column_blob(cursor->select, 1), (size_t)sqlite3_column_bytes(cursor->select, 1)};
		if (ret->bytes) {
			if (!agrees(cursor, *ret_number) || *ret_number >> VG_POPULATION_PART_BITS != cursor->part)
				return fail_disagreement(cursor, err);
			cursor->touched += ret->length;
			cursor->found.patients++;
			cursor->found.sum += vg_population_row_sum(*ret_number, *ret);
			return VIGIL_OK;
		}
		code = sqlite3_errcode(cursor->database) == SQLITE_NOMEM ? SQLITE_NOMEM : SQLITE_CORRUPT;
	}
	return vg_population_fail(err, cursor->population->file, code == SQLITE_CORRUPT ? NULL : cursor->database, code,
				  "reading patients");
}

void vg_cursor_close(vg_cursor *cursor)
{
	if (!cursor)
		return;
	sqlite3_finalize(cursor->select);
	sqlite3_close(cursor->database);
	vg_arena arena = cursor->arena;
	vg_arena_free(&arena);
}
