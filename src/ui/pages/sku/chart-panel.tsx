import { raw } from 'hono/html'
import type { SkuHead, StockPoint } from '../../../../db/pages-sku.ts'
import { stockChart } from '../../chart.ts'
import { Empty, Panel } from '../../parts/panel.tsx'
import type { View } from '../../view.ts'

/** A SKU's stock over time as a drawing made on the server. Its numbers stand in the movements below, for whoever cannot see it. */
export function ChartPanel({ view, head, series }: { view: View; head: SkuHead; series: readonly StockPoint[] }) {
  const t = view.t.sku.chart
  return (
    <Panel id="chart" title={t.title}>
      {series.length < 2 ? (
        <Empty text={t.few} />
      ) : (
        <div class="chart" role="img" aria-label={view.t.chart.title(head.sku)}>
          {raw(stockChart(series, { onHand: view.t.chart.onHand, reserved: view.t.chart.reserved }, view.now, view.language))}
        </div>
      )}
    </Panel>
  )
}
