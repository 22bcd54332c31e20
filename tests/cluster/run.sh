#!/usr/bin/env bash
# A generated population through the scripts of docs/population: GNU parallel, a Slurm job array on this machine, Spark's pipe.
# Each result must be, byte for byte, that of one whole scan.  Spark is run where pyspark is; it is not asked for by the build.
set -uo pipefail
passed=0 failed=0 skipped=0
command=$(realpath "${COMMAND:-./vigil}")
out=$(mktemp -d)
finish() {
	[ -d "$out/slurm" ] && docs/population/slurm/one-machine.sh stop "$out/slurm"
	rm -rf "$out"
}
trap finish EXIT
export HOME="$out" LC_ALL=C VIGIL="$command" VIGIL_CACHE="$out/cache.db"
unset XDG_CACHE_HOME XDG_DATA_HOME TZ
[ -e "$(dirname "$command")/rules" ] || ln -s "$PWD/rules" "$(dirname "$command")/rules"
options=(--no-starter --rules bench/population/pack --as-of 2026-03-01)

ok() { passed=$((passed + 1)); }
bad() {
	failed=$((failed + 1))
	echo "FAILED $*"
	tail -n 5 "$out/log" | cut -c1-400 | sed 's/^/    /'
}
same() { # what, the result, the file that it must equal
	if [ -s "$3" ] && cmp "$2" "$3" >>"$out/log" 2>&1; then ok; else bad "$1: the result is not that of one whole scan"; fi
}
skip() {
	skipped=$((skipped + 1))
	echo "skipped: $*"
}
have() { command -v "$1" >/dev/null || [ -x "/usr/sbin/$1" ]; }

: >"$out/log"
${CC:-cc} -std=c11 -O1 bench/population/generate.c -o "$out/generate" && "$out/generate" "$out" 400 40 || bad "the population could not be generated"
"$command" scan - "${options[@]}" --format ndjson <"$out/bundles.ndjson" >"$out/whole.ndjson" 2>"$out/log" || bad "one whole scan"
"$command" import "$out/population.db" "$out/bundles.ndjson" >"$out/log" 2>&1 || bad "the import"
"$command" scan "$out/population.db" "${options[@]}" --format ndjson >"$out/store.ndjson" 2>"$out/log" || bad "the scan of the store"
[ "$(wc -l <"$out/store.ndjson")" -eq 400 ] && ok || bad "the store gives $(wc -l <"$out/store.ndjson") results for 400 patients"
sort "$out/store.ndjson" >"$out/a" && sort "$out/whole.ndjson" >"$out/b"
same "the store's patients, put in order" "$out/a" "$out/b"

if have parallel; then
	BLOCK=1M docs/population/parallel.sh "$out/bundles.ndjson" "$out/parallel.ndjson" "${options[@]}" 2>"$out/log" && ok || bad "GNU parallel"
	same "GNU parallel" "$out/parallel.ndjson" "$out/whole.ndjson"
	(sed -n 1,20p "$out/bundles.ndjson" && echo 'no JSON' && sed -n 21,40p "$out/bundles.ndjson") >"$out/broken.ndjson"
	docs/population/parallel.sh "$out/broken.ndjson" "$out/broken.result" "${options[@]}" 2>"$out/log"
	[ $? -eq 3 ] && [ "$(wc -l <"$out/broken.result")" -eq 41 ] && ok || bad "GNU parallel: a line that is no JSON must end in status 3, with every other line answered"
else
	skip "GNU parallel is not here (Debian: parallel)"
fi

if have munged && have slurmctld && have slurmd && have sbatch; then
	started=no
	for _ in 1 2 3; do # below the ports that the system hands out; another program may still have one
		SLURM_PORT=$((10000 + RANDOM % 20000)) docs/population/slurm/one-machine.sh start "$out/slurm" >"$out/log" 2>&1 && started=yes && break
	done
	if [ $started = yes ]; then
		ok
		(cd "$out" && SLURM_CONF="$out/slurm/slurm.conf" sbatch --wait --array=1-3 --export=ALL "$OLDPWD/docs/population/slurm/scan.sbatch" "$out/population.db" "$out/parts" \
			--no-starter --rules "$OLDPWD/bench/population/pack" --as-of 2026-03-01) >"$out/log" 2>&1 && ok || bad "the Slurm array"
		cat "$out"/parts/part-*.ndjson >"$out/slurm.ndjson" 2>>"$out/log"
		same "a Slurm array of three shards" "$out/slurm.ndjson" "$out/store.ndjson"
	else
		bad "Slurm did not start"
	fi
else
	skip "Slurm is not here (Debian: slurm-wlm, munge)"
fi

if python3 -c 'import pyspark' 2>/dev/null && have java; then
	python3 docs/population/spark.py "$out/bundles.ndjson" "$out/spark" "${options[@]}" >"$out/log" 2>&1 && ok || bad "Spark"
	cat "$out"/spark/part-* >"$out/spark.ndjson" 2>>"$out/log"
	same "Spark's pipe" "$out/spark.ndjson" "$out/whole.ndjson"
else
	echo "not run: Spark's pipe (pyspark and a Java runtime are not here)"
fi

echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
