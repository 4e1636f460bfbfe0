import type { ForceRow } from '../../db/force.ts'
import { explainPush } from '../usecases/explain-push.ts'
import { explainPushText, valueWords } from '../usecases/explain-push-text.ts'
import { type FieldStands, forcePush, type Selection, STANDS } from '../usecases/force.ts'
import { type FieldShown, type PublishingShown, readPublishing, showPublishing } from '../usecases/publishing.ts'
import { type Call, type Command, type ExitCode, wrongUsage } from './command.ts'
import { counted } from './counted.ts'
import { dayOf, shownAt } from './instants.ts'
import { firstOf, LIMIT } from './listed.ts'
import { AS, actingAs, text } from './price-list-words.ts'
import { ownKey } from './stock.ts'
import { table } from './terminal.ts'

const many = { type: 'string', multiple: true } as const

/** `publication list|force|explain`. */
export const publicationCommands: readonly Command[] = [
  {
    name: 'publication list',
    usage: 'CHANNEL [--state STATE] [--field stock|price] [--sku SKU] [--category NAME] [--limit N]',
    summary:
      'How far each value of a channel got, counts with the age of the oldest, calls left in the quota, and when the backlog is done',
    details: `States: intended (waits, or is only observed), sent, accepted (not read back yet), applied (read back), refused, drifting (the
platform shows something else than it took), quarantined (held by the guard). The quota is shared by all channels of the account.`,
    examples: ['publication list my-shop', 'publication list my-shop --state refused', 'publication list my-shop --sku TEA-GREEN --json'],
    options: { state: text, field: text, sku: text, category: text, ...LIMIT },
    takes: [1, 1],
    database: 'migrated',
    run: list,
  },
  {
    name: 'publication force',
    usage: 'CHANNEL [--sku SKU]… [--state STATE] [--field stock|price] [--category NAME] [--all] [--as EMAIL] [--key KEY]',
    summary: 'Send what the hub intends now, though the platform has it already; what was refused is tried again',
    details: `Narrowed by SKUs, a state ("publication list") or a category; --all: the whole channel. Guard, floors, instants and the order of danger hold
as ever. ${AS}`,
    examples: ['publication force my-shop --sku TEA-GREEN', 'publication force my-shop --state refused', 'publication force my-shop --all'],
    options: { sku: many, state: text, field: text, category: text, all: { type: 'boolean' }, as: text, key: text },
    takes: [1, 1],
    database: 'migrated',
    isLong: true,
    run: force,
  },
  {
    name: 'publication explain',
    usage: 'CHANNEL SKU [--field stock|price] [--at INSTANT]',
    summary: 'Why a value was sent there, when, based on which change and by whom; or why nothing was, now or at any past instant',
    details: 'Stock, unless told. A day means its first instant in UTC.',
    examples: ['publication explain my-shop TEA-GREEN', 'publication explain my-shop TEA-GREEN --field price --at 2026-11-20T10:00Z'],
    options: { field: text, at: text },
    takes: [2, 2],
    database: 'migrated',
    run: async call => {
      const [channel = '', sku = ''] = call.args
      const told = await explainPush(call.context, sku, channel, fieldOf(call) ?? 'stock', { at: dayOf(call, 'at') })
      call.answer(told, explainPushText(told, shownAt))
      return 0
    },
  },
]

async function list(call: Call): Promise<ExitCode> {
  const [channel = ''] = call.args
  const filter = { state: stateOf(call), field: fieldOf(call), sku: call.text('sku'), category: call.text('category') }
  const standing = await showPublishing(call.context, channel)
  const { rows, more } = await firstOf(call, 100, limit => readPublishing(call.context, channel, filter, [0, ''], limit))
  call.answer({ ...standing, items: rows }, `${standingText(standing)}\n\n${rows.length === 0 ? 'no field is so' : rowsText(rows) + more}`)
  return 0
}

async function force(call: Call): Promise<ExitCode> {
  const [channel = ''] = call.args
  const skus = call.texts('sku')
  const selection: Selection = {
    ...(skus.length === 0 ? {} : { skus }),
    ...{ state: stateOf(call), field: fieldOf(call), category: call.text('category') },
  }
  const isNarrowed = skus.length > 0 || selection.state !== undefined || selection.category !== undefined
  if (!isNarrowed && !call.flag('all')) throw wrongUsage('say which: --sku, --state or --category; or --all for the whole channel')
  const { context } = await actingAs(call, 'channels:write')
  const done = await forcePush(context, call.text('key') ?? ownKey(), channel, selection)
  call.answer(done, forcedText(done))
  return 0
}

