/*
 * The JSON scan's other half: which resources it finds, whatever the order of
 * keys, in Bundles, in Bundles inside them, and in CDS Hooks requests.
 */
#include "record/json_scan.h"
#include "support/support.h"

#include <stdio.h>
#include <string.h>

static vg_arena arena;
static vigil_error error;
static vg_json_scan_result result;
static const char *scanned;

static vigil_status scan(const char *text)
{
	scanned = text;
	vg_arena_free(&arena);
	vg_arena_init(&arena, NULL, 0);
	error = (vigil_error)VIGIL_ERROR_INIT;
	return vg_json_scan(&arena, &arena, text, strlen(text), NULL, &result, &error);
}

static const char sample[] =
    "{\"resourceType\":\"Bundle\",\"type\":\"searchset\",\n"
    " \"link\":[{\"relation\":\"next\",\"url\":\"http://example.org/?page=2\"}],\r\n\t"
    "\"entry\":[{\"fullUrl\":\"urn:uuid:1\",\"resource\":{\"resourceType\":\"Observation\",\"id\":\"a\\u00e9\","
    "\"valueQuantity\":{\"value\":-6.10e+1,\"unit\":\"mL\\/min\\ud83d\\ude00\"},\"x\":[true,false,null,0,1E-5]}},"
    "{\"resource\":{\"resourceType\":\"Patient\",\"name\":\"M\xc3\xbcller \xe2\x82\xac \xf0\x9f\x98\x80\",\"e\":[],\"o\":{}},"
    "\"request\":{\"method\":\"POST\"},\"search\":{\"mode\":\"match\"}}]}";

static void read_whole(vg_arena *files, const char *folder, const char *name, char **text, size_t *length)
{
	vigil_error err = VIGIL_ERROR_INIT;
	vigil_status status = vg_read_file(files, vg_format(files, "%s/%s", folder, name), 0, text, length, &err);
	CHECK(status == VIGIL_OK, "%s", err.text);
	if (status != VIGIL_OK)
		*length = 0, *text = "";
}

static void add_text(vg_buffer *out, const char *label, vg_json_text text)
{
	if (text.bytes) {
		vg_addf(out, " %s=", label);
		vg_add_bytes(out, text.bytes, text.length);
	}
}

/* The whole result as one text, without offsets, so that orders of keys can be compared. */
static const char *told(vg_arena *texts)
{
	static const char *const kinds[] = {"absent", "null", "true", "false", "number", "text", "list", "object"};
	static const char *const groups[] = {"", "context.", "prefetch."};
	vg_buffer out;
	vg_buffer_init(&out, texts);
	vg_add(&out, result.shape == VG_JSON_RESOURCE       ? "resource"
		     : result.shape == VG_JSON_HOOK_REQUEST ? "request"
							    : "other");
	for (size_t i = 0; i < result.entry_count; i++) {
		const vg_json_entry *entry = &result.entries[i];
		vg_addf(&out, "\n%zu", i);
		if (entry->bundle != VG_JSON_NONE)
			vg_addf(&out, " in %u", entry->bundle);
		if (entry->member != VG_JSON_NONE) {
			const vg_json_member *member = &result.members[entry->member];
			vg_addf(&out, " of %s%.*s", groups[member->group], (int)member->key.length, member->key.bytes);
		}
		vg_addf(&out, " %s", kinds[entry->kind]);
		add_text(&out, "type", entry->type);
		add_text(&out, "id", entry->id);
		add_text(&out, "url", entry->full_url);
		add_text(&out, "method", entry->method);
		add_text(&out, "mode", entry->mode);
		add_text(&out, "bundle", entry->bundle_type);
		if (entry->entry_count)
			vg_addf(&out, " entries=%u", entry->entry_count);
		vg_json_span link = result.spans[entry->link];
		if (entry->link)
			vg_addf(&out, " link=%.*s", (int)(link.end - link.start), scanned + link.start);
		if (entry->has_next)
			vg_add(&out, " next");
	}
	for (size_t i = 0; i < result.member_count; i++) {
		const vg_json_member *member = &result.members[i];
		vg_addf(&out, "\n%s%.*s %s", groups[member->group], (int)member->key.length, member->key.bytes,
			kinds[member->kind]);
		add_text(&out, "is", member->text);
	}
	return vg_buffer_text(&out);
}

