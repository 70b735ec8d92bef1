#!/bin/sh
# Times `countonce check` from start to exit on a tape of 10,000 events: reading, decoding,
# joining, every rule, and the JSON report. Fails where the best of the rounds takes a second
# or more. The tape is written by the bench `judge` in the dev profile, so that nothing but
# the program itself is built for release.
# Usage: benches/judge.sh [ROUNDS]
set -eu
cd "$(dirname "$0")/.."
rounds="${1:-5}"
target="${CARGO_TARGET_DIR:-target}"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
tape="$folder/tape.jsonl"
cargo build --quiet --release --bin countonce
COUNTONCE_BENCH_TAPE="$tape" cargo test --quiet --bench judge
best=
round=0
while [ "$round" -lt "$rounds" ]; do
    begin=$(date +%s%N)
    code=0
    "$target/release/countonce" check "$tape" --format json --out - >"$tape.report" || code=$?
    end=$(date +%s%N)
    # The tape has faults in it: the gate fails, and nothing else may.
    [ "$code" -eq 1 ] || { echo "check ended with $code" >&2; exit 1; }
    millis=$(((end - begin) / 1000000))
    echo "round $((round + 1)): $millis ms"
    if [ -z "$best" ] || [ "$millis" -lt "$best" ]; then best=$millis; fi
    round=$((round + 1))
done
echo "best of $rounds: $best ms for $(wc -l <"$tape") lines of tape"
[ "$best" -lt 1000 ] || { echo "too slow: it must take less than a second" >&2; exit 1; }
