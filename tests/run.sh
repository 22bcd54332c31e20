#!/usr/bin/env bash
# Runs the test programs given as arguments and every suite tests/NAME/run.sh,
# as many at a time as there are processors (JOBS), adds up what each counted,
# and ends with one plain line.  What failed is shown whole, at the end.
set -uo pipefail
passed=0 failed=0 skipped=0 names=()
jobs=${JOBS:-$(nproc)}
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1:abort_on_error=0} TSAN_OPTIONS=${TSAN_OPTIONS:-halt_on_error=1}
export VIGIL_CACHE="$PWD/$BUILD/tests/cache.db"
counts='^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$'
log_of() { echo "$BUILD/tests/$(echo "$1" | tr '/ ' '--').log"; }
counted() { grep -E "$counts" "$1" | tail -n 1; }

start() { # a name, then a command whose last line is `N passed, N failed, N skipped`
	local name=$1 log
	log=$(log_of "$1")
	shift
	names+=("$name")
	while [ "$(jobs -rp | wc -l)" -ge "$jobs" ]; do wait -n; done
	{
		began=$SECONDS
		"$@" >"$log" 2>&1 </dev/null
		echo $? >"$log.status"
		printf '%-28s %s (%s s)\n' "$name" "$(counted "$log")" $((SECONDS - began))
	} &
}

add_up() {
	local name=$1 log line status p f s
	log=$(log_of "$1")
	line=$(counted "$log") status=$(cat "$log.status")
	if [ -z "$line" ] || { [ "$status" -ne 0 ] && [[ $line == *", 0 failed,"* ]]; }; then
		cat "$log"
		echo "$name: ended with status $status before it had counted its tests"
		failed=$((failed + 1))
		return
	fi
	read -r p _ f _ s _ <<<"${line//,/}"
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
	[ "$f" -eq 0 ] || cat "$log"
	grep -h '^skipped:' "$log" | sort -u
}

# Each suite wants the starter pack beside the command: made here, before two of them make it at once.
[ -e "$(dirname "$COMMAND")/rules" ] || ln -s "$PWD/rules" "$(dirname "$COMMAND")/rules"
# Programs first: the longest of all is among them.
for program in "$@"; do
	start "$(basename "$(dirname "$program")")" "$program"
done
for script in tests/*/run.sh; do
	[ "$MODE" = tsan ] && [ "$script" != tests/service/run.sh ] && continue
	start "${script%/run.sh}" "$script"
done
wait
for name in "${names[@]}"; do
	add_up "$name"
done
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
