import { readFile } from 'node:fs/promises'
import type { PriceEntryFilter, PriceEntryRow } from '../../db/price-entries.ts'
import { priceListGaps, readPriceList } from '../../db/price-lists.ts'
import { ENTRIES_MOST, type EntryStated, findPriceEntries, setPriceEntries } from '../usecases/price-entries.ts'
import { gapWords } from '../usecases/price-list-warnings.ts'
import { Fault } from '../values/fault.ts'
import { unitPrice } from '../values/money.ts'
import { type Call, type Command, type ExitCode, wrongUsage } from './command.ts'
import { counted } from './counted.ts'
import { decimalOf } from './import-options.ts'
import { shownAt } from './instants.ts'
import { entriesOfFile, leaning } from './price-list-file.ts'
import { AS, actingAs, text } from './price-list-words.ts'
import { ownKey, wholeUnits } from './stock.ts'
import { readInput, table } from './terminal.ts'

const LISTED_MOST = 100_000
const SHOWN_MOST = 200
const said = { 'from-quantity': text, why: text, as: text, key: text }

/** `price-list price|rule|entries`. */
export const priceListEntryCommands: readonly Command[] = [
  {
    name: 'price-list price',
    usage: 'LIST SKU AMOUNT|none|remove [--from-quantity UNITS] [--why TEXT] [--as EMAIL] [--key KEY]',
    summary: 'Set the price of a SKU in a list',
    details: `none: the list has no price for it, whatever it says of its product or category. remove: nothing is said of it any more, what speaks less
closely holds. A price below a floor is refused.
${AS}`,
    examples: [
      'price-list price summer TEA-GREEN 9.90',
      'price-list price wholesale TEA-GREEN 7.20 --from-quantity 50',
      'price-list price summer TEA-GREEN remove',
    ],
    options: said,
    takes: [3, 3],
    database: 'migrated',
    run: async call => {
      const [, sku = '', word = ''] = call.args
      const rule = word === 'none' || word === 'remove' ? ({ rule: word } as const) : ({ rule: 'fixed', value: word } as const)
      return put(call, [{ sku, ...minQuantity(call), ...rule }], `${sku}${fromWords(call)}: ${word}`)
    },
  },
  {
    name: 'price-list rule',
    usage:
      'LIST --sku SKU|--product HANDLE|--category NAME|--all --percent NUMBER|--amount NUMBER|--margin PERCENT|--none|--remove [--over plain|cost|list:CODE] [--from-quantity UNITS] [--why TEXT] [--as EMAIL] [--key KEY]',
    summary: 'Set a rule of a list: so much more or less than plain prices, cost or another list',
    details: `--percent and --amount go over the plain price for everyone in the list's currency unless --over says otherwise; --margin, of the price, over
cost. What speaks most closely holds: SKU, product, category, all. Cost has no tax, plain prices are as the channel shows them, a list says its
own: where that is not the list's basis, tax is added or taken out first, by the rate of the channel's region.
${AS}`,
    examples: [
      'price-list rule summer --category Tea --percent -20 --over plain',
      'price-list rule wholesale --all --margin 25',
      'price-list rule vip --all --amount -0.50 --over list:wholesale',
    ],
    options: {
      ...{ ...said, sku: text, product: text, category: text, percent: text, amount: text, margin: text, over: text },
      ...{ all: { type: 'boolean' }, none: { type: 'boolean' }, remove: { type: 'boolean' } },
    },
    takes: [1, 1],
    database: 'migrated',
    run: async call => {
      const [sku, product, category, all] = [call.text('sku'), call.text('product'), call.text('category'), call.flag('all')]
      const goods = {
        ...(sku === undefined ? {} : { sku }),
        ...(product === undefined ? {} : { product }),
        ...(category === undefined ? {} : { category }),
      }
      if (Object.keys(goods).length + Number(all) !== 1)
        throw wrongUsage('exactly one of --sku, --product, --category and --all says what it is about')
      const entry: EntryStated = { ...goods, ...(all ? { all } : {}), ...minQuantity(call), ...ruleOf(call) }
      return put(
        call,
        [entry],
        `${sku ?? product ?? category ?? 'all'}${fromWords(call)}: ${ruleWords({ baseList: null, over: null, value: null, ...entry })}`,
      )
    },
  },
  {
    name: 'price-list entries',
    usage: 'LIST [--file FILE|-] [--decimal .|,] [--why TEXT] [--as EMAIL] [--key KEY]',
    summary: 'Set the entries of a list from a CSV file; without a file, list them',
    details: `Columns: one of sku, product, category (or all, with yes); from_quantity; and one of price, percent, amount, margin, or rule with none or
remove; over (plain, cost, list:CODE). Only what the file names is changed. Numbers have a decimal
point; --decimal "," reads 12,50 and refuses points. ${ENTRIES_MOST} rows go at once, all of them or none.
${AS}`,
    examples: ['price-list entries summer --file entries.csv', 'price-list entries summer --json'],
    options: { file: text, decimal: text, why: text, as: text, key: text },
    takes: [1, 1],
    database: 'migrated',
    isLong: true,
    run: entries,
  },
]

const minQuantity = (call: Call): Pick<EntryStated, 'minQuantity'> => {
  const units = call.text('from-quantity')
  return units === undefined ? {} : { minQuantity: wholeUnits(units, false) }
}
const fromWords = (call: Call): string => (call.text('from-quantity') === undefined ? '' : ` from ${call.text('from-quantity')}`)

