#!/usr/bin/env bash
# The 615 patients of a bulk export: every drug that they were ever given is
# mapped to its ingredients, and to the right ones, or is reported; and the
# alerts about what they take are few.
set -uo pipefail
. tests/support/wait.sh
here=$(dirname "$0")
data=../shared/data/synthea/ndjson
command=$(realpath "${COMMAND:-./vigil}")
passed=0 failed=0 skipped=0
if [ ! -d $data ]; then
	echo "skipped: $data is not here"
	echo "0 passed, 0 failed, 1 skipped"
	exit 0
fi
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
export VIGIL_CACHE="$out/cache" XDG_DATA_HOME="$out"
ok() { passed=$((passed + 1)); }
bad() { failed=$((failed + 1)); echo "FAILED $*"; }

# ---- drugs ---------------------------------------------------------------------------------------
# One patient for each drug, who takes it; what Vigil makes of it stands in `not_checked`, or its ingredients are asked for.
gzip -dc $data/MedicationRequest.ndjson.gz | jq -c '.medicationCodeableConcept.coding[0] | {code, display}' | sort -u >"$out/drugs"
jq -c '{resourceType: "Bundle", type: "collection", entry: [{resource: {resourceType: "Patient", id: "p", gender: "female", birthDate: "1950-01-01"}},
	{resource: {resourceType: "MedicationRequest", id: "m", status: "active", intent: "order", authoredOn: "2021-03-01", subject: {reference: "Patient/p"},
	medicationCodeableConcept: {coding: [{system: "http://www.nlm.nih.gov/research/umls/rxnorm", code, display}]}}}]}' "$out/drugs" >"$out/takers"
"$command" scan - --as-of 2021-04-01 --format ndjson <"$out/takers" >"$out/taken" 2>"$out/errors" || bad "the drugs' patients: $(head -n 2 "$out/errors")"
jq -r '[.code, .display] | @tsv' "$out/drugs" >"$out/named"
cut -f1 "$out/named" | sort -u | sed 's/^/rxnorm|/' | xargs -n 8 "$command" lookup --format json 2>/dev/null |
	jq -r '.results[] | [.code, (.ingredients // [] | join("; "))] | @tsv' >"$out/by_code"
jq -r '.not_checked | length' "$out/taken" | paste - "$out/named" >"$out/reported"
while IFS=$'\t' read -r reported code display; do
	expected=$(awk -F'\t' -v code="$code" '$1 == code { print $2 }' "$here/synthea_drugs.tsv")
	found=$(awk -F'\t' -v code="$code" '$1 == code { print $2; exit }' "$out/by_code")
	[ -n "$found" ] || found=$("$command" lookup "$display" --format json 2>/dev/null | jq -r '.results[0].ingredients // [] | join("; ")')
	if [ -z "$expected" ]; then
		bad "$code $display does not stand in synthea_drugs.tsv; it is mapped to: ${found:-nothing}"
	elif [ "$expected" = "not known" ]; then
		if [ -z "$found" ] && [ "$reported" -eq 1 ]; then ok; else bad "$code $display: mapped to \"$found\", reported $reported times"; fi
	elif [ "$found" = "$expected" ] && [ "$reported" -eq 0 ]; then
		ok
	else
		bad "$code $display: mapped to \"$found\" instead of \"$expected\", reported $reported times"
	fi
done <"$out/reported"
[ "$(wc -l <"$out/reported")" -ge 120 ] || bad "only $(wc -l <"$out/reported") drugs were looked at"

# ---- alerts --------------------------------------------------------------------------------------
for type in Patient MedicationRequest Condition AllergyIntolerance Observation Procedure Encounter Immunization DiagnosticReport; do
	gzip -dc "$data/$type.ndjson.gz"
done | awk '
	{ if ($0 ~ /^{"resourceType":"Patient"/) match($0, /"id":"[^"]*"/); else if (!match($0, /"(subject|patient)":{"reference":"(urn:uuid:|Patient\/)[^"]*"/)) next
	  key = substr($0, RSTART, RLENGTH); sub(/"$/, "", key); sub(/.*["\/:]/, "", key)
	  if (!(key in text)) order[++count] = key; text[key] = text[key] (text[key] == "" ? "" : ",") "{\"resource\":" $0 "}" }
	END { for (i = 1; i <= count; i++) printf "{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[%s]}\n", text[order[i]] }' >"$out/patients"
