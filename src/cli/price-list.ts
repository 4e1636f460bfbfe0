import type { PriceListEvent } from '../../db/price-list-history.ts'
import type { PriceListFilter, PriceListRow, PriceListTerms } from '../../db/price-lists.ts'
import { historyOfPriceList } from '../usecases/price-entries.ts'
import { beatenWords, dearerWords, gapWords } from '../usecases/price-list-warnings.ts'
import {
  audienceOf,
  audienceWord,
  findPriceLists,
  type PriceListShown,
  type PriceListStated,
  setPriceList,
  showPriceList,
} from '../usecases/price-lists.ts'
import { type Call, type Command, type ExitCode, wrongUsage } from './command.ts'
import { forecastLines } from './forecast-lines.ts'
import { momentOf, shownAt } from './instants.ts'
import { entriesTable, shownEntries } from './price-list-entries.ts'
import { AS, actingAs, text } from './price-list-words.ts'
import { ownKey } from './stock.ts'
import { table } from './terminal.ts'

const LISTED_MOST = 1000
const STATES = ['draft', 'approved', 'live', 'ended'] as const

/** `price-list set|list|show|history`. */
export const priceListCommands: readonly Command[] = [
  {
    name: 'price-list set',
    usage:
      'LIST [--title TEXT] [--currency EUR] [--audience everyone|KIND:CODE] [--kind price|sale] [--from TIME|none] [--to TIME|none] [--zone ZONE] [--accept-window] [--priority NUMBER] [--tax included|excluded|as-shown] [--four-eyes|--no-four-eyes] [--why TEXT] [--as EMAIL] [--key KEY]',
    summary: 'Make a price list, or change its terms; what is not given stays',
    details: `A new list needs a currency, and is a draft until it is approved. Audiences: everyone, region:CODE, group:CODE, channel:CODE, tier:CODE,
partner:CODE; the closest to the buyer wins, then the highest priority. A list of kind sale is shown as a reduction. With --four-eyes nobody
approves what they wrote, and what is changed later waits for approval. --tax: whether its prices are with tax; as-shown: as each channel shows
them. A day begins at its midnight in the zone of the channel that the list is for, or of --zone; instants with their zone are taken too. Where
a channel cannot show all of an approved list within a second of its beginning or end, the forecast is told: --accept-window takes it.
${AS}`,
    examples: [
      'price-list set summer --title "Summer sale" --currency EUR --audience channel:shop --kind sale --from 2026-12-01 --to 2026-12-08 --priority 5 --four-eyes',
      'price-list set summer --to 2026-12-10',
    ],
    options: {
      ...{
        title: text,
        currency: text,
        audience: text,
        kind: text,
        from: text,
        to: text,
        zone: text,
        priority: text,
        tax: text,
        why: text,
        as: text,
        key: text,
      },
      ...{ 'accept-window': { type: 'boolean' }, 'four-eyes': { type: 'boolean' }, 'no-four-eyes': { type: 'boolean' } },
    },
    takes: [1, 1],
    database: 'migrated',
    run: set,
  },
  {
    name: 'price-list list',
    usage: '[--state draft|approved|live|ended] [--kind price|sale] [--audience everyone|KIND[:CODE]] [--waiting]',
    summary: 'Price lists; with --waiting those on which something waits for approval',
    examples: ['price-list list', 'price-list list --waiting', 'price-list list --audience channel:shop --state live'],
    options: { state: text, kind: text, audience: text, waiting: { type: 'boolean' } },
    takes: [0, 0],
    database: 'migrated',
    run: list,
  },
  {
    name: 'price-list show',
    usage: 'LIST [--of SKU|HANDLE|CATEGORY] [--waiting]',
    summary: 'A price list: its terms, what waits, what it overlaps with, and what it asks',
    details: 'With --of only what is said of one SKU, product or category; with --waiting only what waits for approval.',
    examples: ['price-list show summer', 'price-list show summer --waiting', 'price-list show summer --of TEA-GREEN'],
    options: { of: text, waiting: { type: 'boolean' } },
    takes: [1, 1],
    database: 'migrated',
    run: show,
  },
  {
    name: 'price-list history',
    usage: 'LIST [--sku SKU]',
    summary: 'Who changed a price list or its prices, when, from what to what, and why',
    examples: ['price-list history summer', 'price-list history summer --sku TEA-GREEN'],
    options: { sku: text },
    takes: [1, 1],
    database: 'migrated',
    run: history,
  },
]

