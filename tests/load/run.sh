#!/usr/bin/env bash
# The service under load, in seconds: bench/load.c sends and judges, while packs are reloaded, the
# service is killed, clients are slow, and more comes than it may take.  bench/service.sh does the
# same for minutes and tells times; here only what must hold at any speed is judged.
set -uo pipefail
. tests/support/wait.sh
passed=0 failed=0 skipped=0
command=$(realpath "${COMMAND:-./vigil}")
out=$(mktemp -d)
running=()
finish() {
	for pid in "${running[@]}"; do kill -KILL "$pid" 2>/dev/null; done
	wait 2>/dev/null
	rm -rf "$out"
}
trap finish EXIT
export HOME="$out" LC_ALL=C VIGIL_CACHE="$out/cache.db"
unset XDG_CACHE_HOME XDG_DATA_HOME TZ NOTIFY_SOCKET LISTEN_FDS LISTEN_PID
holds() { # what should hold, then a command
	local name=$1
	shift
	if "$@" >"$out/held" 2>&1; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED $name: $*"
		head -c 400 "$out/held" | sed 's/^/    /'
		[ -s "$out/line" ] && sed 's/^/    load: /' "$out/line"
		[ -s "$out/told" ] && head -n 3 "$out/told" | cut -c1-300 | sed 's/^/    /'
	fi
}
if ! command -v curl >/dev/null || ! command -v jq >/dev/null; then
	echo "skipped: curl or jq is not installed"
	echo "0 passed, 0 failed, 1 skipped"
	exit 0
fi
holds "the load program builds" ${CC:-cc} -std=c11 -O1 -D_GNU_SOURCE bench/load.c -o "$out/load"

# Warfarin is taken; an NSAID and metformin are ordered: two rules speak.
coded() { printf '{"coding":[{"system":"http://www.nlm.nih.gov/research/umls/rxnorm","code":"%s"}]}' "$1"; }
order() { printf '{"resource":{"resourceType":"MedicationRequest","id":"%s","status":"%s","intent":"order","subject":{"reference":"Patient/p1"},"authoredOn":"2026-02-20","medicationCodeableConcept":%s}}' "$1" "$2" "$(coded "$3")"; }
empty='{"resourceType":"Bundle","type":"searchset"}'
printf '{"hook":"order-sign","hookInstance":"d1577c69-dfbe-44ad-ba6d-3e05e953b2ea","context":{"userId":"Practitioner/1","patientId":"p1","draftOrders":{"resourceType":"Bundle","type":"collection","entry":[%s,%s]}},"prefetch":{"patient":{"resourceType":"Patient","id":"p1","gender":"female","birthDate":"1966-01-15"},"medications":{"resourceType":"Bundle","type":"searchset","entry":[%s]},"allergies":%s,"conditions":%s,"observations":%s,"procedures":%s}}\n' \
	"$(order o1 draft 197805)" "$(order o2 draft 861007)" "$(order m1 active 855332)" "$empty" "$empty" "$empty" "$empty" >"$out/bodies"
version() {
	rm -rf "$out/pack"
	cp -R tests/library/pack "$out/pack"
	sed -i "s/Bleeding: warfarin/Version $1: warfarin/" "$out/pack/tables/interactions.csv"
	sed -i "s/title *= \"Metformin[^\"]*\"/title = \"Version $1: metformin\"/" "$out/pack/rules.lua"
}
ready_or_gone() { grep -qs '^vigil: ready on' "$out/ready" || ! kill -0 "$pid" 2>/dev/null; }
start() { # a port or 0, then arguments
	local wanted=$1
	shift
	rm -f "$out/ready"
	"$command" serve --no-starter --listen "127.0.0.1:$wanted" "$@" >"$out/ready" 2>>"$out/log" </dev/null &
	pid=$!
	running+=("$pid")
	wait_for ready_or_gone
	port=$(sed -n 's/^vigil: ready on http:.*:\([0-9]*\)$/\1/p' "$out/ready" | head -n 1)
}
end() {
	kill -TERM "$pid"
	wait "$pid" 2>/dev/null
}
load() { timeout 600 "$out/load" --port "$port" --bodies "$out/bodies" "$@" >"$out/line" 2>"$out/told"; }
told() { jq -e "$1" "$out/line"; }

