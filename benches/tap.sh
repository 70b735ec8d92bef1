#!/bin/sh
# Measures the browser tap, and mitmproxy beside it in the same run.
# mitmproxy is installed from PyPI into target/mitmproxy, which takes a minute once.
# Usage: benches/tap.sh [--profile dev] (dev needs no optimised build, and is slower)
set -eu
cd "$(dirname "$0")/.."
venv="${CARGO_TARGET_DIR:-target}/mitmproxy"
if [ ! -x "$venv/bin/mitmdump" ]; then
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check mitmproxy
fi
exec cargo bench --bench tap "$@" -- --mitmdump "$venv/bin/mitmdump"
