# Makes golden/delta-rs with delta-rs (pip install deltalake polars pyarrow): a small table whose older history is in a checkpoint only.
import json, os, shutil, sys, datetime as dt, decimal, polars as pl
from deltalake import DeltaTable, write_deltalake, CommitProperties, Transaction, WriterProperties
out = sys.argv[1]
shutil.rmtree(out, ignore_errors=True)
table = f'{out}/table'
schema = {'store': pl.String, 'day': pl.Date, 'product': pl.String, 'body': pl.Binary, 'ok': pl.Boolean, 'qty': pl.Int32, 'sequence': pl.Int64, 'ratio': pl.Float64, 'at': pl.Datetime('us', 'UTC'), 'revenue': pl.Decimal(18, 2), 'price': pl.Decimal(18, 4)}
def row(i):
    return {'store': ['a/b', 'United Kingdom', None][i % 3], 'day': dt.date(2010, 12, 1 + i % 2), 'product': None if i % 5 == 4 else f'p{i % 4} ✓', 'body': bytes([i, 0, 255]), 'ok': [True, False, None][i % 3], 'qty': -i, 'sequence': 9007199254740993 + i if i % 4 == 0 else i, 'ratio': i / 4, 'at': dt.datetime(2010, 12, 1, 8, 26, 0, 1000 * i, dt.timezone.utc), 'revenue': None if i == 3 else decimal.Decimal(101 * i - 500).scaleb(-2), 'price': decimal.Decimal(12345 * i).scaleb(-4)}
batches = [[row(i) for i in range(a, a + 6)] for a in (0, 6, 12, 18)]
for n, batch in enumerate(batches[:3]):
    write_deltalake(table, pl.DataFrame(batch, schema=schema).to_arrow(), mode='append', partition_by=['store'], name='golden', commit_properties=CommitProperties(app_transactions=[Transaction('golden/partition-0', n * 10), Transaction(f'golden/batch-{n}', 1)]))
t = DeltaTable(table)
# Left to itself delta-rs rewrites with Zstandard, which Node reads from 22.15 on only.
t.delete("sequence = 7", writer_properties=WriterProperties(compression="SNAPPY"))
t.create_checkpoint()
for v in range(0, 3):
    os.remove(f'{table}/_delta_log/{v:020d}.json')
write_deltalake(table, pl.DataFrame(batches[3], schema=schema).to_arrow(), mode='append')
t = DeltaTable(table)
def cell(v):
    if isinstance(v, bytes): return {'hex': v.hex()}
    if isinstance(v, dt.datetime): return int(v.timestamp() * 1000 + 0.5)
    if isinstance(v, dt.date): return v.isoformat()
    if isinstance(v, decimal.Decimal): return int(v.scaleb(-v.as_tuple().exponent))
    return v
rows = sorted(pl.read_delta(table).to_dicts(), key=lambda r: r['qty'], reverse=True)
text = [json.dumps({k: (str(v) if k == 'sequence' else cell(v)) for k, v in r.items()}, ensure_ascii=False) for r in rows]
open(f'{out}/expected.json', 'w').write('{\n  "version": %d,\n  "txns": {"golden/partition-0": 20, "golden/batch-0": 1, "golden/batch-1": 1, "golden/batch-2": 1},\n  "rows": [\n    %s\n  ]\n}\n' % (t.version(), ',\n    '.join(text)))
print(t.version(), len(rows), t.protocol())
