/*
 * The journal's chain: codes, key, checkpoint.
 *
 * A row's code is HMAC-SHA-256(key, code before · number · time · kind · body ·
 * its cards · their count), each text with its length, so that no part can run
 * into the next.  Whoever has the file but not the key cannot make a row that
 * fits.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/store_internal.h"

static void add_number(struct hmac_sha256_ctx *context, uint64_t number)
{
	uint8_t bytes[8];
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)(number >> (8 * i));
	hmac_sha256_update(context, sizeof bytes, bytes);
}

static void add_text(struct hmac_sha256_ctx *context, const char *text)
{
	size_t length = strlen(text);
	add_number(context, length);
	hmac_sha256_update(context, length, (const uint8_t *)text);
}

void vg_chain_begin(vg_chain_state *state, const vg_chain_key *key, const vg_chain_code *before, const vg_journal_row *row)
{
	hmac_sha256_set_key(&state->context, sizeof key->bytes, key->bytes);
	hmac_sha256_update(&state->context, sizeof before->bytes, before->bytes);
	add_number(&state->context, row->number);
	add_number(&state->context, (uint64_t)row->at);
	add_text(&state->context, row->kind);
	add_text(&state->context, row->body);
	state->cards = 0;
}

void vg_chain_card(vg_chain_state *state, const vg_journal_card *card)
{
	add_text(&state->context, card->uuid);
	add_text(&state->context, card->rule);
	add_text(&state->context, card->severity);
	add_text(&state->context, card->status);
	state->cards++;
}

void vg_chain_end(vg_chain_state *state, vg_chain_code *ret)
{
	add_number(&state->context, state->cards);
	hmac_sha256_digest(&state->context, sizeof ret->bytes, ret->bytes);
}

void vg_chain_row(const vg_chain_key *key, const vg_chain_code *before, const vg_journal_row *row, vg_chain_code *ret)
{
	vg_chain_state state;
	vg_chain_begin(&state, key, before, row);
	for (size_t i = 0; i < row->card_count; i++)
		vg_chain_card(&state, &row->cards[i]);
	vg_chain_end(&state, ret);
}

void vg_chain_text(const vg_chain_code *code, char out[65])
{
	vg_digest digest;
	memcpy(digest.bytes, code->bytes, sizeof digest.bytes);
	vg_digest_text(&digest, out);
}

bool vg_chain_parse(const char *text, vg_chain_code *ret)
{
	static const char digits[] = "0123456789abcdef";
	for (size_t i = 0; i < 2 * sizeof ret->bytes; i++) {
		const char *digit = text[i] ? strchr(digits, text[i]) : NULL;
		if (!digit)
			return false;
		unsigned value = (unsigned)(digit - digits);
		ret->bytes[i / 2] = (unsigned char)(i % 2 ? ret->bytes[i / 2] | value : value << 4);
	}
	return true;
}

/* A file that was made is found again after a power loss only when its folder is synced, too. */
bool vg_sync_folder(const char *path)
{
	char folder[4096];
	const char *slash = strrchr(path, '/');
	int length = slash ? (int)(slash - path) + 1 : 2;
	if (snprintf(folder, sizeof folder, "%.*s", length, slash ? path : "./") >= (int)sizeof folder)
		return false;
	int file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool synced = file >= 0 && fsync(file) == 0;
	if (file >= 0)
		close(file);
	return synced;
}

static vigil_status key_make(const char *path, vg_chain_key *ret, vigil_error *err)
{
	int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	bool whole = file >= 0 && getrandom(ret->bytes, sizeof ret->bytes, 0) == (ssize_t)sizeof ret->bytes &&
		     write(file, ret->bytes, sizeof ret->bytes) == (ssize_t)sizeof ret->bytes && fsync(file) == 0 &&
		     vg_sync_folder(path);
	int number = errno;
	if (file >= 0)
		close(file);
	if (whole)
		return VIGIL_OK;
	if (file >= 0)
		unlink(path); /* half a key would lock the journal for ever */
	vigil_status status = vg_fail(err, VIGIL_BAD_OUTPUT, "Name a key file in a folder that can be written.",
				      "The journal's key cannot be made: %s.", strerrordesc_np(number));
	vg_error_place(err, path, 0);
	return status;
}

