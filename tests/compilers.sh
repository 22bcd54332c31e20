#!/usr/bin/env bash
# The same bytes whoever compiled the program: gcc with and without optimisation, and clang, over every case and hook request
# of fixtures/; and a thousand times the same from one process.
set -euo pipefail
passed=0 failed=0
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
export VIGIL_CACHE="$out/cache.db"
make -s CC=clang BUILD=build/clang COMMAND=build/clang/vigil all
make -s CC=gcc BUILD=build/plain OPT="-O0 -Wno-format-truncation" COMMAND=build/plain/vigil all
make -s CC=gcc all
commands=(./vigil build/plain/vigil build/clang/vigil)
for command in "${commands[@]}"; do
	[ -e "$(dirname "$command")/rules" ] || ln -s "$PWD/rules" "$(dirname "$command")/rules"
done

same() { # a name, then the command's arguments: all answers and exit statuses are those of the first
	local name=$1 command status first=""
	shift
	for command in "${commands[@]}"; do
		status=0
		"$command" "$@" >"$out/answer" 2>&1 || status=$?
		echo "exit status $status" >>"$out/answer"
		if [ -z "$first" ]; then
			mv "$out/answer" "$out/first"
			first=$command
		elif cmp -s "$out/first" "$out/answer"; then
			passed=$((passed + 1))
		else
			failed=$((failed + 1))
			echo "FAILED $name: $command and $first differ"
			diff "$out/first" "$out/answer" | head -n 4 | cut -c1-300
		fi
	done
}

for folder in fixtures/cases/*/; do
	orders=()
	for order in "$folder"order*.json; do [ -e "$order" ] && orders+=(--order "$order"); done
	same "$folder" check "$folder/record.json" "${orders[@]}" --as-of 2026-03-01 --format json --all-statuses --alerts
done
for request in fixtures/hooks/*.json; do
	same "$request" check "$request" --as-of 2026-03-01 --format cards
done
jq -c . fixtures/demo/record.json >"$out/line"
for _ in $(seq 1000); do cat "$out/line"; done >"$out/lines.ndjson"
same "a thousand lines" scan "$out/lines.ndjson" --as-of 2026-03-01 --format ndjson --jobs 2
./vigil scan "$out/lines.ndjson" --as-of 2026-03-01 --format ndjson >"$out/answers"
if [ "$(wc -l <"$out/answers")" = 1000 ] && [ "$(uniq "$out/answers" | wc -l)" = 1 ]; then
	passed=$((passed + 1))
else
	failed=$((failed + 1))
	echo "FAILED one record asked a thousand times has $(uniq "$out/answers" | wc -l) answers"
fi
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
