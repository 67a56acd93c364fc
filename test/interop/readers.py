"""Reads Delta tables with delta-rs and with Polars, and appends with delta-rs; requests and answers are JSON lines.

Rows come back as text in one form for all readers: a JSON array of the columns by name, instants in epoch
milliseconds, decimals as text of their scale, bytes as hex.
"""

import datetime
import decimal
import json
import sys

import deltalake
import polars
import pyarrow


def plain(value):
    if isinstance(value, datetime.datetime):
        return round(value.timestamp() * 1000)
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, decimal.Decimal):
        return f"{value:f}"
    if isinstance(value, bytes):
        return value.hex()
    return value


def lines(rows):
    return sorted(json.dumps([plain(row[name]) for name in sorted(row)], ensure_ascii=False) for row in rows)


def read_delta_rs(path, version):
    table = deltalake.DeltaTable(path, version=version)
    return table.to_pyarrow_table().to_pylist()


def read_polars(path, version):
    return polars.scan_delta(path, version=version).collect().to_dicts()


READERS = {"delta-rs": read_delta_rs, "polars": read_polars}


def answer(request):
    path = request["path"]
    if request["do"] == "read":
        return {"lines": lines(READERS[request["reader"]](path, request.get("version")))}
    if request["do"] == "append-copy":
        """Appends the table's first row once more, through delta-rs."""
        table = deltalake.DeltaTable(path)
        first = table.to_pyarrow_table().slice(0, 1)
        deltalake.write_deltalake(table, first, mode="append")
        return {"version": deltalake.DeltaTable(path).version()}
    raise ValueError(f"expected read or append-copy, got {request['do']}")


print(json.dumps({"versions": {m.__name__: m.__version__ for m in (deltalake, polars, pyarrow)}}), flush=True)
for line in sys.stdin:
    try:
        print(json.dumps(answer(json.loads(line))), flush=True)
    except Exception as error:  # the answer is the error: the test decides what it means
        print(json.dumps({"error": f"{type(error).__name__}: {error}"}), flush=True)
