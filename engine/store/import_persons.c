/*
 * Joining, the part about persons: a patient's row in the store, and which
 * numbers are one person.
 *
 * A row is taken out of the figures when it is read and counted again when it
 * is written, so that the figures are right at every moment.  Of two numbers
 * that are one person the one that was there first stays; the record of the
 * other goes into its record, and the number is linked to it.
 */
#include <string.h>

#include "store/population_internal.h"

/* ---- a patient's row -------------------------------------------------------------------- */

uint64_t vg_join_number(const char *source, const char *patient)
{
	char text[512];
	size_t first = strlen(source) + 1, second = strlen(patient); /* the name with its zero byte */
	/* An id that long is none of FHIR's; the hashes of both tell it well enough. */
	if (first >= sizeof text || second >= sizeof text - first)
		return (vg_hash(patient, second) ^ vg_hash(source, first - 1)) >> 1;
	memcpy(text, source, first);
	memcpy(text + first, patient, second);
	return vg_hash(text, first + second) >> 1;
}

/* Takes a patient's figures away (or adds them). */
static void count_row(vg_join *all, uint64_t number, bool birth_known, const char *sex, uint64_t resources, vg_packed record,
		      bool add)
{
	vg_figures *now = &all->now;
	vg_population_tally *part = &all->parts[number >> VG_POPULATION_PART_BITS];
	uint64_t one = add ? 1 : UINT64_MAX; /* modulo 2^64 */
	uint64_t sum = one * vg_population_row_sum(number, record);
	now->patients += one;
	now->resources += one * resources;
	now->without_birth_date += birth_known ? 0 : one;
	now->without_sex += *sex ? 0 : one;
	now->sum += sum;
	part->patients += one;
	part->sum += sum;
}

/* Reads a row and takes it out of the figures; whoever writes it again adds it. */
vigil_status vg_join_take_row(vg_join *all, uint64_t number, vg_patient_row *ret, vigil_error *err)
{
	sqlite3_stmt *get = vg_tables_use(&all->tables, VG_SQL_PATIENT_GET);
	sqlite3_bind_int64(get, 1, (int64_t)number);
	vigil_status status = vg_tables_row(&all->tables, get, &ret->there, err);
	if (status != VIGIL_OK || !ret->there)
		return status;
	const char *sex = (const char *)sqlite3_column_text(get, 1);
	const void *bytes = sqlite3_column_blob(get, 3);
	size_t length = (size_t)sqlite3_column_bytes(get, 3);
	char *copy = bytes ? vg_copy_text(&all->arena, bytes, length) : NULL;
	if (!copy || !sex) {
		sqlite3_reset(get);
		return vg_fail_memory(err);
	}
	ret->record = (vg_packed){copy, length};
	ret->added = sqlite3_column_int64(get, 4);
	ret->changed = sqlite3_column_int64(get, 5);
	count_row(all, number, sqlite3_column_type(get, 0) != SQLITE_NULL, sex, (uint64_t)sqlite3_column_int64(get, 2),
		  ret->record, false);
	sqlite3_reset(get);
	return VIGIL_OK;
}

static vigil_status delete_row(vg_join *all, uint64_t number, vigil_error *err)
{
	sqlite3_stmt *delete = vg_tables_use(&all->tables, VG_SQL_PATIENT_DELETE);
	sqlite3_bind_int64(delete, 1, (int64_t)number);
	return vg_tables_run(&all->tables, delete, err);
}

bool vg_same_bytes(vg_packed a, vg_packed b) { return a.length == b.length && memcmp(a.bytes, b.bytes, a.length) == 0; }

/* Writes what the list holds as a patient's record. */
static vigil_status put_row(vg_join *all, uint64_t number, const vg_patient_row *before, vg_day birth, const char *sex,
			    vigil_error *err)
{
	vg_packed record;
	uint64_t resources = vg_packed_list_count(all->list);
	vigil_status status = vg_packed_list_write(all->list, &record, err);
	if (status != VIGIL_OK)
		return status;
	count_row(all, number, birth != VG_NO_DAY, sex, resources, record, true);
	if (before->there && vg_same_bytes(before->record, record))
		return VIGIL_OK;
	/* Who is written more than once by one import was added, or changed, once. */
	bool added = !before->there, counted = before->added == all->import || before->changed == all->import;
	all->given->report->added += added;
	all->given->report->changed += !added && !counted;
	sqlite3_stmt *put = vg_tables_use(&all->tables, VG_SQL_PATIENT_PUT);
	sqlite3_bind_int64(put, 1, (int64_t)number);
	if (birth == VG_NO_DAY)
		sqlite3_bind_null(put, 2);
	else
		sqlite3_bind_int64(put, 2, birth);
	sqlite3_bind_text(put, 3, sex, -1, SQLITE_STATIC);
	sqlite3_bind_int64(put, 4, (int64_t)resources);
	sqlite3_bind_int64(put, 5, added ? all->import : before->added);
	sqlite3_bind_int64(put, 6, added ? 0 : all->import);
	sqlite3_bind_blob64(put, 7, record.bytes, record.length, SQLITE_STATIC);
	return vg_tables_run(&all->tables, put, err);
}

