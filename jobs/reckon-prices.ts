import { intendMoved, listedVariants, type Moved } from '../db/publications.ts'
import { makeBell } from './bell.ts'
import type { Lane } from './lane.ts'

/**
 * SKUs whose prices are reckoned in one statement. Of an account one statement at a time reckons what is to be shown: a change of stock waits for no more than this one, however
 * many prices have changed.
 */
const PART = 1_000

/** SKUs whose prices may have changed; null: any of the account. */
type Changed = { readonly ids: readonly number[] | null; readonly done: () => void }

export type PriceReckoner = {
  /** Notes whose prices may have changed; resolved once what they should show was reckoned, in the order of the notes. */
  readonly reckon: (prices: Moved['prices']) => Promise<void>
  /** Reckons a part. */
  readonly step: () => Promise<boolean>
  readonly bell: ReturnType<typeof makeBell>
}

/** Reckons prices in parts beside the change feed, so that no change of stock waits behind them. What a dead process had noted is still before the feed's stored cursor. */
export function makePriceReckoner(
  lane: Pick<Lane, 'deps' | 'account' | 'dangerBell' | 'turnBell' | 'pushBell'>,
  most = PART,
): PriceReckoner {
  const { deps, account, dangerBell, turnBell, pushBell } = lane
  let line: readonly Changed[] = []
  const bell = makeBell()

  const parted = (ids: readonly number[], done: () => void): Changed[] => {
    const parts = Math.max(1, Math.ceil(ids.length / most))
    return Array.from({ length: parts }, (_, n) => ({ ids: ids.slice(n * most, (n + 1) * most), done: n === parts - 1 ? done : () => {} }))
  }

  return {
    bell,
    reckon: prices =>
      new Promise(done => {
        line = [...line, ...(prices === null ? [{ ids: null, done }] : parted(prices, done))]
        bell.ring()
      }),
    step: async () => {
      const [first, ...behind] = line
      if (first === undefined) return false
      if (first.ids === null) {
        const all = parted(await listedVariants(deps.sql, account.row.id), first.done)
        line = [...all, ...line.slice(1)]
        return true
      }
      const ids = new Set(first.ids)
      let parts = 1
      // Small ones that gathered meanwhile go together.
      for (const { ids: more } of behind) {
        if (more === null || ids.size + more.length > most) break
        for (const id of more) ids.add(id)
        parts += 1
      }
      if (ids.size > 0) await intendMoved(deps.sql, account.row.id, { stock: [], prices: [...ids] })
      for (const { done } of line.slice(0, parts)) done()
      line = line.slice(parts)
      for (const one of [dangerBell, turnBell, pushBell]) one.ring()
      return true
    },
  }
}
