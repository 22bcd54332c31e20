#!/usr/bin/env bash
# The command as a subprocess: its arguments, its exit statuses, its output.
# A case is one line: what should happen, the status, a text that standard
# output must hold, one that standard error must hold, then the arguments.
set -uo pipefail
passed=0 failed=0 skipped=0
command=$(realpath "${COMMAND:-./vigil}")
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
export VIGIL_CACHE="$out/cache.db" HOME="$out" TERM=dumb LC_ALL=C
unset XDG_CACHE_HOME XDG_DATA_HOME NO_COLOR TZ
# The starter pack is looked for beside the executable; a build folder has none.
[ -e "$(dirname "$command")/rules" ] || ln -s "$PWD/rules" "$(dirname "$command")/rules"

demo=fixtures/demo/record.json
ibuprofen=fixtures/demo/order-ibuprofen.json
hba1c=fixtures/demo/order-hba1c.json
day="--as-of 2026-03-01"

ok() { passed=$((passed + 1)); }
bad() {
	failed=$((failed + 1))
	echo "FAILED $*"
	head -c 1500 "$out/stdout" | tr -d '\000-\010\016-\037' | sed 's/^/    out: /'
	head -c 1500 "$out/stderr" | tr -d '\000-\010\016-\037' | sed 's/^/    err: /'
}
skip() {
	skipped=$((skipped + 1))
	echo "skipped: $*"
}
run() {
	status=0
	"$command" "$@" >"$out/stdout" 2>"$out/stderr" || status=$?
}
case_() { # what should happen, status, text of standard output, text of standard error, arguments
	local name=$1 wanted=$2 text=$3 error=$4
	shift 4
	run "$@"
	if [ $status -ne "$wanted" ]; then
		bad "$name: status $status instead of $wanted: vigil $*"
	elif [ -n "$text" ] && ! grep -qF -- "$text" "$out/stdout"; then
		bad "$name: \"$text\" is not in the output: vigil $*"
	elif [ -n "$error" ] && ! grep -qF -- "$error" "$out/stderr"; then
		bad "$name: \"$error\" is not told: vigil $*"
	elif [ "$wanted" -ge 2 ] && [ "$(wc -l <"$out/stderr")" -lt 2 ]; then
		bad "$name: the error does not tell how to mend it: vigil $*"
	else
		ok
	fi
}
json() { # what should hold, a jq filter, arguments: the output is JSON and the filter true
	local name=$1 filter=$2
	shift 2
	run "$@"
	if [ $status -gt 1 ]; then
		bad "$name: status $status: vigil $*"
	elif ! jq -e "$filter" "$out/stdout" >/dev/null 2>"$out/stderr"; then
		bad "$name: not so: $filter: vigil $*"
	else
		ok
	fi
}
holds() { # what should hold, a shell command
	local name=$1
	shift
	if "$@" >"$out/said" 2>&1; then ok; else bad "$name: $*: $(head -c 300 "$out/said" | tr -d '\0')"; fi
}

# ---- usage ------------------------------------------------------------------
case_ "no command" 2 "" "vigil help"
case_ "an unknown command" 2 "" "Did you mean \`vigil check\`?" chekc
case_ "nothing like a command" 2 "" "\`vigil help\` lists" xyzzyplugh
case_ "help" 0 "vigil help COMMAND" "" help
case_ "help as an option" 0 "check RECORD|-" "" --help
case_ "help of a command" 0 "--not-supplied SECTION[=since DATE]" "" help check
case_ "a command's own help" 0 "Usage: vigil check" "" check --help
case_ "help of what is not there" 2 "" "no command" help chekc
case_ "version" 0 "vigil 0." "" --version
case_ "an unknown option" 2 "" "Did you mean --order?" check $demo --oder x
case_ "an option of another command" 2 "" "no option --explain" check $demo --explain VG100
case_ "a short option" 2 "" "Options are long ones" check $demo -o x
case_ "a value that is missing" 2 "" "--order needs a value" check $demo --order
case_ "an empty value" 2 "" "--order needs a value" check $demo --order=
case_ "a flag with a value" 2 "" "takes no value" check $demo --alerts=yes
case_ "an option given twice" 2 "" "given twice" check $demo --as-of 2026-03-01 --as-of 2026-03-02
case_ "an unknown format" 2 "" "Did you mean json?" check $demo --format jsn
case_ "no record" 2 "" "needs RECORD" check
case_ "two records" 2 "" "does not take the argument" check $demo $demo
case_ "what --fail-on does not know" 2 "" "info, warning, critical" check $demo --fail-on bad
case_ "everything behind -- is an argument" 3 "" "--order" check -- --order