/* Who is gone again in the import that wrote him was neither added nor changed by it. */
static vigil_status take_away(vg_join *all, uint64_t number, const vg_patient_row *before, vigil_error *err)
{
	vg_import_report *report = all->given->report;
	bool added = before->added == all->import;
	report->added -= added;
	report->changed -= !added && before->changed == all->import;
	report->removed += !added;
	return delete_row(all, number, err);
}

/* ---- two patients of one number ------------------------------------------------------------ */

static vigil_status source_name(vg_join *all, uint32_t source, const char **ret, vigil_error *err)
{
	bool found;
	sqlite3_stmt *get = vg_tables_use(&all->tables, VG_SQL_SOURCE_NAME);
	sqlite3_bind_int64(get, 1, source);
	vigil_status status = vg_tables_row(&all->tables, get, &found, err);
	if (status != VIGIL_OK)
		return status;
	const char *name = found ? (const char *)sqlite3_column_text(get, 0) : "";
	*ret = name ? vg_copy_text(&all->arena, name, strlen(name)) : NULL;
	sqlite3_reset(get);
	return *ret ? VIGIL_OK : vg_fail_memory(err);
}

static vigil_status same_number(vg_join *all, const char *one, const char *other, vigil_error *err)
{
	vg_fail(
	    err, VIGIL_BAD_INPUT, "Import what comes from one of them under another name of its source (--source).",
	    "Two patients, of \"%s\" and of \"%s\", have the same number in the store: their charts could not be told apart.",
	    one, other);
	vg_error_place(err, all->tables.file, 0);
	return VIGIL_BAD_INPUT;
}

typedef struct person { /* a Patient of a record */
	const char *source, *name;
	uint64_t number;
	bool linked; /* the number was found to be another's */
} person;

static bool is_same_person(const person *a, const person *b)
{
	return strcmp(a->name, b->name) == 0 && strcmp(a->source, b->source) == 0;
}

/* The persons of a record have different numbers, and all but one are linked to that one's.  Where it is not so the hash has
 * given two patients one number, and nothing would keep their charts from being mixed. */
static vigil_status check_numbers(vg_join *all, vigil_error *err)
{
	person persons[VG_POPULATION_SOURCES * 2];
	const char *key;
	uint32_t source;
	for (size_t i = 0; i < VG_COUNT(persons) && (key = vg_packed_list_patient(all->list, i, &source)); i++) {
		person *now = &persons[i];
		uint64_t number;
		vigil_status status = source_name(all, source, &now->source, err);
		if (status != VIGIL_OK)
			return status;
		now->name = vg_person_name(key);
		now->number = vg_join_number(now->source, now->name);
		status = vg_join_find_person(all, now->number, &number, err);
		if (status != VIGIL_OK)
			return status;
		now->linked = number != now->number;
		for (size_t k = 0; k < i; k++) {
			bool one_number = now->number == persons[k].number || (!now->linked && !persons[k].linked);
			if (one_number && !is_same_person(now, &persons[k]))
				return same_number(all, persons[k].source, now->source, err);
		}
	}
	return VIGIL_OK;
}

/* The list as it is now is the patient's: written, or, without a Patient in it, taken away. */
vigil_status vg_join_settle_row(vg_join *all, uint64_t number, const vg_patient_row *before, bool *ret_known, vigil_error *err)
{
	vg_day birth;
	const char *sex;
	*ret_known = vg_packed_list_person(all->list, all->given->templates, &birth, &sex);
	if (!*ret_known)
		return before->there ? take_away(all, number, before, err) : VIGIL_OK;
	uint32_t source;
	vigil_status status = vg_packed_list_patient(all->list, 1, &source) ? check_numbers(all, err) : VIGIL_OK;
	return status == VIGIL_OK ? put_row(all, number, before, birth, sex, err) : status;
}

/* ---- persons -------------------------------------------------------------------------------- */

vigil_status vg_join_find_person(vg_join *all, uint64_t number, uint64_t *ret, vigil_error *err)
{
	*ret = number;
	if (!all->any_links)
		return VIGIL_OK;
	bool found;
	sqlite3_stmt *get = vg_tables_use(&all->tables, VG_SQL_LINK_GET);
	sqlite3_bind_int64(get, 1, (int64_t)number);
	vigil_status status = vg_tables_row(&all->tables, get, &found, err);
	if (status == VIGIL_OK && found) {
		*ret = (uint64_t)sqlite3_column_int64(get, 0);
		sqlite3_reset(get);
	}
	return status;
}

