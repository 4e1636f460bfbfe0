import type { BelowFloor } from '../../domain/pricing/below-floor.ts'
import { Decimal } from '../../domain/pricing/numbers.ts'
import type { TurnForecast } from '../../usecases/forecast-schedule.ts'
import { Fault } from '../../values/fault.ts'
import { minute, money, number } from '../format.ts'
import type { View } from '../view.ts'
import type { Given } from './given.ts'
import { faultText } from './post.ts'

/**
 * The refusal of a price, in the person's language: below its floor with the arithmetic, or later than asked with when. `field` is that of the form. Other
 * errors stay as they are.
 */
export function priceInWords({ view }: Pick<Given, 'view'>, error: unknown, field: string): unknown {
  if (!(error instanceof Fault)) return error
  const { below, forecast } = error.detail
  if (error.code === 'below_floor' && Array.isArray(below)) {
    return new Fault('below_floor', belowText(view, below as readonly BelowFloor[]), { field, isTranslated: true })
  }
  if (error.code === 'late_flip' && Array.isArray(forecast)) {
    const late = (forecast as readonly TurnForecast[]).filter(one => !one.isOnTime)
    const [first] = late
    if (first === undefined) return error
    const until = `${minute(new Date(first.lastAt))} UTC`
    const words = view.t.prices.floor.late(first.channel, number(first.listings, view.language), until)
    return new Fault('late_flip', words, { field: 'acceptWindow', isTranslated: true })
  }
  return error
}

/** The refusal of goods that nobody knows, at the one field in which they are named; other errors stay as they are. */
export function goodsInWords({ view }: Pick<Given, 'view'>, error: unknown): unknown {
  if (!(error instanceof Fault) || error.detail.field === undefined || error.detail.value === undefined) return error
  const { field, value } = error.detail
  if (!/\.(sku|product|category)$/.test(field)) return error
  return new Fault(error.code, faultText(view, error), { field: 'of', isTranslated: true, named: field, value })
}

/** So many prices are named; the others are counted. */
const NAMED_MOST = 5

/** The floor, never told lower than it is. */
const leastShown = ({ floor, currency }: Pick<BelowFloor, 'floor' | 'currency'>): string =>
  money(new Decimal(floor).toDecimalPlaces(6, Decimal.ROUND_UP).toFixed(), currency)

function belowText(view: View, below: readonly BelowFloor[]): string {
  const t = view.t.prices.floor
  const [first] = below
  if (first === undefined) return t.nothingChanged
  const said = t.below(first.sku, money(first.amount, first.currency), first.channel, arithmeticText(view, first))
  const others = below.slice(1)
  const named = others.slice(0, NAMED_MOST - 1).map(one => `${one.sku} · ${one.channel} ≥ ${leastShown(one)}`)
  const more =
    others.length === 0
      ? null
      : t.others(number(others.length, view.language), named.join('; ') + (others.length > named.length ? '; …' : ''))
  return [said, more, t.nothingChanged].filter(Boolean).join(' ')
}

/** Where a floor comes from: `cost EUR 5.60 ÷ (100 % − 20 %) + 19 % tax = EUR 8.33`. */
export function arithmeticText(view: View, { why, floor, currency }: Pick<BelowFloor, 'why' | 'floor' | 'currency'>): string {
  const t = view.t.prices.floor
  const end = leastShown({ floor, currency })
  if (why.basis !== 'margin') {
    const said = `${t.bases[why.basis]} ${money(why.amount ?? null, why.currency)}`
    return why.currency === currency ? said : `${said} = ${end}`
  }
  const cost = t.cost(money(why.cost ?? null, why.currency), why.percent ?? '')
  const exchanged = why.currency === currency ? '' : ` ${t.exchanged(currency)}`
  const tax = why.tax === undefined || why.tax === '0' ? '' : ` ${t.tax(why.tax)}`
  return `${cost}${exchanged}${tax} = ${end}`
}