# ---- an answer ----------------------------------------------------------------
case_ "an interaction for people" 0 "warfarin" "" check $demo --order $ibuprofen $day
case_ "a severity in words" 0 "CRITICAL" "" check $demo --order $ibuprofen $day
case_ "a source" 0 "Source" "" check $demo --order $ibuprofen $day
case_ "an option with =" 0 "warfarin" "" check $demo --order=$ibuprofen --as-of=2026-03-01
json "the documented shape" '.schema == "vigil.check/1" and .patient == "Patient/p1" and .as_of == "2026-03-01" and .hook == "order-sign"
	and (.packs[0] | .name and .version and (.digest | length == 64))
	and ([.notices, .alerts, .screenings, .not_evaluated, .not_checked, .rule_errors] | all(type == "array"))
	and (.complete | type == "boolean") and ([.counts[]] | all(type == "number"))
	and ([.alerts[] | select((.rule and .kind and .summary and .detail and .source.label and .status and .outcome) and has("order") | not)] == [])' \
	check $demo --order $ibuprofen --order $hba1c $day --format json
json "warfarin with ibuprofen, and what it rests on" '[.alerts[] | select(.kind == "interaction" and .order.reference == "MedicationRequest/order1")
	| .evidence[].reference] | index("MedicationRequest/m1") != null' check $demo --order $ibuprofen $day --format json
json "an HbA1c again too soon" '[.alerts[] | select(.kind == "duplicate_test" and .order.reference == "ServiceRequest/order2")] | length == 1' \
	check $demo --order $hba1c $day --format json
json "no null and no empty text anywhere" '[paths(. == null or . == "") | map(tostring) | join(".")] - [] | map(select(test("order$") | not)) == []' \
	check $demo --order $ibuprofen --order $hba1c $day --format json --alerts
json "screenings are sorted by rule" '[.screenings[].rule] == ([.screenings[].rule] | sort)' check $demo $day --format json --all
json "without orders it is a patient-view" '.hook == "patient-view" and ([.alerts[] | select(.order != null)] == [])' check $demo $day --format json
json "--all shows what is not applicable" '[.screenings[].status] | index("not_applicable") != null' check $demo $day --format json --all
json "and without it does not" '[.screenings[].status] | index("not_applicable") == null' check $demo $day --format json
json "cards" '(.cards | length > 0) and ([.cards[] | select((.summary and .indicator and .source.label and .uuid) | not)] == [])' \
	check $demo --order $ibuprofen $day --format cards
json "no screening cards when an order is signed" '[.cards[] | select(.source.topic.code == "screening")] == []' \
	check $demo --order $ibuprofen $day --format cards
json "screening cards when a chart is opened" '[.cards[] | select(.source.topic.code == "screening")] | length > 0' check $demo $day --format cards
json "a trace on request" '.alerts[0].trace | type == "array"' check $demo --order $ibuprofen $day --format json --trace
json "a section that is not supplied is said" '(.complete | not) and (.notices | length > 0)' \
	check $demo --order $ibuprofen $day --format json --not-supplied medications
json "two sections, one since a date" '(.complete | not)' \
	check $demo --order $ibuprofen $day --format json --not-supplied "allergies" --not-supplied "procedures=since 2024-01-01"
case_ "an unknown section" 2 "" "medicine" check $demo $day --not-supplied medicine
case_ "an unknown hook" 2 "" "Did you mean order-sign?" check $demo $day --hook order-sing
case_ "--fail-on a severity that is there" 1 "" "" check $demo --order $ibuprofen $day --fail-on warning
case_ "--fail-on info is met by a warning" 1 "" "" check $demo --order $ibuprofen $day --fail-on info
case_ "--fail-on without such an alert" 0 "" "" check $demo --order $hba1c $day --fail-on critical
case_ "--fail-on incomplete" 1 "" "" check $demo $day --not-supplied medications --fail-on incomplete
case_ "from standard input" 0 "Patient/p1" "" check - $day <$demo
case_ "an order from standard input" 0 "warfarin" "" check $demo --order - $day <$ibuprofen
case_ "both from standard input" 2 "" "cannot both" check - --order - $day <$demo

