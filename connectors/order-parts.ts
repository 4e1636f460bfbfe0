import type { ChannelOrder } from '../src/values/channel-order.ts'
import { type Charge, fromMinorUnits, NO_CHARGE, type OrderAmounts, shareCharge, shareOf } from '../src/values/order-amounts.ts'

/**
 * The parts of an order, of several places, with what each costs: a line by its units there; shipping, fees and whatever does not add up are the first part's that has
 * lines. Together they are the whole, to the minor unit. A part without lines costs nothing of its own.
 */
export function withAmounts(whole: OrderAmounts, parts: readonly ChannelOrder[]): ChannelOrder[] {
  const first = parts.findIndex(part => part.lines.length > 0)
  if (first === -1) return [...parts]
  const lines = parts.map((): Record<string, Charge> => ({}))
  for (const [id, charge] of Object.entries(whole.lines)) {
    const units = parts.map(part => part.lines.find(line => line.externalLineId === id)?.ordered ?? 0)
    // Of what nobody is to send (a tip, a gift card) nobody has units.
    const weights = units.some(one => one > 0) ? units : units.map((_, n) => (n === first ? 1 : 0))
    for (const [n, share] of shareCharge(charge, weights, whole.taxIncluded).entries())
      if ((weights[n] ?? 0) > 0 && lines[n]) lines[n][id] = share
  }
  const totals = lines.map(own => Object.values(own).reduce((sum, one) => sum + one.total, 0))
  totals[first] = totals.reduce((rest, one, n) => (n === first ? rest : rest - one), whole.total)
  // Totals may be missed so far that a part has less than nothing.
  const paid =
    whole.paid === undefined
      ? []
      : shareOf(
          whole.paid,
          totals.map(one => Math.max(0, one)),
        )
  return parts.map((part, n) => {
    if (part.lines.length === 0) return part
    const rest = n === first ? whole : { shipping: NO_CHARGE, fees: NO_CHARGE, discount: 0 }
    const total = totals[n] ?? 0
    const amounts: OrderAmounts = {
      ...{ digits: whole.digits, taxIncluded: whole.taxIncluded, lines: lines[n] ?? {}, total },
      ...{ shipping: rest.shipping, fees: rest.fees, discount: rest.discount },
      ...(whole.giftCards === undefined || n !== first ? {} : { giftCards: whole.giftCards }),
      ...(whole.paid === undefined ? {} : { paid: paid[n] ?? 0 }),
    }
    return { ...part, total: part.total === null ? null : fromMinorUnits(total, whole.digits), amounts }
  })
}
