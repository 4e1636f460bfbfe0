import { Hono } from 'hono'
import { bringMarketOffers } from '../usecases/market-offers.ts'
import { type MarketRuleInput, readMarketRule, resumeMarket, setMarketRule } from '../usecases/market-rules.ts'
import type { RequestEnv } from '../usecases/principal.ts'
import { Fault } from '../values/fault.ts'
import { isCurrency, parseDecimal } from '../values/money.ts'
import type { UiDeps } from './deps.ts'
import { amount, choice, type Given, keyOf, refusal, required, text } from './forms/given.ts'
import { carryOutForm } from './forms/post.ts'
import { goodsInWords } from './forms/price-refusal.ts'
import { MODES, RULE_FIELDS, type RuleFields, SCOPES } from './pages/market/rule-form.tsx'
import { addressOf } from './parts/list.tsx'

/** The forms about market prices: a rule, which is rehearsed first, its end, going on after a stop, and an offer. */
export function priceMarketForms(deps: UiDeps): Hono<RequestEnv> {
  const app = new Hono<RequestEnv>()

  app.post('/prices/market/rules', c =>
    carryOutForm(
      c,
      deps,
      fields => (fields.sure === 'yes' ? rehearsalOf(ruleFields(fields)) : '/prices/market'),
      async (given, context) => {
        const t = given.view.t.market.rules
        const { code, input, why } = statedRule(given)
        if (text(given, 'sure') !== 'yes') return { said: null, to: rehearsalOf(ruleFields(given.fields)) }
        const { changed } = await setMarketRule(context, keyOf(given), code, input, why).catch(error => {
          throw namedInWords(given, error)
        })
        return { said: (changed ? t.saved : t.same)(code), to: ruleAddress(code) }
      },
    ),
  )

  app.post('/prices/market/rules/:code/end', c =>
    carryOutForm(c, deps, ruleAddress(c.req.param('code')), async (given, context) => {
      const rule = await readMarketRule(context, c.req.param('code'))
      const { code, list, sku, product, category, mode, value, most, competitors } = rule
      const { maxAgeMinutes, stepsPerDay, warSteps, warWindowMinutes } = rule
      const input: MarketRuleInput = {
        ...{ list, sku, product, category, mode, value, most, competitors },
        ...{ maxAgeMinutes, stepsPerDay, warSteps, warWindowMinutes, state: 'ended' },
      }
      const { changed } = await setMarketRule(context, keyOf(given), code, input, whyOf(given))
      const t = given.view.t.market.rules
      return (changed ? t.endedNow : t.same)(code)
    }),
  )

  app.post('/prices/market/rules/:code/resume', c =>
    carryOutForm(c, deps, '/prices/market', async (given, context) => {
      const t = given.view.t
      const sku = required(given, 'sku', t.sku.columns.sku)
      await resumeMarket(context, keyOf(given), c.req.param('code'), sku, whyOf(given))
      return t.market.stops.resumed(c.req.param('code'), sku)
    }),
  )

  app.post('/prices/market/offers', c =>
    carryOutForm(
      c,
      deps,
      fields => addressOf('/prices/market/offers', { sku: (fields.sku ?? '').trim().slice(0, 64) }),
      async (given, context) => {
        const t = given.view.t.market.offers
        const currency = required(given, 'currency', given.view.t.priceSettings.limits.currency).toUpperCase()
        if (!isCurrency(currency)) throw refusal(given.view.t.errors.currency(currency), 'currency')
        const isGone = text(given, 'amount') === ''
        if (isGone && text(given, 'shipping') !== '') throw refusal(t.badShipping, 'shipping')
        const offer = {
          sku: required(given, 'sku', given.view.t.sku.columns.sku),
          competitor: required(given, 'competitor', t.competitor).slice(0, 80),
          currency,
          amount: isGone ? null : amount(given, 'amount', t.amount),
          shipping: text(given, 'shipping') === '' ? undefined : amount(given, 'shipping', t.shippingField),
          channel: text(given, 'channel') || undefined,
        }
        const done = await bringMarketOffers(context, keyOf(given), [offer])
        const [wrong] = done.wrong
        if (wrong !== undefined)
          throw new Fault('not_found', `There is no ${wrong.field} ${wrong.value}.`, { field: wrong.field, value: wrong.value })
        return (done.new + done.changed > 0 ? t.saved : t.same)(offer.competitor, offer.sku)
      },
    ),
  )

  return app
}

