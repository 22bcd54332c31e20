#!/usr/bin/env bash
# `vigil import` as a subprocess: what it reads, what it says, how it ends.
# What the store holds is the concern of tests/store/test_population.c.
set -uo pipefail
passed=0 failed=0 skipped=0
command=$(realpath "${COMMAND:-./vigil}")
out=$(mktemp -d)
trap 'chmod -R u+w "$out"; rm -rf "$out"' EXIT
export VIGIL_CACHE="$out/cache.db" HOME="$out" TERM=dumb LC_ALL=C
ok() { passed=$((passed + 1)); }
bad() {
	failed=$((failed + 1))
	echo "FAILED $*"
	head -c 1500 "$out/stdout" "$out/stderr" | sed 's/^/    /'
}
skip() {
	skipped=$((skipped + 1))
	echo "skipped: $*"
}
import() { # what should happen, status, a jq filter of the report ("" for none), a text of standard error, arguments
	local name=$1 wanted=$2 filter=$3 error=$4 status=0
	shift 4
	"$command" import "$@" --format json >"$out/stdout" 2>"$out/stderr" || status=$?
	if [ $status -ne "$wanted" ]; then
		bad "$name: status $status instead of $wanted"
	elif [ -n "$filter" ] && ! jq -e "$filter" "$out/stdout" >/dev/null; then
		bad "$name: not so: $filter"
	elif [ -n "$error" ] && ! grep -qF -- "$error" "$out/stderr"; then
		bad "$name: \"$error\" is not told"
	else
		ok
	fi
}
digest() { jq -r .digest "$out/stdout"; }

# An export of 40 patients, as folders of several kinds and as Bundles.
mkdir "$out/plain" "$out/gzip" "$out/lines"
for i in $(seq 40); do
	echo "{\"resourceType\":\"Patient\",\"id\":\"p$i\",\"gender\":\"male\",\"birthDate\":\"19$((40 + i))-01-02\",\"name\":[{\"family\":\"CANARY\"}]}"
done >"$out/plain/Patient.ndjson"
for i in $(seq 200); do
	echo "{\"resourceType\":\"Observation\",\"id\":\"o$i\",\"status\":\"final\",\"code\":{\"coding\":[{\"system\":\"http://loinc.org\",\"code\":\"4548-4\"}]},\"subject\":{\"reference\":\"Patient/p$((i % 40 + 1))\"},\"effectiveDateTime\":\"2025-0$((i % 9 + 1))-01\",\"valueQuantity\":{\"value\":$((i % 7 + 4)).5,\"unit\":\"%\"}}"
done >"$out/plain/Observation.ndjson"
echo '{"resourceType":"Claim","id":"c"}' >"$out/plain/Claim.ndjson"
for file in "$out"/plain/*; do gzip -c "$file" >"$out/gzip/$(basename "$file").gz"; done
jq -cs 'group_by(if .resourceType == "Patient" then "Patient/" + .id else .subject.reference end) | .[]
  | {resourceType: "Bundle", type: "collection", entry: map({resource: .})}' "$out"/plain/{Patient,Observation}.ndjson >"$out/lines/bundles.ndjson"

import "a folder is read" 0 '.patients == 40 and .added == 40 and .resources == 240 and .passed_over == 1 and .files == 3 and .bad == 0' "" "$out/a.db" "$out/plain"
first=$(digest)
import "the same again changes nothing" 0 '.added == 0 and .changed == 0' "" "$out/a.db" "$out/plain"
[ "$(digest)" = "$first" ] && ok || bad "the same import has another digest"
import "compressed files hold the same" 0 '.patients == 40' "" "$out/b.db" "$out/gzip"
[ "$(digest)" = "$first" ] && ok || bad "compressed files give another digest"
import "bundles a line" 0 '.patients == 40 and .resources == 240 and .texts == 40' "" "$out/c.db" "$out/lines/bundles.ndjson"
import "a bundle in a file" 0 '.patients == 1' "" "$out/d.db" fixtures/demo/record.json
[ ! -e "$out/a.db.import" ] && [ ! -e "$out/a.db.errors.csv" ] && ok || bad "something is left behind"
grep -qaF CANARY "$out/a.db" && bad "the store holds a name" || ok

# What cannot be used.
mkdir "$out/poor"
cp "$out/plain/Patient.ndjson" "$out/poor"
printf '%s\n' '{"resourceType":"Observation","id":"x","status":"final","subject":{"reference":"Patient/CANARY"}}' '{"broken' >"$out/poor/Observation.ndjson"
import "bad lines are counted" 3 '.bad == 1 and .orphans == 1 and .patients == 40 and (.errors | endswith("e.db.errors.csv"))' "" "$out/e.db" "$out/poor"
grep -qF 'Observation.ndjson",2,' "$out/e.db.errors.csv" && ok || bad "the list of errors has no line"
grep -qF CANARY "$out/e.db.errors.csv" && bad "the list of errors names a patient" || ok
import "the list of errors where it is wanted" 3 "" "" "$out/e.db" "$out/poor" --errors "$out/list.csv"
[ -s "$out/list.csv" ] && ok || bad "no list of errors"
import "a missing path" 3 "" "cannot be read" "$out/f.db" "$out/nowhere"
import "a folder without FHIR" 3 "" "no FHIR" "$out/f.db" docs/man
head -c 300 "$out/gzip/Observation.ndjson.gz" >"$out/poor/Observation.ndjson.gz"
import "a file that was cut off" 3 "" "" "$out/f.db" "$out/poor"
[ ! -e "$out/f.db" ] && ok || bad "a failed import leaves a store"
import "a store that is none" 3 "" "not a population store" fixtures/demo/record.json "$out/plain"
import "paths are missing" 2 "" "" "$out/a.db"

# Killed in the middle, and run again.
for i in $(seq 60); do sed "s/\"id\":\"o/\"id\":\"r$i-/" "$out/plain/Observation.ndjson"; done >"$out/poor/Observation.ndjson"
rm "$out/poor/Observation.ndjson.gz"
import "the undisturbed import" 0 "" "" "$out/g.db" "$out/poor"
first=$(digest)
for pause in 0.01 0.03 0.05 0.1 0.2; do
	"$command" import "$out/h.db" "$out/poor" >/dev/null 2>&1 &
	sleep $pause
	kill -KILL $! 2>/dev/null
	wait $! 2>/dev/null
done
import "after kills it comes to its end" 0 ".patients == 40 and .digest == \"$first\"" "" "$out/h.db" "$out/poor"

# Nothing may be written there.
if setpriv --reuid=65534 --clear-groups --regid=65534 true 2>/dev/null; then
	chmod 755 "$out" "$out/plain"
	chmod 644 "$out"/plain/*
	status=0
	setpriv --reuid=65534 --clear-groups --regid=65534 "$command" import "$out/a.db" "$out/plain" >"$out/stdout" 2>"$out/stderr" || status=$?
	[ $status -eq 6 ] && [ "$(wc -l <"$out/stderr")" -ge 2 ] && ok || bad "a store that may not be written: status $status"
else
	skip "another user cannot be taken (setpriv)"
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
