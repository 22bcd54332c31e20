/* The world of the tests of packed records and population stores, and stores in temporary folders. */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/population_support.h"

static vg_world *opened;

static void close_world(void) { vg_world_release(opened); }

vg_world *population_world(void)
{
	if (opened)
		return opened;
	vigil_config config = VIGIL_CONFIG_INIT;
	config.starter_dir = "rules";
	vigil_status status = vg_world_open(&config, NULL, &opened, &last_error);
	CHECK(status == VIGIL_OK, "the starter pack does not open: %s", last_error.text);
	atexit(close_world);
	return opened;
}

vigil_status pack_text(vg_packer *packer, vg_template_list *templates, vg_packed_list *list, vg_arena *arena, const char *text,
		       size_t length)
{
	const vg_packed_item *items;
	size_t count;
	uint16_t sections;
	vigil_status status = vg_pack_text(packer, text, length, 1, false, &items, &count, &sections, NULL);
	vg_packed_list_clear(list);
	vg_packed_list_sections(list, sections);
	for (size_t i = 0; i < count && status == VIGIL_OK; i++) {
		vg_packed template = items[i].template, packed = items[i].packed;
		vg_buffer word;
		vg_buffer_init(&word, arena);
		if (items[i].kind == VG_PACKED_DELETION)
			status = vg_pack_deletion(packer, items[i].key, 1, items[i].updated, &template, &packed, NULL);
		if (!packed.length || status != VIGIL_OK)
			continue;
		status = vg_template_list_pack(templates, template, packed, &word, &packed, NULL);
		if (status == VIGIL_OK)
			status = vg_packed_list_add(list, templates, packed, NULL);
	}
	return status;
}

/* ---- a store and what goes into it -------------------------------------------------- */

void place_make(place *at)
{
	const char *base = getenv("TMPDIR");
	snprintf(at->folder, sizeof at->folder, "%.30s/vigil-population-XXXXXX", base && strlen(base) < 30 ? base : "/tmp");
	CHECK(mkdtemp(at->folder) != NULL, "no temporary folder");
	snprintf(at->store, sizeof at->store, "%.60s/p.db", at->folder);
	snprintf(at->input, sizeof at->input, "%.60s/in", at->folder);
	mkdir(at->input, 0700);
	vg_arena_init(&at->arena, NULL, 0);
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *where)
{
	(void)info, (void)kind, (void)where;
	return remove(path);
}

