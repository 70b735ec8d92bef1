"""The audit's job as SQL, for DuckDB: the other side of the comparison.

Reads both logs, counts, tells the coverage of nine match keys with checks of their form,
joins both sides in full on name and ID, counts mismatches and takes the lag. No rule is
asked. Written to be quick: one pass over the text, one grouping by ID, and the few further
copies are subtracted instead of numbering every row.

    python query_duckdb.py FOLDER ndjson|parquet [THREADS]

Prints its figures as JSON, with the seconds that the queries took.
"""

import json
import sys
import time

import duckdb

KEYS = ["em", "ph", "fn", "ln", "ct", "external_id", "fbp", "fbc", "client_ip_address"]
DIGESTS = ["em", "ph", "fn", "ln", "ct"]
WINDOW = 48 * 3600 * 1000


def is_valid(key):
    if key in DIGESTS:
        return f"regexp_full_match({key}, '[0-9a-f]{{64}}')"
    if key == "external_id":
        return f"{key} <> ''"
    if key == "fbp":
        return f"regexp_full_match({key}, 'fb\\.[0-9]\\.[0-9]{{13}}\\.[0-9]+')"
    if key == "fbc":
        return f"regexp_full_match({key}, 'fb\\.[0-9]\\.[0-9]{{13}}\\.[A-Za-z0-9_-]{{10,}}')"
    return (
        f"regexp_full_match({key}, '[0-9]{{1,3}}(\\.[0-9]{{1,3}}){{3}}') AND NOT "
        f"regexp_matches({key}, '^(10\\.|127\\.|192\\.168\\.|172\\.(1[6-9]|2[0-9]|3[01])\\.)')"
    )


def ndjson(folder, side):
    lists = side == "server"
    user = ", ".join(
        f"{key} {'VARCHAR[]' if lists and key in ('em', 'ph') else 'VARCHAR'}" for key in KEYS
    )
    event = (
        f"STRUCT(event_name VARCHAR, event_id VARCHAR, user_data STRUCT({user}), "
        "custom_data STRUCT(value DOUBLE, currency VARCHAR))"
    )
    status = ", status: 'INTEGER'" if lists else ""
    keys = ", ".join(
        f"event.user_data.{key}{'[1]' if lists and key in ('em', 'ph') else ''} AS {key}"
        for key in KEYS
    )
    return (
        f"SELECT {int(lists)}::TINYINT AS side, received_at AS caught, event.event_name AS name, "
        f"event.event_id AS id, event.custom_data.value AS value, "
        f"event.custom_data.currency AS currency, "
        f"{'status >= 400' if lists else 'false'} AS refused, {keys} "
        f"FROM read_json('{folder}/{side}.ndjson', format='newline_delimited', "
        f"columns={{received_at: 'BIGINT'{status}, event: '{event}'}})"
    )


def parquet(folder, side):
    refused = "status >= 400" if side == "server" else "false"
    absent = [] if side == "server" else ["client_ip_address"]
    keys = ", ".join(f"NULL::VARCHAR AS {key}" if key in absent else key for key in KEYS)
    return (
        f"SELECT {int(side == 'server')}::TINYINT AS side, received_at AS caught, "
        f"event_name AS name, event_id AS id, value, currency, {refused} AS refused, {keys} "
        f"FROM read_parquet('{folder}/{side}.parquet')"
    )


