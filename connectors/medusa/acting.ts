import type { ChannelAccess } from '../contract.ts'
import type { Client } from './client.ts'
import type { Turns } from './turns.ts'
import { type Order, orderShape } from './wire.ts'

/** What acts on orders have in common. */
export type Acting = {
  readonly turns: Turns
  readonly client: Client
  readonly channels: readonly ChannelAccess[]
  readonly notifyBuyers: boolean
}

/** The order that an act was answered with; null where it cannot be understood. */
export function readAgain(value: unknown): Order | null {
  const read = orderShape.safeParse(value)
  return read.success ? read.data : null
}

/** What people call an order. */
export const nameOf = (order: Order): string => String(order.display_id ?? order.id)

export const refused = (code: string, words: string) => ({ status: 'refused', code, words }) as const