static void check_told(const char *text, const char *expected)
{
	vg_arena texts;
	vg_arena_init(&texts, NULL, 0);
	CHECK(scan(text) == VIGIL_OK, "%s is refused: %s", text, error.text);
	CHECK_TEXT(told(&texts), expected);
	vg_arena_free(&texts);
}

static void finds_resources(void)
{
	check_told("{\"resourceType\":\"Patient\",\"id\":\"p1\",\"link\":[{\"other\":{},\"type\":\"refer\"}],\"contact\":[]}",
		   "resource\n0 object type=Patient id=p1");
	check_told(
	    "{\"id\":\"o1\",\"subject\":{\"display\":\"x\",\"reference\":\"Patient/1\"},\"resourceType\":\"Observation\"}",
	    "resource\n0 object type=Observation id=o1");
	check_told("{\"resourceType\":\"AllergyIntolerance\",\"type\":\"allergy\",\"patient\":{\"reference\":\"Patient/1\"}}",
		   "resource\n0 object type=AllergyIntolerance");
	check_told("{\"resour\\u0063eType\":\"Pa\\u0074ient\",\"\\u0069d\":\"\\u00e9\\n\"}",
		   "resource\n0 object type=Patient id=é\n");
	/* Only the resource's own: not those of what it contains, nor of the same names deeper. */
	check_told("{\"contained\":[{\"resourceType\":\"Medication\",\"id\":\"m\",\"subject\":{\"reference\":\"Patient/2\"}}],"
		   "\"code\":{\"id\":\"c\"},\"resourceType\":\"MedicationRequest\",\"id\":\"r\"}",
		   "resource\n0 object type=MedicationRequest id=r");
	/* Wrong kinds are not texts. */
	check_told("{\"resourceType\":\"Patient\",\"id\":5,\"subject\":\"x\",\"patient\":[{\"reference\":\"y\"}]}",
		   "resource\n0 object type=Patient");
	check_told("{\"resourceType\":7,\"id\":\"x\"}", "other\n0 object id=x");
	check_told("[{\"resourceType\":\"Patient\"}]", "other\n0 list");
	check_told("\"hook\"", "other\n0 text");
	check_told("{}", "other\n0 object");
	check_told("null", "other\n0 null");
	/* Other resources have `entry`, `context` and `link` too. */
	check_told("{\"entry\":[{\"item\":{\"reference\":\"Patient/"
		   "1\"},\"resource\":{\"resourceType\":\"X\"}}],\"resourceType\":\"List\"}",
		   "resource\n0 object type=List");
	check_told(
	    "{\"context\":{\"related\":{\"resourceType\":\"Patient\"}},\"resourceType\":\"DocumentReference\",\"id\":\"d\"}",
	    "resource\n0 object type=DocumentReference id=d");
}

static void finds_entries(void)
{
	check_told(sample, "resource\n0 object type=Bundle bundle=searchset entries=2 "
			   "link=[{\"relation\":\"next\",\"url\":\"http://example.org/?page=2\"}] next"
			   "\n1 in 0 object type=Observation id=aé url=urn:uuid:1"
			   "\n2 in 0 object type=Patient method=POST mode=match");
	check_told("{\"resourceType\":\"Bundle\",\"entry\":[]}", "resource\n0 object type=Bundle");
	check_told("{\"resourceType\":\"Bundle\",\"entry\":{\"resource\":{}}}", "resource\n0 object type=Bundle");
	/* Nothing that stands where a resource should is passed over. */
	check_told("{\"resourceType\":\"Bundle\",\"entry\":[{\"request\":{\"method\":\"DELETE\"}},{\"resource\":null,"
		   "\"fullUrl\":\"u\"},"
		   "{\"resource\":[1]},5,null,[{\"resource\":{}}],{\"resource\":{}},{\"resource\":\"x\"}]}",
		   "resource\n0 object type=Bundle entries=8\n1 in 0 absent method=DELETE\n2 in 0 null url=u\n3 in 0 list\n4 "
		   "in 0 number"
		   "\n5 in 0 null\n6 in 0 list\n7 in 0 object\n8 in 0 text");
	/* A link whose relation is not next, and an entry's own link. */
	check_told(
	    "{\"resourceType\":\"Bundle\",\"link\":[{\"relation\":\"self\"}],\"entry\":[{\"link\":[{\"relation\":\"next\"}]}]}",
	    "resource\n0 object type=Bundle entries=1 link=[{\"relation\":\"self\"}]\n1 in 0 absent");
	/* One link where a list belongs, and a link that is none. */
	check_told("{\"link\": {\"relation\":\"next\"} ,\"resourceType\":\"Bundle\"}",
		   "resource\n0 object type=Bundle link={\"relation\":\"next\"}");
	check_told("{\"link\":\"next\",\"resourceType\":\"Bundle\"}", "resource\n0 object type=Bundle");
}

