#!/usr/bin/env bash
# What editors read: the shipped files are those that the command writes now;
# the language server's plugin makes plain Lua of every rule file of the starter
# pack and of the fifty mistakes mended, and luacheck finds nothing in the pack
# and the misspelt word in a mistake.
set -uo pipefail
passed=0 failed=0 skipped=0
command=$(realpath "${COMMAND:-./vigil}")
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
export HOME="$out" TERM=dumb LC_ALL=C
: >"$out/log"

ok() { passed=$((passed + 1)); }
bad() {
	failed=$((failed + 1))
	echo "FAILED $*"
	head -c 2000 "$out/log" | sed 's/^/    /'
}
holds() { # what should hold, a command
	local name=$1
	shift
	if "$@" >"$out/log" 2>&1; then ok; else bad "$name: $*"; fi
}

mkdir "$out/editor" "$out/alone"
holds "the editor's files are written" "$command" words --format editor --out "$out/editor"
for file in .luarc.json .luacheckrc .vigil/vigil.lua .vigil/plugin.lua words.json; do
	holds "docs/editor/$file is current" diff -u "docs/editor/$file" "$out/editor/$file"
done
"$command" words --format markdown >"$out/words.md"
holds "docs/rules/words.md is current" diff -u docs/rules/words.md "$out/words.md"
for format in luals plugin luarc luacheck json; do
	"$command" words --format $format >"$out/alone/$format"
	holds "$format alone is the same" cmp "$out/alone/$format" "$out/editor/$(case $format in luals) echo .vigil/vigil.lua ;; plugin) echo .vigil/plugin.lua ;;
	luarc) echo .luarc.json ;; luacheck) echo .luacheckrc ;; json) echo words.json ;; esac)"
done
holds "the settings are JSON" jq -e '."runtime.version" == "Lua 5.4" and (."workspace.library" | length) == 1' "$out/editor/.luarc.json"
holds "the words are JSON" jq -e '.schema == "vigil.words/1" and (.words | length) > 50 and (.refinements | length) > 40 and (.kinds | length) == 10
	and all(.kinds[]; .needed - .lines == []) and ([.kinds[].lines[]] | unique) - [.lines[].name] == [] and [.lines[].name] - ([.kinds[].lines[]] | unique) == []' "$out/editor/words.json"
holds "a folder that is not there is told" bash -c "'$command' words --format json --out '$out/missing'; [ \$? -eq 6 ]"
holds "a word of its own" bash -c "'$command' words latest | grep -q 'newest value'"
holds "a refinement, with and without its colon" bash -c "'$command' words :within | grep -q 'longer ago' && '$command' words once | grep -q 'never due again'"
holds "no such word" bash -c "'$command' words wihtin; [ \$? -eq 2 ]"

# The plugin as the language server runs it: its changes applied from the end.
cat >"$out/apply.lua" <<'EOF'
dofile(arg[1])
local file = assert(io.open(arg[2]))
local text = file:read("a")
local changes = OnSetText("", text)
for i = #changes, 1, -1 do
  text = text:sub(1, changes[i].start - 1) .. changes[i].text .. text:sub(changes[i].finish + 1)
end
io.write(text)
EOF
plain() { lua5.4 "$out/apply.lua" "$out/editor/.vigil/plugin.lua" "$1" >"$2"; }

holds "the definitions are Lua" luac5.4 -p "$out/editor/.vigil/vigil.lua"
mkdir "$out/pack"
for file in $(find rules fixtures/packs -name '*.lua' ! -path '*/.*'); do
	target=$out/pack/${file//\//-}
	plain "$file" "$target" 2>"$out/log" || bad "the plugin runs over $file"
	holds "$file is Lua for the server" luac5.4 -p "$target"
done
holds "luacheck finds nothing in the packs" luacheck --config "$out/editor/.luacheckrc" --no-cache -q "$out/pack"
plain fixtures/mistakes/misspelt-word.lua "$out/misspelt.lua"
holds "luacheck finds a misspelt word" bash -c "luacheck --config '$out/editor/.luacheckrc' --no-cache '$out/misspelt.lua' | grep -q in_hospise"
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
