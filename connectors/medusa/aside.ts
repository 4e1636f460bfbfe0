import type { Client } from './client.ts'
import { deletedShape, type Line, type Order, pieceShape, piecesShape } from './wire.ts'

const RESERVATIONS = '/admin/reservations'
const FIELDS = 'id,line_item_id,location_id,inventory_item_id,quantity,allow_backorder,*inventory_item.location_levels'
const RESERVATIONS_MAX = 1000
/** What is put aside of a line stands under a name of ours, where Medusa does not look for it. */
const OURS = 'concord/'
const DESCRIPTION = 'Kept for this order while a part of it is packed'
/** Less than one unit, so that nobody can buy what is free between two calls; as a number it has no tail. */
const STEP = 15 / 16

type Side = 'own' | 'aside'
type Piece = { readonly id: string; readonly quantity: number }

/** What is reserved of one inventory item for a line: its own, which Medusa packs from, and what we put aside. `free` is for sale beside it. */
type Held = Record<Side, Piece | null> & {
  readonly line: string
  readonly item: string
  readonly location: string
  readonly free: number
  readonly takesBackorders: boolean
}

export type Units = readonly { readonly externalLineId: string; readonly quantity: number }[]

/** Whether the step was taken; in Medusa's words why not. */
export type Moved = { readonly moved: boolean; readonly refused?: string }

export const asideOf = (lineId: string): string => `${OURS}${lineId}`

/** The line that a reservation is for, also one that is put aside. */
export const lineOf = (name: string): string => (name.startsWith(OURS) ? name.slice(OURS.length) : name)

/** Units of a line that are not packed yet. */
export const leftOf = ({ detail }: Line): number => detail.quantity - detail.written_off_quantity - detail.fulfilled_quantity

/**
 * Medusa refuses to pack a part of a line where fewer units are for sale than are packed: its workflow takes them off the stock first, and then shortens the line's
 * reservation, which it allows only where nothing is missing. A reservation that is used up is deleted without being asked. So where too little is for sale, the
 * line's reservation is made as short as the part, and the rest is put aside until the part is packed. That goes in steps of less than a unit: what is free between
 * two calls is never one that somebody could buy. Cut short anywhere, it goes on from what the reservations tell.
 */
export async function makeRoom(client: Client, order: Order, location: string, lines: Units): Promise<Moved> {
  const left = new Map(order.items.map(line => [line.id, leftOf(line)]))
  const wanted = new Map(lines.map(one => [one.externalLineId, one.quantity]))
  if (!lines.some(one => one.quantity < (left.get(one.externalLineId) ?? 0))) return { moved: false }
  const held = (await readHeld(client, [...wanted.keys()])).filter(one => one.location === location)
  // Of a kit or a multiple pack one unit takes more than one of an item.
  const packed = (one: Held): number => ((wanted.get(one.line) ?? 0) * totalOf(one)) / (left.get(one.line) ?? 1)
  const needed = new Map<string, number>()
  for (const one of held) needed.set(one.item, (needed.get(one.item) ?? 0) + packed(one))
  let moved = false
  for (const one of held) {
    const own = one.own?.quantity ?? 0
    const isTight = one.free < (needed.get(one.item) ?? 0) && !one.takesBackorders && own > packed(one)
    moved ||= one.aside !== null
    if (!isTight && own >= packed(one)) continue
    moved = true
    const refused = await setOwn(client, one, packed(one))
    if (refused !== null) return { moved, refused }
  }
  return { moved }
}

/** Gives back to the lines what was put aside of them. */
export async function takeBack(client: Client, lines: Units): Promise<Moved> {
  const held = await readHeld(
    client,
    lines.map(one => one.externalLineId),
  )
  let moved = false
  for (const one of held.filter(each => each.aside !== null)) {
    moved = true
    const refused = await setOwn(client, one, totalOf(one))
    if (refused !== null) return { moved, refused }
  }
  return { moved }
}

/** Whether something of the lines is still put aside. */
export async function isAside(client: Client, lines: Units): Promise<boolean> {
  const held = await readHeld(
    client,
    lines.map(one => one.externalLineId),
  )
  return held.some(one => one.aside !== null)
}

