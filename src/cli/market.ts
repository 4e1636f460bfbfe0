import { createReadStream } from 'node:fs'
import { listMarketOffers } from '../../db/market-offers.ts'
import { listMarketSteps, listMarketStops } from '../../db/market-steps.ts'
import { withInstants } from '../domain/pricing/market-words.ts'
import { importMarketOffers, type MarketImported } from '../usecases/import-market.ts'
import { resumeMarket } from '../usecases/market-rules.ts'
import { refuseUnknown } from '../usecases/near-names.ts'
import { unitPrice } from '../values/money.ts'
import { type Call, type Command, type ExitCode, wrongUsage } from './command.ts'
import { counted } from './counted.ts'
import { delimiterOf, encodingOf, refuseNoFile } from './import-options.ts'
import { instantOf, shownAt } from './instants.ts'
import { firstOf, LIMIT } from './listed.ts'
import { AS, actingAs } from './price-list-words.ts'
import { ownKey } from './stock.ts'
import { progressOn, table } from './terminal.ts'

const text = { type: 'string' } as const
const LISTED_MOST = 1_000

/** `market import`, `market offers`, `market steps`, `market stops`, `market resume`. */
export const marketCommands: readonly Command[] = [
  {
    name: 'market import',
    usage: 'FILE|- [--competitor NAME] [--currency EUR] [--seen-at INSTANT] [--dry-run] [--encoding NAME] [--delimiter CHAR]',
    summary: "Bring competitors' prices in: sku, amount, and where they are wanted competitor, channel, currency, shipping, seen_at",
    details: `What was seen last stands: an older seen_at never replaces a newer. The amount "none" says that it is offered no more. What the options say holds for
rows that do not say it themselves. Rows that cannot be are told by row and column and left out; the others come in. The same file twice changes nothing.`,
    examples: ['market import offers.csv --currency EUR', 'market import - --competitor acme --seen-at 2026-11-22T06:00:00Z < acme.csv'],
    options: {
      ...{ competitor: text, currency: text, 'seen-at': text, 'dry-run': { type: 'boolean' }, encoding: text, delimiter: text },
    },
    takes: [1, 1],
    database: 'migrated',
    isLong: true,
    run: bring,
  },
  {
    name: 'market offers',
    usage: '[--sku SKU] [--competitor NAME] [--channel CODE] [--past] [--limit N]',
    summary: 'What competitors ask; --past: also what they asked before',
    examples: ['market offers --sku MUG-BLUE-350', 'market offers --competitor acme --past'],
    options: { sku: text, competitor: text, channel: text, past: { type: 'boolean' }, ...LIMIT },
    takes: [0, 0],
    database: 'migrated',
    run: offers,
  },
  {
    name: 'market steps',
    usage: '[--sku SKU] [--rule CODE] [--list CODE] [--limit N]',
    summary: 'Steps that rules took, the newest first: from, to, which offer, and why',
    examples: ['market steps --sku MUG-BLUE-350'],
    options: { sku: text, rule: text, list: text, ...LIMIT },
    takes: [0, 0],
    database: 'migrated',
    run: steps,
  },
  {
    name: 'market stops',
    usage: '[--sku SKU] [--rule CODE] [--all] [--limit N]',
    summary: 'Where a rule stopped, because it and a competitor were chasing each other; --all: also those that go on',
    examples: ['market stops'],
    options: { sku: text, rule: text, all: { type: 'boolean' }, ...LIMIT },
    takes: [0, 0],
    database: 'migrated',
    run: stops,
  },
  {
    name: 'market resume',
    usage: 'RULE SKU [--why TEXT] [--as EMAIL] [--key KEY]',
    summary: 'Let a rule go on that stopped for a SKU',
    details: AS,
    examples: ['market resume mugs MUG-BLUE-350 --why "spoken with them"'],
    options: { why: text, as: text, key: text },
    takes: [2, 2],
    database: 'migrated',
    run: resume,
  },
]

async function bring(call: Call): Promise<ExitCode> {
  const [path = ''] = call.args
  if (path !== '-') await refuseNoFile(path)
  const seenAt = instantOf(call, 'seen-at')
  const progress = progressOn(call.terminal)
  const done = await importMarketOffers(
    call.context,
    {
      source: () => (path === '-' ? bytesOf(call.terminal.in) : createReadStream(path)),
      encoding: encodingOf(call),
      delimiter: delimiterOf(call),
      competitor: call.text('competitor') ?? null,
      currency: call.text('currency') ?? null,
      seenAt: seenAt === undefined ? null : new Date(seenAt),
      dryRun: call.flag('dry-run'),
    },
    rows => progress.at('read', rows, null),
  ).finally(progress.end)
  call.answer(done, importedText(done, call.flag('dry-run')))
  return done.wrong === 0 ? 0 : 1
}

