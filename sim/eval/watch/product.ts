// Tested in test/sim/eval/watch/watch.test.ts.

/** What all shelves of a product in the partition have in common. */
export interface Product {
  readonly productId: string
  category: number
  /** Baskets with it, in all stores; weighted; and the weighted baskets of the partition before the first and until the last of them. */
  sales: number
  total: number
  readonly before: number
  until: number
  /** Sums of its shelves' weighted sales and exposure. */
  weighted: number
  exposure: number
}

/** The same for a category, over all its shelves. */
export interface Category {
  readonly name: string
  weighted: number
  exposure: number
}

/** Baskets with the product elsewhere that the average of others is believed for. */
const doubt = { category: 1, product: 2 } as const

/**
 * What is thought of the share of a shelf before it is known: mean, and how many baskets with the product that is worth. The mean is
 * that of the product's other shelves, which is drawn to that of its category's.
 */
export function priorShare(
  product: Product,
  category: Category,
  { sales, exposure }: { readonly sales: number; readonly exposure: number },
  weight: number,
): { readonly mean: number; readonly known: number } {
  const others = Math.max(product.weighted - sales, 0) / weight
  const otherBaskets = Math.max(product.exposure - exposure, 0) / weight
  const categoryMean =
    (category.weighted / weight + doubt.category) / (category.exposure / weight + doubt.category * 1_000)
  const mean = (others + doubt.category) / (otherBaskets + doubt.category / categoryMean)
  // Where it sells nowhere else the category says little: products of one differ a hundredfold.
  const known = others > doubt.product ? doubt.product : 0.5
  return { mean, known }
}
