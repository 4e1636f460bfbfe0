/** How dangerous a waiting field is by its kind, whatever it costs: a price shown below its floor, a SKU that is sold out and still offered, all else. */
export const DANGER = { belowFloor: 0, soldOut: 1, none: 2 } as const
export type Danger = (typeof DANGER)[keyof typeof DANGER]

/** What the order of calls looks at. `loss`: money per hour in which it waits. */
export type Weighed = { readonly danger: Danger; readonly loss: number }

/** What has waited for longer than this is old, seconds. */
export const AGED_S = 300

/** Of so many calls one carries what has waited longest of the old, whatever it is worth: nothing starves, and nothing dangerous waits for two of these in a row. */
export const AGED_EVERY = 20

/** A call carries everything that shares it: it is as dangerous as the worst of it, and all of it is lost while it waits. */
export function weighCall(fields: readonly Weighed[]): Weighed {
  const danger = fields.reduce<Danger>((worst, one) => (one.danger < worst ? one.danger : worst), DANGER.none)
  return { danger, loss: fields.reduce((sum, one) => sum + one.loss, 0) }
}

/**
 * The calls in their order: dangerous kinds first, then by falling loss. As all calls take the same of the quota, that is the order in which the least is lost until
 * everything is shown, `Σ loss × time` (Smith's rule, 1956: by weight over length). Equal ones stay as they were.
 */
export function inOrder<Call extends Weighed>(calls: readonly Call[]): Call[] {
  return calls.toSorted((a, b) => a.danger - b.danger || b.loss - a.loss)
}