static void finds_nested_bundles(void)
{
	check_told(
	    "{\"resourceType\":\"Bundle\",\"type\":\"batch-response\",\"entry\":[{\"resource\":{\"type\":\"searchset\","
	    "\"entry\":["
	    "{\"resource\":{\"resourceType\":\"Condition\",\"id\":\"1\"}},{\"resource\":{\"entry\":[{\"resource\":{\"id\":"
	    "\"2\"}}],"
	    "\"resourceType\":\"Bundle\"}}],\"link\":[{\"relation\":\"next\"}],\"resourceType\":\"Bundle\"},\"fullUrl\":\"b\"},"
	    "{\"resource\":{\"entry\":[{\"resource\":{}}],\"resourceType\":\"List\",\"id\":\"l\"},\"fullUrl\":\"c\"},"
	    "{\"resource\":{\"resourceType\":\"Patient\",\"id\":\"p\"}}]}",
	    "resource\n0 object type=Bundle bundle=batch-response entries=3"
	    "\n1 in 0 object type=Bundle url=b bundle=searchset entries=2 link=[{\"relation\":\"next\"}] next"
	    "\n2 in 1 object type=Condition id=1"
	    "\n3 in 1 object type=Bundle entries=1"
	    "\n4 in 3 object id=2"
	    "\n5 in 0 object type=List id=l url=c"
	    "\n6 in 0 object type=Patient id=p");
}

static void finds_members_of_requests(void)
{
	check_told(
	    "{\"hook\":\"order-sign\",\"fhirServer\":\"http:\\/\\/"
	    "ehr\",\"context\":{\"patientId\":\"1\",\"selections\":[\"a\"],"
	    "\"draftOrders\":{\"resourceType\":\"Bundle\",\"entry\":[{\"resource\":{\"resourceType\":\"MedicationRequest\","
	    "\"id\":\"m\"}}]}},"
	    "\"prefetch\":{\"patient\":{\"resourceType\":\"Patient\",\"id\":\"1\"},\"none\":null,\"failed\":{\"resourceType\":"
	    "\"OperationOutcome\"},"
	    "\"list\":[{\"resourceType\":\"Patient\"}],\"labs\":{\"entry\":[{\"resource\":{\"resourceType\":\"Observation\"}}],"
	    "\"link\":[{\"relation\":\"next\"}],\"resourceType\":\"Bundle\"}},\"extension\":{\"entry\":[{\"resource\":{}}]}}",
	    "request\n0 object"
	    "\n1 of context.draftOrders object type=Bundle entries=1"
	    "\n2 in 1 of context.draftOrders object type=MedicationRequest id=m"
	    "\n3 of prefetch.patient object type=Patient id=1"
	    "\n4 of prefetch.failed object type=OperationOutcome"
	    "\n5 of prefetch.labs object type=Bundle entries=1 link=[{\"relation\":\"next\"}] next"
	    "\n6 in 5 of prefetch.labs object type=Observation"
	    "\nhook text is=order-sign\nfhirServer text is=http://ehr\ncontext object\ncontext.patientId text "
	    "is=1\ncontext.selections list"
	    "\ncontext.draftOrders object\nprefetch object\nprefetch.patient object\nprefetch.none null\nprefetch.failed object"
	    "\nprefetch.list list\nprefetch.labs object\nextension object");
	check_told("{\"hook\":\"patient-view\",\"prefetch\":null,\"context\":[]}",
		   "request\n0 object\nhook text is=patient-view\nprefetch null\ncontext list");
	/* A request's own id, type, subject and entry are members and nothing more. */
	check_told("{\"id\":\"i\",\"type\":\"t\",\"entry\":[{\"resource\":{\"resourceType\":\"Patient\"}}],\"subject\":{"
		   "\"reference\":\"r\"},"
		   "\"link\":[{\"relation\":\"next\"}],\"context\":{\"a\":{\"id\":\"x\"}}}",
		   "request\n0 object\n1 of context.a object id=x\nid text is=i\ntype text is=t\nentry list\nsubject "
		   "object\nlink list\ncontext object"
		   "\ncontext.a object");
	CU_ASSERT_PTR_NULL(vg_json_member_find(&result, VG_JSON_PREFETCH, "a"));
	const vg_json_member *member = vg_json_member_find(&result, VG_JSON_CONTEXT, "a");
	CHECK(member && member->kind == VG_JSON_OBJECT, "context.a is not found");
}

