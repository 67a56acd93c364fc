import { numberText } from './format'

/** How a figure stands to the one of the same weekday a week before. */
export interface Change {
  readonly direction: 'up' | 'down' | 'same' | 'new' | 'unknown'
  /** `up 12%`, `new`, `same`. */
  readonly words: string
}

/** From this many times on, times are easier to grasp than percent. */
const timesFrom = 10

/**
 * Compares by share. What came from nothing is `new`, never infinity; below zero a share says nothing, and the words say
 * only which way it went. Null is a figure that is not there.
 */
export function changeOf(now: number | null, before: number | null): Change {
  if (now === null) return { direction: 'unknown', words: '' }
  if (before === null || before === 0) {
    return now === 0 ? { direction: 'same', words: 'same' } : { direction: 'new', words: 'new' }
  }
  if (now === before) return { direction: 'same', words: 'same' }
  const direction = now > before ? 'up' : 'down'
  if (before < 0) return { direction, words: direction }
  const share = now / before
  if (share >= timesFrom) return { direction, words: `${numberText(share, 0)} times` }
  const percent = Math.abs(share - 1) * 100
  const words = percent < 0.05 ? 'less than 0.1%' : `${numberText(percent, percent < 10 ? 1 : 0)}%`
  return { direction, words: `${direction} ${words}` }
}

/** Compares figures that are percent themselves, in points. */
export function pointsOf(now: number | null, before: number | null): Change {
  if (now === null) return { direction: 'unknown', words: '' }
  if (before === null) return { direction: 'new', words: 'new' }
  const points = Math.round((now - before) * 10) / 10
  if (points === 0) return { direction: 'same', words: 'same' }
  const direction = points > 0 ? 'up' : 'down'
  return { direction, words: `${direction} ${numberText(Math.abs(points), 1)} points` }
}
