#!/usr/bin/env bash
# The service under load, as it runs: `vigil serve` as a process, bench/load.c beside it.
#
#     bench/service.sh [PART]…      speed slow overload reloads kills proxies soak; all but soak without one
#
# speed     order-sign with 33 kB bodies beside the peers' bare Node server: the same cards, interleaved; beside it what
#           journal.durability = full costs, and a token on each call (ES384, RS384)
# slow      1,000 slow connections beside normal load
# overload  twice what the service can answer
# reloads   1,000 reloads under load, half of them of a broken pack (RELOADS=n)
# kills     1,000 SIGKILLs under load, then the journal is compared with what was answered (KILLS=n)
# proxies   two instances behind nginx and HAProxy with the shipped configurations, restarted in turn under load (RESTARTS=n each)
# soak      300,000 requests: memory, descriptors, times (REQUESTS=n)
#
# Ends with 1 when something that must hold does not: a wrong answer, a lost row, a mixed answer. Times are told, and judged by people.
set -uo pipefail
cd "$(dirname "$0")/.."
command=$(realpath "${COMMAND:-./vigil}")
rounds=${ROUNDS:-5}
seconds=${SECONDS_EACH:-2}
out=$(mktemp -d)
running=() failed=0 pid="" port=""
finish() {
	for one in "${running[@]}"; do kill -KILL "$one" 2>/dev/null; done
	wait 2>/dev/null
	rm -rf "$out"
}
trap finish EXIT
trap 'exit 1' INT TERM HUP
export VIGIL_CACHE="$out/cache.db" LC_ALL=C TZ=UTC
${CC:-cc} -std=c11 -O2 -D_GNU_SOURCE bench/load.c -o "$out/load" || exit 1
must() { # what must hold, then a command
	local what=$1
	shift
	"$@" || { echo "   FAILED: $what"; failed=1; }
}
not_zero() { [ "$1" -gt 0 ]; }
none() { [ "$1" = 0 ]; }
value() { sed -n "s/.*\"$2\":\([0-9.]*\).*/\1/p" "$1"; }
middle() { sort -n | awk '{a[NR] = $1} END {print a[int((NR + 1) / 2)]}'; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN {printf "%.2f", (b > 0 ? a / b : 0)}'; }

aside=() apart=() # what the service and the load program are run by
# Starts the service: pid, port. $1 is 0 or the port.
start() {
	local wanted=$1
	shift
	rm -f "$out/ready"
	"${aside[@]}" "$command" serve --listen "127.0.0.1:$wanted" "$@" >"$out/ready" 2>>"$out/log" </dev/null &
	pid=$!
	running=("$pid")
	for _ in $(seq 2000); do
		grep -qs '^vigil: ready on' "$out/ready" && break
		kill -0 "$pid" 2>/dev/null || { tail -n 3 "$out/log"; exit 1; }
		sleep 0.01
	done
	port=$(sed -n 's/^vigil: ready on http:.*:\([0-9]*\)$/\1/p' "$out/ready" | head -n 1)
}
end() {
	kill -TERM "$pid"
	wait "$pid" 2>/dev/null
	running=()
}
load() { "${apart[@]}" "$out/load" --port "$port" --bodies "$out/bodies" "$@"; }

# ---- what is sent ---------------------------------------------------------------------------------
# The peers' requests, dated today and with real forms of their made-up codes; without the peers, calls of the demo record.
peers=$(realpath -m "${PEERS:-../shared/bench/peers}")
work=${PEERS_WORK:-build/bench/peers-service}
if [ -d "$peers" ] && command -v node >/dev/null; then
	mkdir -p "$work" && cp -R "$peers/." "$work/" && chmod -R u+w "$work"
	today="Date.UTC($(date +%Y), $(($(date +%-m) - 1)), $(date +%-d))"
	sed -i "s/Date\.UTC(2025, 5, 30)/$today/; s/\b2025\b/$(date +%Y)/g" "$work"/hooks/gen_requests.js "$work"/hooks/tofacts.js
	mkdir -p "$work/data"
	[ -e "$work/data/rule_patients.json" ] || (cd "$work/rules" && node gen.js >/dev/null)
	(cd "$work/hooks" && node gen_requests.js >/dev/null) || exit 1
	sed -E 's/rx([0-9])/\1/g; s/cd-dm([0-9])/E11.\1/g; s/cd-crc([0-9])/C18.\1/g' "$work/data/order_sign.ndjson" >"$out/bodies"
else
	echo "the peers or node are not here: no comparison, and fixtures/hooks/order-sign.json is what is sent"
	jq -c . fixtures/hooks/order-sign.json >"$out/bodies"
	work=""
fi
# The peers' 20 rules; the four screenings speak with the order, as the peers' do. Beside the starter pack its own drugs stay.
awk '/^(screening "peer-1[5-8]"|example "peer-1[5-8]:)/ {skip = 1} !skip; /^}/ {skip = 0}' bench/pack/rules.lua >"$out/rules.lua"
for pack in alone beside; do
	cp -R bench/pack "$out/$pack"
	cat "$out/rules.lua" bench/service_rules.lua >"$out/$pack/rules.lua"
done
awk -F, 'NR == FNR {own[$1] = 1; next} FNR == 1 || !($1 in own)' rules/tables/ingredients.csv bench/pack/tables/ingredients.csv \
	>"$out/beside/tables/ingredients.csv"

# ---- speed ---------------------------------------------------------------------------------------------
rule_sets() { jq -rc '[.cards[].summary | select(test("^Rule [0-9]")) | capture("Rule 0*(?<n>[0-9]+)").n | tonumber] | unique' "$1"; }
start_node() {
	(cd "$work/hooks" && exec node server.js hand 3477) >/dev/null 2>&1 &
	pid=$! port=3477
	running=("$pid")
	for _ in $(seq 200); do (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break; sleep 0.02; done
}
ticks() { awk '{print $14 + $15}' "/proc/$pid/stat"; }
# name, connections, then the service's arguments: one line of figures into $out/speed.NAME.CONNECTIONS
measure() {
	local name=$1 connections=$2 line
	shift 2
	if [ "$name" = node ]; then
		start_node
		set -- "$out/load" --port "$port" --bodies "$work/data/order_sign.ndjson" --path /cds-services/bench
	else
		rm -f "$out"/journal.db*
		start 0 "$@"
		set -- load
		[ -e "$out/$name.tokens" ] && set -- load --tokens "$out/$name.tokens"
	fi
	local before
	before=$(ticks)
	"$@" --connections "$connections" --seconds "$seconds" --answers "$out/answers.$name" >"$out/line" || failed=1
	# Processor time a request, the first pass included: steadier than the clock on a busy machine.
	line=$(awk -v t="$(($(ticks) - before))" -v n="$(($(value "$out/line" answered) + $(wc -l <"$out/bodies")))" \
		'BEGIN {printf "\"cpu\":%.0f", t * 10000 / n}')
	sed "s/^{/{$line,/" "$out/line" >>"$out/speed.$name.$connections"
	awk '/VmHWM/ {print $2}' "/proc/$pid/status" >>"$out/memory.$name"
	end
}
figures() { # key, name, connections: the median of the rounds
	sed -n "s/.*\"$1\":\([0-9.]*\).*/\1/p" "$out/speed.$2.$3" | middle
}
speed() {
	local names=(rules-alone with-starter full es384 rs384) name connections own
	[ -n "$work" ] && names=(node "${names[@]}")
	printf 'journal.durability = full\n' >"$out/full.conf"
	# shellcheck disable=SC2046
	${CC:-cc} -std=c11 -O2 -D_GNU_SOURCE bench/tokens.c -o "$out/tokens" $(pkg-config --cflags --libs jose jansson) || exit 1
	for name in es384 rs384; do # each token is good once for each service that is started
		"$out/tokens" ${name^^} https://ehr.bench https://cds.bench "${TOKENS:-4000}" "$out/$name.keys" >"$out/$name.tokens"
		printf 'auth.%s\n' 'required = on' 'issuers = https://ehr.bench' 'audience = https://cds.bench' "jwks = $out/$name.keys" >"$out/$name.conf"
	done
	printf 'answers.not_checked_card = off\n' >"$out/plain.conf"
	echo "== order-sign, 33 kB bodies, journal on: $rounds interleaved rounds of $seconds s"
	for _ in $(seq "$rounds"); do
		for connections in 1 8; do
			for name in "${names[@]}"; do
				case $name in
				node) measure node "$connections" ;;
				rules-alone) measure "$name" "$connections" --config "$out/plain.conf" --journal "$out/journal.db" --no-starter --rules "$out/alone" ;;
				with-starter) measure "$name" "$connections" --journal "$out/journal.db" --rules "$out/beside" ;;
				*) measure "$name" "$connections" --config "$out/$name.conf" --journal "$out/journal.db" --rules "$out/beside" ;;
				esac
			done
		done
	done
	for connections in 1 8; do
		for name in "${names[@]}"; do
			own=$(figures per_second "$name" "$connections")
			printf '   %d connection(s)  %-13s %6.0f a second  p50 %s ms  p99 %s ms  %s us of processor each  %s MB' "$connections" "$name" "$own" \
				"$(figures p50 "$name" "$connections")" "$(figures p99 "$name" "$connections")" "$(figures cpu "$name" "$connections")" "$(($(middle <"$out/memory.$name") / 1024))"
			[ -n "$work" ] && [ "$name" != node ] && printf '  %s x Node, %s x by processor time' \
				"$(ratio "$own" "$(figures per_second node "$connections")")" "$(ratio "$(figures cpu node "$connections")" "$(figures cpu "$name" "$connections")")"
			echo
		done
	done
	if [ -n "$work" ]; then
		rule_sets "$out/answers.node" >"$out/sets.node"
		rule_sets "$out/answers.rules-alone" >"$out/sets.vigil"
		must "the same cards as Node's" cmp "$out/sets.node" "$out/sets.vigil"
		echo "   the same cards: $(jq -s 'map(length) | add' "$out/sets.vigil") over $(wc -l <"$out/sets.vigil") bodies"
	fi
}

