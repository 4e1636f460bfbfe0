import { type Context, Hono } from 'hono'
import { skuHead } from '../../db/pages-sku.ts'
import { channelChoices } from '../../db/pages-sku-channels.ts'
import { setTaxCategories } from '../usecases/price-policies.ts'
import type { RequestEnv, RouteTable } from '../usecases/principal.ts'
import { type PriceStated, setPrices } from '../usecases/set-prices.ts'
import { Fault } from '../values/fault.ts'
import type { UiDeps } from './deps.ts'
import { money } from './format.ts'
import { amount, choice, type Given, instant, keyOf, refusal, required, text } from './forms/given.ts'
import { carryOutForm, faultText } from './forms/post.ts'
import { effectsText } from './forms/price-effects.ts'
import { priceInWords } from './forms/price-refusal.ts'
import { missingPage, page } from './page.tsx'
import { type PriceFields, type PriceTarget, targetText, targetValue } from './pages/sku/prices.tsx'
import { RehearsedPricePage } from './pages/sku-prices/rehearsed.tsx'
import { addressOf } from './parts/list.tsx'
import { takesWindow } from './price-list-forms.ts'
import { type RehearsedPrice, rehearsedPrice } from './price-preview.ts'
import { viewOf } from './view.ts'

export const skuPriceFormAccess: RouteTable = {
  'GET /skus/:sku/price': 'prices:write',
  'POST /skus/:sku/price': 'prices:write',
  'POST /skus/:sku/tax': 'prices:write',
}

/** The forms about a SKU's prices: one that is rehearsed before it is set, and how the SKU is taxed. */
export function skuPriceForms(deps: UiDeps): Hono<RequestEnv> {
  const app = new Hono<RequestEnv>()

  app.get('/skus/:sku/price', async c => {
    const view = viewOf(c, deps)
    const head = await skuHead(deps.sql, c.req.param('sku'))
    if (head === null) return missingPage(c, view, `SKU ${c.req.param('sku')}`)
    const targets = await priceTargets(deps)
    const given = { view, fields: c.req.query() }
    const asked = fieldsOf(given.fields)
    const target = targets.find(one => targetValue(one) === asked.target)
    const rehearsed = await rehearse(deps, given, head.sku, targets, c.get('principal').actor)
    return page(c, <RehearsedPricePage view={view} head={head} targets={targets} target={target} asked={asked} rehearsed={rehearsed} />)
  })

  app.post('/skus/:sku/price', c =>
    carryOutForm(
      c,
      deps,
      fields => (fields.sure === 'yes' ? rehearsalOf(c, fieldsOf(fields)) : pageOf(c, fields)),
      async (given, context) => {
        const t = given.view.t.sku.price
        const { price, target } = statedPrice(given, c.req.param('sku'), await priceTargets(deps))
        if (text(given, 'sure') !== 'yes') return { said: null, to: rehearsalOf(c, fieldsOf(given.fields)) }
        const { changed, channels } = await setPrices(context, keyOf(given), [price], { acceptWindow: takesWindow(given) }).catch(error => {
          throw priceInWords(given, error, 'amount')
        })
        const name = targetText(given.view, target)
        const said = changed === 0 ? t.same(price.sku, name) : t.saved(price.sku, name, money(price.amount, price.currency))
        const told = effectsText(given.view, channels)
        const to = pageOf(c, given.fields)
        return told === '' ? { said, to } : { warning: `${said} ${told}`, to }
      },
    ),
  )

  app.post('/skus/:sku/tax', c =>
    carryOutForm(c, deps, `/skus/${encodeURIComponent(c.req.param('sku'))}/prices`, async (given, context) => {
      const t = given.view.t.skuPrices.taxed
      const category = required(given, 'category', t.category)
      if (!/^[a-z][a-z0-9-]{0,39}$/.test(category)) throw refusal(t.bad(category), 'category')
      const why = text(given, 'why').slice(0, 200) || undefined
      const sku = c.req.param('sku')
      const { changed } = await setTaxCategories(context, keyOf(given), [{ sku, category }], why)
      return changed === 0 ? t.same(sku, category) : t.saved(sku, category)
    }),
  )

  return app
}

/** What a price can be typed for: everyone in each currency that a channel sells in, then each channel. */
export async function priceTargets(deps: UiDeps): Promise<readonly PriceTarget[]> {
  const channels = await channelChoices(deps.sql)
  const currencies = [...new Set(channels.map(channel => channel.currency))].sort()
  return [
    ...currencies.map(currency => ({ channel: null, name: null, currency })),
    ...channels.map(channel => ({ channel: channel.code, name: channel.name, currency: channel.currency })),
  ]
}

const fieldsOf = (fields: Given['fields']): PriceFields => {
  const of = (name: string): string => (fields[name] ?? '').trim().slice(0, 120)
  return { target: of('target'), amount: of('amount'), from: of('from'), to: of('to'), page: of('page') }
}

const rehearsalOf = (c: Context, fields: PriceFields): string =>
  addressOf(`/skus/${encodeURIComponent(c.req.param('sku') ?? '')}/price`, fields)

/** The page that the form stands on: that of the SKU's prices, else that of the SKU. */
const pageOf = (c: Context, fields: Given['fields']): string =>
  `/skus/${encodeURIComponent(c.req.param('sku') ?? '')}${fields.page === 'prices' ? '/prices' : ''}`

function statedPrice(given: Given, sku: string, targets: readonly PriceTarget[]): { price: PriceStated; target: PriceTarget } {
  const t = given.view.t.sku.price
  const value = choice(given, 'target', t.target, targets.map(targetValue))
  const target = targets.find(one => targetValue(one) === value)
  if (target === undefined) throw new Fault('invalid', `There is no ${value}.`, { field: 'target', value })
  const price = {
    sku,
    currency: target.currency,
    amount: amount(given, 'amount', t.amount),
    channel: target.channel ?? undefined,
    from: instant(given, 'from', t.from),
    to: instant(given, 'to', t.to),
  }
  if (price.from !== undefined && price.to !== undefined && price.to <= price.from) throw refusal(t.endBefore, 'to')
  if (price.from === undefined && price.to !== undefined) throw refusal(t.endAlone, 'from')
  return { price, target }
}

/** What setting the price would do; what somebody wrote into the address themselves may be no price. */
async function rehearse(deps: UiDeps, given: Given, sku: string, targets: readonly PriceTarget[], actor: string): Promise<RehearsedPrice> {
  try {
    return await rehearsedPrice(deps, given.view, actor, statedPrice(given, sku, targets).price)
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    return { preview: { kind: 'refused', words: faultText(given.view, error) }, isSame: false }
  }
}
