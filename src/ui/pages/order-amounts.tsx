import type { OrderLine } from '../../../db/pages-orders.ts'
import type { AmountsShown, ChargeShown } from '../../usecases/order-amounts.ts'
import { money } from '../format.ts'
import { Facts } from '../parts/facts.tsx'
import { Panel, Table } from '../parts/panel.tsx'
import type { View } from '../view.ts'

type Given = { view: View; currency: string; lines: readonly OrderLine[]; amounts: AmountsShown }

const COLUMNS = ['price', 'discount', 'tax', 'total'] as const

/** What an order costs and how that comes about, as its channel states it; what does not add up is said. */
export function Amounts({ view, currency, lines, amounts }: Given) {
  const t = view.t.orderAmounts
  const { shipping, fees, discount, total, tax, difference, isAmiss, giftCards, paid } = amounts
  const known = lines.flatMap((line): (readonly [string, ChargeShown])[] => {
    const charge = amounts.lines[line.externalLineId]
    return charge === undefined || line.insteadOf !== null ? [] : [[line.sku ?? line.channelSku, charge]]
  })
  const isFree = (charge: ChargeShown): boolean => COLUMNS.every(column => Number(charge[column]) === 0)
  const rows = [...known, [t.shipping, shipping] as const, ...(isFree(fees) ? [] : [[t.fees, fees] as const])]
  return (
    <Panel id="amounts" title={t.title} aside={amounts.taxIncluded ? t.included : t.onTop}>
      {difference === null ? null : (
        <p class={isAmiss ? 'panel-body reason' : 'panel-body'} role={isAmiss ? 'alert' : undefined}>
          {isAmiss ? t.amiss(money(difference, currency)) : t.rounding(money(difference, currency))}
        </p>
      )}
      <Table label={t.title} isStacked>
        <thead>
          <tr>
            <th>{t.what}</th>
            {COLUMNS.map(column => (
              <th class="num">{t.columns[column]}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, charge]) => (
            <tr>
              <th scope="row">{name}</th>
              {COLUMNS.map(column => (
                <td class={`num${Number(charge[column]) === 0 ? ' zero' : ''}`} data-label={t.columns[column]}>
                  {money(charge[column], currency)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </Table>
      <Facts
        facts={[
          ...(Number(discount) === 0 ? [] : [[t.discount, money(discount, currency)] as const]),
          [t.tax, money(tax, currency)],
          [t.total, <b>{money(total, currency)}</b>],
          ...(giftCards === null ? [] : [[t.giftCards, money(giftCards, currency)] as const]),
          ...(paid === null ? [] : [[t.paid, money(paid, currency)] as const]),
        ]}
      />
    </Panel>
  )
}
