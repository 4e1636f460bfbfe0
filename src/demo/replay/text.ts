import type { ReplayReport } from './report.ts'
import { PLATFORMS } from './scene.ts'

/** The report for a person at a terminal. */
export function reportText(report: ReplayReport): string {
  const { data, units, shorts, orders } = report
  const lines = (rows: readonly (readonly [string, string | number])[]): string[] => {
    const width = Math.max(...rows.map(([name]) => name.length))
    return rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`)
  }
  return [
    'The files',
    ...lines(Object.entries(data).map(([name, value]) => [inWords(name), value])),
    '',
    'How the data was read',
    ...Object.values(report.rules).map(rule => `  - ${rule}`),
    '',
    'Orders',
    ...PLATFORMS.map(platform => {
      const one = orders[platform]
      return `  ${platform}: ${one.sold} sold, ${one.booked} booked; ${one.calls} calls, ${one.stockWritten} stock values written; ${one.messagesSent} messages sent, ${one.messagesLost} lost`
    }),
    ...lines(Object.entries(report.arrivals).map(([way, n]) => [`messages ${way}`, n])),
    `  sold out before it came: ${report.ordersSoldOut} orders whole`,
    '',
    'Units',
    ...lines(Object.entries(units).map(([name, value]) => [inWords(name), value])),
    '',
    'Shorts: units that both platforms sold in the moment before they were told',
    ...lines([
      ['lines that were ever short', shorts.lines],
      ['lines still short', shorts.linesStillShort],
      ['units still short', shorts.unitsStillShort],
      ...Object.entries(shorts.causes),
    ]),
    '',
    `Pace: ${report.seconds} s in all, ${report.ordersPerSecond} orders a second while selling; jobs on ${report.jobs}; the hub ran ${report.scales.woocommerce} times (WooCommerce) and ${report.scales.amazon} times (Amazon) the real platforms' pace`,
    `Check: ${report.check.violations === 0 ? 'all rules hold' : `${report.check.violations} violations`}`,
    '',
    ...(report.differences === 0
      ? ['No differences: journals, ledger, shop windows and promises agree.']
      : [
          `${report.differences} differences:`,
          ...report.list.map(
            one =>
              `  ${one.what}${one.platform ? ` (${one.platform})` : ''} ${one.of}: expected ${JSON.stringify(one.expected)}, found ${JSON.stringify(one.found)} [${one.sources}]`,
          ),
        ]),
  ].join('\n')
}

/** `codesInOtherCase` as "codes in other case". */
function inWords(name: string): string {
  return name
    .replace(/[A-Z]/g, letter => ` ${letter.toLowerCase()}`)
    .replace('woo commerce', 'in WooCommerce')
    .replace('orders amazon', 'orders in Amazon')
}
