import type { OrderLineRow } from '../../db/reads-orders.ts'
import type { AmountsShown, ChargeShown } from '../usecases/order-amounts.ts'
import { table } from './terminal.ts'

/** What an order costs and how that comes about, for a terminal. */
export function amountLines(amounts: AmountsShown, lines: readonly OrderLineRow[]): string {
  const row = (name: string, { price, discount, tax, total }: ChargeShown): string[] => [name, price, discount, tax, total]
  const goods = lines.flatMap(line => {
    const charge = amounts.lines[line.externalLineId]
    return charge === undefined || line.insteadOf !== null ? [] : [row(line.matchedSku ?? line.sku, charge)]
  })
  const { discount, difference, isAmiss, giftCards, paid } = amounts
  const rest = [
    ['tax', amounts.tax],
    ...(Number(discount) === 0 ? [] : [['discount on the order', discount]]),
    ...(giftCards === null ? [] : [['by gift card', giftCards]]),
    ...(paid === null ? [] : [['paid', paid]]),
    ...(difference === null ? [] : [[isAmiss ? 'DOES NOT ADD UP by' : 'differs by rounding', difference]]),
  ]
  const charges = [...goods, row('shipping', amounts.shipping), row('fees', amounts.fees)]
  return [
    table([['for', 'price', 'discount', amounts.taxIncluded ? 'tax (in the price)' : 'tax (on top)', 'total'], ...charges]),
    table([['in all', amounts.total], ...rest]),
  ].join('\n\n')
}
