import { BarChart, LineChart } from 'echarts/charts'
import { GridComponent, LegendComponent } from 'echarts/components'
import { type ECharts, init, use } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'

use([BarChart, LineChart, GridComponent, LegendComponent, SVGRenderer])

/** Colours that stand for a role; the drawing gets classes for them, so that light and dark are the style sheet's business. */
export const ROLE = {
  ink: '#010101',
  line: '#020202',
  'on-hand': '#030303',
  reserved: '#040404',
  available: '#050505',
  minus: '#060606',
  plus: '#070707',
  result: '#080808',
} as const

type Option = Parameters<ECharts['setOption']>[0]

/** Draws on the server. Answers SVG without scripts, styles or ids. */
export function draw(option: Option, width: number, height: number): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height })
  chart.setOption(option)
  const svg = chart.renderToSVGString()
  chart.dispose()
  return dressed(svg)
}

/** Puts classes in place of the colours, and takes off what the page's content policy would refuse or the page does not need. */
function dressed(svg: string): string {
  let out = svg.replace(/<style[^>]*>[\s\S]*?<\/style>/g, '').replace(/ style="[^"]*"/g, '')
  for (const [role, color] of Object.entries(ROLE)) {
    out = out.replaceAll(`stroke="${color}"`, `class="chart-line-${role}"`).replaceAll(`fill="${color}"`, `class="chart-fill-${role}"`)
  }
  return out
}
