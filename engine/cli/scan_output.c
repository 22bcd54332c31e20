/*
 * Where the lines of a scan go: standard output, or a file.
 *
 * A file appears under its name when it is whole.  Until then it is FILE.part,
 * and FILE.place tells up to which place of the input, and which byte of the
 * part, everything was written and synced; it is replaced every few seconds, and
 * always after the bytes that it speaks of.  So a run that was killed goes on
 * behind that place, and what it had written behind that byte is cut off.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli/scan.h"

enum { SECONDS_BETWEEN_PLACES = 2 };

struct vg_scan_output {
	vg_cli *cli;
	const char *path, *part, *place, *new_place, *signature;
	int file;
	uint64_t written;
	time_t noted;
	bool goes_on;
	uint32_t input; /* where to go on */
	uint64_t line, bad;
};

static vigil_status fail_write(const char *path, vigil_error *err)
{
	return vg_fail(err, VIGIL_BAD_OUTPUT, "Make room, or write elsewhere; then go on with --resume.",
		       "\"%s\" cannot be written: %s.", path, strerrordesc_np(errno));
}

static bool write_all(int file, const char *text, size_t length)
{
	while (length) {
		ssize_t count = write(file, text, length);
		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return false;
		text += count;
		length -= (size_t)count;
	}
	return true;
}

/* ---- the place that was reached --------------------------------------------------- */

static vigil_status write_place(vg_scan_output *output, vigil_error *err)
{
	char text[512];
	int length = snprintf(text, sizeof text, "vigil.scan.place/1 %s %" PRIu64 " %" PRIu32 " %" PRIu64 " %" PRIu64 "\n",
			      output->signature, output->written, output->input, output->line, output->bad);
	if (fdatasync(output->file) != 0)
		return fail_write(output->part, err);
	int file = open(output->new_place, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	bool fine = file >= 0 && write_all(file, text, (size_t)length) && fsync(file) == 0;
	if (file >= 0)
		close(file);
	if (!fine || rename(output->new_place, output->place) != 0)
		return fail_write(output->new_place, err);
	output->noted = time(NULL);
	return VIGIL_OK;
}

static vigil_status read_place(vg_scan_output *output, vigil_error *err)
{
	char signature[80];
	FILE *stream = fopen(output->place, "re");
	if (!stream && errno == ENOENT)
		return VIGIL_OK; /* it was broken off before anything was noted, or never begun */
	if (!stream)
		return vg_fail(err, VIGIL_BAD_INPUT, "Check its permissions, or begin anew without --resume.",
			       "\"%s\" cannot be read: %s.", output->place, strerrordesc_np(errno));
	int count = fscanf(stream, "vigil.scan.place/1 %79s %" SCNu64 " %" SCNu32 " %" SCNu64 " %" SCNu64, signature,
			   &output->written, &output->input, &output->line, &output->bad);
	fclose(stream);
	if (count != 5)
		return vg_fail(err, VIGIL_BAD_INPUT, "Begin anew without --resume.", "\"%s\" is damaged.", output->place);
	if (strcmp(signature, output->signature) != 0)
		return vg_fail(err, VIGIL_WRONG_USE,
			       "Give the options, rules and day of evaluation that it was begun with, or begin anew without "
			       "--resume.",
			       "\"%s\" was begun with another question.", output->path);
	output->goes_on = true;
	return VIGIL_OK;
}

/* ---- opening -------------------------------------------------------------------------- */

static vigil_status open_part(vg_scan_output *output, bool resume, vigil_error *err)
{
	struct stat about;
	vigil_status status = resume ? read_place(output, err) : VIGIL_OK;
	if (status != VIGIL_OK)
		return status;
	if (!output->goes_on)
		unlink(output->place);
	output->file = open(output->part, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	if (output->file < 0 || fstat(output->file, &about) != 0)
		return fail_write(output->part, err);
	if ((uint64_t)about.st_size < output->written)
		return vg_fail(err, VIGIL_BAD_INPUT, "Begin anew without --resume.",
			       "\"%s\" is shorter than \"%s\" says: something else has changed it.", output->part,
			       output->place);
	if (ftruncate(output->file, (off_t)output->written) != 0 || lseek(output->file, (off_t)output->written, SEEK_SET) < 0)
		return fail_write(output->part, err);
	output->noted = time(NULL);
	return VIGIL_OK;
}

vigil_status vg_scan_output_open(vg_cli *cli, const char *path, const char *signature, bool resume, vg_scan_output **ret,
				 vigil_error *err)
{
	vg_scan_output *output = vg_alloc(&cli->arena, sizeof *output);
	if (!output)
		return vg_fail_memory(err);
	*output = (vg_scan_output){.cli = cli, .path = path, .signature = signature, .file = -1};
	if (path) {
		output->part = vg_format(&cli->arena, "%s.part", path);
		output->place = vg_format(&cli->arena, "%s.place", path);
		output->new_place = vg_format(&cli->arena, "%s.place.new", path);
		if (cli->arena.failed)
			return vg_fail_memory(err);
		vigil_status status = open_part(output, resume, err);
		if (status != VIGIL_OK) {
			vg_scan_output_close(output);
			return status;
		}
	}
	*ret = output;
	return VIGIL_OK;
}

void vg_scan_output_close(vg_scan_output *output)
{
	if (output && output->file >= 0)
		close(output->file);
	if (output)
		output->file = -1;
}

bool vg_scan_output_place(const vg_scan_output *output, uint32_t *ret_input, uint64_t *ret_line, uint64_t *ret_bad)
{
	*ret_input = output->input;
	*ret_line = output->line;
	*ret_bad = output->bad;
	return output->goes_on;
}

/* ---- writing ---------------------------------------------------------------------------- */

vigil_status vg_scan_output_write(vg_scan_output *output, const char *text, size_t length, vigil_error *err)
{
	vg_cli *cli = output->cli;
	if (output->path) {
		output->written += length;
		return write_all(output->file, text, length) ? VIGIL_OK : fail_write(output->part, err);
	}
	if (fwrite(text, 1, length, stdout) == length && fflush(stdout) == 0)
		return VIGIL_OK;
	cli->write_failed = true; /* vg_finish tells it */
	cli->write_errno = errno;
	return vg_fail(err, VIGIL_BAD_OUTPUT, "", "Standard output cannot be written.");
}

vigil_status vg_scan_output_reached(vg_scan_output *output, uint32_t input, uint64_t line, uint64_t bad, vigil_error *err)
{
	output->input = input;
	output->line = line;
	output->bad = bad;
	if (!output->path || time(NULL) - output->noted < SECONDS_BETWEEN_PLACES)
		return VIGIL_OK;
	return write_place(output, err);
}

vigil_status vg_scan_output_finish(vg_scan_output *output, vigil_error *err)
{
	if (!output->path)
		return VIGIL_OK;
	bool fine = fsync(output->file) == 0;
	fine = close(output->file) == 0 && fine;
	output->file = -1;
	if (!fine || rename(output->part, output->path) != 0)
		return fail_write(output->path, err);
	unlink(output->place);
	return VIGIL_OK;
}
