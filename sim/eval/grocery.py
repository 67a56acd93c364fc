"""One shop-year of PyPI grocery-sim as CSV: receipts, stock at the end of each day. Run by sim/eval/grocery.ts."""

import json
import sys
import types

import pandas  # noqa: F401  before the stand-ins: it asks whether openpyxl is there

# What its notebooks need and a year does not.
for name in ("duckdb", "marimo"):
    sys.modules.setdefault(name, types.ModuleType(name))

from grocery_sim import events, keys, settings  # noqa: E402
from grocery_sim.phase3 import run_year  # noqa: E402
from grocery_sim.world import World  # noqa: E402

seed, stem = int(sys.argv[1]), sys.argv[2]
# Three years, in which the freezer fails each month: without that hardly a shelf of an ordinary year is missed by ten baskets.
months = [f"{year}-{month:02d}" for year in (2025, 2026, 2027) for month in range(1, 13)][2:]
harsh = {"basic": {"random_seed": seed, "year": 3}, "events": {"operational_hazard": months}}
resolved = settings.resolve(harsh if "--harsh" in sys.argv else {"basic": {"random_seed": seed}})
keys.MASTER_SEED = seed
world = World(
    scenario=events.compose(
        basic=resolved["basic"], events=resolved["events"], potential_investment=resolved["potential_investment"]
    )
)
year = run_year(world=world, oracle=False)
for table in ("receipts", "inventory"):
    year[table].to_csv(f"{stem}.{table}.csv", index=False)
with open(f"{stem}.categories.json", "w") as file:
    json.dump({world.uid[i]: world.cat_of[i] for i in world.listed}, file)
open(f"{stem}.done", "w").close()