vigil_status vg_chain_key_read(const char *path, bool make, vg_chain_key *ret, vigil_error *err)
{
	int file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0 && errno == ENOENT && make)
		return key_make(path, ret, err);
	vigil_status status = VIGIL_OK;
	unsigned char bytes[sizeof ret->bytes + 1];
	struct stat info;
	if (file < 0)
		status = vg_fail(err, VIGIL_BAD_INPUT, "Put the key back, or name it with --key.",
				 "The journal's key cannot be read: %s.", strerrordesc_np(errno));
	else if (fstat(file, &info) == 0 && (info.st_mode & 077) != 0)
		status = vg_fail(err, VIGIL_BAD_INPUT, "Run: chmod 600 on it.", "The journal's key may be read by others.");
	else if (read(file, bytes, sizeof bytes) != (ssize_t)sizeof ret->bytes)
		status = vg_fail(err, VIGIL_BAD_INPUT, "A key file holds exactly 32 bytes; put the right one back.",
				 "The journal's key has the wrong length.");
	else
		memcpy(ret->bytes, bytes, sizeof ret->bytes);
	if (file >= 0)
		close(file);
	if (status != VIGIL_OK)
		vg_error_place(err, path, 0);
	return status;
}

enum { HEAD_TEXT = 160 };
static int head_text(char out[HEAD_TEXT], uint64_t number, const vg_chain_code *code)
{
	char hex[65];
	vg_chain_text(code, hex);
	return snprintf(out, HEAD_TEXT, "vigil-journal-head 1 %llu %s\n", (unsigned long long)number, hex);
}

/* Written beside, synced, renamed: there is always one whole head. */
vigil_status vg_chain_head_write(const char *path, uint64_t number, const vg_chain_code *code, vigil_error *err)
{
	char text[HEAD_TEXT], beside[4096];
	int length = head_text(text, number, code);
	if (snprintf(beside, sizeof beside, "%s.new", path) >= (int)sizeof beside)
		return vg_fail(err, VIGIL_WRONG_USE, "Choose a shorter path.", "The journal's path is too long.");
	int file = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	bool whole = file >= 0 && write(file, text, (size_t)length) == length && fsync(file) == 0;
	int problem = errno;
	if (file >= 0)
		close(file);
	if (whole && rename(beside, path) == 0)
		return VIGIL_OK;
	if (whole)
		problem = errno;
	if (file >= 0)
		unlink(beside);
	vigil_status status = vg_fail(err, VIGIL_BAD_OUTPUT, "Free some space, or mend the folder's rights.",
				      "The journal's checkpoint cannot be written: %s.", strerrordesc_np(problem));
	vg_error_place(err, path, 0);
	return status;
}

bool vg_chain_head_read(const char *path, uint64_t *ret_number, vg_chain_code *ret_code, bool *ret_damaged)
{
	char text[HEAD_TEXT] = "", same[HEAD_TEXT], hex[65] = "";
	unsigned long long number = 0;
	*ret_damaged = false;
	FILE *file = fopen(path, "re");
	if (!file) {
		*ret_damaged = errno != ENOENT;
		return false;
	}
	size_t length = fread(text, 1, sizeof text - 1, file);
	fclose(file);
	text[length] = '\0';
	if (sscanf(text, "vigil-journal-head 1 %20llu %64[0-9a-f]", &number, hex) != 2 || !vg_chain_parse(hex, ret_code) ||
	    head_text(same, number, ret_code) != (int)length || memcmp(text, same, length) != 0) {
		*ret_damaged = true;
		return false;
	}
	*ret_number = number;
	return true;
}
