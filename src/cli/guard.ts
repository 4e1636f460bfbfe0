import { type GuardLimits, listQuarantineItems, listQuarantines, type QuarantineRow } from '../../db/guard.ts'
import { listImports } from '../../db/import-list.ts'
import { percentText, priceChange } from '../domain/pricing/change.ts'
import {
  decideQuarantine,
  type GuardChange,
  type QuarantineShown,
  scopeToDecide,
  setGuardLimits,
  showGuardLimits,
  showQuarantine,
} from '../usecases/guard.ts'
import { type Call, type Command, type ExitCode, wrongUsage } from './command.ts'
import { waitingFileText } from './import-list.ts'
import { shownAt } from './instants.ts'
import { AS, actingAs } from './price-list-words.ts'
import { ownKey } from './stock.ts'
import { table } from './terminal.ts'
import { valueText } from './value-text.ts'

const text = { type: 'string' } as const

/** Values of an incident that are shown at once. */
const ITEMS = 100

/** `guard limits`, `guard list`, `guard show`, `guard approve`, `guard reject`. */
export const guardCommands: readonly Command[] = [
  {
    name: 'guard limits',
    usage:
      'CHANNEL [--changed PERCENT|off] [--at-least LISTINGS] [--within MINUTES] [--drop PERCENT|off] [--zero LISTINGS|off] [--zero-percent PERCENT] [--release MINUTES]',
    summary: "Set a channel's limits of the guard, or turn some off; without options, show them",
    details: `What goes beyond is held until somebody approves or rejects it: prices that change of more than --changed percent of the listings (and of --at-least so many)
within the window; a price that falls by more than --drop percent; stock that goes to zero for more than --zero listings and --zero-percent of them, which
goes out by itself after --release minutes.`,
    examples: ['guard limits shop', 'guard limits shop --changed 30 --at-least 200 --dry-run', 'guard limits shop --drop off'],
    options: { changed: text, 'at-least': text, within: text, drop: text, zero: text, 'zero-percent': text, release: text },
    takes: [1, 1],
    database: 'migrated',
    run: limits,
  },
  {
    name: 'guard list',
    usage: '[--channel CODE] [--all]',
    summary: 'What the guard holds back and waits for a decision, price files too; --all: also what was decided',
    examples: ['guard list', 'guard list --all --channel shop'],
    options: { channel: text, all: { type: 'boolean' } },
    takes: [0, 0],
    database: 'migrated',
    run: list,
  },
  {
    name: 'guard show',
    usage: 'ID [--after NUMBER]',
    summary: 'An incident with what it holds: the value before and the value that waits, a hundred at a time',
    examples: ['guard show 12'],
    options: { after: text },
    takes: [1, 1],
    database: 'migrated',
    run: show,
  },
  decisionCommand('approve', 'Let out exactly the values that an incident holds'),
  decisionCommand('reject', 'Keep the values of an incident back until the books say something else'),
]

function decisionCommand(verb: 'approve' | 'reject', summary: string): Command {
  return {
    name: `guard ${verb}`,
    usage: 'ID [--revision NUMBER] [--note TEXT] [--as EMAIL] [--key KEY]',
    summary,
    details: `With --revision (from "guard show") it is refused when something has joined the incident since.\n${AS}`,
    examples: [`guard ${verb} 12 --revision 3 --note "the summer list"`],
    options: { revision: text, note: text, as: text, key: text },
    takes: [1, 1],
    database: 'migrated',
    isLong: true,
    run: async call => {
      const [revision, note] = [call.text('revision'), call.text('note')]
      const decision = {
        decision: verb,
        ...(revision === undefined ? {} : { revision: whole('revision', revision) }),
        ...(note === undefined ? {} : { note }),
      }
      const id = idOf(call)
      const { field } = await showQuarantine(call.context, id)
      // Whoever has the database in hand may decide, unless they do it in somebody's name.
      const { context } = await actingAs(call, scopeToDecide(field))
      const done = await decideQuarantine(context, call.text('key') ?? ownKey(), id, decision, () => true)
      call.answer(done, [incidentText(done), ...windowLines(done)].join('\n'))
      return 0
    },
  }
}

async function limits(call: Call): Promise<ExitCode> {
  const [channel = ''] = call.args
  const change = changeOf(call)
  // Tried without a change, they say what those of now do.
  const isShown = Object.keys(change).length === 0 && !call.flag('dry-run')
  const row = isShown ? await showGuardLimits(call.context, channel) : await setGuardLimits(call.context, ownKey(), channel, change)
  call.answer(row, limitsText(row))
  return 0
}

