#!/usr/bin/env bash
# The house's own rules, each a named check; every failure says where.
set -uo pipefail
passed=0 failed=0
build=${BUILD:-build}
flags="-std=c11 -D_GNU_SOURCE -DVIGIL_BUILD -Iinclude -Iengine"

check() { # name, then a command that prints nothing and succeeds when all is well
	local name=$1 out status
	shift
	out=$("$@" 2>&1)
	status=$?
	if [ $status -eq 0 ]; then
		passed=$((passed + 1))
		echo "ok      $name"
	else
		failed=$((failed + 1))
		echo "FAILED  $name"
		printf '%s\n' "$out" | head -n 40 | sed 's/^/        /'
	fi
}

floors() { # a file includes headers of its own floor and of lower floors only
	awk '
	BEGIN { n = split("base knowledge record rule script evaluation library store service cli", f); for (i = 1; i <= n; i++) level[f[i]] = i }
	FNR == 1 { split(FILENAME, path, "/"); own = level[path[2]] }
	/^#include "/ { split($2, q, "\""); m = split(q[2], part, "/"); if (m > 1 && (!(part[1] in level) || level[part[1]] > own)) { print FILENAME ":" FNR ": includes " q[2] " of a higher floor"; bad = 1 } }
	END { exit bad }' engine/*/*.[ch] engine/*/*.def
}
lua_only_in_script() { ! grep -ln '#include <lua\|#include <lauxlib' engine/*/*.[ch] | grep -v '^engine/script/' | grep -v '^engine/cli/version.c'; }
json_stays_below() { ! grep -ln '#include <cjson' engine/{base,knowledge,record,rule,script,evaluation}/*.[ch]; }
memory_only_in_base() { ! grep -nE '\b(malloc|calloc|realloc|strdup|asprintf)\(' engine/*/*.c | grep -v '^engine/base/'; }
symbols() {
	! nm -D --defined-only "$build/libvigil.so.0" | awk '{print $3}' | grep -v '^vigil_' &&
		for name in $(sed -n 's/^VIGIL_API.*[ *]\(vigil_[a-z_]*\)(.*/\1/p' include/vigil.h); do
			nm -D --defined-only "$build/libvigil.so.0" | grep -q " T $name$" || { echo "$name is declared but not exported"; return 1; }
		done
}
header_c99() { echo '#include "vigil.h"' | cc -std=c99 -pedantic -Wall -Wextra -Werror -Iinclude -fsyntax-only -x c -; }
header_cxx() { echo '#include "vigil.h"' | c++ -std=c++11 -pedantic -Wall -Wextra -Werror -Iinclude -fsyntax-only -x c++ -; }
headers_alone() {
	local header
	for header in engine/*/*.h; do
		cc $flags $(pkg-config --cflags lua5.4 sqlite3 libcjson nettle) -Wall -Wextra -Werror -fsyntax-only -include "$header" -x c /dev/null || return 1
	done
}
static_analysis() {
	cppcheck --quiet --error-exitcode=1 --enable=warning,portability --inline-suppr --std=c11 -j 2 -DVIGIL_BUILD -Iinclude -Iengine \
		--suppress=missingIncludeSystem --suppress=preprocessorErrorDirective engine
}
no_machine_paths() { ! git grep -nE '/(work|root|tmp/b-)/' -- . ':!*.json' ':!*.ndjson' ':!tests/lint.sh'; }
scripts_parse() { local s; for s in $(git ls-files '*.sh' .ci/run); do bash -n "$s" || return 1; done; }
formatted() { clang-format --dry-run --Werror include/*.h engine/*/*.[ch] tests/*/*.[ch] 2>&1 | head -n 10; return "${PIPESTATUS[0]}"; }
file_lengths() { # a report: a long file is a place to ask whether it says one thing
	wc -l engine/*/*.[ch] | awk '$1 > 600 && $2 != "total" { print "        long: " $2 " " $1 " lines" }'
	wc -l engine/*/*.[ch] | grep -v total | awk '{print $1}' | sort -n | awk '{a[NR] = $1} END { print "        files: " NR ", median " a[int((NR + 1) / 2)] " lines, longest " a[NR] }'
}

check "floors: includes point downwards" floors
check "Lua is known to the script floor only" lua_only_in_script
check "cJSON is not known below the library" json_stays_below
check "memory is allocated by the base floor only" memory_only_in_base
check "the library exports vigil_* and all of vigil.h" symbols
check "vigil.h alone as C99" header_c99
check "vigil.h alone as C++" header_cxx
check "every header stands alone" headers_alone
check "cppcheck finds nothing" static_analysis
check "no machine's path in the tree" no_machine_paths
check "shell scripts parse" scripts_parse
check "clang-format has nothing to change" formatted
file_lengths
echo "$passed passed, $failed failed, 0 skipped"
[ $failed -eq 0 ]
