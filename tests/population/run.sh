#!/usr/bin/env bash
# `vigil scan` over many records: the same bytes whatever the threads, files and
# parts; a bad record in its place; an output that is whole or goes on.
set -uo pipefail
. tests/support/wait.sh
passed=0 failed=0 skipped=0
command=$(realpath "${COMMAND:-./vigil}")
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
export VIGIL_CACHE="$out/cache.db" HOME="$out" TERM=dumb LC_ALL=C
unset XDG_CACHE_HOME XDG_DATA_HOME NO_COLOR TZ
[ -e "$(dirname "$command")/rules" ] || ln -s "$PWD/rules" "$(dirname "$command")/rules"
day="--as-of 2026-03-01"

ok() { passed=$((passed + 1)); }
bad() {
	failed=$((failed + 1))
	echo "FAILED $*"
	head -c 800 "$out/err" 2>/dev/null | sed 's/^/    err: /'
}
skip() {
	skipped=$((skipped + 1))
	echo "skipped: $*"
}
same() { if cmp -s "$2" "$3"; then ok; else bad "$1: $(cmp "$2" "$3" 2>&1 | head -n 1)"; fi; }
scan() { "$command" scan "$@" $day 2>"$out/err"; }
status() { # what, the status wanted, a text of standard error, then the arguments of scan
	local name=$1 wanted=$2 text=$3 got=0
	shift 3
	scan "$@" >"$out/stdout" || got=$?
	if [ $got -ne "$wanted" ]; then
		bad "$name: status $got instead of $wanted"
	elif [ -n "$text" ] && ! grep -qF -- "$text" "$out/err"; then
		bad "$name: \"$text\" is not told"
	else
		ok
	fi
}
holds() { # what, a jq filter over all lines, a file
	if jq -s -e "$2" "$3" >/dev/null 2>"$out/err"; then ok; else bad "$1: not so: $2"; fi
}

# ---- a small population: the records of the cases, two patients each, nobody twice ----
mkdir "$out/files" "$out/mixed"
own='foreach inputs as $record (0; . + 1; "-\($copy)-\(.)" as $suffix | $record
  | ([.. | objects | select(.resourceType? == "Patient") | .id] | first) as $id
  | walk(if type == "object" and .resourceType? == "Patient" then .id += $suffix elif type == "string" and endswith("Patient/" + $id) then . + $suffix else . end))'
