import type { HistoryPoint } from '../../db/history.ts'
import type { Language } from '../usecases/principal.ts'
import { draw, ROLE } from './draw.ts'

const WIDTH = 1100
const HEIGHT = 240

export type ChartWords = { readonly onHand: string; readonly reserved: string; readonly available: string }

/** Draws stock over time as steps: it jumps at a movement and stays between. `until` is where the picture ends. */
export function stockChart(points: readonly HistoryPoint[], words: ChartWords, until: Date, language: Language): string {
  const last = points.at(-1)
  // The line goes on to the end of the period: nothing moved since.
  const drawn = last === undefined ? [] : [...points, { ...last, at: last.at > until ? last.at : until }]
  const line = (name: string, color: string, width: number, of: (point: HistoryPoint) => number) => ({
    name,
    type: 'line' as const,
    step: 'end' as const,
    showSymbol: false,
    silent: true,
    lineStyle: { width, color },
    itemStyle: { color },
    data: drawn.map(point => [point.at.getTime(), of(point)]),
  })
  const option = {
    animation: false,
    useUTC: true,
    grid: { left: 52, right: 20, top: 34, bottom: 30 },
    legend: {
      top: 0,
      left: 44,
      icon: 'roundRect',
      itemWidth: 14,
      itemHeight: 4,
      itemGap: 18,
      selectedMode: false,
      textStyle: { color: ROLE.ink },
    },
    xAxis: {
      type: 'time' as const,
      axisLine: { lineStyle: { color: ROLE.line } },
      axisLabel: { color: ROLE.ink, hideOverlap: true, formatter: (ms: number) => tickText(ms, drawn, language) },
      splitLine: { show: false },
    },
    yAxis: {
      type: 'value' as const,
      min: 0,
      minInterval: 1,
      axisLabel: { color: ROLE.ink },
      splitLine: { lineStyle: { color: ROLE.line } },
    },
    series: [
      line(words.onHand, ROLE['on-hand'], 3, point => point.onHand),
      line(words.available, ROLE.available, 1.5, point => point.available),
      line(words.reserved, ROLE.reserved, 1.5, point => point.reserved),
    ],
  }
  return draw(option, WIDTH, HEIGHT)
}

/** Days where the drawing spans several, else the time of day; in UTC. */
function tickText(ms: number, points: readonly HistoryPoint[], language: Language): string {
  const spanMs = (points.at(-1)?.at.getTime() ?? 0) - (points[0]?.at.getTime() ?? 0)
  const look: Intl.DateTimeFormatOptions =
    spanMs > 2 * 86_400_000
      ? { month: 'short', day: 'numeric' }
      : spanMs > 600_000
        ? { hour: '2-digit', minute: '2-digit' }
        : { hour: '2-digit', minute: '2-digit', second: '2-digit' }
  return new Intl.DateTimeFormat(language, { ...look, hour12: false, timeZone: 'UTC' }).format(ms)
}