static int permute(size_t turn, size_t count, size_t order[8])
{
	bool used[8] = {false};
	for (size_t i = 0; i < count; i++) {
		size_t pick = turn % (count - i), k = 0;
		turn /= count - i;
		for (;; k++)
			if (!used[k] && pick-- == 0)
				break;
		used[k] = true;
		order[i] = k;
	}
	return turn == 0;
}

/* The same parts in every order tell the same, but for the order of members and of their entries. */
static void order_of_keys_does_not_matter(void)
{
	static const char *const parts[] = {"\"resourceType\":\"Bundle\"", "\"type\":\"searchset\"",
					    "\"link\":[{\"url\":\"u\",\"relation\":\"next\"}]", "\"id\":\"b\"",
					    "\"entry\":[{\"fullUrl\":\"1\",\"resource\":{\"id\":\"x\",\"resourceType\":"
					    "\"Patient\"}},{\"resource\":{\"resourceType\":\"Bundle\","
					    "\"entry\":[{}]}}]"};
	static const char expected[] =
	    "resource\n0 object type=Bundle id=b bundle=searchset entries=2 link=[{\"url\":\"u\",\"relation\":\"next\"}] "
	    "next\n1 in 0 object type=Patient id=x url=1"
	    "\n2 in 0 object type=Bundle entries=1\n3 in 2 absent";
	size_t order[8];
	for (size_t turn = 0; permute(turn, VG_COUNT(parts), order); turn++) {
		char text[1024] = "{";
		for (size_t i = 0; i < VG_COUNT(parts); i++) {
			strcat(text, i ? "," : "");
			strcat(text, parts[order[i]]);
		}
		strcat(text, "}");
		check_told(text, expected);
		char request[1200];
		snprintf(request, sizeof request, "{\"prefetch\":{\"b\":%s},\"hook\":\"h\"}", text);
		check_told(
		    request,
		    "request\n0 object\n1 of prefetch.b object type=Bundle id=b bundle=searchset entries=2 "
		    "link=[{\"url\":\"u\",\"relation\":\"next\"}] next"
		    "\n2 in 1 of prefetch.b object type=Patient id=x url=1\n3 in 1 of prefetch.b object type=Bundle entries=1"
		    "\n4 in 3 of prefetch.b absent\nprefetch object\nprefetch.b object\nhook text is=h");
	}
	/* A request in every order, with a Bundle's `entry` beside: it belongs to no resource. */
	static const char *const requests[] = {"\"hook\":\"h\"", "\"entry\":[{\"resource\":{}}]",
					       "\"context\":{\"a\":{\"id\":\"1\"}}",
					       "\"prefetch\":{\"b\":{\"resourceType\":\"Bundle\",\"entry\":[{}]}}"};
	for (size_t turn = 0; permute(turn, VG_COUNT(requests), order); turn++) {
		char text[1024] = "{";
		for (size_t i = 0; i < VG_COUNT(requests); i++) {
			strcat(text, i ? "," : "");
			strcat(text, requests[order[i]]);
		}
		strcat(text, "}");
		CHECK(scan(text) == VIGIL_OK && result.shape == VG_JSON_HOOK_REQUEST, "%s is no request", text);
		CHECK(result.entry_count == 4 && result.member_count == 6, "%s has %zu entries, %zu members", text,
		      result.entry_count, result.member_count);
		for (size_t i = 1; i < result.entry_count; i++) {
			const vg_json_entry *entry = &result.entries[i];
			CHECK(entry->member < result.member_count, "entry %zu of %s is below no member", i, text);
			CHECK((entry->kind == VG_JSON_ABSENT) == (entry->bundle != VG_JSON_NONE),
			      "entry %zu of %s is misplaced", i, text);
			if (entry->bundle != VG_JSON_NONE)
				CHECK(vg_json_text_is(result.entries[entry->bundle].type, "Bundle"),
				      "entry %zu of %s is in no Bundle", i, text);
		}
	}
	/* And a resource whose keys look like a request's. */
	check_told(
	    "{\"context\":{\"a\":{\"resourceType\":\"X\"}},\"entry\":[{\"resource\":{\"id\":\"1\"}}],\"prefetch\":{\"b\":{}},"
	    "\"resourceType\":\"Bundle\"}",
	    "resource\n0 object type=Bundle entries=1\n1 in 0 object id=1");
}