# ---- slow connections ----------------------------------------------------------------------------------
slow() {
	echo "== 1,000 connections that send a byte a second, beside two that do not: ten interleaved rounds"
	start 0 --no-journal --rules "$out/beside"
	for _ in $(seq 10); do
		load --connections 2 --seconds "$seconds" >"$out/line" || failed=1
		value "$out/line" p99 >>"$out/quiet"
		load --connections 2 --seconds "$seconds" --slow 1000 >"$out/line2" || failed=1
		value "$out/line2" p99 >>"$out/beset"
		ratio "$(value "$out/line2" p99)" "$(value "$out/line" p99)" >>"$out/ratios"
		echo >>"$out/ratios"
	done
	echo "   p99 $(middle <"$out/quiet") ms alone, $(middle <"$out/beset") ms beside them; median ratio $(grep . "$out/ratios" | middle) (at most 1.5)"
	end
}

# ---- overload ----------------------------------------------------------------------------------------------
overload_rounds() {
	local most
	for _ in 1 2 3; do
		load --connections 8 --seconds "$seconds" >"$out/line" || failed=1
		most=$(value "$out/line" per_second)
		load --connections 1000 --rate "$((most * 2))" --seconds "$seconds" >"$out/line" || failed=1
		echo "   $most a second at most; at $((most * 2)): $(value "$out/line" per_second) answered ($(ratio "$(value "$out/line" per_second)" "$most"); at least 0.9), p99 $(value "$out/line" p99) ms;" \
			"$(value "$out/line" refused) refused, p50 $(value "$out/line" refused_p50) p99 $(value "$out/line" refused_p99) ms (at most 10), $(value "$out/line" unsent) not sent;" \
			"the load program took $(value "$out/line" own_cpu) us of processor a request"
		must "some are refused" not_zero "$(value "$out/line" refused)"
		must "no answer is broken" none "$(value "$out/line" broken)"
	done
}
overload() {
	echo "== twice as many requests as can be answered: three rounds"
	start 0 --no-journal --rules "$out/beside"
	overload_rounds
	end
	if [ "$(nproc)" -gt 1 ]; then
		echo "   the service on one processor, with one thread that answers, the load program on another, so that neither takes from the other:"
		aside=(taskset -c 0) apart=(taskset -c 1)
		start 0 --no-journal --rules "$out/beside"
		overload_rounds
		end
		aside=() apart=()
	fi
}

