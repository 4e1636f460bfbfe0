import type { OrderEvent, OrderGroup, OrderHold } from '../../../db/order-life.ts'
import { HELD_BY_HAND } from '../../../db/order-life.ts'
import type { OrderHead, OrderLine } from '../../../db/pages-orders.ts'
import { OPEN_STATES, ORDER_STATES, type OrderState } from '../../domain/orders/life.ts'
import { actorName, listed, number } from '../format.ts'
import { Field, WriteForm } from '../parts/form.tsx'
import { Panel } from '../parts/panel.tsx'
import { Rows } from '../parts/rows.tsx'
import { OrderStateMark } from '../parts/state.tsx'
import { At } from '../parts/time.tsx'
import type { View } from '../view.ts'

export type OrderLife = {
  readonly holds: readonly OrderHold[]
  readonly groups: readonly OrderGroup[]
  readonly events: readonly OrderEvent[]
  /** Places that goods may come back to. */
  readonly locations: readonly { readonly code: string; readonly name: string }[]
}

const isState = (state: string | null): state is OrderState => ORDER_STATES.some(one => one === state)

/** What happened to the order, the newest first, and what is handed over together. */
export function Life({ view, life }: { view: View; life: OrderLife }) {
  const t = view.t.orderLife
  const word = ({ transition, detail }: OrderEvent): string =>
    transition === 'announce' && detail?.cancelled === true
      ? t.announcedGone
      : Object.hasOwn(t.transitions, transition)
        ? t.transitions[transition as keyof typeof t.transitions]
        : transition
  const toPutBack = (group: OrderGroup): number => group.lines.reduce((sum, line) => sum + line.toPutBack, 0)
  return (
    <>
      {life.groups.length === 0 ? null : (
        <Panel id="groups" title={t.groups}>
          <Rows
            label={t.groups}
            rows={life.groups}
            id={group => `group-${group.id}`}
            isStacked
            isOver={group => !['waiting', 'picking', 'ready', 'sent'].includes(group.state)}
            empty=""
            columns={[
              { head: t.groups, names: true, cell: group => t.group(group.id) },
              { head: t.where, cell: group => group.location },
              { head: t.state, cell: group => stateWord(view, group.state) },
              {
                head: t.units,
                look: 'num',
                cell: group => (
                  <>
                    {number(
                      group.lines.reduce((sum, line) => sum + line.assigned - line.released, 0),
                      view.language,
                    )}
                    {toPutBack(group) === 0 ? null : <span class="sub reason">{t.putBack(toPutBack(group))}</span>}
                  </>
                ),
              },
            ]}
          />
        </Panel>
      )}
      <Panel id="life" title={t.title}>
        <Rows
          label={t.title}
          rows={life.events.toReversed()}
          id={event => `event-${event.id}`}
          isStacked
          empty=""
          columns={[
            {
              head: t.what,
              names: true,
              cell: event => (
                <>
                  {word(event)}
                  {event.groupId === null ? null : <span class="sub">{t.group(event.groupId)}</span>}
                  {substitutedOf(event).map(one => (
                    <span class="sub">{view.t.orderLife.substitutes.event(one.quantity, one.sku, one.instead)}</span>
                  ))}
                  {event.reason === null ? null : <span class="sub">{t.ownReasons[event.reason] ?? event.reason}</span>}
                </>
              ),
            },
            {
              head: t.state,
              cell: event =>
                event.groupId === null && isState(event.toState) && event.toState !== event.fromState ? (
                  <OrderStateMark view={view} state={event.toState} />
                ) : null,
            },
            { head: t.by, cell: event => actorName(event.actor, view.t.actor.system) },
            { head: t.when, cell: event => <At view={view} at={event.at} /> },
          ]}
        />
      </Panel>
    </>
  )
}

type InsteadTold = { readonly quantity: number; readonly sku: string; readonly instead: string }

/** What such an event says was handed over instead of what. */
function substitutedOf({ transition, detail }: OrderEvent): readonly InsteadTold[] {
  return transition === 'substitute' && Array.isArray(detail?.lines) ? (detail.lines as InsteadTold[]) : []
}

function stateWord(view: View, state: string): string {
  const { groupStates } = view.t.orderLife
  return Object.hasOwn(groupStates, state) ? groupStates[state as keyof typeof groupStates] : state
}

/** Why it is held, in words. */
export function heldWords(view: View, holds: readonly OrderHold[]): string {
  const t = view.t.orderLife
  const why = holds
    .filter(hold => hold.endedAt === null)
    .map(hold => (hold.reason === null ? t.kinds[hold.kind] : `${t.kinds[hold.kind]} (${hold.reason})`))
  return t.heldFor(listed(why, view.language))
}

/** To hold an order, to let it go, and to take goods back. */
export function LifeForms({ view, head, lines, life }: { view: View; head: OrderHead; lines: readonly OrderLine[]; life: OrderLife }) {
  const t = view.t.orderLife
  const out = lines.filter(line => line.shipped > line.returned)
  const isOpen = OPEN_STATES.some(state => state === head.state)
  const stand = `${head.state}-${life.holds.length}-${lines.reduce((sum, line) => sum + line.returned, 0)}`
  return (
    <div class="columns even">
      {head.state === 'held' ? (
        <Panel id="let-go" title={t.letGo}>
          <div class="panel-body">
            <WriteForm view={view} action={`/orders/${head.id}/let-go`} id={`let-go-${stand}`}>
              <p class="reason">{heldWords(view, life.holds)}</p>
              <p class="quiet">{t.letGoHint}</p>
              <Field label={view.t.orders.reason}>
                <input name="reason" maxlength={200} />
              </Field>
              <button type="submit" class="main">
                {t.letGo}
              </button>
            </WriteForm>
          </div>
        </Panel>
      ) : isOpen ? (
        <Panel id="hold" title={t.hold}>
          <div class="panel-body">
            <WriteForm view={view} action={`/orders/${head.id}/hold`} id={`hold-${stand}`}>
              <p class="quiet">{t.holdHint}</p>
              <Field label={t.kind}>
                <select name="kind" required>
                  {HELD_BY_HAND.toReversed().map(kind => (
                    <option value={kind}>{t.kinds[kind]}</option>
                  ))}
                </select>
              </Field>
              <Field label={view.t.orders.reason}>
                <input name="reason" maxlength={200} />
              </Field>
              <button type="submit">{t.hold}</button>
            </WriteForm>
          </div>
        </Panel>
      ) : null}
      {out.length === 0 ? null : (
        <Panel id="come-back" title={t.comeBack}>
          <div class="panel-body">
            <WriteForm view={view} action={`/orders/${head.id}/return`} id={`return-${stand}`}>
              <p class="quiet">{t.comeBackHint}</p>
              <Field label={t.where}>
                <select name="location" required>
                  {life.locations.map(location => (
                    <option value={location.code}>{location.name}</option>
                  ))}
                </select>
              </Field>
              {out.map(line => (
                <div class="form-row">
                  {(['stock', 'aside', 'scrap'] as const).map(to => (
                    <Field label={to === 'stock' ? t.toStock(line.sku ?? line.channelSku) : to === 'aside' ? t.aside : t.scrapped}>
                      <input name={`${to}-${line.id}`} inputmode="numeric" maxlength={7} />
                    </Field>
                  ))}
                </div>
              ))}
              <Field label={view.t.orders.reason}>
                <input name="reason" maxlength={200} />
              </Field>
              <button type="submit">{t.comeBack}</button>
            </WriteForm>
          </div>
        </Panel>
      )}
    </div>
  )
}
