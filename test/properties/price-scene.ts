import fc from 'fast-check'
import type { Sql } from '../../db/connect.ts'
import { layIn, quietChannel } from '../support/goods.ts'

/** The instant at which everything is judged, and the one since when everything is known. */
export const NOW = new Date('2026-06-01T12:00:00Z')
const SINCE = new Date('2026-01-01T00:00:00Z')
const HOUR_MS = 3_600_000
export const hours = (n: number): Date => new Date(NOW.getTime() + n * HOUR_MS)

export const SKUS = ['MUG', 'LID', 'BOX'] as const
export const CHANNELS = ['euro', 'swiss', 'japan'] as const
const CURRENCIES = ['EUR', 'CHF', 'JPY'] as const
const LISTS = [1, 2, 3, 4, 5] as const

const decimal = (min: number, max: number, digits: number): fc.Arbitrary<string> =>
  fc.integer({ min: Math.round(min * 10 ** digits), max: Math.round(max * 10 ** digits) }).map(n => (n / 10 ** digits).toFixed(digits))
const hour = fc.integer({ min: -5, max: 5 })
const span = fc.record({ from: fc.option(hour), lasts: fc.option(fc.integer({ min: 1, max: 6 })) })
const currency = fc.constantFrom(...CURRENCIES)
const scopes = fc.constantFrom('variant', 'product', 'category', 'all')

const entry = fc.oneof(
  fc.record({ rule: fc.constant('fixed'), over: fc.constant(null), value: decimal(0.01, 300, 4) }),
  fc.record({ rule: fc.constant('percent'), over: fc.constantFrom('plain', 'list', 'cost'), value: decimal(-90, 90, 2) }),
  fc.record({ rule: fc.constant('amount'), over: fc.constantFrom('plain', 'list', 'cost'), value: decimal(-30, 30, 3) }),
  fc.record({ rule: fc.constant('margin'), over: fc.constant('cost'), value: decimal(-50, 90, 2) }),
  fc.record({ rule: fc.constant('none'), over: fc.constant(null), value: fc.constant(null) }),
)
const placed = fc.record({ scope: scopes, sku: fc.nat(2), minQuantity: fc.constantFrom(1, 1, 1, 3, 10), base: fc.nat(4), what: entry })

const list = fc.record({
  kind: fc.constantFrom('price', 'price', 'sale'),
  state: fc.constantFrom('approved', 'approved', 'approved', 'draft', 'ended'),
  currency,
  audience: fc.constantFrom('everyone', 'region', 'group', 'channel', 'tier', 'partner'),
  priority: fc.nat(2),
  taxIncluded: fc.constantFrom(null, null, true, false),
  span,
  entries: fc.array(placed, { maxLength: 6 }),
})

const limit = fc.record({
  kind: fc.constantFrom('floor', 'floor', 'ceiling'),
  basis: fc.constantFrom('manual', 'map', 'legal', 'margin'),
  channel: fc.option(fc.nat(2)),
  scope: scopes,
  sku: fc.nat(2),
  currency,
  amount: decimal(0.01, 150, 3),
  percent: decimal(-20, 80, 2),
})

const rounding = fc.oneof(
  fc.constant(null),
  fc.record({ kind: fc.constantFrom('none', 'digits') }),
  fc.record({
    kind: fc.constant('ending'),
    shape: fc.constantFrom(['1', '0.99'], ['1', '0.95'], ['0.05', '0'], ['1', '0'], ['10', '9.90'], ['100', '0']),
    direction: fc.constantFrom('nearest', 'up', 'down'),
  }),
)

