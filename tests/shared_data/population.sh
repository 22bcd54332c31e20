#!/usr/bin/env bash
# The 615 Synthea patients: as an export by resource type, as a Bundle a line and
# as files they are one population with one answer, whatever scans it, in whatever
# parts; and `check` says of each patient what `scan` says.
set -uo pipefail
data=../shared/data/synthea
command=$(realpath "${COMMAND:-./vigil}")
passed=0 failed=0 skipped=0
if [ ! -d $data ]; then
	echo "skipped: $data is not here"
	echo "0 passed, 0 failed, 1 skipped"
	exit 0
fi
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
export VIGIL_CACHE="$out/cache.db"
day="--as-of 2021-04-01"
ok() { passed=$((passed + 1)); }
bad() { failed=$((failed + 1)) && echo "FAILED $*"; }
same() { if cmp -s "$2" "$3"; then ok; else bad "$1: $(cmp "$2" "$3" 2>&1 | head -n 1)"; fi; }
scan() { "$command" scan "$@" $day 2>>"$out/err" || bad "scan $* ended with $?: $(tail -n 2 "$out/err")"; }

# A Bundle a line, made of the export by resource type, in the order of its patients.
zcat $data/ndjson/{Patient,AllergyIntolerance,Condition,DiagnosticReport,Encounter,Immunization,MedicationRequest,Observation,Procedure}.ndjson.gz |
	jq -r '[(if .resourceType == "Patient" then .id else (.subject // .patient).reference | sub(".*[/:]"; "") end), tojson] | @tsv' |
	sed 's/\\\\/\\/g' | sort -s -k1,1 | awk -F'\t' '
		$1 != last { if (last != "") print "]}"; printf "{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":["; last = $1; comma = "" }
		{ printf "%s{\"resource\":%s}", comma, $2; comma = "," }
		END { print "]}" }' >"$out/all.ndjson"
[ "$(wc -l <"$out/all.ndjson")" -eq 615 ] && ok || bad "$(wc -l <"$out/all.ndjson") patients instead of 615"

scan "$out/all.ndjson" --format csv --jobs 1 >"$out/csv"
scan - --format csv --jobs 2 <"$out/all.ndjson" >"$out/other"
same "one thread and two" "$out/csv" "$out/other"
scan "$out/all.ndjson" --format ndjson >"$out/ndjson"
jq -r '.patient as $p | .screenings[] | [$p, .rule, .status, .due // "", .overdue_since // "", .last_done.date // ""] | join(",")' "$out/ndjson" >"$out/one"
tail -n +2 "$out/csv" | cut -d, -f1-6 >"$out/other"
same "a narrow world and the whole one, what is seen and everything" "$out/one" "$out/other"

"$command" import "$out/lines.db" "$out/all.ndjson" >/dev/null 2>>"$out/err" || bad "import of lines"
"$command" import "$out/types.db" $data/ndjson >/dev/null 2>>"$out/err" || bad "import of an export by type"
scan "$out/lines.db" --format csv >"$out/one"
scan "$out/types.db" --format csv >"$out/two"
same "an export by type and Bundles a line, imported" "$out/one" "$out/two"
for part in 1 2 3; do scan "$out/types.db" --format csv --shard $part/3; done >"$out/two"
same "three parts and the whole" "$out/one" "$out/two"
sort "$out/one" >"$out/other"
sort "$out/csv" >"$out/two"
same "the store and the lines" "$out/two" "$out/other"
scan "$out/lines.db" --format ndjson --alerts | sort >"$out/one"
scan "$out/all.ndjson" --format ndjson --alerts | sort >"$out/two"
same "the store's documents and the lines'" "$out/one" "$out/two"
scan "$out/lines.db" --format table --forecast >"$out/one"
scan "$out/all.ndjson" --format table --forecast >"$out/two"
same "the store's sums and the lines'" "$out/one" "$out/two"

# The Bundles as files: scan of all, and check of each.
scan $data/bundles --format ndjson >"$out/files"
number=0
for bundle in $data/bundles/*.json; do
	number=$((number + 1))
	[ $((number % 6)) -eq 0 ] || continue
	"$command" check "$bundle" $day --format json >"$out/one" 2>>"$out/err"
	sed -n ${number}p "$out/files" >"$out/other"
	same "check and scan of $(basename "$bundle")" "$out/one" "$out/other"
done
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
