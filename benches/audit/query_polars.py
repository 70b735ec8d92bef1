"""The audit's job as a polars script: the third side of the comparison.

    python query_polars.py FOLDER ndjson|parquet

Prints the same figures as query_duckdb.py. POLARS_MAX_THREADS sets its threads.
"""

import json
import sys
import time

import polars as pl

KEYS = ["em", "ph", "fn", "ln", "ct", "external_id", "fbp", "fbc", "client_ip_address"]
DIGESTS = ["em", "ph", "fn", "ln", "ct"]
WINDOW = 48 * 3600 * 1000


def is_valid(key):
    column = pl.col(key)
    if key in DIGESTS:
        return column.str.contains(r"^[0-9a-f]{64}$")
    if key == "external_id":
        return column != ""
    if key == "fbp":
        return column.str.contains(r"^fb\.[0-9]\.[0-9]{13}\.[0-9]+$")
    if key == "fbc":
        return column.str.contains(r"^fb\.[0-9]\.[0-9]{13}\.[A-Za-z0-9_-]{10,}$")
    return column.str.contains(r"^[0-9]{1,3}(\.[0-9]{1,3}){3}$") & ~column.str.contains(
        r"^(10\.|127\.|192\.168\.|172\.(1[6-9]|2[0-9]|3[01])\.)"
    )


def ndjson(folder, side):
    lists = ("em", "ph") if side == "server" else ()
    user = {key: pl.List(pl.String) if key in lists else pl.String for key in KEYS}
    event = pl.Struct(
        {
            "event_name": pl.String,
            "event_id": pl.String,
            "user_data": pl.Struct(user),
            "custom_data": pl.Struct({"value": pl.Float64, "currency": pl.String}),
        }
    )
    schema = {"received_at": pl.Int64, "event": event}
    if side == "server":
        schema["status"] = pl.Int64

    def field(*path):
        column = pl.col("event")
        for name in path:
            column = column.struct.field(name)
        return column

    keys = [
        (field("user_data", key).list.first() if key in lists else field("user_data", key)).alias(key)
        for key in KEYS
    ]
    return pl.scan_ndjson(f"{folder}/{side}.ndjson", schema=schema).select(
        pl.col("received_at").alias("caught"),
        field("event_name").alias("name"),
        field("event_id").alias("id"),
        field("custom_data", "value").alias("value"),
        field("custom_data", "currency").alias("currency"),
        (pl.col("status") >= 400 if side == "server" else pl.lit(False)).alias("refused"),
        *keys,
    )


def parquet(folder, side):
    frame = pl.scan_parquet(f"{folder}/{side}.parquet")
    if side == "browser":
        frame = frame.with_columns(pl.lit(None, pl.String).alias("client_ip_address"))
    return frame.select(
        pl.col("received_at").alias("caught"),
        pl.col("event_name").alias("name"),
        pl.col("event_id").alias("id"),
        "value",
        "currency",
        (pl.col("status") >= 400 if side == "server" else pl.lit(False)).alias("refused"),
        *KEYS,
    )


def figures(folder, form):
    read = {"ndjson": ndjson, "parquet": parquet}[form]
    sums = [
        one
        for key in KEYS
        for one in (
            (pl.col(key) != "").fill_null(False).sum().alias(f"has_{key}"),
            is_valid(key).fill_null(False).sum().alias(f"ok_{key}"),
        )
    ]
    sides, seen, again, idless = {}, {}, {}, {}
    for side in ("browser", "server"):
        rows = read(folder, side)
        with_id = pl.col("id").fill_null("") != ""
        # Text is read once: what is needed again stays in memory.
        rows = rows.collect(engine="streaming").lazy()
        ids = (
            rows.filter(with_id)
            .group_by("name", "id")
            .agg(
                pl.col("caught").min(),
                pl.col("value").sort_by("caught").first(),
                pl.col("currency").sort_by("caught").first(),
                pl.len().alias("n"),
                pl.col("refused").sum().alias("bad"),
            )
        )
        copies = (
            rows.filter(with_id & ~pl.col("refused"))
            .join(ids.filter(pl.col("n") - pl.col("bad") > 1), on=["name", "id"], suffix="_first")
            .filter(pl.col("caught") > pl.col("caught_first"))
        )
        whole, twice, alone, first = pl.collect_all(
            [
                rows.group_by("name").agg(pl.len(), pl.col("refused").sum(), *sums),
                copies.group_by("name").agg(pl.len(), pl.col("refused").sum(), *sums),
                rows.filter(~with_id).group_by("name").agg(pl.len()),
                ids,
            ]
        )
        seen[side] = {row[0]: row[1:] for row in whole.iter_rows()}
        again[side] = {row[0]: row[1:] for row in twice.iter_rows()}
        idless[side] = dict(alone.iter_rows())
        sides[side] = first
    joined = sides["browser"].join(sides["server"], on=["name", "id"], how="full", suffix="_s", coalesce=True)
    lag = (pl.col("caught_s") - pl.col("caught")).alias("lag")
    pair = ((pl.col("caught_s") - pl.col("caught")).abs() <= WINDOW).fill_null(False)
    joined = joined.with_columns(lag, pair.alias("pair"))
    differ = (pl.col("value") - pl.col("value_s")).abs() > 0.005
    by_name = joined.group_by("name").agg(
        pl.col("pair").sum(),
        (~pl.col("pair") & pl.col("n").is_not_null()).sum().alias("browser"),
        pl.when(pl.col("pair") | pl.col("n_s").is_null())
        .then(0)
        .otherwise(pl.col("bad_s").cast(pl.Int64) + (pl.col("n_s") > pl.col("bad_s")).cast(pl.Int64))
        .sum()
        .alias("server"),
        (pl.col("pair") & pl.col("currency").eq_missing(pl.col("currency_s")) & differ).sum().alias("v"),
        (pl.col("pair") & (pl.col("currency") != pl.col("currency_s"))).sum().alias("c"),
    )
    lags = joined.filter("pair")["lag"].sort()
    rank = lambda per_cent: lags[max(1, -(-len(lags) * per_cent // 100)) - 1]
    events = {}
    for name, paired, browser, server, values, currencies in by_name.iter_rows():
        row = {"paired": paired, "values_differ": values, "currencies_differ": currencies, "sides": {}}
        for side, alone in (("browser", browser), ("server", server)):
            one = seen[side][name]
            two = again[side].get(name, [0] * len(one))
            row["sides"][side] = {
                "events": one[0],
                "refused": one[1],
                "repeats": two[0],
                "alone": alone + idless[side].get(name, 0),
                "looked_at": one[0] - two[0],
                "keys": {key: one[2 + 2 * at] - two[2 + 2 * at] for at, key in enumerate(KEYS)},
                "valid": {key: one[3 + 2 * at] - two[3 + 2 * at] for at, key in enumerate(KEYS)},
            }
        events[name] = row
    return {"events": events, "lag": [rank(50), rank(95), rank(99)]}


if __name__ == "__main__":
    begun = time.monotonic()
    found = figures(sys.argv[1], sys.argv[2])
    found["seconds"] = round(time.monotonic() - begun, 3)
    print(json.dumps(found))
