#!/usr/bin/env bash
# What a site imports: RxNorm's release files, value sets, tables of sets and
# local laboratory codes; that it is found, layered below the packs, listed,
# replaced whole and taken away; and that broken files change nothing.
set -uo pipefail
passed=0 failed=0 skipped=0
command=$(realpath "${COMMAND:-./vigil}")
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
export VIGIL_CACHE="$out/cache.db" HOME="$out" XDG_DATA_HOME="$out/data" TERM=dumb LC_ALL=C
[ -e "$(dirname "$command")/rules" ] || ln -s "$PWD/rules" "$(dirname "$command")/rules"
kept="$out/data/vigil"

ok() { passed=$((passed + 1)); }
bad() {
	failed=$((failed + 1))
	echo "FAILED $*"
	head -c 1500 "$out/said" "$out/errors" 2>/dev/null | sed 's/^/    /'
}
does() { # what should happen, status, a text of standard output, one of standard error, arguments
	local name=$1 wanted=$2 text=$3 error=$4 status=0
	shift 4
	"$command" "$@" >"$out/said" 2>"$out/errors" || status=$?
	if [ $status -ne "$wanted" ]; then
		bad "$name: status $status instead of $wanted: vigil $*"
	elif [ -n "$text" ] && ! grep -qF -- "$text" "$out/said"; then
		bad "$name: \"$text\" is not in the output: vigil $*"
	elif [ -n "$error" ] && ! grep -qF -- "$error" "$out/errors"; then
		bad "$name: \"$error\" is not told: vigil $*"
	else
		ok
	fi
}
says() { # what should hold, a jq filter, arguments
	local name=$1 filter=$2
	shift 2
	if "$command" "$@" --format json >"$out/said" 2>"$out/errors" && jq -e "$filter" "$out/said" >/dev/null; then ok; else bad "$name: not so: $filter: vigil $*"; fi
}
holds() {
	local name=$1
	shift
	if "$@" >"$out/said" 2>"$out/errors"; then ok; else bad "$name: $*"; fi
}
import() { "$command" knowledge import "$@" >"$out/said" 2>"$out/errors"; }
same() { # what should hold, a value, what it is
	if [ "$2" = "$3" ]; then ok; else bad "$1: \"$3\" instead of \"$2\""; fi
}

# ---- RxNorm -------------------------------------------------------------------------------
does "nothing yet" 0 "Nothing is imported" "" knowledge list-imports
does "a product that is not known" 1 "" "is not known" lookup 9000030
does "RxNorm" 0 "3 ingredients, 15 products and 2 package codes" "" knowledge import rxnorm fixtures/rxnorm
does "what has no ingredient is told" 0 "or with more than 256 parts, are left out: 1." "" knowledge import rxnorm fixtures/rxnorm
does "it is listed" 0 "tables/products.csv" "" knowledge list-imports
says "listed as JSON" '[.imports[].name] == ["rxnorm", "rxnorm", "rxnorm"]' knowledge list-imports
holds "nothing temporary is left" sh -c "[ \$(find '$kept' -type f | wc -l) -eq 3 ]"
says "a product" '.results[0].ingredients == ["vigilastatin"]' lookup 9000030
says "a product of two" '.results[0].ingredients | sort == ["ibuprofen", "vigilastatin"]' lookup 9000031
says "a product with a brand, by the product behind it" '.results[0].ingredients == ["vigilastatin"]' lookup 9000041
says "a brand" '.results[0].ingredients == ["vigilastatin"]' lookup 9000040
says "a brand by its name" '.results[0].ingredients == ["vigilastatin"]' lookup Vigilor
says "a synonym" '.results[0].ingredients == ["vigilastatin"]' lookup vigilastat
says "several ingredients without strength" '.results[0].ingredients | length == 2' lookup 9000042
says "a group of products" '.results[0].ingredients == ["vigilastatin"]' lookup 9000043
says "a pack" '.results[0].ingredients | length == 2' lookup 9000044
says "a salt" '.results[0].ingredients == ["vigilastatin"]' lookup 9000002
says "a substance's UNII" '.results[0].ingredients == ["vigilastatin"]' lookup "unii|V1G1LST4T1"
says "its salt's UNII" '.results[0].ingredients == ["vigilastatin"]' lookup "unii|V1G1LC4LC1"
says "a package code" '.results[0].ingredients == ["warfarin"]' lookup "ndc|99999000202"
says "a package code with hyphens" '.results[0].ingredients == ["vigilastatin"]' lookup "ndc|99999-0001-01"
does "a withdrawn name is not imported" 1 "" "" lookup 9000051
does "another vocabulary's name is not imported" 1 "" "" lookup 9000050
row() { grep "^$1," "$kept/tables/products.csv" | cut -d, -f"$2"; }
same "strength from the attribute" "20 mg" "$(row 9000030 5)"
same "strength per mL, beside another" "20 mg; 20 mg / 1 mL" "$(row 9000031 5)"
same "strength from the component's name" "0.05 mg / 1 mg" "$(row 9000032 5)"
same "a unit that is not counted" "" "$(row 9000034 5)"
same "form" "topical gel" "$(row 9000032 6)"
holds "ingredients' strengths can be read" sh -c "! '$command' lint --format oneline | grep -i 'strengths of'"
cat >"$out/order.json" <<'JSON'
{"resourceType": "MedicationRequest", "id": "o1", "status": "draft", "intent": "order", "subject": {"reference": "Patient/demo"},
 "medicationCodeableConcept": {"coding": [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "9000033"}]}}
