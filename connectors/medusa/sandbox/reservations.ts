import { z } from 'zod'
import { availableAt, levelOf, moveLevel } from './catalog.ts'
import { levelBody } from './catalog-body.ts'
import { listed, named } from './reads.ts'
import { locationsOf, makeId, type Reply, type ReservationRow, refusal, type Shop, stampOf } from './schema.ts'
import { invalid } from './writes.ts'

const common = { description: z.string().nullish(), metadata: z.record(z.string(), z.unknown()).nullish() }
const created = z.strictObject({
  ...{ line_item_id: z.string().nullish(), location_id: z.string(), inventory_item_id: z.string(), quantity: z.number() },
  ...common,
})
const updated = z.strictObject({ location_id: z.string().optional(), quantity: z.number().optional(), ...common })

const reservationById = ({ store }: Shop, id: string): ReservationRow | undefined =>
  store.one<ReservationRow>('select * from reservation where id = ?', id)

/** Medusa's words where more would be promised than lies there. */
export const tooFew = (itemId: string, locationId: string): Reply =>
  refusal(400, 'not_allowed', `Not enough stock available for item ${itemId} at location ${locationId}`)

/** `GET /admin/reservations`. */
export function listReservations(shop: Shop, query: URLSearchParams): Reply {
  return listed(query, 'reservations', 20, (limit, offset) => {
    const where =
      'from reservation where (?1 is null or line_id in (select value from json_each(?1))) and (?2 is null or item_id in (select value from json_each(?2)))'
    const values = [named(query, 'line_item_id'), named(query, 'inventory_item_id')] as const
    const rows = shop.store.all<ReservationRow>(`select * ${where} order by id limit ?3 offset ?4`, ...values, limit, offset)
    const asked = query.get('fields') ?? ''
    return {
      rows: rows.map(row => ({
        ...reservationBody(row),
        ...(asked.includes('allow_backorder') ? { allow_backorder: false } : {}),
        ...(asked.includes('location_levels') ? { inventory_item: itemBody(shop, row.item_id) } : {}),
      })),
      count: shop.store.one<{ n: number }>(`select count(*) as n ${where}`, ...values)?.n ?? 0,
    }
  })
}

/** `POST /admin/reservations`: no more than is available. */
export function createReservation(shop: Shop, body: unknown): Reply {
  const read = created.safeParse(body)
  if (!read.success) return invalid(read.error)
  const { inventory_item_id: item, location_id: location, line_item_id: line, quantity } = read.data
  if (!levelOf(shop, item, location)) return refusal(404, 'not_found', `Item ${item} is not stocked at location ${location}`)
  if (availableAt(shop, item, location) < quantity) return tooFew(item, location)
  const id = makeId(shop, 'resitem')
  shop.store.run('insert into reservation values (?, ?, ?, ?, ?, ?)', id, line ?? '', item, location, quantity, stampOf(shop))
  moveLevel(shop, item, location, { reserved: quantity }, 'reservation')
  return told(shop, id)
}

/** `POST /admin/reservations/{id}`: also one that is made shorter asks that nothing is missing, as its workflow does. */
export function updateReservation(shop: Shop, id: string, body: unknown): Reply {
  const read = updated.safeParse(body)
  if (!read.success) return invalid(read.error)
  const row = reservationById(shop, id)
  if (!row) return refusal(400, 'invalid_data', `Reservation item with id ${id} not found`)
  const { quantity = row.quantity } = read.data
  if (availableAt(shop, row.item_id, row.location_id) < Math.max(0, quantity - row.quantity)) return tooFew(row.item_id, row.location_id)
  shop.store.run('update reservation set quantity = ? where id = ?', quantity, id)
  moveLevel(shop, row.item_id, row.location_id, { reserved: quantity - row.quantity }, 'reservation')
  return told(shop, id)
}

/** `DELETE /admin/reservations/{id}`: asks nothing, not even whether it is there. */
export function deleteReservation(shop: Shop, id: string): Reply {
  const row = reservationById(shop, id)
  if (row) {
    shop.store.run('delete from reservation where id = ?', id)
    moveLevel(shop, row.item_id, row.location_id, { reserved: -row.quantity }, 'reservation')
  }
  return { status: 200, body: { id, object: 'reservation', deleted: true } }
}

function told(shop: Shop, id: string): Reply {
  const row = reservationById(shop, id)
  return row
    ? { status: 200, body: { reservation: reservationBody(row) } }
    : refusal(404, 'not_found', `Reservation with id: ${id} was not found`)
}

function reservationBody(row: ReservationRow): Record<string, unknown> {
  return {
    ...{ id: row.id, location_id: row.location_id, inventory_item_id: row.item_id, quantity: row.quantity },
    ...{ line_item_id: row.line_id === '' ? null : row.line_id },
    ...{ description: null, metadata: null, created_at: row.created, updated_at: row.created },
  }
}

function itemBody(shop: Shop, itemId: string): Record<string, unknown> {
  const levels = locationsOf(shop).flatMap(place => levelOf(shop, itemId, place.id) ?? [])
  return { id: itemId, location_levels: levels.map(row => ({ ...levelBody(row), available_quantity: row.stocked - row.reserved })) }
}
