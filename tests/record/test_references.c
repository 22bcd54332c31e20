/* References: what spellings of one resource have in common, and whether they are the patient's. */
#include "record/record_internal.h"
#include "record_support.h"

#include <stdio.h>
#include <stdlib.h>

static void spellings_have_one_key(void)
{
	static const struct {
		const char *reference, *key;
	} cases[] = {
	    {"", ""},
	    {"#m", ""},
	    {"Patient/p", "Patient/p"},
	    {"http://x.org/fhir/Patient/p", "Patient/p"},
	    {"https://x.org/fhir/Patient/p/_history/7", "Patient/p"},
	    {"Patient/p/_history/7", "Patient/p"},
	    {"Patient/p|2", "Patient/p"},
	    {"Patient/p#x", "Patient/p"},
	    {"Patient/p?_format=json", "Patient/p"},
	    {"http://x.org/fhir?id=Patient/p", "http://x.org/fhir"},
	    {"http://x.org|Patient/p", "http://x.org"},
	    {"http://x.org/#Patient/p", "http://x.org/"},
	    {"Patient/a_b", "Patient/a_b"},
	    {"Patient/_history", "Patient/_history"},
	    {"Patient/p/_history", "Patient/p/_history"},
	    {"x_y/Patient/p/_history/1/_history/2", "Patient/p"},
	    {"/_history/1", ""},
	    {"http://x.org/patient/p", "http://x.org/patient/p"},
	    {"http://x.org/Pa1ient/p", "http://x.org/Pa1ient/p"},
	    {"p", "p"},
	    {"Patient/", "Patient/"},
	    {"/p", "/p"},
	    {"//p", "//p"},
	    {"a/b/Patient/p", "Patient/p"},
	    {"urn:uuid:a/b|c#d", "urn:uuid:a/b|c#d"},
	    {"urn:", "urn:"},
	};
	for (size_t i = 0; i < VG_COUNT(cases); i++) {
		size_t length = strlen(cases[i].reference);
		char *exact = malloc(length ? length : 1); /* no byte behind it, so that the sanitizer sees reading too far */
		memcpy(exact, cases[i].reference, length);
		vg_view key = vg_reference_key_of((vg_view){exact, length});
		CHECK(vg_view_is(key, cases[i].key), "the key of %s is %.*s", cases[i].reference, (int)key.length, key.text);
		free(exact);
	}
}

/* Wherever in a path a sign stands that cuts it off, the key is that of what stands before. */
static void signs_cut_a_path_off_anywhere(void)
{
	static const char path[] = "http://server.example.org/fhir/r4/Observation/0123456789";
	static const char *const signs[] = {"|", "?", "#", "/_history/"};
	for (size_t sign = 0; sign < VG_COUNT(signs); sign++) {
		size_t room = strlen(path) + strlen(signs[sign]);
		for (size_t at = 1; at <= strlen(path); at++) {
			char *text = malloc(room); /* no byte behind it */
			memcpy(text, path, at);
			memcpy(text + at, signs[sign], strlen(signs[sign]));
			memcpy(text + at + strlen(signs[sign]), path + at, strlen(path) - at);
			vg_view key = vg_reference_key_of((vg_view){text, room}),
				before = vg_reference_key_of((vg_view){path, at});
			CHECK(key.length == before.length && memcmp(key.text, before.text, key.length) == 0,
			      "%s behind %zu characters: the key is %.*s", signs[sign], at, (int)key.length, key.text);
			free(text);
		}
	}
}

/* A condition of each subject in turn, then one of the last: is it read, or refused? */
static void subjects(const char *last, bool own)
{
	static const char *const spellings[] = {"Patient/p", "Patient/p", "urn:uuid:0-1", "http://x.org/Patient/p",
						"p",         "Patient/p"};
	char text[4000];
	int length = snprintf(
	    text, sizeof text,
	    "{'resourceType':'Bundle','entry':[{'fullUrl':'urn:uuid:0-1','resource':{'resourceType':'Patient','id':'p'}}");
	for (size_t i = 0; i <= VG_COUNT(spellings); i++)
		length += snprintf(text + length, sizeof text - (size_t)length,
				   ",{'resource':{'resourceType':'Condition','id':'c%zu','subject':{'reference':'%s'}}}", i,
				   i < VG_COUNT(spellings) ? spellings[i] : last);
	snprintf(text + length, sizeof text - (size_t)length, "]}");
	if (!own) {
		CHECK(strstr(refused(text, VIGIL_BAD_INPUT), "Condition/c6 belongs to another patient"), "%s is read", last);
		return;
	}
	vg_record *record = read_json(text);
	CHECK(record && record->fact_count == VG_COUNT(spellings) + 1, "a subject is not the patient");
	vg_record_free(record);
}

static void each_subject_is_looked_at(void)
{
	subjects("Patient/p", true);
	subjects("", true);
	subjects("Patient/q", false);
	subjects("Patient/p2", false);
	subjects("urn:uuid:0-2", false);
}

/* An entry is found under its type and id, and under the key of its fullUrl, however alike the two are. */
static void an_entry_has_both_its_names(void)
{
	static const char *const urls[] = {"http://server.example.org/fhir/Observation/a",
					   "http://server.example.org/fhir/Observation/a/_history/2",
					   "http://server.example.org/fhir/Observation/b",
					   "http://server.example.org/fhir/xObservation/a",
					   "http://server.example.org/fhir?page=/Observation/a",
					   "http://server.example.org/fhir|1/Observation/a",
					   "http://server.example.org/fhir#/Observation/a",
					   "http://server.example.org/_history/Observation/a",
					   "urn:example:server:fhir/Observation/a",
					   "https:\\/\\/server.example.org\\/fhir\\/Observation\\/a",
					   "x/Observation/a",
					   "Observation/a",
					   "/Observation/a",
					   "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"};
	static const char *const ids[] = {"a", "Observation/a", "fhir/Observation/a"};
	for (size_t i = 0; i < VG_COUNT(urls) * VG_COUNT(ids); i++) {
		const char *url = urls[i / VG_COUNT(ids)], *id = ids[i % VG_COUNT(ids)];
		char json[1000];
		snprintf(
		    json, sizeof json,
		    "{'resourceType':'Bundle','type':'collection','entry':[{'resource':{'resourceType':'Patient','id':'p'}},"
		    "{'fullUrl':'%s','resource':{'resourceType':'Observation','id':'%s','status':'final'}},{'resource':"
		    "{'resourceType':'DiagnosticReport','id':'r','status':'final','result':[{'reference':'%s'}]}}]}",
		    url, id, url);
		vg_record *record = read_json(json);
		char name[100];
		snprintf(name, sizeof name, "Observation/%s", id);
		CHECK(has_fact(record, name), "%s is not there, with the fullUrl %s", name, url);
		CHECK(fact_at(record, "DiagnosticReport/r")->result_count == 1, "%s is not %s", name, url);
		vg_record_free(record);
	}
}

const test_case test_cases_references[] = {
    {"spellings of one reference have one key", spellings_have_one_key},
    {"signs cut a path off anywhere", signs_cut_a_path_off_anywhere},
    {"each subject is looked at", each_subject_is_looked_at},
    {"an entry has both its names", an_entry_has_both_its_names},
    {NULL, NULL},
};