/** Nobody waits for what was put aside of an order that is cancelled. */
export async function dropAside(client: Client, lines: Units): Promise<void> {
  const held = await readHeld(
    client,
    lines.map(one => one.externalLineId),
  )
  for (const { aside } of held) if (aside) await client.call('DELETE', `${RESERVATIONS}/${aside.id}`, deletedShape)
}

/** Lines of which a part was or is packed: only of these something may be put aside. */
export function inParts(order: Order, lines: Units): Units {
  const whole = new Map(order.items.map(({ id, detail }) => [id, detail.quantity - detail.written_off_quantity]))
  return lines.filter(one => one.quantity < (whole.get(one.externalLineId) ?? 0))
}

/** What a cut left between two calls is less than one unit. */
const totalOf = ({ own, aside }: Held): number => Math.ceil((own?.quantity ?? 0) + (aside?.quantity ?? 0))

async function readHeld(client: Client, lineIds: readonly string[]): Promise<Held[]> {
  if (lineIds.length === 0) return []
  const query = { line_item_id: lineIds.flatMap(id => [id, asideOf(id)]), fields: FIELDS, limit: RESERVATIONS_MAX, offset: 0 }
  const { reservations } = await client.read(RESERVATIONS, piecesShape, query)
  const byLine = Map.groupBy(reservations, one => `${lineOf(one.line_item_id)} ${one.inventory_item_id} ${one.location_id}`)
  return [...byLine.values()].flatMap(([first, ...others]): Held[] => {
    if (!first) return []
    const all = [first, ...others]
    const level = first.inventory_item?.location_levels?.find(one => one?.location_id === first.location_id)
    return [
      {
        ...{ line: lineOf(first.line_item_id), item: first.inventory_item_id, location: first.location_id },
        own: all.find(one => !one.line_item_id.startsWith(OURS)) ?? null,
        aside: all.find(one => one.line_item_id.startsWith(OURS)) ?? null,
        free: level ? level.stocked_quantity - level.reserved_quantity : 0,
        takesBackorders: all.some(one => one.allow_backorder === true),
      },
    ]
  })
}

/** Makes the line's own reservation so large; the other side has the rest. Answers Medusa's words where it refuses a step. */
async function setOwn(client: Client, held: Held, wanted: number): Promise<string | null> {
  const total = totalOf(held)
  const grows: Side = (held.own?.quantity ?? 0) < wanted ? 'own' : 'aside'
  const shrinks: Side = grows === 'own' ? 'aside' : 'own'
  const aim = grows === 'own' ? wanted : total - wanted
  const pieces: Record<Side, Piece | null> = { own: held.own, aside: held.aside }
  const set = async (side: Side, quantity: number): Promise<string | null> => {
    const answer = await write(client, held, side, pieces[side], quantity)
    if ('refused' in answer) return answer.refused
    pieces[side] = answer.piece
    return null
  }
  const of = (side: Side): number => pieces[side]?.quantity ?? 0
  if (of('own') + of('aside') < total) {
    const refused = await set(grows, total - of(shrinks))
    if (refused !== null) return refused
  }
  while (of(grows) < aim) {
    const step = Math.min(STEP, aim - of(grows))
    const refused = (await set(shrinks, of(shrinks) - step)) ?? (await set(grows, of(grows) + step))
    if (refused !== null) return refused
  }
  return null
}

type Written = { readonly piece: Piece | null } | { readonly refused: string }

async function write(client: Client, held: Held, side: Side, piece: Piece | null, quantity: number): Promise<Written> {
  if (piece && quantity === 0) {
    const gone = await client.call('DELETE', `${RESERVATIONS}/${piece.id}`, deletedShape)
    return gone.status === 'refused' ? { refused: gone.words } : { piece: null }
  }
  const { line, item, location } = held
  const name = side === 'own' ? { line_item_id: line } : { line_item_id: asideOf(line), description: DESCRIPTION }
  const body = piece ? { quantity } : { ...name, inventory_item_id: item, location_id: location, quantity }
  const answer = await client.call('POST', piece ? `${RESERVATIONS}/${piece.id}` : RESERVATIONS, pieceShape, { body })
  return answer.status === 'refused' ? { refused: answer.words } : { piece: { id: answer.data.reservation.id, quantity } }
}
