import { raw } from 'hono/html'
import type { SkuHead } from '../../../../db/pages-sku.ts'
import type { StockHistory } from '../../../usecases/stock-history.ts'
import { stockChart } from '../../chart.ts'
import { Empty, Panel } from '../../parts/panel.tsx'
import { At } from '../../parts/time.tsx'
import type { View } from '../../view.ts'

/** The periods to choose from, days. */
export const PERIODS = [1, 7, 30, 90, 365] as const
export type Period = (typeof PERIODS)[number]

type Given = {
  readonly view: View
  readonly head: SkuHead
  readonly history: StockHistory
  readonly days: Period
  readonly locations: readonly { readonly code: string; readonly name: string }[]
}

/** A SKU's stock over time as a drawing made on the server. Its numbers stand in the movements below, for whoever cannot see it. */
export function ChartPanel({ view, head, history, days, locations }: Given) {
  const t = view.t.sku.chart
  const { points, location, historyStarts } = history
  const link = (period: Period, place: string | null) =>
    `/skus/${encodeURIComponent(head.sku)}?${new URLSearchParams({ days: String(period), ...(place === null ? {} : { place }) })}#chart`
  const words = { onHand: view.t.chart.onHand, reserved: view.t.chart.reserved, available: view.t.chart.available }
  return (
    <Panel
      id="chart"
      title={t.title}
      aside={
        <nav class="periods" aria-label={t.period}>
          {PERIODS.map(period => (
            <a href={link(period, location)} aria-current={period === days ? 'true' : undefined}>
              {t.days(period)}
            </a>
          ))}
        </nav>
      }
    >
      {locations.length < 2 ? null : (
        <nav class="periods places" aria-label={t.place}>
          {[{ code: null, name: t.everywhere }, ...locations].map(place => (
            <a href={link(days, place.code)} aria-current={place.code === location ? 'true' : undefined}>
              {place.name}
            </a>
          ))}
        </nav>
      )}
      {points.length === 0 ? (
        <Empty text={t.few} />
      ) : (
        <div class="chart" role="img" aria-label={view.t.chart.title(head.sku)}>
          {raw(stockChart(points, words, view.now, view.language))}
        </div>
      )}
      {historyStarts === null || points[0]?.at.toISOString() !== historyStarts ? null : (
        <p class="panel-note">
          {t.starts} <At view={view} at={new Date(historyStarts)} />
        </p>
      )}
    </Panel>
  )
}
