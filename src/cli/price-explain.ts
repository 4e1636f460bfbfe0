import type { ListingStanding } from '../domain/pricing/standing.ts'
import { explainPrice } from '../usecases/explain-price.ts'
import { explainPriceText } from '../usecases/explain-price-text.ts'
import { shownPrices } from '../usecases/price-history.ts'
import { standingLines, standsWord } from '../usecases/price-standing-text.ts'
import { resolvePrices } from '../usecases/resolve-prices.ts'
import { unitPrice } from '../values/money.ts'
import { type Call, type Command, wrongUsage } from './command.ts'
import { dayOf, shownAt } from './instants.ts'
import { table } from './terminal.ts'

const text = { type: 'string' } as const

/** `price explain`, `price resolve`, `price history`. */
export const priceExplainCommands: readonly Command[] = [
  {
    name: 'price explain',
    usage: 'SKU [--channel CODE] [--partner CODE] [--quantity UNITS] [--at INSTANT]',
    summary:
      'Why a SKU costs what it costs in each channel, now or at any instant: what won, what it beat, each step, what was sent and read back',
    details:
      'With --at in the past: by what was known then. With --at in the future: by what is known now. A day means its first instant in UTC.',
    examples: [
      'price explain TEA-GREEN',
      'price explain TEA-GREEN --channel woo --at 2026-11-20T10:00Z',
      'price explain TEA-GREEN --partner acme --quantity 100',
    ],
    options: { channel: text, partner: text, quantity: text, at: text },
    takes: [1, 1],
    database: 'migrated',
    run: async call => {
      const asked = { ...given(call, ['channel', 'partner']), ...moment(call) }
      const explained = await explainPrice(call.context, call.args[0] ?? '', asked)
      call.answer(explained, explainPriceText(explained, shownAt))
      return 0
    },
  },
  {
    name: 'price resolve',
    usage: 'SKU… --channel CODE [--partner CODE] [--quantity UNITS] [--at INSTANT]',
    summary: 'What SKUs cost in a channel by lists and rules, for a partner, a quantity, now or at any instant; and what buyers see now',
    examples: [
      'price resolve TEA-GREEN TEA-BLACK --channel woo',
      'price resolve TEA-GREEN --channel b2b --partner acme --quantity 100 --at 2026-12-24',
    ],
    options: { channel: text, partner: text, quantity: text, at: text },
    takes: [1, 500],
    database: 'migrated',
    run: async call => {
      const channel = call.text('channel')
      if (channel === undefined) throw wrongUsage('--channel is missing')
      const found = await resolvePrices(call.context, { channel, skus: call.args, ...given(call, ['partner']), ...moment(call) })
      const money = (amount: string | null): string | null => (amount === null ? null : unitPrice(amount, found.currency))
      const rows = found.items.map(item => [
        item.sku,
        item.amount === null ? (item.held === null ? 'no price' : 'held for a person') : money(item.amount),
        money(item.regular),
        item.sale === null ? null : money(item.sale.amount),
        item.sale?.to == null ? null : shownAt(item.sale.to),
        ...(item.listings === null
          ? []
          : [item.listings.map(one => seenText(one)).join(', ') || 'not listed', item.listings.map(standsWord).join(', ')]),
      ])
      const head = `${found.currency} ${found.taxIncluded ? 'with' : 'without'} tax, at ${shownAt(found.at)}`
      const isShown = found.items.some(item => item.listings !== null)
      const columns = ['SKU', 'by lists and rules', 'regular', 'sale', 'until', ...(isShown ? ['buyers see', ''] : [])]
      const stuck = found.items.flatMap(item => (item.listings ?? []).filter(one => one.next !== null || one.stands === 'limited'))
      const notes = stuck.map(one =>
        [`${one.sku} (${one.externalId}):`, ...standingLines(one, shownAt).map(line => `  ${line}`)].join('\n'),
      )
      call.answer(found, [head, table([columns, ...rows]), ...notes].join('\n'))
      return 0
    },
  },
  {
    name: 'price history',
    usage: 'SKU [--channel CODE] [--from DAY] [--to DAY]',
    summary: 'Every price that buyers of a SKU were shown, by channel, since when; and the lowest of the last 30 days',
    details:
      'What the platform took or was seen to show, cut where sales began and ended. Days begin at midnight UTC; instants with their zone are taken too.',
    examples: ['price history TEA-GREEN', 'price history TEA-GREEN --channel woo --from 2026-10-01'],
    options: { channel: text, from: text, to: text },
    takes: [1, 1],
    database: 'migrated',
    run: async call => {
      const [from, to] = [dayOf(call, 'from'), dayOf(call, 'to')]
      const asked = { ...given(call, ['channel']), ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }
      const shown = await shownPrices(call.context, call.args[0] ?? '', asked)
      const rows = shown.listings.flatMap(({ channel, externalId, currency, periods }) =>
        periods.map(one => [
          ...[
            channel,
            externalId,
            `${unitPrice(one.amount, currency)} ${currency}`,
            one.isSale ? `sale, before ${unitPrice(one.regular, currency)}` : '',
          ],
          ...[shownAt(one.from), one.to === null ? 'now' : shownAt(one.to), one.confirmedAt === null ? 'accepted' : 'seen'],
        ]),
      )
      const lowest = shown.lowest.map(
        one => `${one.channel}: lowest of the last 30 days ${unitPrice(one.amount, one.currency)} ${one.currency}`,
      )
      const head = ['channel', 'listing', 'price', '', 'from', 'to', '']
      call.answer(shown, rows.length === 0 ? 'No channel showed a price.' : [table([head, ...rows]), '', ...lowest].join('\n'))
      return 0
    },
  },
]

/** What buyers pay of a listing, by what the platform showed when it was read. */
function seenText({ shows }: ListingStanding): string {
  if (shows === null) return 'not read yet'
  const { regular, currency, sale } = shows
  return unitPrice(sale !== null && sale.from === null ? sale.amount : regular, currency)
}

function moment(call: Call): { quantity?: number; at?: string } {
  const [quantity, at] = [call.text('quantity'), dayOf(call, 'at')]
  if (quantity !== undefined && !/^[1-9]\d{0,8}$/.test(quantity)) throw wrongUsage(`--quantity ${quantity} is no number of units from 1`)
  return { ...(quantity === undefined ? {} : { quantity: Number(quantity) }), ...(at === undefined ? {} : { at }) }
}

/** The options that were given, by name. */
function given<Name extends string>(call: Call, names: readonly Name[]): Partial<Record<Name, string>> {
  const found: Partial<Record<Name, string>> = {}
  for (const name of names) {
    const value = call.text(name)
    if (value !== undefined) found[name] = value
  }
  return found
}
