#!/usr/bin/env bash
# The self-test of the starter pack, and that it can fail: of each kind of
# expectation a row that is wrong is missed, and a row that is not understood
# does not pass.
set -uo pipefail
command=$(realpath "${COMMAND:-./vigil}")
[ -e "$(dirname "$command")/rules" ] || ln -s "$PWD/rules" "$(dirname "$command")/rules"
passed=0 failed=0 skipped=0
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
ok() { passed=$((passed + 1)); }
bad() { failed=$((failed + 1)); echo "FAILED $*"; }
holds() { # a name, a jq condition on the report
	if jq -e "$2" "$out/report.json" >/dev/null; then ok; else bad "$1: $(jq -c '[.orders[] | select(.status == "missed") | {id, reason}] | .[:5]' "$out/report.json")"; fi
}

status=0
"$command" selftest --format json >"$out/report.json" 2>"$out/errors" || status=$?
if [ $status -eq 0 ]; then ok; else bad "the starter pack's self-test: status $status $(head -n 3 "$out/errors")"; fi
holds "at least 150 orders" '.counts.orders >= 150'
holds "none is missed" '.counts.missed == 0'
holds "every category has orders" '[.categories[].orders] | min > 0'
holds "nuisance orders all stay silent" '.categories[] | select(.category == "nuisance") | .passed == .orders and .orders >= 30'
holds "what is not active rests on a draft or shadow rule" '[.orders[] | select(.status == "not_active") | .reason | test(" is (draft|shadow)$")] | all'
holds "the sums are the orders'" '.counts.orders == (.orders | length) and .counts.passed == ([.orders[] | select(.status == "passed")] | length)'

pack() { # rows of a pack's self-test
	rm -rf "$out/pack"
	mkdir -p "$out/pack/selftest"
	sed -n 1,20p rules/pack.lua >"$out/pack/pack.lua"
	sed -i 's/vigil-starter/selftest-site/' "$out/pack/pack.lua"
	{ echo "id,category,patient,problems,allergies,takes,results,orders,expect,why"; cat; } >"$out/pack/selftest/site.csv"
	status=0
	"$command" selftest --rules "$out/pack" --format json >"$out/report.json" 2>"$out/errors" || status=$?
}
missed() { # a name, what the reason says, a row: it must be missed
	pack <<<"$3"
	if [ $status -eq 1 ] && jq -e --arg text "$2" '[.orders[] | select(.id == "site-01") | .status == "missed" and (.reason | contains($text))] == [true]' "$out/report.json" >/dev/null; then
		ok
	else
		bad "$1: status $status, $(jq -c '.orders[] | select(.id == "site-01") | {status, reason}' "$out/report.json" 2>/dev/null)"
	fi
}
missed "an alert where silence is expected" "warfarin-nsaid" 'site-01,nuisance,"50 years, female",,,warfarin,,ibuprofen,silent,'
missed "a warning where no interruption is expected" "expected to be not interrupted" 'site-01,route,"50 years, female",,,warfarin,,ibuprofen,not interrupted,'
missed "silence where an alert is expected" "said: nothing" 'site-01,drug with drug,"50 years, female",,,amlodipine,,lisinopril,alert,'
missed "another severity" "expected info" 'site-01,drug with drug,"50 years, female",,,warfarin,,ibuprofen,info,'
missed "an alert of another kind" "warfarin-nsaid" 'site-01,allergy,"50 years, female",,,warfarin,,ibuprofen,alert,'
missed "no question" "expected ask" 'site-01,monitoring,"50 years, female",,,,"eGFR, 90 mL/min/1.73 m2, 30 days ago",metformin,ask,'
missed "a screening that is not due" "it is up_to_date" 'site-01,monitoring,"60 years, male","diabetes, 900 days ago",,,"HbA1c, 6.5 %, 10 days ago",,due diabetes-hba1c,'
missed "a screening that no pack has" "no active screening" 'site-01,monitoring,"60 years, male",,,,,,due no-such-screening,'
missed "a drug that nobody knows" "the order \"xyzzyplugh\"" 'site-01,nuisance,"50 years, female",,,,,xyzzyplugh,silent,'
missed "an allergen that nobody knows" "the allergen \"xyzzyplugh\"" 'site-01,nuisance,"50 years, female",,xyzzyplugh,,,lisinopril,silent,'
missed "a problem that nobody knows" "the problem \"xyzzyplugh\"" 'site-01,nuisance,"50 years, female",xyzzyplugh,,,,lisinopril,silent,'
missed "a detail that is not understood" "the detail \"thrice\"" 'site-01,nuisance,"50 years, female",,,"warfarin, thrice",,lisinopril,silent,'
missed "a patient without an age" "the patient" 'site-01,nuisance,female,,,,,lisinopril,silent,'

pack <<<'drug-with-drug-01,drug with drug,"50 years, female",,,amlodipine,,lisinopril,alert,'
if [ $status -eq 1 ] && jq -e '[.orders[] | select(.id == "drug-with-drug-01")] | length == 1 and .[0].status == "missed"' "$out/report.json" >/dev/null; then ok; else bad "a later pack's row replaces one of the same id"; fi
refused() { # a name, what standard error says, rows
	pack <<<"$3"
	if [ $status -eq 3 ] && grep -q "$2" "$out/errors"; then ok; else bad "$1: status $status $(cat "$out/errors")"; fi
}
refused "an unknown category" "no such category" 'site-01,astrology,"50 years, female",,,,,lisinopril,silent,'
refused "an unknown expectation" "What is expected" 'site-01,nuisance,"50 years, female",,,,,lisinopril,quiet,'
refused "a row of nine cells" "Cells are missing" 'site-01,nuisance,"50 years, female",,,,,lisinopril,silent'
refused "an id twice" "stands in the file twice" $'site-01,nuisance,"50 years, female",,,,,lisinopril,silent,\nsite-01,nuisance,"50 years, female",,,,,lisinopril,silent,'
if "$command" selftest >"$out/text" && grep -q "missed, .* not active in these packs" "$out/text" && grep -q "^drug with drug" "$out/text"; then ok; else bad "the report for people"; fi

# Every pair of the high-priority list whose drugs the pack has, in both directions.
list=../shared/data/interactions/onc_high_priority.tsv
if [ -f $list ]; then
	awk -F'\t' 'FNR == NR { split($0, cell, ","); if (cell[2] !~ /"/) name[cell[1]] = cell[2]; next }
		FNR > 1 && ($3 in name) && ($6 in name) {
			for (turn = 0; turn < 2; turn++)
				printf "pair-%d-%d,drug with drug,\"50 years, female\",,,%s,,%s,alert,\n", FNR, turn, name[turn ? $6 : $3], name[turn ? $3 : $6]
		}' rules/tables/ingredients.csv $list >"$out/pairs.csv"
	pack <"$out/pairs.csv"
	if [ "$(wc -l <"$out/pairs.csv")" -ge 1300 ] && [ $status -eq 0 ] &&
		jq -e --argjson rows "$(wc -l <"$out/pairs.csv")" '[.orders[] | select(.id | startswith("pair-")) | .status == "passed"] | length == $rows and all' "$out/report.json" >/dev/null; then
		ok
	else
		bad "the high-priority pairs: $(wc -l <"$out/pairs.csv") orders, $(jq -c '[.orders[] | select(.status != "passed" and (.id | startswith("pair-"))) | {takes, orders, reason}] | [length, .[:5]]' "$out/report.json")"
	fi
else
	skipped=1
	echo "skipped: $list is not here"
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