def figures(folder, form, threads):
    read = {"ndjson": ndjson, "parquet": parquet}[form]
    db = duckdb.connect()
    db.execute(f"SET threads = {threads}")
    db.execute("SET preserve_insertion_order = false")
    flags = ", ".join(
        f"coalesce({key} <> '', false) AS has_{key}, coalesce({is_valid(key)}, false) AS ok_{key}"
        for key in KEYS
    )
    db.execute(
        f"CREATE TEMP TABLE facts AS SELECT side, caught, name, id, value, currency, refused, {flags} "
        f"FROM ({read(folder, 'browser')} UNION ALL {read(folder, 'server')})"
    )
    sums = ", ".join(f"count_if(has_{key}), count_if(ok_{key})" for key in KEYS)
    seen = {
        (row[0], row[1]): list(row[2:])
        for row in db.execute(
            f"SELECT side, name, count(*), count_if(refused), {sums} FROM facts GROUP BY ALL"
        ).fetchall()
    }
    db.execute(
        "CREATE TEMP TABLE ids AS SELECT side, name, id, min(caught) AS caught, arg_min(value, caught) AS value, "
        "arg_min(currency, caught) AS currency, count(*) AS n, "
        "count(*) FILTER (refused) AS refused FROM facts WHERE id <> '' GROUP BY ALL"
    )
    again = {
        (row[0], row[1]): list(row[2:])
        for row in db.execute(
            f"SELECT f.side, f.name, count(*), count_if(f.refused), {sums} FROM facts f JOIN "
            "(SELECT * FROM ids WHERE n - refused > 1) i "
            "ON f.side = i.side AND f.name = i.name AND f.id = i.id AND f.caught > i.caught "
            "WHERE NOT f.refused GROUP BY ALL"
        ).fetchall()
    }
    joined = {
        row[0]: list(row[1:])
        for row in db.execute(
            f"""SELECT coalesce(b.name, s.name),
              count(*) FILTER (abs(s.caught - b.caught) <= {WINDOW}),
              sum(CASE WHEN abs(s.caught - b.caught) <= {WINDOW} THEN 0 WHEN b.id IS NULL THEN 0 ELSE 1 END),
              sum(CASE WHEN abs(s.caught - b.caught) <= {WINDOW} THEN 0 WHEN s.id IS NULL THEN 0
                  ELSE s.refused + (s.n > s.refused)::INT END),
              count(*) FILTER (abs(s.caught - b.caught) <= {WINDOW}
                AND b.currency IS NOT DISTINCT FROM s.currency AND abs(b.value - s.value) > 0.005),
              count(*) FILTER (abs(s.caught - b.caught) <= {WINDOW} AND b.currency <> s.currency)
            FROM (SELECT * FROM ids WHERE side = 0) b
            FULL JOIN (SELECT * FROM ids WHERE side = 1) s ON b.name = s.name AND b.id = s.id
            GROUP BY ALL"""
        ).fetchall()
    }
    idless = {
        (row[0], row[1]): row[2]
        for row in db.execute(
            "SELECT side, name, count(*) FROM facts WHERE coalesce(id, '') = '' GROUP BY ALL"
        ).fetchall()
    }
    lag = db.execute(
        f"""SELECT quantile_disc(s.caught - b.caught, [0.5, 0.95, 0.99]) FROM ids b JOIN ids s
        ON b.side = 0 AND s.side = 1 AND b.name = s.name AND b.id = s.id
        WHERE abs(s.caught - b.caught) <= {WINDOW}"""
    ).fetchone()[0]
    events = {}
    for (side, name), sums in sorted(seen.items()):
        row = events.setdefault(name, {"paired": 0, "sides": {}})
        copies = again.get((side, name), [0] * len(sums))
        paired, *alone, values, currencies = joined.get(name, [0] * 5)
        row["paired"] = paired
        row["values_differ"], row["currencies_differ"] = values, currencies
        looked = sums[0] - copies[0]
        row["sides"][["browser", "server"][side]] = {
            "events": sums[0],
            "refused": sums[1],
            "repeats": copies[0],
            "alone": alone[side] + idless.get((side, name), 0),
            "looked_at": looked,
            "keys": {key: sums[2 + 2 * at] - copies[2 + 2 * at] for at, key in enumerate(KEYS)},
            "valid": {key: sums[3 + 2 * at] - copies[3 + 2 * at] for at, key in enumerate(KEYS)},
        }
    return {"events": events, "lag": lag}


if __name__ == "__main__":
    folder, form = sys.argv[1], sys.argv[2]
    threads = int(sys.argv[3]) if len(sys.argv) > 3 else 2
    begun = time.monotonic()
    found = figures(folder, form, threads)
    found["seconds"] = round(time.monotonic() - begun, 3)
    print(json.dumps(found))
