#!/usr/bin/env bash
# The tutorial docs/tutorial-layers.md, step by step: its files are those of
# fixtures/packs/site, its commands end well, and each step changes what it
# says.  And the catalogue of the starter pack is up to date.
set -uo pipefail
passed=0 failed=0 skipped=0
command=$(realpath "${COMMAND:-./vigil}")
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
export VIGIL_CACHE="$out" HOME="$out" TERM=dumb LC_ALL=C
unset XDG_CACHE_HOME XDG_DATA_HOME
[ -e "$(dirname "$command")/rules" ] || ln -s "$PWD/rules" "$(dirname "$command")/rules"
site=fixtures/packs/site page=docs/tutorial-layers.md

ok() { passed=$((passed + 1)); }
bad() {
	failed=$((failed + 1))
	echo "FAILED $*"
	head -c 1500 "$out/errors" | sed 's/^/    /'
}
says() { # what should hold, a jq filter, arguments
	local name=$1 filter=$2
	shift 2
	"$command" "$@" --format json >"$out/said" 2>"$out/errors"
	if [ -s "$out/said" ] && jq -e "$filter" "$out/said" >"$out/value" 2>>"$out/errors"; then ok; else bad "$name: not so: $filter: vigil $*"; fi
}

# What the page shows stands in the pack.
sed -n '/^```/,/^```/{/^```/d;p}' $page >"$out/shown"
while IFS= read -r line; do
	if grep -rqxF -- "$line" $site; then ok; else bad "the page shows what the pack does not have: $line"; fi
done <"$out/shown"
# Its commands end well.
cp -R $site "$out/site"
cp fixtures/demo/record.json "$out/record.json"
cp fixtures/demo/order-ibuprofen.json "$out/order.json"
while IFS= read -r line; do
	if (cd "$out" && sh -c "'$command' $line" >said 2>errors); then ok; else bad "vigil $line"; fi
done < <(sed -n 's/^    \$ vigil //p' $page)
[ "$passed" -gt 15 ] || bad "the page has too few steps"

with="--rules $site"
says "the severity before" '.severity == "warning" and .owner == "Vigil starter pack"' show wf06
says "the severity after, the rest as it was" '.severity == "critical" and .status == "active" and .owner == "Anticoagulation pharmacy" and (.title | length > 0) and (.pack | startswith("example-hospital"))' show wf06 $with
says "the status before" '.status == "draft"' show op02
says "the status after" '.status == "active" and .severity == "warning"' show op02 $with
says "the class before" '.results[0].sets | index("QT-prolonging drug") == null' lookup mirtazapine
says "the class after" '.results[0].sets | index("QT-prolonging drug") != null' lookup mirtazapine $with
says "the site's own row" '.severity == "info" and .status == "active" and .kind == "interaction"' show site01 $with
says "the rule before" '.severity == "critical"' show metformin-low-egfr
says "the rule after" '.severity == "warning" and (.requires | contains("45")) and .owner == "Diabetes clinic"' show metformin-low-egfr $with

order() { # RxNorm code of an order
	echo '{"resourceType": "MedicationRequest", "id": "o", "status": "draft", "intent": "order", "subject": {"reference": "Patient/p"}, "medicationCodeableConcept": {"coding": [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "'"$1"'"}]}}'
}
taking() { # RxNorm code of what is taken
	order "$1" | jq '{resourceType: "Bundle", type: "collection", entry: [{resource: {resourceType: "Patient", id: "p", birthDate: "1960-01-01", gender: "female"}},
		{resource: (. + {id: "m", status: "active", authoredOn: "2026-02-01"})}]}'
}
alerts() { # what should hold, a jq filter over the alerts, what is taken, what is ordered, further arguments
	local name=$1 filter=$2
	taking "$3" >"$out/record.json"
	order "$4" >"$out/order.json"
	shift 4
	says "$name" "[.alerts[] | {rule, severity}] | $filter" check "$out/record.json" --order "$out/order.json" --as-of 2026-03-01 "$@"
}
alerts "warfarin with amiodarone is critical here" 'index({rule: "wf06", severity: "critical"}) != null' 11289 703 $with
alerts "and a warning elsewhere" 'index({rule: "wf06", severity: "warning"}) != null' 11289 703
alerts "oxycodone with gabapentin alerts here" 'map(.rule) | index("op02") != null' 7804 25480 $with
alerts "and not elsewhere" 'map(.rule) | index("op02") == null' 7804 25480
alerts "lithium with theophylline" 'map(.rule) | index("site01") != null' 6448 10438 $with
alerts "theophylline with lithium" 'map(.rule) | index("site01") != null' 10438 6448 $with