/** Everything that prices follow from, at random. */
export const priceScene = fc.record({
  plain: fc.array(fc.record({ sku: fc.nat(2), channel: fc.option(fc.nat(2)), currency, amount: decimal(0.01, 200, 4), span }), {
    maxLength: 12,
  }),
  lists: fc.tuple(list, list, list, list, list),
  limits: fc.array(limit, { maxLength: 4 }),
  costs: fc.tuple(...SKUS.map(() => fc.option(fc.record({ amount: decimal(0.1, 80, 4), currency })))),
  rounding: fc.tuple(rounding, rounding, rounding),
  margin: decimal(0, 5, 2),
  rates: fc.array(fc.record({ from: currency, to: currency, rate: decimal(0.01, 170, 6), at: hour }), { maxLength: 5 }),
  /** Of each channel: whether it shows prices with tax, and whether it has a region whose rates are known. */
  shown: fc.tuple(...CHANNELS.map(() => fc.record({ taxed: fc.boolean(), placed: fc.constantFrom(true, true, false) }))),
  taxes: fc.array(fc.record({ category: fc.constantFrom('standard', 'standard', 'reduced'), percent: decimal(0, 25, 2), at: hour }), {
    maxLength: 4,
    size: 'max',
  }),
})

export type PriceScene = typeof priceScene extends fc.Arbitrary<infer T> ? T : never

/** The goods, channels, partner and lists, made once. LID is taxed less; BOX has no category. */
export async function layInPriceGoods(sql: Sql): Promise<void> {
  await layIn(sql, Object.fromEntries(SKUS.map(sku => [sku, { a: 1 }])))
  for (const [n, code] of CHANNELS.entries()) {
    await quietChannel(sql, code, ['a'])
    await sql`update channels set currency = ${CURRENCIES[n] ?? ''} where code = ${code}`
  }
  await sql`update products set category = 'Kitchen' where handle <> 'BOX'`
  await sql`update variants set tax_category = 'reduced' where sku = 'LID'`
  await sql`insert into regions (code, name) values ('r', 'r'), ('other', 'other')`
  await sql`insert into channel_groups (code, name) values ('g', 'g')`
  await sql`insert into partner_tiers (code, name) values ('t', 't')`
  await sql`insert into partners (code, name) values ('p', 'p')`
  await sql`insert into channel_group_members (group_id, channel_id, valid_from, actor) select g.id, c.id, ${SINCE}, 'test' from channel_groups g, channels c where c.code <> 'japan'`
  await sql`insert into partner_tier_members (partner_id, tier_id, valid_from, actor) select p.id, t.id, ${SINCE}, 'test' from partners p, partner_tiers t`
  await sql`insert into price_lists (code) select 'list-' || n from unnest(${[...LISTS]}::int[]) n order by n`
}

