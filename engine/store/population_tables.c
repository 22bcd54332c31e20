/*
 * The tables of a population store, for the one who writes them.
 *
 * An import is one transaction with SQLite's rollback journal: a killed process
 * leaves a journal from which whoever opens the store next restores what was
 * before, and the store stays one file that can be copied and read from where
 * nothing can be written.  The lock is exclusive from the beginning, so that a
 * store that somebody reads is said to be in use before anything is done.
 *
 * Patients are written in the order of their numbers, so a small cache does, and
 * the file is not mapped: what is mapped counts as memory for as long as it is.
 */
#include "store/population_internal.h"

#include <string.h>

/* docs/internals/population.md tells what they hold. */
static const char schema[] =
    "CREATE TABLE template(number INTEGER PRIMARY KEY, text TEXT NOT NULL, sum INTEGER NOT NULL);"
    "CREATE TABLE source(number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, sections INTEGER NOT NULL);"
    "CREATE TABLE patient(number INTEGER PRIMARY KEY, birth INTEGER, sex TEXT NOT NULL, resources INTEGER NOT NULL,"
    " added INTEGER NOT NULL, changed INTEGER NOT NULL, record BLOB NOT NULL);"
    "CREATE TABLE link(number INTEGER PRIMARY KEY, patient INTEGER NOT NULL);"
    "CREATE INDEX link_patient ON link(patient);"
    "CREATE TABLE identifier(hash INTEGER PRIMARY KEY, patient INTEGER NOT NULL, birth INTEGER, sex TEXT NOT NULL);"
    "CREATE TABLE product(source INTEGER NOT NULL, key TEXT NOT NULL, packed BLOB NOT NULL, PRIMARY KEY(source, key)) WITHOUT "
    "ROWID;"
    "CREATE TABLE wanted(source INTEGER NOT NULL, product TEXT NOT NULL, patient INTEGER NOT NULL,"
    " PRIMARY KEY(source, product, patient)) WITHOUT ROWID;"
    "CREATE TABLE part(number INTEGER PRIMARY KEY, patients INTEGER NOT NULL, sum INTEGER NOT NULL);"
    "CREATE TABLE figures(patients INTEGER NOT NULL, resources INTEGER NOT NULL, without_birth_date INTEGER NOT NULL,"
    " without_sex INTEGER NOT NULL, sum INTEGER NOT NULL, digest TEXT NOT NULL);"
    "INSERT INTO figures VALUES(0, 0, 0, 0, 0, '');"
    "CREATE TABLE import(number INTEGER PRIMARY KEY, token TEXT NOT NULL UNIQUE, at TEXT NOT NULL, source INTEGER NOT NULL, "
    "files INTEGER NOT NULL,"
    " texts INTEGER NOT NULL, resources INTEGER NOT NULL, passed_over INTEGER NOT NULL, deletions INTEGER NOT NULL,"
    " bad INTEGER NOT NULL, orphans INTEGER NOT NULL, conflicts INTEGER NOT NULL, added INTEGER NOT NULL,"
    " changed INTEGER NOT NULL, removed INTEGER NOT NULL);";

static const char *const sql[VG_SQL_COUNT] = {
    [VG_SQL_TEMPLATE_ADD] = "INSERT INTO template VALUES(?1, ?2, ?3)",
    [VG_SQL_SOURCE_PUT] = "INSERT INTO source VALUES(?1, ?2, ?3) ON CONFLICT(number) DO UPDATE SET sections = sections | ?3",
    [VG_SQL_SOURCE_NAME] = "SELECT name FROM source WHERE number = ?1",
    [VG_SQL_PATIENT_GET] = "SELECT birth, sex, resources, record, added, changed FROM patient WHERE number = ?1",
    [VG_SQL_PATIENT_NEXT] = "SELECT number FROM patient WHERE number > ?1 ORDER BY number LIMIT 1",
    [VG_SQL_PATIENT_PUT] = "INSERT OR REPLACE INTO patient VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    [VG_SQL_PATIENT_DELETE] = "DELETE FROM patient WHERE number = ?1",
    [VG_SQL_LINK_GET] = "SELECT patient FROM link WHERE number = ?1",
    [VG_SQL_LINK_ANY] = "SELECT 1 FROM link LIMIT 1",
    [VG_SQL_LINK_MOVE] = "UPDATE link SET patient = ?2 WHERE patient = ?1",
    [VG_SQL_LINK_ADD] = "INSERT INTO link VALUES(?1, ?2)",
    [VG_SQL_IDENTIFIER_GET] = "SELECT patient, birth, sex FROM identifier WHERE hash = ?1",
    [VG_SQL_IDENTIFIER_PUT] = "INSERT OR REPLACE INTO identifier VALUES(?1, ?2, ?3, ?4)",
    [VG_SQL_PRODUCT_GET] = "SELECT packed FROM product WHERE source = ?1 AND key = ?2",
    [VG_SQL_PRODUCT_PUT] = "INSERT OR REPLACE INTO product VALUES(?1, ?2, ?3)",
    [VG_SQL_WANTED_ADD] = "INSERT OR IGNORE INTO wanted VALUES(?1, ?2, ?3)",
    [VG_SQL_WANTED_GET] = "SELECT patient FROM wanted WHERE source = ?1 AND product = ?2 LIMIT 1",
    [VG_SQL_WANTED_DELETE] = "DELETE FROM wanted WHERE source = ?1 AND product = ?2 AND patient = ?3",
    [VG_SQL_FIGURES_GET] = "SELECT patients, resources, without_birth_date, without_sex, sum, digest FROM figures",
    [VG_SQL_PARTS_GET] = "SELECT number, patients, sum FROM part",
    [VG_SQL_PART_PUT] = "INSERT OR REPLACE INTO part VALUES(?1, ?2, ?3)",
    [VG_SQL_FIGURES_PUT] =
	"UPDATE figures SET (patients, resources, without_birth_date, without_sex, sum, digest) = (?1, ?2, ?3, ?4, ?5, ?6)",
    [VG_SQL_IMPORT_ADD] = "INSERT INTO import VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
    [VG_SQL_IMPORT_FIND] = "SELECT 1 FROM import WHERE token = ?1",
    [VG_SQL_IMPORT_NEXT] = "SELECT ifnull(max(number), 0) + 1 FROM import",
};

