#!/usr/bin/env bash
# Prints 'N passed, N failed, N skipped' over the .trx files of one test run. Exits 1 when a test failed, or when a test
# project ran none: the run notes each project as NAME.expected (see TestResults.targets). Such a project counts as one failure.
# Usage: eng/sum-tests.sh DIRECTORY
set -euo pipefail
shopt -s nullglob

directory=$1
silent=0
for expected in "$directory"/*.expected; do
    if ! grep -q '<Counters total="[1-9]' "${expected%.expected}.trx" 2>/dev/null; then
        echo "$(basename "$expected" .expected) ran no test." >&2
        silent=$((silent + 1))
    fi
done

# In a .trx file a skipped test counts in total, but not in executed.
cat /dev/null "$directory"/*.trx | awk -v silent="$silent" '
    match($0, /<Counters [^>]*>/) {
        counters = substr($0, RSTART, RLENGTH)
        count = split("total executed passed", names, " ")
        for (i = 1; i <= count; i++)
            if (match(counters, " " names[i] "=\"[0-9]+"))
                sum[names[i]] += substr(counters, RSTART + length(names[i]) + 3, RLENGTH - length(names[i]) - 3)
    }
    END {
        failed = sum["executed"] - sum["passed"] + silent
        printf "%d passed, %d failed, %d skipped\n", sum["passed"], failed, sum["total"] - sum["executed"]
        exit failed > 0 || sum["total"] == 0
    }'
