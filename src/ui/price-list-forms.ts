import { type Context, Hono } from 'hono'
import { readPriceList } from '../../db/price-lists.ts'
import { type EntryStated, setPriceEntries } from '../usecases/price-entries.ts'
import { approvePriceList, audienceOf, endPriceList, type PriceListStated, rejectPriceList, setPriceList } from '../usecases/price-lists.ts'
import type { RequestEnv } from '../usecases/principal.ts'
import { Fault } from '../values/fault.ts'
import { parseDecimal } from '../values/money.ts'
import type { UiDeps } from './deps.ts'
import { money } from './format.ts'
import { choice, type Given, instant, keyOf, refusal, required, text, units } from './forms/given.ts'
import { carryOutForm } from './forms/post.ts'
import { goodsInWords, priceInWords } from './forms/price-refusal.ts'
import { ENTRY_OVERS, ENTRY_RULES, ENTRY_SCOPES } from './pages/prices/entries.tsx'
import { may } from './view.ts'

/** The forms of price lists: a new one, its terms, its entries, the decision on what waits, and its end. */
export function priceListForms(deps: UiDeps): Hono<RequestEnv> {
  const app = new Hono<RequestEnv>()
  const codeOf = (c: Context): string => c.req.param('code') ?? ''
  const here = (c: Context): string => `/prices/lists/${encodeURIComponent(codeOf(c))}`

  app.post('/prices/lists/new', c =>
    carryOutForm(c, deps, '/prices/lists/new', async (given, context) => {
      const t = given.view.t.prices
      const code = required(given, 'code', t.lists.code)
      if (!/^[a-z0-9][a-z0-9-]{0,39}$/.test(code)) throw refusal(t.list.badCode(code), 'code')
      if ((await readPriceList(deps.sql, code)) !== null) throw refusal(t.list.exists(code), 'code')
      await setPriceList(context, keyOf(given), code, termsOf(given), { ...whyOf(given), ...zoneOf(given) })
      return { said: t.list.made(code), to: `/prices/lists/${code}` }
    }),
  )

  app.post('/prices/lists/:code/terms', c =>
    carryOutForm(c, deps, here(c), async (given, context) => {
      const t = given.view.t.prices.list
      const code = codeOf(c)
      const told = { ...whyOf(given), ...zoneOf(given), version: units(given, 'version', t.terms), acceptWindow: takesWindow(given) }
      const done = await setPriceList(context, keyOf(given), code, termsOf(given), told).catch(error => {
        throw priceInWords(given, error, 'title')
      })
      return done.waiting ? t.savedWaiting(code) : done.changed ? t.saved(code) : t.same(code)
    }),
  )

  app.post('/prices/lists/:code/entries', c =>
    carryOutForm(c, deps, here(c), async (given, context) => {
      const t = given.view.t.prices.entry
      const entry = entryOf(given)
      const of = text(given, 'of') || t.scopes.all
      const why = text(given, 'why').slice(0, 200) || undefined
      const done = await setPriceEntries(context, keyOf(given), codeOf(c), [entry], why).catch(error => {
        throw goodsInWords(given, priceInWords(given, error, 'value'))
      })
      return done.changed === 0 ? t.same(codeOf(c), of) : done.waiting ? t.waiting(codeOf(c), of) : t.saved(codeOf(c), of)
    }),
  )

  app.post('/prices/lists/:code/approve', c =>
    carryOutForm(c, deps, here(c), async (given, context) => {
      const t = given.view.t.prices.approve
      const { notLower, guard } = await approvePriceList(context, keyOf(given), codeOf(c), units(given, 'version', t.title), {
        ...whyOf(given),
        acceptWindow: takesWindow(given),
        acceptHeld: text(given, 'acceptHeld') === 'yes',
      }).catch(error => {
        throw ownInWords(given, priceInWords(given, error, 'why'))
      })
      const held = (guard ?? []).filter(one => !one.accepted).map(one => t.heldAhead(one.channel, String(one.held)))
      if (!notLower) return held.length === 0 ? t.done(codeOf(c)) : { warning: [t.done(codeOf(c)), ...held].join(' ') }
      const examples = notLower.examples.map(
        one => `${one.sku} (${one.channel}): ${money(one.sale, one.currency)} ≥ ${money(one.regular, one.currency)}`,
      )
      return {
        warning: `${t.done(codeOf(c))} ${given.view.t.prices.notLower(notLower.count, examples.join('; '))} ${held.join(' ')}`.trim(),
      }
    }),
  )

  app.post('/prices/lists/:code/reject', c =>
    carryOutForm(c, deps, here(c), async (given, context) => {
      const t = given.view.t.prices.approve
      await rejectPriceList(context, keyOf(given), codeOf(c), { ...whyOf(given), version: units(given, 'version', t.title) })
      return t.rejected(codeOf(c))
    }),
  )

  app.post('/prices/lists/:code/end', c =>
    carryOutForm(c, deps, here(c), async (given, context) => {
      await endPriceList(context, keyOf(given), codeOf(c), may(given.view, 'prices:approve'), whyOf(given))
      return given.view.t.prices.list.ended(codeOf(c))
    }),
  )

  return app
}