# ---- reloads, half of them of a broken pack
version A
start 0 --no-journal --rules "$out/pack" --socket "$out/v.sock"
holds "two rules speak" load --seconds 0 --answers "$out/answers"
holds "both name their version" jq -e '[.cards[].summary | select(test("Version A"))] | length == 2' "$out/answers"
"$out/load" --port "$port" --bodies "$out/bodies" --connections 3 --seconds 600 --either "Version A,Version B" >"$out/line" 2>"$out/told" &
loader=$!
running+=("$loader")
reloaded=""
for i in $(seq 20); do
	case $((i % 4)) in
	1 | 3) printf 'rule "broken" {' >"$out/pack/rules.lua" ;;
	2) version B ;;
	0) version A ;;
	esac
	reloaded="$reloaded $(curl -s -o "$out/body" -w '%{http_code}' -X POST --max-time 300 --unix-socket "$out/v.sock" http://vigil/v1/reload)"
done
kill -TERM "$loader"
wait "$loader"
holds "each reload swaps, or refuses what is broken" test "$reloaded" = "$(printf ' 409 200%.0s' $(seq 10))"
holds "no answer fails, breaks, or is mixed" told '.answered > 0 and .wrong == 0 and .broken == 0 and .refused == 0'
end

# ---- SIGKILL
start 0 --journal "$out/journal.db" --rules tests/library/pack
given=0
: >"$out/ids"
"$out/load" --port "$port" --bodies "$out/bodies" --connections 3 --seconds 600 --ids "$out/ids" >"$out/line" 2>"$out/told" &
loader=$!
running+=("$loader")
more() { [ "$(wc -l <"$out/ids")" -gt "$given" ]; }
for _ in $(seq 8); do
	wait_for more
	sleep 0.1
	given=$(wc -l <"$out/ids")
	kill -KILL "$pid"
	wait "$pid" 2>/dev/null
	start "$port" --journal "$out/journal.db" --rules tests/library/pack
done
wait_for more
kill -TERM "$loader"
wait "$loader"
end
holds "the journal is whole" "$command" journal verify "$out/journal.db"
"$command" journal export "$out/journal.db" --format ndjson >"$out/rows"
jq -r .request "$out/rows" | sort -u >"$out/written"
sort -u "$out/ids" >"$out/given"
holds "it was asked, and killed while it answered" told '.answered > 0 and .wrong == 0 and .broken > 0'
holds "no answered request is missing in the journal" test -z "$(comm -23 "$out/given" "$out/written")"

# ---- slow clients, too much, and some time
printf 'limits.in_flight = 4\n' >"$out/small.conf"
start 0 --no-journal --rules tests/library/pack --config "$out/small.conf"
holds "300 slow clients take no place of others" load --connections 2 --seconds 2 --slow 300
holds "everybody else is answered" told '.answered > 0 and .refused == 0 and .wrong == 0 and .broken == 0'
before=$(find "/proc/$pid/fd" -mindepth 1 | wc -l)
holds "more than it may take at once" load --connections 60 --seconds 2
holds "some are answered, the others refused" told '.answered > 0 and .refused > 0 and .wrong == 0 and .broken == 0'
memory() { awk '/VmRSS/ {print $2}' "/proc/$pid/status"; }
settled=$(memory)
holds "and again" load --connections 60 --seconds 2
all_closed() { [ "$(find "/proc/$pid/fd" -mindepth 1 | wc -l)" -le "$before" ]; }
holds "no descriptor is left open" wait_for all_closed
[ "${MODE:-release}" = release ] && holds "memory does not grow" test "$(memory)" -le "$((settled + 3000))"
end

echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
