"""Time and peak memory of an audit, from one million events to a hundred.

    python scale.py FOLDER COUNTONCE [MILLIONS…] [--parquet MILLIONS]

Up to 20 million events are NDJSON of the generator. The largest run is Parquet: shards of
a million events, each with ids and visitors of its own, so that what is unmatched grows as
it does with a real site. Every run's folder is removed after it.
"""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent


def audit(binary, browser, server, extra=()):
    """Seconds, processor seconds and peak megabytes of one audit."""
    words = [binary, "audit", "--browser", str(browser), "--server", str(server), "--jobs", "2"]
    words += ["--timings", "--format", "json", "--out", "-", *extra]
    begun = time.monotonic()
    with open(os.devnull, "wb") as nothing:
        child = subprocess.Popen(words, stdout=nothing, stderr=subprocess.PIPE, text=True)
        said = child.stderr.read()
        _, status, used = os.wait4(child.pid, 0)
    code = os.waitstatus_to_exitcode(status)
    if code not in (0, 1):
        sys.exit(f"countonce failed with {code}: {said[-2000:]}")
    return time.monotonic() - begun, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, said


def show(what, events, taken):
    clock, cpu, memory, said = taken
    print(f"{what:<24}{clock:>8.1f} s{cpu:>9.1f} s cpu{clock / events * 1e6:>8.2f} s per million{memory:>8.0f} MB peak")
    print("  " + said.strip().replace("\n", "\n  "), flush=True)


def main(bench, binary, millions, parquet):
    for count in millions:
        events = count * 1_000_000
        folder = Path(bench, f"scale-{count}")
        subprocess.run([f"{bench}/generate", str(events), str(folder)], check=True)
        taken = audit(binary, folder / "browser.ndjson", folder / "server.ndjson")
        show(f"NDJSON {count} M", events, taken)
        if count == max(millions):
            small = audit(binary, folder / "browser.ndjson", folder / "server.ndjson", ["--memory", "512"])
            show(f"NDJSON {count} M, on disk", events, small)
        shutil.rmtree(folder)
    if parquet:
        folder = Path(bench, "scale-parquet")
        subprocess.run([f"{bench}/generate", "1000000", str(folder)], check=True)
        subprocess.run([sys.executable, str(HERE / "parquet.py"), str(folder), str(parquet)], check=True)
        for side in ("browser", "server"):
            (folder / f"{side}.ndjson").unlink()
        taken = audit(binary, folder / "parquet" / "browser", folder / "parquet" / "server")
        show(f"Parquet {parquet} M", parquet * 1_000_000, taken)
        shutil.rmtree(folder)


if __name__ == "__main__":
    words = sys.argv[3:]
    largest = 100
    if "--parquet" in words:
        place = words.index("--parquet")
        largest = int(words[place + 1])
        del words[place : place + 2]
    main(sys.argv[1], sys.argv[2], [int(word) for word in words] or [1, 5, 20], largest)
