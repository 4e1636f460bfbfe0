import { moveLevel } from './catalog.ts'
import { type LineRow, mainOf, type Server } from './schema.ts'

type Kind = 'allocation' | 'sale' | 'release' | 'cancellation'

/** Units of a line that were moved so far. */
export function movedOf({ store }: Server, lineId: number, kind: Kind): number {
  return (
    store.one<{ n: number }>('select coalesce(sum(quantity), 0) as n from movement where line_id = ? and kind = ?', lineId, kind)?.n ?? 0
  )
}

/** What is promised goes into the allocation, what is sent leaves shelf and allocation together, what is taken back comes to the shelf, what is withdrawn leaves the allocation. */
export function move(server: Server, line: LineRow, kind: Kind, quantity: number): void {
  if (quantity === 0) return
  const { store } = server
  const location = mainOf(server)
  store.run('insert into movement values (?, ?, ?, ?, ?)', store.next('movement'), kind, line.id, location, quantity)
  const by = {
    allocation: { allocated: quantity },
    sale: { onHand: -quantity, allocated: -quantity },
    release: { allocated: -quantity },
    cancellation: { onHand: quantity },
  }[kind]
  moveLevel(server, line.variant_id, location, by, `${kind} for order ${line.order_id}`)
}
