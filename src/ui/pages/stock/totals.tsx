import type { StockTotals } from '../../../../db/pages-stock.ts'
import { number } from '../../format.ts'
import { Icon } from '../../parts/icon.tsx'
import type { View } from '../../view.ts'

/** How far ahead the strip looks for lots that expire, days. */
export const LOT_DAYS = 30

/** What waits for somebody in the stock room, each figure with the way to it. */
export function TotalsStrip({ view, totals }: { view: View; totals: StockTotals }) {
  const t = view.t.stock.totals
  const cells = [
    {
      word: t.deliveries,
      href: '/stock/deliveries',
      value: totals.deliveriesOpen,
      note: t.late(totals.deliveriesLate),
      alarm: totals.deliveriesLate,
    },
    {
      word: t.transfers,
      href: '/stock/transfers',
      value: totals.transfersOpen,
      note: t.late(totals.transfersLate),
      alarm: totals.transfersLate,
    },
    { word: t.counts, href: '/stock/counts', value: totals.countsOpen, note: t.review(totals.countsReview), alarm: totals.countsReview },
    {
      word: t.lots(LOT_DAYS),
      href: '/stock/lots',
      value: totals.lotsExpiring,
      note: t.expired(totals.lotsExpired),
      alarm: totals.lotsExpired,
    },
  ]
  return (
    <dl class="totals four" aria-label={t.label}>
      {cells.map(cell => (
        <div class={cell.alarm > 0 ? 'total alarm-wait' : 'total'}>
          <dt>
            {cell.alarm > 0 ? <Icon name="warn" /> : null}
            {cell.word}
          </dt>
          <dd>
            <a href={cell.href}>{number(cell.value, view.language)}</a>
            {cell.alarm > 0 ? <span class="total-note">{cell.note}</span> : null}
          </dd>
        </div>
      ))}
    </dl>
  )
}
