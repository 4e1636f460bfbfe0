import { type Context, Hono } from 'hono'
import { lotsOfSku } from '../../db/lots.ts'
import { setBundle } from '../usecases/bundles.ts'
import { changeVariant } from '../usecases/change-catalog.ts'
import { endHold, extendHold, moveHold } from '../usecases/hold.ts'
import { setLotExpiry, trackLots } from '../usecases/lots.ts'
import type { RequestEnv, RouteTable } from '../usecases/principal.ts'
import { setTerms } from '../usecases/set-terms.ts'
import { Fault } from '../values/fault.ts'
import { HAZARDS } from '../values/hazard.ts'
import type { UiDeps } from './deps.ts'
import { listed, number } from './format.ts'
import { choice, day, type Given, keyOf, refusal, required, requiredDay, text, units } from './forms/given.ts'
import { pastedLines, withLinesOf } from './forms/pasted.ts'
import { carryOutForm } from './forms/post.ts'
import { EXTEND_MINUTES } from './pages/sku/holds.tsx'
import { lotValue } from './pages/sku/lots.tsx'

export const skuGoodsAccess: RouteTable = {
  'POST /skus/:sku/parts': 'catalog:write',
  'POST /skus/:sku/lots': 'stock:write',
  'POST /skus/:sku/lot-tracking': 'catalog:write',
  'POST /skus/:sku/hazard': 'catalog:write',
  'POST /skus/:sku/terms': 'stock:write',
  'POST /skus/:sku/hold': 'stock:write',
}

/** The forms of a SKU's page about what it consists of, its lots, how far ahead it is sold, and what is held. */
export function skuGoodsForms(deps: UiDeps): Hono<RequestEnv> {
  const app = new Hono<RequestEnv>()
  const skuOf = (c: Context): string => c.req.param('sku') ?? ''
  const here = (c: Context): string => `/skus/${encodeURIComponent(skuOf(c))}`

  app.post('/skus/:sku/parts', c =>
    carryOutForm(c, deps, here(c), async (given, context) => {
      const t = given.view.t.goods.bundle
      const sku = skuOf(c)
      const parts = text(given, 'parts') === '' ? [] : pastedLines(given, 'parts', t.parts, false)
      try {
        const changed = await withLinesOf(
          given,
          () => 'parts',
          () => setBundle(context, keyOf(given), sku, parts),
        )
        if (!changed) return t.same(sku)
      } catch (error) {
        const path = error instanceof Fault ? error.detail.path : undefined
        if (Array.isArray(path)) throw refusal(t.cycle(path.join(' → ')), 'parts')
        throw error
      }
      const words = parts.map(part => `${part.quantity} × ${part.sku}`)
      return parts.length === 0 ? t.ended(sku) : t.saved(sku, listed(words, given.view.language))
    }),
  )

  app.post('/skus/:sku/lots', c =>
    carryOutForm(c, deps, here(c), async (given, context) => {
      const t = given.view.t.goods.lots
      const sku = skuOf(c)
      const chosen = (given.fields.lot ?? '').replace(/\r\n/g, '\n')
      const lot = (await lotsOfSku(deps.sql, sku)).find(one => lotValue(one) === chosen)
      if (lot === undefined) throw refusal(given.view.t.errors.choice(t.lot, chosen.replace('\n', ' ')), 'lot')
      const expiresAt = day(given, 'expiresAt', t.expires) ?? null
      await setLotExpiry(context, keyOf(given), { sku, location: lot.location, lot: lot.lot, expiresAt })
      const name = lot.lot === '' ? given.view.t.stock.move.noLot : lot.lot
      return expiresAt === null ? t.never(sku, name, lot.location) : t.saved(sku, name, lot.location, expiresAt.slice(0, 10))
    }),
  )

  app.post('/skus/:sku/hazard', c =>
    carryOutForm(c, deps, here(c), async (given, context) => {
      const t = given.view.t.goods.hazard
      const hazard = text(given, 'hazard') === '' ? null : choice(given, 'hazard', t.kind, HAZARDS)
      await changeVariant(context, keyOf(given), skuOf(c), units(given, 'version', t.kind), { hazard })
      return t.saved(skuOf(c), hazard)
    }),
  )

  app.post('/skus/:sku/lot-tracking', c =>
    carryOutForm(c, deps, here(c), async (given, context) => {
      const t = given.view.t.goods.lots
      const on = choice(given, 'on', t.settings, ['yes', 'no']) === 'yes'
      try {
        await trackLots(context, keyOf(given), skuOf(c), on)
      } catch (error) {
        const counts = error instanceof Fault ? error.detail.counts : undefined
        if (Array.isArray(counts)) throw new Fault('conflict', t.counting(counts.join(', ')), { isTranslated: true })
        throw error
      }
      return (on ? t.isOn : t.isOff)(skuOf(c))
    }),
  )

  app.post('/skus/:sku/terms', c =>
    carryOutForm(c, deps, here(c), async (given, context) => {
      const t = given.view.t.goods.terms
      const sku = skuOf(c)
      const kind = choice(given, 'kind', t.kind, ['none', 'backorder', 'preorder'])
      const { now } = given.view
      if (kind === 'none') {
        await setTerms(context, keyOf(given), { sku, kind: null }, now)
        return t.ended(sku)
      }
      const limit = units(given, 'limit', t.limit)
      if (limit === 0) throw refusal(given.view.t.stock.move.zero(t.limit), 'limit')
      const availableFrom = kind === 'preorder' ? requiredDay(given, 'availableFrom', t.from) : day(given, 'availableFrom', t.from)
      if (availableFrom !== undefined && new Date(availableFrom) <= now) throw refusal(t.past(availableFrom.slice(0, 10)), 'availableFrom')
      await setTerms(context, keyOf(given), { sku, kind, limit, availableFrom }, now)
      return t.saved(sku, t.kinds[kind], number(limit, given.view.language))
    }),
  )

  app.post('/skus/:sku/hold', c => carryOutForm(c, deps, here(c), (given, context) => actOnHold(given, context)))

  return app
}

type Missing = { readonly sku: string; readonly location?: string; readonly asked: number; readonly available: number }

async function actOnHold(given: Given, context: Parameters<typeof endHold>[0]): Promise<string> {
  const t = given.view.t.goods.holds
  const basket = required(given, 'basket', t.held)
  const item = required(given, 'item', t.held)
  const quantity = units(given, 'units', t.units)
  const count = number(quantity, given.view.language)
  const deed = choice(given, 'deed', t.title, ['release', 'extend', 'move'])
  try {
    if (deed === 'release') {
      await endHold(context, keyOf(given), basket, 'release', [{ sku: item, quantity }])
      return t.released(item, count)
    }
    if (deed === 'extend') {
      await extendHold(context, keyOf(given), basket, EXTEND_MINUTES * 60)
      return t.extended(item, count, EXTEND_MINUTES)
    }
    const to = required(given, 'to', t.moveTo)
    await moveHold(context, keyOf(given), { basket, sku: item, to, quantity })
    return t.moved(item, count, to)
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    const [missing] = (Array.isArray(error.detail.missing) ? error.detail.missing : []) as readonly Missing[]
    if (missing !== undefined) {
      const words = t.notThere(missing.sku, missing.location ?? text(given, 'to'), missing.asked, Math.max(0, missing.available))
      throw new Fault('insufficient_stock', words, { isTranslated: true })
    }
    if (error.code === 'not_found' || (error.code === 'conflict' && error.detail.field === undefined)) {
      throw new Fault('conflict', t.over(item), { isTranslated: true })
    }
    throw error
  }
}
