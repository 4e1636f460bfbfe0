import type { Sql } from '../../db/connect.ts'
import type { Context } from '../../src/usecases/context.ts'
import { sealPerson } from '../../src/usecases/seal-person.ts'
import { book, layIn, quietChannel } from './goods.ts'
import { groupOf } from './pick-up.ts'

/** A shop that buyers collect from: two stores and a depot, all of which it sells from. */
export async function pickUpShop(sql: Sql) {
  await layIn(sql, { START: { north: 0, south: 0, depot: 0 } })
  const channel = await quietChannel(sql, 'web', ['north', 'south', 'depot'])
  await sql`update accounts set platform = 'woocommerce' where id = ${channel.accountId}`
  await sql`
    insert into location_services (location_id, collects, actor, latitude, longitude)
    select id, code <> 'depot', 'test', case code when 'north' then 54 else 52 end, 10 from locations where code in ('north', 'south', 'depot')`
  return channel
}

/** An order of two units of a SKU (its own unless told), to be collected in the north store, with its group there. */
export async function toCollect(
  sql: Sql,
  channel: { readonly accountId: number },
  name: string,
  stock: Readonly<Record<string, number>>,
  readyBy: Date | null = null,
  sku = name,
) {
  if (Object.keys(stock).length > 0) await layIn(sql, { [sku]: stock })
  await book(sql, channel, 'web', [{ id: name, lines: [{ sku, ordered: 2 }] }])
  await sql`
    update order_lines l set method = 'collect', collect_location_id = (select id from locations where code = 'north')
    from orders o where o.id = l.order_id and o.external_id = ${name}`
  const group = await groupOf(sql, name, 'north', 'collect', readyBy)
  await sql`select order_turn(${group.orderId}, 'route', null, null, '{"actor": "test"}')`
  const [line = 0] = group.lineIds
  return { ...group, line }
}

/** The buyer of an order leaves his name and an address. */
export async function leaveAddress(
  context: Pick<Context, 'sql' | 'keyring'>,
  orderId: number,
  address: Readonly<Record<string, string>>,
): Promise<void> {
  const { sealedKey, sealedBody } = await sealPerson(context, { name: 'Ada', address })
  await context.sql`
    insert into order_people (order_id, sealed_key, sealed_body) values (${orderId}, decode(${sealedKey}, 'base64'), decode(${sealedBody}, 'base64'))
    on conflict (order_id) do update set sealed_key = excluded.sealed_key, sealed_body = excluded.sealed_body`
}
