#!/usr/bin/env bash
# Prints 'N passed, N failed, N skipped' over the .trx files of one test run. Exits 1 when a test failed, when there is
# none, or when a test project left no results: the run notes each one as NAME.expected (see Directory.Build.targets).
# Usage: eng/sum-tests.sh DIRECTORY
set -euo pipefail
shopt -s nullglob

directory=$1
missing=0
for expected in "$directory"/*.expected; do
    if [ ! -f "${expected%.expected}.trx" ]; then
        echo "$(basename "$expected" .expected) left no test results." >&2
        missing=$((missing + 1))
    fi
done

# In a .trx file a skipped test counts in total, but not in executed. A project without results counts as one failure.
cat /dev/null "$directory"/*.trx | awk -v missing="$missing" '
    match($0, /<Counters [^>]*>/) {
        counters = substr($0, RSTART, RLENGTH)
        count = split("total executed passed", names, " ")
        for (i = 1; i <= count; i++)
            if (match(counters, " " names[i] "=\"[0-9]+"))
                sum[names[i]] += substr(counters, RSTART + length(names[i]) + 3, RLENGTH - length(names[i]) - 3)
    }
    END {
        failed = sum["executed"] - sum["passed"] + missing
        printf "%d passed, %d failed, %d skipped\n", sum["passed"], failed, sum["total"] - sum["executed"]
        exit failed > 0 || sum["total"] == 0
    }'
