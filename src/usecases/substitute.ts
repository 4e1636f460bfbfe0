import type { JsonValue } from '../../db/connect.ts'
import { type SubstituteAnswer, substituteLine } from '../../db/substitutes.ts'
import { Fault, unreachable } from '../values/fault.ts'
import { carryOut, keyConflict } from './carry-out.ts'
import { type Context, command } from './context.ts'
import { stated } from './stated.ts'
import type { WriteToken } from './write-token.ts'

/** Units that are handed over as another SKU: the line that they are now. */
export type Substituted = {
  readonly lineId: number
  readonly sku: string
  readonly quantity: number
  readonly replayed: boolean
  readonly token: WriteToken | undefined
}

/**
 * Hands over another SKU instead of short units of a line, whatever the rules say; without a quantity as many as are short and there; with a location only what
 * lies free there. They are promised at once. Throws `not_found`,
 * `invalid` (the SKU itself, an unknown one, more than is short), `insufficient_stock`, or `conflict` when nothing of the line is short, or nobody knows what it is.
 */
export async function substituteUnits(
  context: Context,
  key: string | null,
  orderId: number,
  wish: {
    readonly lineId: number
    readonly sku: string
    readonly quantity?: number | undefined
    readonly reason?: string | undefined
    readonly locationId?: number | undefined
  },
): Promise<Substituted> {
  const body = { orderId, ...stated(wish) }
  const head = command(context, 'order.substitute', key, body)
  // Of the desk, keys count per location, as for its other acts.
  const scope = wish.locationId === undefined ? head.scope : `desk:${wish.locationId}`
  const cmd = { ...body, ...head, scope } as unknown as JsonValue
  const { answer, token } = await carryOut(key, () => substituteLine(context.sql, cmd))
  return { ...read(answer), token }
}

function read(answer: SubstituteAnswer): Omit<Substituted, 'token'> {
  switch (answer.outcome) {
    case 'substituted':
      return { lineId: answer.line, sku: answer.sku, quantity: answer.quantity, replayed: answer.replayed === true }
    case 'unknown':
      if (answer.field === 'sku') throw new Fault('invalid', `There is no SKU ${answer.value}.`, { field: 'sku', value: answer.value })
      throw new Fault('not_found', `There is no ${answer.field} ${answer.value}.`)
    case 'same_sku':
      throw new Fault('invalid', `${answer.sku} is what was sold, or is handed over already.`, { field: 'sku', value: answer.sku })
    case 'over':
      throw new Fault('invalid', `${answer.short} units of this line are short, not ${answer.asked}.`, {
        field: 'quantity',
        value: answer.asked,
      })
    case 'unmatched':
      throw new Fault('conflict', 'Nobody knows which SKU of ours this line is: match it first.')
    case 'nothing_short':
      throw new Fault('conflict', `Nothing of this line is short: the order is ${answer.state}.`)
    case 'not_enough':
      throw new Fault('insufficient_stock', `${answer.free} units of ${answer.sku} are free for this channel, not ${answer.asked}.`, {
        missing: [{ sku: answer.sku, asked: answer.asked, available: answer.free }],
      })
    case 'key_conflict':
      throw keyConflict()
    default:
      return unreachable(answer)
  }
}