/* Where a resource is said to lie, it lies: its span, scanned alone, tells the same. */
static void spans_are_exact(void)
{
	const char *folder = test_data("cds_hooks/spec");
	vg_arena files;
	const char *const *names;
	size_t count = 0, entries = 0;
	vg_arena_init(&files, NULL, 0);
	if (folder) {
		folder = vg_copy_text(&files, folder, strlen(folder));
		CU_ASSERT_EQUAL_FATAL(vg_list_files(&files, folder, ".json", &names, &count, NULL), VIGIL_OK);
	}
	for (size_t i = 0; i <= count; i++) {
		char *text;
		size_t length;
		if (i == count) {
			text = (char *)sample;
			length = sizeof sample - 1;
		} else {
			read_whole(&files, folder, names[i], &text, &length);
		}
		vg_json_scan_result whole, alone;
		vigil_error err = VIGIL_ERROR_INIT;
		CHECK(vg_json_scan(&files, &files, text, length, NULL, &whole, &err) == VIGIL_OK, "%s: %s",
		      i < count ? names[i] : "sample", err.text);
		for (size_t k = 0; err.status == VIGIL_OK && k < whole.entry_count; k++) {
			const vg_json_entry *entry = &whole.entries[k];
			if (entry->kind != VG_JSON_OBJECT || !entry->type.bytes)
				continue;
			entries++;
			CHECK(vg_json_scan(&files, &files, text + entry->offset, entry->length, NULL, &alone, &err) == VIGIL_OK,
			      "entry %zu: %s", k, err.text);
			CHECK(alone.shape == VG_JSON_RESOURCE && alone.entries[0].length == entry->length &&
				  alone.entries[0].offset == 0 && alone.entries[0].type.length == entry->type.length &&
				  alone.entries[0].entry_count == entry->entry_count,
			      "entry %zu is another resource alone", k);
		}
		for (size_t k = 0; err.status == VIGIL_OK && k < whole.member_count; k++) {
			const vg_json_member *member = &whole.members[k];
			CHECK(vg_json_scan(&files, &files, text + member->offset, member->length, NULL, &alone, &err) ==
				  VIGIL_OK,
			      "member %zu: %s", k, err.text);
			CHECK(alone.entries[0].kind == member->kind && alone.entries[0].length == member->length,
			      "member %zu is another value alone", k);
		}
	}
	CHECK(entries >= 3 && (!folder || entries > 20), "only %zu resources were compared", entries);
	vg_arena_free(&files);
	vg_arena_free(&arena);
}

const test_case test_cases_json_entries[] = {
    {"a resource's type, id and patient are found", finds_resources},
    {"a Bundle's entries are found, odd ones too", finds_entries},
    {"Bundles inside Bundles are found", finds_nested_bundles},
    {"a CDS Hooks request's members are found", finds_members_of_requests},
    {"the order of keys does not matter", order_of_keys_does_not_matter},
    {"spans are exact", spans_are_exact},
    {NULL, NULL},
};