function ruleOf(call: Call): Omit<EntryStated, 'sku'> {
  const numbers = (['percent', 'amount', 'margin'] as const).flatMap(rule => {
    const value = call.text(rule)
    return value === undefined ? [] : [{ rule, value }]
  })
  const words = (['none', 'remove'] as const).filter(word => call.flag(word))
  const [number] = numbers
  if (numbers.length + words.length !== 1)
    throw wrongUsage('exactly one of --percent, --amount, --margin, --none and --remove says the rule')
  if (words[0] !== undefined) return { rule: words[0] }
  if (number === undefined) throw wrongUsage('the rule is missing')
  return leaning(number.rule, number.value, call.text('over'))
}

async function put(call: Call, stated: readonly EntryStated[], words: string): Promise<ExitCode> {
  const [list = ''] = call.args
  const { context } = await actingAs(call, 'prices:write')
  const done = await setPriceEntries(context, call.text('key') ?? ownKey(), list, stated, call.text('why'))
  call.answer(
    { ...done, entries: stated },
    done.changed === 0
      ? 'It was so already.'
      : `${words}${await afterwards(call, list, done.waiting)}${await gapLines(call, list, stated)}`,
  )
  return 0
}

/** What is to be done before a change shows. */
async function afterwards(call: Call, list: string, waiting: boolean): Promise<string> {
  const row = await readPriceList(call.context.sql, list)
  const other = row?.terms.fourEyes ? ', by somebody else,' : ''
  if (row?.state === 'draft') return `\n${list} is a draft: "concord price-list approve ${list} ${row.version}"${other} puts it in force.`
  return waiting ? `\nIt waits for approval: "concord price-list approve ${list} ${row?.version ?? ''}", by somebody else.` : ''
}

/** Where a rule comes to nothing, as the tax between its list, what it leans on and a channel is not known: said when it is written. */
async function gapLines({ context }: Call, list: string, stated: readonly EntryStated[]): Promise<string> {
  if (!stated.some(({ rule }) => rule === 'percent' || rule === 'amount' || rule === 'margin')) return ''
  const gaps = await priceListGaps(context.sql, list)
  return gaps.map(one => `\nWarning: ${gapWords(one)}`).join('')
}

async function entries(call: Call): Promise<ExitCode> {
  const [list = ''] = call.args
  const file = call.text('file')
  if (file === undefined) {
    const rows = await shownEntries(call, list, {})
    const row = await readPriceList(call.context.sql, list)
    call.answer(rows, entriesTable(rows, row?.terms.currency ?? ''))
    return 0
  }
  const stated = entriesOfFile(file === '-' ? await readInput(call.terminal) : await readText(file), decimalOf(call))
  const { context } = await actingAs(call, 'prices:write')
  const key = call.text('key') ?? ownKey()
  let changed = 0
  let waiting = false
  for (let at = 0; at < stated.length; at += ENTRIES_MOST) {
    const done = await setPriceEntries(context, `${key}-${at}`, list, stated.slice(at, at + ENTRIES_MOST), call.text('why')).catch(
      (error: unknown) => {
        throw at > 0 && error instanceof Fault
          ? new Fault(
              error.code,
              `Rows from ${at + 1} on, counted from there: ${error.message} The ${at} rows before are set.`,
              error.detail,
            )
          : error
      },
    )
    changed += done.changed
    waiting ||= done.waiting
  }
  const words = `${counted(stated.length, 'entry', 'entries')} read, ${changed} changed.`
  call.answer({ rows: stated.length, changed, waiting }, `${words}${changed === 0 ? '' : await afterwards(call, list, waiting)}`)
  return 0
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new Fault('not_found', `--file: ${cause instanceof Error ? cause.message : String(cause)}`, { field: 'file' })
  }
}

/** Entries as they are told; `id` is left out. */
export async function shownEntries(call: Call, list: string, filter: PriceEntryFilter): Promise<Omit<PriceEntryRow, 'id'>[]> {
  const rows = await findPriceEntries(call.context, list, filter, 0, LISTED_MOST)
  return rows.map(({ id: _, ...row }) => row)
}

/** Entries under each other; on a terminal nobody reads more than so many. */
export function entriesTable(rows: readonly Omit<PriceEntryRow, 'id'>[], currency: string): string {
  if (rows.length === 0) return 'No entries.'
  const lines = rows
    .slice(0, SHOWN_MOST)
    .map(row => [
      row.of ?? 'all',
      row.scope === 'all' ? '' : row.scope === 'variant' ? 'sku' : row.scope,
      row.minQuantity,
      ruleWords(row, currency),
      row.since === null ? 'waits for approval' : `since ${shownAt(row.since)}`,
      row.actor,
      row.approvedBy,
      row.why,
    ])
  const more = rows.length > SHOWN_MOST ? `\n… and ${rows.length - SHOWN_MOST} more: --json tells all` : ''
  return `${table([['of', '', 'from', 'asks', 'state', 'by', 'approved by', 'why'], ...lines])}${more}`
}

function ruleWords(
  {
    rule,
    over,
    baseList,
    value,
  }: Pick<PriceEntryRow, 'rule'> & {
    readonly over?: string | null | undefined
    readonly baseList?: string | null | undefined
    readonly value?: string | null | undefined
  },
  currency = '',
): string {
  const base = over === 'list' ? `list ${baseList}` : over === 'plain' ? 'the plain price' : over
  switch (rule) {
    case 'fixed':
      return currency === '' ? String(value) : `${unitPrice(value ?? '0', currency)} ${currency}`
    case 'none':
      return 'no price here'
    case 'remove':
      return 'nothing any more'
    case 'margin':
      return `${value} % margin over ${base}`
    case 'percent':
      return `${signed(value)} % over ${base}`
    case 'amount':
      return currency === '' ? `${signed(value)} over ${base}` : `${signed(unitPrice(value ?? '0', currency))} ${currency} over ${base}`
  }
}

const signed = (value: string | null | undefined): string => (value?.startsWith('-') ? value : `+${value}`)
