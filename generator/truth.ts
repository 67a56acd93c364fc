// Tested in test/generator/trouble.test.ts.
/** Something that kept customers from buying, as it really was; the events only hint at it. */
export interface Trouble {
  /** `stockout`: nothing there, and the books say so. `phantom`: nothing there, the books say there is. */
  readonly kind: 'stockout' | 'phantom' | 'outage'
  readonly storeId: string
  /** Absent for a store that is out as a whole. */
  readonly productId?: string
  readonly fromMs: number
  /** Pieces somebody wanted and did not get. */
  units: number
}

/** Keeps what is wrong at the moment, and tells it when it is over. */
export interface TruthLog {
  readonly begin: (trouble: Omit<Trouble, 'units'>) => Trouble
  readonly end: (trouble: Trouble, toMs: number) => void
  /** Tells what is not over yet, with `to` null. */
  readonly close: () => void
}

/** A log that writes one JSON object per trouble, in the order they end: storeId, productId, kind, from, to, units. */
export function createTruthLog(write: (line: string) => void = () => {}): TruthLog {
  const open = new Set<Trouble>()
  const tell = ({ storeId, productId = null, kind, fromMs, units }: TroubleRow, toMs?: number): void => {
    const [from, to] = [iso(fromMs), toMs === undefined ? null : iso(toMs)]
    write(JSON.stringify({ storeId, productId, kind, from, to, units }))
  }
  return {
    begin: (begun) => {
      const trouble = { ...begun, units: 0 }
      open.add(trouble)
      return trouble
    },
    end: (trouble, toMs) => {
      if (open.delete(trouble)) tell(trouble, toMs)
    },
    close: () => {
      for (const trouble of open) tell(trouble)
      open.clear()
    },
  }
}

type TroubleRow = Omit<Trouble, 'productId'> & { readonly productId?: string | null }

function iso(ms: number): string {
  return new Date(ms).toISOString()
}
