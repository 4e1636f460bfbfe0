import type { ShownPeriod } from '../domain/pricing/history.ts'
import { draw, ROLE } from './draw.ts'

const WIDTH = 1100
const HEIGHT = 200

export type PriceChartWords = { readonly paid: string; readonly regular: string; readonly lowest: string }

type Given = {
  /** In any order. */
  readonly periods: readonly ShownPeriod[]
  readonly from: Date
  readonly until: Date
  /** The lowest price of the 30 days before each instant, from each point on, decimal text; null: none was shown. */
  readonly lowest: readonly { readonly at: Date; readonly amount: string | null }[]
  readonly words: PriceChartWords
  readonly language: string
}

/** Draws what buyers paid in a channel over time as steps, beside the regular price and the lowest of the 30 days before. Numbers are for drawing only. */
export function priceChart({ periods, from, until, lowest, words, language }: Given): string {
  const ordered = [...periods].sort((a, b) => a.from.getTime() - b.from.getTime())
  const line = (name: string, color: string, width: number, data: readonly (readonly [number, number | null])[]) => ({
    name,
    type: 'line' as const,
    step: 'end' as const,
    showSymbol: false,
    silent: true,
    connectNulls: false,
    lineStyle: { width, color },
    itemStyle: { color },
    data: data.map(point => [...point]),
  })
  const steps = (of: (period: ShownPeriod) => string): [number, number | null][] =>
    ordered.flatMap(period => {
      const [start, end] = [Math.max(period.from.getTime(), from.getTime()), (period.to ?? until).getTime()]
      return end < from.getTime()
        ? []
        : ([
            [start, Number(of(period))],
            [end, Number(of(period))],
          ] as [number, number][])
    })
  const option = {
    animation: false,
    useUTC: true,
    grid: { left: 58, right: 20, top: 34, bottom: 30 },
    legend: {
      ...{ top: 0, left: 50, icon: 'roundRect', itemWidth: 14, itemHeight: 4, itemGap: 18, selectedMode: false },
      textStyle: { color: ROLE.ink },
    },
    xAxis: {
      type: 'time' as const,
      min: from.getTime(),
      max: until.getTime(),
      axisLine: { lineStyle: { color: ROLE.line } },
      axisLabel: { color: ROLE.ink, hideOverlap: true, formatter: (ms: number) => dayText(ms, language) },
      splitLine: { show: false },
    },
    yAxis: {
      type: 'value' as const,
      scale: true,
      axisLabel: { color: ROLE.ink },
      splitLine: { lineStyle: { color: ROLE.line } },
    },
    series: [
      line(
        words.regular,
        ROLE.available,
        1.5,
        steps(period => period.regular),
      ),
      line(
        words.paid,
        ROLE['on-hand'],
        3,
        steps(period => period.amount),
      ),
      line(words.lowest, ROLE.reserved, 1.5, [
        ...lowest.map(({ at, amount }) => [Math.max(at.getTime(), from.getTime()), amount === null ? null : Number(amount)] as const),
        ...lowest.slice(-1).map(({ amount }) => [until.getTime(), amount === null ? null : Number(amount)] as const),
      ]),
    ],
  }
  return draw(option, WIDTH, HEIGHT)
}

const dayText = (ms: number, language: string): string =>
  new Intl.DateTimeFormat(language, { month: 'short', day: 'numeric', timeZone: 'UTC' }).format(ms)
