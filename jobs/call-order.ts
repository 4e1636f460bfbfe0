import type { PushItem, Session } from '../connectors/contract.ts'
import type { WorkRow } from '../db/publications.ts'
import { DANGER, type Danger, type Weighed, weighCall } from '../src/domain/sync/push-order.ts'
import { keyOf } from './push-items.ts'

/** One call of those that could be made, with all that it would carry. */
export type WaitingCall = Weighed & { readonly rows: readonly WorkRow[] }

export const dangerOf = (row: WorkRow): Danger => Math.min(Math.max(row.urgency, DANGER.belowFloor), DANGER.none) as Danger

/** Puts what waits into calls as its connector would, in the order of their first rows, and weighs each. */
export function callsOf(session: Pick<Session, 'group'>, rows: readonly WorkRow[]): WaitingCall[] {
  const bySku = new Map<PushItem, WorkRow[]>()
  for (const same of Map.groupBy(rows, row => row.externalSku).values()) {
    const [first] = same
    if (first) bySku.set({ listing: keyOf(first) }, same)
  }
  return session.group([...bySku.keys()]).map(items => {
    const carried = items.flatMap(item => bySku.get(item) ?? [])
    return { rows: carried, ...weighCall(carried.map(row => ({ danger: dangerOf(row), loss: row.loss }))) }
  })
}
