// Tested in test/generator/week.test.ts.
import { type Price } from './week'

/** What is bought of one product. */
export interface Line {
  readonly product: number
  readonly quantity: number
  readonly price: Price
}
