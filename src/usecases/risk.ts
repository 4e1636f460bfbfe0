import type { Sql } from '../../db/connect.ts'
import { type AtRisk, atRisk, type ChannelRisk, channelRisk, learnDemand, type SetBuffer, setBuffers, settleRisk } from '../../db/risk.ts'
import { learnStakes, weighWaiting } from '../../db/stakes.ts'
import { acceptedRisk, settledBuffer, unseenSales, upliftOf } from '../domain/sync/risk-buffer.ts'
import { Fault } from '../values/fault.ts'
import type { Context } from './context.ts'

/** Days whose sales tell the rates. */
const LEARNT_DAYS = 28

/** A lag that was not measured yet, seconds: cautious for a new channel. */
const LAG_UNKNOWN_S = 300

const DAY_S = 86_400

/**
 * Learns rates and lags anew, weighs what waits to be sent by them, and sets the buffer of every SKU in the channels whose buffer is by risk. Safe to do twice, or in two processes. Answers how many
 * buffers changed.
 */
export async function keepBuffersByRisk({ sql }: { readonly sql: Sql }, now: Date): Promise<number> {
  await learnDemand(sql, now, LEARNT_DAYS)
  await learnStakes(sql, now, LEARNT_DAYS)
  await weighWaiting(sql)
  let changed = 0
  for await (const batch of atRisk(sql, now, LEARNT_DAYS)) changed += await setBuffers(sql, batch.map(bufferOf))
  await settleRisk(sql, now)
  return changed
}

function bufferOf({ channelId, variantId, margin, cancellation, publishS, current, draws }: AtRisk): SetBuffer {
  let [weight, weighted] = [0, 0]
  const drawn = draws.map(({ perUnit, others }) => {
    const sales = others.map(({ units, recent, days, intakeS }) => {
      const lagS = (publishS ?? LAG_UNKNOWN_S) + (intakeS ?? LAG_UNKNOWN_S)
      weight += units / days
      weighted += (units / days) * lagS
      return { units, days, lagDays: lagS / DAY_S, uplift: upliftOf({ units, days, recent }) }
    })
    return { perUnit, sales: unseenSales(sales) }
  })
  const { units, tail } = settledBuffer(current, drawn, { margin, cancellation })
  const mean = Math.max(0, ...drawn.map(({ sales, perUnit }) => sales.mean / perUnit))
  // Of several others, each with a lag of its own: the lag of an average sale.
  return { channelId, variantId, units, tail, mean, lagS: weight > 0 ? weighted / weight : 0 }
}

export type RiskShown = ChannelRisk & {
  /** The probability at which keeping a unit back costs as much as it saves: margin / (margin + cancellation); null where the buffer is not by risk. */
  readonly accepted: number | null
}

/** How a channel's buffer by risk stands: lags, what is kept back, and the risk that was expected beside the one that came true. Fault: not_found. */
export async function showRisk({ sql }: Pick<Context, 'sql'>, code: string, now: Date): Promise<RiskShown> {
  const found = await channelRisk(sql, code, now)
  if (found === null) throw new Fault('not_found', `there is no channel ${code}`, { field: 'channel', value: code })
  const { margin, cancellation } = found
  return {
    ...found,
    accepted:
      margin === null || cancellation === null ? null : acceptedRisk({ margin: Number(margin), cancellation: Number(cancellation) }),
  }
}
