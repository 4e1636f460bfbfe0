import { type Context, Hono } from 'hono'
import { channelChoices } from '../../db/pages-sku-channels.ts'
import { putAudience } from '../usecases/audiences.ts'
import type { MovedPrices } from '../usecases/moved-prices.ts'
import { type PriceLimitStated, setPriceLimits } from '../usecases/price-limits.ts'
import { type RoundingStated, setPricePolicy } from '../usecases/price-policies.ts'
import { setExchangeRates, setTaxRates } from '../usecases/price-rates.ts'
import type { RequestEnv } from '../usecases/principal.ts'
import { isCurrency, parseDecimal } from '../values/money.ts'
import type { UiDeps } from './deps.ts'
import { documentText } from './format.ts'
import { choice, type Given, instant, keyOf, refusal, required, text } from './forms/given.ts'
import { carryOutForm } from './forms/post.ts'
import { goodsInWords } from './forms/price-refusal.ts'
import { AUDIENCE_KINDS, memberField } from './pages/prices/audiences.tsx'
import { DIRECTIONS, ROUNDINGS } from './pages/prices/channels.tsx'
import { LIMIT_BASES, LIMIT_KINDS, LIMIT_SCOPES } from './pages/prices/limits.tsx'
import type { View } from './view.ts'

/** The forms of what prices go by. */
export function priceSettingForms(deps: UiDeps): Hono<RequestEnv> {
  const app = new Hono<RequestEnv>()
  const codeOf = (c: Context): string => c.req.param('code') ?? ''

  app.post('/prices/channels/:code', c =>
    carryOutForm(c, deps, '/prices/channels', async (given, context) => {
      const t = given.view.t.priceSettings.channels
      const region = text(given, 'region')
      const change = {
        region: region === '' ? null : region,
        rounding: roundingOf(given),
        exchangeMargin: decimalOf(given, 'exchangeMargin', '0'),
        ...whyOf(given),
      }
      const { changed, channels } = await setPricePolicy(context, keyOf(given), codeOf(c), change)
      return changed ? [t.saved(codeOf(c)), ...movedTexts(given.view, channels)].join(' ') : t.same(codeOf(c))
    }),
  )

  app.post('/prices/rates/tax', c =>
    carryOutForm(c, deps, '/prices/rates', async (given, context) => {
      const t = given.view.t.priceSettings.rates
      const percent = required(given, 'percent', t.percent)
      if (!isNumber(percent, true)) throw refusal(t.badPercent(percent), 'percent')
      const from = instant(given, 'from', given.view.t.priceSettings.begins)
      const rate = {
        region: required(given, 'region', t.region),
        category: required(given, 'category', t.category),
        percent,
        ...(from === undefined ? {} : { from }),
      }
      const { changed } = await setTaxRates(context, keyOf(given), [rate], whyOf(given).why)
      return changed === 0 ? t.same : t.taxSaved(rate.region, rate.category, percent)
    }),
  )

  app.post('/prices/rates/tax/end', c =>
    carryOutForm(c, deps, '/prices/rates', async (given, context) => {
      const t = given.view.t.priceSettings
      const rate = {
        region: required(given, 'region', t.rates.region),
        category: required(given, 'category', t.rates.category),
        percent: null,
        from: startOf(given, 'from'),
      }
      const { changed } = await setTaxRates(context, keyOf(given), [rate], whyOf(given).why)
      return changed === 0 ? t.rates.taken : t.rates.taxTaken(rate.region, rate.category)
    }),
  )

  app.post('/prices/rates/exchange/end', c =>
    carryOutForm(c, deps, '/prices/rates', async (given, context) => {
      const t = given.view.t.priceSettings
      const [from, to] = [currencyOf(given, 'from', t.rates.pair), currencyOf(given, 'to', t.rates.to)]
      const rate = { from, to, rate: null, since: startOf(given, 'since') }
      const { changed } = await setExchangeRates(context, keyOf(given), [rate], whyOf(given).why)
      return changed === 0 ? t.rates.taken : t.rates.exchangeTaken(from, to)
    }),
  )

  app.post('/prices/rates/exchange', c =>
    carryOutForm(c, deps, '/prices/rates', async (given, context) => {
      const t = given.view.t.priceSettings.rates
      const [from, to] = [currencyOf(given, 'from', t.pair), currencyOf(given, 'to', t.to)]
      const rate = required(given, 'rate', t.rate)
      if (!isNumber(rate, false)) throw refusal(t.badRate(rate), 'rate')
      const since = instant(given, 'since', given.view.t.priceSettings.begins)
      const stated = { from, to, rate, ...(since === undefined ? {} : { since }) }
      const { changed } = await setExchangeRates(context, keyOf(given), [stated], whyOf(given).why)
      return changed === 0 ? t.same : t.exchangeSaved(from, to, rate)
    }),
  )

  app.post('/prices/limits', c =>
    carryOutForm(c, deps, '/prices/limits', async (given, context) => {
      const t = given.view.t.priceSettings.limits
      const limit = limitOf(given)
      const value = required(given, 'value', t.value).replace(/^[−–]/, '-').replace(/ ?%$/, '')
      if (parseDecimal(value) === null) throw refusal(t.badValue(value), 'value')
      if (limit.basis === 'margin' && limit.kind === 'ceiling') throw refusal(t.ceilingMargin, 'basis')
      const amount = limit.basis === 'margin' ? { percent: value } : { amount: value, currency: currencyOf(given, 'currency', t.currency) }
      const { changed, channels } = await setPriceLimits(context, keyOf(given), [{ ...limit, ...amount }], whyOf(given).why).catch(
        error => {
          throw goodsInWords(given, error)
        },
      )
      if (changed === 0) return t.same
      const effects = (channels ?? []).map(one => t.effect(one.channel, one.moved, one.held))
      const said = [t.saved(goodsOf(given)), ...effects].join(' ')
      const held = (channels ?? []).flatMap(one => one.examples).find(one => one.after === null)?.words
      return held === undefined ? said : { warning: `${said} ${held}` }
    }),
  )

  app.post('/prices/limits/end', c =>
    carryOutForm(c, deps, '/prices/limits', async (given, context) => {
      const t = given.view.t.priceSettings.limits
      const { changed } = await setPriceLimits(context, keyOf(given), [limitOf(given)])
      return changed === 0 ? t.same : t.ended(goodsOf(given))
    }),
  )

  app.post('/prices/audiences', c =>
    carryOutForm(c, deps, '/prices/audiences', async (given, context) => {
      const t = given.view.t.priceSettings.buyers
      const kind = choice(given, 'kind', t.kind, AUDIENCE_KINDS)
      const code = required(given, 'code', t.code)
      if (!/^[a-z0-9][a-z0-9-]{0,39}$/.test(code)) throw refusal(t.badCode(code), 'code')
      const name = text(given, 'name').slice(0, 120)
      const [tier, channels] = [text(given, 'tier'), await channelChoices(deps.sql)]
      const chosen = channels.filter(channel => text(given, memberField(channel.code)) === 'yes').map(channel => channel.code)
      const said = {
        ...(name === '' ? {} : { name }),
        ...(kind === 'group' ? { channels: chosen } : {}),
        ...(kind === 'partner' ? { tier: tier === '' ? null : tier } : {}),
      }
      await putAudience(context, keyOf(given), kind, code, said)
      return t.saved(t.one[kind], code)
    }),
  )

  return app
}

