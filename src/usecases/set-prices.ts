import type { TurnClaim } from '../../db/due.ts'
import { readPricePolicies } from '../../db/price-policies.ts'
import { setPriceRows } from '../../db/prices.ts'
import type { PriceEffect } from '../domain/pricing/effect.ts'
import { Fault, unreachable } from '../values/fault.ts'
import { currencyDigits, isCurrency, parseDecimal } from '../values/money.ts'
import { belowFloor } from './below-floor.ts'
import { carryOut, keyConflict } from './carry-out.ts'
import { type Context, command } from './context.ts'
import { acceptSchedule, type TurnForecast } from './forecast-schedule.ts'
import { channelZones, hasLocal, momentStated } from './moments.ts'

/**
 * A price for everyone, or for one channel; with a period (`from`, half-open to `to`) a dated one. `amount` null ends the price. A local time is of
 * `zone`, or else of the channel's.
 */
export type PriceStated = {
  readonly sku: string
  readonly channel?: string | undefined
  readonly currency: string
  /** Decimal text with at most 6 decimals. */
  readonly amount: string | null
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly zone?: string | undefined
}

/** `channels`: what each price comes to in each channel that it reaches: shown from now on, or why not. */
export type PricesSet = {
  readonly changed: number
  readonly replayed: boolean
  readonly forecast: readonly TurnForecast[]
  readonly channels: readonly PriceEffect[]
}

const DECIMALS_MOST = 6

/**
 * Sets prices, all or none; a price that is the same stays as it is. Answers when those that begin or end at an instant to come will show. Throws
 * `invalid` for what is unknown or cannot be, `below_floor` with the arithmetic, `late_flip` with the forecast where a channel cannot be within a second
 * of an instant and `acceptWindow` is not given, `conflict` of keys.
 */
export async function setPrices(
  context: Context,
  key: string | null,
  stated: readonly PriceStated[],
  { acceptWindow = false }: { readonly acceptWindow?: boolean | undefined } = {},
): Promise<PricesSet> {
  const prices = await inUtc(context, stated)
  for (const [line, price] of prices.entries()) refuseWrong(price, line)
  await refuseDecimals(context, prices)
  const lines = prices.map(({ sku, channel, currency, amount, from, to }) => ({
    sku,
    channel: channel ?? null,
    currency,
    amount,
    from: from ?? null,
    to: to ?? null,
  }))
  const forecast = await acceptSchedule(context, key, { claims: claimsOf(lines), acceptWindow })
  const cmd = { ...command(context, 'prices.set', key, lines), prices: lines, tell: true }
  const answer = await carryOut(key, () => setPriceRows(context.sql, cmd))
  switch (answer.outcome) {
    case 'done':
      return { changed: answer.changed, replayed: answer.replayed === true, forecast, channels: answer.channels ?? [] }
    case 'unknown':
      throw new Fault('invalid', `There is no ${answer.field === 'sku' ? 'SKU' : 'channel'} ${String(answer.value)}.`, {
        field: `prices.${answer.line}.${answer.field}`,
        value: answer.value,
      })
    case 'mismatch':
      throw new Fault('invalid', `The channel of price ${answer.line} sells in ${answer.expected}, not in ${String(answer.value)}.`, {
        field: `prices.${answer.line}.${answer.field}`,
        value: answer.value,
        ...(answer.expected === undefined ? {} : { expected: answer.expected }),
      })
    case 'below_floor':
      throw belowFloor(answer.below, line => `prices.${line}.amount`)
    case 'key_conflict':
      throw keyConflict()
    default:
      return unreachable(answer)
  }
}

type Line = { readonly sku: string; readonly channel: string | null; readonly currency: string } & Readonly<
  Record<'amount' | 'from' | 'to', string | null>
>

function claimsOf(lines: readonly Line[]): TurnClaim[] {
  return lines.flatMap(({ sku, channel, currency, amount, from, to }) =>
    amount === null ? [] : [from, to].flatMap(at => (at === null ? [] : [{ at, sku, channel, currency }])),
  )
}

/** The same with instants in UTC for local times. */
async function inUtc(context: Context, stated: readonly PriceStated[]): Promise<PriceStated[]> {
  const zones = hasLocal(stated.flatMap(({ from, to }) => [from, to])) ? await channelZones(context) : new Map<string, string>()
  return stated.map((price, line) => {
    const zone = price.zone ?? zones.get(price.channel ?? '') ?? null
    const instant = (name: 'from' | 'to') => {
      const text = price[name]
      return text === undefined ? {} : { [name]: momentStated(text, zone, `prices.${line}.${name}`, 'name one `channel`, or give `zone`') }
    }
    return { ...price, ...instant('from'), ...instant('to') }
  })
}

/** More decimals than the currency has are for channels that state unit prices (rounding none): anywhere else nobody could pay them. */
async function refuseDecimals(context: Context, prices: readonly PriceStated[]): Promise<void> {
  const fine = prices.flatMap((price, line) => {
    const amount = price.amount === null ? null : parseDecimal(price.amount)
    return amount !== null && amount.decimalPlaces() > currencyDigits(price.currency) ? [{ price, line, amount }] : []
  })
  if (fine.length === 0) return
  const policies = await readPricePolicies(context.sql, null)
  for (const { price, line, amount } of fine) {
    const coarse = policies.find(
      ({ channel, currency, rounding }) =>
        (price.channel === undefined ? currency === price.currency : channel === price.channel) && rounding.kind !== 'none',
    )
    if (coarse === undefined) continue
    const digits = currencyDigits(price.currency)
    const right = amount.toDecimalPlaces(digits).toFixed(digits)
    throw new Fault(
      'invalid',
      `Price ${line} (${price.sku}): ${price.amount} ${price.currency} has more decimals than ${price.currency} has, which is ${digits}, and ${coarse.channel} would show it; ${right} would be right.`,
      {
        field: `prices.${line}.amount`,
        value: price.amount,
        expected: `at most ${digits} decimals, like ${right}; up to ${DECIMALS_MOST} in a channel whose rounding is none`,
      },
    )
  }
}

function refuseWrong(price: PriceStated, line: number): void {
  const wrong = (field: string, value: unknown, expected: string) =>
    new Fault('invalid', `Price ${line} (${price.sku}): ${field} ${String(value)} cannot be; ${expected}.`, {
      field: `prices.${line}.${field}`,
      value,
      expected,
    })
  if (!isCurrency(price.currency)) throw wrong('currency', price.currency, 'a currency code of ISO 4217')
  if (price.amount !== null) {
    const amount = parseDecimal(price.amount)
    if (amount === null || amount.lessThanOrEqualTo(0))
      throw wrong('amount', price.amount, 'a positive decimal number as text, like "12.90"')
    if (amount.decimalPlaces() > DECIMALS_MOST) {
      throw wrong('amount', price.amount, `at most ${DECIMALS_MOST} decimals; ${price.currency} has ${currencyDigits(price.currency)}`)
    }
  }
  if (price.to !== undefined && price.from === undefined) throw wrong('to', price.to, 'a price with an end needs a beginning, `from`')
  if (price.to !== undefined && price.from !== undefined && Date.parse(price.to) <= Date.parse(price.from))
    throw wrong('to', price.to, 'an instant after `from`')
}
