/*
 * Telling: standard output with its failures kept, standard error in two
 * lines: what and where, then how to mend it.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

void vg_print(vg_cli *cli, const char *text)
{
	if (!cli->write_failed && fputs(text, stdout) == EOF) {
		cli->write_failed = true;
		cli->write_errno = errno;
	}
}

void vg_print_buffer(vg_cli *cli, vg_buffer *buffer)
{
	const char *text = vg_buffer_text(buffer);
	if (text && !cli->arena.failed)
		vg_print(cli, text);
	else
		cli->arena.failed = true;
}

int vg_finish(vg_cli *cli, int status)
{
	if (fflush(stdout) != 0 && !cli->write_failed) {
		cli->write_failed = true;
		cli->write_errno = errno;
	}
	if (cli->write_failed) {
		fprintf(stderr,
			"vigil: the output cannot be written: %s\n       What was written is not whole. Make room, or write "
			"elsewhere.\n",
			strerror(cli->write_errno));
		return VIGIL_BAD_OUTPUT;
	}
	if (cli->arena.failed && status < VIGIL_WRONG_USE)
		return vg_out_of_memory();
	return status;
}

int vg_tell_error(const vigil_error *err)
{
	bool named = *err->file && !strstr(err->text, err->file);
	fputs("vigil: ", stderr);
	if (named && err->line)
		fprintf(stderr, "%s:%d: ", err->file, err->line);
	else if (named)
		fprintf(stderr, "%s: ", err->file);
	if (*err->rule)
		fprintf(stderr, "rule %s: ", err->rule);
	fprintf(stderr, "%s\n", err->text);
	if (*err->advice)
		fprintf(stderr, "       %s\n", err->advice);
	return err->status == VIGIL_NO_MEMORY ? VIGIL_INTERNAL : (int)err->status;
}

int vg_wrong_use(const char *advice, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	fputs("vigil: ", stderr);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fprintf(stderr, "\n       %s\n", advice);
	return VIGIL_WRONG_USE;
}

int vg_out_of_memory(void)
{
	vigil_error error = VIGIL_ERROR_INIT;
	vg_fail_memory(&error);
	return vg_tell_error(&error);
}
