#!/usr/bin/env bash
# Measures Vigil beside programs that a user could pick instead, interleaved in
# one run, and prints medians and ratios.  What cannot run here is named.
#
#     bench/run.sh [ROUNDS]        SECONDS_EACH=2 by default
set -euo pipefail
cd "$(dirname "$0")/.."
rounds=${1:-5}
export MINSEC=${SECONDS_EACH:-2} TZ=UTC
out=build/bench
mkdir -p "$out"
cc="${CC:-cc} -std=c11 -O2 -D_GNU_SOURCE -Iinclude -Iengine"
libs="build/libvigil.a $(pkg-config --libs lua5.4 sqlite3 libcjson nettle libxxhash) -lunistring -lm -lpthread"
$cc bench/peers.c -o "$out/peers" $libs

echo "== start of the command: starter pack, one record, one order (whole process, warm cache)"
export VIGIL_CACHE="$PWD/$out/cache.db"
check() { ./vigil check fixtures/demo/record.json --order fixtures/demo/order-ibuprofen.json --as-of 2026-03-01 --format json >"$out/answer.json"; }
check
for _ in $(seq 15); do
	before=$(date +%s%N)
	check
	echo $((($(date +%s%N) - before) / 1000))
done | sort -n | awk '{a[NR] = $1} END {printf "   vigil check: median %.1f ms, min %.1f ms (aim: 50 ms)\n", a[int((NR + 1) / 2)] / 1000, a[1] / 1000}'

products=${PRODUCTS:-20000} rows=${ROWS:-20000} # a site's size: PRODUCTS=300000 ROWS=1000000
echo "== a generated pack of $products products and $rows interaction rows: compiled, then opened from its file"
large="$out/knowledge-$products-$rows"
[ -e "$large/pack.lua" ] || bench/generate_knowledge.py "$large" "$products" "$rows"
$cc bench/knowledge.c -o "$out/knowledge" $libs
for _ in 1 2 3; do "$out/knowledge" "$out/knowledge-$products-$rows.db" "$large" | sed 's/^/   /'; done
echo "== one check, record and order as text: starter pack alone, then with that pack"
$cc bench/check.c -o "$out/check" $libs
mkdir -p "$out/caches"
for _ in 1 2 3; do
	"$out/check" "$out/caches" fixtures/demo/record.json fixtures/demo/order-ibuprofen.json rules | sed 's/^/   alone: /'
	"$out/check" "$out/caches" fixtures/demo/record.json fixtures/demo/order-ibuprofen.json rules "$large" | sed 's/^/   with:  /'
done

echo "== generated bundles read and decided for ten screenings, records in memory (aims: 450 MB/s, 1 us)"
$cc bench/record.c -o "$out/record" $libs
$cc bench/population/generate.c -o "$out/generate"
mkdir -p "$out/bundles"
[ -s "$out/bundles/bundles.ndjson" ] || "$out/generate" "$out/bundles" 500
for _ in 1 2 3; do "$out/record" bundles 2026-03-01 "$out/bundles/bundles.ndjson" bench/population/pack | sed 's/^/   /'; done

ROUNDS=$rounds SECONDS_EACH=$MINSEC bench/service.sh speed

concepts=${CONCEPTS:-20000} # a full release: CONCEPTS=300000
echo "== importing RxNorm release files of $concepts concepts, then opening what was imported"
bench/generate_rxnorm.py "$out/rxnorm-$concepts" "$concepts"
for what in "knowledge import rxnorm $out/rxnorm-$concepts" "knowledge info"; do
	before=$(date +%s%N)
	# shellcheck disable=SC2086
	XDG_DATA_HOME="$PWD/$out/imported" VIGIL_CACHE="$PWD/$out/import-caches" ./vigil $what >"$out/said" || cat "$out/said"
	echo "   vigil ${what%% "$out"*}: $((($(date +%s%N) - before) / 1000000)) ms"
done

peers=../shared/bench/peers
if [ ! -d $peers ]; then
	echo "the peers are not here ($peers): their comparison is not run"
	exit 0
fi
if ! command -v node >/dev/null; then
	echo "node is not here: the peers' data cannot be generated, their comparison is not run"
	exit 0
fi
work="$out/peers-work"
if [ ! -e "$work/data/rule_patients.tsv" ]; then
	rm -rf "$work"
	cp -R $peers "$work"
	chmod -R u+w "$work"
	mkdir -p "$work/data"
	(cd "$work/rules" && node gen.js >/dev/null && node gen_clp.js >/dev/null)
	(cd "$work/rules" && npm install --silent --no-audit --no-fund >/dev/null 2>&1) || echo "the peers' npm parts cannot be installed: json-logic-engine and json-rules-engine are not run"
fi
[ -s "$work/data/order_sign.ndjson" ] || (cd "$work/hooks" && node gen_requests.js >/dev/null)
echo "== the peers' order-sign requests read and evaluated, starter pack (aim: 200 us in all)"
for _ in 1 2 3; do VIGIL_CACHE_DIR="$out/caches" "$out/record" requests 2025-06-30 "$work/data/order_sign.ndjson" rules | sed 's/^/   /'; done
names=(vigil hand-c hand-js)
[ -d "$work/rules/node_modules" ] && names+=(json-logic json-rules)
command -v lua5.4 >/dev/null && names+=(hand-lua)
run() {
	case $1 in
	vigil) "$out/peers" bench/pack "$work/data/rule_patients.tsv" "$MINSEC" ;;
	*) (cd "$work" && ./run.sh rules "$1") ;;
	esac
}
echo "== 20 rules on one in-memory record, $rounds interleaved rounds of $MINSEC s (evaluations a second)"
rm -f "$out"/rules.*
for _ in $(seq "$rounds"); do
	for name in "${names[@]}"; do
		if ! run "$name" >"$out/line" 2>"$out/errors"; then
			echo "   $name failed: $(head -n 2 "$out/errors")"
			continue
		fi
		grep -q '"check":879525898' "$out/line" || { echo "   $name gives other answers: its time does not count"; continue; }
		sed -n 's/.*"per_second":\([0-9.]*\).*/\1/p' "$out/line" >>"$out/rules.$name"
		[ "$name" = vigil ] && cp "$out/line" "$out/vigil.json"
	done
done
median() { sort -n "$1" | awk '{a[NR] = $1} END {print a[int((NR + 1) / 2)]}'; }
own=$(median "$out/rules.vigil")
for name in "${names[@]}"; do
	[ -s "$out/rules.$name" ] || continue
	median "$out/rules.$name" | awk -v n="$name" -v own="$own" '{printf "   %-12s median %10.0f a second   vigil is %.2f x\n", n, $1, own / $1}'
done
sed -n 's/.*"build_records_per_second":\([0-9]*\).*/   building a record fact by fact: \1 records a second/p' "$out/vigil.json"
