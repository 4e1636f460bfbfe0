import type { DearerBreaks, GuardAhead, NotLower, PriceListBeaten, PriceListGap } from '../../db/price-lists.ts'
import { unitPrice } from '../values/money.ts'

/** That a channel will pass a list over; why, and the next step. */
export function gapWords({ channel, because, region, category, skus }: PriceListGap): string {
  const of = `${skus} ${skus === 1 ? 'SKU' : 'SKUs'}`
  return because === 'no_region'
    ? `${channel} passes it over for ${of}: it shows prices in another tax basis than the list or what its rules lean on, and has no region to tax by; name one: "concord price policy ${channel} --region CODE".`
    : `${channel} passes it over for ${of}: no tax rate of category ${category} is known in region ${region}; enter it: "concord price tax ${region} ${category} PERCENT".`
}

/** That another list or a typed price goes before this list in a channel, with the first SKUs. */
export function beatenWords({ channel, skus, examples }: PriceListBeaten): string {
  const told = examples.map(
    ({ sku, list, amount, currency }) =>
      `${sku} by ${list === undefined ? 'its typed price' : `list ${list}`} (${unitPrice(amount, currency)} ${currency})`,
  )
  return `In ${channel} ${skus} ${skus === 1 ? 'SKU of it shows' : 'SKUs of it show'} another price, which goes before it: ${told.join(', ')}${skus > examples.length ? ', …' : ''}.`
}

/** That a larger quantity costs more than a smaller one, with examples. */
export function dearerWords({ count, examples }: DearerBreaks, currency: string): string {
  const told = examples.map(one => {
    const [value, fewer] = [one.value, one.fewerValue].map(text => (one.rule === 'fixed' ? unitPrice(text, currency) : text))
    const unit = one.rule === 'fixed' || one.rule === 'amount' ? currency : one.rule === 'margin' ? '% margin' : '%'
    return `${one.of ?? 'all'} from ${one.minQuantity} on ${value} ${unit}, from ${one.fewer} on ${fewer} ${unit}`
  })
  return `${count === 1 ? 'A larger quantity costs' : `${count} larger quantities cost`} more than a smaller one: ${told.join('; ')}${count > examples.length ? '; …' : ''}.`
}

/** That a sale is not lower than the regular price, with examples. */
export function notLowerWords({ count, examples }: NotLower): string {
  const told = examples.map(
    ({ sku, channel, currency, regular, sale }) =>
      `${sku} in ${channel}: ${unitPrice(sale, currency)} is not lower than ${unitPrice(regular, currency)} ${currency}`,
  )
  return `${count} ${count === 1 ? 'price' : 'prices'} of this sale ${count === 1 ? 'is' : 'are'} not lower than the regular price, and would replace it while the sale lasts: ${told.join('; ')}${count > examples.length ? '; …' : ''}.`
}

/** What the guard of a channel will hold of a list when it begins to show, or that it will pass, and the next step. `when`: as its readers write instants. */
export function guardAheadWords({ channel, held, changed, dropped, accepted, ...limits }: GuardAhead, when: string): string {
  const broken = [
    ...(changed > 0
      ? [
          `${changed} beyond the ${limits.allowed} of its ${limits.listings} listings that may change within ${limits.windowMinutes} minutes`,
        ]
      : []),
    ...(dropped > 0 ? [`${dropped} ${dropped === 1 ? 'falls' : 'fall'} by more than ${limits.dropPercent} %`] : []),
  ]
  const prices = `${held} ${held === 1 ? 'price' : 'prices'} of ${channel}`
  return accepted
    ? `The guard will let ${prices} pass at ${when}, as you accepted: ${broken.join('; ')}.`
    : `The guard will hold ${prices} at ${when}: ${broken.join('; ')}. Whoever may approve prices decides on them then.`
}

/** That nobody knows yet what the guard will hold. */
export const UNJUDGED = 'It prices 20,000 SKUs or more: what the guard will hold of it is told only when it begins.'