# ---- bad input: each its own message, all of them status 3 --------------------
head -c 2000 $demo >"$out/truncated.json"
echo "this is not JSON" >"$out/text.json"
echo '{"hello": "world"}' >"$out/other.json"
: >"$out/empty.json"
printf '{"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Patient","id":"\xff\xfe"}}]}' >"$out/bytes.json"
jq '.entry |= map(select(.resource.resourceType != "Patient"))' $demo >"$out/no_patient.json"
jq '(.entry[] | select(.resource.resourceType == "MedicationRequest") | .resource.subject.reference) = "Patient/other"' $demo >"$out/two_patients.json"
jq '.subject.reference = "Patient/other"' $ibuprofen >"$out/other_order.json"
jq '.entry |= . + [{"resource": {"resourceType": "Patient", "id": "p2"}}]' $demo >"$out/second_patient.json"
truncate -s 200M "$out/large.json"
head -c 300000 /dev/zero | tr '\0' '[' >"$out/deep.json"
(cat $demo; echo trailing) >"$out/trailing.json"
mkdir "$out/folder"
case_ "a missing file" 3 "" "no-such-file.json" check no-such-file.json $day
case_ "a folder" 3 "" "folder" check "$out/folder" $day
case_ "a truncated file" 3 "" "truncated.json" check "$out/truncated.json" $day
case_ "not JSON" 3 "" "text.json" check "$out/text.json" $day
case_ "not FHIR" 3 "" "other.json" check "$out/other.json" $day
case_ "an empty file" 3 "" "empty.json" check "$out/empty.json" $day
case_ "bytes that are no text" 3 "" "bytes.json" check "$out/bytes.json" $day
case_ "nested without end" 3 "" "deep.json" check "$out/deep.json" $day
case_ "text behind the end" 3 "" "trailing.json" check "$out/trailing.json" $day
case_ "no patient" 3 "" "atient" check "$out/no_patient.json" $day
case_ "resources of another patient" 3 "" "atient" check "$out/two_patients.json" $day
case_ "two patients" 3 "" "atient" check "$out/second_patient.json" $day
case_ "an order for another patient" 3 "" "other_order.json" check $demo --order "$out/other_order.json" $day
case_ "a file of 200 MB" 3 "" "larger than" check "$out/large.json" $day
case_ "a missing order" 3 "" "no-such-order" check $demo --order no-such-order $day
case_ "a cut order" 3 "" "truncated.json" check $demo --order "$out/truncated.json" $day
messages=$(for file in truncated text other empty bytes no_patient two_patients deep trailing; do
	"$command" check "$out/$file.json" $day 2>&1 >"$out/stdout" | head -n 1 | sed 's/^[^ ]* [^ ]* //'
done | sort | uniq -d)
holds "each bad input has a message of its own" [ -z "$messages" ]
if [ "$(id -u)" -eq 0 ]; then
	cp $demo "$out/secret.json"
	chmod 600 "$out/secret.json"
	chmod 755 "$out"
	if setpriv --reuid=65534 --clear-groups --regid=65534 "$command" version >"$out/stdout" 2>"$out/stderr"; then
		status=0
		VIGIL_CACHE=$out/none.db setpriv --reuid=65534 --clear-groups --regid=65534 "$command" check "$out/secret.json" $day >"$out/stdout" 2>"$out/stderr" || status=$?
		holds "a file that may not be read" [ $status -eq 3 ]
	fi
fi

# ---- no patient data in errors -------------------------------------------------
jq '(.entry[] | select(.resource.resourceType == "Patient") | .resource.name[0].family) = "CANARY-NAME"
	| (.entry[] | select(.resource.resourceType == "MedicationRequest") | .resource) |= . + {"subject": {"reference": "Patient/CANARY-ID"}}' $demo >"$out/canary.json"
run check "$out/canary.json" $day
holds "no patient data in an error" sh -c "! grep -q CANARY '$out/stderr'"
sed 's/"birthDate"/"birthDate" CANARY-TEXT/' $demo >"$out/canary2.json"
run check "$out/canary2.json" $day
holds "no patient data in an error about syntax" sh -c "! grep -q CANARY-TEXT '$out/stderr'"

# ---- a terminal cannot be steered by a record -----------------------------------
jq '(.medicationCodeableConcept.text) = "ibu[31m\u202eprofen" | (.medicationCodeableConcept.coding[0].display) = "ibu[31m\u202eprofen"' $ibuprofen >"$out/steering.json"
run check $demo --order "$out/steering.json" $day
holds "no escape sequence of a record reaches the terminal" sh -c "! grep -q \"\$(printf '\\033')\" '$out/stdout'"
holds "no change of direction either" sh -c "! grep -q \"\$(printf '\\342\\200\\256')\" '$out/stdout'"