function changeOf(call: Call): GuardChange {
  const orOff = (name: string): string | null | undefined => (call.text(name) === 'off' ? null : call.text(name))
  const number = (name: string): number | undefined => {
    const given = call.text(name)
    return given === undefined ? undefined : whole(name, given)
  }
  const zero = orOff('zero')
  const all: GuardChange = {
    changedPercent: orOff('changed'),
    changedLeast: number('at-least'),
    windowMinutes: number('within'),
    dropPercent: orOff('drop'),
    zeroListings: typeof zero === 'string' ? whole('zero', zero) : zero,
    zeroPercent: call.text('zero-percent'),
    releaseMinutes: number('release'),
  }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}

function limitsText(row: GuardLimits): string {
  const off = 'off'
  return [
    `${row.channel}: what goes beyond is held until somebody decides`,
    `prices change: ${row.changedPercent === null ? off : `more than ${row.changedPercent} % of the listings and at least ${row.changedLeast} within ${row.windowMinutes} minutes`}`,
    `a price falls: ${row.dropPercent === null ? off : `by more than ${row.dropPercent} %`}`,
    `stock to zero: ${row.zeroListings === null ? off : `more than ${row.zeroListings} listings and ${row.zeroPercent} % of them within ${row.windowMinutes} minutes; goes out by itself after ${row.releaseMinutes}`}`,
  ].join('\n')
}

async function list(call: Call): Promise<ExitCode> {
  const rows = await listQuarantines(
    call.context.sql,
    { channel: call.text('channel'), ...(call.flag('all') ? {} : { open: true }) },
    null,
    200,
  )
  // A file that waits has no channel of its own.
  const files = await listImports(call.context.sql, { kinds: ['prices'], state: 'waiting' }, null, 200)
  const channel = call.text('channel')
  const waiting = files.filter(file => channel === undefined || file.beyond.includes(channel))
  const lines = [...rows.map(incidentText), ...waiting.map(waitingFileText)]
  const data = [...rows, ...waiting.map(({ id, ...file }) => ({ import: id, ...file }))]
  call.answer(data, lines.length === 0 ? 'The guard holds nothing back.' : lines.join('\n'))
  return 0
}

async function show(call: Call): Promise<ExitCode> {
  const incident = await showQuarantine(call.context, idOf(call))
  const after = call.text('after')
  const found = await listQuarantineItems(
    call.context.sql,
    incident.id,
    incident.held > 0,
    after === undefined ? 0 : whole('after', after),
    ITEMS + 1,
  )
  const items = found.slice(0, ITEMS)
  const last = found.length > ITEMS ? items.at(-1) : undefined
  const rows = items.map(item => [
    item.externalId,
    item.sku,
    item.limit,
    valueText(item.before),
    valueText(item.value),
    incident.field === 'price' ? percentText(priceChange(item.before, item.value)) : '',
    item.leftHow ?? 'held',
  ])
  call.answer(
    { ...incident, items },
    [
      incidentText(incident),
      ...windowLines(incident),
      '',
      table([['listing', 'SKU', 'limit', 'before', 'then', 'change', ''], ...rows]),
      ...(last === undefined ? [] : [`"concord guard show ${incident.id} --after ${last.listingId}" shows more.`]),
    ].join('\n'),
  )
  return 0
}

/** What an approval makes, or made, of the window; nothing where it leaves it as it is. */
function windowLines({ decision, decidedAt, field, window }: QuarantineShown): string[] {
  const { restarts, allowed, listings, minutes, moved, begins } = window
  if (!restarts || allowed === null || (decision !== null && decision !== 'rejected' && decision !== 'approved')) return []
  const may = `${allowed} of ${listings} listings may ${field === 'price' ? 'change price' : 'go to zero'} within ${minutes} minutes`
  if (decision !== 'approved') return [`Approved, its window counts anew from then on: ${may}. Since ${shownAt(begins)}, ${moved} did.`]
  // Another one was approved since, or it is long ago.
  return begins.getTime() === decidedAt?.getTime() ? [`The window counts anew from this approval on: ${may}, ${moved} did since.`] : []
}

function incidentText(row: QuarantineRow): string {
  const end = row.decision === null ? 'waits for a decision' : `${row.decision} by ${row.decidedBy} at ${shownAt(row.decidedAt)}`
  const moved =
    row.why.limit === 'dropped'
      ? ''
      : `: ${String(row.why.allowed)} may within ${String(row.why.windowMinutes)} minutes, ${String(row.why.moved)} already did`
  return `incident ${row.id}, ${row.channel} ${row.field}: ${row.held} held of ${row.joined} (${String(row.why.limit)}${moved}), revision ${row.revision}, since ${shownAt(row.openedAt)}; ${end}`
}

const idOf = (call: Call): number => whole('id', call.args[0] ?? '')

function whole(name: string, given: string): number {
  if (!/^\d{1,9}$/.test(given)) throw wrongUsage(`${name} ${given} is no whole number`)
  return Number(given)
}
