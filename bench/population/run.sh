#!/usr/bin/env bash
# Ten screenings over a generated population: Vigil's store beside DuckDB and SQLite, the same answers, interleaved.
#
#     bench/population/run.sh [PATIENTS] [ROUNDS]      100,000 patients of 100 facts, 5 rounds by default
#
# Prints medians and ratios of the time that the counting takes on one core, with the start of the command and without;
# loading is printed beside.  A time counts only when every patient, screening, status and due date is the same.  What
# cannot run here is named.
set -euo pipefail
cd "$(dirname "$0")/../.."
patients=${1:-100000} rounds=${2:-5}
out=build/bench/population-$patients
mkdir -p "$out"
here=bench/population
day=2026-03-01
${CC:-cc} -std=c11 -O2 "$here/generate.c" -o build/bench/generate
[ -s "$out/facts.csv" ] || build/bench/generate "$out" "$patients"
export VIGIL_CACHE="$PWD/$out/cache.db"
rules=(--no-starter --rules "$here/pack" --as-of "$day")
megabytes=$(($(stat -c %s "$out/bundles.ndjson") / 1000000))

seconds() { # what a command takes, in seconds; its output goes to $out/log
	local before
	before=$(date +%s%N)
	"$@" >"$out/log" 2>&1 || { cat "$out/log"; return 1; }
	echo $((($(date +%s%N) - before) / 1000000)) | awk '{printf "%.3f\n", $1 / 1000}'
}
parts() { # the same as real, user and system seconds
	local TIMEFORMAT='%R %U %S'
	{ time "$@" >"$out/log" 2>&1; } 2>&1 || { cat "$out/log"; return 1; }
}
median() { sort -n "$1" | awk '{a[NR] = $1} END {print a[int((NR + 1) / 2)]}'; }

echo "== $patients generated patients, $megabytes MB of FHIR"
for jobs in 1 2; do
	rm -rf "$out/population.db" "$out/population.db.import"
	taken=$(parts ./vigil import "$out/population.db" "$out/bundles.ndjson" --jobs $jobs)
	awk -v m="$megabytes" -v t="$taken" -v j=$jobs 'BEGIN {split(t, s, " "); c = s[2] + s[3]
		printf "   import, %d thread(s): %.1f s, %.0f MB/s; %.1f s of work, %.0f MB/s a core (aim: 150)\n", j, s[1], m / s[1], c, m / c}'
done
ls -l "$out/population.db" | awk -v n="$patients" '{printf "   store: %.0f MB, %.0f bytes a patient\n", $5 / 1e6, $5 / n}'

# The same answers first.
./vigil scan "$out/population.db" "${rules[@]}" --format csv 2>/dev/null |
	awk -F, 'NR > 1 {sub(/.*p/, "", $1); gsub("-", "", $4); print $1 "," $2 "," $3 "," $4}' | LC_ALL=C sort >"$out/vigil.csv"
peers=()
if command -v npm >/dev/null && { [ -d build/bench/duckdb/node_modules ] || { mkdir -p build/bench/duckdb && npm install --prefix build/bench/duckdb --silent --no-audit --no-fund @duckdb/node-api >/dev/null 2>&1; }; }; then
	cp "$here/duckdb.mjs" build/bench/duckdb/
	duckdb() { node build/bench/duckdb/duckdb.mjs "$out" "$here/screenings.sql" "$@"; }
	duckdb 1 1 "$out/duckdb.rows" >"$out/log"
	peers+=(duckdb)
else
	echo "   DuckDB is not here (npm): not compared"
