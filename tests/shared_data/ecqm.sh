#!/usr/bin/env bash
# The screenings beside the quality measures that are made of the same
# guidelines: every patient of four decks, as of the measurement year's last
# day, once with the shipped codes and once with the measures' value sets
# imported, as a site would import them.
#
# A measure counts patients and a screening reminds of one, so they differ here
# and there by design.  Each difference stands in ecqm_differences.tsv with its
# reason; one that does not stand there fails, and one that stands there and is
# none any more.  UPDATE=1 writes the list anew, with `?` for what has no
# reason yet.
set -uo pipefail
here=$(dirname "$0")
data=../shared/data/ecqm
list=$here/ecqm_differences.tsv
command=$(realpath "${COMMAND:-./vigil}")
passed=0 failed=0 skipped=0
if [ ! -d $data ]; then
	echo "skipped: $data is not here"
	echo "0 passed, 0 failed, 1 skipped"
	exit 0
fi
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
export VIGIL_CACHE="$out/cache" XDG_DATA_HOME="$out/shipped"
mkdir -p "$out/shipped"

measures="CMS130FHIRColorectalCancerScrn=colorectal-cancer CMS125FHIRBreastCancerScreen=breast-cancer
	CMS131FHIRDiabetesEyeExam=diabetes-eye-exam CMS122FHIRDiabetesAssessGT9Pct=diabetes-hba1c"
folders=()
for measure in $measures; do folders+=("${measure%%=*}"); done

# What a measure says of each case: outside (not in its population), excluded, done, or due.  CMS122 counts the bad
# outcome, a high HbA1c or none: who is not counted has had one.
wanted() { # a measure
	awk -F'\t' -v OFS='\t' -v bad="$([ "$1" = CMS122FHIRDiabetesAssessGT9Pct ] && echo 1 || echo 0)" '
		FNR > 1 { print $1, $7 == 0 ? "outside" : $9 == 1 || $10 == 1 ? "excluded" : ($11 == 1) != bad ? "done" : "due" }' "$data/$1/expected.tsv"
}

# What Vigil says: none (not meant for this patient), done (the next one lies ahead), due, or unknown.
answers() { # shipped or imported
	local measure rule
	for measure in $measures; do
		rule=${measure#*=} measure=${measure%%=*}
		wanted "$measure" | cut -f1 >"$out/ids"
		sed "s|.*|$data/$measure/cases/&.json|" "$out/ids" | xargs jq -c . |
			XDG_DATA_HOME="$out/$1" "$command" scan - --as-of 2026-12-31 --format ndjson --only "$rule" 2>"$out/errors" |
			jq -r --arg rule "$rule" 'if .screenings == null then "unreadable" else ([.screenings[] | select(.rule == $rule)][0] | if . == null then "none"
				elif .status == "indeterminate" then "unknown" elif .status == "up_to_date" or (.last_done and .due > "2026-12-31") then "done"
				else "due" end) end' | paste "$out/ids" - | sed "s/^/$rule\t/" >>"$out/$1.said"
		wanted "$measure" | sed "s/^/$rule\t/" >>"$out/$1.wanted"
	done
	sort "$out/$1.said" >"$out/said.sorted"
	sort "$out/$1.wanted" | awk -F'\t' -v OFS='\t' -v codes="$1" -v found="$out/differences" 'FNR == NR { want[$1 FS $2] = $3; next }
		{ pair = want[$1 FS $2] " " $3; agree = pair ~ /^(outside none|excluded none|done done|due due)$/
		  total[$1]++; same[$1] += agree; if (!agree) print codes, $1, $2, want[$1 FS $2], $3 >>found }
		END { for (rule in total) printf "%s with %s codes: %d of %d agree\n", rule, codes, same[rule], total[rule] }' - "$out/said.sorted" | sort
}

# The measures' value sets under the names of our sets, as a table to import.  Mastectomies whose side the record tells
# beside the code become those of a side.
for folder in "${folders[@]}"; do
	awk -F'\t' -v OFS='\t' 'FNR == NR { set[$1] = $2; next } FNR == 1 || !($1 in set) { next }
		set[$1] != "mastectomy" { print set[$1], $3, $4; next }
		$3 == "http://snomed.info/sct" { print "left mastectomy", $3, $4 ":272741003=7771000"; print "right mastectomy", $3, $4 ":272741003=24028007" }' \
		"$here/ecqm_sets.tsv" "$data/$folder/valuesets.tsv"
done | sort -u >"$out/rows"
{ printf 'name\tsystem\tcode\n'; cat "$out/rows"; } >"$out/sets.tsv"
"$command" knowledge import sets "$out/sets.tsv" --to "$out/imported/vigil" >"$out/said" 2>&1 || { cat "$out/said"; failed=$((failed + 1)); }

answers shipped
answers imported
sort "$out/differences" >"$out/found"
if [ -n "${UPDATE:-}" ]; then
	{ grep '^#' "$list" 2>/dev/null
	  awk -F'\t' -v OFS='\t' 'FNR == NR { if ($0 !~ /^#/) reason[$1 FS $2 FS $3 FS $4 FS $5] = $6; next }
		{ print $0, $0 in reason ? reason[$0] : "?" }' "$list" "$out/found"; } >"$out/list" && cp "$out/list" "$list"
fi
grep -v '^#' "$list" | cut -f 1-5 | sort >"$out/listed"
while IFS=$'\t' read -r codes rule id want said; do
	failed=$((failed + 1))
	echo "FAILED $rule, case $id, $codes codes: the measure says $want, Vigil $said, and no reason is listed"
done < <(comm -23 "$out/found" "$out/listed")
while IFS=$'\t' read -r codes rule id want said; do
	failed=$((failed + 1))
	echo "FAILED $rule, case $id, $codes codes: listed as $want and $said, but that is no difference any more"
done < <(comm -13 "$out/found" "$out/listed")
# Every reason is one that the list explains.
while read -r reason; do
	grep -q "^# $reason: " "$list" || { failed=$((failed + 1)); echo "FAILED the reason \"$reason\" is not explained"; }
done < <(grep -v '^#' "$list" | cut -f 6 | sort -u)
cases=$(cat "$out/shipped.said" "$out/imported.said" | wc -l)
expected=$((2 * $(for measure in $measures; do wanted "${measure%%=*}"; done | wc -l)))
[ "$cases" -eq "$expected" ] && [ "$expected" -gt 400 ] || { failed=$((failed + 1)); echo "FAILED $cases of $expected cases were answered"; }
passed=$((expected - failed))
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
