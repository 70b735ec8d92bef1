#!/usr/bin/env bash
# Plays the guest checkout many times at once on one shop and proves that no call was lost
# and none was given to another visitor; prints time and the memory of the program itself
# (browsers not counted, development build).
#   benches/soak.sh [RUNS] [JOBS]
set -euo pipefail
cd "$(dirname "$0")/.."
SOAK_RUNS="${1:-200}" SOAK_JOBS="${2:-8}" COUNTONCE_REQUIRE_BROWSER=1 \
    cargo test --locked --test suite live_soak_of_many_runs -- --ignored --nocapture
