#!/usr/bin/env bash
# Installs into a folder of its own, builds the example program against what
# was installed, static and shared, runs it, and takes everything away again.
set -euo pipefail
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
make install PREFIX="$root/usr"
export PKG_CONFIG_PATH="$root/usr/lib/pkgconfig" LD_LIBRARY_PATH="$root/usr/lib" VIGIL_CACHE="$root/cache.db"
"$root/usr/bin/vigil" check fixtures/demo/record.json --order fixtures/demo/order-ibuprofen.json --as-of 2026-03-01 --format json >"$root/answer.json"
jq -e '.alerts | length > 0' "$root/answer.json"
for link in "" "--static"; do
	${CC:-cc} -std=c99 -Wall -Wextra -Werror docs/examples/check.c -o "$root/example" $(pkg-config --cflags vigil) \
		$([ -z "$link" ] && pkg-config --libs vigil || echo "$root/usr/lib/libvigil.a $(pkg-config --static --libs-only-l lua5.4 sqlite3 libcjson nettle libxxhash | tr ' ' '\n' | sort -u | tr '\n' ' ') -lunistring -lm -lpthread")
	"$root/example" "$root/usr/share/vigil/rules" fixtures/demo/record.json fixtures/demo/order-ibuprofen.json 2026-03-01 | tee "$root/out"
	grep -q ibuprofen "$root/out"
done
make uninstall PREFIX="$root/usr"
left=$(find "$root/usr" -type f)
[ -z "$left" ] || { echo "left behind: $left"; exit 1; }