async function set(call: Call): Promise<ExitCode> {
  const [code = ''] = call.args
  if (!/^[a-z0-9][a-z0-9-]{0,39}$/.test(code)) throw wrongUsage(`"${code}" is no code: small letters, digits and hyphens, at most 40`)
  const { context } = await actingAs(call, 'prices:write')
  const how = { why: call.text('why'), zone: call.text('zone'), acceptWindow: call.flag('accept-window') }
  const done = await setPriceList(context, call.text('key') ?? ownKey(), code, termsOf(call), how)
  const waits = done.waiting ? ' The change waits for approval.' : ''
  const words = done.made ? `${code} is made, as a draft.` : done.changed ? `${code} is changed.${waits}` : 'It was so already.'
  const { changed, made, waiting, forecast } = done
  call.answer(
    { changed, made, waiting, list: shown(done.list), forecast },
    [words, listText(done.list), ...forecastLines(forecast)].join('\n'),
  )
  return 0
}

function termsOf(call: Call): PriceListStated {
  const [kind, priority, tax, audience] = [call.text('kind'), call.text('priority'), call.text('tax'), call.text('audience')]
  if (call.flag('four-eyes') && call.flag('no-four-eyes')) throw wrongUsage('--four-eyes and --no-four-eyes go not together')
  if (priority !== undefined && !/^-?\d{1,7}$/.test(priority)) throw wrongUsage(`--priority ${priority} is no whole number`)
  if (tax !== undefined && !['included', 'excluded', 'as-shown'].includes(tax)) throw wrongUsage('--tax is included, excluded or as-shown')
  return {
    title: call.text('title'),
    currency: call.text('currency'),
    kind: kindOf(kind),
    audience: audience === undefined ? undefined : audienceOf(audience),
    priority: priority === undefined ? undefined : Number(priority),
    taxIncluded: tax === undefined ? undefined : tax === 'as-shown' ? null : tax === 'included',
    from: call.text('from') === 'none' ? null : momentOf(call, 'from'),
    to: call.text('to') === 'none' ? null : momentOf(call, 'to'),
    fourEyes: call.flag('four-eyes') ? true : call.flag('no-four-eyes') ? false : undefined,
  }
}

function kindOf(kind: string | undefined): 'price' | 'sale' | undefined {
  if (kind !== undefined && kind !== 'price' && kind !== 'sale') throw wrongUsage('--kind is price or sale')
  return kind
}

async function list(call: Call): Promise<ExitCode> {
  const [state, audience] = [call.text('state'), call.text('audience')]
  if (state !== undefined && !STATES.some(one => one === state)) throw wrongUsage(`--state is one of ${STATES.join(', ')}`)
  const filter: PriceListFilter = {
    state: STATES.find(one => one === state),
    kind: kindOf(call.text('kind')),
    audience: audience === undefined ? undefined : audienceOf(audience),
    waiting: call.flag('waiting'),
  }
  const rows = await findPriceLists(call.context, filter, 0, LISTED_MOST)
  const lines = rows.map(row => [
    ...[row.code, row.terms.title, row.terms.kind, row.state, audienceWord(row.terms.audience), row.terms.currency, row.terms.priority],
    ...[shownAt(row.terms.from), shownAt(row.terms.to), row.entries, waitingOf(row)],
  ])
  const head = ['list', 'title', 'kind', 'state', 'for', 'currency', 'priority', 'from', 'to', 'entries', 'waiting']
  call.answer(
    rows.map(({ id: _, ...row }) => row),
    rows.length === 0
      ? Object.values(filter).some(one => one !== undefined && one !== false)
        ? 'No such price list.'
        : 'No price list yet: "concord help price-list set" tells how to make one.'
      : table([head, ...lines]),
  )
  return 0
}

const waitingOf = ({ waitingTerms, waitingEntries }: PriceListRow): string | null =>
  waitingTerms === null && waitingEntries === 0
    ? null
    : [...(waitingTerms === null ? [] : ['terms']), ...(waitingEntries === 0 ? [] : [waitingEntries])].join(' + ')

async function show(call: Call): Promise<ExitCode> {
  const [code = ''] = call.args
  const list = await showPriceList(call.context, code)
  const entries = await shownEntries(call, code, { of: call.text('of'), ...(call.flag('waiting') ? { waiting: true } : {}) })
  call.answer({ ...shown(list), items: entries }, `${listText(list)}\n${entriesTable(entries, list.terms.currency)}`)
  return 0
}