# ---- reloads -----------------------------------------------------------------------------------------------
version() { sed "s/\"Rule \([0-9]*\)\"/\"Rule \1 of version $1\"/" "$out/alone/rules.lua" >"$out/site/rules.lua"; }
reloads() {
	local count=${RELOADS:-1000} good=0 kept=0 odd=0 letter=B
	echo "== $count reloads under load, half of them of a broken pack"
	cp -R "$out/alone" "$out/site"
	version A
	start 0 --no-journal --no-starter --rules "$out/site" --socket "$out/v.sock"
	load --answers "$out/answers" --seconds 0 >/dev/null
	# Requests in which several rules speak, so that a mixed answer would show.
	paste -d '\t' <(jq -c '[.cards[].summary | select(test("of version"))] | length' "$out/answers") "$out/bodies" |
		awk -F '\t' '$1 >= 2 {print $2}' >"$out/several"
	"$out/load" --port "$port" --bodies "$out/several" --connections 4 --seconds "$((count + 60))" --either "of version A,of version B" >"$out/line" 2>"$out/mixed" &
	local loader=$!
	running+=("$loader")
	for i in $(seq "$count"); do
		if [ $((i % 2)) = 0 ]; then
			version $letter
			[ $letter = A ] && letter=B || letter=A
		else
			printf 'rule "broken" {' >"$out/site/rules.lua"
		fi
		case $i/$(curl -s -o /dev/null -w '%{http_code}' -X POST --unix-socket "$out/v.sock" http://vigil/v1/reload) in
		*[02468]/200) good=$((good + 1)) ;;
		*[13579]/409) kept=$((kept + 1)) ;;
		*) odd=$((odd + 1)) ;;
		esac
	done
	kill -TERM "$loader"
	wait "$loader"
	running=("$pid")
	echo "   $good swapped, $kept refused, $odd else; $(value "$out/line" answered) answers, $(value "$out/line" wrong) failed or mixed, $(value "$out/line" broken) broken, p99 $(value "$out/line" p99) ms"
	must "every reload is answered as it should be" none "$odd"
	must "there are answers" not_zero "$(value "$out/line" answered)"
	must "no answer fails or is mixed" none "$(value "$out/line" wrong)"
	must "no connection breaks" none "$(value "$out/line" broken)"
	end
}

