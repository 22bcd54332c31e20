/*
 * Errors: one structure of fixed size, given by the caller, filled at the place
 * that knows what went wrong and carried upwards unchanged.
 *
 * Texts that are too long are cut between characters, never inside one; of a
 * path that is too long the end is kept, because the end names the file.
 */
#include "base/base_internal.h"

#include <stdio.h>
#include <string.h>

/* Length of the longest part of `text`, at most `length` bytes, that ends between characters. */
static size_t whole_characters(const char *text, size_t length)
{
	while (length > 0 && ((unsigned char)text[length] & 0xC0) == 0x80)
		length--;
	return length;
}

static void copy_cut(char *to, size_t size, const char *text)
{
	size_t length = strlen(text);
	if (length >= size)
		length = whole_characters(text, size - 1);
	memcpy(to, text, length);
	to[length] = '\0';
}

vigil_status vg_fail(vigil_error *err, vigil_status status, const char *advice, const char *text, ...)
{
	if (!err)
		return status;
	/* The arguments may point into the error that is being replaced, so both texts are made before it is changed. */
	char what[sizeof err->text + 8], mend[sizeof err->advice];
	va_list arguments;
	va_start(arguments, text);
	if (vsnprintf(what, sizeof what, text, arguments) < 0)
		what[0] = '\0';
	va_end(arguments);
	copy_cut(mend, sizeof mend, advice ? advice : "");
	err->status = status;
	err->line = 0;
	err->file[0] = '\0';
	err->rule[0] = '\0';
	copy_cut(err->text, sizeof err->text, what);
	memcpy(err->advice, mend, sizeof mend);
	return status;
}

vigil_status vg_fail_memory(vigil_error *err)
{
	return vg_fail(err, VIGIL_NO_MEMORY, "Nothing was changed. Free some memory, or raise the limit, and try again.",
		       "There is not enough memory.");
}

void vg_error_place(vigil_error *err, const char *file, int line)
{
	if (!err)
		return;
	err->line = line;
	const char *path = file ? file : "";
	size_t length = strlen(path), size = sizeof err->file;
	if (length < size) {
		memmove(err->file, path, length + 1);
		return;
	}
	static const char left_out[] = "…";
	const char *end = path + length - (size - sizeof left_out);
	while (((unsigned char)*end & 0xC0) == 0x80)
		end++;
	memcpy(err->file, left_out, sizeof left_out - 1);
	memcpy(err->file + sizeof left_out - 1, end, strlen(end) + 1);
}
