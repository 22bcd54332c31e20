#!/usr/bin/env bash
# How findings are written: the page of all findings is current, the marker
# stands below its character, SARIF has what its specification requires.
set -uo pipefail
passed=0 failed=0 skipped=0
command=$(realpath "${COMMAND:-./vigil}")
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
export VIGIL_CACHE="$out/cache.db" HOME="$out" TERM=dumb LC_ALL=C
unset XDG_CACHE_HOME XDG_DATA_HOME
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
lint() { "$command" lint --no-starter --rules tests/rule/pack "$@"; }

"$command" lint --explain all --format markdown >"$out/findings.md"
holds "docs/findings.md is current" diff -u docs/findings.md "$out/findings.md"
holds "each finding has its section" [ "$(grep -c '^### VG' docs/findings.md)" -eq "$("$command" lint --explain all --format json | jq length)" ]
holds "codes are told once" [ -z "$(grep -o '^### VG[0-9]*' docs/findings.md | sort | uniq -d)" ]
holds "one finding" bash -c "'$command' lint --explain VG104 | grep -q 'any { pregnant'"
holds "one finding as markdown" bash -c "'$command' lint --explain VG104 --format markdown | grep -q '^### VG104'"
holds "the list" bash -c "'$command' lint --explain all | grep -q 'VG104 error'"
holds "no such finding" bash -c "'$command' lint --explain VG999; [ \$? -eq 2 ]"
holds "no such format of it" bash -c "'$command' lint --explain VG104 --format sarif; [ \$? -eq 2 ]"
holds "markdown without --explain" bash -c "'$command' lint --format markdown; [ \$? -eq 2 ]"

mkdir "$out/a pack"
cat >"$out/a pack/rules.lua" <<'EOF'
rule "a" { title = "µg/m² und so weiter", sverity = "info", when_opening_chart = true, if_all = { pregnant }, warn = "w" }
rule "b" { title = "t", severity = "loud", when_opening_chart = true, if_all = { pregnant, pregnant }, warn = "w" }
EOF
lint "$out/a pack/rules.lua" >"$out/text"
line=$(($(grep -n 'VG203' "$out/text" | cut -d: -f1) + 2))
shown=$(sed -n "${line}p" "$out/text") marker=$(sed -n "$((line + 1))p" "$out/text")
before=${shown%%sverity*}
holds "the marker stands below the misspelt line, behind letters of two bytes" [ "$(echo -n "$before" | LC_ALL=C.UTF-8 wc -m)" -eq "$(echo -n "${marker%^}" | wc -c)" ]
holds "the mend stands below" grep -q 'Did you mean "severity"' "$out/text"

lint "$out/a pack/rules.lua" --format json >"$out/json"
lint "$out/a pack/rules.lua" --format sarif >"$out/sarif"
sarif() { holds "SARIF: $1" jq -e "$2" "$out/sarif"; }
sarif "version and schema" '.version == "2.1.0" and (."$schema" | test("sarif-2.1.0"))'
sarif "one run with a named tool" '(.runs | length) == 1 and .runs[0].tool.driver.name == "vigil" and (.runs[0].tool.driver.version | length) > 0'
sarif "every result has a message, a level and a rule of the run" '.runs[0] as $run | ($run.results | length) > 3 and
	all($run.results[]; (.message.text | length) > 0 and (.level | IN("error", "warning", "note")) and $run.tool.driver.rules[.ruleIndex].id == .ruleId)'
sarif "every rule is described, and used" '.runs[0] as $run | all($run.tool.driver.rules[]; (.shortDescription.text | length) > 0 and (.fullDescription.text | length) > 0 and
	(.help.text | length) > 0 and (.defaultConfiguration.level | length) > 0) and ([$run.tool.driver.rules[].id] | sort) == ([$run.results[].ruleId] | unique)'
sarif "places are URIs with lines from 1" 'all(.runs[0].results[].locations[].physicalLocation; (.artifactLocation.uri | startswith("file:///") and contains("a%20pack")) and
	.region.startLine >= 1 and (.region.startColumn // 1) >= 1)'
holds "SARIF tells what JSON tells" [ "$(jq -c '[.findings[] | [.code, .line]]' "$out/json")" = "$(jq -c '[.runs[0].results[] | [.ruleId, .locations[0].physicalLocation.region.startLine]]' "$out/sarif")" ]
echo 'rule "b" { title = "t" }' >"$out/b.lua"
(cd "$out" && "$command" lint --no-starter b.lua --format sarif) >"$out/sarif"
sarif "a relative path stays one" 'all(.runs[0].results[].locations[].physicalLocation.artifactLocation.uri; . == "b.lua")'
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
