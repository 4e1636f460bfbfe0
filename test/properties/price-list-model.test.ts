import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import type { JsonValue, Sql } from '../../db/connect.ts'
import { type PriceListCommands, priceListCommand } from '../../db/price-lists.ts'
import { freshDatabase } from '../support/database.ts'
import { layIn } from '../support/goods.ts'
import { repetitions } from '../support/repetitions.ts'

let sql: Sql
beforeAll(async () => {
  ;({ sql } = await freshDatabase())
  await layIn(sql, { MUG: {}, LID: {} })
  await sql`update products set category = 'Kitchen'`
})

const GOODS = [{ sku: 'MUG' }, { sku: 'LID' }, { product: 'MUG' }, { category: 'Kitchen' }, { all: true }] as const
const SAID = [
  { rule: 'fixed', value: '9' },
  { rule: 'fixed', value: '8' },
  { rule: 'percent', over: 'plain', value: '-5' },
  { rule: 'none' },
  { rule: 'remove' },
  { rule: 'remove' },
] as const
const actor = fc.constantFrom('ana', 'bob')
const place = fc.record({ goods: fc.nat(GOODS.length - 1), quantity: fc.constantFrom(1, 1, 5) })
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      act: fc.constant('entries' as const),
      actor,
      places: fc.uniqueArray(place, { minLength: 1, maxLength: 4, selector: p => keyOf(p) }),
      said: fc.array(fc.nat(SAID.length - 1), { minLength: 4, maxLength: 4 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ act: fc.constant('set' as const), actor, priority: fc.option(fc.nat(2)), fourEyes: fc.option(fc.boolean()) }),
  },
  { weight: 3, arbitrary: fc.record({ act: fc.constant('approve' as const), actor, isStale: fc.constantFrom(false, false, false, true) }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('reject' as const), actor }) },
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

const keyOf = (at: { readonly goods: number; readonly quantity: number }): string => `${at.goods}/${at.quantity}`
const told = (n: number): string => JSON.stringify(SAID[n])
const REMOVE = JSON.stringify({ rule: 'remove' })

type Terms = { readonly priority: number; readonly fourEyes: boolean }

/** What a list is, as people would tell it: what holds, what waits, and who wrote that. */
function makeModel() {
  let state: 'draft' | 'approved' = 'draft'
  let terms: Terms = { priority: 0, fourEyes: false }
  let waitingTerms: Terms | null = null
  const entries = new Map<string, string>()
  const waiting = new Map<string, string>()
  /** Who wrote a draft; of an approved list, who wrote something that had to wait. */
  const writers = new Set(['zoe'])
  let wasMarked = false

  function run(step: Step): Record<string, unknown> {
    switch (step.act) {
      case 'entries':
        return put(step)
      case 'set':
        return set(step)
      case 'approve':
        return approve(step)
      case 'reject': {
        const gone = { terms: waitingTerms !== null, entries: waiting.size }
        if (!gone.terms && gone.entries === 0) return { outcome: 'nothing' }
        waitingTerms = null
        waiting.clear()
        if (state === 'approved') writers.clear()
        return { outcome: 'done', ...gone }
      }
    }
  }

  function put({ places, said, actor }: Extract<Step, { act: 'entries' }>): Record<string, unknown> {
    const isWaiting = terms.fourEyes
    let changed = 0
    let withdrawn = 0
    for (const [n, at] of places.entries()) {
      const [key, now] = [keyOf(at), told(said[n] ?? 0)]
      const [stands, waits] = [entries.get(key), waiting.get(key)]
      const isAsItStands = now === REMOVE ? stands === undefined : stands === now
      if (!isWaiting) {
        if (waits !== undefined) withdrawn++
        waiting.delete(key)
        if (isAsItStands) continue
        changed++
        if (stands !== undefined) withdrawn++
        if (now === REMOVE) entries.delete(key)
        else entries.set(key, now)
      } else if (waits !== now) {
        if (waits !== undefined) withdrawn++
        waiting.delete(key)
        if (isAsItStands) continue
        changed++
        waiting.set(key, now)
      }
    }
    if (changed + withdrawn > 0 && (state === 'draft' || isWaiting)) writers.add(actor)
    return { outcome: 'done', changed: Math.max(changed, withdrawn), waiting: isWaiting }
  }

  function set({ priority, fourEyes, actor }: Extract<Step, { act: 'set' }>): Record<string, unknown> {
    const base = waitingTerms ?? terms
    const fresh = { priority: priority ?? base.priority, fourEyes: fourEyes ?? base.fourEyes }
    const waits = state === 'approved' && terms.fourEyes
    if (fresh.priority === base.priority && fresh.fourEyes === base.fourEyes)
      return { outcome: 'done', changed: false, waiting: waitingTerms !== null }
    if (waits) waitingTerms = fresh
    else terms = fresh
    if (state === 'draft' || waits) writers.add(actor)
    wasMarked ||= fresh.fourEyes
    return { outcome: 'done', changed: true, waiting: waits }
  }

  function approve({ actor, isStale }: Extract<Step, { act: 'approve' }>): Record<string, unknown> {
    if (isStale) return { outcome: 'stale' }
    const hasTerms = waitingTerms !== null || state === 'draft'
    const count = waiting.size
    if (!hasTerms && count === 0) return { outcome: 'nothing' }
    if (writers.has(actor) && (state === 'approved' || wasMarked)) return { outcome: 'own' }
    for (const [key, said] of waiting) {
      if (said === REMOVE) entries.delete(key)
      else entries.set(key, said)
    }
    terms = waitingTerms ?? terms
    waitingTerms = null
    waiting.clear()
    writers.clear()
    state = 'approved'
    return { outcome: 'done', terms: hasTerms, entries: count }
  }

  function holds(): Held {
    return { state: state, ...terms, entries: Object.fromEntries([...entries].sort()) }
  }

  return { run, holds, waiting }
}