# ---- kills -------------------------------------------------------------------------------------------------
kills() {
	local count=${KILLS:-1000} lost
	echo "== $count SIGKILLs under load"
	rm -f "$out"/journal.db*
	start 0 --journal "$out/journal.db" --no-starter --rules "$out/alone"
	"$out/load" --port "$port" --bodies "$out/bodies" --connections 4 --seconds "$((2 * count + 60))" --ids "$out/ids" >"$out/line" &
	local loader=$!
	until [ -e "$out/ids" ] || ! kill -0 "$loader"; do sleep 0.05; done # its first pass is over
	for _ in $(seq "$count"); do
		sleep "0.0$((RANDOM % 90 + 10))"
		kill -KILL "$pid"
		wait "$pid" 2>/dev/null
		start "$port" --journal "$out/journal.db" --no-starter --rules "$out/alone"
		running+=("$loader")
	done
	sleep 0.2
	kill -TERM "$loader"
	wait "$loader"
	end
	must "the chain holds" "$command" journal verify "$out/journal.db"
	python3 -c 'import json, sqlite3, sys
for body, in sqlite3.connect(sys.argv[1]).execute("SELECT body FROM entry WHERE kind = ?", ("answer",)): print(json.loads(body)["request"])' \
		"$out/journal.db" | sort >"$out/rows"
	sort "$out/ids" >"$out/given"
	lost=$(comm -23 "$out/given" "$out/rows" | wc -l)
	echo "   $(wc -l <"$out/given") requests were answered, $lost of them are not in the journal ($(wc -l <"$out/rows") rows)"
	must "there are answers" not_zero "$(wc -l <"$out/given")"
	must "no answered request is missing" none "$lost"
}

