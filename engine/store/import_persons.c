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

static uint64_t sum_of(uint64_t number, vg_packed record)
{
	uint64_t parts[2] = {number, vg_hash(record.bytes, record.length)};
	return vg_hash(parts, sizeof parts);
}

/* Takes a patient's figures away (or adds them). */
static void count_row(vg_figures *now, uint64_t number, bool birth_known, const char *sex, uint64_t resources, vg_packed record,
		      bool add)
{
	uint64_t one = add ? 1 : UINT64_MAX; /* modulo 2^64 */
	now->patients += one;
	now->resources += one * resources;
	now->without_birth_date += birth_known ? 0 : one;
	now->without_sex += *sex ? 0 : one;
	now->sum += one * sum_of(number, record);
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
	count_row(&all->now, number, sqlite3_column_type(get, 0) != SQLITE_NULL, sex, (uint64_t)sqlite3_column_int64(get, 2),
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
	count_row(&all->now, number, birth != VG_NO_DAY, sex, resources, record, true);
	if (before->there && vg_same_bytes(before->record, record))
		return VIGIL_OK;
	all->given->report->added += !before->there;
	all->given->report->changed += before->there;
	sqlite3_stmt *put = vg_tables_use(&all->tables, VG_SQL_PATIENT_PUT);
	sqlite3_bind_int64(put, 1, (int64_t)number);
	if (birth == VG_NO_DAY)
		sqlite3_bind_null(put, 2);
	else
		sqlite3_bind_int64(put, 2, birth);
	sqlite3_bind_text(put, 3, sex, -1, SQLITE_STATIC);
	sqlite3_bind_int64(put, 4, (int64_t)resources);
	sqlite3_bind_blob64(put, 5, record.bytes, record.length, SQLITE_STATIC);
	return vg_tables_run(&all->tables, put, err);
}

/* The list as it is now is the patient's: written, or, without a Patient in it, taken away. */
vigil_status vg_join_settle_row(vg_join *all, uint64_t number, const vg_patient_row *before, bool *ret_known, vigil_error *err)
{
	vg_day birth;
	const char *sex;
	*ret_known = vg_packed_list_person(all->list, all->given->packer, &birth, &sex);
	if (*ret_known)
		return put_row(all, number, before, birth, sex, err);
	all->given->report->removed += before->there;
	return before->there ? delete_row(all, number, err) : VIGIL_OK;
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
	vigil_status status = vg_join_take_row(all, second, &moved, err);
	if (status == VIGIL_OK && moved.there) {
		vg_packed_list_clear(all->list);
		status = vg_join_take_row(all, first, &kept, err);
		if (status == VIGIL_OK && kept.there)
			status = vg_packed_list_record(all->list, all->given->packer, kept.record, err);
		if (status == VIGIL_OK)
			status = vg_packed_list_record(all->list, all->given->packer, moved.record, err);
		if (status == VIGIL_OK)
			status = delete_row(all, second, err);
		if (status == VIGIL_OK)
			status = vg_join_settle_row(all, first, &kept, &known, err);
	}
	return status == VIGIL_OK ? link_numbers(all, second, first, err) : status;
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