/** Whether the person takes the later times of a channel that cannot be on time. */
export const takesWindow = (given: Given): boolean => text(given, 'acceptWindow') === 'yes'

const whyOf = (given: Given): { readonly why?: string } => {
  const why = text(given, 'why').slice(0, 200)
  return why === '' ? {} : { why }
}

/** The zone that the times of a form are stated in; none for UTC. */
const zoneOf = (given: Given): { readonly zone?: string } => {
  const zone = text(given, 'zone')
  return zone === '' || zone === 'UTC' ? {} : { zone }
}

/** An instant in UTC, or the local time of the zone that is chosen beside it. */
function momentOf(given: Given, field: string, label: string): string | null {
  const utc = instant(given, field, label)
  return utc === undefined ? null : zoneOf(given).zone === undefined ? utc : utc.slice(0, 19)
}

function termsOf(given: Given): PriceListStated {
  const t = given.view.t.prices.list
  const priority = text(given, 'priority').replace(/^[−–]/, '-') || '0'
  if (!/^-?\d{1,7}$/.test(priority)) throw refusal(t.badPriority(priority), 'priority')
  const tax = text(given, 'tax')
  return {
    title: required(given, 'title', t.name).slice(0, 120),
    kind: choice(given, 'kind', t.kind, ['price', 'sale'] as const),
    audience: audienceOf(required(given, 'audience', t.audience)),
    currency: required(given, 'currency', t.currency),
    taxIncluded: tax === '' ? null : tax === 'included',
    priority: Number(priority),
    from: momentOf(given, 'from', t.from),
    to: momentOf(given, 'to', t.to),
    fourEyes: text(given, 'fourEyes') === 'yes',
  }
}

function entryOf(given: Given): EntryStated {
  const t = given.view.t.prices.entry
  const scope = choice(given, 'scope', t.scope, ENTRY_SCOPES)
  const rule = choice(given, 'rule', t.rule, ENTRY_RULES)
  const of = scope === 'all' ? '' : required(given, 'of', t.of)
  const goods = { variant: { sku: of }, product: { product: of }, category: { category: of }, all: { all: true as const } }[scope]
  const minQuantity = text(given, 'quantity') === '' ? 1 : units(given, 'quantity', t.quantity)
  if (rule === 'none' || rule === 'remove') return { ...goods, rule, minQuantity }
  const typed = required(given, 'value', t.value).replace(/^[−–]/, '-').replace(/^\+/, '')
  if (parseDecimal(typed) === null) throw refusal(t.badValue(typed), 'value')
  if (rule === 'fixed') return { ...goods, rule, minQuantity, value: typed }
  const over = rule === 'margin' ? 'cost' : choice(given, 'over', t.over, ENTRY_OVERS)
  return { ...goods, rule, minQuantity, over, value: typed, ...(over === 'list' ? { baseList: required(given, 'base', t.base) } : {}) }
}

/** The refusal of one's own writing, in the person's language; other errors stay as they are. */
function ownInWords({ view }: Given, error: unknown): unknown {
  if (!(error instanceof Fault) || error.code !== 'forbidden' || error.detail.needs !== undefined) return error
  return new Fault('forbidden', view.t.prices.approve.own, { isTranslated: true })
}