/** A list in words, with what to do next where something waits or is hardly meant. */
export function listText(list: PriceListShown): string {
  const { code, state, terms, waitingTerms, waitingEntries, version, overlaps, gaps, beaten, dearer } = list
  const waits = waitingTerms !== null || waitingEntries > 0
  return [
    `${code} (${state}${terms.fourEyes ? ', four eyes' : ''}): ${termsText(terms)}`,
    ...(waitingTerms === null ? [] : [`waits for approval: ${termsText(waitingTerms)}`]),
    ...(waitingEntries === 0 ? [] : [`waits for approval: ${waitingEntries} ${waitingEntries === 1 ? 'entry' : 'entries'}`]),
    ...gaps.map(one => `Warning: ${gapWords(one)}`),
    ...beaten.map(one => `Warning: ${beatenWords(one)}`),
    ...(dearer === null ? [] : [`Warning: ${dearerWords(dearer, terms.currency)}`]),
    ...overlaps.map(
      one =>
        `Warning: ${one.list} (${one.state}) prices some of the same SKUs for the same buyers at the same time; there ${one.wins} holds. Give them different priorities.`,
    ),
    `version ${version}, by ${list.changedBy} at ${shownAt(list.changedAt)}${state === 'draft' || waits ? `; "concord price-list approve ${code} ${version}" puts it in force${terms.fourEyes ? ', by somebody else than who wrote it' : ''}` : ''}`,
  ].join('\n')
}

function termsText({ title, kind, currency, audience, priority, taxIncluded, from, to }: PriceListTerms): string {
  const tax = taxIncluded === null ? '' : taxIncluded ? ', with tax' : ', without tax'
  const period = from === null && to === null ? 'without a period' : `from ${shownAt(from) ?? 'ever'} to ${shownAt(to) ?? 'further notice'}`
  return `${title}; ${kind} in ${currency}${tax} for ${audienceWord(audience)}, priority ${priority}, ${period}`
}

async function history(call: Call): Promise<ExitCode> {
  const rows = await historyOfPriceList(call.context, call.args[0] ?? '', call.text('sku') ?? null, null, LISTED_MOST)
  const lines = rows.map(row => [shownAt(row.at), row.actor, ...whatOf(row), row.why])
  call.answer(
    rows.map(({ id: _, source: __, ...row }) => ({ ...row, at: new Date(row.at).toISOString() })),
    rows.length === 0 ? 'Nothing was ever said of it.' : table([['at', 'by', 'what', 'from', 'to', 'why'], ...lines]),
  )
  return 0
}

function whatOf({ act, entry, from, to, waiting, inForceFrom, approvedBy }: PriceListEvent): [string, string | null, string | null] {
  if (entry !== null) {
    const breaks = entry.minQuantity === 1 ? '' : ` from ${entry.minQuantity}`
    const state = !waiting ? '' : inForceFrom === null ? ' (not approved)' : ` (approved by ${approvedBy})`
    return [`${entry.of ?? 'all'}${breaks}${state}`, ruleOf(from), ruleOf(to)]
  }
  // Only what differs.
  const keys = TERMS.filter(key => to !== null && JSON.stringify(from?.[key] ?? null) !== JSON.stringify(to[key] ?? null))
  const told = (terms: PriceListEvent['from']) =>
    terms === null ? null : keys.map(key => `${WORDS[key] ?? key} ${worded(terms[key])}`).join(', ')
  return [`${act}${waiting ? ' (waits)' : ''}`, keys.length === 0 ? null : told(from), keys.length === 0 ? null : told(to)]
}

/** Terms in the order in which they are told; what is called otherwise on the command line. */
const TERMS = ['title', 'kind', 'currency', 'taxIncluded', 'audience', 'priority', 'from', 'to', 'fourEyes'] as const
const WORDS: Readonly<Partial<Record<(typeof TERMS)[number], string>>> = {
  audience: 'for',
  taxIncluded: 'tax included',
  fourEyes: 'four eyes',
}

function ruleOf(entry: PriceListEvent['from']): string | null {
  if (entry === null) return null
  const { rule, over, baseList, value } = entry
  return [rule, value, over === null ? null : `over ${over === 'list' ? `list:${String(baseList)}` : String(over)}`]
    .filter(one => one !== null)
    .join(' ')
}

function worded(value: unknown): string {
  if (value === null || value === undefined) return 'none'
  if (typeof value === 'object' && 'kind' in value && 'code' in value)
    return value.code === null ? String(value.kind) : `${String(value.kind)}:${String(value.code)}`
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  return typeof value === 'string' && INSTANT.test(value) ? shownAt(value) : String(value)
}

const INSTANT = /^\d{4}-\d{2}-\d{2}T/

const shown = ({ id: _, ...list }: PriceListShown) => list
