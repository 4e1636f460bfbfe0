import { listPriceLimits, type PriceLimitRow } from '../../db/price-limits.ts'
import { refuseUnknown } from '../usecases/near-names.ts'
import { type PriceLimitStated, setPriceLimits } from '../usecases/price-limits.ts'
import { type Call, type Command, type ExitCode, wrongUsage } from './command.ts'
import { shownAt } from './instants.ts'
import { movedLines } from './moved-lines.ts'
import { ownKey } from './stock.ts'
import { table } from './terminal.ts'

const text = { type: 'string' } as const
const LISTED_MOST = 1000

/** `price floor`, `price ceiling`, `price limits`. */
export const priceLimitCommands: readonly Command[] = [
  limitCommand('floor', 'Set the least that may be shown; a percentage is a margin over cost; none ends it', [
    'price floor 12.50 EUR --sku TEA-GREEN --basis map',
    'price floor 20% --category Tea --channel shop',
    'price floor none --sku TEA-GREEN --basis map',
  ]),
  limitCommand('ceiling', 'Set the most that may be shown; none ends it', ['price ceiling 19.90 EUR --product green-tea --basis legal']),
  {
    name: 'price limits',
    usage: '[--sku SKU] [--channel CODE] [--ended]',
    summary: 'Floors and ceilings: of all, of those that speak of a SKU, or that hold in a channel',
    examples: ['price limits --sku TEA-GREEN'],
    options: { sku: text, channel: text, ended: { type: 'boolean' } },
    takes: [0, 0],
    database: 'migrated',
    run: list,
  },
]

function limitCommand(kind: 'floor' | 'ceiling', summary: string, examples: readonly string[]): Command {
  const percent = kind === 'floor' ? 'AMOUNT CURRENCY|PERCENT%|none' : 'AMOUNT CURRENCY|none'
  return {
    name: `price ${kind}`,
    usage: `${percent} [--sku SKU|--product HANDLE|--category NAME] [--channel CODE] [--basis manual|map|legal${kind === 'floor' ? '|margin' : ''}] [--why TEXT] [--key KEY]`,
    summary,
    details:
      'For all goods unless a SKU, product or category is named, and in every channel unless one is. Amounts are as the channel shows prices. The answer tells for each channel how many prices move, and how many are held because a rate is missing; --dry-run tells it before.',
    examples,
    options: { sku: text, product: text, category: text, channel: text, basis: text, why: text, key: text },
    takes: [1, 2],
    database: 'migrated',
    run: call => set(call, kind),
  }
}

async function set(call: Call, kind: 'floor' | 'ceiling'): Promise<ExitCode> {
  const [amount = '', currency] = call.args
  const percent = /^(-?[\d.]+)%$/.exec(amount)?.[1]
  const basis = call.text('basis') ?? (percent === undefined ? 'manual' : 'margin')
  if (basis !== 'manual' && basis !== 'map' && basis !== 'legal' && basis !== 'margin')
    throw wrongUsage(`--basis "${basis}" is not manual, map, legal or margin`)
  const limit: PriceLimitStated = {
    ...{ kind, basis },
    ...Object.fromEntries(
      (['sku', 'product', 'category', 'channel'] as const).flatMap(name => {
        const value = call.text(name)
        return value === undefined ? [] : [[name, value]]
      }),
    ),
    ...(amount === 'none' ? {} : percent === undefined ? { amount } : { percent }),
    ...(currency === undefined ? {} : { currency }),
  }
  const done = await setPriceLimits(call.context, call.text('key') ?? ownKey(), [limit], call.text('why'))
  const whom = `${limit.sku ?? limit.product ?? limit.category ?? 'all goods'}${limit.channel === undefined ? '' : ` in ${limit.channel}`}`
  const words = amount === 'none' ? `${kind} (${basis}) ended` : `${kind} ${[amount, currency].join(' ').trim()} (${basis})`
  call.answer(
    { ...done, limit },
    [
      done.changed > 0 ? `${whom}: ${words}` : 'It was so already.',
      ...(amount === 'none' ? await leftLines(call, limit) : []),
      ...movedLines(done, done.changed > 0),
    ].join('\n'),
  )
  return 0
}

/** The limits of other bases that go on for what one was ended for: who ended a floor may think that there is none any more. */
async function leftLines({ context }: Call, { kind, basis, sku, product, category, channel }: PriceLimitStated): Promise<string[]> {
  const rows = await listPriceLimits(context.sql, { sku, channel, kind }, 0, LISTED_MOST)
  const same = rows.filter(
    row =>
      row.basis !== basis &&
      (row.sku ?? undefined) === sku &&
      (row.product ?? undefined) === product &&
      (row.category ?? undefined) === category &&
      (row.channel ?? undefined) === channel,
  )
  return same.map(row => `There is still a ${kind} of ${limitOf(row)} (${row.basis}); --basis ${row.basis} ends it.`)
}

async function list(call: Call): Promise<ExitCode> {
  const filter = { sku: call.text('sku'), channel: call.text('channel') }
  await refuseUnknown(call.context, filter)
  const rows = await listPriceLimits(call.context.sql, { ...filter, ended: call.flag('ended') }, 0, LISTED_MOST)
  const lines = rows.map(row => [
    row.kind,
    row.basis,
    limitOf(row),
    scopeOf(row),
    row.channel ?? 'all',
    shownAt(row.since),
    shownAt(row.until),
    row.actor,
  ])
  const head = ['kind', 'basis', 'limit', 'of', 'channel', 'since', 'until', 'by']
  call.answer(rows, rows.length === 0 ? 'No floors or ceilings.' : table([head, ...lines]))
  return 0
}

const limitOf = ({ percent, amount, currency }: PriceLimitRow): string => (percent === null ? `${amount} ${currency}` : `${percent} %`)
const scopeOf = ({ scope, sku, product, category }: PriceLimitRow): string => (scope === 'all' ? 'all' : `${sku ?? product ?? category}`)
