#!/usr/bin/env bash
# Builds docs/examples/check.c against the library as it stands and runs it.
set -uo pipefail
passed=0 failed=0
build=${BUILD:-build}
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
export VIGIL_CACHE="$out/cache.db"

case ${MODE:-release} in
asan) flags="-fsanitize=address,undefined" ;;
tsan) flags="-fsanitize=thread" ;;
cover) flags="--coverage" ;;
*) flags="" ;;
esac
libraries="$(pkg-config --libs lua5.4 sqlite3 libcjson nettle libxxhash) -lunistring -lm -lpthread"

check() { # name, then a command
	local name=$1
	shift
	if "$@" >"$out/log" 2>&1; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED $name"
		head -n 40 "$out/log"
	fi
}
example() { "$out/$1" "${@:2}"; }
tells() { # program, text: an answer about the shipped record with this text in it
	example "$1" rules fixtures/demo/record.json fixtures/demo/order-ibuprofen.json 2026-03-01 >"$out/answer" && cat "$out/answer" &&
		grep -q "$2" "$out/answer"
}
ends_with() { # status, command
	local wanted=$1 status=0
	shift
	"$@" || status=$?
	[ $status -eq "$wanted" ]
}

# shellcheck disable=SC2086
check "the example links with the static library" ${CC:-cc} -std=c99 -Wall -Wextra -Werror $flags -Iinclude docs/examples/check.c \
	"$build/libvigil.a" $libraries -o "$out/static"
# shellcheck disable=SC2086
check "the example links with the shared library" ${CC:-cc} -std=c99 -Wall -Wextra -Werror $flags -Iinclude docs/examples/check.c \
	-L"$build" -lvigil -o "$out/shared"
check "the example names the order" tells static ibuprofen
export LD_LIBRARY_PATH="$build"
check "the example answers with the shared library, too" tells shared ibuprofen
check "the same answer from both" cmp <(tells static ibuprofen) <(tells shared ibuprofen)
check "a missing record ends the example with 3" ends_with 3 example static rules no-such-file fixtures/demo/order-ibuprofen.json 2026-03-01
check "a partial date ends the example with 2" ends_with 2 example static rules fixtures/demo/record.json fixtures/demo/order-ibuprofen.json 2026-03
check "missing rules end the example with 4" ends_with 4 example static no-such-folder fixtures/demo/record.json fixtures/demo/order-ibuprofen.json 2026-03-01
echo "$passed passed, $failed failed, 0 skipped"
[ $failed -eq 0 ]