static vigil_status run(vg_tables *tables, const char *text, const char *doing, vigil_error *err)
{
	int code = sqlite3_exec(tables->database, text, NULL, NULL, NULL);
	return code == SQLITE_OK ? VIGIL_OK : vg_population_fail(err, tables->file, tables->database, code, doing);
}

static vigil_status make_tables(vg_tables *tables, vigil_error *err)
{
	vigil_status status = run(tables, schema, "making its tables", err);
	char *text = sqlite3_mprintf("PRAGMA application_id=%d; PRAGMA user_version=%d;", VG_POPULATION_APPLICATION,
				     VG_POPULATION_VERSION);
	if (!text)
		return vg_fail_memory(err);
	if (status == VIGIL_OK)
		status = run(tables, text, "making its tables", err);
	sqlite3_free(text);
	return status;
}

vigil_status vg_tables_open(const char *file, vg_tables *ret, vigil_error *err)
{
	bool empty = false;
	*ret = (vg_tables){.file = file};
	vigil_status status = vg_population_connect(file, true, &ret->database, err);
	if (status == VIGIL_OK)
		status = run(
		    ret,
		    "PRAGMA page_size=32768; PRAGMA journal_mode=DELETE; PRAGMA synchronous=FULL; PRAGMA cache_size=-16384; "
		    "PRAGMA mmap_size=0; PRAGMA temp_store=MEMORY; BEGIN EXCLUSIVE;",
		    "opening it for writing", err);
	if (status == VIGIL_OK)
		status = vg_population_check_kind(ret->database, file, &empty, err);
	if (status == VIGIL_OK && empty)
		status = make_tables(ret, err);
	for (int i = 0; status == VIGIL_OK && i < VG_SQL_COUNT; i++) {
		int code = sqlite3_prepare_v3(ret->database, sql[i], -1, SQLITE_PREPARE_PERSISTENT, &ret->statements[i], NULL);
		if (code != SQLITE_OK)
			status = vg_population_fail(err, file, ret->database, code, "opening it for writing");
	}
	if (status != VIGIL_OK)
		vg_tables_close(ret);
	return status;
}

sqlite3_stmt *vg_tables_use(vg_tables *tables, vg_table_statement which)
{
	sqlite3_reset(tables->statements[which]);
	return tables->statements[which];
}

vigil_status vg_tables_run(vg_tables *tables, sqlite3_stmt *statement, vigil_error *err)
{
	int code = sqlite3_step(statement);
	vigil_status status =
	    code == SQLITE_DONE ? VIGIL_OK : vg_population_fail(err, tables->file, tables->database, code, "writing it");
	sqlite3_reset(statement);
	return status;
}

vigil_status vg_tables_row(vg_tables *tables, sqlite3_stmt *statement, bool *ret_row, vigil_error *err)
{
	int code = sqlite3_step(statement);
	*ret_row = code == SQLITE_ROW;
	if (*ret_row)
		return VIGIL_OK;
	vigil_status status =
	    code == SQLITE_DONE ? VIGIL_OK : vg_population_fail(err, tables->file, tables->database, code, "reading it");
	sqlite3_reset(statement);
	return status;
}

vigil_status vg_tables_commit(vg_tables *tables, vigil_error *err)
{
	for (int i = 0; i < VG_SQL_COUNT; i++)
		sqlite3_reset(tables->statements[i]);
	return run(tables, "COMMIT", "writing it to the disk", err);
}

void vg_tables_close(vg_tables *tables)
{
	for (int i = 0; i < VG_SQL_COUNT; i++)
		sqlite3_finalize(tables->statements[i]);
	sqlite3_close(tables->database); /* rolls back what was not committed */
	*tables = (vg_tables){.file = tables->file};
}
