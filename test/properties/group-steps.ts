import fc from 'fast-check'
import type { JsonValue, Sql } from '../../db/connect.ts'
import type { GroupFunction } from '../../db/groups.ts'
import { actOn } from '../support/pick-up.ts'

const few = fc.nat(4)
const seldom = fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: few })

const OPEN = ['waiting', 'picking', 'ready']
/** What is done with groups, how often, and which of them it moves (of any method where none is named): open ones are brought there first, by the acts that come before it. */
const ACTS: Readonly<Record<Act, { weight: number; states: readonly string[]; method?: string; after?: readonly GroupFunction[] }>> = {
  pick: { weight: 3, states: ['waiting', 'picking'] },
  ready: { weight: 3, states: ['waiting', 'picking'] },
  hand: { weight: 2, states: ['ready'], after: ['fulfilment_ready_1'] },
  put: { weight: 1, states: [...OPEN, 'cancelled', 'rejected'] },
  arrive: { weight: 1, states: OPEN, method: 'collect' },
  reject: { weight: 1, states: OPEN },
  longer: { weight: 1, states: ['ready'], method: 'collect', after: ['fulfilment_ready_1'] },
  send: { weight: 2, states: ['ready'], method: 'ship_to_store', after: ['fulfilment_ready_1'] },
  come: { weight: 2, states: ['sent'], method: 'ship_to_store', after: ['fulfilment_ready_1', 'parcel_send_1'] },
  lost: { weight: 1, states: ['sent'], method: 'ship_to_store', after: ['fulfilment_ready_1', 'parcel_send_1'] },
}
type Act = 'pick' | 'ready' | 'hand' | 'put' | 'arrive' | 'reject' | 'longer' | 'send' | 'come' | 'lost'

/**
 * Something is done with a group of any order: mostly one that it moves, else whichever, where it is mostly refused. Drawn without a look at the groups, hardly any act met one that it
 * moves: what takes several acts on one group, such as a parcel that is lost or goods that are kept longer, came about by luck, or not at all.
 */
export const groupStep = fc
  .record({
    act: fc.oneof(...Object.entries(ACTS).map(([act, { weight }]) => ({ weight, arbitrary: fc.constant(act as Act) }))),
    fits: fc.oneof({ weight: 3, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
    units: fc.tuple(few, seldom, seldom),
    all: fc.boolean(),
    nth: fc.nat(5),
  })
  .map(rest => ({ do: 'group' as const, ...rest }))
type Step = typeof groupStep extends fc.Arbitrary<infer One> ? One : never

type Line = { readonly lineId: number; readonly isSet: boolean; readonly toPick: number; readonly toPutBack: number }

/** Plays such a step. */
export async function groupIn(sql: Sql, { act, fits, units: [units, short, damaged], all, nth }: Step): Promise<void> {
  const { states, method = null, after = [] } = ACTS[act]
  const from = after.length > 0 ? [...states, ...OPEN] : states
  const groups = await sql<{ id: number; state: string; lines: Line[] }[]>`
    select g.id, g.state, jsonb_agg(jsonb_build_object('lineId', l.id, 'isSet', l.sku = 'SET', 'toPick', greatest(f.assigned - f.released - greatest(f.picked, f.done), 0), 'toPutBack', p.units)
      order by p.units > 0 and ${act} = 'put' desc, l.id) as lines
    from fulfilment_groups g join fulfilment_lines f on f.group_id = g.id join order_lines l on l.id = f.order_line_id
    cross join lateral (select greatest(f.picked - case when g.state in ('waiting', 'picking') then f.done else f.assigned - f.released end, 0) as units) p
    where case when ${fits} then g.state = any(${[...from]}) and (${method}::text is null or g.method = ${method})
      else g.state in ('waiting', 'picking', 'ready', 'sent') or ${act} = 'put' end
    group by 1 having not (${fits} and ${act} = 'put') or sum(p.units) > 0 order by 1`
  const group = groups[nth % Math.max(1, groups.length)]
  const first = group?.lines[0]
  if (group === undefined || first === undefined) return
  if (fits && !states.includes(group.state)) for (const before of after) await actOn(sql, before, group.id, { all: true })
  const { lineId, toPick } = first
  const some = Math.max(1, units)
  const missing = {
    short: fits ? Math.min(short, toPick) : short,
    damaged: fits ? Math.min(damaged, toPick - Math.min(short, toPick)) : damaged,
  }
  const picked = fits ? Math.min(units, toPick - missing.short - missing.damaged) : units
  const acts: Readonly<Record<Act, readonly [GroupFunction, Readonly<Record<string, JsonValue>>]>> = {
    pick: [
      'fulfilment_pick_1',
      {
        lines: all
          ? group.lines.map(one => ({ lineId: one.lineId, picked: one.toPick }))
          : [{ lineId, picked, ...missing, ...(first.isSet ? { sku: 'CUP' } : {}) }],
      },
    ],
    ready: ['fulfilment_ready_1', { all }],
    hand: ['fulfilment_hand_over_1', { proof: 'identity', takenBy: 'buyer', ...(all ? {} : { lines: [{ lineId, quantity: some }] }) }],
    put: ['fulfilment_put_back_1', { lines: [{ lineId, quantity: fits ? Math.min(some, first.toPutBack) : some }] }],
    arrive: ['fulfilment_arrive_1', { bay: all ? '3' : null }],
    reject: [
      'fulfilment_reject_1',
      { reason: 'short', ...(all ? {} : { lines: [{ lineId, quantity: some, missing: Math.min(short, some) }] }) },
    ],
    longer: ['pick_up_keep_longer_1', { counts: all }],
    send: ['parcel_send_1', {}],
    come: ['parcel_receive_1', {}],
    lost: ['parcel_receive_1', { lost: true }],
  }
  const [fn, more] = acts[act]
  await actOn(sql, fn, group.id, more)
}
