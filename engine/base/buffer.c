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

static bool grow(vg_buffer *buffer, size_t more)
{
	if (buffer->failed)
		return false;
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

/* Room for `more` bytes and the NUL. */
static inline bool make_room(vg_buffer *buffer, size_t more)
{
	return (!buffer->failed && more < buffer->capacity - buffer->length) || grow(buffer, more);
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

void vg_add_byte(vg_buffer *buffer, char byte)
{
	if (!make_room(buffer, 1))
		return;
	buffer->text[buffer->length++] = byte;
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

void vg_add_count(vg_buffer *buffer, uint64_t count)
{
	char digits[20];
	size_t at = sizeof digits;
	do {
		digits[--at] = (char)('0' + count % 10);
		count /= 10;
	} while (count);
	vg_add_bytes(buffer, digits + at, sizeof digits - at);
}

/* Whether the byte stands for itself in a JSON text; UTF-8 beyond ASCII is looked at as a whole. */
static bool is_plain(char byte) { return byte >= 0x20 && byte != '"' && byte != '\\'; }

/* How many of the bytes are plain, up to the first that is not. */
static size_t count_plain(const char *text, size_t length)
{
	const uint64_t ones = 0x0101010101010101u, high = 0x8080808080808080u;
	size_t i = 0;
	for (uint64_t eight; length - i >= sizeof eight; i += sizeof eight) {
		memcpy(&eight, text + i, sizeof eight);
		uint64_t quote = eight ^ ones * '"', backslash = eight ^ ones * '\\';
		/* A byte's high bit is set where it is below 0x20, is zero, or is above 0x7F. */
		if (((eight - ones * 0x20) | (quote - ones) | (backslash - ones) | eight) & high)
			break;
	}
	while (i < length && is_plain(text[i]))
		i++;
	return i;
}

static void add_escaped(vg_buffer *buffer, const char *text, size_t length)
{
	for (size_t i = 0; i < length;) {
		size_t plain = count_plain(text + i, length - i);
		vg_add_bytes(buffer, text + i, plain);
		i += plain;
		if (i == length)
			return;
		unsigned char byte = (unsigned char)text[i];
		size_t step = vg_utf8_step(text + i, length - i);
		if (step == 0)
			vg_add(buffer, "\xEF\xBF\xBD");
		else if (byte >= 0x80)
			vg_add_bytes(buffer, text + i, step);
		else
			add_escape(buffer, byte);
		i += step ? step : 1;
	}
}

/* Bytes that are not UTF-8 become U+FFFD, one for one, so that what Vigil writes is always valid JSON. */
void vg_add_json_text(vg_buffer *buffer, const char *text)
{
	if (!text) {
		vg_add(buffer, "null");
		return;
	}
	size_t length = strlen(text), plain = count_plain(text, length);
	if (!make_room(buffer, length + 2))
		return;
	char *to = buffer->text + buffer->length;
	*to++ = '"';
	memcpy(to, text, plain);
	buffer->length += plain + 1;
	if (plain < length)
		add_escaped(buffer, text + plain, length - plain);
	vg_add_byte(buffer, '"');
}

const char *vg_buffer_text(vg_buffer *buffer)
{
	if (buffer->failed)
		return NULL;
	return buffer->text ? buffer->text : "";
}
