import { randomUUID } from 'node:crypto'
import type { JsonValue } from '../../db/connect.ts'
import { databaseNow } from '../../db/listings.ts'
import {
  dropMarketWork,
  type MarketFactsRow,
  type MarketWork,
  readMarketFacts,
  takeMarketWork,
  writeMarketTurns,
} from '../../db/market-steps.ts'
import { onceMore } from '../../db/once-more.ts'
import { judgeMarket } from '../domain/pricing/market.ts'
import type { Judged } from '../domain/pricing/market-facts.ts'
import { marketWords } from '../domain/pricing/market-words.ts'
import type { Context } from './context.ts'

/** Who writes what rules decide. */
export const REPRICER = 'repricer'

/** What a round did: SKUs that were judged, steps that were taken (some of them waiting for approval), and rules that stopped. */
export type Repriced = {
  readonly taken: number
  readonly steps: number
  readonly waiting: number
  readonly wars: number
  /** SKUs of which something changed meanwhile: the next round judges them again. */
  readonly stale: number
  /** Steps that a price list did not take. */
  readonly refused: readonly { readonly sku: string; readonly list: string; readonly outcome: string }[]
}

/** Long enough for a part of the work; whoever dies over it leaves it to others after that. */
const LEASE_S = 60

/**
 * Judges at most `limit` SKUs whose offers or rules changed, and takes the steps that their rules decide. Any number of processes may do it at once: each step
 * comes after exactly the one that was seen. Judged at `context.now`, else by the database's clock.
 */
export async function repriceNext({ sql, now }: Pick<Context, 'sql' | 'now'>, limit: number): Promise<Repriced> {
  const work = await takeMarketWork(sql, limit, LEASE_S)
  const nothing = { taken: work.length, steps: 0, waiting: 0, wars: 0, stale: 0, refused: [] }
  if (work.length === 0) return nothing
  const at = now?.() ?? (await databaseNow(sql))
  const asked = new Map(work.map(one => [one.variantId, one.asked]))
  const facts = await readMarketFacts(sql, [...asked.keys()], at)
  const ruled = new Set(facts.map(one => one.variantId))
  const idle: MarketWork[] = work.filter(one => !ruled.has(one.variantId))
  if (idle.length > 0) await dropMarketWork(sql, idle)
  if (facts.length === 0) return nothing
  const turns = facts.map(one => ({ ...turnOf(one, judgeMarket(one, at)), asked: asked.get(one.variantId) ?? null }))
  const key = randomUUID()
  // The key makes a second try after a lost connection harmless.
  const head = { scope: REPRICER, key, kind: 'market.steps', hash: key, actor: REPRICER, at: at.toISOString() }
  const { outcome: _, ...done } = await onceMore(() => writeMarketTurns(sql, { ...head, turns } as unknown as JsonValue))
  return { ...nothing, ...done }
}

function turnOf(facts: MarketFactsRow, judged: Judged): Readonly<Record<string, unknown>> {
  const { variantId, listId, list, ruleId, termsId, sku, lastId, entryId, waitingId, rule } = facts
  const again = judged.again?.toISOString() ?? null
  const turn = { variantId, listId, list, ruleId, termsId, sku, lastId, entryId, waitingId, rule: rule.code, again }
  const words = marketWords(facts, judged)
  const from = facts.waiting ?? facts.ours
  if (judged.act === 'step') {
    const { offer, target, to, clamp } = judged.aim
    return {
      ...turn,
      act: 'step',
      from,
      to,
      target,
      clamp,
      offerId: offer.id,
      competitor: offer.competitor,
      isAnswer: judged.isAnswer,
      words,
    }
  }
  if (judged.act === 'war') {
    const why = {
      ...{ steps: judged.steps, windowMinutes: rule.warWindowMinutes, price: from, offer: judged.aim.offer.amount, target: judged.aim.to },
      ...{ currency: facts.currency, words },
    }
    return { ...turn, act: 'war', competitor: judged.competitor, why }
  }
  return { ...turn, act: 'keep' }
}
