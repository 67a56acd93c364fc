/** The views of the page, in the order of their links. */
export const views = ['trade', 'ops'] as const

export type View = (typeof views)[number]

/** The view an address names after `#`; trade where it names none that is known. */
export function viewOf(hash: string): View {
  return views.find((view) => hash === `#${view}`) ?? 'trade'
}