# ---- days, zones, locales ----------------------------------------------------------
case_ "a partial date" 2 "" "2026-03" check $demo --as-of 2026-03
case_ "no date" 2 "" "yesterday" check $demo --as-of yesterday
case_ "an unknown zone" 2 "" "Europe/Berlim" check $demo --time-zone Europe/Berlim
case_ "a path as a zone" 2 "" "time zone" check $demo --time-zone ../../etc/passwd
is_today() { # a zone's name and how Vigil is told of it; midnight may come while it is asked
	local before got
	before=$(TZ=$1 date +%F)
	got=$("$command" check $demo --time-zone "$2" --format json | jq -r .as_of)
	[ "$got" = "$before" ] || [ "$got" = "$(TZ=$1 date +%F)" ]
}
holds "today, in a zone ahead" is_today Pacific/Kiritimati +14:00
holds "today, in a zone behind" is_today Etc/GMT+11 -11:00
[ -e /usr/share/zoneinfo/Asia/Tokyo ] && holds "today, by a zone's name" is_today Asia/Tokyo Asia/Tokyo
json "a dateTime is a day" '.as_of == "2026-03-01"' check $demo --as-of 2026-03-01T23:30:00-05:00 --format json
reference=$("$command" check $demo --order $ibuprofen --order $hba1c $day --format json | sha256sum)
same() { [ "$(env "$@" "$command" check $demo --order $ibuprofen --order $hba1c $day --format json | sha256sum)" = "$reference" ]; }
for zone in Etc/GMT+12 Pacific/Kiritimati; do
	holds "the same bytes in $zone" same "TZ=$zone"
done
if locale -a 2>"$out/stderr" | grep -qi '^de_DE.utf-\?8$'; then
	holds "the same bytes in a German locale" same LC_ALL=de_DE.UTF-8
else
	# A locale of our own, with a decimal comma, when the system has none.
	if localedef -i de_DE -f UTF-8 "$out/de_DE.UTF-8" >"$out/stdout" 2>"$out/stderr"; then
		holds "the same bytes in a German locale" same "LOCPATH=$out" LC_ALL=de_DE.UTF-8
	else
		skip "there is no German locale and none can be made"
	fi
fi
for _ in 1 2 3 4 5 6 7 8 9 10; do holds "the same bytes again" same; done
cards=$("$command" check $demo --order $ibuprofen $day --format cards | sha256sum)
holds "the same cards again" [ "$("$command" check $demo --order $ibuprofen $day --format cards | sha256sum)" = "$cards" ]

# ---- output that cannot be written ----------------------------------------------------
full() { # arguments: status 6 on a full disk
	local status=0
	"$command" "$@" >/dev/full 2>"$out/stderr" || status=$?
	[ $status -eq 6 ]
}
holds "a full disk, text" full check $demo $day
holds "a full disk, JSON" full check $demo $day --format json
holds "a full disk, show" full show
holds "a full disk, help" full help

# ---- the cache --------------------------------------------------------------------------
(VIGIL_CACHE=/proc/none/cache.db "$command" check $demo --order $ibuprofen --order $hba1c $day --format json >"$out/stdout" 2>"$out/stderr")
holds "a cache that cannot be written does not change the answer" [ "$(sha256sum <"$out/stdout")" = "$reference" ]
holds "and is told" grep -q "^vigil: warning: " "$out/stderr"
mkdir "$out/cache"
for i in 1 2 3; do VIGIL_CACHE="$out/cache" "$command" check $demo --order $ibuprofen --order $hba1c $day --format json >"$out/answer$i" & done
wait
holds "three that compile at once" [ "$(cat "$out"/answer[123] | sort -u | sha256sum)" = "$reference" ]
echo "this is no database" >"$out/spoilt.db"
(VIGIL_CACHE="$out/spoilt.db" "$command" check $demo --order $ibuprofen --order $hba1c $day --format json >"$out/stdout" 2>"$out/stderr")
holds "a spoilt cache does not change the answer" [ "$(sha256sum <"$out/stdout")" = "$reference" ]

