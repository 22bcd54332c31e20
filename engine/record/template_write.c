/*
 * Writing templates: from the text of a resource, which the strict scan has
 * found valid, to a template and its holes.
 *
 * A template is most of the resource's own text: what is kept stands there
 * already in the form in which it is written, but for blanks, escapes and the
 * spelling of numbers.  So no tree is made: the text is walked through once, and
 * what follows each other in it is copied in one piece.  The same resource
 * written with other blanks or escapes gives the same template.
 *
 * Which values become holes is told at the top of template.c.
 */
#include "record/json_internal.h"
#include "record/packed_internal.h"

enum { LONG_TEXT = 200, SPARSE_TEXT = 24 };

typedef struct place { /* where a value stands */
	vg_view key;
	bool in_course; /* below a dosage or a dispense request: few different numbers, and more depends on them */
} place;

typedef struct walk {
	vg_template_writer *writer;
	const char *at, *end;
	const char *from, *until; /* of the text: to be copied as it stands, together with what follows it */
} walk;

/* ---- what is written ------------------------------------------------------------ */

static void flush(walk *self)
{
	if (self->until != self->from)
		vg_add_bytes(self->writer->text, self->from, (size_t)(self->until - self->from));
	self->from = self->until;
}

static void keep(walk *self, const char *from, const char *until)
{
	if (self->until != from) {
		flush(self);
		self->from = from;
	}
	self->until = until;
}

static void put(walk *self, const char *text)
{
	flush(self);
	vg_add(self->writer->text, text);
}

static void put_hole(walk *self) { put(self, "\"$\""); }

/* ---- texts ------------------------------------------------------------------------ */

typedef struct quoted {
	const char *from, *until; /* as it stands, with its quotes */
	vg_view view;             /* its escapes undone */
	bool escaped;
} quoted;

static quoted read_text(walk *self)
{
	quoted read = {.from = self->at};
	const char *start = self->at + 1, *at = vg_json_find_special(start, self->end);
	for (; *at != '"'; at = vg_json_find_special(at + 2, self->end))
		read.escaped = true;
	read.until = self->at = at + 1;
	read.view = (vg_view){start, (size_t)(at - start)};
	if (read.escaped) {
		vg_json_text plain = vg_json_unescape(self->writer->text->arena, start, read.view.length);
		read.view = plain.bytes ? (vg_view){plain.bytes, plain.length} : (vg_view){"", 0};
		self->writer->text->failed = self->writer->text->failed || !plain.bytes;
	}
	return read;
}

/* A text that is no hole. */
static void keep_text(walk *self, const quoted *read)
{
	if (!read->escaped) {
		keep(self, read->from, read->until);
		return;
	}
	const char *plain = vg_copy_text(self->writer->text->arena, read->view.text, read->view.length);
	flush(self);
	self->writer->text->failed = self->writer->text->failed || !plain;
	vg_add_json_text(self->writer->text, plain);
}

static bool is_date(vg_view view)
{
	static const char form[] = "dddd-dd-dd";
	if (view.length < sizeof form - 1)
		return false;
	for (size_t i = 0; form[i]; i++)
		if (form[i] == 'd' ? view.text[i] < '0' || view.text[i] > '9' : view.text[i] != '-')
			return false;
	return true;
}

/* What codes and statuses are made of stays in the template even of a full dictionary: rules look for it. */
static bool is_structure(vg_view key)
{
	static const char *const keys[] = {"resourceType", "system", "code", "status", "intent", "type", "comparator"};
	for (size_t i = 0; i < VG_COUNT(keys); i++)
		if (vg_view_is(key, keys[i]))
			return true;
	return false;
}

static bool is_hole(const walk *self, place at, vg_view view)
{
	if (view.length && (view.text[0] == '$' || is_date(view)))
		return true;
	if (vg_view_is(at.key, "reference") || vg_view_is(at.key, "id"))
		return true;
	return view.length > LONG_TEXT || (self->writer->sparse && view.length > SPARSE_TEXT && !is_structure(at.key));
}

/* ---- values -------------------------------------------------------------------------- */

static bool begins(vg_view view, const char *text, size_t length)
{
	return view.length >= length && memcmp(view.text, text, length) == 0;
}

static void write_number(walk *self, place at)
{
	const char *start = self->at;
	double number = 0;
	char again[32];
	while (self->at<self->end && * self->at> ' ' && *self->at != ',' && *self->at != '}' && *self->at != ']')
		self->at++;
	size_t length = (size_t)(self->at - start);
	vg_parse_number(start, length, &number);
	if (self->writer->sparse || (begins(at.key, "value", 5) && !at.in_course)) {
		put_hole(self);
		vg_put_number_hole(self->writer->holes, number);
	} else if (vg_number_text(number, again) == length && memcmp(again, start, length) == 0) {
		keep(self, start, self->at);
	} else {
		put(self, again);
	}
}

static void write_value(walk *self, place at);

static void pass_blanks(walk *self) { self->at = vg_json_pass_blanks(self->at, self->end); }

/* A key, at `self->at`, and what follows it. */
static void write_member(walk *self, place at)
{
	quoted key = read_text(self);
	at.key = key.view;
	at.in_course = at.in_course || begins(key.view, "dosage", 6) || vg_view_is(key.view, "dispenseRequest");
	keep_text(self, &key);
	pass_blanks(self);
	keep(self, self->at, self->at + 1); /* the colon */
	self->at++;
	pass_blanks(self);
	write_value(self, at);
}

/* A list or an object, its opening bracket at `self->at`. */
static void write_children(walk *self, place at)
{
	bool object = *self->at == '{';
	keep(self, self->at, self->at + 1);
	for (self->at++, pass_blanks(self); *self->at != '}' && *self->at != ']'; pass_blanks(self)) {
		if (*self->at == ',') {
			keep(self, self->at, self->at + 1);
			self->at++;
			pass_blanks(self);
		}
		if (object)
			write_member(self, at);
		else
			write_value(self, at);
	}
	keep(self, self->at, self->at + 1);
	self->at++;
}

static void write_value(walk *self, place at)
{
	const char *start = self->at;
	switch (*start) {
	case '{':
	case '[':
		write_children(self, at);
		break;
	case '"': {
		quoted read = read_text(self);
		if (is_hole(self, at, read.view)) {
			put_hole(self);
			vg_put_text_hole(self->writer->holes, read.view);
		} else {
			keep_text(self, &read);
		}
		break;
	}
	case 't':
	case 'n':
		self->at += 4;
		keep(self, start, self->at);
		break;
	case 'f':
		self->at += 5;
		keep(self, start, self->at);
		break;
	default:
		write_number(self, at);
	}
}

void vg_template_write(vg_template_writer *writer, vg_view type, const vg_members *members)
{
	walk self = {.writer = writer};
	put(&self, "{\"resourceType\":\""); /* first, so that a template's type can be seen */
	vg_add_bytes(writer->text, type.text, type.length);
	put(&self, "\"");
	for (size_t i = 0; i < members->count; i++) {
		const vg_member *member = &members->items[i];
		if (member->left_out)
			continue;
		if (member->at[-1] == ',')
			keep(&self, member->at - 1, member->at);
		else
			put(&self, ",");
		self.at = member->at;
		self.end = member->value.text + member->value.length;
		write_member(&self, (place){{"", 0}, false});
	}
	put(&self, "}");
}
