import type { ShownField } from '../../../../db/pages-sku-channels.ts'
import { documentText } from '../../format.ts'
import { addressOf } from '../../parts/list.tsx'
import { Empty, Panel, Table } from '../../parts/panel.tsx'
import { State } from '../../parts/state.tsx'
import { Ago } from '../../parts/time.tsx'
import { may, type View } from '../../view.ts'
import { whyPath } from '../channel/values.tsx'
import { Reason } from '../held/reason.tsx'

/** What each channel should show, and how far that got: each step with its value and instant. */
export function ShownPanel({ view, sku, fields }: { view: View; sku: string; fields: readonly ShownField[] }) {
  const t = view.t.sku.shown
  return (
    <Panel id="shown" title={t.title}>
      {fields.length === 0 ? (
        <Empty text={t.none} />
      ) : (
        <Table label={t.title} isStacked>
          <thead>
            <tr>
              <th>{t.channel}</th>
              <th>{t.field}</th>
              <th>{t.state}</th>
              <th>{t.intended}</th>
              <th>{t.sent}</th>
              <th>{t.accepted}</th>
              <th>{t.applied}</th>
              <th />
            </tr>
          </thead>
          <tbody>
            {fields.map(field => (
              <Row view={view} sku={sku} field={field} />
            ))}
          </tbody>
        </Table>
      )}
    </Panel>
  )
}

/** Whether the field has something to send that a pause holds back. */
export const waitsPaused = (field: ShownField): boolean => field.paused && field.published && field.waitingSince !== null

function Row({ view, sku, field }: { view: View; sku: string; field: ShownField }) {
  const t = view.t.sku.shown
  const differs = field.waitingSince !== null && !field.published
  return (
    <tr id={`shown-${field.listing}-${field.field}`}>
      <th scope="row">
        <a href={`/channels/${field.channel}`}>{field.channelName}</a>
        <span class="sub sku">{field.externalSku}</span>
      </th>
      <td data-label={t.field}>
        {view.t.fields[field.field]}
        {field.listingState === 'active' ? null : <State view={view} state={field.listingState} />}
      </td>
      <td data-label={t.state}>
        {waitsPaused(field) ? (
          <State view={view} state="paused" text={t.waitingPaused} />
        ) : (
          <State view={view} state={differs ? 'differs' : field.state} />
        )}
        {field.paused && !waitsPaused(field) ? <span class="sub">{t.paused}</span> : null}
        {field.published ? null : <span class="sub">{t.off}</span>}
        <Reason view={view} of={field} />
        {field.withheld > 0 ? <span class="sub">{t.withheld(field.withheld)}</span> : null}
      </td>
      <Step view={view} label={t.intended} value={field.intended} at={field.intendedAt} />
      <Step view={view} label={t.sent} value={field.sent} at={field.sentAt} />
      <Step view={view} label={t.accepted} value={field.accepted} at={field.acceptedAt} />
      <Step
        view={view}
        label={t.applied}
        value={field.applied}
        at={field.appliedAt}
        now={field.field === 'stock' ? field.expected : null}
      />
      <td>
        {may(view, 'channels:read') ? (
          <a class="button small" href={addressOf(whyPath(field.channel, sku), { field: field.field })}>
            {view.t.publishing.list.why}
          </a>
        ) : null}
      </td>
    </tr>
  )
}

/** `now`: what the platform shows by our reckoning, where its own orders have changed the number since it was applied. */
function Step(given: { view: View; label: string; value: Readonly<Record<string, unknown>> | null; at: Date | null; now?: number | null }) {
  const { view, label, value, at, now = null } = given
  const t = view.t.sku.shown
  if (at === null && value === null)
    return (
      <td class="quiet" data-label={label}>
        –
      </td>
    )
  return (
    <td data-label={label}>
      <span class="strong">{documentText(value, view.language, t.salePrice)}</span>
      {at === null ? null : (
        <span class="sub">
          <Ago view={view} at={at} />
        </span>
      )}
      {now !== null && value?.quantity !== now ? (
        <span class="sub">
          {t.now} <b>{now}</b>
        </span>
      ) : null}
    </td>
  )
}
