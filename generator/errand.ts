// Tested in test/generator/week.test.ts.
import { type Customer } from './customer'
import { type ByteText } from './event-text'
import { type Line } from './line'
import { type Store } from './world'

/** Something that will happen in a store at a time already drawn. */
export type Errand =
  | { readonly kind: 'delivery' | 'found'; readonly store: Store; readonly product: number }
  | { readonly kind: 'gone' | 'outage' | 'restored'; readonly store: Store }
  | ReturnErrand

/** A customer brings a line back, at the price paid. */
export interface ReturnErrand {
  readonly kind: 'return'
  readonly store: Store
  readonly visit: {
    /** Store, channel and customer as fields of an event. */
    readonly who: ByteText
    readonly customer: Customer
  }
  readonly line: Line
  readonly method: string
}
