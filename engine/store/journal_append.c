/*
 * Appending rows.
 *
 * A row is put together in memory and written to the tail at once; that is all
 * that its caller waits for.  What is in the page cache outlives the process; with VG_DURABLE_POWER
 * the tail is synced, too, before anybody is told.  Whoever comes while a row is
 * written waits, and the first of those who wait writes for all of them: one write, one
 * sync.
 *
 * A write that fails leaves nothing: what it may have written is cut off before
 * anybody is told, so that a row that was refused does not come to life.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "store/journal_internal.h"

enum { MOST_GATHERED = 256 };

static bool is_synced(const vg_journal *journal, const vg_tail_file *tail)
{
	return journal->durability != VG_DURABLE_POWER || fdatasync(tail->file) == 0;
}

bool vg_tail_cut(vg_journal *journal, vg_tail_file *tail)
{
	tail->torn = ftruncate(tail->file, (off_t)tail->length) != 0 || !is_synced(journal, tail);
	return !tail->torn;
}

static bool write_whole(const vg_tail_file *tail, const char *bytes, size_t size)
{
	for (size_t done = 0; done < size;) {
		ssize_t count = pwrite(tail->file, bytes + done, size - done, (off_t)(tail->length + done));
		if (count < 0 && errno == EINTR)
			continue;
		if (count == 0)
			errno = ENOSPC;
		if (count <= 0)
			return false;
		done += (size_t)count;
	}
	return true;
}

/* All of the bytes are behind the tail's rows, as durable as configured, or none. */
static vigil_status put(vg_journal *journal, vg_tail_file *tail, const char *bytes, size_t size, vigil_error *err)
{
	if (tail->torn && !vg_tail_cut(journal, tail))
		goto failed;
	if (write_whole(tail, bytes, size) && is_synced(journal, tail)) {
		tail->length += size;
		return VIGIL_OK;
	}
	int number = errno;
	vg_tail_cut(journal, tail);
	errno = number;
failed:
	vg_fail(err, VIGIL_BAD_OUTPUT, "Free some space on the disk, or mend the folder's rights.",
		"A row of the journal cannot be written: %s.", strerrordesc_np(errno));
	vg_error_place(err, tail->path, 0);
	return VIGIL_BAD_OUTPUT;
}

/* There is no room in the tail: because its rows cannot be moved, as a rule. */
static vigil_status refuse(const vg_journal *journal, vigil_error *err)
{
	const vigil_error *why = &journal->trouble;
	if (why->status == VIGIL_OK)
		vg_fail(err, VIGIL_BAD_OUTPUT, "Write less at once, or ask again later.",
			"The journal's tail has no room for the row.");
	else
		vg_fail(err, VIGIL_BAD_OUTPUT, why->advice, "The journal's tail is full, and cannot be moved. %s", why->text);
	vg_error_place(err, why->status == VIGIL_OK ? journal->tail->path : why->file, 0);
	return VIGIL_BAD_OUTPUT;
}

/* Writes rows at once: all of them or none. The lock is held. */
static vigil_status write_rows(vg_journal *journal, vg_journal_row *const *rows, size_t count, vigil_error *err)
{
	vg_tail_file *tail = journal->tail;
	vg_chain_code code = journal->code;
	uint64_t number = journal->number;
	size_t sizes[MOST_GATHERED], size = 0;
	for (size_t i = 0; i < count; i++)
		size += sizes[i] = vg_tail_row_size(rows[i]);
	if (tail->length + size > VG_TAIL_ROOM)
		return refuse(journal, err);
	vg_arena_reset(&journal->row_arena);
	char *bytes = vg_alloc_unset(&journal->row_arena, size), *place = bytes;
	if (!bytes)
		return vg_fail_memory(err);
	for (size_t i = 0; i < count; i++) {
		rows[i]->number = ++number;
		vg_chain_row(&journal->key, &code, rows[i], &code);
		vg_tail_row_write(place, sizes[i], rows[i], &code, journal->boot);
		place += sizes[i];
	}
	vigil_status status = put(journal, tail, bytes, size, err);
	if (status != VIGIL_OK)
		return status;
	/* The keeper is told of the first row, from which it waits its time, and of many. */
	if (tail->rows == 0 || (tail->rows < VG_MOVE_ROWS && tail->rows + count >= VG_MOVE_ROWS))
		pthread_cond_signal(&journal->keep);
	tail->rows += count;
	tail->last = journal->number = number;
	journal->code = code;
	return VIGIL_OK;
}

/* Writes what was gathered; one row that cannot be written must not take the others with it. */
static void write_batch(vg_journal *journal, vg_waiting_row *const *batch, vg_journal_row *const *rows, size_t count)
{
	vigil_error error = VIGIL_ERROR_INIT;
	pthread_mutex_lock(&journal->lock);
	vigil_status status = write_rows(journal, rows, count, &error);
	for (size_t i = 0; i < count; i++) {
		batch[i]->error = error;
		batch[i]->status =
		    status == VIGIL_OK || count == 1 ? status : write_rows(journal, &rows[i], 1, &batch[i]->error);
	}
	pthread_mutex_unlock(&journal->lock);
}

/* Writes for those who wait, the first ones first. The gathering lock is held, and given up meanwhile. */
static void write_gathered(vg_journal *journal)
{
	vg_waiting_row *batch[MOST_GATHERED];
	vg_journal_row *rows[MOST_GATHERED];
	size_t count = 0;
	vg_waiting_row *next = journal->first;
	for (; next && count < MOST_GATHERED; next = next->next) {
		batch[count] = next;
		rows[count++] = next->row;
	}
	journal->first = next;
	if (!next)
		journal->last = NULL;
	journal->writing = true;
	pthread_mutex_unlock(&journal->gather_lock);
	write_batch(journal, batch, rows, count);
	pthread_mutex_lock(&journal->gather_lock);
	journal->writing = false;
	for (size_t i = 0; i < count; i++)
		batch[i]->done = true;
	if (count > 1 || journal->first)
		pthread_cond_broadcast(&journal->written);
}

vigil_status vg_journal_append(vg_journal *journal, vg_journal_row *row, vigil_error *err)
{
	vg_waiting_row own = {.row = row, .error = VIGIL_ERROR_INIT};
	pthread_mutex_lock(&journal->gather_lock);
	if (journal->last)
		journal->last->next = &own;
	else
		journal->first = &own; // cppcheck-suppress autoVariables
	journal->last = &own;          // cppcheck-suppress autoVariables
	while (!own.done)
		if (journal->writing)
			pthread_cond_wait(&journal->written, &journal->gather_lock);
		else
			write_gathered(journal);
	pthread_mutex_unlock(&journal->gather_lock);
	if (err && own.status != VIGIL_OK) {
		own.error.size = err->size;
		memcpy(err, &own.error, err->size < sizeof own.error ? err->size : sizeof own.error);
	}
	return own.status;
}