type Held = Terms & { readonly state: string; readonly entries: Readonly<Record<string, string>> }

/** What the books say held at an instant (null: holds now); it fails where two rows speak of the same. */
async function heldAt(list: string, at: string | null): Promise<Held> {
  const known = sql`coalesce(${at}::text::timestamptz, 'infinity')`
  const terms = await sql<(Terms & { state: string })[]>`
    select t.state, t.priority, t.four_eyes as "fourEyes" from price_list_terms t join price_lists l on l.id = t.list_id
    where l.code = ${list} and t.valid_from <= ${known} and (t.valid_to is null or t.valid_to > ${known})`
  const rows = await sql<Raw[]>`
    ${raw()} where l.code = ${list} and e.valid_from <= ${known} and (e.valid_to is null or e.valid_to > ${known})`
  expect(terms).toHaveLength(1)
  const entries = rows.map(keyed)
  expect(new Set(entries.map(([key]) => key)).size).toBe(entries.length)
  return { ...(terms[0] ?? { state: '', priority: 0, fourEyes: false }), entries: Object.fromEntries(entries.sort()) }
}

type Raw = {
  readonly of: string | null
  readonly scope: string
  readonly quantity: number
  readonly rule: string
  readonly over: string | null
  readonly value: string | null
  readonly goes: boolean
}
const raw = () => sql`
  select coalesce(v.sku, p.handle, e.category) as of, e.scope, e.min_quantity as quantity, e.rule, e.over, trim_scale(e.value)::text as value,
    coalesce(e.valid_to = 'infinity', false) as goes
  from price_entries e join price_lists l on l.id = e.list_id left join variants v on v.id = e.variant_id left join products p on p.id = e.product_id`

function keyed({ of, scope, quantity, rule, over, value, goes }: Raw): [string, string] {
  const goods = GOODS.findIndex(
    one =>
      (scope === 'variant' && 'sku' in one && one.sku === of) ||
      (scope === 'product' && 'product' in one) ||
      (scope === 'category' && 'category' in one) ||
      (scope === 'all' && 'all' in one),
  )
  const said = goes ? { rule: 'remove' } : { rule, ...(over === null ? {} : { over }), ...(value === null ? {} : { value }) }
  return [keyOf({ goods, quantity }), JSON.stringify(said)]
}

const COMMANDS = {
  entries: 'price_list_entries_1',
  set: 'price_list_set_1',
  approve: 'price_list_approve_1',
  reject: 'price_list_reject_1',
} as const
let lists = 0

async function carryOut(list: string, step: Step): Promise<Record<string, unknown>> {
  const body: Record<string, JsonValue> = { list, actor: step.actor }
  if (step.act === 'entries')
    body.entries = step.places.map((at, n) => ({ ...GOODS[at.goods], ...SAID[step.said[n] ?? 0], minQuantity: at.quantity }))
  if (step.act === 'set')
    body.terms = {
      ...(step.priority === null ? {} : { priority: step.priority }),
      ...(step.fourEyes === null ? {} : { fourEyes: step.fourEyes }),
    }
  if (step.act === 'approve') {
    const [row] = await sql<{ version: number }[]>`select price_list_version(${list}) as version`
    body.version = (row?.version ?? 0) - (step.isStale ? 1 : 0)
  }
  const name: keyof PriceListCommands = COMMANDS[step.act]
  return priceListCommand(sql, name, body) as Promise<Record<string, unknown>>
}

test('a list holds at any instant what was approved by then, whoever wrote, approved and rejected in whatever order', {
  timeout: 3_600_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 14 }), async steps => {
      const list = `list-${++lists}`
      const model = makeModel()
      await priceListCommand(sql, 'price_list_set_1', { list, actor: 'zoe', terms: { currency: 'EUR' } })
      const seen: { readonly at: string; readonly held: Held }[] = []
      for (const one of steps) {
        const expected = model.run(one)
        expect(await carryOut(list, one), JSON.stringify(one)).toMatchObject(expected)
        expect(await heldAt(list, null)).toEqual(model.holds())
        const waiting = await sql<
          Raw[]
        >`${raw()} where l.code = ${list} and e.valid_from is null and (e.valid_to is null or e.valid_to = 'infinity')`
        expect(Object.fromEntries(waiting.map(keyed))).toEqual(Object.fromEntries(model.waiting))
        const [clock] = await sql<{ at: string }[]>`select clock_timestamp()::text as at`
        seen.push({ at: clock?.at ?? '', held: model.holds() })
      }
      for (const { at, held } of seen) expect(await heldAt(list, at)).toEqual(held)
    }),
    { numRuns: repetitions('a model of price lists', 80, 5_000) },
  )
})