JSON
sed 's/9000033/197805/; s/"o1"/"m1"/; s/draft/active/' "$out/order.json" >"$out/taken.json"
jq -s '{resourceType: "Bundle", type: "collection", entry: [{resource: {resourceType: "Patient", id: "demo", birthDate: "1950-01-01", gender: "male"}}, {resource: .[0]}]}' \
	"$out/taken.json" >"$out/record.json"
says "a check knows the imported product" '[.alerts[] | select(.rule == "warfarin-nsaid")] | length == 1' \
	check "$out/record.json" --order "$out/order.json" --as-of 2026-03-01
before=$(cat "$kept"/tables/*.csv | sha256sum)
import rxnorm fixtures/rxnorm
same "the same files give the same bytes" "$before" "$(cat "$kept"/tables/*.csv | sha256sum)"

mkdir "$out/linked" "$out/elsewhere-tables"
ln -s "$out/elsewhere-tables" "$out/linked/tables"
echo "# mine" >"$out/linked/tables/analytes.csv"
import rxnorm fixtures/rxnorm --to "$out/linked"
holds "a linked folder stays linked, with what was in it" sh -c "[ -L '$out/linked/tables' ] && [ \$(ls '$out/elsewhere-tables' | wc -l) -eq 4 ]"
echo "# mine" >"$kept/tables/analytes.csv"
import rxnorm fixtures/rxnorm
holds "what else is in the folder stays" grep -q "# mine" "$kept/tables/analytes.csv"
holds "no twin of the folder is left" sh -c "[ \$(ls '$kept' | wc -l) -eq 1 ]"
rm "$kept/tables/analytes.csv"

broken() { # what is broken, a text of the error, a command that breaks the copy in $out/rrf
	rm -rf "$out/rrf"
	cp -R fixtures/rxnorm "$out/rrf"
	sh -c "cd '$out/rrf' && $3"
	does "$1" 3 "" "$2" knowledge import rxnorm "$out/rrf"
	same "$1: nothing changed" "$before" "$(cat "$kept"/tables/*.csv | sha256sum)"
}
does "no folder" 3 "" "There is no readable RXNCONSO.RRF" knowledge import rxnorm "$out/nowhere"
broken "names are missing" "There is no readable RXNCONSO.RRF" "rm RXNCONSO.RRF"
broken "relations are missing" "There is no readable RXNREL.RRF" "rm RXNREL.RRF"
broken "attributes are missing" "There is no readable RXNSAT.RRF" "rm RXNSAT.RRF"
broken "a line that was cut off" "RXNREL.RRF:52: The line does not have its 16 fields" "truncate -s -9 RXNREL.RRF"
broken "the last line without its end" "RXNSAT.RRF:6: " "truncate -s -1 RXNSAT.RRF"
broken "a field too many" "RXNCONSO.RRF:3: " "sed -i '3s/^/x|/' RXNCONSO.RRF"
broken "an empty file" "The file is empty" ": >RXNREL.RRF"
broken "no ingredients" "have no ingredients" "sed -i 's/|IN|/|XX|/' RXNCONSO.RRF"
# Half of a drug is worse than none.
rm -rf "$out/rrf"
cp -R fixtures/rxnorm "$out/rrf"
many() { # how many ingredients one product has
	cp fixtures/rxnorm/*.RRF "$out/rrf/"
	echo "9500000|ENG||||||1||||RXNORM|MIN|9500000|everything||N|4096|" >>"$out/rrf/RXNCONSO.RRF"
	for ((i = 1; i <= $1; i++)); do
		echo "$((9500000 + i))|ENG||||||1||||RXNORM|IN|$((9500000 + i))|part $i||N|4096|" >>"$out/rrf/RXNCONSO.RRF"
		echo "$((9500000 + i))||CUI|RO|9500000||CUI|has_part|1||RXNORM|||||4096|" >>"$out/rrf/RXNREL.RRF"
	done
}
many 256
does "a product of 256 parts" 0 "16 products" "" knowledge import rxnorm "$out/rrf" --to "$out/many"
same "has them all" 256 "$(grep '^9500000,' "$out/many/tables/products.csv" | cut -d, -f4 | wc -w)"
many 257
does "one of 257 parts is left out" 0 "15 products" "" knowledge import rxnorm "$out/rrf" --to "$out/many"
does "and counted" 0 "are left out: 2." "" knowledge import rxnorm "$out/rrf" --to "$out/many"
holds "and is nowhere" sh -c "! grep -q '^9500000,' '$out/many/tables/products.csv'"

# An import that is killed leaves all of the old tables or all of the new ones, and the next one is none the worse.
tables() { (cd "$out/killed/tables" && tail -q -n +2 code_map.rxnorm.csv ingredients.csv products.csv | grep -v '^#' | sha256sum); }
holds "what stops an import is built" "${CC:-cc}" -shared -fPIC -o "$out/stop.so" tests/imports/stop.c
import rxnorm "$out/rrf" --to "$out/killed"
new=$(tables)
import rxnorm fixtures/rxnorm --to "$out/killed"
old=$(tables)
[ "$old" != "$new" ] && ok || bad "the two releases differ"
stopped=0 olds=0 news=0
for ((i = 1; i <= 40; i++)); do
	(
		export STOP_AT=$i LD_PRELOAD="$out/stop.so" ASAN_OPTIONS="${ASAN_OPTIONS:-}:verify_asan_link_order=0"
		"$command" knowledge import rxnorm "$out/rrf" --to "$out/killed" >"$out/said" 2>&1
		exit $?
	) 2>"$out/errors"
	status=$? now=$(tables)
	case $now in "$old") olds=$((olds + 1)) ;; "$new") news=$((news + 1)) ;; *) bad "stopped at call $i: the tables are of two releases" ;; esac
	[ $status -eq 137 ] || break
	stopped=$((stopped + 1))
	import rxnorm fixtures/rxnorm --to "$out/killed"
	same "stopped at call $i: the next import" "$old" "$(tables)"
done
same "in the end it is not stopped" 0 $status
holds "what the stopped ones left in the folder is gone" sh -c "[ \$(ls '$out/killed/tables' | wc -l) -eq 3 ]"
holds "it was stopped before the exchange and after it ($stopped times, $olds old, $news new)" [ $olds -gt 3 -a $news -gt 1 ]

mkdir -p "$out/release/rrf"
cp fixtures/rxnorm/*.RRF "$out/release/rrf/"
does "the folder above rrf/" 0 "15 products" "" knowledge import rxnorm "$out/release" --to "$out/elsewhere"
does "a folder of one's own" 0 "rxnorm" "" knowledge list-imports --to "$out/elsewhere"
does "a folder that cannot be made" 6 "" "cannot be written" knowledge import rxnorm fixtures/rxnorm --to /proc/none

# ---- value sets and tables of sets -----------------------------------------------------------------
does "codes listed in a value set" 0 '"Site retinal photographs" has 3 codes' "" knowledge import valueset fixtures/imports/valueset-compose.json
does "an expansion" 0 '"SiteVaccines" has 2 codes' "" knowledge import valueset fixtures/imports/valueset-expansion.json
does "a name of one's own" 0 '"site jabs" has 2 codes' "" knowledge import valueset fixtures/imports/valueset-expansion.json --name "site jabs"
does "a filter needs its expansion" 3 "" "defined by a filter" knowledge import valueset fixtures/imports/valueset-filter.json
jq '.expansion.total = 9' fixtures/imports/valueset-expansion.json >"$out/page.json"
does "a page of an expansion" 3 "" "one page" knowledge import valueset "$out/page.json"
jq '.compose.exclude = [{"system": "http://snomed.info/sct"}]' fixtures/imports/valueset-compose.json >"$out/exclude.json"
does "excluded codes" 3 "" "excludes codes" knowledge import valueset "$out/exclude.json"
does "another resource" 3 "" "not a ValueSet" knowledge import valueset "$out/record.json"
head -c 100 fixtures/imports/valueset-compose.json >"$out/cut.json"
does "JSON that was cut off" 3 "" "not JSON" knowledge import valueset "$out/cut.json"
does "a name where none belongs" 2 "" "--name belongs" knowledge import rxnorm fixtures/rxnorm --name x
says "CPT of a value set" '.results[0].sets | index("Site retinal photographs") != null' lookup "cpt|99991"
says "a display with quotes" '.results[0].name == "retinal, \"quoted\", photograph"' lookup "snomed|99999001"
says "CVX" '.results[0].sets | index("SiteVaccines") != null' lookup "cvx|991"
says "HCPCS below it" '.results[0].sets | index("SiteVaccines") != null' lookup "hcpcs|G9991"
does "a table of sets" 0 "3 codes of sets" "" knowledge import sets fixtures/imports/site-sets.tsv
says "its systems by name" '.results[0].sets == ["Site eye exams"]' lookup "cpt|99993"
says "its systems by OID" '.results[0].sets == ["Site eye exams"]' lookup "snomed|99999002"
says "ICD-10-CM" '.results[0].sets | index("Site visits") != null' lookup "icd10cm|Z99.9"
tr '\t' ',' <fixtures/imports/site-sets.tsv >"$out/site.csv"
does "the same as CSV" 0 "3 codes of sets are imported, as sets-site" "" knowledge import sets "$out/site.csv"
printf 'name,system,code\na,loinc\n' >"$out/short.csv"
does "a line that is too short" 3 "" "short.csv:2: The line has another number of cells" knowledge import sets "$out/short.csv"
printf 'name,system,code\na,loinc,\n' >"$out/short.csv"
does "a line without its code" 3 "" "short.csv:2: The line has no code" knowledge import sets "$out/short.csv"
printf 'name,system,code\na,lionc,1-1\n' >"$out/short.csv"
does "an unknown system" 3 "" "no code system" knowledge import sets "$out/short.csv"
printf 'name,code\na,1-1\n' >"$out/short.csv"
does "no column of systems" 3 "" "no column \"system\"" knowledge import sets "$out/short.csv"
printf 'name,system,code\na,rxnorm,abc\n' >"$out/short.csv"
does "what is no RxNorm code" 3 "" "short.csv:2: \"abc\" is no RxNorm code" knowledge import sets "$out/short.csv"
printf 'name,system,code\na,icd10cm,12\n' >"$out/short.csv"
does "what is no ICD-10-CM code" 3 "" "short.csv:2: \"12\" is no ICD-10-CM code" knowledge import sets "$out/short.csv"
: >"$out/short.csv"
does "an empty file" 3 "" "is empty" knowledge import sets "$out/short.csv"
printf 'name,system,code\n' >"$out/short.csv"
does "a header alone" 3 "" "no rows" knowledge import sets "$out/short.csv"

# Memory that runs out, by every limit between a program that cannot begin and one that has enough: an error, and nothing changed.
starved() { # what, the table that it writes, arguments
	local name=$1 table="$out/starved/$2" ran_out=0 before status
	shift 2
	import "$@" --to "$out/starved"
	before=$(sha256sum <"$table")
	for ((limit = 18000; limit <= 60000; limit += 1000)); do
		{ (ulimit -v $limit && exec "$command" version) >/dev/null; } 2>/dev/null || continue # no room for libraries and stack
		(ulimit -v $limit && exec "$command" knowledge import "$@" --to "$out/starved") >"$out/said" 2>"$out/errors"
		status=$?
		case $status in
		5) ran_out=$((ran_out + 1)) ;;
		*) break ;;
		esac
		if [ "$before" = "$(sha256sum <"$table")" ] && [ "$(find "$out/starved" -name '*.import-*' | wc -l)" -eq 0 ]; then ok; else bad "$name: a limit of $limit kB changed something"; fi
	done
	same "$name: in the end there is enough memory" 0 $status
	holds "$name: there was a limit at which memory ran out" [ $ran_out -gt 0 ]
}
if (ulimit -v 200000 && "$command" version) >/dev/null 2>&1; then
	awk 'BEGIN { OFS = "\t"; print "name", "system", "code"; for (i = 0; i < 150000; i++) print "site set", "loinc", (10000 + i) "-" i % 10 }' >"$out/large.tsv"
	starved "a table of sets" sets/sets-large.csv sets "$out/large.tsv"
else
	echo "not run: imports without enough memory: a sanitizer's build does not run within a limit, the plain build does"
fi

# ---- local codes ---------------------------------------------------------------------------------------
does "local codes" 0 "2 local codes" "" knowledge import local-codes fixtures/imports/local-codes.csv
says "a local code is its LOINC code" '.results[0].sets | index("HbA1c") != null' lookup "http://lab.example.org/tests|A1C"
printf 'system,code,loinc\nhttp://lab.example.org/tests,A1C,4548\n' >"$out/local.csv"
does "what is no LOINC code" 3 "" "local.csv:2: \"4548\" is no LOINC code" knowledge import local-codes "$out/local.csv"
printf 'system,code,loinc\nhttp://lab.example.org/tests,A1C,4548-4\nhttp://lab.example.org/tests,A1C,4549-2\n' >"$out/local.csv"
does "a local code twice" 3 "" "local.csv:3: The code stands in an earlier line too" knowledge import local-codes "$out/local.csv"
cat >"$out/test.json" <<'JSON'
{"resourceType": "ServiceRequest", "id": "o2", "status": "draft", "intent": "order", "subject": {"reference": "Patient/demo"}, "occurrenceDateTime": "2026-03-01",
 "code": {"coding": [{"system": "http://lab.example.org/tests", "code": "A1C"}]}}
JSON
jq '.entry += [{resource: {resourceType: "Observation", id: "r1", status: "final", subject: {reference: "Patient/demo"}, effectiveDateTime: "2026-02-20",
  code: {coding: [{system: "http://loinc.org", code: "4548-4"}]}, valueQuantity: {value: 6.5, unit: "%", system: "http://unitsofmeasure.org", code: "%"}}}]' \
	"$out/record.json" >"$out/tested.json"
says "a local order repeats a LOINC result" '[.alerts[] | select(.kind == "duplicate_test")] | length == 1' \
	check "$out/tested.json" --order "$out/test.json" --as-of 2026-03-01

# ---- taking away ---------------------------------------------------------------------------------------
does "other arguments" 2 "" "Usage" knowledge list-imports x
does "nothing of that name" 2 "" "Nothing named" knowledge remove nonsense
does "no kind" 2 "" "needs what to import" knowledge import
does "another kind" 2 "" "does not know" knowledge import umls fixtures/rxnorm
for name in rxnorm local-codes sets-site sets-site-sets valueset-site-jabs valueset-sitevaccines valueset-site-retinal-photographs; do
	does "$name is taken away" 0 "is removed" "" knowledge remove $name
done
does "and nothing is left" 0 "Nothing is imported" "" knowledge list-imports
does "nor known" 1 "" "is not known" lookup 9000030

echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
