import type { DeliveryRow, EndpointRow } from '../../../../db/alert-deliveries.ts'
import { number } from '../../format.ts'
import { WriteForm } from '../../parts/form.tsx'
import { Panel } from '../../parts/panel.tsx'
import { Rows } from '../../parts/rows.tsx'
import { State } from '../../parts/state.tsx'
import { At } from '../../parts/time.tsx'
import type { View } from '../../view.ts'

const looks = { waiting: 'waiting', done: 'applied', failed: 'refused', dropped: 'gone' } as const

/** A webhook by its name or its host, because its address may be long. */
function placeOf(endpoint: EndpointRow | undefined): string {
  if (endpoint === undefined) return '–'
  return endpoint.name || (endpoint.via === 'webhook' ? new URL(endpoint.address).host : endpoint.address)
}

/** The latest deliveries: what became of each, and a way to send it again. */
export function DeliveryLog(given: { view: View; rows: readonly DeliveryRow[]; endpoints: readonly EndpointRow[] }) {
  const { view, rows, endpoints } = given
  const t = view.t.alerts.log
  return (
    <Panel id="deliveries" title={t.title}>
      <Rows
        label={t.title}
        rows={rows}
        id={row => `delivery-${row.id}`}
        empty={t.none}
        columns={[
          {
            head: t.delivery,
            names: true,
            cell: row => (
              <>
                {`${row.id} · ${t.events[row.event]}`}
                <span class="sub sku" translate="no">
                  {row.messageId}
                </span>
              </>
            ),
          },
          {
            head: t.to,
            cell: row => (
              <span class="address" translate="no">
                {placeOf(endpoints.find(one => one.id === row.endpoint))}
              </span>
            ),
          },
          { head: view.t.alerts.state, cell: row => <State view={view} state={looks[row.state]} text={t.states[row.state]} /> },
          {
            head: t.answer,
            cell: row => <span translate="no">{[row.lastStatus, row.lastTrouble].filter(part => part !== null).join(' ') || '–'}</span>,
          },
          { head: t.tries, look: 'num', cell: row => number(row.attempts, view.language) },
          { head: t.written, look: 'hide-narrow', cell: row => <At view={view} at={row.createdAt} /> },
          { head: t.next, look: 'hide-narrow', cell: row => (row.dueAt === null ? '–' : <At view={view} at={row.dueAt} />) },
          {
            head: '',
            look: () => 'end',
            cell: row =>
              endpoints.some(one => one.id === row.endpoint && one.state === 'active') ? (
                <WriteForm view={view} action={`/alerts/deliveries/${row.id}/replay`} class="inline-form">
                  <button type="submit">{t.replay}</button>
                </WriteForm>
              ) : null,
          },
        ]}
      />
    </Panel>
  )
}