"$command" scan - --as-of 2021-04-01 --alerts --format ndjson <"$out/patients" >"$out/scanned" 2>"$out/errors" || bad "the patients: $(head -n 2 "$out/errors")"
orders=$(gzip -dc $data/MedicationRequest.ndjson.gz | jq -r 'select(.status == "active") | .id' | wc -l)
jq -s -r --argjson orders "$orders" '[.[].alerts[]] as $alerts
	| "alerts on \(length) patients with \($orders) active orders: \($alerts | length), of 100 orders \(100 * ($alerts | length) / $orders * 10 | round / 10)",
	  (["critical", "warning", "info"][] as $severity | [$alerts[] | select(.severity == $severity)] | "  \($severity): \(length), of 100 orders \(100 * length / $orders * 100 | round / 100)"),
	  "  patients with an alert: \([.[] | select(.alerts | length > 0)] | length); with one that interrupts: \([.[] | select([.alerts[] | select(.severity != "info")] | length > 0)] | length)"' "$out/scanned"
holds() { # what should hold, a jq condition on all answers
	if jq -s -e --argjson orders "$orders" "$2" "$out/scanned" >/dev/null; then ok; else bad "$1"; fi
}
holds "every patient is answered" 'length == 615 and all(.schema == "vigil.check/1")'
# A bound of sanity, not a target: who signs twenty orders a day should meet no more than one alert that interrupts.
holds "at most 5 alerts that interrupt of 100 active orders" '100 * ([.[].alerts[] | select(.severity != "info")] | length) / $orders <= 5'
holds "there are alerts" '[.[].alerts[]] | length > 40'
holds "one alert a problem: no summary twice for a patient" 'all([.alerts[] | .summary | split(": ")[-1] | split(" with ") | sort] as $pairs | [.alerts[] | .rule] as $rules
	| ([$rules, $pairs] | transpose | map(tostring)) as $all | ($all | length) == ($all | unique | length))'
holds "every alert rests on two facts of the record, or asks for one" 'all(.alerts[] | (.evidence | length) >= 2 or .outcome == "ask" or .kind == "contraindication")'
# ---- authoring: impact, with its progress bar, and coverage -----------------------------------------------
mkdir -p "$out/later"
ln "$out/patients" "$out/patients.ndjson"
printf 'pack { name = "later", version = "0.1.0", publisher = "p", language = "1" }\n' >"$out/later/pack.lua"
sed -n '1,/^}/p' "$here/../../rules/screenings/colorectal-cancer.lua" | sed 's/age_between("45 years"/age_between("50 years"/; s/"active"/"draft"/' >"$out/later/crc.lua"
begun=$SECONDS
if "$command" impact - "$out/later" "$out/patients.ndjson" --as-of 2021-04-01 --all-statuses --format json >"$out/told" 2>"$out/errors" &&
	jq -e '.patients == 615 and (.rules | map(.rule)) == ["colorectal-cancer"] and (.rules[0] | .newly == 0 and .no_longer > 10 and (.cases | length) == 3)' "$out/told" >/dev/null; then
	ok
else
	bad "who would lose a screening: $(head -n 2 "$out/errors")"
fi
echo "impact on 615 patients: $((SECONDS - begun)) s"
begun=$SECONDS
if "$command" test --coverage --format json >"$out/told" 2>"$out/errors" && jq -e '.coverage | length > 30' "$out/told" >/dev/null; then ok; else bad "coverage"; fi
echo "coverage of the starter pack: $((SECONDS - begun)) s"
# On a terminal a bar appears after two seconds of work and is taken away. Here the work lasts until there is one.
bar() { grep -q 'patients, [0-9]* a second' "$out/terminal"; }
another() {
	cat "$out/patients"
	bar
}
: >"$out/terminal"
mkfifo "$out/slow.ndjson"
wait_for another >"$out/slow.ndjson" &
script -qfec "'$command' impact - '$out/later' '$out/slow.ndjson' --as-of 2021-04-01 --all-statuses" "$out/terminal" </dev/null >/dev/null 2>"$out/errors"
wait
if bar; then ok; else bad "a progress bar on a terminal: $(head -c 300 "$out/terminal")"; fi
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
