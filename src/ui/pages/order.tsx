import type { OrderAct, OrderHead, OrderLine } from '../../../db/pages-orders.ts'
import type { PlatformFacts } from '../deps.ts'
import { actorName, money, number } from '../format.ts'
import { Facts } from '../parts/facts.tsx'
import { Field, WriteForm } from '../parts/form.tsx'
import { Layout } from '../parts/layout.tsx'
import { LiveMark } from '../parts/live-mark.tsx'
import { Empty, Panel, Table } from '../parts/panel.tsx'
import { Refreshed } from '../parts/refreshed.tsx'
import { OrderStateMark, State } from '../parts/state.tsx'
import { At } from '../parts/time.tsx'
import { may, type View } from '../view.ts'

type Given = {
  view: View
  head: OrderHead
  lines: readonly OrderLine[]
  acts: readonly OrderAct[]
  /** What the platform takes; null where this program does not know it. */
  platform: PlatformFacts | null
}

/** One order: what was ordered and what became of each unit, what was asked of the platform, and what can be done now. */
export function OrderPage({ view, head, lines, acts, platform }: Given) {
  const t = view.t.orders
  return (
    <Layout view={view} title={t.order(head.number)} live={`order=${head.id}`}>
      <div class="page-head">
        <h1>{t.order(head.number)}</h1>
        <LiveMark view={view} />
      </div>
      <Refreshed view={view} name="order">
        <Panel id="facts" title={head.channelName} aside={<OrderStateMark view={view} state={head.state} />}>
          <Facts
            facts={[
              [t.platformState, head.platformState],
              [t.total, money(head.total, head.currency)],
              [t.placed, <At view={view} at={head.placedAt} />],
              [t.booked, <At view={view} at={head.bookedAt} />],
              [t.changed, <At view={view} at={head.updatedAt} />],
              [t.external, <span class="sku">{head.externalId}</span>],
            ]}
          />
        </Panel>
        <Lines view={view} head={head} lines={lines} />
        <Acts view={view} acts={acts} />
      </Refreshed>
      {may(view, 'orders:write') ? (
        <Refreshed view={view} name="forms">
          <Actions view={view} head={head} lines={lines} platform={platform} />
        </Refreshed>
      ) : null}
    </Layout>
  )
}

const quantities = ['ordered', 'reserved', 'short', 'shipped', 'cancelled', 'returned'] as const

function Lines({ view, head, lines }: { view: View; head: OrderHead; lines: readonly OrderLine[] }) {
  const t = view.t.orders
  return (
    <Panel id="lines" title={t.lines}>
      <Table label={t.lines}>
        <thead>
          <tr>
            <th>{t.line}</th>
            <th class="num">{t.price}</th>
            {quantities.map(quantity => (
              <th class="num">{t.quantities[quantity]}</th>
            ))}
            <th>{t.from}</th>
          </tr>
        </thead>
        <tbody>
          {lines.map(line => (
            <tr id={`line-${line.id}`}>
              <th scope="row">
                {line.sku === null ? (
                  <span class="sku">{line.channelSku}</span>
                ) : (
                  <a class="sku" href={`/skus/${encodeURIComponent(line.sku)}`}>
                    {line.sku}
                  </a>
                )}
                <span class="sub">{line.title}</span>
                {line.sku === null ? <span class="sub reason">{`${t.unmatched}. ${t.matchHint}`}</span> : null}
                {line.short > 0 && line.sku !== null ? <span class="sub reason">{causeText(view, line.shortCause)}</span> : null}
              </th>
              <td class="num">{money(line.unitPrice, head.currency)}</td>
              {quantities.map(quantity => (
                <td class={`num${line[quantity] === 0 ? ' zero' : quantity === 'short' ? ' count-refused' : ''}`} data-quantity={quantity}>
                  {number(line[quantity], view.language)}
                </td>
              ))}
              <td>
                {line.promised.map(place => (
                  <span class="shown-in">
                    {place.location} <b>{number(place.quantity, view.language)}</b>
                  </span>
                ))}
              </td>
            </tr>
          ))}
        </tbody>
      </Table>
    </Panel>
  )
}

