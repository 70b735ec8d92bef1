"""Runs the audit and the other engines over the same logs, in turns, and sets them side by side.

    python compare.py FOLDER COUNTONCE [ROUNDS] [FLOOR]

Every engine is a process of its own with two threads; what counts is the clock from its
start to its end, the best of all rounds, so that a loaded machine disturbs all alike.
Ends with an error where any figure differs.
"""

import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
SHARE = 5e-5  # Shares in the report have four digits.
ROW = 96  # Bytes that an event takes until it is joined.


def run(words, env=None):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.monotonic()
    done = subprocess.run(words, capture_output=True, env={**os.environ, **(env or {})})
    clock = time.monotonic() - begun
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in (0, 1):
        sys.exit(f"{words[0]} failed: {done.stderr.decode()[-2000:]}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return clock, cpu, done.stdout, done.stderr.decode()


def ours(text):
    """The figures of a report, in the form of the queries'."""
    report = json.loads(text)
    log = report["log"]
    events = {}
    for row in report["events"]:
        days = [day for day in log["days"] if day["event"] == row["event"]]
        both = lambda name: sum(day[name] for day in days)
        sides = {}
        for side in ("browser", "server"):
            one = lambda name: sum(day[name][side] for day in days)
            counts = row["coverage_counts"][side]
            sides[side] = {
                "events": one("events"),
                "repeats": one("repeats"),
                "alone": one("alone") + one("unmerged"),
                "looked_at": max((part["of"] for part in counts.values()), default=0),
                "keys": {key: part["count"] for key, part in counts.items()},
            }
        events[row["event"]] = {
            "paired": both("paired"),
            "values_differ": both("values_differ"),
            "currencies_differ": both("currencies_differ"),
            "refused": both("refused"),
            "sides": sides,
        }
    lag = [log["whole"]["lag"][name] for name in ("p50", "p95", "p99")]
    return events, lag, log["whole"]["valid"]


def compare(report, query):
    """The differences between the figures of the report and those of a query."""
    events, lag, valid = ours(report)
    other = json.loads(query)
    wrong = [] if other["lag"] == lag else [f"lag: {lag} against {other['lag']}"]
    checked = 3
    if set(events) != set(other["events"]):
        wrong.append(f"events: {sorted(events)} against {sorted(other['events'])}")
    for name, row in other["events"].items():
        mine = events.get(name, {})
        pairs = [(key, mine.get(key), row[key]) for key in ("paired", "values_differ", "currencies_differ")]
        pairs.append(("refused", mine.get("refused"), sum(one["refused"] for one in row["sides"].values())))
        for side, one in row["sides"].items():
            own = mine.get("sides", {}).get(side, {})
            pairs += [(f"{side} {key}", own.get(key), one[key]) for key in ("events", "repeats", "alone", "looked_at")]
            # What no event of a side carries has no entry.
            pairs += [(f"{side} {key}", own.get("keys", {}).get(key, 0), count) for key, count in one["keys"].items()]
        checked += len(pairs)
        wrong += [f"{name} {what}: {a} against {b}" for what, a, b in pairs if a != b]
    for side in ("browser", "server"):
        rows = [row["sides"][side] for row in other["events"].values()]
        looked = sum(row["looked_at"] for row in rows)
        for key in rows[0]["valid"]:
            share = sum(row["valid"][key] for row in rows) / looked
            checked += 1
            if abs(share - valid[side].get(key, 0)) > SHARE + 1e-9:
                wrong.append(f"{side} {key} well formed: {valid[side].get(key)} against {share}")
    return checked, wrong


def events_of(report):
    return sum(one["events"] for one in json.loads(report)["log"]["inputs"])


def main(folder, binary, rounds, floor):
    python = sys.executable
    failed = False
    for form in ("ndjson", "parquet"):
        files = [f"--browser={folder}/browser.{form}", f"--server={folder}/server.{form}"]
        engines = {
            "countonce": ([binary, "audit", *files, "--jobs=2", "--timings", "--format=json", "--out=-"], None),
            "DuckDB": ([python, str(HERE / "query_duckdb.py"), folder, form, "2"], None),
            "polars": ([python, str(HERE / "query_polars.py"), folder, form], {"POLARS_MAX_THREADS": "2"}),
        }
        best = {}
        for _ in range(rounds):
            for name, (words, env) in engines.items():
                taken = run(words, env)
                if name not in best or taken[0] < best[name][0]:
                    least = min(taken[1], best[name][1]) if name in best else taken[1]
                    best[name] = (taken[0], least, *taken[2:])
        size = sum(Path(folder, f"{side}.{form}").stat().st_size for side in ("browser", "server"))
        print(f"\n{form}: {size / 1e6:.0f} MB, best of {rounds} rounds in turns")
        print(f"  {'':<10}{'clock':>9}{'ratio':>8}{'processor':>12}{'ratio':>8}")
        clock, cpu = best["countonce"][:2]
        for name, (its_clock, its_cpu, *_) in best.items():
            print(f"  {name:<10}{its_clock:>7.2f} s{its_clock / clock:>7.1f}x{its_cpu:>10.2f} s{its_cpu / cpu:>7.1f}x")
        print("  " + best["countonce"][3].strip().replace("\n", "\n  "))
        for name in ("DuckDB", "polars"):
            checked, wrong = compare(best["countonce"][2], best[name][2])
            failed |= bool(wrong)
            print(f"  figures against {name}: {checked} compared, {len(wrong)} differ")
            for line in wrong[:20]:
                print(f"    {line}")
        if floor:
            words = [floor, str(ROW), str(events_of(best["countonce"][2])), *(file.split("=")[1] for file in files)]
            least = subprocess.run(words, capture_output=True, check=True, text=True).stdout.split()
            read, scan, memory = (f"{float(one):.2f} s" for one in least)
            scan = f", {scan} to look at every byte," if form == "ndjson" else ""
            print(f"  the machine's own limit, two threads: {read} to read the files{scan} and {memory} to write the rows")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 5
    main(sys.argv[1], sys.argv[2], rounds, sys.argv[4] if len(sys.argv) > 4 else None)
