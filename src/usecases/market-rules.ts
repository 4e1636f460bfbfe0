import { databaseNow } from '../../db/listings.ts'
import {
  listMarketRules,
  type MarketRuleRefusal,
  type MarketRuleRow,
  type MarketRuleStated,
  marketRuleRefusal,
  putMarketRule,
  resumeMarketRule,
} from '../../db/market-rules.ts'
import { type MarketFactsRow, tryMarketFacts } from '../../db/market-steps.ts'
import { judgeMarket } from '../domain/pricing/market.ts'
import type { Judged } from '../domain/pricing/market-facts.ts'
import { marketWords } from '../domain/pricing/market-words.ts'
import { Fault, unreachable } from '../values/fault.ts'
import { carryOut, keyConflict } from './carry-out.ts'
import { type Context, command } from './context.ts'
import { refuseNumber } from './price-command.ts'
import { stated } from './stated.ts'

/** What may be left out of a stated rule: it is as in MARKET_DEFAULTS. */
export type MarketRuleInput = Pick<MarketRuleStated, 'list' | 'mode'> &
  Partial<{ readonly [Field in keyof MarketRuleStated]: MarketRuleStated[Field] | undefined }>

export const MARKET_DEFAULTS = { maxAgeMinutes: 1_440, stepsPerDay: 4, warSteps: 3, warWindowMinutes: 1_440 } as const

const WHOLE = {
  maxAgeMinutes: 525_600,
  stepsPerDay: 1_000,
  warSteps: 1_000,
  warWindowMinutes: 43_200,
} as const

export type MarketRulePut = { readonly rule: MarketRuleRow; readonly made: boolean; readonly changed: boolean; readonly replayed: boolean }

/**
 * Makes a rule or replaces its terms; its SKUs are judged anew. A rule that closer speaks of a SKU (of it, its product, its category, all) goes before others of
 * the same list. Throws `invalid` (a rule that cannot be, an unknown name), `conflict` (the list was ended; of keys).
 */
export async function setMarketRule(
  context: Context,
  key: string | null,
  code: string,
  input: MarketRuleInput,
  why?: string,
): Promise<MarketRulePut> {
  const terms = stated({ ...wholeRule(code, input), why })
  const answer = await carryOut(key, () =>
    putMarketRule(context.sql, { ...command(context, 'market.rule', key, { code, terms }), rule: code, terms }),
  )
  if (answer.outcome !== 'done') throw refusalOf(answer)
  return { rule: await readMarketRule(context, code), made: answer.made, changed: answer.changed, replayed: answer.replayed === true }
}

/** A rule as it stands. Throws `not_found`. */
export async function readMarketRule({ sql }: Context, code: string): Promise<MarketRuleRow> {
  const [rule] = await listMarketRules(sql, { code, ended: true }, 0, 1)
  if (rule === undefined) throw new Fault('not_found', `There is no market rule ${code}.`, { field: 'rule', value: code })
  return rule
}

/** Lets a rule go on that stopped for a SKU; it is judged anew, and what was before starts no war again. Throws `not_found`, `conflict` (it is not stopped; of keys). */
export async function resumeMarket(
  context: Context,
  key: string | null,
  rule: string,
  sku: string,
  why?: string,
): Promise<{ readonly replayed: boolean }> {
  const body = stated({ rule, sku, why })
  const answer = await carryOut(key, () => resumeMarketRule(context.sql, { ...body, ...command(context, 'market.resume', key, body) }))
  switch (answer.outcome) {
    case 'done':
      return { replayed: answer.replayed === true }
    case 'not_stopped':
      throw new Fault('conflict', `The rule ${rule} is not stopped for ${sku}.`, { rule, sku })
    case 'unknown':
      throw new Fault('not_found', `There is no ${answer.field === 'sku' ? 'SKU' : 'market rule'} ${answer.value}.`, {
        field: answer.field,
        value: answer.value,
      })
    default:
      throw refusalOf(answer)
  }
}

/** What a rule would do about a SKU now, with its reasons. */
export type MarketTried = {
  readonly variantId: number
  readonly sku: string
  readonly currency: string
  /** What the list asks now, or has waiting; null: nothing. */
  readonly price: string | null
  readonly act: Judged['act'] | 'other_rule'
  readonly reason: string | null
  /** Where the price would go; null: it stays. */
  readonly to: string | null
  readonly target: string | null
  readonly clamp: 'floor' | 'ceiling' | 'most' | null
  readonly floor: string | null
  readonly ceiling: string | null
  readonly offer: {
    readonly competitor: string
    readonly channel: string | null
    readonly amount: string
    readonly currency: string
    readonly seenAt: Date
  } | null
  /** After a step. */
  readonly stepsLeft: number | null
  /** When a step is free again. */
  readonly at: Date | null
  readonly words: string
}

/**
 * What a rule would do now for the SKUs that somebody offers, after one of them (by its number): as it stands, or as it is stated. Nothing is written.
 * Throws `not_found`; `invalid` as setMarketRule does.
 */
