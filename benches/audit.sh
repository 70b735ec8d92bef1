#!/usr/bin/env bash
# The audit against DuckDB and polars on the same logs, side by side: clock, processor time,
# and every figure compared.
#
#   benches/audit.sh [EVENTS] [ROUNDS]     1000000 events, 5 rounds
#   benches/audit.sh scale                 1, 5 and 20 million events as NDJSON and 100 million
#                                          as Parquet: time and peak memory (some 45 GB of disk)
set -euo pipefail
cd "$(dirname "$0")/.."
bench=target/bench
mkdir -p "$bench"
cargo build --release --bin countonce
for part in generate floor; do
  rustc -O --edition 2024 "benches/audit/$part.rs" -o "$bench/$part"
done
if [ ! -x "$bench/venv/bin/python" ]; then
  python3 -m venv "$bench/venv"
  "$bench/venv/bin/pip" install --quiet duckdb polars
fi
python="$bench/venv/bin/python"

if [ "${1:-}" = scale ]; then
  exec "$python" benches/audit/scale.py "$bench" target/release/countonce "${@:2}"
fi
events=${1:-1000000}
logs="$bench/$events"
if [ ! -f "$logs/server.parquet" ]; then
  "$bench/generate" "$events" "$logs"
  "$python" benches/audit/parquet.py "$logs"
fi
"$python" benches/audit/compare.py "$logs" target/release/countonce "${2:-5}" "$bench/floor"
