import { type Context, Hono } from 'hono'
import { cut } from '../../db/pages.ts'
import { orderLines } from '../../db/pages-orders.ts'
import { channelChoices } from '../../db/pages-sku-channels.ts'
import { type RulePlace, type Substitute, substitutionRules } from '../../db/substitutes.ts'
import type { RequestEnv, RouteTable } from '../usecases/principal.ts'
import { substituteUnits } from '../usecases/substitute.ts'
import { SUBSTITUTES_MOST, setSubstitutionRules } from '../usecases/substitution-rules.ts'
import { Fault } from '../values/fault.ts'
import type { UiDeps } from './deps.ts'
import { listed } from './format.ts'
import { choice, type Given, keyOf, reasonOf, refusal, required, text, units } from './forms/given.ts'
import { carryOutForm } from './forms/post.ts'
import { knownOrder } from './order-routes.tsx'
import { page } from './page.tsx'
import { SubstitutionRulesPage } from './pages/substitution-rules.tsx'
import { viewOf } from './view.ts'

export const substituteAccess: RouteTable = {
  'GET /orders/instead': 'orders:read',
  'POST /skus/:sku/substitutes': 'channels:write',
  'POST /orders/:id/substitute': 'orders:write',
}

const ROWS = 50

/** What may be handed over instead of a SKU, and what is instead of units that an order is short of. */
export function substituteForms(deps: UiDeps): Hono<RequestEnv> {
  const app = new Hono<RequestEnv>()

  app.get('/orders/instead', async c => {
    const rows = await substitutionRules(deps.sql, placeOf(c.req.query('after')), ROWS + 1)
    const channels = await channelChoices(deps.sql)
    const { rows: rules, next } = cut(rows, ROWS, row => `${row.channel ?? ''}_${row.sku}`)
    return page(
      c,
      <SubstitutionRulesPage
        view={viewOf(c, deps)}
        rules={rules}
        channels={channels}
        isFirst={c.req.query('after') === undefined}
        next={next}
      />,
    )
  })

  app.post('/skus/:sku/substitutes', c => {
    const sku = c.req.param('sku')
    return carryOutForm(c, deps, `/skus/${encodeURIComponent(sku)}`, async (given, context) => {
      const t = given.view.t.orderLife.substitutes
      const rows = Array.from({ length: SUBSTITUTES_MOST }, (_, n) => n).filter(n => text(given, `sku-${n}`) !== '')
      const substitutes = rows.map(n => substituteOf(given, n))
      const skus = substitutes.map(one => one.sku)
      const twice = rows.find((_, at) => skus.indexOf(skus[at] ?? '') < at)
      if (twice !== undefined) throw refusal(t.twice(text(given, `sku-${twice}`)), `sku-${twice}`)
      const self = rows.find((_, at) => skus[at] === sku)
      if (self !== undefined) throw refusal(t.self(sku), `sku-${self}`)
      const rule = { sku, channel: text(given, 'channel') || null, substitutes }
      const changed = await setSubstitutionRules(context, keyOf(given), rule).catch(error => {
        throw ofRow(given, error, rows)
      })
      if (!changed) return t.same(sku)
      return skus.length === 0 ? t.ended(sku) : t.saved(sku, listed(skus, given.view.language))
    })
  })

  app.post('/orders/:id/substitute', c =>
    carryOutForm(c, deps, here(c), async (given, context) => {
      const head = await knownOrder(deps, c.req.param('id'))
      const line = choice(
        given,
        'line',
        given.view.t.orderLife.substitutes.line,
        (await orderLines(deps.sql, head.id)).map(one => String(one.id)),
      )
      const quantity = text(given, 'units') === '' ? undefined : units(given, 'units', given.view.t.orderLife.substitutes.units)
      const wish = {
        lineId: Number(line),
        sku: required(given, 'sku', given.view.t.orderLife.substitutes.sku),
        quantity,
        ...reasonOf(given),
      }
      const done = await substituteUnits(context, keyOf(given), head.id, wish).catch(error => {
        throw inWords(given, error, wish.sku)
      })
      return given.view.t.orderLife.substitutes.done(head.number, done.quantity, done.sku)
    }),
  )

  return app
}

const here = (c: Context): string => `/orders/${encodeURIComponent(c.req.param('id') ?? '')}`

/** A place in the list as it stands in an address, the code of the channel first; null for anything that is none. */
function placeOf(text: string | undefined): RulePlace | null {
  const [, channel, sku] = /^([^_]{0,60})_(.{1,120})$/.exec(text ?? '') ?? []
  return channel === undefined || sku === undefined ? null : { sku, channel }
}

/** One line of the form: which SKU, how it goes, and how much dearer it may be. */
function substituteOf(given: Given, n: number): Substitute {
  const t = given.view.t.orderLife.substitutes
  const percent = text(given, `abovePercent-${n}`)
  if (!/^(\d{1,4}(\.\d{1,2})?|10000)?$/.test(percent)) throw refusal(t.badPercent(percent), `abovePercent-${n}`)
  return {
    sku: text(given, `sku-${n}`),
    automatic: choice(given, `automatic-${n}`, t.goes, ['no', 'yes']) === 'yes',
    abovePercent: percent === '' ? null : Number(percent),
  }
}

/** A refusal of one of the SKUs is one of the line that it stands on. */
function ofRow(given: Given, error: unknown, rows: readonly number[]): unknown {
  const at = error instanceof Fault ? /^substitutes\.(\d+)\./.exec(error.detail.field ?? '')?.[1] : undefined
  if (!(error instanceof Fault) || at === undefined) return error
  const { errors } = given.view.t
  return refusal(errors.unknown(errors.things.sku, String(error.detail.value)), `sku-${rows[Number(at)]}`)
}

/** Why it could not be handed over, in the person's language. */
export function inWords(given: Given, error: unknown, sku: string): unknown {
  if (!(error instanceof Fault)) return error
  const t = given.view.t.orderLife.substitutes
  const { field, missing, value } = error.detail
  const [short] = Array.isArray(missing) ? (missing as { readonly available: number }[]) : []
  if (short !== undefined) return refusal(t.notThere(sku, short.available), 'units')
  if (field === 'quantity') return refusal(t.tooMany(String(value)), 'units')
  if (error.code === 'conflict') return refusal(t.filled, 'line')
  return field === 'sku' && error.message.includes('what was sold') ? refusal(t.isSold(sku), 'sku') : error
}
