/** What became of groups that lay ready for their buyers. */
export type Collected = { readonly collected: number; readonly notCollected: number }

/** Days that a store's rate is learnt from. */
export const NO_SHOW_DAYS = 90

/** What is believed before anything is known, and how many groups that belief weighs as much as: two who did not come, of three, are no rate of two thirds. */
const BELIEVED = 0.05
const WEIGHT = 20

/** The share of buyers who do not come, as a store's own groups tell it, drawn towards what is usual where they are few. */
export function noShowRate({ collected, notCollected }: Collected): number {
  return (notCollected + BELIEVED * WEIGHT) / (collected + notCollected + WEIGHT)
}