function importedText({ rows, wrong, errors, ...counts }: MarketImported, isDry: boolean): string {
  const became = `${counts.new} new, ${counts.changed} changed, ${counts.unchanged} unchanged, ${counts.older} seen earlier than what stands`
  const words = isDry
    ? `${counted(rows, 'row')} read, nothing taken in, ${wrong} wrong`
    : `${counted(rows, 'row')} read: ${became}, ${wrong} left out`
  if (errors.length === 0) return words
  const told = errors.map(({ row, column, value, expected }) => [row, column, value, expected])
  const more = wrong > errors.length ? `\n… and ${wrong - errors.length} more` : ''
  return `${words}\n\n${table([['row', 'column', 'value', 'expected'], ...told])}${more}`
}

async function* bytesOf(input: AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
  for await (const piece of input) yield piece instanceof Uint8Array ? piece : Buffer.from(String(piece))
}

async function offers(call: Call): Promise<ExitCode> {
  const filter = { sku: call.text('sku'), competitor: call.text('competitor'), channel: call.text('channel'), past: call.flag('past') }
  await refuseUnknown(call.context, { sku: filter.sku, channel: filter.channel })
  const { rows, more } = await firstOf(call, LISTED_MOST, limit => listMarketOffers(call.context.sql, filter, 0, limit))
  const lines = rows.map(row => [
    ...[row.sku, row.competitor, row.channel ?? 'any', row.amount === null ? 'offered no more' : `${row.amount} ${row.currency}`],
    ...[shownAt(row.firstSeenAt), shownAt(row.seenAt), row.until === null ? 'stands' : 'past'],
  ])
  const head = ['SKU', 'competitor', 'channel', 'asks', 'first seen', 'last seen', '']
  call.answer(rows, rows.length === 0 ? 'No offers.' : table([head, ...lines]) + more)
  return 0
}

const priceOf = (amount: string | null, currency: string): string | null =>
  amount === null ? null : `${unitPrice(amount, currency)} ${currency}`

async function steps(call: Call): Promise<ExitCode> {
  const filter = { sku: call.text('sku'), rule: call.text('rule'), list: call.text('list') }
  await refuseUnknown(call.context, { sku: filter.sku })
  const { rows, more } = await firstOf(call, LISTED_MOST, limit => listMarketSteps(call.context.sql, filter, null, limit))
  const lines = rows.map(row => [
    shownAt(row.at),
    row.sku,
    row.list,
    row.rule,
    priceOf(row.from, row.currency),
    priceOf(row.to, row.currency),
    withInstants(row.why, at => shownAt(at)),
  ])
  call.answer(rows, rows.length === 0 ? 'No steps.' : table([['at', 'SKU', 'list', 'rule', 'from', 'to', 'why'], ...lines]) + more)
  return 0
}

async function stops(call: Call): Promise<ExitCode> {
  const filter = { sku: call.text('sku'), rule: call.text('rule'), resumed: call.flag('all') }
  await refuseUnknown(call.context, { sku: filter.sku })
  const { rows, more } = await firstOf(call, LISTED_MOST, limit => listMarketStops(call.context.sql, filter, null, limit))
  const lines = rows.map(row => [
    ...[shownAt(row.at), row.rule, row.sku, row.competitor, priceOf(row.why.price, row.why.currency)],
    ...[
      row.resumedAt === null ? 'stopped' : `resumed ${shownAt(row.resumedAt)} by ${row.resumedBy}`,
      withInstants(row.why.words, at => shownAt(at)),
    ],
  ])
  const head = ['at', 'rule', 'SKU', 'competitor', 'price', 'state', 'why']
  call.answer(rows, rows.length === 0 ? 'No rule is stopped.' : table([head, ...lines]) + more)
  return 0
}

async function resume(call: Call): Promise<ExitCode> {
  const [rule, sku] = call.args
  if (rule === undefined || sku === undefined) throw wrongUsage('which rule, and for which SKU?')
  const { context } = await actingAs(call, 'prices:write')
  const done = await resumeMarket(context, call.text('key') ?? ownKey(), rule, sku, call.text('why'))
  call.answer({ rule, sku, ...done }, `${rule} goes on for ${sku}.`)
  return 0
}
