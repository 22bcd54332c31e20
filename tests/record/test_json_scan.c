/*
 * The strict JSON scan: what it reads and refuses (fixtures/json, JSONTestSuite,
 * mutations against a plain reader written here), what its errors say, and its
 * limits.  test_json_entries.c looks at the resources that it finds.
 */
#include "record/json_scan.h"
#include "support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static vg_arena arena;
static vigil_error error;
static vg_json_scan_result result;

/* Scans a copy that ends where its memory ends, so that the address sanitizer sees every byte too far. */
static vigil_status scan_bytes(const char *text, size_t length, const vg_limits *limits)
{
	static char *copy;
	free(copy);
	copy = malloc(length + (length == 0));
	CU_ASSERT_PTR_NOT_NULL_FATAL(copy);
	memcpy(copy, text, length);
	vg_arena_free(&arena);
	vg_arena_init(&arena, NULL, 0);
	memset(&result, 0x55, sizeof result);
	error = (vigil_error)VIGIL_ERROR_INIT;
	return vg_json_scan(&arena, &arena, copy, length, limits, &result, &error);
}

static vigil_status scan(const char *text) { return scan_bytes(text, strlen(text), NULL); }

static void read_whole(vg_arena *files, const char *folder, const char *name, char **text, size_t *length)
{
	vigil_error err = VIGIL_ERROR_INIT;
	vigil_status status = vg_read_file(files, vg_format(files, "%s/%s", folder, name), 0, text, length, &err);
	CHECK(status == VIGIL_OK, "%s", err.text);
	if (status != VIGIL_OK)
		*length = 0, *text = "";
}

/* ---- what is read ------------------------------------------------------ */

static void follows_the_fixtures(void)
{
	vg_arena files;
	const char *const *names;
	size_t count, accepted = 0, refused = 0;
	vg_arena_init(&files, NULL, 0);
	CU_ASSERT_EQUAL_FATAL(vg_list_files(&files, "fixtures/json", ".json", &names, &count, NULL), VIGIL_OK);
	for (size_t i = 0; i < count; i++) {
		char *text;
		size_t length;
		read_whole(&files, "fixtures/json", names[i], &text, &length);
		vigil_status status = scan_bytes(text, length, NULL);
		if (vg_starts_with(names[i], "accept_")) {
			CHECK(status == VIGIL_OK, "%s is refused: %s", names[i], error.text);
			accepted++;
		} else {
			CHECK(vg_starts_with(names[i], "refuse_"), "%s is neither accept_ nor refuse_", names[i]);
			CHECK(status == VIGIL_BAD_INPUT, "%s is accepted", names[i]);
			CHECK(error.text[0] && error.advice[0] && error.line >= 1,
			      "%s is refused without saying where and how to mend it", names[i]);
			refused++;
		}
	}
	CHECK(accepted >= 25 && refused >= 70, "only %zu and %zu files were tried", accepted, refused);
	vg_arena_free(&files);
}