function forcedText({ channel, forced, again, underWay, held, endedAt }: ForceRow): string {
  return [
    `${channel}: ${forced} fields wait to be sent now${again > 0 ? `, ${again} of them had been refused` : ''}`,
    ...(endedAt === null ? ['so far: the hub goes on with the rest; the same command with the same --key tells how far it is'] : []),
    ...(underWay > 0 ? [`${underWay} are under way already`] : []),
    ...(held > 0
      ? [`${held} are held and do not go: "concord publication list ${channel} --state quarantined", "concord drift list --held"`]
      : []),
  ].join('\n')
}

function standingText(one: PublishingShown): string {
  const { quota, backlog, feed } = one
  const age = (at: Date | null): string => (at === null ? '' : `, the oldest since ${shownAt(at)}`)
  const waits = {
    channel: 'the channel is paused',
    account: 'its account is paused',
    hub: 'no running hub holds the account',
  }
  return [
    `${one.channel}: stock ${one.publishStock ? 'published' : 'observed'}, prices ${one.publishPrices ? 'published' : 'observed'}${one.paused ? ', paused' : ''}`,
    ...(one.accountState === 'active'
      ? []
      : [`account ${one.account} ${one.accountState} since ${shownAt(one.accountSince)}: ${one.accountReason ?? ''}`]),
    ...one.counts.map(row => `${row.field} ${row.stands}: ${row.count}${row.stands === 'applied' ? '' : age(row.oldest)}`),
    quota === null
      ? 'quota: not known of this platform'
      : quota.callsLeft === null
        ? `quota: nobody has told yet what is left; ${rate(quota.perSecond)} and ${quota.burst} at once by the platform's table`
        : `quota: ${quota.callsLeft} of ${Math.floor(quota.burst)} calls left, ${rate(quota.perSecond)} come back (${quota.operation}, told ${shownAt(quota.toldAt)})`,
    backlog.accountFields === 0
      ? 'backlog: nothing waits'
      : `backlog: ${backlog.fields} fields, ${backlog.accountFields} of the whole account in ${backlog.calls} calls${
          backlog.doneAt === null
            ? backlog.waitsFor === null
              ? ''
              : `; ${waits[backlog.waitsFor]}`
            : `, done about ${shownAt(backlog.doneAt)}`
        }`,
    ...(feed === null
      ? []
      : feed.state === 'late'
        ? [`feed: under way since ${shownAt(feed.since)}, without a verdict for too long; its prices go one by one`]
        : [`feed: one feed of ${counted(feed.prices, 'price')} under way since ${shownAt(feed.since)}`]),
  ].join('\n')
}

const rate = (perSecond: number): string => `${Number(perSecond.toPrecision(3))} a second`

/** What is the same as intended is a `=`; what hinders a value, and what to do about it, stands in lines below it. */
function rowsText(rows: readonly FieldShown[]): string {
  const value = (one: FieldShown['intended']): string => (one === null ? '' : valueWords(one, shownAt))
  const beside = (row: FieldShown, one: FieldShown['intended']): string => {
    const [intended, there] = [value(row.intended), value(one)]
    return there !== '' && there === intended ? '=' : there
  }
  const lines = rows.map(row => [
    ...[row.sku, row.field, row.stands, shownAt(row.since), value(row.intended)],
    ...[beside(row, row.sent), beside(row, row.accepted), beside(row, row.applied)],
  ])
  const [head = '', ...shown] = table([['SKU', 'field', 'state', 'since', 'intended', 'sent', 'accepted', 'applied'], ...lines]).split('\n')
  const below = ({ reason, next }: FieldShown): string[] => [reason, next].flatMap(text => (text === null ? [] : [`    ${text}`]))
  return [head, ...rows.flatMap((row, at) => [shown[at] ?? '', ...below(row)])].join('\n')
}

function stateOf(call: Call): FieldStands | undefined {
  const given = call.text('state')
  const state = STANDS.find(one => one === given)
  if (given !== undefined && state === undefined) throw wrongUsage(`--state is one of ${STANDS.join(', ')}`)
  return state
}

function fieldOf(call: Call): 'stock' | 'price' | undefined {
  const given = call.text('field')
  if (given === undefined || given === 'stock' || given === 'price') return given
  throw wrongUsage('--field is stock or price')
}
