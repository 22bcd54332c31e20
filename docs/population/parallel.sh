#!/usr/bin/env bash
# One patient bundle a line, over all cores of a machine (or, with parallel's --sshlogin, of several), through GNU parallel.
#
#     docs/population/parallel.sh BUNDLES.ndjson RESULT.ndjson [OPTION OF vigil scan]…      BLOCK=64M
#
# Needs Debian's parallel.  The file is cut at line ends into blocks that parallel hands to one process each and puts together in the file's order,
# so the result is exactly that of one process.  Status 3 means that some lines could not be read; they are in the result, as lines with "error".
# A line number in such an error counts within its block.
set -euo pipefail
if [ $# -lt 2 ]; then
	sed -n '2,8s/^# \{0,1\}//p' "$0"
	exit 2
fi
bundles=$1 result=$2
shift 2
joblog=$(mktemp)
trap 'rm -f "$joblog"' EXIT
parallel --no-notice --pipe-part -a "$bundles" --block "${BLOCK:-64M}" --keep-order --joblog "$joblog" "${VIGIL:-vigil}" scan - --format ndjson --jobs 1 "$@" >"$result.part" || true
worst=$(awk 'NR > 1 && $7 > worst {worst = $7} END {print worst + 0}' "$joblog")
if [ "$worst" -ne 0 ] && [ "$worst" -ne 3 ]; then
	echo "a process ended with status $worst; $result is not written" >&2
	exit "$worst"
fi
mv "$result.part" "$result"
exit "$worst"
