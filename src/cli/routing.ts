import { readFile } from 'node:fs/promises'
import { decisionsOf } from '../../db/routing.ts'
import { readServices, rulesVersions } from '../../db/routing-settings.ts'
import type { Attempt } from '../domain/fulfilment/route.ts'
import { PLAIN_RULES } from '../domain/fulfilment/rules.ts'
import { type ServicesStated, serveLocation, setRules } from '../usecases/routing-settings.ts'
import { Fault } from '../values/fault.ts'
import { HAZARDS, isHazard } from '../values/hazard.ts'
import { type Command, wrongUsage } from './command.ts'
import { shownAt } from './instants.ts'
import { ownKey } from './stock.ts'
import { table } from './terminal.ts'
import { whatIfCommand } from './what-if.ts'

const text = { type: 'string' } as const

async function jsonOf(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'))
  } catch (error) {
    throw wrongUsage(`${path} is no readable JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** `routing …`: the rules by which orders are routed, and why one went where it did. */
export const routingCommands: readonly Command[] = [
  {
    name: 'location serve',
    usage:
      'CODE [--at LAT,LON] [--cut-off HH:MM] [--lead MINUTES] [--orders-per-day N|none] [--units-per-day N|none] [--closed DAY,…] [--collects yes|no] [--ships yes|no] [--holidays-of DE-BY|none] [--open-on DAY,…] [--ships-hazards CLASS,…|all|none] [--hands-over-hazards CLASS,…|all|none]',
    summary: 'What a location does for orders: where it is, until when, how many; without options: what holds',
    details: `--holidays-of names the country, or part of one, whose public holidays it keeps, beside --closed; --open-on the holidays on which it is open all the same.
Classes of dangerous goods are those of the UN, as SKUs state them (column hazard of a catalog file): ${HAZARDS.join(', ')}.
Opening hours and all else are stated by the API (PATCH /v1/locations/CODE/services).`,
    examples: [
      'location serve berlin',
      'location serve berlin --at 52.52,13.40 --cut-off 15:00 --lead 120 --orders-per-day 40 --collects yes',
      'location serve berlin --holidays-of DE-BE --ships-hazards none',
    ],
    options: {
      at: text,
      'cut-off': text,
      lead: text,
      'orders-per-day': text,
      'units-per-day': text,
      closed: text,
      collects: text,
      ships: text,
      'holidays-of': text,
      'open-on': text,
      'ships-hazards': text,
      'hands-over-hazards': text,
    },
    takes: [1, 1],
    database: 'migrated',
    run: async call => {
      const [code = ''] = call.args
      const stated = servicesOf(name => call.text(name))
      const row =
        Object.keys(stated).length === 0
          ? await readServices(call.context.sql, code)
          : await serveLocation(call.context, ownKey(), code, stated)
      if (row === null) throw new Fault('not_found', `There is no location ${code}.`)
      call.answer(
        row,
        table([
          ['what', 'is'],
          ...Object.entries(row).map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
        ]),
      )
      return 0
    },
  },
  {
    name: 'routing rules',
    usage: '[CHANNEL]',
    summary: 'The rules by which orders are routed, in their order; with --json as `routing set` reads them',
    examples: ['routing rules', 'routing rules shop --json > rules.json'],
    takes: [0, 1],
    database: 'migrated',
    run: async call => {
      const stands = (await rulesVersions(call.context.sql, call.args[0] ?? null)).find(one => one.until === null)
      const { rules, lateAfterHours } = stands?.rules ?? PLAIN_RULES
      const rows = rules.map((one, n) => [
        ...[`${n + 1}`, one.name, one.locations?.join(', ') ?? one.kinds?.join(', ') ?? 'all', one.maxKm === null ? '' : `${one.maxKm} km`],
        ...[
          one.maxPlaces === null ? '' : `${one.maxPlaces}`,
          one.noSplitBelow === null ? '' : `${one.noSplitBelow}`,
          one.shipToStore ? 'yes' : 'no',
          Object.entries(one.worth)
            .map(([by, money]) => `${by} ${money}`)
            .join(', '),
        ],
      ])
      const head =
        stands === undefined
          ? 'Nobody has written rules; these hold.'
          : `Version ${stands.version} by ${stands.actor}, since ${shownAt(stands.since)}.`
      call.answer(
        { version: stands?.version ?? null, rules, lateAfterHours },
        `${head}\n${table([['', 'rule', 'locations', 'within', 'most places', 'not split below', 'ships to store', 'worth'], ...rows])}`,
      )
      return 0
    },
  },
  {
    name: 'routing set',
    usage: 'FILE [CHANNEL]',
    summary: 'Write the rules as a new version: a JSON file as `routing rules --json` prints it',
    details: 'The version in the file is the one that was read; who changed the rules meanwhile is not overwritten.',
    examples: ['routing set rules.json', 'routing set rules.json shop'],
    takes: [1, 2],
    database: 'migrated',
    run: async call => {
      const [path = '', channel = null] = call.args
      const read = await jsonOf(path)
      if (typeof read !== 'object' || read === null) throw wrongUsage(`${path} holds no object`)
      const { version = null, ...rules } = read as { version?: unknown }
      if (version !== null && !Number.isInteger(version)) throw wrongUsage(`version in ${path} is no whole number`)
      const made = await setRules(call.context, ownKey(), channel, version === null ? null : Number(version), rules)
      call.answer({ version: made }, `The rules hold as version ${made}.`)
      return 0
    },
  },
  {
    name: 'routing why',
    usage: 'ORDER',
    summary: 'Why an order (by its number here) is handed over where it is: candidates, what they would have cost, why they lost',
    examples: ['routing why 4711'],
    takes: [1, 1],
    database: 'migrated',
    run: async call => {
      const id = Number(call.args[0])
      if (!Number.isSafeInteger(id) || id < 1) throw wrongUsage(`"${call.args[0]}" is no number of an order`)
      const decisions = await decisionsOf(call.context.sql, id)
      const told = decisions.map(one => {
        const body = one.body as { attempts?: readonly Attempt[]; only?: string }
        const rows = (body.attempts ?? []).flatMap(attempt =>
          attempt.candidates.map(found => [
            ...[
              attempt.rule,
              found.place,
              found.chosen && attempt.decided ? 'chosen' : (found.out ?? found.lost ?? ''),
              found.detail ?? '',
            ],
            ...[
              found.cost === undefined ? '' : found.cost.toFixed(2),
              found.has === undefined ? '' : `${found.has}`,
              shownAt(found.readyBy ?? null) ?? '',
            ],
          ]),
        )
        const head = `${shownAt(one.at)}: ${one.outcome} by ${one.actor}${body.only === undefined ? '' : `, to ${body.only}: the channel sells from nowhere else`}`
        return rows.length === 0 ? head : `${head}\n${table([['rule', 'location', 'outcome', '', 'cost', 'has', 'ready by'], ...rows])}`
      })
      call.answer(decisions, told.length === 0 ? 'Nothing was decided about it yet.' : told.join('\n\n'))
      return 0
    },
  },
  whatIfCommand,
]

function servicesOf(option: (name: string) => string | undefined): ServicesStated {
  const whole = (name: string): number | null | undefined => {
    const stated = option(name)
    if (stated === undefined) return undefined
    if (stated === 'none') return null
    if (!/^\d{1,6}$/.test(stated)) throw wrongUsage(`--${name} is a whole number`)
    return Number(stated)
  }
  const yes = (name: string): boolean | undefined => {
    const stated = option(name)
    if (stated !== undefined && stated !== 'yes' && stated !== 'no') throw wrongUsage(`--${name} is yes or no`)
    return stated === undefined ? undefined : stated === 'yes'
  }
  const [at, cutOff, lead] = [option('at'), option('cut-off'), whole('lead')]
  const [latitude, longitude] = (at ?? '0,0').split(',').map(Number)
  if (latitude === undefined || longitude === undefined || !(Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180))
    throw wrongUsage('--at is LAT,LON such as 52.52,13.40')
  if (cutOff !== undefined && !/^([01]\d|2[0-3]):[0-5]\d$/.test(cutOff)) throw wrongUsage('--cut-off is a time such as 15:00')
  const days = (name: string): string[] | undefined => {
    const stated = option(name)
      ?.split(',')
      .filter(day => day !== '')
    if (stated?.some(day => !/^\d{4}-\d{2}-\d{2}$/.test(day) || Number.isNaN(Date.parse(day))))
      throw wrongUsage(`--${name} are days such as 2026-12-25,2026-12-26`)
    return stated
  }
  const classes = (name: string): string[] | null | undefined => {
    const stated = option(name)
    if (stated === undefined || stated === 'all') return stated === undefined ? undefined : null
    const named = stated === 'none' ? [] : stated.split(',')
    if (!named.every(isHazard)) throw wrongUsage(`--${name} are classes of dangerous goods (${HAZARDS.join(', ')}), all, or none`)
    return named
  }
  const holidaysOf = option('holidays-of')
  const stated = {
    ...(at === undefined ? {} : { latitude, longitude }),
    ...{
      cutOff,
      holidays: days('closed'),
      leadMinutes: lead ?? undefined,
      ordersPerDay: whole('orders-per-day'),
      unitsPerDay: whole('units-per-day'),
    },
    ...{ collects: yes('collects'), ships: yes('ships'), openDays: days('open-on') },
    ...{ shipsHazards: classes('ships-hazards'), handsOverHazards: classes('hands-over-hazards') },
    ...(holidaysOf === undefined ? {} : { holidaysOf: holidaysOf === 'none' ? null : holidaysOf }),
  }
  return Object.fromEntries(Object.entries(stated).filter(([, value]) => value !== undefined))
}