for copy in 1 2; do
	jq -n -c --arg copy $copy "$own" $(grep -L '"hook"' fixtures/cases/*/record.json) | split -l 1 -a 3 -d --additional-suffix=.json - "$out/files/$copy-"
done
number=$(ls "$out/files" | wc -l)
cat "$out"/files/*.json >"$out/all.ndjson"
gzip -c "$out/all.ndjson" >"$out/mixed/a.ndjson.gz"
if command -v zstd >/dev/null; then zstd -q -c "$out/all.ndjson" >"$out/b.ndjson.zst"; fi
scan - --format ndjson <"$out/all.ndjson" >"$out/ndjson"
scan - --format csv <"$out/all.ndjson" >"$out/csv"
[ "$(wc -l <"$out/ndjson")" -eq $number ] && ok || bad "a line in, a line out"

# ---- check and scan say the same ------------------------------------------------------
line=0
for record in "$out"/files/*.json; do
	line=$((line + 1))
	[ $((line % 20)) -eq 0 ] || continue
	"$command" check "$record" $day --format json >"$out/one" 2>"$out/err"
	sed -n ${line}p "$out/ndjson" >"$out/other"
	same "check and scan of $(basename "$record")" "$out/one" "$out/other"
done
jq -r 'select(.screenings) | .patient as $p | .screenings[] | [$p, .rule, .status, .due // "", .overdue_since // "", .last_done.date // ""] | join(",")' \
	"$out/ndjson" >"$out/one"
tail -n +2 "$out/csv" | cut -d, -f1-6 >"$out/other"
same "CSV says what the documents say" "$out/one" "$out/other"
[ "$(head -n 1 "$out/csv")" = "patient,rule,status,due,overdue_since,last_done,reason" ] && ok || bad "the columns of CSV"
scan - --format csv --alerts <"$out/all.ndjson" >"$out/alerts"
[ "$(head -n 1 "$out/alerts")" = "patient,rule,kind,severity,summary,evidence" ] && [ "$(wc -l <"$out/alerts")" -gt 10 ] && ok || bad "alerts as CSV"
scan - --format ndjson --alerts <"$out/all.ndjson" | jq -r 'select(.alerts) | .patient as $p | .alerts[] | [$p, .rule, .kind, .severity] | join(",")' >"$out/one"
tail -n +2 "$out/alerts" | cut -d, -f1-4 >"$out/other"
same "alerts in CSV are those of the documents" "$out/one" "$out/other"

# ---- the same bytes whatever the threads, the files and the parts ------------------------
for format in csv ndjson fhir table; do
	scan - --format $format --jobs 1 <"$out/all.ndjson" >"$out/one"
	for jobs in 2 5; do
		scan - --format $format --jobs $jobs <"$out/all.ndjson" >"$out/other"
		same "$format with $jobs threads" "$out/one" "$out/other"
	done
done
scan "$out/files" --format csv --jobs 3 >"$out/other"
same "a Bundle a file" "$out/csv" "$out/other"
scan "$out/mixed" --format csv >"$out/other"
same "gzip" "$out/csv" "$out/other"
if [ -e "$out/b.ndjson.zst" ]; then
	scan "$out/b.ndjson.zst" --format csv >"$out/other"
	same "zstd" "$out/csv" "$out/other"
else
	skip "there is no zstd to pack a file with"
fi
for part in 1 2 3; do scan - --format ndjson --shard $part/3 <"$out/all.ndjson" >"$out/part$part"; done
paste -d '\n' "$out"/part? | sed '/^$/d' >"$out/other"
same "three parts dealt out line by line" "$out/ndjson" "$out/other"
for part in 1 2 3; do scan - --format csv --shard $part/3 <"$out/all.ndjson" >"$out/part$part"; done
[ "$(cat "$out"/part? | grep -c ^patient,rule)" -eq 1 ] && ok || bad "one part of CSV has the columns"
sort "$out/csv" >"$out/one"
sort "$out"/part? >"$out/other"
same "three parts of CSV are all rows" "$out/one" "$out/other"
split -n l/4 "$out/all.ndjson" "$out/piece."
for piece in "$out"/piece.*; do scan - --format ndjson <"$piece"; done >"$out/other"
same "pieces of the input one after the other" "$out/ndjson" "$out/other"

# ---- a store: the same answers, in the store's order; parts one after the other are the whole -----
if "$command" import "$out/clinic.db" "$out/all.ndjson" >"$out/stdout" 2>"$out/err"; then ok; else bad "importing"; fi
for format in csv ndjson fhir; do
	scan "$out/clinic.db" --format $format --jobs 1 >"$out/one"
	scan "$out/clinic.db" --format $format --jobs 3 >"$out/other"
	same "a store with 3 threads, $format" "$out/one" "$out/other"
	for part in 1 2 3; do scan "$out/clinic.db" --format $format --shard $part/3; done >"$out/parts"
	if [ $format = fhir ]; then
		grep -vE '^."resourceType":"(List|Group|MeasureReport)"' "$out/one" >"$out/other" # these are of each part
		grep -vE '^."resourceType":"(List|Group|MeasureReport)"' "$out/parts" >"$out/part1" && mv "$out/part1" "$out/parts"
	fi
	same "three parts of a store, $format" "$out/other" "$out/parts"
	scan - --format $format <"$out/all.ndjson" | sort >"$out/one"
	sort "$out/other" >"$out/parts"
	[ $format = fhir ] && { grep -vE '^."resourceType":"(List|Group|MeasureReport)"' "$out/one" >"$out/part1"; mv "$out/part1" "$out/one"; }
	same "store and lines, $format" "$out/one" "$out/parts"
done
scan - --format table --forecast <"$out/all.ndjson" >"$out/one"
scan "$out/clinic.db" --format table --forecast >"$out/other"
same "store and lines, table" "$out/one" "$out/other"
scan "$out/clinic.db" --format table --shard 2/3 >"$out/part2"
grep -qx 'Part 2 of 3 of the population, as of 2026-03-01; sums of parts are not those of the whole' "$out/part2" && ok || bad "the table of a part says so"
scan "$out/clinic.db" --format table --quick | sed '1,/^Screenings/d' >"$out/other"
scan - --format table <"$out/all.ndjson" | sed '1,/^Screenings/d' >"$out/one"
same "--quick says the same of the screenings" "$out/one" "$out/other"
if command -v sqlite3 >/dev/null; then
	cp "$out/clinic.db" "$out/lost.db"
	sqlite3 "$out/lost.db" 'DELETE FROM patient WHERE number = (SELECT max(number) FROM patient)'
	for format in csv ndjson table fhir; do
		status "a store that has lost a patient, $format" 3 "rows are missing" "$out/lost.db" --format $format --alerts
	done
	status "a shard that has lost a patient" 3 "rows are missing" "$out/lost.db" --format csv --shard 3/3 --jobs 2
	status "a shard that has lost nobody" 0 "" "$out/lost.db" --format csv --shard 1/3
else
	skip "sqlite3 is not here: no patient is taken out of a store"
fi
# Every release opens what earlier ones of its major version wrote, answers as they did, and imports into it.
for stored in fixtures/population/store-*.db.gz; do
	gzip -dc "$stored" >"$out/stored.db"
	scan "$out/stored.db" --no-starter --rules bench/population/pack --format csv | cut -d, -f1-6 >"$out/one"
	same "$(basename "$stored")" "${stored%.db.gz}.csv" "$out/one"
	echo '{"resourceType":"Medication","id":"later","code":{"text":"Something else"}}' >"$out/later.ndjson"
	"$command" import "$out/stored.db" "$out/later.ndjson" --format json >"$out/imported" 2>"$out/err"
	holds "an import into $(basename "$stored") finds who waits for a Medication" '.[0] | .changed == 1 and .added == 0 and .patients == 14' "$out/imported"
	scan "$out/stored.db" --no-starter --rules bench/population/pack --format csv | cut -d, -f1-6 >"$out/other"
	same "$(basename "$stored") after an import" "$out/one" "$out/other"
done
head -c 20000 "$out/clinic.db" >"$out/broken.db"
status "a damaged store" 3 "" "$out/broken.db" --format csv
status "a store that is not there" 3 "$out/none.db" "$out/none.db" --format csv

# ---- a pure filter: an answer for each line as soon as it has come -------------------------
coproc filter { "$command" scan - $day --format ndjson 2>/dev/null; }
got=0
for n in 1 2 3; do
	sed -n ${n}p "$out/all.ndjson" >&"${filter[1]}"
	if IFS= read -r -t 20 answer <&"${filter[0]}" && [ "$answer" = "$(sed -n ${n}p "$out/ndjson")" ]; then got=$((got + 1)); fi
done
pid=$filter_PID
exec {filter[1]}>&-
wait "$pid" && [ $got -eq 3 ] && ok || bad "each line is answered before the next is written: $got of 3"

# ---- bad records ---------------------------------------------------------------------------
{
	sed -n 1,2p "$out/all.ndjson"
	echo '{"resourceType": "Bundle", "entry": ['
	echo
	sed -n 3p "$out/all.ndjson"
	echo '{"resourceType": "Patient", "id": "alone"}'
	echo '{"resourceType": "Observation", "id": "o", "status": "final"}'
	printf '\xff\xfe\n'
	sed -n 4p "$out/all.ndjson"
} >"$out/bad.ndjson"
status "bad lines" 3 "line 3: " - --format ndjson <"$out/bad.ndjson"
holds "a bad line is answered in its place" 'length == 8 and (map(.line) == [null, null, 3, null, 6, 7, 8, null]) and all(.[2, 4, 5, 6]; .error | length > 10)' "$out/stdout"
jq -c 'select(.schema)' "$out/stdout" >"$out/one"
head -n 4 "$out/ndjson" >"$out/other"
same "the others are answered" "$out/one" "$out/other"
status "bad lines in CSV" 3 "" - --format csv <"$out/bad.ndjson"
[ "$(grep -c ',,error,,,,.*line [3678]: ' "$out/stdout")" -eq 4 ] && ok || bad "rows for the bad lines"
status "bad lines in the table" 3 "" - --format table <"$out/bad.ndjson"
grep -q '^ *4 .*records that could not be read' "$out/stdout" && ok || bad "the table counts them"
status "bad lines in FHIR" 3 "" - --format fhir <"$out/bad.ndjson"
holds "an OperationOutcome each" 'map(select(.resourceType == "OperationOutcome" and .issue[0].severity == "error" and .issue[0].code == "structure")) | length == 4' "$out/stdout"
head -c 3000 "$out/mixed/a.ndjson.gz" >"$out/cut.ndjson.gz"
status "a file that breaks off" 3 "ends in the middle" "$out/cut.ndjson.gz" --format csv
status "a file that is not there" 3 "$out/none.ndjson" "$out/none.ndjson" --format csv
mkdir "$out/empty"
status "a folder without records" 3 "holds no file of records" "$out/empty"

# ---- usage ------------------------------------------------------------------------------------
status "an unknown rule" 2 "olorectal-cancer" - --only colorectal-cancr </dev/null
status "a rule that is no screening" 2 "is not a screening" - --only warfarin-nsaid --format csv </dev/null
status "parts" 2 "--shard" - --shard 3/2 </dev/null
status "threads" 2 "--jobs" - --jobs 0 </dev/null
status "going on without a file" 2 "needs --out" - --resume </dev/null
status "a sum cannot go on" 2 "cannot go on" - --resume --out "$out/x" --format table </dev/null
status "changes of alerts" 2 "--since does not go" - --since "$out/csv" --alerts </dev/null
status "hiding without a report" 2 "Add --report" - --suppress-below 5 </dev/null
scan - --format csv --only colorectal-cancer,hiv <"$out/all.ndjson" >"$out/other"
{ head -n 1 "$out/csv" && grep -E '^[^,]*,(colorectal-cancer|hiv),' "$out/csv"; } >"$out/one"
same "--only" "$out/one" "$out/other"
scan - --format csv --not-supplied procedures --not-supplied results <"$out/all.ndjson" >"$out/other"
grep -q ',colorectal-cancer,indeterminate,' "$out/other" && ok || bad "sections that are not supplied"

# ---- outputs that cannot be written, files that are whole ------------------------------------------
scan - --format csv <"$out/all.ndjson" >/dev/full
[ $? -eq 6 ] && grep -q "cannot be written: No space left" "$out/err" && ok || bad "standard output on a full disk"
{
	scan - --format ndjson --alerts <"$out/all.ndjson"
	echo $? >"$out/status"
} | head -n 1 >/dev/null
[ "$(cat "$out/status")" -eq 6 ] && ok || bad "a reader who went away: $(cat "$out/status")"
(
	ulimit -f 8
	trap '' XFSZ
	scan - --format ndjson --out "$out/short" <"$out/all.ndjson"
)
[ $? -eq 6 ] && [ ! -e "$out/short" ] && grep -q "go on with --resume" "$out/err" && ok || bad "a file that cannot grow"
scan - --format ndjson --out "$out/short" --resume <"$out/all.ndjson" || bad "going on when there is room"
same "going on when there is room" "$out/ndjson" "$out/short"
[ ! -e "$out/short.part" ] && [ ! -e "$out/short.place" ] && ok || bad "nothing is left beside a whole file"
status "a folder that is not there" 6 "cannot be written" - --format csv --out "$out/nowhere/x" <"$out/all.ndjson"
scan - --format table --out "$out/table" <"$out/all.ndjson"
scan - --format table <"$out/all.ndjson" >"$out/one"
same "the table in a file" "$out/one" "$out/table"

# ---- killed, and gone on with ---------------------------------------------------------------------
killed() { # format, how many threads: everything behind the place noted last is done again
	local format=$1 jobs=$2 file="$out/killed.$1" pid line=30 size
	mkfifo "$out/pipe"
	"$command" scan - $day --format "$format" --jobs "$jobs" --out "$file" <"$out/pipe" 2>"$out/err" &
	pid=$!
	exec 9>"$out/pipe"
	sed -n 1,30p "$out/all.ndjson" >&9
	wait_for test -s "$file.part"
	while [ ! -e "$file.place" ] && [ $line -lt $((number - 20)) ]; do # it is noted after two seconds, when a line ends
		sleep 0.2
		line=$((line + 1))
		sed -n ${line}p "$out/all.ndjson" >&9
	done
	size=$(stat -c %s "$file.part")
	sed -n "$((line + 1)),$((line + 10))p" "$out/all.ndjson" >&9
	wait_for eval '[ "$(stat -c %s "$file.part")" -gt "$size" ]'
	kill -9 $pid
	wait $pid 2>/dev/null
	exec 9>&-
	rm "$out/pipe"
	[ -e "$file.place" ] && [ ! -e "$file" ] && [ -s "$file.part" ] && ok || bad "a killed run leaves its part and its place"
	status "another question" 2 "another question" - --format "$format" --out "$file" --resume --all <"$out/all.ndjson"
	cut -d' ' -f5 "$file.place" >"$out/line"
	[ "$(cat "$out/line")" -ge 1 ] && ok || bad "the place is known: line $(cat "$out/line")"
	# What stands before the place is not read again: another text there changes nothing.
	{
		yes nonsense | head -n "$(cat "$out/line")"
		tail -n "+$(($(cat "$out/line") + 1))" "$out/all.ndjson"
	} >"$out/again"
	scan - --format "$format" --out "$file" --resume --jobs "$jobs" <"$out/again" || bad "going on"
	same "a killed run that was gone on with, $format" "$out/$format" "$file"
}
killed ndjson 1
killed csv 2

# ---- what has changed, what is to come ----------------------------------------------------------------
"$command" scan - --as-of 2024-03-01 --format csv <"$out/all.ndjson" >"$out/before.csv" 2>"$out/err"
"$command" scan - --as-of 2024-03-01 --format ndjson <"$out/all.ndjson" >"$out/before.ndjson" 2>"$out/err"
scan - --format csv --since "$out/before.csv" <"$out/all.ndjson" >"$out/one"
scan - --format csv --since "$out/before.ndjson" <"$out/all.ndjson" >"$out/other"
same "an earlier result as CSV and as NDJSON" "$out/one" "$out/other"
[ "$(head -n 1 "$out/one")" = "patient,rule,change,before,status,due,overdue_since,last_done,reason" ] && grep -q ',newly_overdue,' "$out/one" && ok || bad "changes as CSV"
scan - --format csv --since "$out/csv" <"$out/all.ndjson" >"$out/other"
[ "$(wc -l <"$out/other")" -eq 1 ] && ok || bad "nothing has changed since the same day: $(wc -l <"$out/other")"
scan - --format ndjson --since "$out/before.csv" <"$out/all.ndjson" >"$out/other"
holds "changes as documents" "length == $number and all(.schema == \"vigil.changes/1\")" "$out/other"
[ "$(jq '.changes | length' "$out/other" | paste -sd+ | bc)" -eq $(($(wc -l <"$out/one") - 1)) ] && ok || bad "as many changes as rows"
scan - --format table --since "$out/before.csv" --forecast <"$out/all.ndjson" >"$out/table"
newly=$(grep -c ',newly_overdue,' "$out/one")
sums=$(awk '/^Since the earlier/ {on = 1; next} on && /^$/ {on = 0} on {print $2}' "$out/table" | grep -E '^[0-9]+$' | paste -sd+ | bc)
[ "$newly" -eq "$sums" ] && ok || bad "the table's sums: $sums of $newly"
head -n 20 "$out/all.ndjson" | scan - --format table --since "$out/before.csv" >"$out/other"
grep -q "belong to patients or rules that are not here" "$out/other" && ok || bad "who is not here any more is told"
# The forecast is what scans of the coming days say: due in a month is due on its last day and was not due before.
"$command" scan - --as-of 2027-03-01 --format csv <"$out/all.ndjson" 2>"$out/err" |
	awk -F, '($3 == "overdue" || $3 == "due_soon") && $4 > "2027-02-01" && $4 <= "2027-03-01"' | wc -l >"$out/one"
awk '/^Falling due/ {on = 1; next} on && /^$/ {on = 0} on {print $13}' "$out/table" | grep -E '^[0-9]+$' | paste -sd+ | bc >"$out/other"
same "the forecast of the twelfth month" "$out/one" "$out/other"
mkdir -p "$out/policy"
cat >"$out/policy/pack.lua" <<'LUA'
pack { name = "later", version = "1.0.0", publisher = "tests", language = "1" }
LUA
cat >"$out/policy/colorectal.lua" <<'LUA'
screening "colorectal-cancer" {
  title = "Colorectal cancer screening from 70",
  status = "active", owner = "tests", review_by = "2027-09-01",
  evidence = { title = "A policy to try", url = "https://example.org", publisher = "tests", year = 2026 },
  for_patients = { age_between("70 years", "75 years") },
  satisfied_by = { done "colonoscopy" :every "10 years" },
  remind = "A colonoscopy is due.",
}
example "due" { today = "2026-03-01", given = { age "72 years" }, expect = { "colorectal-cancer" } }
example "not due" { today = "2026-03-01", given = { age "47 years" }, expect_only = { } }
example "unknown" { today = "2026-03-01", given = { age "72 years", no_information "procedures" }, expect = { indeterminate "colorectal-cancer" } }
LUA
scan - --format csv --since "$out/csv" --rules "$out/policy" --only colorectal-cancer <"$out/all.ndjson" >"$out/one" || bad "a policy to try"
grep -q ',colorectal-cancer,dropped,overdue,not_applicable,' "$out/one" && ok || bad "a policy to try: who would no longer be meant"

# ---- FHIR ------------------------------------------------------------------------------------------------
scan - --format fhir --alerts <"$out/all.ndjson" >"$out/fhir"
holds "every line is a resource" 'all(.resourceType | IN("CommunicationRequest", "DetectedIssue", "List", "Group", "MeasureReport"))' "$out/fhir"
holds "outreach" '[.[] | select(.resourceType == "CommunicationRequest")] | length > 10 and all(.status == "draft" and (.subject.reference | startswith("Patient/")) and (.payload | length > 0) and all(.payload[]; .contentString | length > 10))' "$out/fhir"
holds "issues" '[.[] | select(.resourceType == "DetectedIssue")] | length > 10 and all(.status == "preliminary" and (.severity | IN("high", "moderate", "low")) and .patient.reference and .code.text and (.identifiedDateTime == "2026-03-01"))' "$out/fhir"
holds "lists" '[.[] | select(.resourceType == "List")] | length > 5 and all(.status == "current" and .mode == "snapshot" and (.id | test("^[A-Za-z0-9.-]{1,64}$")) and all(.entry[]?; .item.reference))' "$out/fhir"
holds "groups of whom the lists name" '[.[] | select(.resourceType == "Group")] as $groups | [.[] | select(.resourceType == "List")] | length > 5 and [.[] | [.id, [.entry[]?.item]]] == ($groups | map([.id, [.member[]?.entity]]))
  and ($groups | all(.type == "person" and .actual == true and .name and .quantity == (.member // [] | length)))' "$out/fhir"
holds "reports" '[.[] | select(.resourceType == "MeasureReport")] | length > 5 and all(.status == "complete" and .type == "subject-list" and .measure and .period.start and .period.end and all(.group[].population[]; .count >= 0 and (.code.coding or .code.text)))' "$out/fhir"
holds "a list has as many entries as its report counts" '([.[] | select(.resourceType == "List") | {key: ("List/" + .id), value: (.entry // [] | length)}] | from_entries) as $lists
  | [.[] | select(.resourceType == "MeasureReport") | .group[].population[] | select(.subjectResults)] | length > 5 and all($lists[.subjectResults.reference] == .count)' "$out/fhir"
scan - --format csv <"$out/all.ndjson" | awk -F, '$3 == "overdue" || $3 == "due_soon"' | wc -l >"$out/one"
jq -s '[.[] | select(.resourceType == "List") | .entry // [] | length] | add' "$out/fhir" >"$out/other"
same "the lists name whom CSV names" "$out/one" "$out/other"

# ---- the report ------------------------------------------------------------------------------------------
status "a report" 0 "" - --report "$out/report.html" --format csv <"$out/all.ndjson"
same "and the rows beside it" "$out/csv" "$out/stdout"
[ "$(grep -ciE '(src|href)=|@import|url\(|<script|<link' "$out/report.html")" -eq 0 ] && ok || bad "the page needs something else"
grep -q 'lang="en"' "$out/report.html" && grep -q 'role="img" aria-label="' "$out/report.html" && ok || bad "the page can be read aloud"
small=$(grep -oE '(<td>|<b>|class="value"[^>]*>)[0-9,]+(<|$)' "$out/report.html" | grep -oE '[0-9,]+' | grep -cxE '[1-9]|10')
[ "$small" -le 1 ] && ok || bad "$small small numbers are shown" # the number of records that could not be read is not of people
status "a report that hides nothing" 0 "" - --report "$out/open.html" --suppress-below 1 --format csv <"$out/all.ndjson"
grep -q '•</td>' "$out/report.html" && ! grep -q '•</td>' "$out/open.html" && ok || bad "small numbers are hidden unless nothing is to be"
status "a page that cannot be written" 6 "cannot be written" - --report "$out/nowhere/x.html" --format csv <"$out/all.ndjson"
! grep -q "Testname\|family" "$out/report.html" "$out/csv" "$out/table" && ok || bad "nobody is named"

# ---- progress: on a terminal, after two seconds -----------------------------------------------------------
if command -v script >/dev/null; then
	bar() { grep -q "Scanning .*patients, [0-9]* a second" "$out/typescript"; }
	another() { # the same patient again, until there is a bar
		head -n 1 "$out/all.ndjson"
		bar
	}
	: >"$out/typescript"
	mkfifo "$out/pipe"
	wait_for another >"$out/pipe" &
	script -qfec "$command scan - $day --format csv <$out/pipe >$out/rows" "$out/typescript" </dev/null >/dev/null 2>&1
	wait
	bar && ok || bad "a progress bar on a terminal"
else
	skip "there is no script(1) to make a terminal with"
fi
scan - --format csv <"$out/all.ndjson" >/dev/null
[ ! -s "$out/err" ] && ok || bad "nothing on standard error without a terminal"

# ---- no locale, no zone ------------------------------------------------------------------------------------
TZ=Pacific/Kiritimati LC_ALL=de_DE.UTF-8 "$command" scan - $day --format csv <"$out/all.ndjson" >"$out/other" 2>"$out/err"
same "another zone and locale" "$out/csv" "$out/other"

echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
