#!/usr/bin/env bash
# Checks over ../shared/data, which nobody on the project wrote.  Skipped with
# a message where it is not there.
set -uo pipefail
passed=0 failed=0 skipped=0
data=../shared/data
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
export VIGIL_CACHE="$out/cache.db"
ok() { passed=$((passed + 1)); }
bad() { failed=$((failed + 1)); echo "FAILED $*"; }
if [ ! -d $data ]; then
	echo "skipped: $data is not here"
	echo "0 passed, 0 failed, 1 skipped"
	exit 0
fi

# Every real bundle is answered: exit 0, and JSON of the documented shape.
shape='.schema == "vigil.check/1" and (.patient | type == "string") and .as_of == "2021-04-01" and (.packs | length > 0)
  and ([.alerts[] | select((.rule and .kind and .summary and .detail and .source.label) and (.severity | IN("info", "warning", "critical"))
       and (.outcome | IN("alert", "ask")) and has("order") and (.evidence | type == "array") | not)] == [])
  and ([.screenings[] | select((.rule and .reason) and (.status | IN("up_to_date", "due_soon", "overdue", "indeterminate")) | not)] == [])
  and (.complete | type == "boolean") and ([.not_evaluated, .not_checked, .rule_errors] | all(type == "array")) and (.counts.facts | type == "number")'
for bundle in $data/synthea/bundles/*.json; do
	if ./vigil check "$bundle" --as-of 2021-04-01 --format json >"$out/answer.json" 2>"$out/errors" && jq -e "$shape" "$out/answer.json" >/dev/null; then
		ok
	else
		bad "$(basename "$bundle"): $(head -n 2 "$out/errors")"
	fi
done
# The official hook examples and the captured requests are answered with cards, or refused with a reason.
for request in $data/cds_hooks/spec/*.json $data/cds_hooks/sandbox/sandbox-?-*.json; do
	./vigil check "$request" --as-of 2026-03-01 --format cards >"$out/cards.json" 2>"$out/errors"
	status=$?
	if [ $status -eq 0 ] && jq -e '.cards | type == "array"' "$out/cards.json" >/dev/null; then
		ok
	elif [ $status -eq 3 ] && [ -s "$out/errors" ]; then
		ok
	else
		bad "$(basename "$request"): status $status $(head -n 2 "$out/errors")"
	fi
done
# A script a topic, each with its own count.
for topic in tests/shared_data/*.sh; do
	"$topic" >"$out/topic" 2>&1
	status=$?
	grep -vE '^[0-9]+ passed, ' "$out/topic"
	read -r p _ f _ s _ < <(tail -n 1 "$out/topic" | tr -d ,)
	if [[ ${p:-} =~ ^[0-9]+$ && ${f:-} =~ ^[0-9]+$ && ${s:-} =~ ^[0-9]+$ ]] && { [ $status -eq 0 ] || [ "$f" -gt 0 ]; }; then
		passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
	else
		bad "$topic ended with status $status before it had counted its checks"
	fi
done
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
