import type { BoundTold, PriceStep, PriceTold, SourceTold } from '../../../domain/pricing/explained.ts'
import { withInstants } from '../../../domain/pricing/market-words.ts'
import type { ExplainedChannelPrice } from '../../../usecases/explain-price.ts'
import { actorName, minute, money } from '../../format.ts'
import { Panel } from '../../parts/panel.tsx'
import { At } from '../../parts/time.tsx'
import type { View } from '../../view.ts'

/** How a channel's price came about: what won, each step of the arithmetic, its limits, what it went before and what was passed over. */
export function WhyPanel({ view, channel }: { view: View; channel: ExplainedChannelPrice }) {
  const t = view.t.skuPrices
  const { regular, sale, isSale, currency, noPrice } = channel
  return (
    <Panel
      id={`why-${channel.channel}`}
      title={t.why(channel.channel)}
      aside={<b>{channel.amount === null ? t.noPrice : money(channel.amount, currency)}</b>}
    >
      <div class="price-why">
        {regular === null ? (
          <div>
            <h4>{t.noPrice}</h4>
            <p>{t.next.noPrice}</p>
            <PassedOver view={view} passed={noPrice} />
          </div>
        ) : (
          <Told view={view} title={t.regularWhy} price={regular} currency={currency} />
        )}
        {sale === null ? null : (
          <Told view={view} title={isSale ? t.saleWhy : regular === null ? t.saleAlone : t.saleUnused} price={sale} currency={currency} />
        )}
      </div>
    </Panel>
  )
}

function Told({ view, title, price, currency }: { view: View; title: string; price: PriceTold; currency: string }) {
  const t = view.t.skuPrices
  return (
    <div>
      <h4>{title}</h4>
      <p>
        <Source view={view} source={price.source} />
        {price.since === null ? null : (
          <span class="quiet">
            {' '}
            · {t.by(actorName(price.actor ?? 'system', view.t.actor.system))}, <At view={view} at={price.since} />
            {price.approvedBy === null ? null : ` · ${t.approvedBy(actorName(price.approvedBy, view.t.actor.system))}`}
          </span>
        )}
        {price.market === null ? null : (
          <span class="sub">
            <a href={`/prices/market/rules/${encodeURIComponent(price.market.rule)}`}>
              {t.market(
                price.market.rule,
                withInstants(price.market.words, at => `${minute(at)} UTC`),
              )}
            </a>
          </span>
        )}
      </p>
      <table class="reckon">
        <tbody>
          {price.steps.map(step => (
            <tr class={step.step === 'floor' || step.step === 'ceiling' ? 'acts' : ''}>
              <th scope="row">{stepText(view, step)}</th>
              <td class="num">{money(step.amount, step.currency)}</td>
            </tr>
          ))}
          <tr class="result">
            <th scope="row">{price.held === null ? t.steps.result : t.next[price.held]}</th>
            <td class="num">{money(price.amount, currency)}</td>
          </tr>
        </tbody>
      </table>
      <ul class="beaten">
        {price.floor === null ? null : <Bound view={view} word={t.floor} bound={price.floor} currency={currency} />}
        {price.ceiling === null ? null : <Bound view={view} word={t.ceiling} bound={price.ceiling} currency={currency} />}
        {price.beaten.map(one => (
          <li>
            {t.beats}: <Source view={view} source={one.source} /> {money(one.amount, currency)}
          </li>
        ))}
      </ul>
      <PassedOver view={view} passed={price.passedOver} />
    </div>
  )
}

function PassedOver({ view, passed }: { view: View; passed: PriceTold['passedOver'] }) {
  const t = view.t.skuPrices
  if (passed.length === 0) return null
  return (
    <ul class="beaten">
      {passed.map(one => (
        <li>
          {t.passed}: <Source view={view} source={one.source} />: {t.because[one.because]}
        </li>
      ))}
    </ul>
  )
}

function Bound({ view, word, bound, currency }: { view: View; word: string; bound: BoundTold; currency: string }) {
  const t = view.t.skuPrices
  const basis = view.t.prices.floor.bases[bound.basis]
  return (
    <li>
      {word}: {t.bound(money(bound.amount, currency), basis, bound.stated)}
      {bound.cost === null ? '' : ` ${t.overCost(money(bound.cost.amount, bound.cost.currency))}`}
    </li>
  )
}

/** Where a price comes from: a list, with a link to it, or what a person typed. */
function Source({ view, source }: { view: View; source: SourceTold }) {
  const t = view.t.skuPrices
  const { kind, list, audience, audienceCode, startsAt, endsAt } = source
  const period =
    startsAt === null && endsAt === null
      ? ''
      : ` (${view.t.prices.period(startsAt === null ? '' : minute(startsAt), endsAt === null ? view.t.prices.openEnd : minute(endsAt))})`
  if (kind === 'plain') return <>{`${audience === 'everyone' ? t.from.plain : t.from.plainChannel}${period}`}</>
  const word = view.t.prices.audiences[audience as keyof View['t']['prices']['audiences']]
  const whom = audienceCode === null ? word : view.t.prices.audienceOf(word, audienceCode)
  return <a href={`/prices/lists/${encodeURIComponent(list ?? '')}`}>{`${t.from.list(list ?? '', whom)}${period}`}</a>
}

const BASES = ['cost', 'plain', 'list'] as const

/** One step of the arithmetic in words. */
function stepText(view: View, { step, by, value = '', how }: PriceStep): string {
  const t = view.t.skuPrices.steps
  const bases = view.t.prices.floor.bases
  const basis = bases[(by ?? 'manual') as keyof typeof bases]
  switch (step) {
    case 'base':
      return t.base[BASES.find(one => one === by) ?? 'plain']
    case 'rule':
      return ruleText(view, by, value)
    case 'plain':
      return t.plain
    case 'conversion':
      return t.conversion(value)
    case 'tax':
      return how === 'added' ? t.taxAdded(value) : t.taxOut(value)
    case 'rounding':
      return t.rounding
    case 'floor':
      return t.floor(basis)
    case 'ceiling':
      return t.ceiling(basis)
  }
}

function ruleText(view: View, rule: string | undefined, value: string): string {
  const t = view.t.skuPrices.steps
  const short = value.includes('.') ? value.replace(/\.?0+$/, '') : value
  const signed = short.startsWith('-') ? `−${short.slice(1)}` : `+${short}`
  if (rule === 'percent') return t.percent(signed)
  if (rule === 'amount') return t.amount(signed)
  return rule === 'margin' ? t.margin(short) : t.fixed
}
