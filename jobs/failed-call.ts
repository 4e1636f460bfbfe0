import type { PushItem } from '../connectors/contract.ts'
import type { SendResult } from '../db/publications.ts'
import { backoffMs } from '../src/domain/sync/backoff.ts'
import type { PreparedItem } from './push-items.ts'

/** Waits of a value whose call failed as a whole, ms at the platform's own pace: short, as the breaker keeps calls from a platform that is down. */
const AGAIN = { firstMs: 500, maxMs: 20_000 }

/** After so many calls for it alone that the platform answered with an error of its own while it worked for others, a value is what it fails at. */
const ALONE_MAX = 8

/**
 * The SKUs of one account whose calls the platform failed at as a whole, with an error of its own: how often in a row. They go in ever smaller calls, until the one
 * that it fails at is alone. Kept by the lane alone: who takes it over finds them again.
 */
export type Suspects = Map<string, number>

/** Splits one call's items by what is suspected of them. What is not suspected shares no call with what is. */
export function halved(group: readonly PushItem[], suspects: Suspects, pushMax: number): readonly (readonly PushItem[])[] {
  const bySuspicion = Map.groupBy(group, item => suspects.get(item.listing.externalSku) ?? 0)
  return [...bySuspicion].flatMap(([failures, items]) => {
    const size = Math.max(1, Math.ceil(pushMax / 2 ** failures))
    return Array.from({ length: Math.ceil(items.length / size) }, (_, n) => items.slice(n * size, (n + 1) * size))
  })
}

/** How a call ended that was not answered as promised. `answered`: the platform itself said that it failed, while it works for others. */
export type FailedCall = {
  readonly words: string
  readonly maybeTookEffect: boolean
  readonly answered: boolean
  readonly afterMs: number
  readonly now: number
  readonly chance: number
  readonly scale: number
  readonly pushMax: number
}

/** The whole call failed: its fields wait again, or are read first where it may have taken effect. What the platform fails at even alone is refused. */
export function failedResults(prepared: readonly PreparedItem[], call: FailedCall, suspects: Suspects): SendResult[] {
  const alone = Math.ceil(Math.log2(Math.max(1, call.pushMax))) + ALONE_MAX
  let isPoison = false
  if (call.answered)
    for (const { item } of prepared) {
      const failures = (suspects.get(item.listing.externalSku) ?? 0) + 1
      isPoison = prepared.length === 1 && failures >= alone
      if (isPoison) suspects.delete(item.listing.externalSku)
      else suspects.set(item.listing.externalSku, failures)
    }
  return prepared.flatMap(one => {
    const { scale, words } = call
    const pauseMs = backoffMs(one.attempts, call.chance, {
      firstMs: AGAIN.firstMs / scale,
      maxMs: AGAIN.maxMs / scale,
      floorMs: call.afterMs,
    })
    const retryAt = new Date(call.now + pauseMs).toISOString()
    const verdict = isPoison
      ? ({ status: 'rejected', code: 'platform_fails', words: poisonWords(one, words) } as const)
      : { status: call.maybeTookEffect ? ('unknown' as const) : ('retry' as const), words, retryAt }
    return [...(one.stock ? [one.stock] : []), ...one.prices].map(field => ({ ...field, ...verdict }))
  })
}

const poisonWords = (one: PreparedItem, words: string): string =>
  `The platform fails whenever it is sent ${one.item.listing.externalSku}, alone too: ${words}. Look at the product there, then try again.`
