#!/usr/bin/env bash
# Page load time through the browser tap against no proxy, in one run: the same pages of
# the demo shop, the same browser settings, loads of both kinds taken in turn.
# Prints the medians and their ratio. Usage: benches/load.sh [ROUNDS]
set -euo pipefail
cd "$(dirname "$0")/.."
COUNTONCE_LOAD_ROUNDS="${1:-60}" cargo test --test suite live_page_load -- --include-ignored --nocapture
