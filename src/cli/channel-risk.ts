import { type RiskShown, showRisk } from '../usecases/risk.ts'
import type { Command } from './command.ts'
import { counted } from './counted.ts'
import { table } from './terminal.ts'

/** `channel risk`. */
export const channelRisk: Command = {
  name: 'channel risk',
  usage: 'CODE',
  summary: 'What a channel keeps back by risk, and how the risk came true',
  details: `Other channels sell from the same stock before this one can know of it. Kept back is the smallest number that they exceed, in this channel's publish lag and
their intake lag, with a probability of at most margin / (margin + cancellation): what a unit kept back costs, beside what cancelling one that was sold costs.
Rates and lags are learnt by themselves; "channel set CODE --buffer risk:MARGIN/CANCELLATION" turns it on.`,
  examples: ['channel risk my-shop', 'channel set my-shop --buffer risk:4/96'],
  takes: [1, 1],
  database: 'migrated',
  run: async call => {
    const risk = await showRisk(call.context, call.args[0] ?? '', new Date())
    call.answer(risk, riskText(risk))
    return 0
  },
}

function riskText(risk: RiskShown): string {
  if (risk.accepted === null)
    return `${risk.channel}: its buffer is not by risk; "concord channel set ${risk.channel} --buffer risk:MARGIN/CANCELLATION" turns that on.`
  const seconds = (value: number | null) => (value === null ? 'not measured yet' : `${Math.round(value)} s`)
  const lines = [
    `${risk.channel}: margin ${risk.margin}, cancellation ${risk.cancellation}: ${percent(risk.accepted)} accepted`,
    `    publish lag ${seconds(risk.publishS)}, intake lag ${seconds(risk.intakeS)} (95 of 100 are faster)`,
    `    ${counted(risk.units, 'unit')} of ${counted(risk.skus, 'SKU')} kept back`,
    risk.windows === 0
      ? '    not compared with what happened yet: that takes a day'
      : `    28 days: others sold more than was kept back ${counted(risk.realised, 'time')}, ${Number(risk.predicted.toFixed(1))} were expected; ${risk.short} of ${counted(risk.ordered, 'unit')} ordered here ${risk.short === 1 ? 'was' : 'were'} not there`,
  ]
  const rows = risk.largest.map(({ sku, units, tail, mean, lagS }) => [
    sku,
    units,
    Number(mean.toPrecision(2)),
    `${Math.round(lagS)} s`,
    percent(tail),
  ])
  return rows.length === 0
    ? lines.join('\n')
    : `${lines.join('\n')}\n${table([['sku', 'buffer', 'others sell', 'in', 'more with'], ...rows])}`
}

const percent = (share: number): string => `${Number((share * 100).toPrecision(2))} %`
