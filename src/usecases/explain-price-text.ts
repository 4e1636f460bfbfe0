import type { StepThen } from '../../db/explain-sent.ts'
import type { BoundTold, PassedOverTold, PriceStep, PriceTold, SourceTold } from '../domain/pricing/explained.ts'
import { withInstants } from '../domain/pricing/market-words.ts'
import { Decimal, roundedDown, roundedUp } from '../domain/pricing/numbers.ts'
import { currencyDigits, isCurrency, unitPrice } from '../values/money.ts'
import type { ExplainedChannelPrice, ExplainedPrice } from './explain-price.ts'
import type { InstantText } from './explain-text.ts'
import { standingLines } from './price-standing-text.ts'

/** The explanation of a price as lines of text for a terminal; `text` words its instants. */
export function explainPriceText(explained: ExplainedPrice, text: InstantText): string {
  const { sku, title, at, tense, partner, quantity, channels } = explained
  const when = {
    past: `as it was at ${text(at)}, by what was known then`,
    now: `now, ${text(at)}`,
    future: `at ${text(at)}, by what is known now`,
  }[tense]
  const whom = [...(partner === null ? [] : [`for partner ${partner}`]), ...(quantity === 1 ? [] : [`${quantity} units`])]
  return [
    `${sku}  ${title}`,
    [when, ...whom].join(', '),
    ...(channels.length === 0 ? ['', noChannelText(explained, text)] : channels.flatMap(channel => ['', ...channelLines(channel, text)])),
  ].join('\n')
}

function noChannelText({ firstChannel }: ExplainedPrice, text: InstantText): string {
  return firstChannel === null
    ? 'There is no channel: no price is shown anywhere.'
    : `No channel was set up yet, so no price was shown anywhere: the first, ${firstChannel.channel}, was set up at ${text(firstChannel.at)}.`
}

function channelLines(channel: ExplainedChannelPrice, text: InstantText): string[] {
  const { regular, sale, isSale, currency, taxIncluded } = channel
  const taxed = taxIncluded ? 'with tax' : 'without tax'
  const price = channel.amount === null ? 'no price' : `${unitPrice(channel.amount, currency)} ${currency} ${taxed}`
  return [
    `${channel.channel}: ${channel.listings === null ? '' : 'by lists and rules '}${price}${isSale ? ', the sale' : ''}`,
    ...(channel.listings ?? []).flatMap(one => standingLines(one, text).map(line => `    ${line}`)),
    ...channel.heldNow.flatMap(one => ['    as things stand now:', ...standingLines(one, text).map(line => `      ${line}`)]),
    ...(regular === null
      ? ['    nothing gives a price', ...channel.noPrice.map(one => passedOverLine(one, text))]
      : told('regular', regular, currency, text)),
    ...(sale === null ? [] : told(isSale ? 'sale' : 'sale that does not apply', sale, currency, text)),
    ...nextLines(channel, text),
    ...reductionLines(channel, text),
    ...sentLines(channel, text),
  ]
}

const HELD = {
  floor_above_ceiling: 'held for a person: its floor is above its ceiling',
  limit_unknown: 'held for a person: no exchange rate says what a limit is here',
} as const

function told(name: string, price: PriceTold, currency: string, text: InstantText): string[] {
  const amount = price.held === null ? unitPrice(price.amount ?? '0', currency) : HELD[price.held]
  const by =
    price.since === null
      ? ''
      : `, since ${text(price.since)} by ${price.actor ?? 'nobody'}${price.approvedBy === null ? '' : `, approved by ${price.approvedBy}`}`
  return [
    `    ${name} ${amount}: ${sourceText(price.source, text)}${by}`,
    ...(price.market === null ? [] : [`        set by market rule ${price.market.rule}: ${withInstants(price.market.words, text)}`]),
    ...price.steps.map(step => `        ${stepText(step, price)}`),
    ...[price.floor, price.ceiling].flatMap(bound => (bound === null ? [] : [`        ${boundText(bound, currency)}`])),
    ...price.beaten.map(one => `      beats ${sourceText(one.source, text)}: ${unitPrice(one.amount, currency)}`),
    ...price.passedOver.map(one => passedOverLine(one, text)),
  ]
}

function sourceText({ kind, list, audience, audienceCode, startsAt, endsAt, priority }: SourceTold, text: InstantText): string {
  const whom =
    audience === 'everyone'
      ? 'for everyone'
      : `for ${audience === 'channel' && audienceCode === null ? 'this channel' : `${audience} ${audienceCode}`}`
  const period = [...(startsAt === null ? [] : [`from ${text(startsAt)}`]), ...(endsAt === null ? [] : [`until ${text(endsAt)}`])].join(' ')
  const rank = priority === 0 ? '' : `, priority ${priority}`
  return `${kind === 'list' ? `list ${list}` : 'the price that was typed'} ${whom}${rank}${period === '' ? '' : `, ${period}`}`
}

const OVER = { cost: 'its cost', plain: 'the price that was typed for everyone', list: 'the list below' } as const