# ---- packs --------------------------------------------------------------------------------
pack=tests/library/pack broken=tests/library/broken_pack
case_ "no rules at all" 2 "" "--rules DIR" check $demo --no-starter
case_ "a missing pack" 4 "" "no-such-pack" check $demo --rules no-such-pack $day
case_ "a broken pack" 4 "" "takking" check $demo --rules $broken $day
case_ "a pack of its own" 0 "" "" check $demo --no-starter --rules $pack $day
json "the pack's name is in the answer" '[.packs[].name] == ["test"]' check $demo --no-starter --rules $pack $day --format json
mkdir "$out/site"
echo 'pack { name = "site", version = "2.0.0", publisher = "Site", language = "1" }' >"$out/site/pack.lua"
json "two packs, the later one last" '[.packs[].name] == ["vigil-starter", "site"]' check $demo --rules "$out/site" $day --format json
case_ "shadow rows are not shown" 0 "" "" check $demo --no-starter --rules $pack --order $ibuprofen $day --fail-on critical
json "shadow rows on request" '[.alerts[].status] | index("shadow") != null' \
	check $demo --no-starter --rules $pack --order $ibuprofen $day --format json --all-statuses

# ---- lint -----------------------------------------------------------------------------------
case_ "a sound pack" 0 "0 errors" "" lint $pack --no-starter
case_ "a broken pack is found" 1 "takking" "" lint $broken
case_ "did you mean" 1 "taking" "" lint $broken
json "findings as JSON" '.counts.errors > 0 and ([.findings[] | select((.code and .level and .text) | not)] == [])' lint $broken --format json
run lint $broken --format oneline
holds "one line a finding" grep -qE '^tests/library/broken_pack/rules.lua:[0-9]+:[0-9]+: error: VG[0-9]+: ' "$out/stdout"
case_ "what a finding means" 0 "Right" "" lint --explain VG500
json "and as JSON" '.code == "VG500" and .wrong and .right' lint --explain VG500 --format json
case_ "an unknown finding" 2 "" "VG999" lint --explain VG999
case_ "a missing folder" 4 "" "no-such-pack" lint no-such-pack
case_ "overdue reviews" 0 "VG291" "" lint $pack --no-starter --today 2100-01-01
case_ "overdue reviews fail on request" 1 "VG291" "" lint $pack --no-starter --today 2100-01-01 --fail-on warning
case_ "no date" 2 "" "whole date" lint $pack --today soon
jq '(.entry[] | select(.resource.id == "m1") | .resource.medicationCodeableConcept) = {"coding": [{"system": "urn:example:local", "code": "WARF5", "display": "Warf"}]}' $demo >"$out/local.json"
case_ "codes of a record that are not known" 0 "WARF5" "" lint $pack --no-starter --record "$out/local.json"
json "and the check says so" '(.complete | not) and ([.not_checked[].display] | index("Warf") != null)' check "$out/local.json" $day --format json

# ---- test -------------------------------------------------------------------------------------
case_ "examples that pass" 0 "0 failed" "" test $pack --no-starter
mkdir "$out/failing"
cp $pack/pack.lua "$out/failing/"
cp -R $pack/tables $pack/sets "$out/failing/"
sed 's/expect = { overdue "colonoscopy" }/expect = { up_to_date "colonoscopy" }/' $pack/rules.lua >"$out/failing/rules.lua"
case_ "an example that fails" 1 "FAILED" "" test "$out/failing" --no-starter
json "failures as JSON" '.counts.failed == 1 and ([.examples[] | select(.status == "failed") | .text | length > 0] == [true])' test "$out/failing" --no-starter --format json
case_ "failures as JUnit" 1 '<failure message="' "" test "$out/failing" --no-starter --format junit
case_ "examples of one rule" 0 "0 failed" "" test $pack --no-starter --rule metformin-low-egfr
case_ "examples of no rule" 2 "" "no rule" test $pack --no-starter --rule nonsense
case_ "examples of a broken pack" 1 "" "takking" test $broken
case_ "the starter pack's examples" 0 "0 failed" "" test

