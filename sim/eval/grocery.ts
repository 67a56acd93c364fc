import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { dayMs } from '../../src/day'
import { type Missing, type Tape, type TapeEvent } from './tape'

/*
 * Shop-years of PyPI `grocery-sim` (MIT), a simulator that is not ours: families with pantries, weekly deliveries, promotions, spoilage.
 * The truth is its own stock, followed sale by sale and checked against its stock at the end of each day; its table of unmet demand is
 * none, it also holds what was left of wants filled in part.
 */

const packages = [
  'grocery-sim==0.1.7',
  'numpy',
  'pandas',
  'pulp',
  'openpyxl',
  'et_xmlfile',
  'python-dateutil',
  'pytz',
  'tzdata',
  'six',
]
const startMs = Date.parse('2025-01-01T00:00:00Z')
const [hourMs, learnDays] = [3_600_000, 42]

/** A source that this machine cannot give, and why. */
export interface Skipped {
  readonly name: string
  readonly reason: string
}

interface ShopYear {
  readonly seed: number
  readonly harsh: boolean
  readonly python?: string
}

/**
 * Makes a shop-year below a folder, with packages fetched there, and reads it; what is there already is used. Skipped where Python or
 * PyPI is not to be had; throws where the simulator fails.
 */
export function makeGrocery(folder: string, { seed, harsh, python = 'python3' }: ShopYear): Tape | Skipped {
  const name = `grocery-sim seed ${seed}${harsh ? ' harsh' : ''}`
  const stem = join(folder, `shop-${seed}${harsh ? '-harsh' : ''}`)
  if (!existsSync(`${stem}.done`)) {
    const reason = fetchSimulator(folder, python)
    if (reason !== undefined) return { name, reason }
    const args = [join('sim', 'eval', 'grocery.py'), String(seed), stem, ...(harsh ? ['--harsh'] : [])]
    const fault = faultOf(join(folder, 'venv', 'bin', 'python'), args)
    if (fault !== undefined) throw new Error(`eval: ${fault}; leave out source grocery, or remove ${folder}`)
  }
  return readGrocery(stem, name)
}

/** Why the simulator cannot be had, or undefined once it is there. */
function fetchSimulator(folder: string, python: string): string | undefined {
  const venv = join(folder, 'venv')
  if (existsSync(join(venv, 'ready'))) return undefined
  mkdirSync(folder, { recursive: true })
  const noPython = faultOf(python, ['-m', 'venv', venv])
  if (noPython !== undefined) return `expected Python with venv, got: ${noPython}`
  // Its own list asks for notebooks and a newer numpy than it needs.
  const noPackages = faultOf(join(venv, 'bin', 'python'), ['-m', 'pip', 'install', '--quiet', '--no-deps', ...packages])
  if (noPackages !== undefined) return `expected ${packages[0]} from PyPI, got: ${noPackages}`
  writeFileSync(join(venv, 'ready'), '')
  return undefined
}

/** What went wrong with a program, or undefined where nothing did. */
function faultOf(command: string, args: readonly string[]): string | undefined {
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' })
  if (error) return error.message
  return status === 0
    ? undefined
    : `${command} ${args.slice(0, 3).join(' ')} ended with ${status}: ${stderr.trim().slice(-600)}`
}

interface Row {
  readonly [column: string]: string
}

/** A shop-year that was made before. */
export function readGrocery(stem: string, name: string): Tape {
  const categories = JSON.parse(readFileSync(`${stem}.categories.json`, 'utf8')) as Readonly<Record<string, string>>
  const events: TapeEvent[] = []
  const onHand = new Map<string, number>()
  const missing = new Map<string, Missing>()
  const truth: Missing[] = []
  const storeId = 'shop'
  const endDay = new Map<string, Map<string, number>>()
  for (const { t = '', uid = '', on_hand = '' } of readRows(`${stem}.inventory.csv`)) {
    const day = endDay.get(t) ?? new Map<string, number>()
    if (day.size === 0) endDay.set(t, day)
    day.set(uid, Number(on_hand))
  }
  const receipts = new Map<string, Row[]>()
  for (const row of readRows(`${stem}.receipts.csv`)) {
    const list = receipts.get(row['t'] ?? '')
    if (list) list.push(row)
    else receipts.set(row['t'] ?? '', [row])
  }
  const begin = (productId: string, fromMs: number) =>
    missing.set(productId, { storeId, productId, kind: 'stockout', fromMs, toMs: Infinity })
  const days = Math.max(...Array.from(endDay.keys(), Number))
  for (let day = 1; day <= days; day++) {
    const dayStartMs = startMs + (day - 1) * dayMs
    const evening = endDay.get(String(day)) ?? new Map<string, number>()
    const rows = receipts.get(String(day)) ?? []
    // What is there at the end of the day and what was sold in it give what was there in the morning, delivery and spoilage included.
    const sold = new Map<string, number>()
    for (const { uid = '', qty = '' } of rows) if (Number(qty) > 0) sold.set(uid, (sold.get(uid) ?? 0) + Number(qty))
    for (const [productId, left] of evening) {
      const morning = left + (sold.get(productId) ?? 0)
      onHand.set(productId, morning)
      const spell = missing.get(productId)
      if (morning >= 1 && spell) {
        truth.push({ ...spell, toMs: dayStartMs })
        missing.delete(productId)
      } else if (morning < 1 && !spell) begin(productId, dayStartMs)
    }
    const byReceipt = new Map<string, Row[]>()
    for (const row of rows) {
      const id = row['receipt_id'] ?? ''
      const list = byReceipt.get(id)
      if (list) list.push(row)
      else byReceipt.set(id, [row])
    }
    // Receipts know the hour; within it they come in order, evenly.
    const perHour = new Map<number, number>()
    const bought = [...byReceipt.values()].filter(([row]) => Number(row?.['qty']) > 0)
    for (const [row] of bought) perHour.set(Number(row?.['hour']), (perHour.get(Number(row?.['hour'])) ?? 0) + 1)
    const taken = new Map<number, number>()
    for (const lines of bought) {
      const hour = Number(lines[0]?.['hour'])
      const index = taken.get(hour) ?? 0
      taken.set(hour, index + 1)
      const eventTimeMs = Math.round(dayStartMs + hour * hourMs + ((index + 0.5) / (perHour.get(hour) ?? 1)) * hourMs)
      events.push({
        kind: 'sale',
        basket: {
          storeId,
          eventTimeMs,
          lines: lines.map(({ uid = '', qty = '', unit_price: price = '', promo = '' }) => ({
            productId: uid,
            kind: 'goods',
            category: categories[uid] ?? 'unknown',
            pieces: Number(qty),
            amountMinor: Math.round(Number(qty) * Number(price) * 100),
            ...(promo === '1' ? { promotionId: 'promo' } : {}),
          })),
        },
      })
      for (const { uid = '', qty = '' } of lines) {
        const left = (onHand.get(uid) ?? 0) - Number(qty)
        onHand.set(uid, left)
        if (left < 1 && !missing.has(uid)) begin(uid, eventTimeMs + 1)
      }
    }
  }
  truth.push(...missing.values())
  return { name, events, truth, fromMs: startMs + learnDays * dayMs, toMs: startMs + days * dayMs, partitions: 1 }
}

function readRows(file: string): readonly Row[] {
  const [head = '', ...lines] = readFileSync(file, 'utf8').trim().split('\n')
  const columns = head.split(',')
  return lines.map((line) => Object.fromEntries(line.split(',').map((value, i) => [columns[i] ?? '', value])))
}