static bool is_listed(const char *name, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

static void follows_the_json_test_suite(void)
{
	/* Valid, and refused because two readers would not read the same. */
	static const char *const refused[] = {"y_object_duplicated_key.json", "y_object_duplicated_key_and_value.json",
					      "y_object_escaped_null_in_key.json", "y_string_null_escape.json"};
	/* Left open by the RFC, and accepted. */
	static const char *const accepted[] = {
	    "i_number_double_huge_neg_exp.json",   "i_number_real_underflow.json",
	    "i_number_too_big_neg_int.json",       "i_number_too_big_pos_int.json",
	    "i_number_very_big_negative_int.json", "i_structure_UTF-8_BOM_empty_object.json"};
	const char *folder = test_data("json/JSONTestSuite/test_parsing");
	if (!folder)
		return;
	vg_arena files;
	const char *const *names;
	size_t count;
	vg_arena_init(&files, NULL, 0);
	folder = vg_copy_text(&files, folder, strlen(folder));
	CU_ASSERT_EQUAL_FATAL(vg_list_files(&files, folder, ".json", &names, &count, NULL), VIGIL_OK);
	CHECK(count > 300, "only %zu files", count);
	for (size_t i = 0; i < count; i++) {
		char *text;
		size_t length;
		read_whole(&files, folder, names[i], &text, &length);
		bool expected = names[i][0] == 'y'   ? !is_listed(names[i], refused, VG_COUNT(refused))
				: names[i][0] == 'i' ? is_listed(names[i], accepted, VG_COUNT(accepted))
						     : false;
		vigil_status status = scan_bytes(text, length, NULL);
		CHECK(status == (expected ? VIGIL_OK : VIGIL_BAD_INPUT), "%s gives status %d: %s", names[i], status,
		      error.text);
	}
	vg_arena_free(&files);
}

/* A plain reader: recursion, one byte at a time, nothing clever.  Knows nothing of equal keys and limits. */
typedef struct plain {
	const unsigned char *at, *end;
} plain;
static void plain_blanks(plain *p)
{
	while (p->at < p->end && strchr(" \t\r\n", *p->at) && *p->at)
		p->at++;
}
static bool plain_hex(plain *p, unsigned *code)
{
	char digits[5] = "";
	for (int i = 0; i < 4; i++, p->at++) {
		if (p->at >= p->end || !*p->at || !strchr("0123456789abcdefABCDEF", *p->at))
			return false;
		digits[i] = (char)*p->at;
	}
	*code = (unsigned)strtoul(digits, NULL, 16);
	return true;
}
static bool plain_text(plain *p)
{
	const char *start = (const char *)++p->at;
	for (; p->at < p->end && *p->at != '"';) {
		if (*p->at < 0x20)
			return false;
		if (*p->at++ != '\\')
			continue;
		if (p->at >= p->end || !*p->at || !strchr("\"\\/bfnrtu", *p->at))
			return false;
		if (*p->at++ != 'u')
			continue;
		unsigned code, low;
		if (!plain_hex(p, &code) || code == 0 || (code >= 0xDC00 && code < 0xE000))
			return false;
		if (code >= 0xD800 && code < 0xDC00) {
			if (p->end - p->at < 2 || p->at[0] != '\\' || p->at[1] != 'u')
				return false;
			p->at += 2;
			if (!plain_hex(p, &low) || low < 0xDC00 || low > 0xDFFF)
				return false;
		}
	}
	return p->at < p->end && vg_utf8_valid(start, (size_t)((const char *)p->at++ - start));
}
static bool plain_value(plain *p, int depth)
{
	plain_blanks(p);
	if (p->at >= p->end || depth > 100)
		return false;
	if (*p->at == '"')
		return plain_text(p);
	if (*p->at == '{' || *p->at == '[') {
		unsigned char close = *p->at == '{' ? '}' : ']';
		p->at++;
		plain_blanks(p);
		if (p->at < p->end && *p->at == close)
			return p->at++, true;
		for (;;) {
			plain_blanks(p);
			if (close == '}') {
				if (p->at >= p->end || *p->at != '"' || !plain_text(p))
					return false;
				plain_blanks(p);
				if (p->at >= p->end || *p->at++ != ':')
					return false;
			}
			if (!plain_value(p, depth + 1))
				return false;
			plain_blanks(p);
			if (p->at >= p->end)
				return false;
			if (*p->at++ == close)
				return true;
			if (p->at[-1] != ',')
				return false;
		}
	}
	static const char *const words[] = {"true", "false", "null"};
	for (int i = 0; i < 3; i++)
		if ((size_t)(p->end - p->at) >= strlen(words[i]) && memcmp(p->at, words[i], strlen(words[i])) == 0)
			return p->at += strlen(words[i]), true;
	size_t length = 0;
	double number;
	while (p->at + length < p->end && p->at[length] && strchr("+-.0123456789eE", p->at[length]))
		length++;
	bool valid = vg_parse_number((const char *)p->at, length, &number);
	p->at += length;
	return valid;
}
static bool plain_accepts(const char *text, size_t length)
{
	plain p = {(const unsigned char *)text, (const unsigned char *)text + length};
	if (!plain_value(&p, 1))
		return false;
	plain_blanks(&p);
	return p.at == p.end;
}

static const char sample[] =
    "{\"resourceType\":\"Bundle\",\"type\":\"searchset\",\n"
    " \"link\":[{\"relation\":\"next\",\"url\":\"http://example.org/?page=2\"}],\r\n\t"
    "\"entry\":[{\"fullUrl\":\"urn:uuid:1\",\"resource\":{\"resourceType\":\"Observation\",\"id\":\"a\\u00e9\","
    "\"valueQuantity\":{\"value\":-6.10e+1,\"unit\":\"mL\\/min\\ud83d\\ude00\"},\"x\":[true,false,null,0,1E-5]}},"
    "{\"resource\":{\"resourceType\":\"Patient\",\"name\":\"M\xc3\xbcller \xe2\x82\xac \xf0\x9f\x98\x80\",\"e\":[],\"o\":{}},"
    "\"request\":{\"method\":\"POST\"},\"search\":{\"mode\":\"match\"}},"
    "{\"resource\":{\"resourceType\":\"Patient\",\"name\" :\"M\"},\"request\":{\"method\": \"PUT\"}}]}"; /* keys as expected */

static void refuses_every_cut(void)
{
	CHECK(scan(sample) == VIGIL_OK, "the sample is refused: %s", error.text);
	for (size_t length = 0; length < sizeof sample - 1; length++)
		CHECK(scan_bytes(sample, length, NULL) == VIGIL_BAD_INPUT, "the first %zu bytes pass for the whole", length);
}

static void agrees_with_a_plain_reader(void)
{
	static const char bytes[] = "{}[]:,\"\\ \n\t\r0123456789+-.eEtfnu/a\x01\x1f\x7f\x80\xbf\xc2\xe0\xed\xf0\xf4\xff";
	char text[sizeof sample + 1];
	size_t wrong = 0, valid = 0, tried = 0;
	for (size_t at = 0; at < sizeof sample - 1; at++) {
		for (size_t i = 0; i < sizeof bytes; i++) {
			for (int way = 0; way < 3; way++) { /* replaced, put in, taken out */
				size_t length = sizeof sample - 1;
				memcpy(text, sample, at);
				text[at] = bytes[i];
				memcpy(text + at + (way < 2), sample + at + (way != 1), length - at - (way != 1));
				length += (size_t)(way == 1) - (size_t)(way == 2);
				vigil_status status = scan_bytes(text, length, NULL);
				if (status == VIGIL_BAD_INPUT && strstr(error.text, "twice"))
					continue;
				bool expected = plain_accepts(text, length);
				tried++;
				valid += expected;
				if (expected != (status == VIGIL_OK) && wrong++ < 5)
					CHECK(false, "%s by the scan (%s): %.*s", expected ? "refused" : "accepted", error.text,
					      (int)length, text);
			}
		}
	}
	CHECK(wrong == 0, "%zu of %zu changed texts are judged otherwise than by the plain reader", wrong, tried);
	CHECK(valid > 1000 && valid < tried / 2, "%zu of %zu changed texts are valid: the test tests nothing", valid, tried);
}

/* Special bytes at every distance from the boundaries of what is read at once. */
static void sees_bytes_at_every_place(void)
{
	static const struct {
		const char *bytes;
		bool valid;
	} parts[] = {{"\\n", true}, {"\\u00e9", true}, {"\\ud83d\\ude00", true}, {"é", true},     {"€", true},
		     {"😀", true},   {"\x7f", true},    {"\x01", false},          {"\x1f", false}, {"\xff", false},
		     {"\\", false}, {"\\q", false},    {"\xc3", false},          {"\"", false}};
	for (size_t i = 0; i < VG_COUNT(parts); i++)
		for (size_t before = 0; before < 40; before++)
			for (size_t after = 0; after < 40; after += 13) {
				char text[160];
				int length = snprintf(text, sizeof text, "[\"%.*s%s%.*s\"]", (int)before,
						      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", parts[i].bytes,
						      (int)after, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
				CHECK((scan_bytes(text, (size_t)length, NULL) == VIGIL_OK) == parts[i].valid, "%s is %s", text,
				      parts[i].valid ? "refused" : "accepted");
			}
	for (size_t blanks = 0; blanks < 70; blanks++) {
		char text[80];
		memset(text, ' ', sizeof text);
		for (size_t i = 0; i < blanks; i++)
			text[i] = " \n\r\t"[i % 4];
		text[blanks] = '1';
		CHECK(scan_bytes(text, blanks + 1, NULL) == VIGIL_OK, "%zu blanks hide a value", blanks);
		CHECK(scan_bytes(text, sizeof text, NULL) == VIGIL_OK, "%zu blanks before and the rest behind hide a value",
		      blanks);
		text[blanks] = '\f';
		CHECK(scan_bytes(text, sizeof text, NULL) == VIGIL_BAD_INPUT, "a form feed passes for a blank");
	}
}

/* ---- keys -------------------------------------------------------------- */

static void finds_equal_keys(void)
{
	/* From one key to several hundred, the first, middle and last repeated, near the end of the text and far from it. */
	for (size_t count = 1; count < 300; count += count < 60 ? 1 : 37) {
		for (size_t repeated = 0; repeated < count; repeated += count < 4 ? 1 : count / 3) {
			vg_arena texts;
			vg_buffer text;
			vg_arena_init(&texts, NULL, 0);
			vg_buffer_init(&text, &texts);
			vg_add(&text, "[{");
			for (size_t i = 0; i < count; i++)
				vg_addf(&text, "\"key%zu\":{\"key%zu\":%zu},", i, i, i);
			vg_buffer unique = text, far = text;
			vg_addf(&text, "\"key%zu\":0}]", repeated);
			CHECK(scan(vg_buffer_text(&text)) == VIGIL_BAD_INPUT && strstr(error.text, "twice"),
			      "key %zu of %zu comes twice unseen", repeated, count);
			vg_buffer_init(&far, &texts);
			vg_add_bytes(&far, vg_buffer_text(&text), unique.length);
			vg_addf(&far, "\"key%zu\":\"a text that is long enough to lie behind the key\"}]", repeated);
			CHECK(scan(vg_buffer_text(&far)) == VIGIL_BAD_INPUT,
			      "key %zu of %zu comes twice unseen, far from the end", repeated, count);
			vg_buffer_init(&far, &texts);
			vg_add_bytes(&far, vg_buffer_text(&text), unique.length);
			vg_addf(&far, "\"key%zu\":0}]", count);
			CHECK(scan(vg_buffer_text(&far)) == VIGIL_OK, "%zu different keys are refused: %s", count + 1,
			      error.text);
			vg_arena_free(&texts);
		}
	}
}

/* Keys of every length that differ in one place only, which the marks may not see. */
static void tells_alike_keys_apart(void)
{
	for (size_t length = 1; length < 40; length++)
		for (size_t at = 0; at < length; at++) {
			char a[48], b[48], text[128];
			memset(a, 'k', sizeof a);
			a[length] = '\0';
			memcpy(b, a, sizeof b);
			b[at] = 'K';
			snprintf(text, sizeof text, "{\"%s\":1,\"%s\":2}", a, b);
			CHECK(scan(text) == VIGIL_OK, "%s is refused", text);
			snprintf(text, sizeof text, "{\"%s\":1,\"%s\":2}", b, b);
			CHECK(scan(text) == VIGIL_BAD_INPUT, "%s is accepted", text);
		}
}

/* ---- errors ------------------------------------------------------------ */

static void errors_say_where_and_what(void)
{
	static const struct {
		const char *text;
		int line;
		const char *says;
	} cases[] = {
	    {"", 1, "line 1, column 1 (byte 0): a value is expected, and the text ends"},
	    {"{\n  \"a\": 1,\n  \"b\": tru\n}", 3, "line 3, column 8 (byte 19): this is not a value"},
	    {"{\"a\":1,}", 1, "column 8 (byte 7): a key is expected"},
	    {"[1,]", 1, "column 4 (byte 3): a value is missing"},
	    {"{\"a\":1 \"b\":2}", 1, "column 8 (byte 7): a comma or } is missing"},
	    {"[1 2]", 1, "column 4 (byte 3): a comma or ] is missing"},
	    {"{\"a\" 1}", 1, "column 6 (byte 5): a colon is missing"},
	    {"{\"a\":1", 1, "the text ends inside an object"},
	    {"[1", 1, "the text ends inside a list"},
	    {"[\"abc", 1, "column 3 (byte 2): a text begins here and does not end"},
	    {"{} {}", 1, "column 4 (byte 3): something follows the end"},
	    {"[\"\\x\"]", 1, "column 3 (byte 2): a backslash"},
	    {"[\"\\u12\"]", 1, "four hexadecimal digits"},
	    {"[\"\\u0000\"]", 1, "\\u0000 cannot be part of a text"},
	    {"[\"\\ud800\"]", 1, "half of a surrogate pair"},
	    {"[\"a\nb\"]", 1, "column 4 (byte 3): a control character"},
	    {"[\"\xff\"]", 1, "column 3 (byte 2): bytes that are not UTF-8"},
	    {"[01]", 1, "needless zero"},
	    {"[-]", 1, "a minus sign"},
	    {"[1.]", 1, "a decimal point"},
	    {"[1e]", 1, "an exponent has no digits"},
	    {"[\n\n1e999]", 3, "line 3, column 1 (byte 3): a number is beyond the largest"},
	    {"{\"a\":1,\"b\":2,\n\"a\":3}", 2, "line 2, column 1 (byte 14): an object has this key twice"},
	};
	for (size_t i = 0; i < VG_COUNT(cases); i++) {
		CHECK(scan(cases[i].text) == VIGIL_BAD_INPUT, "%s is accepted", cases[i].text);
		CHECK(strstr(error.text, cases[i].says) != NULL, "%s: \"%s\" does not say \"%s\"", cases[i].text, error.text,
		      cases[i].says);
		CHECK(error.line == cases[i].line, "%s: line %d", cases[i].text, error.line);
		CHECK(error.advice[0] != '\0', "%s: no advice", cases[i].text);
		CHECK(result.entry_count == (size_t)0x5555555555555555, "%s: the result is written on failure", cases[i].text);
	}
	CU_ASSERT_EQUAL(vg_json_scan(&arena, &arena, "[", 1, NULL, &result, NULL), VIGIL_BAD_INPUT); /* an error is optional */
	CU_ASSERT_EQUAL(vg_json_line("a\nb\nc", 0), 1);
	CU_ASSERT_EQUAL(vg_json_line("a\nb\nc", 4), 3);
}

static void errors_quote_no_patient(void)
{
	static const char marked[] = "{\"CANARY\":\"CANARY\",\"CANARY2\":[\"CANARY\\n\",{\"CANARY\":-12.5}]}";
	char text[sizeof marked];
	for (size_t at = 0; at < sizeof marked - 1; at++)
		for (const char *byte = "{}[]:,\"\\0a\x01\xff"; *byte; byte++) {
			memcpy(text, marked, sizeof marked);
			text[at] = *byte;
			if (scan(text) == VIGIL_BAD_INPUT)
				CHECK(!strstr(error.text, "CANARY") && !strstr(error.advice, "CANARY"),
				      "an error quotes the record: %s", error.text);
		}
	CHECK(scan("{\"CANARY\":1,\"CANARY\":2}") == VIGIL_BAD_INPUT && !strstr(error.text, "CANARY"), "an error quotes a key");
}

/* ---- limits ------------------------------------------------------------ */

static void check_limit(const char *within, const char *beyond, vg_limits limits, const char *says)
{
	CHECK(scan_bytes(within, strlen(within), &limits) == VIGIL_OK, "%s is refused: %s", within, error.text);
	CHECK(scan_bytes(beyond, strlen(beyond), &limits) == VIGIL_BAD_INPUT, "%s is accepted", beyond);
	CHECK(strstr(error.text, says) != NULL, "\"%s\" does not say \"%s\"", error.text, says);
	CHECK(error.advice[0] != '\0', "no advice");
}

static vg_limits limit_of(size_t vg_limits_member, size_t value)
{
	vg_limits limits = vg_default_limits;
	memcpy((char *)&limits + vg_limits_member, &value, sizeof value);
	return limits;
}

static void limits_hold(void)
{
	check_limit("[1,2]", "[1,2 ]", limit_of(offsetof(vg_limits, bytes), 5), "more bytes than 5");
	check_limit("[[{}]]", "[[{\"a\":[]}]]", limit_of(offsetof(vg_limits, depth), 3), "deeper than 3");
	check_limit("[1,{\"a\":2}]", "[1,{\"a\":[2]}]", limit_of(offsetof(vg_limits, nodes), 4), "more values than 4");
	check_limit("[{\"a\":1,\"b\":2},{\"a\":1,\"b\":2}]", "{\"a\":1,\"b\":2,\"c\":3}",
		    limit_of(offsetof(vg_limits, keys), 2), "more than 2");
	check_limit("{\"abcd\":\"abcd\"}", "{\"abcd\":\"abcde\"}", limit_of(offsetof(vg_limits, string_length), 4),
		    "more bytes than 4");
	check_limit("{\"abcd\":\"\"}", "{\"abcde\":\"\"}", limit_of(offsetof(vg_limits, string_length), 4),
		    "more bytes than 4");
	check_limit("{\"resourceType\":\"Bundle\",\"entry\":[{},{}]}", "{\"resourceType\":\"Bundle\",\"entry\":[{},{},{}]}",
		    limit_of(offsetof(vg_limits, entries), 2), "more resources than 2");
	check_limit("{\"resourceType\":\"Bundle\",\"entry\":[1,2]}", "{\"resourceType\":\"Bundle\",\"entry\":[1,2,3]}",
		    limit_of(offsetof(vg_limits, entries), 2), "more resources than 2");
}

/* Far deeper than what is kept without memory of its own, up to the limit. */
static void depth_is_bounded_by_the_limit_only(void)
{
	vg_limits limits = vg_default_limits;
	limits.depth = 5000;
	static char text[10003];
	memset(text, '[', 5001);
	memset(text + 5001, ']', 5001);
	CHECK(scan_bytes(text + 1, 10000, &limits) == VIGIL_OK, "depth 5000 is refused: %s", error.text);
	CHECK(scan_bytes(text, 10002, &limits) == VIGIL_BAD_INPUT, "depth 5001 is accepted");
}

/* ---- memory ------------------------------------------------------------ */

static void tells_every_failure(void)
{
	vg_arena texts;
	vg_buffer text;
	vg_arena_init(&texts, NULL, 0);
	vg_buffer_init(&text, &texts);
	vg_add(&text, "{\"hook\":\"h\",\"context\":{\"\\u0061\":{\"resourceType\":\"B\\u0075ndle\",\"entry\":[");
	for (int i = 0; i < 400; i++)
		vg_addf(&text, "{\"resource\":{\"resourceType\":\"Patient\",\"id\":\"\\u0031%d\"}},", i);
	vg_add(&text, "{}]}},\"prefetch\":{");
	for (int i = 0; i < 300; i++)
		vg_addf(&text, "\"key%d\":{\"id\":\"x\"},", i);
	vg_add(&text, "\"deep\":");
	for (int i = 0; i < 80; i++)
		vg_add(&text, "{\"a\":1,\"b\":2,\"c\":3,\"d\":");
	vg_add(&text, "0");
	for (int i = 0; i < 80; i++)
		vg_add(&text, "}");
	vg_add(&text, "}}");
	const char *json = vg_buffer_text(&text);
	for (size_t fail_at = 1;; fail_at++) {
		test_allocator state = {.fail_at = fail_at};
		vg_allocator allocator = {test_resize, &state};
		vg_arena memory;
		vigil_error err = VIGIL_ERROR_INIT;
		vg_json_scan_result found = {.entry_count = 77};
		vg_arena_init(&memory, &allocator, 0);
		vigil_status status = vg_json_scan(&memory, &memory, json, text.length, NULL, &found, &err);
		bool failed = state.calls >= fail_at;
		CHECK(status == (failed ? VIGIL_NO_MEMORY : VIGIL_OK), "allocation %zu fails and the scan says %d: %s", fail_at,
		      status, err.text);
		CHECK(found.entry_count == (failed ? 77 : 1 + 1 + 401 + 301), "allocation %zu fails and %zu entries are told",
		      fail_at, found.entry_count);
		vg_arena_free(&memory);
		CHECK(state.live_bytes == 0, "memory is lost");
		if (!failed) {
			CHECK(fail_at > 5, "too few allocations to test");
			break;
		}
	}
	vg_arena_free(&texts);
	vg_arena_free(&arena);
}

/* The arena runs out at every size below what each kind of text needs. */
static void tells_every_size_that_is_too_small(void)
{
	vg_arena texts;
	vg_buffer kinds[6];
	vg_arena_init(&texts, NULL, 0);
	for (size_t i = 0; i < VG_COUNT(kinds); i++)
		vg_buffer_init(&kinds[i], &texts);
	vg_add(&kinds[0], "{\"\\u0061\":\"\\u0062\",\"id\":\"\\u0063\"}");
	for (int i = 0; i < 60; i++) {
		vg_addf(&kinds[1], "%s\"key%d\":0", i ? "," : "{", i);
		vg_add(&kinds[2], "[");
		vg_addf(&kinds[3], "{\"a\":1,\"b\":2,\"c\":3,\"d\":");
	}
	vg_add(&kinds[1], "}");
	vg_add(&kinds[3], "4");
	for (int i = 0; i < 60; i++) {
		vg_add(&kinds[2], "]");
		vg_add(&kinds[3], "}");
	}
	vg_add(&kinds[4], "{\"context\":{\"a\":{}},\"entry\":[{\"resource\":{}}],\"prefetch\":{\"a\":{\"resourceType\":"
			  "\"Bundle\",\"entry\":[{}]}}}");
	vg_add(&kinds[5], "\"a text, which ends with no bracket, so that a copy of it is scanned\" ");
	for (size_t i = 0; i < VG_COUNT(kinds); i++) {
		size_t refused = 0;
		for (size_t limit = 16;; limit += 16) {
			vg_arena memory;
			vg_json_scan_result found = {.entry_count = 77};
			vg_arena_init(&memory, NULL, limit);
			vigil_status status =
			    vg_json_scan(&memory, &memory, vg_buffer_text(&kinds[i]), kinds[i].length, NULL, &found, NULL);
			CHECK(status == (memory.failed ? VIGIL_NO_MEMORY : VIGIL_OK), "text %zu with %zu bytes: status %d", i,
			      limit, status);
			CHECK((status == VIGIL_OK) == (found.entry_count != 77),
			      "text %zu with %zu bytes: the result is half there", i, limit);
			vg_arena_free(&memory);
			if (status != VIGIL_NO_MEMORY)
				break;
			refused++;
		}
		CHECK(refused > 0, "text %zu needs no memory", i);
	}
	vg_arena_free(&texts);
}

/* A name is guessed by comparing what stands there with the one that came last, and with nothing when none came. */
static void zeros_are_no_key(void)
{
	char text[96];
	for (size_t zeros = 1; zeros < 64; zeros++) {
		size_t length = 0;
		text[length++] = '{';
		memset(text + length, 0, zeros);
		length += zeros;
		memcpy(text + length, ":1}", 3);
		CHECK(scan_bytes(text, length + 3, NULL) == VIGIL_BAD_INPUT, "%zu zeros are a key", zeros);
		text[1] = '"';
		CHECK(scan_bytes(text, length + 3, NULL) == VIGIL_BAD_INPUT, "a quote and %zu zeros are a key", zeros - 1);
	}
}

const test_case test_cases_json_scan[] = {
    {"the files in fixtures/json are read and refused as named", follows_the_fixtures},
    {"JSONTestSuite is followed, but for four documented files", follows_the_json_test_suite},
    {"no part of a text passes for the whole", refuses_every_cut},
    {"changed texts are judged as by a plain reader", agrees_with_a_plain_reader},
    {"special bytes are seen at every place", sees_bytes_at_every_place},
    {"zeros are no key", zeros_are_no_key},
    {"the same key twice is found among any number of keys", finds_equal_keys},
    {"keys that differ in one byte are different", tells_alike_keys_apart},
    {"errors say where, what, and how to mend it", errors_say_where_and_what},
    {"errors quote nothing of the text", errors_quote_no_patient},
    {"each limit holds and says so", limits_hold},
    {"depth is bounded by its limit only", depth_is_bounded_by_the_limit_only},
    {"each allocation fails in turn", tells_every_failure},
    {"the arena runs out at every size", tells_every_size_that_is_too_small},
    {NULL, NULL},
};
