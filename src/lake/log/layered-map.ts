/**
 * A map that never changes and from which a changed one is cheap to make: a large layer that all share, and a small
 * one of what has changed since, which each has of its own. A table of n files costs a commit about √n steps, not n.
 * Iterates in no particular order.
 */
export class LayeredMap<V> {
  readonly #base: ReadonlyMap<string, V>
  /** Keys that differ from the base; undefined where they are gone. */
  readonly #changes: ReadonlyMap<string, V | undefined>
  readonly size: number

  private constructor(base: ReadonlyMap<string, V>, changes: ReadonlyMap<string, V | undefined>, size: number) {
    this.#base = base
    this.#changes = changes
    this.size = size
  }

  static empty<V>(): LayeredMap<V> {
    return new LayeredMap<V>(new Map(), new Map(), 0)
  }

  get(key: string): V | undefined {
    return this.#changes.has(key) ? this.#changes.get(key) : this.#base.get(key)
  }

  has(key: string): boolean {
    return this.get(key) !== undefined
  }

  /** This map with some keys set, or taken out where the value is undefined. */
  with(changed: ReadonlyMap<string, V | undefined>): LayeredMap<V> {
    if (changed.size === 0) return this
    const changes = new Map(this.#changes)
    let size = this.size
    for (const [key, value] of changed) {
      size += Number(value !== undefined) - Number(this.has(key))
      if (value === undefined && !this.#base.has(key)) changes.delete(key)
      else changes.set(key, value)
    }
    // Copying k changes at each commit and n keys at every k-th is cheapest near k = √n.
    if (changes.size <= 32 + 2 * Math.sqrt(this.#base.size)) return new LayeredMap(this.#base, changes, size)
    const base = new Map(this.#base)
    for (const [key, value] of changes) {
      if (value === undefined) base.delete(key)
      else base.set(key, value)
    }
    return new LayeredMap<V>(base, new Map(), size)
  }

  *[Symbol.iterator](): Generator<readonly [string, V], undefined> {
    for (const [key, value] of this.#base) if (!this.#changes.has(key)) yield [key, value]
    for (const [key, value] of this.#changes) if (value !== undefined) yield [key, value]
  }

  *values(): Generator<V, undefined> {
    for (const [, value] of this) yield value
  }
}
