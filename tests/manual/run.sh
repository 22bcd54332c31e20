#!/usr/bin/env bash
# The manual of the rule language runs: in each page of docs/rules a block
# "```lua FILE" is written to FILE, a block "```console" is run command by
# command, and what is shown below a command is what it says (a line "…" stands
# for any lines). Other blocks of Lua are linted as files of their own.
# UPDATE=1 writes what the commands say into the pages.
set -uo pipefail
passed=0 failed=0 skipped=0
command=$(realpath "${COMMAND:-./vigil}")
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
export VIGIL_CACHE="$out/cache" HOME="$out" TERM=dumb LC_ALL=C.UTF-8 PATH="$out/bin:$PATH"
unset XDG_CACHE_HOME XDG_DATA_HOME NO_COLOR TZ
[ -e "$(dirname "$command")/rules" ] || ln -s "$PWD/rules" "$(dirname "$command")/rules"
mkdir "$out/bin"
printf '#!/bin/sh\nexec "%s" "$@"\n' "$command" >"$out/bin/vigil"
chmod +x "$out/bin/vigil"

ok() { passed=$((passed + 1)); }
bad() {
	failed=$((failed + 1))
	echo "FAILED $*"
}

matches() { # files: what is shown, what was said
	local shown said i=0 k=0
	mapfile -t shown <"$1"
	mapfile -t said <"$2"
	while [ $i -lt ${#shown[@]} ]; do
		if [ "${shown[i]}" = "…" ]; then
			i=$((i + 1))
			[ $i -eq ${#shown[@]} ] && return 0
			while [ $k -lt ${#said[@]} ] && [ "${said[k]}" != "${shown[i]}" ]; do k=$((k + 1)); done
		fi
		[ $k -lt ${#said[@]} ] && [ "${said[k]}" = "${shown[i]}" ] || return 1
		i=$((i + 1)) k=$((k + 1))
	done
	[ $k -eq ${#said[@]} ]
}

finish() { # a page, the command that is done: compares, and writes the new page
	[ -n "$2" ] || return
	if [ -n "${UPDATE:-}" ] && ! grep -qx '…' "$out/shown"; then
		cat "$out/said" >>"$out/page"
		return
	fi
	cat "$out/shown" >>"$out/page"
	if matches "$out/shown" "$out/said"; then
		ok
	else
		bad "$1: what is shown is not what it says: $2"
		diff "$out/shown" "$out/said" | sed 's/^/    /'
	fi
}

run_page() {
	local page=$1 name block="" file="" line done_command="" work blocks=0
	name=$(basename "$page" .md)
	work=$out/work-$name
	mkdir "$work"
	: >"$out/page"
	while IFS= read -r line; do
		case $block:$line in
		:'```lua '* | :'```json '* | :'```csv '*)
			file=$work/${line#* } block=file blocks=$((blocks + 1))
			mkdir -p "$(dirname "$file")"
			: >"$file"
			;;
		:'```lua')
			file=$work/.fragment.lua block=fragment
			: >"$file"
			;;
		:'```console') block=console blocks=$((blocks + 1)) ;;
		:'```'*) block=other ;;
		file:'```' | other:'```') block="" ;;
		fragment:'```')
			block=""
			if (cd "$work" && vigil lint .fragment.lua --format oneline >said 2>&1); then
				ok
			else
				bad "$page: a block cannot be read"
				sed 's/^/    /' "$work/said" "$file"
			fi
			;;
		console:'```')
			finish "$page" "$done_command"
			block="" done_command=""
			;;
		console:'$ '*)
			finish "$page" "$done_command"
			done_command=${line#\$ }
			(cd "$work" && bash -c "$done_command" >"$out/said" 2>&1 </dev/null)
			: >"$out/shown"
			;;
		console:*)
			printf '%s\n' "$line" >>"$out/shown"
			continue
			;;
		file:* | fragment:*) printf '%s\n' "$line" >>"$file" ;;
		esac
		printf '%s\n' "$line" >>"$out/page"
	done <"$page"
	[ -z "$block" ] || bad "$page: the last block is not closed"
	[ -n "${UPDATE:-}" ] && ! cmp -s "$out/page" "$page" && cp "$out/page" "$page"
	echo "$name $blocks" >>"$out/blocks"
}

for page in docs/rules/*.md; do
	[ "$page" = docs/rules/words.md ] || run_page "$page" # its usages are compiled by tests/rule/test_words.c
done
while read -r name least; do
	blocks=$(sed -n "s/^$name //p" "$out/blocks")
	[ "${blocks:-0}" -ge "$least" ] || bad "docs/rules/$name.md has fewer than $least blocks that run"
done <<<"tutorial 15
cookbook 21
unknown 4"
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
