import { type DriftRow, listDrifts } from '../../db/drift-list.ts'
import {
  askDriftCheck,
  type DriftShown,
  decideDrift,
  findDrift,
  scopeToTake,
  setDriftWinners,
  showDrift,
  type Winner,
} from '../usecases/drift.ts'
import { type Call, type Command, type ExitCode, wrongUsage } from './command.ts'
import { counted } from './counted.ts'
import { shownAt } from './instants.ts'
import { firstOf, LIMIT } from './listed.ts'
import { AS, actingAs, text } from './price-list-words.ts'
import { ownKey } from './stock.ts'
import { table } from './terminal.ts'

/** `channel drift`, `drift list`, `drift decide`. */
export const driftCommands: readonly Command[] = [
  {
    name: 'channel drift',
    usage: 'CODE [--now] [--stock hub|platform|ask] [--price hub|platform|ask] [--key KEY]',
    summary: "How a channel's drift stands: its checks, who wins, what is not proven; --now: look at the whole account",
    details: `A check looks at every listing of the account by the cheapest bulk read, out of calls that nobody else needs; by itself once a day.
A large Amazon account goes by Amazon's own reports where that ends sooner: what they do not confirm is looked at by name.
--stock and --price say who wins where the channel shows something else: the hub (its value goes out again), the platform (its value
becomes ours: a typed price, or units at a location that is its own), or ask ("drift list", "drift decide").`,
    examples: ['channel drift my-shop', 'channel drift my-shop --now', 'channel drift my-shop --price ask'],
    options: { now: { type: 'boolean' }, stock: text, price: text, key: text },
    takes: [1, 1],
    database: 'migrated',
    run: channel,
  },
  {
    name: 'drift list',
    usage: '[--channel CODE] [--held] [--all] [--limit N]',
    summary: 'What platforms show and should not, with the likely cause; --held: what waits for a decision; --all: also what ended',
    examples: ['drift list', 'drift list --held', 'drift list --all --channel my-shop'],
    options: { channel: text, held: { type: 'boolean' }, all: { type: 'boolean' }, ...LIMIT },
    takes: [0, 0],
    database: 'migrated',
    run: list,
  },
  {
    name: 'drift decide',
    usage: 'ID hub|platform|seen [--note TEXT] [--as EMAIL] [--key KEY]',
    summary: "Decide on a difference: our value goes out, or the platform's becomes ours; seen: of a listing that is gone or unknown",
    details: AS,
    examples: ['drift decide 12 hub', 'drift decide 12 platform --note "agreed with the shop"'],
    options: { note: text, as: text, key: text },
    takes: [2, 2],
    database: 'migrated',
    run: decide,
  },
]

async function channel(call: Call): Promise<ExitCode> {
  const [code = ''] = call.args
  const winners = { stock: winnerOf(call, 'stock'), price: winnerOf(call, 'price') }
  if (winners.stock !== undefined || winners.price !== undefined)
    await setDriftWinners(call.context, call.text('key') ?? ownKey(), code, winners, () => true)
  if (call.flag('now')) await askDriftCheck(call.context, code)
  const shown = await showDrift(call.context, code, call.wiring.platforms)
  call.answer(shown, standingText(shown))
  return 0
}

function winnerOf(call: Call, name: 'stock' | 'price'): Winner | undefined {
  const given = call.text(name)
  if (given === undefined || given === 'hub' || given === 'platform' || given === 'ask') return given
  throw wrongUsage(`--${name} is hub, platform or ask`)
}

async function list(call: Call): Promise<ExitCode> {
  const filter = {
    channel: call.text('channel'),
    ...(call.flag('all') ? {} : { open: true }),
    ...(call.flag('held') ? { state: 'held' as const } : {}),
  }
  const { rows, more } = await firstOf(call, 200, limit => listDrifts(call.context.sql, filter, null, limit))
  call.answer(rows, rows.length === 0 ? 'No difference: the platforms show what they should.' : listText(rows) + more)
  return 0
}

async function decide(call: Call): Promise<ExitCode> {
  const [given = '', winner = ''] = call.args
  if (!/^\d{1,15}$/.test(given)) throw wrongUsage(`${given} is no number of a difference ("drift list")`)
  if (winner !== 'hub' && winner !== 'platform' && winner !== 'seen') throw wrongUsage('decide for hub, platform or seen')
  const { field } = await findDrift(call.context, Number(given))
  // Whoever has the database in hand may decide, unless they do it in somebody's name.
  const { context } = await actingAs(call, winner === 'platform' ? scopeToTake(field) : 'channels:write')
  const done = await decideDrift(context, call.text('key') ?? ownKey(), Number(given), { winner, note: call.text('note') }, () => true)
  call.answer(done, listText([done]))
  return 0
}

function standingText(row: DriftShown): string {
  const { running, last } = row
  const proven = row.provenWithinMs === null ? '' : `, within ${Math.ceil(row.provenWithinMs / 1000)} s`
  return [
    `${row.channel}: ${row.open} differences are open, ${row.held} of them held for a decision; stock: ${won(row.stock)}, prices: ${won(row.price)}`,
    running === null
      ? 'no check runs'
      : `a check runs (asked by ${running.actor} at ${shownAt(running.askedAt)}): ${running.seen} of about ${counted(row.listings, 'listing')}, ${counted(running.calls, 'call')}${byReport(running)}, ${running.differs} differ`,
    last === null
      ? 'no check was made yet'
      : `last check ended ${shownAt(last.endedAt)}: ${counted(last.seen, 'listing')}, ${counted(last.calls, 'call')}${byReport(last)}, ${last.differs} differed`,
    `accepted and not proven yet: ${row.unproven}${row.unprovenSince === null ? '' : `, the oldest since ${shownAt(row.unprovenSince)}`}; each is proven or found lost${proven}`,
  ].join('\n')
}

const byReport = (check: { way: 'search' | 'report' }): string => (check.way === 'report' ? " by the platform's reports" : '')

const won = (winner: Winner): string => (winner === 'ask' ? 'a person is asked' : `the ${winner} wins`)

function listText(rows: readonly DriftRow[]): string {
  const lines = rows.map(row => [
    row.id,
    row.channel,
    row.sku,
    row.field,
    row.cause,
    valueText(row.believed),
    valueText(row.shown),
    shownAt(row.rightAt) ?? '',
    row.state,
    row.words ?? '',
  ])
  return table([['id', 'channel', 'SKU', 'field', 'cause', 'believed', 'shows', 'right until', 'state', ''], ...lines])
}

function valueText(value: DriftRow['shown']): string {
  if (value === null) return ''
  if (value.quantity !== undefined) return String(value.quantity)
  if (value.title !== undefined) return String(value.title)
  const sale = value.sale as { readonly amount: string } | null | undefined
  return `${String(value.regular)} ${String(value.currency)}${sale ? `, sale ${sale.amount}` : ''}`
}
