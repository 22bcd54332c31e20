#!/usr/bin/env bash
# The integration guide: each `curl` of docs/emr/README.md is run against a fresh server with the starter
# pack, its status compared with what the page says (200, or the number behind ```sh).
set -uo pipefail
. tests/support/wait.sh
passed=0 failed=0 skipped=0
command=$(realpath "${COMMAND:-./vigil}")
out=$(mktemp -d)
pid=
finish() {
	[ -n "$pid" ] && kill -KILL "$pid" 2>/dev/null
	wait 2>/dev/null
	rm -rf "$out"
}
trap finish EXIT
export HOME="$out" LC_ALL=C VIGIL_CACHE="${VIGIL_CACHE:-$out/cache.db}"
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
		head -c 600 "$out/body" | sed 's/^/    answer: /'
	fi
}
is() { [ "$1" = "$2" ] || { echo "got \"$1\" instead of \"$2\""; return 1; }; }

if ! command -v curl >/dev/null || ! command -v jq >/dev/null; then
	echo "skipped: curl or jq is not installed"
	echo "0 passed, 0 failed, 1 skipped"
	exit 0
fi
"$command" serve --no-journal --listen 127.0.0.1:0 --socket "$out/v.sock" >"$out/ready" 2>"$out/log" </dev/null &
pid=$!
ready_or_gone() { [ "$(grep -c '^vigil: ready on' "$out/ready")" = 2 ] || ! kill -0 "$pid" 2>/dev/null; }
wait_for ready_or_gone
port=$(sed -n 's/^vigil: ready on http:.*:\([0-9]*\)$/\1/p' "$out/ready" | head -n 1)
holds "the server is ready" test -n "$port"

awk '/^```sh/ { inside = 1; next } /^```/ { inside = 0 } inside && NF' docs/emr/README.md >"$out/commands"
while read -r line; do
	line=${line//127.0.0.1:8080/127.0.0.1:$port}
	line=${line//\/run\/vigil\/vigil.sock/$out\/v.sock}
	got=$(eval "$line -o '$out/body' -w '%{http_code}'" 2>"$out/told")
	holds "$line" is "$got" 200
	case $line in
	*/metrics*) holds "metrics are text" grep -q '^vigil_http_requests_total ' "$out/body" ;;
	*@fixtures/hooks/feedback.json*) holds "feedback is counted" jq -e '.received == 1' "$out/body" ;;
	*/cds-services/vigil-*) holds "$line: cards, whole" \
		jq -e '(.cards | length > 0) and all(.cards[]; .uuid and .summary and .indicator and .source.label)' "$out/body" ;;
	esac
	case $line in
	*order-sign.json*vigil-order-sign*) holds "the interaction is found" jq -e 'any(.cards[]; .summary == "Bleeding risk: warfarin with an NSAID")' "$out/body" ;;
	*allergyintolerance-create*) holds "the allergy is found" jq -e 'any(.cards[]; .source.topic.code == "allergy")' "$out/body" ;;
	*problem-list-item-create*) holds "the contraindication is found" jq -e 'any(.cards[]; .source.topic.code == "contraindication")' "$out/body" ;;
	esac
done <"$out/commands"
holds "there are commands on the page" test "$(wc -l <"$out/commands")" -ge 20
for hook in $(curl -s "http://127.0.0.1:$port/cds-services" | jq -r '.services[].hook'); do
	holds "$hook has a request and a command" grep -q "fixtures/hooks/$hook.json .*/vigil-$hook\$" "$out/commands"
done
for file in fixtures/hooks/*.json; do
	holds "$file is used" grep -q "@$file" "$out/commands"
done
holds "the log has no refusal" is "$(grep -c '"level":"warning","event":"request"' "$out/log")" 0
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
