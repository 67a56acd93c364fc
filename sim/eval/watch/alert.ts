// Tested in test/sim/eval/watch/watch.test.ts.

/**
 * `silence`: too many baskets went by without the product. `phantom`: the same, and the books say there are pieces.
 * `confirmed`: somebody counted none. `store-silent`: the whole store is quiet; `productId` is null.
 */
export type AlertKind = 'silence' | 'phantom' | 'confirmed' | 'store-silent'

/** Why an alert opened, as of that moment. */
export interface Evidence {
  /** Event time of the last sale before it, epoch milliseconds; null where none is known. */
  readonly lastSaleMs: number | null
  /** Baskets with the product, or of the store, expected since then. */
  readonly expectedBaskets: number
  /** Natural logarithm of the probability that chance alone kept them away. */
  readonly logProbability: number
  /** Pieces by the books; null when nobody has said. */
  readonly onHand: number | null
  /** Sales of the product in other stores of the partition since the last sale here. */
  readonly soldElsewhere: number
  /** Alerts of the store that this shift's cap holds back. */
  readonly heldBack: number
}

/** What an empty shelf has cost so far, by what sold there before. */
export interface Loss {
  readonly units: number
  readonly amountMinor: number
}

/** An alert as it opens or resolves; times are event times in epoch milliseconds. */
export interface Alert {
  readonly change: 'opened' | 'resolved'
  readonly kind: AlertKind
  readonly storeId: string
  readonly productId: string | null
  readonly openedMs: number
  readonly resolvedMs: number | null
  readonly evidence: Evidence
  readonly lost: Loss
}