fi
if command -v sqlite3 >/dev/null; then
	if [ ! -e "$out/peers.sqlite" ]; then
		sqlite3 "$out/peers.sqlite" >/dev/null <<-SQL
			PRAGMA page_size = 16384; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
			CREATE TABLE raw(patient INTEGER, kind, code TEXT, date INTEGER);
			CREATE TABLE patients(patient INTEGER PRIMARY KEY, birth INTEGER, sex TEXT);
			.mode csv
			.import --skip 1 $out/patients.csv patients
			.import --skip 1 $out/facts.csv raw
			CREATE TABLE codes(id INTEGER PRIMARY KEY, code TEXT UNIQUE);
			INSERT INTO codes(code) SELECT DISTINCT code FROM raw;
			CREATE TABLE facts(code INTEGER, patient INTEGER, date INTEGER);
			INSERT INTO facts SELECT c.id, r.patient, r.date FROM raw r JOIN codes c USING (code);
			DROP TABLE raw;
			CREATE INDEX facts_code ON facts(code, patient, date);
			ANALYZE; VACUUM;
		SQL
	fi
	status="CASE WHEN due < 20260301 THEN 'overdue' WHEN due <= 20260430 THEN 'due_soon' ELSE 'up_to_date' END"
	sqlite() { { echo "PRAGMA mmap_size = 10000000000; PRAGMA cache_size = -500000;"; cat "$here/screenings.sql"; echo "$1"; } | sqlite3 -csv "$out/peers.sqlite"; }
	sqlite "SELECT patient, screening, $status, CASE WHEN due > 30000000 THEN NULL ELSE due END FROM rows_due;" | sed 1d >"$out/sqlite.rows"
	peers+=(sqlite)
else
	echo "   sqlite3 is not here: not compared"
fi
for peer in "${peers[@]}"; do
	tr -d '"\r' <"$out/$peer.rows" | LC_ALL=C sort >"$out/$peer.csv"
	if ! cmp -s "$out/$peer.csv" "$out/vigil.csv"; then
		echo "   $peer gives other answers than Vigil: no times are compared"
		diff "$out/$peer.csv" "$out/vigil.csv" | head -n 10
		exit 1
	fi
done
echo "   $(wc -l <"$out/vigil.csv") rows of patient, screening, status and due date: the same from vigil${peers[*]:+, ${peers[*]}}"

rm -f "$out"/time.*
for _ in $(seq "$rounds"); do
	seconds ./vigil scan "$out/population.db" "${rules[@]}" --jobs 1 --quick >>"$out/time.vigil"
	seconds ./vigil scan "$out/population.db" "${rules[@]}" --jobs 2 --quick >>"$out/time.vigil-2"
	seconds ./vigil scan "$out/population.db" "${rules[@]}" --jobs 1 --quick --shard "1/$patients" >>"$out/time.start"
	for peer in "${peers[@]}"; do
		case $peer in
		duckdb) duckdb 1 3 | sed -n "s/^seconds //p" | tail -n 1 >>"$out/time.duckdb" ;; # warm: the third in one process
		sqlite) seconds sqlite "SELECT screening, $status, count(*) FROM rows_due GROUP BY 1, 2;" >>"$out/time.sqlite" ;;
		esac
	done
	seconds ./vigil scan - "${rules[@]}" --jobs 1 --quick <"$out/bundles.ndjson" >>"$out/time.ndjson"
done
own=$(median "$out/time.vigil")
for name in vigil vigil-2 "${peers[@]}"; do
	median "$out/time.$name" | awk -v n="$name" -v own="$own" -v p="$patients" '{printf "   %-10s median %7.3f s, %9.0f patients a second for ten screenings (%.2f x of vigil on one core)\n", n, $1, p / $1, own / $1}'
done
start=$(median "$out/time.start") two=$(median "$out/time.vigil-2")
awk -v s="$start" -v own="$own" -v two="$two" -v p="$patients" 'BEGIN {
	printf "   start of the command %.3f s; without it vigil %9.0f patients a second, with two jobs %9.0f (%.2f x)\n", s, p / (own - s), p / (two - s), (own - s) / (two - s)}'
median "$out/time.ndjson" | awk -v m="$megabytes" -v p="$patients" '{printf "   from NDJSON median %.1f s, %.0f MB/s, %.0f patients a second on one core (aim: 450 MB/s)\n", $1, m / $1, p / $1}'
