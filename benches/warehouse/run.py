"""Runs the query of figures in each engine, one process each, and prints a table with ratios.

Usage: run.py COUNTONCE FOLDER MILLIONS…; as `run.py duckdb|spark QUERY FACTS` it is one such
process. Of an engine the query alone is measured, of countonce the whole process.
"""

import os
import resource
import subprocess
import sys
import time


def duckdb_query(query, facts):
    """Clock, processor time, peak memory in MB."""
    import duckdb

    duckdb.sql("set enable_progress_bar = false")
    duckdb.sql(f"create view facts as select * from '{facts}'")
    begun, used = time.time(), time.process_time()
    assert duckdb.sql(query).fetchall()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return time.time() - begun, time.process_time() - used, memory


def spark_query(query, facts):
    """The same of the engine's own process."""
    from pyspark.sql import SparkSession

    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.memory": "6g",
        "spark.sql.shuffle.partitions": "16",
    }
    builder = SparkSession.builder.master("local[*]")
    for name, value in settings.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    spark.read.parquet(facts).createOrReplaceTempView("facts")
    # Java's own process: the launcher turns into it.
    engine = f"/proc/{spark.sparkContext._gateway.proc.pid}"
    begun, used = time.time(), ticks(engine)
    assert spark.sql(query).collect()
    spent = time.time() - begun, (ticks(engine) - used) / os.sysconf("SC_CLK_TCK")
    with open(f"{engine}/status") as status:
        peak = next(line for line in status if line.startswith("VmHWM"))
    return *spent, int(peak.split()[1]) // 1024


def ticks(process):
    """User and system time so far, in ticks of the clock."""
    with open(f"{process}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])


def countonce(program, facts, out):
    begun = time.time()
    task = subprocess.Popen(
        [program, "audit", facts, "--format", "json", "--out", out],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, code, used = os.wait4(task.pid, 0)
    assert os.waitstatus_to_exitcode(code) in (0, 1)
    return time.time() - begun, used.ru_utime + used.ru_stime, used.ru_maxrss // 1024


def main():
    engines = {"duckdb": duckdb_query, "spark": spark_query}
    if sys.argv[1] in engines:
        print(*engines[sys.argv[1]](sys.argv[2], sys.argv[3]))
        return
    program, folder, *millions = sys.argv[1:]
    print(f"{'events':>12} {'engine':<10} {'clock s':>8} {'cpu s':>8} {'MB':>6}  times the cpu of countonce")
    for count in millions:
        facts = os.path.abspath(f"{folder}/facts-{count}.parquet")
        own = None
        for engine in ("countonce", *engines):
            if engine == "countonce":
                clock, cpu, memory = countonce(program, facts, f"{folder}/answer-{count}.json")
                own = cpu
            else:
                words = [program, "sql", "--dialect", engine, "--table", "facts"]
                query = subprocess.run(words, capture_output=True, text=True, check=True).stdout
                said = subprocess.run(
                    [sys.executable, __file__, engine, query, facts],
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    text=True,
                    check=True,
                )
                clock, cpu, memory = (float(word) for word in said.stdout.split()[-3:])
            row = f"{count + ' million':>12} {engine:<10} {clock:8.1f} {cpu:8.1f} {memory:6.0f}"
            print(f"{row}  {cpu / own:.1f}", flush=True)


main()