/** Puts a scene in place of the one before. */
export async function setPriceScene(sql: Sql, scene: PriceScene): Promise<void> {
  for (const table of [
    'price_entries',
    'price_list_terms',
    'price_limits',
    'prices',
    'exchange_rates',
    'tax_rates',
    'channel_price_policies',
  ])
    await sql`delete from ${sql(table)}`
  await sql`update variants set cost = null, cost_currency = null`
  for (const [n, cost] of scene.costs.entries())
    if (cost) await sql`update variants set cost = ${cost.amount}, cost_currency = ${cost.currency} where sku = ${SKUS[n] ?? ''}`
  for (const [n, one] of scene.rounding.entries()) {
    const [code, shown] = [CHANNELS[n] ?? '', scene.shown[n]]
    await sql`update channels set tax_mode = ${shown?.taxed ? 'inclusive' : 'exclusive'} where code = ${code}`
    const ending = one?.kind === 'ending' && 'shape' in one ? one : null
    const shape = ending?.shape ?? [null, null]
    await sql`
      insert into channel_price_policies (channel_id, region_id, rounding, rounding_step, rounding_ending, rounding_direction, exchange_margin_percent, valid_from, actor)
      select c.id, case when ${shown?.placed ?? false} then r.id end, ${one?.kind ?? 'digits'}, ${shape[0] ?? null}, ${shape[1] ?? null}, ${ending?.direction ?? 'nearest'},
        ${scene.margin}, ${SINCE}, 'test'
      from channels c, regions r where c.code = ${code} and r.code = 'r'`
  }
  for (const one of scene.plain) {
    const [from, to] = ends(one.span)
    const channel = one.channel === null ? null : (CHANNELS[one.channel] ?? null)
    await sql`
      insert into prices (variant_id, channel_id, currency, amount, starts_at, ends_at, actor, created_at)
      select v.id, c.id, coalesce(c.currency, ${one.currency}), ${one.amount}, ${from}, ${to}, 'test', ${SINCE}
      from variants v left join channels c on c.code = ${channel} where v.sku = ${SKUS[one.sku] ?? ''} on conflict do nothing`
  }
  for (const [n, one] of scene.lists.entries()) await insertList(sql, n, one)
  for (const one of scene.limits) {
    const isMargin = one.basis === 'margin' && one.kind === 'floor'
    await sql`
      insert into price_limits (kind, basis, channel_id, scope, variant_id, product_id, category, currency, amount, percent, valid_from, actor)
      select ${one.kind}, ${isMargin ? 'margin' : one.basis === 'margin' ? 'manual' : one.basis}, c.id, ${one.scope}, case when ${one.scope} = 'variant' then v.id end,
        case when ${one.scope} = 'product' then v.product_id end, case when ${one.scope} = 'category' then 'Kitchen' end, ${isMargin ? null : one.currency},
        ${isMargin ? null : one.amount}, ${isMargin ? one.percent : null}, ${SINCE}, 'test'
      from variants v left join channels c on c.code = ${one.channel === null ? null : (CHANNELS[one.channel] ?? null)} where v.sku = ${SKUS[one.sku] ?? ''} on conflict do nothing`
  }
  for (const one of scene.rates.filter(rate => rate.from !== rate.to))
    await sql`
      insert into exchange_rates (from_currency, to_currency, rate, starts_at, actor, created_at) values (${one.from}, ${one.to}, ${one.rate}, ${hours(one.at)}, 'test', ${SINCE})
      on conflict do nothing`
  for (const one of scene.taxes)
    await sql`
      insert into tax_rates (region_id, category, percent, starts_at, actor, created_at) select id, ${one.category}, ${one.percent}, ${hours(one.at)}, 'test', ${SINCE}
      from regions where code = 'r' on conflict do nothing`
}

async function insertList(sql: Sql, n: number, one: PriceScene['lists'][number]): Promise<void> {
  const [from, to] = ends(one.span)
  await sql`
    insert into price_list_terms (list_id, title, currency, kind, audience, audience_id, priority, tax_included, starts_at, ends_at, state, actor, valid_from)
    select l.id, l.code, ${one.currency}, ${one.kind}, ${one.audience}, case ${one.audience} when 'region' then (select id from regions where code = 'r')
      when 'group' then (select id from channel_groups) when 'channel' then (select id from channels where code = ${CHANNELS[n % 3] ?? ''})
      when 'tier' then (select id from partner_tiers) when 'partner' then (select id from partners) end,
      ${one.priority}, ${one.taxIncluded}, ${from}, ${to}, ${one.state}, 'test', ${SINCE} from price_lists l where l.code = ${`list-${n + 1}`}`
  for (const { scope, sku, minQuantity, base, what } of one.entries)
    await sql`
      insert into price_entries (list_id, scope, variant_id, product_id, category, min_quantity, rule, over, base_list_id, value, actor, created_at, valid_from)
      select l.id, ${scope}, case when ${scope} = 'variant' then v.id end, case when ${scope} = 'product' then v.product_id end, case when ${scope} = 'category' then 'Kitchen' end,
        ${minQuantity}, ${what.rule}, ${what.over}, b.id, ${what.value}, 'test', ${SINCE}, ${SINCE}
      from variants v join price_lists l on l.code = ${`list-${n + 1}`} left join price_lists b on ${what.over} = 'list' and b.code = ${`list-${base + 1}`}
      where v.sku = ${SKUS[sku] ?? ''} on conflict do nothing`
}

function ends({ from, lasts }: { readonly from: number | null; readonly lasts: number | null }): [Date | null, Date | null] {
  return from === null ? [null, null] : [hours(from), lasts === null ? null : hours(from + lasts)]
}
