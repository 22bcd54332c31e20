/*
 * Growing texts.  A buffer that once failed to grow stays failed: later
 * additions do nothing, and vg_buffer_text answers NULL, so that whoever built
 * an answer has to ask only once, at its end, whether it is whole.
 *
 * Invariant: text[length] is NUL whenever text is not NULL.
 */
#include "base/base_internal.h"

#include <stdio.h>
#include <string.h>

void vg_buffer_init(vg_buffer *buffer, vg_arena *arena) { *buffer = (vg_buffer){.arena = arena}; }

/* Room for `more` bytes and the NUL. */
static bool make_room(vg_buffer *buffer, size_t more)
{
	if (buffer->failed)
		return false;
	if (buffer->text && more < buffer->capacity - buffer->length)
		return true;
	size_t capacity = buffer->capacity ? buffer->capacity * 2 : 64;
	if (more >= capacity - buffer->length)
		capacity = more < SIZE_MAX / 8 ? buffer->length + more + 1 : SIZE_MAX;
	char *text = vg_arena_extend(buffer->arena, buffer->text, buffer->capacity, capacity);
	if (!text) {
		buffer->failed = true;
		return false;
	}
	buffer->text = text;
	buffer->capacity = capacity;
	return true;
}

void vg_add_bytes(vg_buffer *buffer, const char *bytes, size_t length)
{
	if (!make_room(buffer, length))
		return;
	if (length)
		memcpy(buffer->text + buffer->length, bytes, length);
	buffer->length += length;
	buffer->text[buffer->length] = '\0';
}

void vg_add(vg_buffer *buffer, const char *text) { vg_add_bytes(buffer, text, strlen(text)); }

void vg_addf(vg_buffer *buffer, const char *format, ...)
{
	if (!make_room(buffer, 1))
		return;
	size_t room = buffer->capacity - buffer->length;
	va_list arguments;
	va_start(arguments, format);
	int length = vsnprintf(buffer->text + buffer->length, room, format, arguments);
	va_end(arguments);
	if (length < 0) {
		buffer->text[buffer->length] = '\0';
		buffer->failed = true;
		return;
	}
	if ((size_t)length >= room) {
		buffer->text[buffer->length] = '\0';
		if (!make_room(buffer, (size_t)length))
			return;
		va_start(arguments, format);
		vsnprintf(buffer->text + buffer->length, (size_t)length + 1, format, arguments);
		va_end(arguments);
	}
	buffer->length += (size_t)length;
}

void vg_add_number(vg_buffer *buffer, double number)
{
	char text[32];
	size_t length = vg_number_text(number, text);
	vg_add_bytes(buffer, text, length);
}

static void add_escape(vg_buffer *buffer, unsigned char byte)
{
	static const char short_forms[32] = {['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};
	char text[8] = {'\\', (char)byte};
	size_t length = 2;
	if (byte < 0x20) {
		text[1] = short_forms[byte];
		if (!text[1])
			length = (size_t)snprintf(text, sizeof text, "\\u%04x", byte);
	}
	vg_add_bytes(buffer, text, length);
}

/* Bytes that are not UTF-8 become U+FFFD, one for one, so that what Vigil writes is always valid JSON. */
void vg_add_json_text(vg_buffer *buffer, const char *text)
{
	if (!text) {
		vg_add(buffer, "null");
		return;
	}
	vg_add_bytes(buffer, "\"", 1);
	size_t length = strlen(text), from = 0, i = 0;
	while (i < length) {
		unsigned char byte = (unsigned char)text[i];
		size_t step = byte < 0x80 ? 1 : vg_utf8_step(text + i, length - i);
		if (step != 0 && byte >= 0x20 && byte != '"' && byte != '\\') {
			i += step;
			continue;
		}
		vg_add_bytes(buffer, text + from, i - from);
		if (step == 0)
			vg_add(buffer, "\xEF\xBF\xBD");
		else
			add_escape(buffer, byte);
		from = ++i;
	}
	vg_add_bytes(buffer, text + from, length - from);
	vg_add_bytes(buffer, "\"", 1);
}

const char *vg_buffer_text(vg_buffer *buffer)
{
	if (buffer->failed)
		return NULL;
	return buffer->text ? buffer->text : "";
}