# A result without a value: a laboratory test may not have been made, an image was taken.
status() { # what should hold, the screening, its status, LOINC code, members of the Observation
	taking 6448 | jq --arg code "$4" --argjson more "$5" '.entry[0].resource.birthDate = "1965-01-01" | .entry += [
		{resource: {resourceType: "Condition", id: "d", subject: {reference: "Patient/p"}, clinicalStatus: {coding: [{code: "active"}]}, onsetDateTime: "2015-01-01",
			code: {coding: [{system: "http://hl7.org/fhir/sid/icd-10-cm", code: "E11.9"}]}}},
		{resource: ({resourceType: "Observation", id: "o", status: "final", subject: {reference: "Patient/p"}, effectiveDateTime: "2026-01-15",
			code: {coding: [{system: "http://loinc.org", code: $code}]}} + $more)}]' >"$out/record.json"
	says "$1" "[.screenings[] | select(.rule == \"$2\") | .status] == [\"$3\"]" check "$out/record.json" --as-of 2026-03-01
}
absent() { echo '{"dataAbsentReason": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/data-absent-reason", "code": "'"$1"'"}]}}'; }
status "an HbA1c" diabetes-hba1c up_to_date 4548-4 '{"valueQuantity": {"value": 7, "unit": "%", "system": "http://unitsofmeasure.org", "code": "%"}}'
status "an HbA1c without a value" diabetes-hba1c indeterminate 4548-4 '{}'
status "an HbA1c that was not performed" diabetes-hba1c overdue 4548-4 "$(absent not-performed)"
status "an HbA1c that failed" diabetes-hba1c overdue 4548-4 "$(absent error)"
status "an HbA1c whose value is not shown" diabetes-hba1c up_to_date 4548-4 "$(absent masked)"
status "a specimen that clotted" diabetes-hba1c overdue 4548-4 '{"valueString": "Specimen clotted"}'
status "a hepatitis C antibody without a value" hepatitis-c indeterminate 16128-1 '{}'
status "a lipid panel whose values are elsewhere" diabetes-lipids up_to_date 57698-3 '{"hasMember": [{"reference": "Observation/ldl"}]}'
status "a mammogram without a value" breast-cancer up_to_date 24606-6 '{}'
status "a mammogram that was not performed" breast-cancer overdue 24606-6 "$(absent not-performed)"

# Governance: every rule and row has an owner, a date of review and a source; the catalogue is what is loaded.
says "every rule and row is governed" '[.rules[] | select((.owner and .review_by and (.evidence.title or .evidence.source) and (.attributes | type == "array") and .pack and .status) | not) | .rule] == []' show
says "attributes are derived" '.rules[] | select(.rule == "colorectal-cancer") | .attributes == ["age"]' show
none() { # what should not be, a jq filter for it among all rules, how many rules it is chosen from at least, a filter for these
	says "$1" "[.rules[] | select($4)] | (length >= $3) and ([.[] | select($2) | .rule] == [])" show
}
verified='(.evidence.verified // "no" | startswith("no") | not)'
none "a pair that no independent list confirms is a draft" '.status != "draft"' 35 ".table == \"interactions\" and ($verified | not)"
none "pairs of low priority are in shadow, and only these" '.severity != "info"' 33 '.table == "interactions" and .status == "shadow"'
none "no severe pair is held back unless it is a draft" '.status | IN("active", "draft") | not' 150 '.table == "interactions" and .severity != "info"'
none "a row of drug with value, problem, pregnancy or age is a draft until it is verified" '.status != "draft"' 80 ".table == \"drug_lab_disease\" and ($verified | not)"
none "so is a maximum dose" '.status != "draft"' 60 ".table == \"max_daily_dose\" and ($verified | not)"
none "and an interval of tests" '.status != "draft"' 25 ".table == \"retest_intervals\" and ($verified | not)"
none "duplicate therapy informs" '(.severity == "info" and .status == "active") | not' 55 '.table == "duplicate_therapy"'
none "vaccines are off" '.status != "draft"' 7 '.rule | startswith("vaccine-")'
none "conventions are marked, and off" '.status != "draft"' 12 '(.evidence.grade // "") | contains("convention")'
none "what is active has its source" '(.evidence.title // .evidence.source // "") == ""' 300 '.status == "active"'
"$command" show --format markdown >"$out/catalogue.md" 2>"$out/errors"
if [ -n "${UPDATE:-}" ]; then cp "$out/catalogue.md" docs/catalogue.md; fi
if cmp -s "$out/catalogue.md" docs/catalogue.md; then ok; else bad "docs/catalogue.md is not up to date: UPDATE=1 tests/layers/run.sh writes it"; fi
rows=$("$command" show --format json | jq '.rules | length')
if [ "$(grep -c '^| ' docs/catalogue.md)" -ge "$rows" ]; then ok; else bad "the catalogue has fewer lines than there are rules"; fi

echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