void place_remove(place *at)
{
	nftw(at->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	vg_arena_free(&at->arena);
}

void put_file(const place *at, const char *name, const char *text)
{
	char path[160];
	snprintf(path, sizeof path, "%s/%s", at->input, name);
	FILE *file = fopen(path, "w");
	CHECK(file && fputs(text, file) >= 0 && fclose(file) == 0, "%s is not written", name);
}

void drop_file(const place *at, const char *name)
{
	char path[160];
	snprintf(path, sizeof path, "%s/%s", at->input, name);
	unlink(path);
}

vg_import_report report;
unsigned import_jobs;
size_t import_dictionary;
vigil_error last_error;

vigil_status import_from(place *at, const char *source, size_t checkpoint)
{
	const char *paths[] = {at->input};
	vg_import_config config = {.file = at->store,
				   .paths = paths,
				   .path_count = 1,
				   .source = source,
				   .now = "2026-11-22T00:00:00Z",
				   .checkpoint = checkpoint,
				   .buckets = checkpoint ? 7 : 0,
				   .part = checkpoint / 5,
				   .changes = checkpoint / 5000,
				   .jobs = import_jobs,
				   .dictionary = import_dictionary};
	last_error = (vigil_error)VIGIL_ERROR_INIT;
	return vg_import_population(&config, &at->arena, &report, &last_error);
}

void import_fine(place *at, const char *source)
{
	vigil_status status = import_from(at, source, 0);
	CHECK(status == VIGIL_OK, "the import fails: %s", last_error.text);
}

/* ---- texts of resources --------------------------------------------------------------- */

const char *patient_line(vg_arena *arena, const char *id, const char *more)
{
	return vg_format(arena,
			 "{\"resourceType\":\"Patient\",\"id\":\"%s\",\"gender\":\"female\",\"birthDate\":\"1960-02-03\"%s}\n",
			 id, more);
}

const char *a1c_line(vg_arena *arena, const char *id, const char *patient, const char *value, const char *updated)
{
	return vg_format(
	    arena,
	    "{\"resourceType\":\"Observation\",\"id\":\"%s\",\"meta\":{\"lastUpdated\":\"%s\"},\"status\":\"final\","
	    "\"code\":{\"coding\":[{\"system\":\"http://loinc.org\",\"code\":\"4548-4\",\"display\":\"HbA1c\"}]},"
	    "\"subject\":{\"reference\":\"Patient/%s\"},\"effectiveDateTime\":\"2026-01-05\","
	    "\"valueQuantity\":{\"value\":%s,\"unit\":\"%%\",\"code\":\"%%\",\"system\":\"http://unitsofmeasure.org\"}}\n",
	    id, updated, patient, value);
}

/* ---- asking the store -------------------------------------------------------------------- */

static void note_links(const vg_record *record, contents *ret)
{
	for (uint32_t i = 0; i < record->fact_count; i++)
		for (uint16_t k = 0; k < record->facts[i].result_count; k++, ret->linked++) {
			size_t used = strlen(ret->links);
			snprintf(ret->links + used, sizeof ret->links - used, "%.20s;",
				 record->facts[record->facts[i].results[k]].value.text);
		}
}

vigil_status read_contents(const place *at, contents *ret)
{
	vg_population *population = NULL;
	vg_dictionary *dictionary = NULL;
	vg_unpacker *unpacker = NULL;
	vg_cursor *cursor = NULL;
	const vg_world *world = population_world();
	*ret = (contents){0};
	vigil_status status = vg_population_open(at->store, NULL, &population, &last_error);
	if (status == VIGIL_OK)
		status =
		    vg_population_dictionary(population, world->knowledge, world->rulebook->watch, &dictionary, &last_error);
	if (status == VIGIL_OK)
		status = vg_unpacker_open(dictionary, VG_UNPACK_ALL, &unpacker, &last_error);
	if (status == VIGIL_OK)
		status = vg_cursor_open(population, &cursor, &last_error);
	if (status == VIGIL_OK)
		status = vg_cursor_seek(cursor, VG_WHOLE_POPULATION, &last_error);
	size_t used = 0;
	for (bool more = true; status == VIGIL_OK;) {
		uint64_t number;
		vg_packed packed;
		vg_record *record = NULL;
		status = vg_cursor_next(cursor, &number, &packed, &more, &last_error);
		if (status != VIGIL_OK || !more)
			break;
		status = vg_unpack_record(unpacker, packed, &record, &last_error);
		ret->patients++;
		if (status == VIGIL_OK)
			note_links(record, ret);
		for (uint32_t i = 0; status == VIGIL_OK && i < record->fact_count; i++, ret->facts++)
			if (used < sizeof ret->text - 200)
				used += (size_t)snprintf(ret->text + used, 200, "%.60s=%.40s;", record->facts[i].reference,
							 *record->facts[i].value.text ? record->facts[i].value.text
										      : record->facts[i].display);
		vg_record_free(record);
	}
	vg_cursor_close(cursor);
	vg_unpacker_close(unpacker);
	vg_dictionary_free(dictionary);
	vg_population_close(population);
	return status;
}

void check_contents(const place *at, size_t patients, const char *text)
{
	static contents got;
	vigil_status status = read_contents(at, &got);
	CHECK(status == VIGIL_OK, "the store cannot be read: %s", last_error.text);
	CHECK(got.patients == patients, "%zu patients instead of %zu", got.patients, patients);
	CHECK_TEXT(got.text, text);
}

void put_many(place *at, int patients)
{
	vg_buffer persons, results;
	vg_buffer_init(&persons, &at->arena);
	vg_buffer_init(&results, &at->arena);
	for (int i = 0; i < patients; i++) {
		const char *id = vg_format(&at->arena, "p%d", i);
		vg_add(&persons, patient_line(&at->arena, id, i % 3 ? "" : SHARED));
		for (int k = 0; k < 5; k++)
			vg_add(&results, a1c_line(&at->arena, vg_format(&at->arena, "o%d-%d", i, k), id,
						  vg_format(&at->arena, "%d.%d", 4 + k, i % 10), OLDER));
	}
	put_file(at, "Patient.ndjson", vg_buffer_text(&persons));
	put_file(at, "Observation.ndjson", vg_buffer_text(&results));
}

void digest_of(const place *at, char out[65])
{
	vg_population *population = NULL;
	out[0] = '\0';
	if (vg_population_open(at->store, NULL, &population, &last_error) == VIGIL_OK)
		snprintf(out, 65, "%s", vg_population_info_of(population)->digest);
	vg_population_close(population);
}
