#!/usr/bin/env bash
# `vigil serve` as a process, on loopback and free ports only: how it starts and
# ends, signals, TLS, systemd's sockets and notification, two instances behind
# nginx and HAProxy with the shipped configurations.
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
export HOME="$out" LC_ALL=C VIGIL_CACHE="${VIGIL_CACHE:-$out/cache.db}"
unset XDG_CACHE_HOME XDG_DATA_HOME TZ NOTIFY_SOCKET LISTEN_FDS LISTEN_PID
[ -e "$(dirname "$command")/rules" ] || ln -s "$PWD/rules" "$(dirname "$command")/rules"

holds() { # what should hold, then a command
	local name=$1
	shift
	if "$@" >"$out/held" 2>&1; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED $name: $*"
		head -c 600 "$out/held" | sed 's/^/    /'
		[ -s "$out/log" ] && tail -n 3 "$out/log" | cut -c1-300 | sed 's/^/    log: /'
	fi
}
skip() {
	skipped=$((skipped + 1))
	echo "skipped: $*"
}
is() { [ "$1" = "$2" ] || { echo "got \"$1\" instead of \"$2\""; return 1; }; }
not() { ! "$@"; }

refuses() { # what is wrong, the exit status, a text of the error, arguments
	local name=$1 wanted=$2 text=$3 status=0
	shift 3
	timeout 300 "$command" serve "$@" >"$out/said" 2>"$out/told" </dev/null || status=$?
	holds "$name ends with $wanted" is "$status" "$wanted"
	holds "$name is told" grep -qF -- "$text" "$out/told"
	holds "$name: nothing is said to be ready" not grep -q ready "$out/said"
}

ready_or_gone() { grep -q '^vigil: ready on' "$out/ready" || ! kill -0 "$pid" 2>/dev/null; }
# Starts in the background: pid, and port of the first TCP address, from what it says when it is ready.
start() {
	: >"$out/ready"
	"$command" serve "$@" >"$out/ready" 2>"$out/log" </dev/null &
	pid=$!
	running+=("$pid")
	wait_for ready_or_gone
	port=$(sed -n 's/^vigil: ready on https*:.*:\([0-9]*\)$/\1/p' "$out/ready" | head -n 1)
}
gone() { ! kill -0 "$pid" 2>/dev/null; }
ends() { # waits for $pid; sets status
	status=still-running
	wait_for gone || return 1
	wait "$pid" 2>/dev/null
	status=$?
	return 0
}
code() { curl -s -o "$out/body" -w '%{http_code}' --max-time 300 "$@"; }

if ! command -v curl >/dev/null; then
	skip "curl is not installed"
	echo "$passed passed, $failed failed, $skipped skipped"
	exit 0
fi

# ---- how it does not start
refuses "neither a journal nor none" 2 "--no-journal"
refuses "a journal and none" 2 "no journal" --journal "$out/j.db" --no-journal
refuses "an address that is none" 2 "is not an address" --no-journal --listen localhost:80
refuses "an address of another machine" 2 "cannot be listened on" --no-journal --listen 192.0.2.1:0
refuses "a settings file that is missing" 3 "nowhere.conf" --no-journal --config "$out/nowhere.conf"
printf 'journal.none = on\nserver.thread = 2\n' >"$out/bad.conf"
refuses "an unknown setting" 3 "bad.conf:2" --config "$out/bad.conf"
refuses "a pack that is missing" 4 "" --no-journal --rules "$out/nowhere" --listen 127.0.0.1:0
refuses "a time zone that is none" 2 "time zone" --no-journal --time-zone Mars/Olympus
refuses "a folder as a journal" 6 "" --journal "$out" --listen 127.0.0.1:0
printf 'x' >"$out/file"
refuses "a file in place of the socket" 2 "not a socket" --no-journal --socket "$out/file"
printf 'journal.none = on\nauth.required = on\nauth.issuers = a\nauth.audience = b\nauth.jwks = %s\n' "$out/file" >"$out/auth.conf"
refuses "keys that are none" 3 "key" --config "$out/auth.conf" --listen 127.0.0.1:0
printf 'journal.none = on\ntls.certificate = %s\ntls.key = %s\n' "$out/file" "$out/file" >"$out/tls.conf"
refuses "a certificate that is none" 2 "The certificate is none" --config "$out/tls.conf" --listen 127.0.0.1:0

