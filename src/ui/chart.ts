import { LineChart } from 'echarts/charts'
import { GridComponent, LegendComponent } from 'echarts/components'
import { init, use } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'
import type { StockPoint } from '../../db/pages-sku.ts'
import type { Language } from '../usecases/principal.ts'

use([LineChart, GridComponent, LegendComponent, SVGRenderer])

const WIDTH = 1100
const HEIGHT = 230

// Colours that stand for a role; the drawing gets classes for them, so that light and dark are the style sheet's business.
const roles = { '#010101': 'ink', '#020202': 'line', '#030303': 'on-hand', '#040404': 'reserved' } as const
const [INK, LINE, ON_HAND, RESERVED] = ['#010101', '#020202', '#030303', '#040404']

/** Draws stock over time as steps: it jumps at a movement and stays between. Answers SVG without scripts, styles or ids. */
export function stockChart(
  series: readonly StockPoint[],
  words: { readonly onHand: string; readonly reserved: string },
  now: Date,
  language: Language,
): string {
  const last = series.at(-1)
  // The line goes on to the present: nothing moved since.
  const points = last === undefined ? [] : [...series, { ...last, at: last.at > now ? last.at : now }]
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height: HEIGHT })
  const line = (name: string, color: string | undefined, of: (point: StockPoint) => number) => ({
    name,
    type: 'line' as const,
    step: 'end' as const,
    showSymbol: false,
    silent: true,
    lineStyle: { width: 2, color },
    itemStyle: { color },
    data: points.map(point => [point.at.getTime(), of(point)]),
  })
  chart.setOption({
    animation: false,
    useUTC: true,
    grid: { left: 48, right: 20, top: 34, bottom: 30 },
    legend: { top: 0, left: 40, icon: 'roundRect', itemWidth: 14, itemHeight: 4, selectedMode: false, textStyle: { color: INK } },
    xAxis: {
      type: 'time',
      axisLine: { lineStyle: { color: LINE } },
      axisLabel: { color: INK, hideOverlap: true, formatter: (ms: number) => tickText(ms, points, language) },
      splitLine: { show: false },
    },
    yAxis: { type: 'value', min: 0, minInterval: 1, axisLabel: { color: INK }, splitLine: { lineStyle: { color: LINE } } },
    series: [line(words.onHand, ON_HAND, point => point.onHand), line(words.reserved, RESERVED, point => point.reserved)],
  })
  const svg = chart.renderToSVGString()
  chart.dispose()
  return dressed(svg)
}

/** Days where the drawing spans several, else the time of day; in UTC. */
function tickText(ms: number, points: readonly StockPoint[], language: Language): string {
  const spanMs = (points.at(-1)?.at.getTime() ?? 0) - (points[0]?.at.getTime() ?? 0)
  const look: Intl.DateTimeFormatOptions =
    spanMs > 2 * 86_400_000
      ? { month: 'short', day: 'numeric' }
      : spanMs > 600_000
        ? { hour: '2-digit', minute: '2-digit' }
        : { hour: '2-digit', minute: '2-digit', second: '2-digit' }
  return new Intl.DateTimeFormat(language, { ...look, hour12: false, timeZone: 'UTC' }).format(ms)
}

/** Puts classes in place of the colours, and takes off what the page's content policy would refuse or the page does not need. */
function dressed(svg: string): string {
  let out = svg.replace(/<style[^>]*>[\s\S]*?<\/style>/g, '').replace(/ style="[^"]*"/g, '')
  for (const [color, role] of Object.entries(roles)) {
    out = out.replaceAll(`stroke="${color}"`, `class="chart-line-${role}"`).replaceAll(`fill="${color}"`, `class="chart-fill-${role}"`)
  }
  return out
}
