/*
 * Leaves out of a resource what no reader looks at, before it is parsed.
 *
 * Half of a resource's bytes tell who, where and in which words; the JSON
 * library spends most of a request's time on making trees of them.  This copies
 * the object's text without these members, at a tenth of that cost.  Only
 * members of the resource itself are left out, never anything deeper.
 *
 * The text has passed the strict scan: nothing is checked again.
 */
#include "record/record_internal.h"

/* Members of resources that no fact depends on.  `meta` tells versions: versions.c reads it where two meet. */
static const char *const needless[] = {"address",
				       "asserter",
				       "basedOn",
				       "bodySite",
				       "category",
				       "communication",
				       "contact",
				       "derivedFrom",
				       "device",
				       "diagnosis",
				       "encounter",
				       "extension",
				       "focus",
				       "followUp",
				       "generalPractitioner",
				       "hospitalization",
				       "identifier",
				       "implicitRules",
				       "insurance",
				       "language",
				       "link",
				       "location",
				       "managingOrganization",
				       "maritalStatus",
				       "meta",
				       "method",
				       "name",
				       "note",
				       "participant",
				       "partOf",
				       "performer",
				       "photo",
				       "protocolApplied",
				       "reasonReference",
				       "recorder",
				       "referenceRange",
				       "requester",
				       "serviceProvider",
				       "site",
				       "specimen",
				       "supportingInformation",
				       "telecom",
				       "text"};

static bool is_needless(const char *key, size_t length)
{
	for (size_t i = 0; i < VG_COUNT(needless); i++)
		if (needless[i][0] == key[0] && strncmp(needless[i], key, length) == 0 && needless[i][length] == 0)
			return true;
	return false;
}

/* Behind the closing quote of the string whose first byte is `at`. */
static const char *pass_string(const char *at, const char *end)
{
	for (;;) {
		const char *quote = memchr(at, '"', (size_t)(end - at));
		if (!quote)
			return end;
		size_t escapes = 0;
		while (quote - escapes > at && quote[-1 - (ptrdiff_t)escapes] == '\\')
			escapes++;
		at = quote + 1;
		if (escapes % 2 == 0)
			return at;
	}
}

static const char *pass_blanks(const char *at, const char *end)
{
	while (at < end && (unsigned char)*at <= ' ')
		at++;
	return at;
}

/* Behind a value: at the comma or the brace that follows it. */
static const char *pass_value(const char *at, const char *end)
{
	int depth = 0;
	while (at < end) {
		char c = *at;
		if (c == '"') {
			at = pass_string(at + 1, end);
			continue;
		}
		if (c == '{' || c == '[')
			depth++;
		else if ((c == '}' || c == ']' || c == ',') && depth == 0)
			return at;
		else if (c == '}' || c == ']')
			depth--;
		at++;
	}
	return at;
}

size_t vg_trim(const char *text, size_t length, char *out)
{
	const char *end = text + length, *at = pass_blanks(text, end);
	size_t used = 0;
	out[used++] = '{';
	at = pass_blanks(at + 1, end);
	while (at < end && *at == '"') {
		const char *member = at, *key = at + 1;
		at = pass_string(key, end);
		size_t key_length = (size_t)(at - key) - 1;
		at = pass_value(pass_blanks(at, end) + 1, end);
		if (key_length == 0 || !is_needless(key, key_length)) {
			if (used > 1)
				out[used++] = ',';
			memcpy(out + used, member, (size_t)(at - member));
			used += (size_t)(at - member);
		}
		if (at < end && *at == ',')
			at = pass_blanks(at + 1, end);
	}
	out[used++] = '}';
	return used;
}
