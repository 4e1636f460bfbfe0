import { type CausePeriod, type PushCause, stockCauses } from '../../db/explain-push-causes.ts'
import type { BoundTold, PriceStep, SourceTold } from '../domain/pricing/explained.ts'
import type { Context } from './context.ts'
import { explain } from './explain.ts'
import { explainPrice } from './explain-price.ts'
import { knownHead } from './publishing.ts'

/** How what can be sold becomes the number of units that a channel shows. */
export type StockBasis = {
  readonly atp: number
  /** May be sold though they are not there. */
  readonly ahead: number
  /** Units kept back. */
  readonly buffer: number
  readonly cap: number | null
  readonly stopSellingAt: number
  readonly shown: number
  readonly because: readonly ('ahead' | 'buffer' | 'cap' | 'stop_selling')[]
}

/** Where a price comes from: decimal text. */
export type PriceBasis = {
  readonly currency: string
  /** Null: there is none, or it is held. */
  readonly amount: string | null
  readonly isSale: boolean
  readonly source: SourceTold | null
  readonly actor: string | null
  readonly approvedBy: string | null
  readonly since: string | null
  readonly steps: readonly PriceStep[]
  readonly floor: BoundTold | null
  readonly ceiling: BoundTold | null
  /** What it beat, the strongest first. */
  readonly beaten: readonly { readonly source: SourceTold; readonly amount: string }[]
}

/** Changes told of one value. */
const CAUSES_MOST = 5

/** The numbers of a SKU's stock in a channel, now or at an instant; null where the channel was not there yet. */
export async function stockBasis(context: Context, sku: string, channel: string, at: string | undefined): Promise<StockBasis | null> {
  const { stockLead } = await knownHead(context, channel)
  const [one] = (await explain(context, sku, { channel: stockLead ?? channel, at })).chain
  if (one === undefined) return null
  const { atp, ahead, buffer, shown, because } = one.result
  return { atp, ahead, buffer, cap: one.cap, stopSellingAt: one.stopSellingAt, shown, because }
}

/** Where the price of a SKU in a channel comes from, now or at an instant; null where the channel was not there yet. */
export async function priceBasis(context: Context, sku: string, channel: string, at: string | undefined): Promise<PriceBasis | null> {
  const [one] = (await explainPrice(context, sku, { channel, at })).channels
  if (one === undefined) return null
  const told = one.isSale ? one.sale : one.regular
  return {
    ...{ currency: one.currency, amount: one.amount, isSale: one.isSale },
    ...{ source: told?.source ?? null, actor: told?.actor ?? null, approvedBy: told?.approvedBy ?? null },
    ...{ since: told?.since === null || told?.since === undefined ? null : new Date(told.since).toISOString() },
    ...{ steps: told?.steps ?? [], floor: told?.floor ?? null, ceiling: told?.ceiling ?? null, beaten: told?.beaten.slice(0, 3) ?? [] },
  }
}

/** What changed the stock that a channel shows in a period, the newest first; where nothing did, the last change before it, if that is asked for. */
export async function causesOf(
  context: Context,
  channel: string,
  variantIds: readonly number[],
  period: CausePeriod,
  orElse?: 'or the last before',
): Promise<readonly PushCause[]> {
  const { channelId, stockLead } = await knownHead(context, channel)
  const id = stockLead === null ? channelId : (await knownHead(context, stockLead)).channelId
  const within = await stockCauses(context.sql, id, variantIds, period, CAUSES_MOST)
  if (within.length > 0 || orElse === undefined) return within
  return stockCauses(context.sql, id, variantIds, { from: null, to: period.to }, 1)
}
