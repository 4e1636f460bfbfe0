import { type Explanation, readExplanation } from '../../db/explain.ts'
import { availableToPromise, type Shown, shown } from '../domain/inventory/availability.ts'
import { Fault } from '../values/fault.ts'
import type { Context } from './context.ts'

export type ExplainedChannel = {
  readonly channel: string
  /** The channel whose stock publication serves this one too. */
  readonly stockLead: string | null
  readonly pool: readonly { readonly location: string; readonly atp: number }[]
  readonly buffer: number
  readonly cap: number | null
  readonly stopSellingAt: number
  readonly result: Shown
}

export type Explained = Explanation & { readonly chain: readonly ExplainedChannel[] }

/** The chain from what is on hand to what each channel shows of a SKU, worked out by the rule itself. Fault: not_found. */
export async function explain(context: Context, sku: string): Promise<Explained> {
  const explanation = await readExplanation(context.sql, sku)
  if (!explanation) throw new Fault('not_found', `there is no SKU ${sku}`, { field: 'sku', value: sku })
  const chain = explanation.channels.map(policy => {
    const pool = explanation.balances.filter(balance => balance.inPool.includes(policy.channel))
    return {
      ...policy,
      pool: pool.map(balance => ({ location: balance.location, atp: availableToPromise(balance) })),
      result: shown(pool, policy),
    }
  })
  return { ...explanation, chain }
}

/** The explanation as lines of text for a terminal. */
export function explainText(explained: Explained): string {
  const lines = [`${explained.sku}  ${explained.title}`, '']
  for (const balance of explained.balances)
    lines.push(
      `${balance.location}: on hand ${balance.onHand} − reserved ${balance.reserved} − unavailable ${balance.unavailable} − safety stock ${balance.safetyStock} = ${availableToPromise(balance)} available to promise`,
    )
  for (const reservation of explained.reservations)
    lines.push(`  ${reservation.quantity} at ${reservation.location} for ${reservation.basket}`)
  for (const link of explained.chain) {
    const pool = link.pool.map(place => `${place.location} ${place.atp}`).join(' + ') || 'no location has any'
    lines.push('', `${link.channel}: pool ${pool} = ${link.result.atp}`)
    if (link.stockLead) {
      lines.push(`  its stock is published with ${link.stockLead}`)
    } else {
      const cap = link.cap === null ? 'no cap' : `cap ${link.cap}`
      lines.push(`  buffer ${link.buffer}, ${cap}, stop selling at ${link.stopSellingAt} → shows ${link.result.shown}`)
    }
    for (const field of explained.fields.filter(one => one.channel === link.channel)) {
      if (field.withheld > 0) lines.push(`  ${field.withheld} withheld: the platform sold them before the hub heard of the order`)
      const value = field.field === 'stock' ? String(field.intended.quantity) : `${field.intended.regular} ${field.intended.currency}`
      const reason = field.reason ? ` (${field.reason})` : ''
      lines.push(
        `  ${field.field} ${value}: ${field.publishes ? field.state : 'observed only'}${reason}, applied ${field.appliedAt?.toISOString() ?? 'never'}`,
      )
    }
  }
  return lines.join('\n')
}