function causeText(view: View, cause: string | null): string {
  const { causes } = view.t.orders
  if (cause === null) return ''
  return cause !== 'other' && Object.hasOwn(causes, cause) ? causes[cause as Exclude<keyof typeof causes, 'other'>] : causes.other(cause)
}

function Acts({ view, acts }: { view: View; acts: readonly OrderAct[] }) {
  const t = view.t.orders
  return (
    <Panel id="acts" title={t.acts}>
      {acts.length === 0 ? (
        <Empty text={t.noActs} />
      ) : (
        <Table label={t.acts}>
          <thead>
            <tr>
              <th>{t.asked}</th>
              <th>{t.by}</th>
              <th>{t.state}</th>
              <th class="num">{t.units}</th>
              <th>{t.tracking}</th>
              <th>{t.answer}</th>
            </tr>
          </thead>
          <tbody>
            {acts.map(act => (
              <tr id={`act-${act.id}`}>
                <th scope="row">
                  {t.act[act.kind]}
                  <span class="sub">
                    <At view={view} at={act.createdAt} />
                  </span>
                </th>
                <td>{actorName(act.actor, view.t.actor.system)}</td>
                <td>
                  <State view={view} state={act.state} />
                </td>
                <td class="num">{number(act.units, view.language)}</td>
                <td>{act.tracking === null ? <span class="quiet">–</span> : `${act.tracking.carrier} ${act.tracking.number}`}</td>
                <td>
                  {act.endedAt === null ? null : <At view={view} at={act.endedAt} />}
                  {act.reason === null ? null : <span class={act.state === 'refused' ? 'sub reason' : 'sub'}>{act.reason}</span>}
                </td>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
    </Panel>
  )
}

function Actions({ view, head, lines, platform }: Omit<Given, 'acts'>) {
  const t = view.t.orders
  const reserved = lines.reduce((sum, line) => sum + line.reserved, 0)
  const open = lines.reduce((sum, line) => sum + line.reserved + line.short, 0)
  if (open === 0) return <p class="quiet">{t.nothingOpen}</p>
  // The forms speak of these units: with other numbers they are other forms, and take the place of the old ones.
  const stand = `${reserved}-${open}`
  const takes = (act: 'ship' | 'cancel'): boolean => platform?.declares.acts.includes(act) ?? false
  return (
    <div class="columns even">
      {reserved > 0 && takes('ship') ? (
        <Panel id="ship" title={t.ship}>
          <div class="panel-body">
            <WriteForm view={view} action={`/orders/${head.id}/ship`} id={`ship-${stand}`}>
              <p class="quiet">{t.shipHint(reserved)}</p>
              <div class="form-row">
                <Field label={t.carrier}>
                  <input name="carrier" required maxlength={60} />
                </Field>
                <Field label={t.trackingNumber}>
                  <input name="number" required maxlength={80} />
                </Field>
              </div>
              <Field label={t.trackingUrl}>
                <input name="url" type="url" maxlength={500} />
              </Field>
              <button type="submit" class="main">
                {t.ship}
              </button>
            </WriteForm>
          </div>
        </Panel>
      ) : null}
      <Panel id="cancel" title={t.cancel}>
        {takes('cancel') ? (
          <div class="panel-body">
            <WriteForm view={view} action={`/orders/${head.id}/cancel`} id={`cancel-${stand}`}>
              <p class="quiet">{t.cancelHint(open)}</p>
              <Field label={t.reason}>
                <input name="reason" required maxlength={200} />
              </Field>
              <button type="submit" class="danger">
                {t.cancel}
              </button>
            </WriteForm>
          </div>
        ) : (
          <Empty text={t.cannotCancel(platform?.title ?? head.platform)} />
        )}
      </Panel>
    </div>
  )
}
