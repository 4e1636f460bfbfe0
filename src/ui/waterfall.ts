import type { Shown } from '../domain/inventory/availability.ts'
import type { Step } from '../domain/inventory/explained.ts'
import type { Language } from '../usecases/principal.ts'
import { draw, ROLE } from './draw.ts'
import { number } from './format.ts'

const WIDTH = 1000
const HEIGHT = 210

export type WaterfallWords = Readonly<Record<Step['step'] | 'available' | 'shown', string>>

type Bar = {
  readonly label: string
  readonly from: number
  readonly to: number
  readonly look: 'on-hand' | 'minus' | 'plus' | 'available' | 'result'
}

// Always there, also where they take nothing: the same picture for each SKU, so that the eye finds what differs.
const ALWAYS: readonly Step['step'][] = ['reserved', 'unavailable', 'safety', 'buffer', 'cap']
const BEFORE_ATP: readonly Step['step'][] = ['reserved', 'unavailable', 'expired', 'safety', 'made', 'limit']
const AFTER_ATP: readonly Step['step'][] = ['ahead', 'buffer', 'cap', 'stop_selling']

/** Draws how on hand became shown: a bar for each number, hanging where the one before it ended. */
export function waterfallChart(steps: readonly Step[], result: Shown, words: WaterfallWords, language: Language): string {
  const bars = barsOf(steps, result, words)
  const top = Math.max(...bars.map(bar => Math.max(bar.from, bar.to)))
  const option = {
    animation: false,
    grid: { left: 12, right: 12, top: 26, bottom: 26 },
    xAxis: {
      type: 'category' as const,
      data: bars.map(bar => bar.label),
      axisTick: { show: false },
      axisLine: { lineStyle: { color: ROLE.line } },
      axisLabel: { color: ROLE.ink, interval: 0, fontSize: 13, width: WIDTH / bars.length - 6, overflow: 'break' as const },
    },
    yAxis: { type: 'value' as const, show: false, min: 0 },
    series: [
      {
        type: 'bar' as const,
        stack: 'chain',
        silent: true,
        itemStyle: { color: 'none' },
        data: bars.map(bar => Math.min(bar.from, bar.to)),
      },
      {
        type: 'bar' as const,
        stack: 'chain',
        silent: true,
        barWidth: '58%',
        data: bars.map(bar => ({
          value: heightOf(bar, top),
          itemStyle: { color: ROLE[bar.look], borderRadius: 2 },
          label: {
            show: true,
            position: 'top' as const,
            color: ROLE.ink,
            fontSize: 14,
            fontWeight: 600 as const,
            formatter: textOf(bar, language),
          },
        })),
      },
    ],
  }
  return draw(option, WIDTH, HEIGHT)
}

/** One unit of a hundred thousand is still to be seen; nothing is not. */
function heightOf({ from, to }: Bar, top: number): number {
  return from === to ? 0 : Math.max(Math.abs(to - from), top * 0.008)
}

function textOf({ from, to, look }: Bar, language: Language): string {
  const units = to - from
  if (look === 'plus') return `+${number(units, language)}`
  return look === 'minus' && units < 0 ? `−${number(-units, language)}` : number(Math.abs(units), language)
}

function barsOf(steps: readonly Step[], result: Shown, words: WaterfallWords): Bar[] {
  const units = covered(steps)
  const onHand = units('on_hand')
  const bars: Bar[] = [{ label: words.on_hand, from: 0, to: onHand, look: 'on-hand' }]
  let at = onHand
  const hang = (some: readonly Step['step'][]) => {
    for (const step of some) {
      const change = units(step)
      if (change === 0 && !ALWAYS.includes(step)) continue
      bars.push({ label: words[step], from: at, to: at + change, look: change > 0 ? 'plus' : 'minus' })
      at += change
    }
  }
  hang(BEFORE_ATP)
  bars.push({ label: words.available, from: 0, to: result.atp, look: 'available' })
  at = result.atp
  hang(AFTER_ATP)
  return [...bars, { label: words.shown, from: 0, to: result.shown, look: 'result' }]
}

/** The steps, with what takes more than is there taking only what is: a picture has no room below nothing. */
function covered(steps: readonly Step[]): (step: Step['step']) => number {
  const left = new Map(steps.map(({ step, units }) => [step, units]))
  let over = left.get('uncovered') ?? 0
  for (const step of ['safety', 'expired', 'unavailable', 'reserved'] as const) {
    const taken = left.get(step) ?? 0
    const back = Math.min(over, -taken)
    left.set(step, taken + back)
    over -= back
  }
  return step => left.get(step) ?? 0
}
