#!/usr/bin/env bash
# The printed queries on DuckDB and on local Spark beside `countonce audit` over the same facts:
# clock, processor time and peak memory, and how they grow with the number of events.
#
#   benches/warehouse.sh [MILLIONS…]     1 and 5
#
# Needs Python, and Java for Spark. Run it on a machine without other work.
set -euo pipefail
cd "$(dirname "$0")/.."
bench=target/bench
mkdir -p "$bench"
program=${COUNTONCE:-target/release/countonce}
[ -x "$program" ] || cargo build --release --bin countonce
rustc -O --edition 2024 benches/audit/generate.rs -o "$bench/generate"
if ! "$bench/engines/bin/python" -c 'import duckdb, pyspark' 2> /dev/null; then
  python3 -m venv "$bench/engines"
  "$bench/engines/bin/pip" install --quiet duckdb pyspark
fi
[ $# -gt 0 ] || set -- 1 5
for millions in "$@"; do
  facts="$bench/facts-$millions.parquet"
  if [ ! -f "$facts" ]; then
    logs="$bench/logs-$millions"
    "$bench/generate" "${millions}000000" "$logs"
    "$program" facts --browser "$logs/browser.ndjson" --server "$logs/server.ndjson" --out "$facts" 2> /dev/null
    rm -r "$logs"
  fi
done
exec "$bench/engines/bin/python" benches/warehouse/run.py "$program" "$bench" "$@"
