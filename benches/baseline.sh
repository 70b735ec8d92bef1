#!/usr/bin/env bash
# Whether a baseline is stable: plays the demo shop again and again in a real browser, writes
# the baseline of each run from nothing, and compares them byte for byte.
#   benches/baseline.sh [RUNS] [flags of `countonce demo`, such as --fault id-upper-cased]
# COUNTONCE names the program; without it a release build is made.
set -euo pipefail
cd "$(dirname "$0")/.."
runs=${1:-20}
shift || true
if [ -z "${COUNTONCE:-}" ]; then
  cargo build --release --quiet
  COUNTONCE=target/release/countonce
fi
program="$(realpath "$COUNTONCE")"
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
same=0
for run in $(seq "$runs"); do
  out="$folder/$run"
  code=0
  (cd "$folder" && "$program" demo --quiet --jobs 2 --no-pictures --out "$out" \
    --baseline "$folder/$run.toml" --update-baseline --format json "$@") > "$folder/said" 2>&1 || code=$?
  # Findings are accepted by the update, so nothing but a run that could not be made fails.
  if [ "$code" -ne 0 ] || [ ! -s "$folder/$run.toml" ]; then
    cat "$folder/said"
    echo "run $run ended with exit code $code"
    exit 1
  fi
  if cmp --silent "$folder/1.toml" "$folder/$run.toml"; then
    same=$((same + 1))
  else
    echo "run $run differs:"
    diff "$folder/1.toml" "$folder/$run.toml" | head -n 40 || true
  fi
  rm -rf "$out"
done
echo "$same of $runs runs wrote the same baseline ($(wc -c < "$folder/1.toml") bytes, sha256 $(sha256sum < "$folder/1.toml" | cut -c1-12))"
[ "$same" -eq "$runs" ]
