import type { Sql } from '../../db/connect.ts'
import { type GroupState, groupLeads } from '../../src/domain/fulfilment/group-life.ts'
import { leads, type OrderState } from '../../src/domain/orders/life.ts'

type Told<S> = { readonly of: number; readonly transition: string; readonly from: S | null; readonly to: S; readonly now: S }

/**
 * How often each transition (`order ship`) and each state (`group > sent`) came about, and what of that should not have: each event begins where the last one of the same ended, by a way
 * of the table, and the last ends in the state of now.
 */
export type EventsHeld = { readonly seen: ReadonlyMap<string, number>; readonly offences: readonly string[] }

/** Holds all events of orders and of fulfilment groups against their tables. */
export async function holdEvents(sql: Sql): Promise<EventsHeld> {
  const ofOrders = await sql<Told<OrderState>[]>`
    select e.order_id as of, e.transition, e.from_state as from, e.to_state as to, o.state as now from order_events e join orders o on o.id = e.order_id
    where e.group_id is null order by e.order_id, e.id`
  const ofGroups = await sql<Told<GroupState>[]>`
    select e.group_id as of, e.transition, e.from_state as from, e.to_state as to, g.state as now
    from order_events e join fulfilment_groups g on g.id = e.group_id order by e.group_id, e.id`
  return {
    seen: tally([...names('order', ofOrders), ...names('group', ofGroups)]),
    offences: [...offences('order', leads, ofOrders), ...offences('group', groupLeads, ofGroups)],
  }
}

const names = (what: string, events: readonly Told<string>[]): string[] =>
  events.flatMap(({ transition, to }) => [`${what} ${transition}`, `${what} > ${to}`])

function tally(names: readonly string[]): Map<string, number> {
  const times = new Map<string, number>()
  for (const name of names) times.set(name, (times.get(name) ?? 0) + 1)
  return times
}

function offences<S>(what: string, table: (transition: string, from: S | null, to: S) => boolean, events: readonly Told<S>[]): string[] {
  return events.flatMap(({ of, transition, from, to, now }, at) => {
    const before = events[at - 1]?.of === of ? (events[at - 1]?.to ?? null) : null
    const name = `${what} ${of}: ${transition} ${from} > ${to}`
    return [
      ...(from === before ? [] : [`${name}, where it was ${before}`]),
      ...(table(transition, from, to) ? [] : [`${name} is not in the table`]),
      ...(events[at + 1]?.of === of || now === to ? [] : [`${name} was the last, and it is ${now}`]),
    ]
  })
}
