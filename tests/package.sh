#!/usr/bin/env bash
# Builds the Debian packages in a copy of the tree, unpacks them into a folder, and uses what came out: the command with its
# starter pack, the library through its pkg-config file, the shipped settings.  Their versions are the program's.
set -euo pipefail
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
mkdir "$root/tree" "$root/fs"
git ls-files -z | xargs -0 cp --parents -t "$root/tree"
(cd "$root/tree" && make -s deb)
# The project has no address of its own yet; --allow-root: an image of a build machine has no other user.
lintian --allow-root --fail-on error,warning --suppress-tags bogus-mail-host,bogus-mail-host-in-debian-changelog "$root"/*.changes
for package in "$root"/*.deb; do dpkg-deb -x "$package" "$root/fs"; done
[ "$(dpkg-parsechangelog -S Version)" = "$(sed -n 's/^#define VIGIL_VERSION_TEXT "\(.*\)"/\1/p' include/vigil.h)" ]
export VIGIL_CACHE="$root/cache.db" LD_LIBRARY_PATH
LD_LIBRARY_PATH=$(dirname "$root"/fs/usr/lib/*/libvigil.so)
"$root/fs/usr/bin/vigil" check fixtures/demo/record.json --order fixtures/demo/order-ibuprofen.json --as-of 2026-03-01 | grep warfarin-nsaid
grep -q ExecStart=/usr/bin/vigil "$root/fs/lib/systemd/system/vigil.service"
sed "s|/var/lib/vigil|$root|; s|/run/vigil|$root|" "$root/fs/etc/vigil/vigil.conf" >"$root/vigil.conf"
"$root/fs/usr/bin/vigil" doctor --config "$root/vigil.conf"
flags=$(PKG_CONFIG_PATH="$LD_LIBRARY_PATH/pkgconfig" PKG_CONFIG_SYSROOT_DIR="$root/fs" pkg-config --define-variable=prefix=/usr --cflags --libs vigil)
${CC:-cc} -std=c99 docs/examples/check.c -o "$root/example" -I"$root/fs/usr/include" -L"$LD_LIBRARY_PATH" $flags
"$root/example" "$root/fs/usr/share/vigil/rules" fixtures/demo/record.json fixtures/demo/order-ibuprofen.json 2026-03-01 | grep ibuprofen
