import type { JsonValue, Sql } from '../../db/connect.ts'
import { type DeliveryAnswer, deliveryCommand } from '../../db/deliveries.ts'
import { type TransferAnswer, transferCommand } from '../../db/transfers.ts'

type Body = Readonly<Record<string, JsonValue>>

const head = (body: Body) => ({ actor: 'test', scope: 'test', kind: 'test', hash: JSON.stringify(body), ...body })

/** Carries out a command about a delivery, as `test`. */
export const delivery = (sql: Sql, act: 'create' | 'change' | 'end' | 'receive', body: Body): Promise<DeliveryAnswer> =>
  deliveryCommand(sql, `delivery_${act}_1`, head(body))

/** Carries out a command about a transfer, as `test`. */
export const transfer = (sql: Sql, act: 'request' | 'send' | 'receive' | 'resolve' | 'cancel', body: Body): Promise<TransferAnswer> =>
  transferCommand(sql, `transfer_${act}_1`, head(body))

/** The id of what was made. */
export function made(answer: DeliveryAnswer | TransferAnswer): number {
  if (answer.outcome !== 'created' && answer.outcome !== 'requested') throw new Error(`nothing was made: ${JSON.stringify(answer)}`)
  return answer.id
}

export type FullBalance = { readonly onHand: number; readonly reserved: number; readonly unavailable: number; readonly incoming: number }

/** All buckets of a balance; zeroes where there is none. */
export async function buckets(sql: Sql, sku: string, location: string): Promise<FullBalance> {
  const [row] = await sql<FullBalance[]>`
    select b.on_hand as "onHand", b.reserved, b.unavailable, b.incoming from balances b join variants v on v.id = b.variant_id
    join locations p on p.id = b.location_id where v.sku = ${sku} and p.code = ${location}`
  return row ?? { onHand: 0, reserved: 0, unavailable: 0, incoming: 0 }
}

/** What breaks the rules that hold for everything incoming, and the sums of the ledger. */
export async function brokenRules(
  sql: Sql,
  rules: readonly { readonly rule: string; readonly find: (sql: Sql) => Promise<readonly unknown[]> }[],
) {
  const broken = []
  for (const { rule, find } of rules) {
    const rows = await find(sql)
    if (rows.length > 0) broken.push({ rule, rows })
  }
  return broken
}
