/*
 * One rule file of whatever bytes: shared by test_fuzz.c, whose mutations are
 * the same in every run, and by the libFuzzer target tests/fuzz/rule_file.c.
 *
 * Loading ends well, within 16 MB and without a leak; findings lie inside the
 * file, are UTF-8 and known to the catalogue; a check function ends with a
 * truth or one of its codes; what was allocated is given back.
 */
#include "script/fuzz_file.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "script/script.h"

typedef struct account { /* what is allocated */
	size_t live, peak;
} account;

static void *resize(void *user, void *old, size_t old_size, size_t new_size)
{
	account *book = user;
	void *block = vg_system_allocator.resize(NULL, old, old_size, new_size);
	if (!block && new_size)
		return NULL;
	book->live += new_size - (old ? old_size : 0);
	book->peak = book->live > book->peak ? book->live : book->peak;
	return block;
}

static const char *check_findings(const vg_findings *findings, const char *bytes, size_t length)
{
	int lines = 1;
	for (size_t i = 0; i < length; i++)
		lines += bytes[i] == '\n' || bytes[i] == '\r';
	for (size_t i = 0; i < findings->count; i++) {
		const vigil_finding *finding = &findings->items[i];
		if (!vg_finding_kind_find(finding->code))
			return "a finding of no kind";
		if (finding->line < 0 || finding->line > lines + 1 || finding->column < 0 ||
		    (size_t)finding->column > length + 2)
			return "a finding outside the file";
		if (!finding->text || !*finding->text || !vg_utf8_valid(finding->text, strlen(finding->text)))
			return "a finding without a readable text";
		if (finding->advice && !vg_utf8_valid(finding->advice, strlen(finding->advice)))
			return "advice that is not UTF-8";
	}
	return NULL;
}

static const char *call_checks(const vg_script *script, const vg_allocator *allocator)
{
	static const char *const codes[] = {"error", "instructions", "time", "memory", "result"};
	static const vg_argument order[] = {{"display", VG_ARGUMENT_TEXT, 0, "ibuprofen", false}};
	vg_checker *checker = NULL;
	size_t count;
	const vg_declaration *declarations = vg_script_declarations(script, &count);
	if (vg_checker_open(script, allocator, &checker, NULL) != VIGIL_OK)
		return "no checker";
	const char *wrong = NULL;
	for (size_t i = 0; i < count && i < 20 && !wrong; i++)
		for (size_t k = 0; k < declarations[i].body.field_count && !wrong; k++) {
			const vg_item *value = &declarations[i].body.fields[k].value;
			if (value->kind != VG_ITEM_FUNCTION)
				continue;
			vg_check_error error = {.code = "", .text = ""};
			vg_truth truth = VG_FALSE;
			bool known = vg_checker_call(checker, value->function, NULL, 0, order, 1, &truth, &error);
			for (size_t c = 0; c < VG_COUNT(codes); c++)
				known = known || vg_same_text(error.code, codes[c]);
			wrong = !known ? "a check function ends with no truth and no code"
				: !vg_utf8_valid(error.text, strlen(error.text)) ? "an error of a function that is not UTF-8"
										 : NULL;
		}
	vg_checker_close(checker);
	return wrong;
}

const char *fuzz_rule_file(const char *bytes, size_t length)
{
	account book = {0, 0};
	const vg_allocator allocator = {resize, &book};
	const char *wrong = NULL;
	char path[64];
	int file = memfd_create("rule", 0);
	if (file < 0 || write(file, bytes, length) != (ssize_t)length) {
		close(file);
		return "the file cannot be made";
	}
	snprintf(path, sizeof path, "/proc/self/fd/%d", file);
	const char *name = path;
	vg_findings findings;
	vg_script *script = NULL;
	vigil_error error = VIGIL_ERROR_INIT;
	vg_findings_init(&findings, &allocator);
	if (vg_script_load(&name, 1, &allocator, &findings, &script, &error) != VIGIL_OK)
		wrong = "loading failed";
	else if (!(wrong = check_findings(&findings, bytes, length)))
		wrong = call_checks(script, &allocator);
	vg_script_free(script);
	vg_findings_free(&findings);
	close(file);
	if (!wrong && book.live)
		wrong = "memory was left behind";
	if (!wrong && book.peak > (size_t)16 << 20)
		wrong = "more than 16 MB were needed";
	return wrong;
}
