#!/usr/bin/env bash
# `make fuzz`: libFuzzer over rule files for SECONDS_EACH seconds, under the
# address and undefined-behaviour sanitizers. What breaks it is left in
# build/fuzz and ends it with 1; the corpus grows in build/fuzz/rules.
set -euo pipefail
seconds=${SECONDS_EACH:-60}
out=${BUILD:-build}/fuzz
mkdir -p "$out/rules"
# shellcheck disable=SC2046
clang -std=c11 -D_GNU_SOURCE -DVIGIL_BUILD -Iinclude -Iengine -Itests -O1 -g -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined \
	$(pkg-config --cflags lua5.4 sqlite3 libcjson nettle libxxhash) tests/fuzz/rule_file.c tests/script/fuzz_file.c \
	engine/base/*.c engine/knowledge/*.c engine/record/*.c engine/rule/*.c engine/script/*.c \
	$(pkg-config --libs lua5.4 sqlite3 libcjson nettle libxxhash) -lunistring -lm -lpthread -o "$out/rule_file"
cp -n fixtures/mistakes/*.lua fixtures/hostile/*.lua rules/*/*.lua "$out/rules/"
tr '\n' ' ' <engine/rule/words.def | grep -o 'WORD([A-Z_]*, "[a-z_]*"' | sed 's/.*, //' >"$out/words.dict"
"$out/rule_file" -max_len=6000 -timeout=10 -rss_limit_mb=2048 -max_total_time="$seconds" -dict="$out/words.dict" -artifact_prefix="$out/" -print_final_stats=1 "$out/rules"