# ---- TCP and a Unix socket, signals
start --journal "$out/journal.db" --listen 127.0.0.1:0 --listen '[::1]:0' --socket "$out/v.sock" --time-zone +05:30
holds "it says that it is ready, a line for each address" is "$(grep -c '^vigil: ready on' "$out/ready")" 3
holds "discovery over TCP" is "$(code "http://127.0.0.1:$port/cds-services")" 200
holds "readiness" is "$(code "http://127.0.0.1:$port/readyz")" 200
holds "discovery over the Unix socket" is "$(code --unix-socket "$out/v.sock" http://vigil/cds-services)" 200
refuses "a second server on the socket" 2 "listens on" --no-journal --socket "$out/v.sock"
refuses "and on the port" 2 "cannot be listened on" --no-journal --listen "127.0.0.1:$port"
holds "the first one still answers" is "$(code --unix-socket "$out/v.sock" http://vigil/readyz)" 200
kill -HUP "$pid"
holds "SIGHUP loads the packs again" wait_for grep -q '"event":"reloaded"' "$out/log"
holds "and it answers" is "$(code "http://127.0.0.1:$port/cds-services")" 200
holds "each line of the log is JSON" jq -es 'all(.event != null)' "$out/log"
kill -TERM "$pid"
holds "SIGTERM ends it" ends
holds "with status 0" is "$status" 0
holds "and the socket is gone" not test -e "$out/v.sock"
start --no-journal --listen 127.0.0.1:0 --socket "$out/v.sock"
kill -KILL "$pid"
ends
printf 'limits.drain_time = 600000\nlimits.request_time = 600000\n' >"$out/patient.conf"
start --no-journal --listen 127.0.0.1:0 --socket "$out/v.sock" --config "$out/patient.conf"
holds "a socket that a killed server left is taken" is "$(code --unix-socket "$out/v.sock" http://vigil/readyz)" 200
holds "without a warning on loopback" not grep -q '"level":"warning","event":"settings"' "$out/log"
# A request that does not end, a gentle end, then a second signal.
requests() { curl -s --unix-socket "$out/v.sock" http://vigil/metrics | sed -n 's/^vigil_http_requests_total //p'; }
before=$(requests)
exec 7<>"/dev/tcp/127.0.0.1/$port"
printf 'POST /cds-services/vigil-order-sign HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{' >&7
came() { before=$((before + 1)) && [ "$(requests)" -gt "$before" ]; } # one more than these questions themselves
holds "a request comes" wait_for came
kill -INT "$pid"
holds "it is ending" wait_for grep -q '"event":"ending"' "$out/log"
sleep 0.5
holds "a running request holds a gentle end" kill -0 "$pid"
kill -INT "$pid"
holds "a second signal does not wait" ends
exec 7>&-
start --no-journal --listen 0.0.0.0:0
holds "on all addresses it warns: no TLS" grep -q 'without TLS' "$out/log"
holds "on all addresses it warns: no tokens" grep -q 'without authentication' "$out/log"
kill -TERM "$pid"
ends

# ---- a rule pack that breaks while it runs
cp -R tests/library/pack "$out/pack"
start --no-journal --listen 127.0.0.1:0 --rules "$out/pack"
digest=$(curl -s "http://127.0.0.1:$port/v1/rules" | cksum)
printf 'rule "broken" {' >"$out/pack/broken.lua"
kill -HUP "$pid"
holds "a broken pack is refused" wait_for grep -q '"event":"reload-refused"' "$out/log"
holds "and the old rules stay" is "$(curl -s "http://127.0.0.1:$port/v1/rules" | cksum)" "$digest"
kill -TERM "$pid"
ends

# ---- a journal whose file is locked by another program
if command -v sqlite3 >/dev/null; then
	start --journal "$out/waits.db" --socket "$out/v.sock" --listen 127.0.0.1:0
	exec 8> >(exec sqlite3 "$out/waits.db")
	echo "BEGIN IMMEDIATE; .shell touch $out/locked" | sed 's/; /;\n/' >&8
	holds "the file is locked" wait_for test -e "$out/locked"
	holds "rows are taken all the same" is "$(code -X POST --unix-socket "$out/v.sock" http://vigil/v1/reload)" 200
	holds "the log tells that they wait" wait_for grep -q '"event":"journal-waits"' "$out/log"
	exec 8>&-
	holds "the log tells that they were moved" wait_for grep -q '"event":"journal-moved"' "$out/log"
	kill -TERM "$pid"
	ends
	holds "the row is in the journal" "$command" journal verify "$out/waits.db"
	holds "and no tail is left" not ls "$out"/waits.db.tail-*
else
	skip "sqlite3 is not here: no journal is locked"
fi

# ---- TLS
if command -v openssl >/dev/null; then
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
		-keyout "$out/key.pem" -out "$out/cert.pem" 2>/dev/null
	printf 'journal.none = on\ntls.certificate = %s\ntls.key = %s\n' "$out/cert.pem" "$out/key.pem" >"$out/tls.conf"
	start --config "$out/tls.conf" --listen 127.0.0.1:0 --socket "$out/v.sock"
	holds "TLS" is "$(code --cacert "$out/cert.pem" "https://localhost:$port/cds-services")" 200
	holds "TLS 1.3" is "$(code --cacert "$out/cert.pem" --tlsv1.3 "https://localhost:$port/readyz")" 200
	holds "TLS 1.1 is refused" not curl -s --cacert "$out/cert.pem" --tls-max 1.1 --ciphers DEFAULT@SECLEVEL=0 "https://localhost:$port/readyz"
	holds "plain HTTP on that port is refused" not curl -s --max-time 300 "http://localhost:$port/readyz"
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
		-keyout "$out/key2.pem" -out "$out/cert2.pem" 2>/dev/null
	cp "$out/cert2.pem" "$out/new.pem"
	cp "$out/cert.pem" "$out/old.pem"
	cp "$out/cert2.pem" "$out/cert.pem"
	kill -HUP "$pid"
	holds "a certificate of another key is refused" wait_for grep -q 'certificate-refused' "$out/log"
	holds "and the old one stays" is "$(code --cacert "$out/old.pem" "https://localhost:$port/readyz")" 200
	cp "$out/key2.pem" "$out/key.pem"
	kill -HUP "$pid"
	renewed() { [ "$(code --cacert "$out/new.pem" "https://localhost:$port/readyz")" = 200 ]; }
	holds "SIGHUP renews the certificate" wait_for renewed
	holds "the old one is gone" not curl -s --max-time 300 --cacert "$out/old.pem" "https://localhost:$port/readyz"
	holds "the Unix socket has no TLS" is "$(code --unix-socket "$out/v.sock" http://vigil/readyz)" 200
	kill -TERM "$pid"
	ends
else
	skip "openssl is not installed: TLS"
fi

# ---- the doctor looks at a service's settings
mkdir "$out/doctor"
printf 'journal.file = %s\nserver.listen = 0.0.0.0:8080\n' "$out/doctor/j.db" >"$out/doctor.conf"
doctor() { "$command" doctor --config "$out/doctor.conf" --format json --no-starter --rules tests/library/pack >"$out/checked" 2>&1; }
verdict() { jq -r --arg check "$1" 'first(.checks[] | select(.check == $check) | .verdict)' "$out/checked"; }
doctor
holds "good settings are well" is "$(verdict settings)" ok
holds "what is dangerous is a notice" is "$(jq '[.checks[] | select(.check == "settings" and .verdict == "notice")] | length' "$out/checked")" 2
holds "a journal that will be made is well" is "$(verdict journal)" ok
holds "and is not made" not test -e "$out/doctor/j.db"
start --journal "$out/doctor/j.db" --listen 127.0.0.1:0 --no-starter --rules tests/library/pack
kill -TERM "$pid"
ends
doctor
holds "a journal is read" grep -q 'all as they were written' "$out/checked"
printf 'x' >>"$out/doctor/j.db.key"
holds "a journal with another key is a problem" not doctor
holds "and is told" is "$(verdict journal)" problem
printf 'journal.file = %s/nowhere/j.db\n' "$out" >"$out/doctor.conf"
holds "a folder that is not there is a problem" not doctor
printf 'journal.none = on\ntls.certificate = %s\ntls.key = %s\n' "$out/file" "$out/file" >"$out/doctor.conf"
holds "a certificate that is none is a problem" not doctor
holds "and is told" is "$(verdict certificate)" problem
if [ -e "$out/new.pem" ]; then
	printf 'journal.none = on\ntls.certificate = %s\ntls.key = %s\n' "$out/new.pem" "$out/key2.pem" >"$out/doctor.conf"
	doctor
	holds "a certificate that soon runs out is a notice" is "$(verdict certificate)" notice
fi
printf 'journal.none = on\nserver.thread = 2\n' >"$out/doctor.conf"
holds "an unknown setting is a problem" not doctor
holds "with its line" grep -q 'doctor.conf:2' "$out/checked"

# ---- systemd: sockets handed over, readiness told
if perl -MIO::Socket::INET -MPOSIX -e1 2>/dev/null; then
	cat >"$out/activate.pl" <<'PERL'
use IO::Socket::INET; use IO::Socket::UNIX; use POSIX qw(dup2);
$| = 1;
my ($path, $notify, $port_file, @command) = @ARGV;
my $tcp = IO::Socket::INET->new(Listen => 16, LocalAddr => "127.0.0.1", LocalPort => 0) or die;
my $unix = IO::Socket::UNIX->new(Local => $path, Listen => 16) or die;
my $told = IO::Socket::UNIX->new(Local => $notify, Type => SOCK_DGRAM) or die;
open my $file, ">", $port_file; print $file $tcp->sockport; close $file;
my $child = fork;
if (!$child) {
	my ($a, $b) = (POSIX::dup(fileno $tcp), POSIX::dup(fileno $unix));
	dup2($a, 20); dup2($b, 21); dup2(20, 3); dup2(21, 4);
	$ENV{LISTEN_FDS} = 2; $ENV{LISTEN_PID} = $$; $ENV{NOTIFY_SOCKET} = $notify;
	exec @command;
}
$SIG{TERM} = sub { kill 15, $child };
my $text;
while (1) { next unless defined $told->recv($text, 100); print "$text\n"; last if $text =~ /STOPPING/ }
waitpid $child, 0; exit $? >> 8;
PERL
	perl "$out/activate.pl" "$out/a.sock" "$out/notify" "$out/port" "$command" serve --no-journal >"$out/told" 2>"$out/log" &
	pid=$!
	running+=("$pid")
	holds "systemd was told: ready" wait_for grep -q READY=1 "$out/told"
	holds "a TCP socket of systemd" is "$(code "http://127.0.0.1:$(cat "$out/port")/readyz")" 200
	holds "a Unix socket of systemd" is "$(code --unix-socket "$out/a.sock" http://vigil/readyz)" 200
	holds "no other address is listened on" is "$(grep -c '"event":"listening"' "$out/log")" 2
	kill -TERM "$pid"
	holds "it ends" ends
	holds "with status 0" is "$status" 0
	holds "systemd was told: stopping" grep -q STOPPING=1 "$out/told"
else
	skip "perl's sockets are not here: systemd"
fi
if command -v systemd-analyze >/dev/null; then
	sed "s|/usr/local/bin/vigil|$command|" docs/service/vigil.service >"$out/vigil.service"
	holds "the systemd unit is well formed" systemd-analyze verify --man=no "$out/vigil.service"
else
	skip "systemd-analyze is not here: the unit"
fi

# ---- two instances behind a proxy, one of them restarted under load
behind() { # name of the proxy, port of the proxy
	local name=$1 proxy=$2 good
	holds "$name: discovery" is "$(code -H 'Host: cds.example.org' "http://127.0.0.1:$proxy/cds-services")" 200
	holds "$name: /metrics is not passed on" is "$(code -H 'Host: cds.example.org' "http://127.0.0.1:$proxy/metrics")" 404
	holds "$name: reload is not passed on" is "$(code -X POST -H 'Host: cds.example.org' "http://127.0.0.1:$proxy/v1/reload")" 404
	holds "$name: the request's id is its own and harmless" grep -qiE '^x-request-id: [0-9a-f-]{8,64}' \
		<(curl -s -D - -o /dev/null -H 'Host: cds.example.org' "http://127.0.0.1:$proxy/cds-services")
	(for _ in $(seq 150); do
		curl -s -o /dev/null -w '%{http_code}\n' --max-time 300 -H 'Host: cds.example.org' -H 'Content-Type: application/json' \
			--data-binary @"$out/sign.json" "http://127.0.0.1:$proxy/cds-services/vigil-order-sign"
	done) >"$out/codes" &
	local load=$!
	wait_for test -s "$out/codes"
	kill -TERM "$one"
	pid=$one ends
	start --no-journal --config "$out/instance.conf" --listen "127.0.0.1:$port_one"
	one=$pid
	wait "$load"
	good=$(grep -c '^200$' "$out/codes")
	holds "$name: all of 150 requests are answered while an instance is restarted" is "$good" 150
}
passes_on() { [ "$(code -H 'Host: cds.example.org' "http://127.0.0.1:$1/readyz")" = 200 ]; }
free_port() { perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1", LocalPort => 0)->sockport'; }
if perl -MIO::Socket::INET -e1 2>/dev/null && { command -v nginx || command -v haproxy; } >/dev/null; then
	printf 'server.hosts = cds.example.org\n' >"$out/instance.conf"
	cat fixtures/http/good.http | sed '1,/^\r$/d' >"$out/sign.json"
	start --no-journal --config "$out/instance.conf" --listen 127.0.0.1:0
	one=$pid port_one=$port
	start --no-journal --config "$out/instance.conf" --listen 127.0.0.1:0
	two=$pid port_two=$port
	ports="s/127.0.0.1:8081/127.0.0.1:$port_one/; s/127.0.0.1:8082/127.0.0.1:$port_two/"
	if command -v nginx >/dev/null; then
		proxy=$(free_port)
		{
			printf 'daemon off; pid %s/nginx.pid; error_log %s/nginx.err;\nevents {}\nhttp {\n' "$out" "$out"
			for kind in client_body proxy fastcgi uwsgi scgi; do printf '%s_temp_path %s/%s;\n' $kind "$out" $kind; done
			sed -e "$ports" -e "s/listen 443 ssl;/listen 127.0.0.1:$proxy;/" -e '/ssl_/d' -e 's/_timeout [0-9]*s;/_timeout 300s;/' -e "s|/var/log/nginx/|$out/|" docs/emr/nginx.conf
			printf '}\n'
		} >"$out/nginx.conf"
		nginx -e "$out/nginx.err" -c "$out/nginx.conf" 2>>"$out/nginx.err" &
		running+=("$!")
		nginx_pid=$!
		wait_for passes_on "$proxy"
		behind nginx "$proxy"
		kill "$nginx_pid"
	else
		skip "nginx is not installed"
	fi
	if command -v haproxy >/dev/null; then
		proxy=$(free_port)
		holds "HAProxy takes the shipped settings" haproxy -c -f <(sed "s/bind :443 .*/bind 127.0.0.1:$proxy/" docs/emr/haproxy.cfg)
		sed -e "$ports" -e "s/bind :443 .*/bind 127.0.0.1:$proxy/" -e 's/^\(\ttimeout [a-z-]*\) .*/\1 300s/' -e 's/^\ttimeout queue .*/&\n\ttimeout check 300s/' \
			docs/emr/haproxy.cfg >"$out/haproxy.cfg"
		holds "HAProxy takes its configuration" haproxy -c -f "$out/haproxy.cfg"
		haproxy -f "$out/haproxy.cfg" >"$out/haproxy.log" 2>&1 &
		running+=("$!")
		haproxy_pid=$!
		wait_for passes_on "$proxy"
		behind HAProxy "$proxy"
		kill "$haproxy_pid"
	else
		skip "HAProxy is not installed"
	fi
	kill -TERM "$one" "$two"
else
	skip "neither nginx nor HAProxy is installed"
fi

echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
