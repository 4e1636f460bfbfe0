import { readFile } from 'node:fs/promises'
import { DAYS_MOST, type WhatIf, whatIf } from '../usecases/what-if.ts'
import { type Command, wrongUsage } from './command.ts'
import { progressOn, table } from './terminal.ts'

const text = { type: 'string' } as const

async function rulesIn(path: string): Promise<unknown> {
  const read: unknown = await readFile(path, 'utf8')
    .then(content => JSON.parse(content))
    .catch(error => {
      throw wrongUsage(`${path} is no readable JSON: ${error instanceof Error ? error.message : String(error)}`)
    })
  if (typeof read !== 'object' || read === null) throw wrongUsage(`${path} holds no object`)
  const { version: _, ...rules } = read as { version?: unknown }
  return rules
}

/** `routing what-if`: the orders of the last days, decided anew by other rules. */
export const whatIfCommand: Command = {
  name: 'routing what-if',
  usage: '[FILE] [--days N] [--channel CODE]',
  summary: 'What other rules would have made of the last days: splits, cost, promises, load of each location',
  details: `FILE holds rules as \`routing rules --json\` prints them; without it those that hold are tried. Changes nothing. Stock and load are what each
decision was made from, moved on where orders would have gone elsewhere. Not known, and taken as it was: whether another location
would have given an order up, and what buyers would have bought.`,
  examples: ['routing what-if rules.json --days 7', 'routing what-if rules.json --channel shop --json'],
  options: { days: text, channel: text },
  takes: [0, 1],
  database: 'migrated',
  isLong: true,
  run: async call => {
    const [path] = call.args
    const days = call.text('days') ?? '7'
    if (!/^\d{1,3}$/.test(days) || Number(days) < 1 || Number(days) > DAYS_MOST) throw wrongUsage(`--days is 1 to ${DAYS_MOST}`)
    const rules = path === undefined ? null : await rulesIn(path)
    const progress = progressOn(call.terminal)
    let answer: WhatIf | undefined
    for await (const step of whatIf(call.context, { rules, channel: call.text('channel') ?? null, days: Number(days) })) {
      progress.at('decided', step.done, step.of)
      answer = step.answer
    }
    progress.end()
    if (answer === undefined) throw new Error('the comparison ended without an answer')
    call.answer(answer, told(answer))
    return 0
  },
}

const shown = (value: number | null, unit = ''): string => (value === null ? '–' : `${value}${unit}`)
const share = (value: number | null): string => (value === null ? '–' : `${(value * 100).toFixed(1)} %`)

function told(answer: WhatIf): string {
  const { was, would, sources } = answer
  const days = `${answer.from.toISOString().slice(0, 16)} to ${answer.until.toISOString().slice(0, 16)} UTC`
  const head = `${answer.decisions} decisions, ${days}: ${answer.elsewhere} would come out otherwise; ${answer.earlier} promised earlier, ${answer.later} later.`
  const sides = table([
    ['', 'was', 'would be'],
    ['groups', was.groups, would.groups],
    ['orders split', was.splits, would.splits],
    ['units without a place', was.unplacedUnits, would.unplacedUnits],
    ['parcels and handling', was.cost.toFixed(2), would.cost.toFixed(2)],
    ['distance of a parcel', shown(was.kmPerParcel, ' km'), shown(would.kmPerParcel, ' km')],
    ['hours promised', shown(was.hoursPromised), shown(would.hoursPromised)],
    [
      `promises kept (of ${answer.judged})`,
      share(was.keptShare),
      `${share(would.keptShare)}${would.keptShare === null ? '' : ' expected'}`,
    ],
  ])
  const places = table([
    ['location', 'orders', 'would be', 'units', 'would be', 'fullest day', 'would be', 'may take'],
    ...answer.places.map(one => [
      ...[one.place, one.was.orders, one.would.orders, one.was.units, one.would.units],
      ...[one.was.fullestDay?.orders ?? 0, one.would.fullestDay?.orders ?? 0, one.ordersPerDay],
    ]),
  ])
  const orders = table([
    ['order', 'was', 'would be'],
    ...answer.orders
      .slice(0, 20)
      .map(one => [one.number, ...[one.was, one.would].map(side => side.map(to => `${to.place} ${to.units}`).join(', '))]),
  ])
  const stay = sources.only + sources.forgotten + sources.later
  return [
    head,
    sides,
    ...(answer.places.length === 0 ? [] : [places]),
    ...(answer.orders.length === 0 ? [] : [orders]),
    `Stock and load: as kept with ${sources.kept} decisions, as the ledger tells for ${sources.ledger}. ${stay} stay as they were (one location: ${sources.only}, buyer forgotten: ${sources.forgotten}, facts came later: ${sources.later}), ${sources.untold} tell nothing.`,
  ].join('\n\n')
}