# ---- show, explain, lookup, knowledge, doctor, version ---------------------------------------------
case_ "all rules" 0 "colorectal-cancer" "" show
json "all rules as JSON" '(.rules | length > 100) and ([.rules[] | select((.rule and .kind and .severity and .status) | not)] == [])' show --format json
case_ "a rule" 0 "colonoscopy" "" show colorectal-cancer
json "a rule as JSON" '.rule == "colorectal-cancer" and (.sets | length > 0) and (.searches | length > 1) and (.attributes | index("age") != null) and .pack' show colorectal-cancer --format json
case_ "a row" 0 "Evidence" "" show onc01
json "every rule can be shown" '.rule' show "$("$command" show --format json | jq -r '.rules[0].rule')" --format json
case_ "an unknown rule" 2 "" "Did you mean colorectal-cancer?" show colorectal-cancr
case_ "why a screening is due" 0 "" "" explain colorectal-cancer $demo $day
json "why, as JSON" '.explanations[0] | .sentence and (.conditions | length > 0)' explain colorectal-cancer $demo $day --format json
case_ "why a row fired" 0 "t01 fired" "" explain t01 $demo --order $ibuprofen --no-starter --rules $pack $day
case_ "why a row did not" 0 "did not fire" "" explain t01 $demo --no-starter --rules $pack $day
case_ "why a rule did not, of somebody who has died" 0 "the patient has died" "" explain metformin-low-egfr fixtures/cases/deceased-taken/record.json $day
died="The record says that the patient died (2026-02-15)"
dead=fixtures/cases/deceased-taken/record.json
case_ "that a patient has died is said" 0 "$died" "" check $dead --alerts $day
case_ "and where a rule is explained" 0 "$died" "" explain metformin-low-egfr $dead $day
case_ "and where a row is" 0 "$died" "" explain t01 $dead --no-starter --rules $pack $day
json "and in JSON" '.deceased == "2026-02-15" and (.notices | length == 1) and .complete' check $dead $day --format json
json "and in a card" '.cards | length == 1 and .[0].source.topic.code == "not_checked" and .[0].indicator == "info"' check $dead $day --format cards
json "and in the JSON of a rule" '.explanations[0].notice' explain metformin-low-egfr $dead $day --format json
json "and of a row" '.notice' explain t01 $dead --no-starter --rules $pack $day --format json
json "but not of the living" '(has("deceased") | not) and .notices == []' check fixtures/cases/deceased-later/record.json $day --format json
case_ "an unknown rule" 2 "" "no rule" explain nonsense $demo $day
case_ "a bad record" 3 "" "text.json" explain colorectal-cancer "$out/text.json" $day
case_ "a code" 0 "ibuprofen" "" lookup 197805
case_ "a code with its system" 0 "ibuprofen" "" lookup "rxnorm|197805"
case_ "a code with its URI" 0 "ibuprofen" "" lookup "http://www.nlm.nih.gov/research/umls/rxnorm|197805"
case_ "a name" 0 "RxNorm 5640" "" lookup Ibuprofen
case_ "a set" 0 "set \"colonoscopy\"" "" lookup colonoscopy
case_ "what is not known" 1 "" "is not known" lookup xyzzyplugh
json "a look-up as JSON" '.results[0].ingredients | index("ibuprofen") != null' lookup 197805 --format json
case_ "knowledge" 0 "RxNorm codes" "" knowledge info
json "knowledge as JSON" '.digest and ([.codes[]] | add > 1000) and .tables.interactions > 100' knowledge info --format json
case_ "knowledge of something else" 2 "" "knowledge info" knowledge nonsense
case_ "doctor" 0 "starter" "" doctor
json "doctor as JSON" '[.checks[].verdict] | index("problem") == null' doctor --format json
case_ "doctor of a broken pack" 1 "problem" "" doctor --rules $broken --format json
json "version as JSON" '.vigil and .libraries.Lua and .libraries.SQLite' version --format json

# ---- explanations in words ----------------------------------------------------------------------
json "the severity and the case that gave it" '.explanations[0].sentence | startswith("warfarin-nsaid fired as critical, because ")' \
	explain warfarin-nsaid $demo --order $ibuprofen $day --format json
json "no status with underscores" '[.explanations[].sentence | contains("_")] | any | not' explain breast-cancer $demo $day --format json
json "what would change it is a sentence" '[.explanations[].change // "" | contains("not: ")] | any | not' \
	explain colorectal-cancer $demo $day --format json

# ---- coverage and mutation -------------------------------------------------------------------------
case_ "coverage as a table" 0 "decided alone" "" test $pack --no-starter --coverage
case_ "a missing example in words" 0 'No example shows that "has or had colorectal cancer" alone changes the' "" test $pack --no-starter --coverage
json "coverage as JSON" '[.coverage[] | select(.rule == "metformin-low-egfr") | .both, .alone, .examples] == [1, 1, 3]' \
	test $pack --no-starter --coverage --format json
json "coverage tells what is missing" '[.coverage[] | select(.rule == "colonoscopy") | .conditions[] | select(.part == "exception")
	| .was_true, .was_false, has("missing")] == [false, true, true]' test $pack --no-starter --coverage --format json