/** How many prices of each channel a change moves, and the first of them. */
function movedTexts(view: View, channels: readonly MovedPrices[] | null): string[] {
  const t = view.t.prices.dry
  const shown = (value: Readonly<Record<string, unknown>> | null) =>
    value === null ? t.noPrice : documentText(value, view.language, view.t.sku.shown.salePrice)
  return (channels ?? []).flatMap(({ channel, moved, held, examples }) => [
    view.t.priceSettings.limits.effect(channel, moved, held),
    examples
      .slice(0, 3)
      .map(one => t.arrow(one.sku, shown(one.before), shown(one.after)))
      .join('; '),
  ])
}

/** When the rate begins that a form takes back, as the page tells it. */
function startOf(given: Given, field: string): string {
  const said = required(given, field, given.view.t.priceSettings.from)
  if (!/^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/.test(said) || Number.isNaN(Date.parse(said)))
    throw refusal(given.view.t.errors.instant(given.view.t.priceSettings.from, said), field)
  return said
}

const whyOf = (given: Given): { readonly why?: string } => {
  const why = text(given, 'why').slice(0, 200)
  return why === '' ? {} : { why }
}

function roundingOf(given: Given): RoundingStated {
  const t = given.view.t.priceSettings.channels
  const kind = choice(given, 'rounding', t.rounding, ROUNDINGS)
  if (kind !== 'ending') return { kind }
  const direction = choice(given, 'direction', t.direction, DIRECTIONS)
  return { kind, step: required(given, 'step', t.step), ending: required(given, 'ending', t.ending), direction }
}

const decimalOf = (given: Given, field: string, otherwise: string): string =>
  (text(given, field) || otherwise).replace(/^[−–]/, '-').replace(/ ?%$/, '')

function isNumber(value: string, withZero: boolean): boolean {
  const number = parseDecimal(value)
  return number !== null && (withZero ? !number.isNegative() : number.greaterThan(0))
}

function currencyOf(given: Given, field: string, label: string): string {
  const currency = required(given, field, label).toUpperCase()
  if (!isCurrency(currency)) throw refusal(given.view.t.errors.currency(currency), field)
  return currency
}

/** The limit that a form speaks of, without its value. */
function limitOf(given: Given): PriceLimitStated {
  const t = given.view.t.priceSettings.limits
  const scope = choice(given, 'scope', t.goods, LIMIT_SCOPES)
  const of = scope === 'all' ? '' : required(given, 'of', t.of)
  const channel = text(given, 'channel')
  return {
    kind: choice(given, 'kind', t.kind, LIMIT_KINDS),
    basis: choice(given, 'basis', t.basis, LIMIT_BASES),
    ...{ variant: { sku: of }, product: { product: of }, category: { category: of }, all: {} }[scope],
    ...(channel === '' ? {} : { channel }),
  }
}

const goodsOf = (given: Given): string => text(given, 'of') || given.view.t.priceSettings.limits.scopes.all
