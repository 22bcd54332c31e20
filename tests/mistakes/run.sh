#!/usr/bin/env bash
# The mistakes of a newcomer, one a file in fixtures/mistakes: each brings the
# findings that its header names and no others, at their places; the mend is in
# the words; and with the mended line in its place nothing is found.
set -uo pipefail
passed=0 failed=0 skipped=0
command=$(realpath "${COMMAND:-./vigil}")
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
export VIGIL_CACHE="$out/cache.db" HOME="$out" TERM=dumb LC_ALL=C
unset XDG_CACHE_HOME XDG_DATA_HOME

ok() { passed=$((passed + 1)); }
bad() {
	failed=$((failed + 1))
	echo "FAILED $*"
	sed 's/^/    /' "$out/found"
}
lint() { # a file → one finding a line in $out/found, and the status: a command that breaks down finds nothing either
	"$command" lint --no-starter --rules tests/rule/pack --format oneline --fail-on note "$1" >"$out/found" 2>"$out/errors"
	status=$?
	[ ! -s "$out/errors" ] || { cat "$out/errors" >>"$out/found"; }
}

for file in fixtures/mistakes/*.lua; do
	name=$(basename "$file" .lua)
	mend=$(sed -n 's/^-- Mend: //p' "$file")
	lint "$file"
	wanted=$(sed -n 's/^-- Finding: //p' "$file")
	found=$(sed -n 's/^[^ ]*:\([0-9]*:[0-9]*\): [a-z]*: \(VG[0-9]*\): .*/\2 \1/p' "$out/found")
	before=$status
	if [ $status -ne 1 ]; then
		bad "$name: lint ended with $status instead of 1"
	elif [ -z "$wanted" ] || [ "$found" != "$wanted" ] || [ "$(wc -l <"$out/found")" -ne "$(echo "$wanted" | wc -l)" ]; then
		bad "$name: found are not" $wanted
	elif sed -n 's/^[^ ]*: [a-z]*: VG[0-9]*: //p' "$out/found" | grep -qE '^[a-z]'; then
		bad "$name: a finding begins in small letters"
	elif [ -z "$mend" ] || ! grep -qF -- "$mend" "$out/found"; then
		bad "$name: nothing tells: $mend"
	else
		ok
	fi
	number=$(sed -n 's/^-- Line \([0-9]*\):.*/\1/p' "$file")
	line=$(sed -n 's/^-- Line [0-9]*: \{0,1\}//p' "$file")
	awk -v number="$number" -v line="${line//\\/\\\\}" 'NR == number { print line; next } { print }' "$file" >"$out/mended.lua"
	lint "$out/mended.lua"
	if [ -z "$number" ] || cmp -s "$file" "$out/mended.lua"; then
		bad "$name: nothing is mended"
	elif [ $before -ne 1 ] || [ $status -ne 0 ] || [ -s "$out/found" ]; then
		bad "$name: the mended file is not clean: lint ended with $status, before it was mended with $before"
	else
		ok
	fi
done
[ $passed -ge 100 ] || bad "there are fewer than fifty mistakes"
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