case_ "no coverage in JUnit" 2 "" "JUnit" test $pack --no-starter --coverage --format junit
case_ "mutation as a table" 0 "changes noticed" "" mutate metformin-low-egfr --no-starter --rules $pack
case_ "a survivor in words" 0 'No example would notice if the limit "30 mL/min/1.73 m²"' "" mutate metformin-low-egfr --no-starter --rules $pack
json "mutation as JSON" '.rules | length == 1 and (.[0] | .rule == "metformin-low-egfr" and .examples == 3 and .noticed < .changes
	and .changes - .noticed == (.survivors | length) and ([.survivors[] | .change and .file and .line > 0] | all))' \
	mutate metformin-low-egfr --no-starter --rules $pack --format json
case_ "a score that is too low" 1 "Score" "" mutate --no-starter --rules $pack --at-least 95
case_ "a score that is high enough" 0 "Score" "" mutate metformin-low-egfr --no-starter --rules $pack --at-least 10
case_ "no percentage" 2 "" "percentage" mutate --no-starter --rules $pack --at-least many
case_ "mutation of no rule" 2 "" "Did you mean" mutate metformin-low-egf --no-starter --rules $pack
case_ "mutation of a row" 2 "" "row of a table" mutate wf01
case_ "the starter pack notices what is changed in it" 0 "changes noticed" "" mutate --at-least 95