static vigil_status link_numbers(vg_join *all, uint64_t number, uint64_t patient, vigil_error *err)
{
	static const vg_table_statement steps[] = {VG_SQL_LINK_MOVE, VG_SQL_LINK_ADD};
	vigil_status status = VIGIL_OK;
	for (size_t i = 0; status == VIGIL_OK && i < VG_COUNT(steps); i++) {
		sqlite3_stmt *statement = vg_tables_use(&all->tables, steps[i]);
		sqlite3_bind_int64(statement, 1, (int64_t)number);
		sqlite3_bind_int64(statement, 2, (int64_t)patient);
		status = vg_tables_run(&all->tables, statement, err);
	}
	all->any_links = true;
	all->given->report->joined++;
	return status;
}

/* Two numbers are one person: what the store has of the second goes to the first. */
static vigil_status join_persons(vg_join *all, uint64_t first, uint64_t second, vigil_error *err)
{
	vg_patient_row kept = {0}, moved = {0};
	bool known;
	vg_arena_reset(&all->arena);
	vigil_status status = link_numbers(all, second, first, err);
	if (status == VIGIL_OK)
		status = vg_join_take_row(all, second, &moved, err);
	if (status == VIGIL_OK && moved.there) {
		vg_packed_list_clear(all->list);
		status = vg_join_take_row(all, first, &kept, err);
		if (status == VIGIL_OK && kept.there)
			status = vg_packed_list_record(all->list, all->given->templates, kept.record, err);
		else /* he gets another number, and is nobody new */
			kept = (vg_patient_row){true, {"", 0}, moved.added, moved.changed};
		if (status == VIGIL_OK)
			status = vg_packed_list_record(all->list, all->given->templates, moved.record, err);
		if (status == VIGIL_OK)
			status = delete_row(all, second, err);
		if (status == VIGIL_OK)
			status = vg_join_settle_row(all, first, &kept, &known, err);
	}
	return status;
}

static vigil_status put_identifier(vg_join *all, const vg_staged_identifier *identifier, vigil_error *err)
{
	char sex[2] = {identifier->sex, '\0'};
	sqlite3_stmt *put = vg_tables_use(&all->tables, VG_SQL_IDENTIFIER_PUT);
	sqlite3_bind_int64(put, 1, (int64_t)identifier->hash);
	sqlite3_bind_int64(put, 2, (int64_t)identifier->patient);
	if (identifier->birth == VG_NO_DAY)
		sqlite3_bind_null(put, 3);
	else
		sqlite3_bind_int64(put, 3, identifier->birth);
	sqlite3_bind_text(put, 4, sex, -1, SQLITE_TRANSIENT);
	return vg_tables_run(&all->tables, put, err);
}

static bool may_be_same(const vg_staged_identifier *a, const vg_staged_identifier *b)
{
	bool told_a = a->sex == 'm' || a->sex == 'f', told_b = b->sex == 'm' || b->sex == 'f';
	return a->birth != VG_NO_DAY && a->birth == b->birth && (!told_a || !told_b || a->sex == b->sex);
}

static vigil_status use_identifier(vg_join *all, vg_staged_identifier identifier, vigil_error *err)
{
	bool found;
	sqlite3_stmt *get = vg_tables_use(&all->tables, VG_SQL_IDENTIFIER_GET);
	sqlite3_bind_int64(get, 1, (int64_t)identifier.hash);
	vigil_status status = vg_tables_row(&all->tables, get, &found, err);
	if (status != VIGIL_OK)
		return status;
	if (!found)
		return put_identifier(all, &identifier, err);
	vg_staged_identifier before = {.patient = (uint64_t)sqlite3_column_int64(get, 0), .birth = VG_NO_DAY};
	if (sqlite3_column_type(get, 1) != SQLITE_NULL)
		before.birth = (vg_day)sqlite3_column_int(get, 1);
	const char *sex = (const char *)sqlite3_column_text(get, 2);
	before.sex = sex ? sex[0] : '\0';
	sqlite3_reset(get);
	if (before.patient == identifier.patient)
		return before.birth == identifier.birth && before.sex == identifier.sex ? VIGIL_OK
											: put_identifier(all, &identifier, err);
	uint64_t first, second = 0;
	status = vg_join_find_person(all, before.patient, &first, err);
	if (status == VIGIL_OK)
		status = vg_join_find_person(all, identifier.patient, &second, err);
	if (status != VIGIL_OK || first == second)
		return status;
	if (may_be_same(&before, &identifier))
		return join_persons(all, first, second, err);
	all->given->report->conflicts++;
	return VIGIL_OK;
}

vigil_status vg_join_identifiers(vg_join *all, vigil_error *err)
{
	vg_staged_identifier some[512];
	size_t count = 1;
	for (uint64_t from = 0; count; from += count) {
		vigil_status status = vg_stage_read_identifiers(all->given->stage, from, some, VG_COUNT(some), &count, err);
		for (size_t i = 0; status == VIGIL_OK && i < count; i++)
			status = use_identifier(all, some[i], err);
		if (status != VIGIL_OK)
			return status;
	}
	return VIGIL_OK;
}
