import type { BreakPrice, BreakRow, PriceBreaks } from '../../../usecases/price-breaks.ts'
import { money, number } from '../../format.ts'
import { Empty, Panel } from '../../parts/panel.tsx'
import { Rows } from '../../parts/rows.tsx'
import type { View } from '../../view.ts'

/** What one costs by how many are bought, channel by channel, for anybody and for the partner that is asked for. */
export function BreaksPanel({
  view,
  breaks,
  quantity,
  here,
}: {
  view: View
  breaks: PriceBreaks
  quantity: number
  here: (quantity: number) => string
}) {
  const t = view.t.skuPrices
  const isFlat = breaks.quantities.length === 1
  return (
    <Panel id="breaks" title={t.breaks.title}>
      {isFlat && breaks.rows.every(row => row.partner === null) ? (
        <Empty text={t.breaks.none} />
      ) : (
        <Rows
          label={t.breaks.title}
          rows={breaks.rows}
          id={row => `breaks-${row.channel}-${row.partner ?? ''}`}
          isStacked
          empty={t.none}
          columns={[
            { head: t.breaks.channel, names: true, cell: row => row.channel },
            { head: t.breaks.buyer, cell: row => row.partner ?? <span class="quiet">{t.buyer.anybody}</span> },
            ...breaks.quantities.map((from, n) => ({
              head: t.breaks.from(number(from, view.language)),
              look: () => (from === quantity ? 'num asked' : 'num'),
              cell: (row: BreakRow) => <BreakCell view={view} row={row} price={row.prices[n]} to={here(from)} />,
            })),
          ]}
        />
      )}
    </Panel>
  )
}

function BreakCell({ view, row, price, to }: { view: View; row: BreakRow; price: BreakPrice | undefined; to: string }) {
  const t = view.t.skuPrices
  if (price === undefined) return null
  if (price.amount === null) return <span class="quiet">{price.source === null ? t.noPrice : t.breaks.held}</span>
  return (
    <>
      <a href={to}>{money(price.amount, row.currency)}</a>
      <span class="sub">
        {price.source?.list == null ? t.breaks.source.plain : t.breaks.source.list(price.source.list)}
        {price.isSale ? ` · ${t.breaks.sale}` : ''}
      </span>
    </>
  )
}