# ---- journal -----------------------------------------------------------------------------------------
mkdir "$out/journal"
cp fixtures/journal/* "$out/journal/"
chmod 600 "$out"/journal/*
journal="$out/journal/journal.db"
case_ "a whole journal" 0 "The journal is whole: 5 rows." "" journal verify "$journal"
json "a whole journal as JSON" '.whole and .rows == 5 and .checkpoint == 5 and (has("problem") | not)' journal verify "$journal" --format json
case_ "its interventions" 0 '"warfarin-nsaid","overridden","benefit-outweighs-risk","Practitioner/7","Ward ""3"", east"' "" journal export "$journal"
holds "a line for the names, each card and each feedback" test "$(wc -l <"$out/stdout")" = 6
holds "a cell is never a formula" grep -qF "\"'=HYPERLINK(1)\"" "$out/stdout"
case_ "what the feedback says of user and place wins" 0 '"accepted","","Practitioner/9"' "" journal export "$journal"
case_ "what the native interface answered" 0 '"hba1c","given","","Practitioner/8","","info","active","patient-view"' "" journal export "$journal"
case_ "a range of its rows" 0 '"warfarin-nsaid","overridden","benefit-outweighs-risk","Practitioner/7","Ward ""3"", east","critical","active","order-sign"' "" \
	journal export "$journal" --from 2026-01-01T00:01:00Z --to 2026-01-01
holds "only that feedback" test "$(wc -l <"$out/stdout")" = 2
case_ "a rule in shadow was not shown" 0 '"colorectal-cancer","not shown"' "" journal export "$journal" --format csv
case_ "each line an object" 0 '"action":"overridden"' "" journal export "$journal" --format ndjson
holds "the same lines as JSON" sh -c "jq -es 'length == 5 and all(.date and .intervention and .action and .user) and .[4].location == \"=HYPERLINK(1)\"' '$out/stdout'"
json "its figures" '.answers == 2 and .cards == 2 and .feedback == 2 and .alarms == 0 and (.rules | map(.rule) == ["colorectal-cancer","hba1c","warfarin-nsaid"]) and
	.rules[2].accepted == 1 and .rules[2].overridden == 0 and .rules[2].per_1000_answers == 500 and .rules[0].shadow_cards == 1' \
	journal stats "$journal" --format json
json "the figures of a range" '.answers == 2 and .feedback == 1 and .rules[2].overridden == 1 and .rules[2].override_reasons == [{"reason":"benefit-outweighs-risk","count":1}]' \
	journal stats "$journal" --to 2026-01-01 --format json
json "the figures of no answers" '.answers == 0 and .rules == []' journal stats "$journal" --from 2027-01-01 --format json
case_ "its figures as text" 0 "No rule fell silent or jumped." "" journal stats "$journal" --fail-on alarm
case_ "its figures as CSV" 0 '"warfarin-nsaid","1","500.0","1","0","2026-01-01T00:00:00.123Z","1","0","","","","",""' "" journal stats "$journal" --format csv
case_ "no answers in a time" 0 "no answers" "" journal stats "$journal" --from 2027-01-01
case_ "a time that is empty" 2 "" "is empty" journal stats "$journal" --from 2026-01-02 --to 2026-01-01
case_ "a time that is none" 2 "" "--to is no date" journal export "$journal" --to yesterday
case_ "a range that verify does not have" 2 "" "no range" journal verify "$journal" --from 2026-01-01
case_ "an alarm that there is not" 2 "" "does not know" journal stats "$journal" --fail-on alert
case_ "an alarm that export does not have" 2 "" "takes no --fail-on" journal export "$journal" --fail-on alarm
case_ "a key that stats does not need" 2 "" "takes no --key" journal stats "$journal" --key "$journal.key"
chmod 500 "$out/journal"
case_ "the figures in a folder that cannot be written" 0 "2 answers" "" journal stats "$journal"
chmod 700 "$out/journal"
printf x >"$out/other.key"
case_ "a short key" 3 "" "key" journal verify "$journal" --key "$out/other.key"
chmod 600 "$out/other.key"
case_ "a short key of one's own" 3 "" "wrong length" journal verify "$journal" --key "$out/other.key"
head -c 32 /dev/zero >"$out/other.key"
case_ "another key" 1 "Row 1" "" journal verify "$journal" --key "$out/other.key"
LC_ALL=C sed -i 's/Practitioner.8/Practitioner\/9/' "$journal"
case_ "a row that was changed" 1 "Row 2: the row or one of its cards was changed" "" journal verify "$journal"
case_ "a row that was changed, as JSON" 1 '"bad_row":2' "" journal verify "$journal" --format json
case_ "no such journal" 3 "" "no-such.db" journal verify no-such.db
case_ "a text is no journal" 3 "" "not a journal" journal export README.md
holds "nothing is exported from it" test ! -s "$out/stdout"
case_ "an unknown job of the journal" 2 "" "does not know" journal mend "$journal"
case_ "a format that verify does not have" 2 "" "no format" journal verify "$journal" --format csv
case_ "a format that export does not have" 2 "" "no format" journal export "$journal" --format json
case_ "a key that export does not need" 2 "" "takes no --key" journal export "$journal" --key "$out/other.key"

# ---- what is documented is what there is -------------------------------------------------------------
for name in $("$command" help | sed -n 's/^  \([a-z]*\) .*/\1/p'); do
	[ "$name" = help ] && continue
	page=docs/man/vigil-$name.1
	holds "a man page for $name" test -s "$page"
	holds "$name in the overview" grep -q "vigil\\\\-$name" docs/man/vigil.1
	holds "$name in docs/commands.md" grep -q "## vigil $name\|vigil $name" docs/commands.md
	for option in $("$command" help "$name" | sed -n 's/^  --\([a-z-]*\).*/\1/p'); do
		escaped=${option//-/\\\\-}
		holds "--$option in $page" grep -q -- "\\\\-\\\\-$escaped" "$page"
		holds "--$option in the bash completion" grep -q -- "--$option" docs/completion/vigil.bash
		holds "--$option in the zsh completion" grep -q -- "--$option" docs/completion/_vigil
		[ "$option" = help ] || holds "--$option in docs/commands.md" grep -q -- "--$option" docs/commands.md
	done
done
holds "the bash completion parses" bash -n docs/completion/vigil.bash
complete_() { # words: what bash would offer for the last one
	bash -c 'source docs/completion/vigil.bash; COMP_WORDS=(vigil "$@"); COMP_CWORD=$#; _vigil vigil "${@: -1}" "${COMP_WORDS[$#-1]}"; printf "%s\n" "${COMPREPLY[@]}"' - "$@"
}
offers() { complete_ "${@:2}" | grep -qx -- "$1"; }
holds "completion of a command" offers check ch
holds "completion of an option" offers --format check --fo
holds "completion of a format" offers cards check --format c
holds "completion of a section" offers medications check --not-supplied med

# ---- colour --------------------------------------------------------------------------------------------
escapes() { grep -q "$(printf '\033')"; }
if command -v script >"$out/stdout"; then
	terminal() { TERM=xterm script -qec "$command check $demo --order $ibuprofen $day" /dev/null </dev/null >"$out/terminal"; }
	terminal
	if escapes <"$out/terminal"; then ok; else bad "no colour on a terminal"; fi
	NO_COLOR=1 terminal
	if escapes <"$out/terminal"; then bad "colour in spite of NO_COLOR"; else ok; fi
fi
run check $demo --order $ibuprofen $day
holds "no colour in a file" sh -c "! grep -q \"\$(printf '\\033')\" '$out/stdout'"
holds "no line is wider than 100 columns" sh -c "! LC_ALL=C.UTF-8 grep -qE '^.{101,}' '$out/stdout'"

echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
