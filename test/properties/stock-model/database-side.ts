import type { JsonValue, Sql } from '../../../db/connect.ts'
import { reserveMany } from '../../../db/reserve.ts'
import type { Command } from './commands.ts'
import type { Stated } from './orders.ts'

const WHICH = {
  delivery_change_1: 'deliveries',
  delivery_receive_1: 'deliveries',
  delivery_end_1: 'deliveries',
  transfer_send_1: 'transfers',
  transfer_receive_1: 'transfers',
  transfer_resolve_1: 'transfers',
  transfer_cancel_1: 'transfers',
} as const

/** Sends a command to the database, judged at `now`. Answers what it answers, without the numbers that only it knows. */
export async function perform(sql: Sql, accounts: Readonly<Record<string, number>>, command: Command, now: number): Promise<unknown> {
  const head = { actor: 'model', now: new Date(now).toISOString() }
  try {
    const [row] = await statement(sql, accounts, command, head)
    return plain(row?.answer)
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error) || error.code !== 'P0409' || !('detail' in error)) throw error
    return { refused: error.message, ...JSON.parse(String(error.detail)) }
  }
}

type Rows = PromiseLike<readonly { readonly answer?: unknown }[]>

function statement(sql: Sql, accounts: Readonly<Record<string, number>>, command: Command, head: { actor: string; now: string }): Rows {
  switch (command.fn) {
    case 'pass':
      return command.sweep ? sql`select null as answer from due_sweep_1(${head.now}, 100000)` : Promise.resolve([{ answer: null }])
    case 'stock_reserve_2':
      return reserveMany(
        sql,
        command.requests.map(request => ({ ...head, ...request })),
      ).then(answers => [{ answer: answers.map(answer => ({ ...answer, token: undefined })) }])
    case 'orders_book_1':
      return sql`select orders_book_1(${sql.json(jsonOf(command.orders.map(order => document(order, accounts))))}, ${sql.json(head)}) as answer`
    case 'order_ship_1':
    case 'order_cancel_1': {
      const { lines, order, ...keyed } = command.cmd
      const whole = sql`${sql.json({ ...head, ...jsonOf(keyed) })}::jsonb || jsonb_build_object('orderId', (select id from orders where external_id = ${order}))`
      const named = sql`jsonb_build_object('lines', (select coalesce(jsonb_agg(jsonb_build_object('lineId', l.id, 'quantity', x.quantity)), '[]')
        from jsonb_to_recordset(${sql.json(jsonOf(lines ?? []))}) x(id text, quantity int)
        join orders o on o.external_id = ${order} join order_lines l on l.order_id = o.id and l.external_line_id = x.id))`
      return lines ? sql`select ${sql(command.fn)}(${whole} || ${named}) as answer` : sql`select ${sql(command.fn)}(${whole}) as answer`
    }
    case 'delivery_change_1':
    case 'delivery_receive_1':
    case 'delivery_end_1':
    case 'transfer_send_1':
    case 'transfer_receive_1':
    case 'transfer_resolve_1':
    case 'transfer_cancel_1': {
      const reference = 'delivery' in command.cmd ? command.cmd.delivery : command.cmd.transfer
      return sql`select ${sql(command.fn)}(${sql.json({ ...head, ...jsonOf(command.cmd) })}::jsonb
        || jsonb_build_object('id', (select id from ${sql(WHICH[command.fn])} where reference = ${reference}))) as answer`
    }
    case 'stock_move_promise_2': {
      const order = /^order\/(.*)$/.exec(command.cmd.basket)?.[1] ?? null
      return sql`select stock_move_promise_2(${sql.json({ ...head, ...jsonOf(command.cmd) })}::jsonb
        || coalesce((select jsonb_build_object('basket', 'order:' || id) from orders where external_id = ${order}), '{}')) as answer`
    }
    default:
      return sql`select ${sql(command.fn)}(${sql.json({ ...head, ...jsonOf(command.cmd) })}) as answer`
  }
}

const jsonOf = <T>(value: T): T extends readonly unknown[] ? JsonValue[] : Record<string, JsonValue> => JSON.parse(JSON.stringify(value))

function document(order: Stated, accounts: Readonly<Record<string, number>>): unknown {
  const { id, channel, effect, stamp, placedAt, hash, fresh, basket, lines } = order
  return {
    ...{
      accountId: accounts[channel],
      channelRef: channel,
      externalId: id,
      number: id,
      hash,
      fresh,
      effect,
      platformState: effect,
      basket,
    },
    ...{ currency: 'EUR', total: null, stamp: new Date(stamp).toISOString(), placedAt: new Date(placedAt).toISOString() },
    lines: lines.map(({ id: externalLineId, ...line }) => ({
      externalLineId,
      listingRef: null,
      title: line.sku,
      unitPrice: '10',
      ...line,
    })),
  }
}

const NUMBERS = new Set(['id', 'orderId', 'act', 'lineId', 'path'])

/** Without what goes by a number, and without what was named only to be told back. */
export function plain(answer: unknown): unknown {
  if (Array.isArray(answer)) return answer.map(plain)
  if (typeof answer !== 'object' || answer === null) return answer
  const { outcome, field } = answer as { outcome?: unknown; field?: unknown }
  const isTold = (name: string): boolean =>
    (outcome === 'ended' && name === 'basket') || (outcome === 'unknown' && (field === 'id' || field === 'order') && name === 'value')
  return Object.fromEntries(
    Object.entries(answer)
      .filter(([name]) => !NUMBERS.has(name) && !isTold(name))
      .map(([name, value]) => [name, plain(value)]),
  )
}
