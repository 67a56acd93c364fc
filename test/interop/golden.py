"""Writes the golden tables of test/lake/golden: small Delta tables by Spark, delta-rs, Polars and DuckDB.

    python3 -m venv /tmp/golden && /tmp/golden/bin/pip install -r test/interop/golden-requirements.txt
    mvn -q org.apache.maven.plugins:maven-dependency-plugin:3.6.0:get -Dartifact=io.delta:delta-spark_4.2_2.13:4.4.0
    /tmp/golden/bin/python test/interop/golden.py all            # or spark, delta-rs, polars, duckdb
    /tmp/golden/bin/python test/interop/golden.py spark NAME ...  # these tables only

Spark needs Java 17 and takes its Delta jars from the local Maven repository. Each table comes with an `expected.json`:
what its own engine reads back. Rows are in one form for all engines, sorted by their text: 64-bit integers and decimals
as text, instants as UTC text with microseconds, bytes as hex, NaN and infinities as text. File names, ids and
times differ from run to run, so a second run is a change of every table; the rows stay.
"""

import datetime
import decimal
import glob
import importlib.metadata
import json
import math
import os
import pathlib
import shutil
import sys

SHELF = pathlib.Path(__file__).resolve().parent.parent / "lake" / "golden"
DELTA_SPARK = "4.4.0"
JARS = ("delta-spark_4.2_2.13", "delta-storage", "delta-kernel-api", "delta-kernel-defaults", "delta-kernel-unitycatalog")
UTC = datetime.timezone.utc
D = decimal.Decimal


# --- what is expected, in one form ------------------------------------------------------------------------------------


def canonical(value, type_name):
    """A value as JSON, by its Delta type; the text of type names is `schemaString`'s."""
    if value is None:
        return None
    if isinstance(type_name, dict):
        if type_name["type"] == "array":
            return [canonical(item, type_name["elementType"]) for item in value]
        if type_name["type"] == "map":
            pairs = value.items() if isinstance(value, dict) else value
            return [[canonical(k, type_name["keyType"]), canonical(v, type_name["valueType"])] for k, v in pairs]
        return {field["name"]: canonical(value[field["name"]], field["type"]) for field in type_name["fields"]}
    if type_name == "long":
        return str(value)
    if type_name.startswith("decimal"):
        return f"{value:f}"
    if type_name == "date":
        return value if isinstance(value, str) else value.isoformat()
    if type_name == "timestamp":
        return value if isinstance(value, str) else instant(value)
    if type_name == "timestamp_ntz":
        return value if isinstance(value, str) else value.isoformat(timespec="microseconds")
    if type_name == "binary":
        return bytes(value).hex()
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value


def instant(value):
    at = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return f"{at.year:04}-{at:%m-%dT%H:%M:%S.%f}Z"


def logged_schema(name):
    """The newest schema of a log whose commits are all there: types are the table's and not the engine's."""
    for path in sorted((SHELF / name / "table" / "_delta_log").glob("*.json"), reverse=True):
        for line in path.read_text().splitlines():
            action = json.loads(line)
            if "metaData" in action:
                return action["metaData"]["schemaString"]
    raise ValueError(f"{name}: expected a commit with metaData, found none")


def expect(name, rows, *, writer, version, schema, txns=None):
    """Writes expected.json: rows are dicts as the engine gave them."""
    types = {field["name"]: field["type"] for field in json.loads(schema)["fields"]}
    lines = sorted(
        json.dumps({column: canonical(row[column], types[column]) for column in types}, ensure_ascii=False) for row in rows
    )
    head = {"writer": writer, "version": version, "columns": types, **({"txns": txns} if txns is not None else {})}
    parts = [f'  {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}' for key, value in head.items()]
    body = ",\n".join(f"    {line}" for line in lines)
    parts.append(f'  "rows": [\n{body}\n  ]')
    (SHELF / name / "expected.json").write_text("{\n" + ",\n".join(parts) + "\n}\n")


def fresh(name):
    folder = SHELF / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return str(folder / "table")


def forget_commits(name, before):
    """Takes away the commits below a version, as log cleanup does once a checkpoint stands for them."""
    for version in range(before):
        for ending in ("json", "crc"):
            (SHELF / name / "table" / "_delta_log" / f"{version:020}.{ending}").unlink(missing_ok=True)