export const ruleAddress = (code: string): string => `/prices/market/rules/${encodeURIComponent(code)}`

const rehearsalOf = (fields: RuleFields): string => addressOf('/prices/market/rehearse', fields)

/** A rule as it stands in a form or an address. */
export const ruleFields = (fields: Given['fields']): RuleFields =>
  Object.fromEntries(RULE_FIELDS.map(name => [name, (fields[name] ?? '').trim().slice(0, 1_000)])) as RuleFields

const whyOf = (given: Given): string | undefined => text(given, 'why').slice(0, 200) || undefined

/** The rule that a form states, refused at its fields in the person's language. */
export function statedRule(given: Given): { readonly code: string; readonly input: MarketRuleInput; readonly why: string | undefined } {
  const t = given.view.t.market.rules
  const code = required(given, 'code', t.code)
  if (!/^[a-z0-9][a-z0-9-]{0,39}$/.test(code)) throw refusal(t.badCode(code), 'code')
  const scope = choice(given, 'scope', t.goods, SCOPES)
  const of = scope === 'all' ? '' : required(given, 'of', given.view.t.prices.entry.of)
  const mode = choice(given, 'mode', t.way, MODES)
  const value = text(given, 'value').replace(/ ?%$/, '')
  if (mode === 'match' && value !== '') throw refusal(t.matchValue, 'value')
  if (mode !== 'match' && value === '') throw refusal(t.noValue, 'value')
  if (value !== '') refuseNumber(given, 'value', value, t.value)
  const most = text(given, 'most')
  if (most !== '') refuseNumber(given, 'most', most, t.most)
  const competitors = text(given, 'competitors')
    .split(/[,;\n，、]/)
    .map(name => name.trim().slice(0, 80))
    .filter(name => name !== '')
  const whole = (name: 'stepsPerDay' | 'maxAgeMinutes' | 'warSteps' | 'warWindowMinutes', most: number): number => {
    const said = required(given, name, t[name])
    if (!/^\d{1,6}$/.test(said) || Number(said) < 1 || Number(said) > most) throw refusal(t.badWhole(t[name], said, String(most)), name)
    return Number(said)
  }
  const input: MarketRuleInput = {
    list: required(given, 'list', t.list),
    ...{ variant: { sku: of }, product: { product: of }, category: { category: of }, all: {} }[scope],
    mode,
    value: value === '' ? null : value,
    most: most === '' ? null : most,
    competitors: competitors.length === 0 ? null : competitors,
    stepsPerDay: whole('stepsPerDay', 1_000),
    maxAgeMinutes: whole('maxAgeMinutes', 525_600),
    warSteps: whole('warSteps', 1_000),
    warWindowMinutes: whole('warWindowMinutes', 43_200),
  }
  return { code, input, why: whyOf(given) }
}

function refuseNumber(given: Given, field: string, said: string, label: string): void {
  const value = parseDecimal(said)
  if (value === null || value.lessThanOrEqualTo(0)) throw refusal(given.view.t.market.rules.badValue(label, said), field)
}

/** Goods that nobody knows are refused at the field in which they are named. */
export function namedInWords(given: Given, error: unknown): unknown {
  if (!(error instanceof Fault) || error.detail.field === undefined) return error
  return goodsInWords(given, new Fault(error.code, error.message, { ...error.detail, field: `rule.${error.detail.field}` }))
}