function stepText({ step, amount, currency, by, value, how }: PriceStep, { entry }: PriceTold): string {
  const shown = `${unitPrice(amount, currency)} ${currency}`
  switch (step) {
    case 'base':
      return `${OVER[by as keyof typeof OVER]}: ${shown}`
    case 'rule': {
      const reach = entry === null ? '' : ` (for ${SCOPE[entry.scope]}${entry.minQuantity > 1 ? `, from ${entry.minQuantity} units` : ''})`
      return `${ruleText(by, value)}${reach} = ${shown}`
    }
    case 'plain':
      return `typed: ${shown}`
    case 'conversion':
      return `× ${value}, the exchange rate with the channel's margin = ${shown}`
    case 'tax':
      return `${value} % tax ${how} = ${shown}`
    case 'rounding':
      // A price that was typed stays as it was, unless it had to be exchanged or taxed first.
      return `rounded ${how}${entry?.rule === 'fixed' ? ', as it was not typed as the channel shows it' : ''} = ${shown}`
    case 'floor':
      return `lifted to its floor (${by}) = ${shown}`
    case 'ceiling':
      return `lowered to its ceiling (${by}) = ${shown}`
  }
}

const SCOPE = { variant: 'this SKU', product: 'its product', category: 'its category', all: 'all' } as const

function ruleText(rule: string | undefined, value = ''): string {
  const signed = value.startsWith('-') ? `− ${trimmed(value.slice(1))}` : `+ ${trimmed(value)}`
  switch (rule) {
    case 'percent':
      return `${signed} %`
    case 'amount':
      return signed
    case 'margin':
      return `a margin of ${trimmed(value)} % on it`
    default:
      return 'fixed'
  }
}

const trimmed = (value: string): string => (value.includes('.') ? value.replace(/\.?0+$/, '') : value)

function boundText({ kind, basis, amount, stated, cost, tax }: BoundTold, currency: string): string {
  const [statedAmount = '', statedUnit = ''] = stated.split(' ')
  const over =
    cost === null
      ? ''
      : ` over a cost of ${unitPrice(cost.amount, cost.currency)} ${cost.currency}${tax === null || tax === '0' ? '' : ` and ${tax} % tax`}`
  const exact = unitPrice(amount, currency)
  // What was reckoned has more digits than money has: the least that can be paid, or the most, is told with it.
  const paid = (kind === 'floor' ? roundedUp : roundedDown)(new Decimal(exact), currencyDigits(currency))
  const isReckoned = cost !== null || statedUnit !== currency
  const shown = isReckoned && !paid.equals(exact) ? `${unitPrice(paid.toFixed(), currency)}, exactly ${exact}` : exact
  return `${kind} ${shown} (${basis} ${isCurrency(statedUnit) ? unitPrice(statedAmount, statedUnit) : trimmed(statedAmount)} ${statedUnit}${over})`
}

const BECAUSE: Readonly<Record<PassedOverTold['because'], string>> = {
  no_entry: 'it does not speak of this SKU',
  ended_here: 'it has no price here any more',
  no_cost: 'nobody knows the cost',
  no_plain_price: 'there is no typed price to lean on',
  no_rate: 'an exchange rate is missing; enter it: "concord price exchange FROM TO RATE"',
  no_tax_rate:
    'the tax rate of its tax category is missing in the region of the channel; enter it: "concord price tax REGION CATEGORY PERCENT"',
  no_region:
    'it states prices, or leans on some, in another tax basis, and the channel has no region to tax by; name one: "concord price policy CHANNEL --region CODE"',
  not_in_base: 'the list that it leans on has no price',
  not_positive: 'it comes to nothing or less',
  too_deep: 'too many lists lean on each other',
}

const passedOverLine = ({ source, because }: PassedOverTold, text: InstantText): string =>
  `      passed over ${sourceText(source, text)}: ${BECAUSE[because]}`

function nextLines({ document, currency }: ExplainedChannelPrice, text: InstantText): string[] {
  const sale = document?.sale
  if (!sale || sale.from === null) return []
  return [`    next sale ${unitPrice(sale.amount, currency)} from ${text(sale.from)}${sale.to === null ? '' : ` until ${text(sale.to)}`}`]
}

function reductionLines({ reduction, currency }: ExplainedChannelPrice, text: InstantText): string[] {
  if (reduction === null) return []
  const lowest = reduction.reference === null ? 'nothing was shown' : `the lowest price was ${unitPrice(reduction.reference, currency)}`
  return [`    in the 30 days before the sale, from ${text(reduction.began)}, ${lowest}`]
}

function sentLines({ published, currency, listings }: ExplainedChannelPrice, text: InstantText): string[] {
  if (published.length === 0) return ['    nothing was published there']
  return published.flatMap(one => {
    const steps: [string, StepThen | null][] = [
      ['intended', one.intended],
      ['sent', one.sent],
      ['accepted', one.accepted],
      ['refused', one.refused],
      ['read back', one.readBack],
    ]
    const lines = steps.flatMap(([word, step]) =>
      step === null ? [] : [`${word} ${documentText(step.value, currency, text)} at ${text(step.at)}`],
    )
    return [
      `    listing ${one.externalSku} (${one.externalId}): ${lines.join(', ')}`,
      // Of now it stands above, as it was read.
      ...(listings === null
        ? [`      the platform shows ${one.shows === null ? 'nobody knows what' : documentText(one.shows, currency, text)}`]
        : []),
    ]
  })
}

function documentText(value: StepThen['value'], currency: string, text: InstantText): string {
  if (value === null || typeof value.regular !== 'string') return '?'
  const sale = value.sale
  if (sale === null || typeof sale !== 'object' || !('amount' in sale)) return unitPrice(value.regular, currency)
  const { amount, from, to } = sale as { amount: unknown; from?: unknown; to?: unknown }
  const period = [...(typeof from === 'string' ? [`from ${text(from)}`] : []), ...(typeof to === 'string' ? [`until ${text(to)}`] : [])]
  return `${unitPrice(value.regular, currency)}, sale ${unitPrice(String(amount), currency)}${period.length === 0 ? '' : ` ${period.join(' ')}`}`
}
