#!/usr/bin/env bash
# Runs the test programs given as arguments, the command's own tests and the
# example program, adds up what each counted, and ends with one plain line.
set -uo pipefail
passed=0 failed=0 skipped=0
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1:abort_on_error=0} TSAN_OPTIONS=${TSAN_OPTIONS:-halt_on_error=1}
export VIGIL_CACHE="$PWD/$BUILD/tests/cache.db"

run() { # a name, then a command whose last line is `N passed, N failed, N skipped`
	local name=$1 log="$BUILD/tests/$(echo "$1" | tr '/ ' '--').log" status line
	shift
	"$@" >"$log" 2>&1
	status=$?
	line=$(grep -E '^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$' "$log" | tail -n 1)
	if [ -z "$line" ] || { [ $status -ne 0 ] && [[ $line == *", 0 failed,"* ]]; }; then
		cat "$log"
		echo "$name: ended with status $status before it had counted its tests"
		failed=$((failed + 1))
		return
	fi
	read -r p _ f _ s _ <<<"${line//,/}"
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
	[ "$f" -eq 0 ] || cat "$log"
	grep -h '^skipped:' "$log" | sort -u
	printf '%-28s %s\n' "$name" "$line"
}

for program in "$@"; do
	run "$(basename "$(dirname "$program")")" "$program"
done
for script in tests/*/run.sh; do
	[ "$MODE" = tsan ] && [ "$script" != tests/service/run.sh ] && continue
	run "${script%/run.sh}" "$script"
done
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