def tidy(name, keep_checksums=False):
    """Takes away Hadoop's checksum files and, but for one table, Delta's: they say nothing more and weigh most."""
    for path in (SHELF / name).rglob("*.crc"):
        if path.name.startswith(".") or not keep_checksums:
            path.unlink()


def name_no_folder(name):
    """DuckDB's extension notes where a table was made; the shelf names no folder of a machine."""
    for entry in (SHELF / name / "table" / "_delta_log").glob("*.json"):
        entry.write_text(entry.read_text().replace(str(SHELF), "/lake"))


# --- Spark ------------------------------------------------------------------------------------------------------------


def start_spark():
    from pyspark.sql import SparkSession

    repository = os.path.expanduser("~/.m2/repository/io/delta")
    jars = [f"{repository}/{jar}/{DELTA_SPARK}/{jar}-{DELTA_SPARK}.jar" for jar in JARS]
    missing = [jar for jar in jars if not os.path.exists(jar)]
    if missing:
        raise SystemExit(f"golden.py: no {missing[0]}; run the mvn line at the head of this file")
    settings = {
        "spark.jars": ",".join(jars),
        # A short run: the time goes into compiling, the JVM's own and Spark's.
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
        "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": "1",
        # The state of these logs is a handful of actions: fifty tasks for it cost a minute a statement.
        "spark.databricks.delta.snapshotPartitions": "1",
        "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    }
    builder = SparkSession.builder.master("local[1]").appName("golden")
    for key, value in settings.items():
        builder = builder.config(key, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    return spark


class SparkTable:
    """One golden table in the making; `t` in SQL stands for it."""

    def __init__(self, spark, name):
        self.spark, self.name, self.path = spark, name, fresh(name)

    def sql(self, text):
        return self.spark.sql(text.replace("{t}", f"delta.`{self.path}`"))

    def log(self):
        jvm = self.spark._jvm
        return jvm.org.apache.spark.sql.delta.DeltaLog.forTable(self.spark._jsparkSession, self.path)

    def checkpoint(self):
        self.log().checkpoint(self.snapshot(), self.nothing())

    def nothing(self):
        return getattr(getattr(self.spark._jvm.scala, "None$"), "MODULE$")

    def snapshot(self):
        return self.log().update(False, self.nothing(), self.nothing())

    def expect(self, *, forget_before=0, keep_checksums=False):
        snapshot = self.snapshot()
        schema = snapshot.metadata().schemaString()
        # Instants as text: Spark hands them to Python by way of the machine's zone.
        zones = {"timestamp": "'Z'", "timestamp_ntz": ""}
        select = ", ".join(
            f"date_format({f['name']}, \"yyyy-MM-dd'T'HH:mm:ss.SSSSSS{zones[f['type']]}\") as {f['name']}"
            if isinstance(f["type"], str) and f["type"] in zones
            else f["name"]
            for f in json.loads(schema)["fields"]
        )
        rows = [row.asDict(recursive=True) for row in self.sql(f"select {select} from {{t}}").collect()]
        txns = {}
        transactions = snapshot.setTransactions()
        for i in range(transactions.size()):
            txn = transactions.apply(i)
            txns[txn.appId()] = txn.version()
        writer = f"Spark {self.spark.version}, delta-spark {DELTA_SPARK}"
        expect(self.name, rows, writer=writer, version=snapshot.version(), schema=schema, txns=txns)
        tidy(self.name, keep_checksums)
        forget_commits(self.name, forget_before)


def spark_plain(t):
    t.sql(
        "create table {t} (id bigint not null, day date, store string, qty int, price decimal(18,2), rate decimal(18,4),"
        " at timestamp, body binary, ok boolean, ratio double, note string comment 'free text') using delta"
        " partitioned by (day, store)"
    )
    t.sql("insert into {t} (id, day, store) values (0, date'2026-03-01', 'to be overwritten')")
    t.sql(
        "insert overwrite {t} values"
        " (9007199254740993, date'2026-03-01', 'a/b', -1, 12.34, 0.0001, timestamp'2026-03-01T09:00:00.123456Z', X'00FF',"
        " true, 0.1, 'ünï ✓ 😀'),"
        " (2, date'2026-03-01', '100% =:?#[x]', 2147483647, -0.01, -1.5, timestamp'1969-12-31T23:59:59.999999Z', X'',"
        " false, double('NaN'), ''),"
        " (3, null, 'a b+c&d', null, null, null, null, null, null, null, null)"
    )
    t.sql(
        "insert into {t} values"
        " (4, date'0001-01-01', null, 0, 9999999999999999.99, 99999999999999.9999, timestamp'0001-01-01T00:00:00Z',"
        " X'6162', true, double('Infinity'), 'null store'),"
        " (5, date'9999-12-31', '', -2147483648, -9999999999999999.99, -99999999999999.9999,"
        " timestamp'9999-12-31T23:59:59.999999Z', X'80', false, double('-0.0'), 'empty store'),"
        " (-9223372036854775808, null, null, 1, 0, 0, timestamp'1582-10-10T00:00:00Z', null, null, 5e-324, 'no day, no store')"
    )
    t.expect(keep_checksums=True)


def by_store(t, properties="", commits=5):
    """A table of two stores and a few commits, the last but one a delete."""
    t.sql(f"create table {{t}} (id bigint, store string, price decimal(18,2)) using delta partitioned by (store) {properties}")
    for i in range(1, commits):
        t.sql(f"insert into {{t}} values ({2 * i}, 'London', {i}.50), ({2 * i + 1}, null, -{i}.05)")
    t.sql("delete from {t} where id in (2, 3)")


def spark_checkpoint(t):
    by_store(t, "tblproperties ('delta.checkpoint.writeStatsAsStruct' = 'true')")
    t.checkpoint()
    t.sql("insert into {t} values (100, 'Paris', 0.01)")
    t.expect(forget_before=5)


def spark_checkpoint_parts(t):
    by_store(t)
    t.spark.conf.set("spark.databricks.delta.checkpoint.partSize", "4")
    t.checkpoint()
    t.spark.conf.unset("spark.databricks.delta.checkpoint.partSize")
    t.sql("insert into {t} values (100, 'Paris', 0.01)")
    t.expect(forget_before=5)


def spark_checkpoint_v2(t):
    by_store(t, "tblproperties ('delta.checkpointPolicy' = 'v2')")
    t.checkpoint()
    t.sql("insert into {t} values (100, 'Paris', 0.01)")
    t.expect(forget_before=5)


def spark_deletion_vectors(t):
    t.sql("create table {t} (id bigint) using delta tblproperties ('delta.enableDeletionVectors' = 'true')")
    t.sql("insert into {t} select id from range(0, 20, 1, 1)")
    t.sql("delete from {t} where id in (3, 5)")
    t.expect()


def spark_column_mapping(t):
    t.sql("create table {t} (id bigint, store string) using delta tblproperties ('delta.columnMapping.mode' = 'name')")
    t.sql("insert into {t} values (1, 'London'), (2, null)")
    t.sql("alter table {t} rename column store to shop")
    t.sql("insert into {t} values (3, 'Paris')")
    t.expect()


def spark_log_compaction(t):
    """Spark itself only reads these; the Java kernel of the same release writes them."""
    by_store(t)
    jvm = t.spark._jvm
    path = jvm.io.delta.kernel.internal.fs.Path
    data, log = path(f"file:{t.path}"), path(f"file:{t.path}/_delta_log")
    engine = jvm.io.delta.kernel.defaults.engine.DefaultEngine.create(t.spark._jsc.hadoopConfiguration())
    jvm.io.delta.kernel.internal.hook.LogCompactionHook(data, log, 1, 4, 0).threadSafeInvoke(engine)
    t.sql("insert into {t} values (100, 'Paris', 0.01)")
    t.expect()


def spark_txn_retention(t):
    from deltalake import CommitProperties, Transaction, write_deltalake
    import pyarrow

    def append_by_delta_rs(i, txn):
        rows = pyarrow.table({"id": pyarrow.array([i], pyarrow.int64())})
        write_deltalake(t.path, rows, mode="append", commit_properties=CommitProperties(app_transactions=[txn]))

    now_ms = int(datetime.datetime.now(UTC).timestamp() * 1000)
    t.sql("create table {t} (id bigint) using delta tblproperties ('delta.setTransactionRetentionDuration' = 'interval 36500 days')")
    frame = t.spark.sql("select bigint(1) as id")
    frame.write.format("delta").mode("append").option("txnAppId", "spark").option("txnVersion", 7).save(t.path)
    append_by_delta_rs(2, Transaction("dated, before the checkpoint", 2, now_ms))
    append_by_delta_rs(3, Transaction("undated, before the checkpoint", 3))
    t.checkpoint()
    append_by_delta_rs(4, Transaction("dated, after the checkpoint", 4, now_ms))
    append_by_delta_rs(5, Transaction("undated, after the checkpoint", 5))
    t.expect(forget_before=3)


def spark_int96(t):
    t.spark.conf.set("spark.sql.parquet.outputTimestampType", "INT96")
    t.sql("create table {t} (id bigint, at timestamp) using delta")
    t.sql(
        "insert into {t} values (1, timestamp'2026-03-01T09:00:00.123456Z'), (2, timestamp'1969-12-31T23:59:59.999999Z'),"
        " (3, null), (4, timestamp'0001-01-01T00:00:00Z'), (5, timestamp'9999-12-31T23:59:59.999999Z'),"
        " (6, timestamp'1582-10-10T00:00:00Z')"
    )
    t.spark.conf.set("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS")
    t.expect()


def spark_timestamp_ntz(t):
    t.sql("create table {t} (id bigint, at timestamp_ntz) using delta")
    t.sql("insert into {t} values (1, timestamp_ntz'2026-03-01T09:00:00.123456'), (2, null)")
    t.expect()


def spark_foreign_types(t):
    t.sql(
        "create table {t} (id bigint, small decimal(10,2), big decimal(38,18), tags array<string>, weight float,"
        " place struct<city: string, zip: int>, labels map<string, int>, tiny tinyint, short smallint, name string) using delta"
    )
    t.sql(
        "insert into {t} values"
        " (1, 12.34, 1.000000000000000001, array('a', null), float(0.5), named_struct('city', 'London', 'zip', 1),"
        " map('a', 1), tinyint(1), smallint(-2), 'one'),"
        " (2, null, null, null, null, null, null, null, null, null)"
    )
    t.expect()


def spark_added_column(t):
    t.sql("create table {t} (id bigint, store string) using delta")
    t.sql("insert into {t} values (1, 'London')")
    t.sql("alter table {t} add columns (note string comment 'added later' after id, price decimal(18,2))")
    t.sql("insert into {t} values (2, 'a note', 'Paris', 1.50)")
    t.expect()


def spark_append_only(t):
    t.sql("create table {t} (id bigint) using delta tblproperties ('delta.appendOnly' = 'true')")
    t.sql("insert into {t} values (1)")
    t.expect()


def spark_row_tracking(t):
    t.sql("create table {t} (id bigint) using delta tblproperties ('delta.enableRowTracking' = 'true')")
    t.sql("insert into {t} values (1), (2)")
    t.expect()


def spark_in_commit_timestamps(t):
    t.sql("create table {t} (id bigint) using delta tblproperties ('delta.enableInCommitTimestamps' = 'true')")
    t.sql("insert into {t} values (1), (2)")
    t.expect()


def spark_constraints(t):
    t.sql("create table {t} (id bigint, price decimal(18,2)) using delta")
    t.sql("alter table {t} add constraint positive check (price > 0)")
    t.sql("insert into {t} values (1, 0.01)")
    t.expect()


# --- delta-rs ---------------------------------------------------------------------------------------------------------


def arrow_rows(ids):
    """A few rows of every type both sides know."""
    import pyarrow as pa

    at = datetime.datetime(2026, 3, 1, 9, tzinfo=UTC)
    return pa.table(
        {
            "id": pa.array(ids, pa.int64()),
            "store": pa.array([[None, "London", "a/b"][i % 3] for i in ids], pa.string()),
            "day": pa.array([datetime.date(2026, 3, 1 + i % 5) for i in ids], pa.date32()),
            "price": pa.array([D(101 * i - 500).scaleb(-2) for i in ids], pa.decimal128(18, 2)),
            "at": pa.array([at + datetime.timedelta(microseconds=1001 * i) for i in ids], pa.timestamp("us", "UTC")),
            "body": pa.array([None if i % 4 == 0 else bytes([i % 256, 0]) for i in ids], pa.binary()),
            "ratio": pa.array([i / 4 for i in ids], pa.float64()),
        }
    )


def delta_rs_expect(name, apps=()):
    from deltalake import DeltaTable

    table = DeltaTable(str(SHELF / name / "table"))
    writer = f"delta-rs (deltalake {importlib.metadata.version('deltalake')})"
    txns = {app: table.transaction_version(app) for app in apps}
    rows = table.to_pyarrow_table().to_pylist()
    expect(name, rows, writer=writer, version=table.version(), schema=table.schema().to_json(), txns=txns)


def delta_rs(name):
    from deltalake import CommitProperties, DeltaTable, Transaction, WriterProperties, write_deltalake
    import pyarrow as pa

    def row(i):
        at = datetime.datetime(2010, 12, 1, 8, 26, 0, 1000 * i, UTC)
        return {
            "store": ["a/b", "United Kingdom", None][i % 3],
            "day": datetime.date(2010, 12, 1 + i % 2),
            "product": None if i % 5 == 4 else f"p{i % 4} ✓",
            "body": bytes([i, 0, 255]),
            "ok": [True, False, None][i % 3],
            "qty": -i,
            "sequence": 9007199254740993 + i if i % 4 == 0 else i,
            "ratio": i / 4,
            "at": at,
            "revenue": None if i == 3 else D(101 * i - 500).scaleb(-2),
            "price": D(12345 * i).scaleb(-4),
        }

    types = {
        **{"store": pa.string(), "day": pa.date32(), "product": pa.string(), "body": pa.binary(), "ok": pa.bool_()},
        **{"qty": pa.int32(), "sequence": pa.int64(), "ratio": pa.float64(), "at": pa.timestamp("us", "UTC")},
        **{"revenue": pa.decimal128(18, 2), "price": pa.decimal128(18, 4)},
    }
    batches = [pa.Table.from_pylist([row(i) for i in range(a, a + 6)], pa.schema(types)) for a in (0, 6, 12, 18)]
    path = fresh(name)
    for n, batch in enumerate(batches[:3]):
        txns = [Transaction("golden/partition-0", n * 10), Transaction(f"golden/batch-{n}", 1)]
        commit = CommitProperties(app_transactions=txns)
        write_deltalake(path, batch, mode="append", partition_by=["store"], name="golden", commit_properties=commit)
    table = DeltaTable(path)
    # Left to itself delta-rs rewrites with Zstandard, which Node reads from 22.15 on only.
    table.delete("sequence = 7", writer_properties=WriterProperties(compression="SNAPPY"))
    table.create_checkpoint()
    forget_commits(name, 3)
    write_deltalake(path, batches[3], mode="append")
    delta_rs_expect(name, ["golden/partition-0", "golden/batch-0", "golden/batch-1", "golden/batch-2"])


def delta_rs_empty_partition(name):
    """delta-rs logs '' as it stands, where Spark logs null; both, and DuckDB, read it as null, Polars as ''."""
    from deltalake import write_deltalake
    import pyarrow as pa

    rows = pa.table({"id": pa.array([1, 2, 3], pa.int64()), "store": ["", None, "London"]})
    write_deltalake(fresh(name), rows, partition_by=["store"])
    delta_rs_expect(name)


def delta_rs_optimized(name):
    from deltalake import DeltaTable, write_deltalake

    path = fresh(name)
    for start in (0, 6, 12):
        write_deltalake(path, arrow_rows(range(start, start + 6)), mode="append", partition_by=["store"])
    table = DeltaTable(path)
    table.optimize.compact()
    table.vacuum(retention_hours=0, enforce_retention_duration=False, dry_run=False)
    delta_rs_expect(name)


def delta_rs_vacuumed(name):
    from deltalake import DeltaTable, WriterProperties, write_deltalake

    path = fresh(name)
    write_deltalake(path, arrow_rows(range(0, 6)), mode="append")
    write_deltalake(path, arrow_rows(range(6, 12)), mode="overwrite")
    write_deltalake(path, arrow_rows(range(12, 18)), mode="append")
    table = DeltaTable(path)
    table.delete("id = 7", writer_properties=WriterProperties(compression="SNAPPY"))
    table.vacuum(retention_hours=0, enforce_retention_duration=False, dry_run=False, full=True)
    table = DeltaTable(path)
    table.create_checkpoint()
    version = table.version()
    write_deltalake(path, arrow_rows(range(18, 20)), mode="append")
    forget_commits(name, version)
    delta_rs_expect(name)


# --- Polars -----------------------------------------------------------------------------------------------------------


def polars_plain(name):
    import polars as pl

    path = fresh(name)
    frame = pl.from_arrow(arrow_rows(range(0, 6)))
    frame.write_delta(path, mode="append")
    pl.from_arrow(arrow_rows(range(6, 9))).write_delta(path, mode="append")
    rows = pl.read_delta(path).to_dicts()
    writer = f"Polars {pl.__version__} over deltalake {importlib.metadata.version('deltalake')}"
    expect(name, rows, writer=writer, version=1, schema=logged_schema(name))


# --- DuckDB -----------------------------------------------------------------------------------------------------------


def connect_duckdb():
    import duckdb
    import duckdb_extension_delta

    [extension] = glob.glob(os.path.dirname(duckdb_extension_delta.__file__) + "/extensions/*/delta.duckdb_extension")
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    connection.execute(f"load '{extension}'")
    return connection


DUCKDB_ROWS = """
    select i as id, case i % 3 when 0 then null when 1 then 'London' else 'a/b' end as store,
        date '2026-03-01' + (i % 5)::integer as day, (i * 1.01 - 5)::decimal(18, 2) as price,
        timestamptz '2026-03-01 09:00:00+00' + to_microseconds(1001 * i) as at,
        case when i % 4 <> 0 then encode(chr((97 + i)::integer)) end as body, i / 4 as ratio
    from range({0}, {1}) as r(i)
"""


def duckdb_rows(connection, path):
    return connection.execute(f"select * from delta_scan('{path}')").to_arrow_table().to_pylist()


def duckdb_writer():
    import duckdb

    return f"DuckDB {duckdb.__version__}"


def duckdb_insert(name):
    """Rows and log by DuckDB's Delta extension; it inserts but does not create, so delta-rs makes the empty table."""
    from deltalake import DeltaTable

    path = fresh(name)
    DeltaTable.create(path, schema=arrow_rows([]).schema)
    connection = connect_duckdb()
    connection.execute(f"attach '{path}' as golden (type delta)")
    connection.execute("insert into golden " + DUCKDB_ROWS.format(0, 6))
    connection.execute("insert into golden " + DUCKDB_ROWS.format(6, 9))
    rows = duckdb_rows(connection, path)
    expect(name, rows, writer=duckdb_writer(), version=2, schema=logged_schema(name))


def duckdb_copy(name, *options):
    """Parquet files by COPY, each with one set of options; the log over them by delta-rs."""
    from deltalake import convert_to_deltalake

    path = fresh(name)
    os.makedirs(path)
    connection = connect_duckdb()
    for n, option in enumerate(options):
        rows = DUCKDB_ROWS.format(6 * n, 6 * n + 6)
        connection.execute(f"copy ({rows}) to '{path}/part-{n}.parquet' (format parquet, {option})")
    convert_to_deltalake(path)
    rows = duckdb_rows(connection, path)
    expect(name, rows, writer=duckdb_writer(), version=0, schema=logged_schema(name))


# --- the shelf --------------------------------------------------------------------------------------------------------

SPARK = {
    f.__name__.replace("_", "-"): f
    for f in (
        spark_plain,
        spark_checkpoint,
        spark_checkpoint_parts,
        spark_checkpoint_v2,
        spark_deletion_vectors,
        spark_column_mapping,
        spark_log_compaction,
        spark_txn_retention,
        spark_int96,
        spark_timestamp_ntz,
        spark_foreign_types,
        spark_added_column,
        spark_append_only,
        spark_row_tracking,
        spark_in_commit_timestamps,
        spark_constraints,
    )
}
OTHERS = {
    "delta-rs": {
        "delta-rs": delta_rs,
        "delta-rs-empty-partition": delta_rs_empty_partition,
        "delta-rs-optimized": delta_rs_optimized,
        "delta-rs-vacuumed": delta_rs_vacuumed,
    },
    "polars": {"polars-plain": polars_plain},
    "duckdb": {
        "duckdb-insert": duckdb_insert,
        "duckdb-copy-snappy": lambda name: duckdb_copy(
            name, "compression snappy", "compression snappy, parquet_version v2", "compression gzip"
        ),
        "duckdb-copy-zstd": lambda name: duckdb_copy(name, "compression zstd"),
    },
}


def main(which, names):
    if which in ("all", "spark"):
        spark = start_spark()
        for name in names or SPARK:
            print(name, flush=True)
            SPARK[name](SparkTable(spark, name))
        spark.stop()
    for writer, tables in OTHERS.items():
        if which not in ("all", writer):
            continue
        for name in names or tables:
            print(name, flush=True)
            tables[name](name)
            name_no_folder(name)


if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in ("all", "spark", *OTHERS):
        raise SystemExit(f"usage: golden.py all|spark|{'|'.join(OTHERS)} [NAME ...]")
    main(sys.argv[1], sys.argv[2:])
