import type { ShownField } from '../../../../db/pages-sku-channels.ts'
import type { Explained, ExplainedPlace } from '../../../usecases/explain.ts'
import { number } from '../../format.ts'
import { Field } from '../../parts/form.tsx'
import { Panel, Table } from '../../parts/panel.tsx'
import { At } from '../../parts/time.tsx'
import type { View } from '../../view.ts'
import { ExplainChannel } from './explain-channel.tsx'

type Given = {
  readonly view: View
  readonly explained: Explained
  readonly fields: readonly ShownField[]
  /** What was asked for, as it stands in the field; empty for now. */
  readonly asked: string
  /** Why it could not be explained, and now is shown instead. */
  readonly refused: string | null
}

/** How on hand became what each channel shows, now or at an instant of the past: where it lay, who had it promised, and a picture for each channel. */
export function ExplainPanel({ view, explained, fields, asked, refused }: Given) {
  const t = view.t.sku.explain
  const { isPast, at, sku } = explained
  const listed = explained.chain.filter(
    channel => channel.published.length > 0 || (!isPast && fields.some(field => field.channel === channel.channel)),
  )
  if (listed.length === 0 && !isPast && refused === null) return null
  return (
    <Panel id="explain" title={t.title} aside={<AtForm view={view} sku={sku} asked={asked} />}>
      {refused === null ? null : (
        <p class="panel-note tone-bad" role="alert">
          {refused}
        </p>
      )}
      <p class="panel-note">
        {isPast ? (
          <>
            {t.wasThen} <At view={view} at={new Date(at)} />
          </>
        ) : (
          t.intro
        )}
      </p>
      <Places view={view} explained={explained} />
      <Promises view={view} explained={explained} />
      <div class="chains">
        {listed.length === 0 ? <p class="quiet">{t.noChannel}</p> : null}
        {listed.map(channel => (
          <ExplainChannel
            view={view}
            channel={channel}
            field={isPast ? undefined : fields.find(one => one.channel === channel.channel && one.field === 'stock')}
          />
        ))}
      </div>
    </Panel>
  )
}

/** Chooses the instant. A refresh leaves it alone, so that nothing changes under the hand that types. */
function AtForm({ view, sku, asked }: { view: View; sku: string; asked: string }) {
  const t = view.t.sku.explain
  const here = `/skus/${encodeURIComponent(sku)}`
  return (
    <form method="get" action={`${here}#explain`} class="at-form" id={`explain-at-${asked.replace(/\W/g, '')}`} hx-morph-skip>
      <Field label={t.at}>
        <input type="datetime-local" name="at" value={asked} step="1" max={view.now.toISOString().slice(0, 19)} required />
      </Field>
      <button type="submit">{t.show}</button>
      {asked === '' ? null : (
        <a class="button" href={`${here}#explain`}>
          {t.now}
        </a>
      )}
    </form>
  )
}

const buckets = ['onHand', 'reserved', 'unavailable', 'expiredLots', 'safetyStock', 'available'] as const

function Places({ view, explained }: { view: View; explained: Explained }) {
  const t = view.t.sku.explain
  if (explained.locations.length === 0) return <p class="empty">{t.never}</p>
  const shown = buckets.filter(bucket => bucket !== 'expiredLots' || explained.locations.some(place => place.expiredLots > 0))
  const words = {
    ...{ onHand: t.steps.on_hand, reserved: t.steps.reserved, unavailable: t.steps.unavailable, expiredLots: t.steps.expired },
    ...{ safetyStock: t.steps.safety, available: t.steps.available },
  }
  return (
    <Table label={t.places} isStacked>
      <thead>
        <tr>
          <th>{view.t.sku.stock.location}</th>
          {shown.map(bucket => (
            <th class="num">{words[bucket]}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {explained.locations.map(place => (
          <tr id={`explain-${place.location}`}>
            <th scope="row">
              {place.name}
              {place.active ? null : <span class="sub">{t.closed}</span>}
              <Parts view={view} place={place} />
            </th>
            {shown.map(bucket => (
              <td class={`num${place[bucket] === 0 ? ' zero' : ''}${bucket === 'available' ? ' strong' : ''}`} data-label={words[bucket]}>
                {number(bucket === 'reserved' ? place.reserved - place.over : place[bucket], view.language)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </Table>
  )
}

/** What the parts of a bundle allow at a location. */
function Parts({ view, place }: { view: View; place: ExplainedPlace }) {
  const t = view.t.sku.explain
  if (place.parts.length === 0) return null
  return (
    <ul class="parts">
      {place.parts.map(part => (
        <li class={part.limits ? 'limits' : ''}>
          {t.part(part.sku, part.perUnit, part.available, part.allows)}
          {part.limits ? <b class="part-limits"> {t.limits}</b> : null}
        </li>
      ))}
    </ul>
  )
}

function Promises({ view, explained }: { view: View; explained: Explained }) {
  const t = view.t.sku.explain
  const { reservations, reservationsLeftOut } = explained
  const all = reservations.length + reservationsLeftOut
  if (all === 0) return null
  return (
    <details class="promises" open={all <= 5}>
      <summary>{t.promises(all)}</summary>
      <ul>
        {reservations.map(one => (
          <li class={one.isOver ? 'quiet' : ''}>
            <b>{number(one.quantity, view.language)}</b> {t.promisedAt(one.sku === explained.sku ? null : one.sku, one.location)}{' '}
            {one.orderId === null ? (
              <span>{t.hold(one.basket)}</span>
            ) : (
              <a href={`/orders/${one.orderId}`}>{view.t.sku.movements.order(one.orderNumber ?? String(one.orderId))}</a>
            )}{' '}
            <span class="quiet">
              {t.since} <At view={view} at={one.since} />
              {one.until === null ? null : (
                <>
                  {' '}
                  {t.until} <At view={view} at={one.until} />
                </>
              )}
              {one.isOver ? ` ${t.over}` : ''}
            </span>
          </li>
        ))}
        {reservationsLeftOut === 0 ? null : <li class="quiet">{t.morePromises(reservationsLeftOut)}</li>}
      </ul>
    </details>
  )
}
