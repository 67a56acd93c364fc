// Tested in test/sim/eval/watch/watch.test.ts.

/** A receipt, as far as shelves go; a `SaleEvent` is one. */
export interface Basket {
  readonly storeId: string
  readonly eventTimeMs: number
  readonly voids?: string
  readonly lines: readonly BasketLine[]
}

export interface BasketLine {
  readonly productId: string
  readonly kind: string
  readonly category?: string
  readonly promotionId?: string
  readonly pieces: number
  readonly amountMinor: number
}

/** A count of a shelf; a `StockEvent` is one. */
export interface Count {
  readonly storeId: string
  readonly productId: string
  readonly eventTimeMs: number
  readonly onHand: number
  readonly reason: string
}

/** The lines that sold something, one per product; none of a receipt that takes another back. */
export function goodsOf({ voids, lines }: Basket): ReadonlyMap<string, BasketLine> {
  const goods = new Map<string, BasketLine>()
  if (voids !== undefined) return goods
  for (const line of lines) {
    if (line.kind !== 'goods' || line.pieces <= 0) continue
    const before = goods.get(line.productId)
    if (!before) goods.set(line.productId, line)
    else
      goods.set(line.productId, {
        ...line,
        pieces: before.pieces + line.pieces,
        amountMinor: before.amountMinor + line.amountMinor,
      })
  }
  return goods
}

/** A promotion as a small number, 0 for none. Two that share one are taken for the same. */
export function tagOf({ promotionId }: BasketLine): number {
  if (promotionId === undefined) return 0
  let hash = 0
  for (let i = 0; i < promotionId.length; i++) hash = (Math.imul(hash, 31) + promotionId.charCodeAt(i)) | 0
  return ((hash >>> 0) % 65_535) + 1
}
