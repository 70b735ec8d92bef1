"""Makes Parquet files out of the generator's NDJSON: the same events, a column per field.

    python parquet.py FOLDER [SHARDS]

With SHARDS, that many copies of each file are made under FOLDER/parquet, every copy with
event ids, browser ids and times of its own, for runs that are larger than the text that
fits on the disk.
"""

import sys
from pathlib import Path

import duckdb

USER = ["em", "ph", "fn", "ln", "ct", "external_id", "fbp", "fbc"]
SERVER = ["client_ip_address", "client_user_agent"]
MONTH = 30 * 86_400_000


def columns(server):
    lists = ("em", "ph") if server else ()
    keys = USER + (SERVER if server else [])
    user = ", ".join(f"{key} {'VARCHAR[]' if key in lists else 'VARCHAR'}" for key in keys)
    event = (
        "STRUCT(event_name VARCHAR, event_time BIGINT, event_id VARCHAR, action_source VARCHAR, "
        f"event_source_url VARCHAR, user_data STRUCT({user}), custom_data STRUCT(value DOUBLE, "
        "currency VARCHAR, content_type VARCHAR, content_ids JSON, contents JSON))"
    )
    outer = "received_at: 'BIGINT', pixel_id: 'VARCHAR'" + (", status: 'INTEGER'" if server else "")
    picked = ["received_at", "pixel_id"] + (["status"] if server else [])
    picked += [f"event.{name}" for name in ("event_name", "event_time", "event_id")]
    picked += ["event.action_source"] if server else []
    picked += ["event.event_source_url"]
    picked += [f"event.user_data.{key}{'[1]' if key in lists else ''} AS {key}" for key in keys]
    picked += [f"event.custom_data.{name}" for name in ("value", "currency", "content_type")]
    picked += [f"event.custom_data.{name}::VARCHAR AS {name}" for name in ("content_ids", "contents")]
    return f"{{{outer}, event: '{event}'}}", ", ".join(picked)


def main(folder, shards):
    db = duckdb.connect()
    db.execute("SET threads = 2")
    for side in ("browser", "server"):
        read, picked = columns(side == "server")
        db.execute(
            f"COPY (SELECT {picked} FROM read_json('{folder}/{side}.ndjson', "
            f"format='newline_delimited', columns={read})) "
            f"TO '{folder}/{side}.parquet' (FORMAT parquet)"
        )
        for shard in range(shards):
            out = Path(folder, "parquet", side)
            out.mkdir(parents=True, exist_ok=True)
            # Another first half of the UUID, another visitor: nothing pairs across shards.
            db.execute(
                f"""COPY (SELECT * REPLACE (
                  '{shard:08x}' || substr(event_id, 9) AS event_id,
                  fbp || '{shard}' AS fbp,
                  received_at + {shard % 12 * MONTH} AS received_at,
                  event_time + {shard % 12 * MONTH // 1000} AS event_time)
                FROM read_parquet('{folder}/{side}.parquet'))
                TO '{out}/{shard:04}.parquet' (FORMAT parquet, COMPRESSION zstd)"""
            )


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 0)