# ---- proxies -----------------------------------------------------------------------------------------------
declare -A instance
proxy_pid="" loader=""
keep_running() { running=("${instance[1]:-}" "${instance[2]:-}" "$proxy_pid" "$loader"); }
begin_instance() { # number, then its port or 0
	printf 'server.hosts = cds.example.org\n' >"$out/instance.conf"
	start "$2" --config "$out/instance.conf" --journal "$out/instance.$1.db" --rules "$out/beside"
	instance[$1]=$pid instance[port$1]=$port
	keep_running
}
begin_proxy() { # nginx or haproxy, with its shipped configuration but for ports, folders and TLS: at $port
	local ports="s/127.0.0.1:8081/127.0.0.1:${instance[port1]}/; s/127.0.0.1:8082/127.0.0.1:${instance[port2]}/"
	port=$((20000 + RANDOM % 10000))
	if [ "$1" = nginx ]; then
		{
			printf 'daemon off; master_process off; pid %s/nginx.pid; error_log %s/nginx.err;\nevents {}\nhttp {\n' "$out" "$out"
			for kind in client_body proxy fastcgi uwsgi scgi; do printf '%s_temp_path %s/%s;\n' $kind "$out" $kind; done
			sed -e "$ports" -e "s/listen 443 ssl;/listen 127.0.0.1:$port;/" -e '/ssl_/d' -e "s|/var/log/nginx/|$out/|" docs/emr/nginx.conf
			printf '}\n'
		} >"$out/nginx.conf"
		nginx -e "$out/nginx.err" -c "$out/nginx.conf" 2>>"$out/nginx.err" &
	else
		sed -e "$ports" -e "s/bind :443 .*/bind 127.0.0.1:$port/" docs/emr/haproxy.cfg >"$out/haproxy.cfg"
		haproxy -f "$out/haproxy.cfg" >"$out/haproxy.log" 2>&1 &
	fi
	proxy_pid=$!
	keep_running
	for _ in $(seq 200); do # HAProxy asks for readiness first
		[ "$(curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$port/cds-services")" = 200 ] && break
		sleep 0.05
	done
}
proxies() {
	local name number entrance
	echo "== two instances behind a proxy, 16 connections, each instance restarted ${RESTARTS:-5} times under load"
	rm -f "$out"/instance.*
	begin_instance 1 0
	begin_instance 2 0
	for name in nginx haproxy; do
		command -v $name >/dev/null || { echo "   $name is not installed"; continue; }
		begin_proxy $name
		entrance=$port
		rm -f "$out/ids"
		"$out/load" --port "$port" --bodies "$out/bodies" --connections 16 --seconds "$((${RESTARTS:-5} * 10 + 60))" --ids "$out/ids" >"$out/line" &
		loader=$!
		keep_running
		until [ -e "$out/ids" ] || ! kill -0 "$loader"; do sleep 0.05; done # its first pass is over
		for _ in $(seq "${RESTARTS:-5}"); do
			for number in 1 2; do
				kill -TERM "${instance[$number]}"
				wait "${instance[$number]}" 2>/dev/null
				begin_instance $number "${instance[port$number]}"
				sleep 2.5 # until the proxy has seen that it is back
			done
		done
		kill -TERM "$loader"
		wait "$loader" || must "the load program ends well" false
		loader=""
		echo "   $name at port $entrance: $(value "$out/line" answered) answered, $(value "$out/line" per_second) a second, p50 $(value "$out/line" p50) p99 $(value "$out/line" p99) ms," \
			"$(value "$out/line" refused) refused, $(value "$out/line" wrong) wrong, $(value "$out/line" broken) broken"
		must "every request is answered" grep -q '"refused":0,"wrong":0,"broken":0,' "$out/line"
		must "there are answers" not_zero "$(value "$out/line" answered)"
		kill "$proxy_pid"
		wait "$proxy_pid" 2>/dev/null
		proxy_pid=""
	done
	kill -TERM "${instance[1]}" "${instance[2]}"
	wait "${instance[1]}" "${instance[2]}" 2>/dev/null
	running=()
	must "the first journal is whole" "$command" journal verify "$out/instance.1.db"
	must "the second journal is whole" "$command" journal verify "$out/instance.2.db"
}

# ---- soak --------------------------------------------------------------------------------------------------
soak() {
	local wanted=${REQUESTS:-300000} done=0 round=0
	echo "== $wanted requests over 8 connections, journal on"
	rm -f "$out"/journal.db*
	start 0 --journal "$out/journal.db" --rules "$out/beside"
	while [ "$done" -lt "$wanted" ]; do
		load --connections 8 --seconds 20 >"$out/line" || failed=1
		done=$((done + $(value "$out/line" answered)))
		round=$((round + 1))
		echo "   $done: $(awk '/VmRSS/ {print $2}' "/proc/$pid/status") kB, at most $(awk '/VmHWM/ {print $2}' "/proc/$pid/status") kB," \
			"$(find "/proc/$pid/fd" -mindepth 1 | wc -l) descriptors, p50 $(value "$out/line" p50) p99 $(value "$out/line" p99) ms"
	done
	end
	must "the chain holds" "$command" journal verify "$out/journal.db"
}

[ $# -gt 0 ] || set -- speed slow overload reloads kills proxies
for part in "$@"; do
	case $part in
	speed | slow | overload | reloads | kills | proxies | soak) $part ;;
	*) sed -n '4,18s/^# \{0,1\}//p' "$0" && exit 2 ;;
	esac
done
exit $failed
