/*
 * JSON, member by member, into a buffer: on one line, in the order of the calls.
 */
#include "library/library.h"

static void begin(vg_json_writer *writer, const char *key)
{
	if (writer->comma)
		vg_add_byte(writer->out, ',');
	writer->comma = true;
	if (key) {
		vg_add_json_text(writer->out, key);
		vg_add_byte(writer->out, ':');
	}
}

void vg_json_open(vg_json_writer *writer, const char *key, char bracket)
{
	begin(writer, key);
	vg_add_byte(writer->out, bracket);
	writer->comma = false;
}

void vg_json_close(vg_json_writer *writer, char bracket)
{
	vg_add_byte(writer->out, bracket);
	writer->comma = true;
}

void vg_json_text_always(vg_json_writer *writer, const char *key, const char *text)
{
	begin(writer, key);
	vg_add_json_text(writer->out, text ? text : "");
}

void vg_json_text(vg_json_writer *writer, const char *key, const char *text)
{
	if (text && *text)
		vg_json_text_always(writer, key, text);
}

void vg_json_boolean(vg_json_writer *writer, const char *key, bool value)
{
	begin(writer, key);
	vg_add(writer->out, value ? "true" : "false");
}

void vg_json_count(vg_json_writer *writer, const char *key, uint64_t value)
{
	begin(writer, key);
	vg_add_count(writer->out, value);
}

void vg_json_null(vg_json_writer *writer, const char *key)
{
	begin(writer, key);
	vg_add(writer->out, "null");
}

void vg_json_texts(vg_json_writer *writer, const char *key, const char *const *texts, size_t count)
{
	vg_json_open(writer, key, '[');
	for (size_t i = 0; i < count; i++)
		vg_json_text_always(writer, NULL, texts[i]);
	vg_json_close(writer, ']');
}
