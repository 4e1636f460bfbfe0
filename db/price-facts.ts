import type { PriceFacts } from '../src/domain/pricing/facts.ts'
import { currencyDigits } from '../src/values/money.ts'
import type { Sql } from './connect.ts'

export type PriceQuestion = {
  readonly sku: string
  readonly channel: string
  readonly partner: string | null
  /** As the books stood at this instant (a Date, or ISO text to the microsecond); null: as they stand. */
  readonly known: Date | string | null
}

type Raw = Omit<PriceFacts, 'channel'> & {
  readonly channel: Omit<PriceFacts['channel'], 'digits' | 'rounding'> & {
    readonly rounding: {
      kind: 'none' | 'digits' | 'ending'
      step: string | null
      ending: string | null
      direction: 'nearest' | 'up' | 'down'
    } | null
  }
}

/** Everything that the price of a SKU in a channel follows from, by what was known at an instant; null where there is no such SKU, channel or partner. */
export async function readPriceFacts(sql: Sql, { sku, channel, partner, known }: PriceQuestion): Promise<PriceFacts | null> {
  const [row] = await sql<
    { facts: Raw | null }[]
  >`select price_facts_1(${sku}, ${channel}, ${partner}, coalesce(${known instanceof Date ? known.toISOString() : known}::text::timestamptz, 'infinity')) as facts`
  return row?.facts ? revived(row.facts) : null
}

/** JSON has no instants, and the currency's digits are the runtime's to know. */
function revived(raw: Raw): PriceFacts {
  const date = (at: Date | string | null): Date | null => (at === null ? null : new Date(at))
  const starting = <T extends { readonly startsAt: Date }>(rows: readonly T[]): T[] =>
    rows.map(row => ({ ...row, startsAt: new Date(row.startsAt) }))
  const spanning = <T extends { readonly startsAt: Date | null; readonly endsAt: Date | null }>(rows: readonly T[]): T[] =>
    rows.map(row => ({ ...row, startsAt: date(row.startsAt), endsAt: date(row.endsAt) }))
  const dated = <T extends { readonly since: Date }>(row: T): T => ({ ...row, since: new Date(row.since) })
  const { rounding } = raw.channel
  return {
    ...raw,
    channel: {
      ...raw.channel,
      digits: currencyDigits(raw.channel.currency),
      rounding:
        rounding?.kind === 'ending'
          ? { kind: 'ending', step: rounding.step ?? '1', ending: rounding.ending ?? '0', direction: rounding.direction }
          : { kind: rounding?.kind ?? 'digits' },
    },
    plain: spanning(raw.plain).map(dated),
    lists: spanning(raw.lists).map(list => ({ ...dated(list), entries: list.entries.map(dated) })),
    limits: raw.limits.map(dated),
    exchangeRates: starting(raw.exchangeRates),
    taxRates: starting(raw.taxRates),
  }
}