export async function tryMarketRule(
  context: Context,
  code: string,
  input: MarketRuleInput | null,
  after: number,
  limit: number,
): Promise<MarketTried[]> {
  const said = input === null ? null : wholeRule(code, input)
  if (said === null) await readMarketRule(context, code)
  const refusal = said === null ? null : await marketRuleRefusal(context.sql, said)
  if (refusal !== null) throw refusalOf(refusal)
  const now = context.now?.() ?? (await databaseNow(context.sql))
  const rows = await tryMarketFacts(context.sql, code, said, after, limit, now)
  return rows.map(facts => triedOf(facts, judgeMarket(facts, now)))
}

function triedOf(facts: MarketFactsRow, judged: Judged): MarketTried {
  const { variantId, sku, currency, floor, ceiling, ruledBy } = facts
  const aim = judged.act === 'stopped' ? null : judged.aim
  const tried = {
    ...{ variantId, sku, currency, floor, ceiling, price: facts.waiting ?? facts.ours },
    offer:
      aim === null ? null : { ...aim.offer.stated, competitor: aim.offer.competitor, channel: aim.offer.channel, seenAt: aim.offer.seenAt },
    target: aim?.target ?? null,
    clamp: aim?.clamp ?? null,
  }
  const still = { to: null, stepsLeft: null, at: null, reason: null }
  if (ruledBy !== null) return { ...tried, ...still, act: 'other_rule', words: `the rule ${ruledBy} of the same list decides about it` }
  const words = marketWords(facts, judged)
  switch (judged.act) {
    case 'step':
      return { ...tried, ...still, act: 'step', to: judged.aim.to, stepsLeft: judged.stepsLeft, words }
    case 'keep':
      return { ...tried, ...still, act: 'keep', reason: judged.reason, words }
    case 'later':
      return { ...tried, ...still, act: 'later', at: judged.at, stepsLeft: 0, words }
    case 'war':
    case 'stopped':
      return { ...tried, ...still, act: judged.act, words }
    default:
      return unreachable(judged)
  }
}

function refusalOf(answer: MarketRuleRefusal): Fault {
  switch (answer.outcome) {
    case 'unknown':
      return new Fault('invalid', `There is no ${NAMED[answer.field]} ${answer.value}.`, { field: answer.field, value: answer.value })
    case 'ended':
      return new Fault('conflict', `The list ${answer.list} was ended for good: take another.`, { list: answer.list })
    case 'key_conflict':
      return keyConflict()
    default:
      return unreachable(answer)
  }
}

const NAMED = {
  list: 'price list',
  sku: 'SKU',
  product: 'product with the handle',
  category: 'product in the category',
  rule: 'market rule',
} as const

/** Every field of a rule, refused where it cannot be. */
function wholeRule(code: string, input: MarketRuleInput): MarketRuleStated {
  const { sku = null, product = null, category = null, mode } = input
  const wrong = (field: keyof MarketRuleStated, value: unknown, expected: string): Fault =>
    new Fault('invalid', `Rule ${code}: ${field} ${value === null ? 'is missing' : `${String(value)} cannot be`}; ${expected}.`, {
      field,
      value,
      expected,
    })
  if ([sku, product, category].filter(one => one !== null).length > 1)
    throw wrong('sku', sku, 'one of sku, product and category, or none for all')
  const value = input.value ?? null
  if ((mode === 'match') !== (value === null))
    throw wrong('value', value, mode === 'match' ? 'nothing: the price is the same' : 'how far from the lowest offer')
  if (value !== null) refuseNumber(value, { above: 0, below: mode === 'amount' ? 1e12 : 100, decimals: 6 }, 'value', `Rule ${code}:`)
  const most = input.most ?? null
  if (most !== null) refuseNumber(most, { above: 0, below: 1e12, decimals: 6 }, 'most', `Rule ${code}: most`)
  const competitors = input.competitors ?? null
  if (competitors !== null && (competitors.length === 0 || competitors.length > 500))
    throw wrong('competitors', competitors.length, '1 to 500 names, or null for any')
  const numbers = {
    ...MARKET_DEFAULTS,
    ...Object.fromEntries(Object.entries(input).filter(([field, given]) => field in WHOLE && given !== undefined)),
  }
  for (const [field, most] of Object.entries(WHOLE) as [keyof typeof WHOLE, number][]) {
    const given = numbers[field]
    if (!Number.isInteger(given) || given < 1 || given > most) throw wrong(field, given, `a whole number from 1 to ${most}`)
  }
  return {
    ...{ list: input.list, sku, product, category, mode, value, most, ...numbers },
    scope: sku !== null ? 'variant' : product !== null ? 'product' : category !== null ? 'category' : 'all',
    // Named once each, so that the same rule stated again is the same.
    competitors: competitors === null ? null : [...new Set(competitors)].sort(),
    state: input.state ?? 'active',
  }
}
