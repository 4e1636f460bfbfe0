import type { AlertRow } from '../../../../db/alerts.ts'
import { alertText } from '../../../usecases/alert-text.ts'
import { AlertTabs } from '../../parts/alert-tabs.tsx'
import { Layout } from '../../parts/layout.tsx'
import { addressOf, ListPanel } from '../../parts/list.tsx'
import { LiveMark } from '../../parts/live-mark.tsx'
import { Table } from '../../parts/panel.tsx'
import { Refreshed } from '../../parts/refreshed.tsx'
import { State } from '../../parts/state.tsx'
import { Ago, At } from '../../parts/time.tsx'
import type { View } from '../../view.ts'

export type AlertsAsked = { readonly open: boolean; readonly before: number | null; readonly next: number | null }

/** What is wrong now, or what was. */
export function AlertsPage({ view, asked, rows }: { view: View; asked: AlertsAsked; rows: readonly AlertRow[] }) {
  const t = view.t.alerts
  const show = asked.open ? '' : 'over'
  const address = (before: number | null) => addressOf('/alerts', { show, before: before === null ? '' : String(before) })
  return (
    <Layout view={view} title={t.title} live="alerts">
      <div class="page-head">
        <h1>{t.title}</h1>
        <LiveMark view={view} />
        <p class="lead">{t.lead}</p>
      </div>
      <AlertTabs view={view} current={asked.open ? 'open' : 'over'} />
      <Refreshed view={view} name="alerts">
        <ListPanel
          view={view}
          label={t.title}
          empty={rows.length > 0 ? null : asked.open ? t.empty : t.noneOver}
          first={asked.before === null ? null : address(null)}
          next={asked.next === null ? null : address(asked.next)}
        >
          <Table label={t.title}>
            <thead>
              <tr>
                <th>{t.what}</th>
                <th>{t.since}</th>
                <th>{t.state}</th>
              </tr>
            </thead>
            <tbody>
              {rows.map(row => (
                <Alert view={view} row={row} />
              ))}
            </tbody>
          </Table>
        </ListPanel>
      </Refreshed>
    </Layout>
  )
}

function Alert({ view, row }: { view: View; row: AlertRow }) {
  const t = view.t.alerts.states
  const { title, text } = alertText(row.kind, row.subject, row.facts, view.language)
  const isOpen = row.endedAt === null
  return (
    <tr id={`alert-${row.id}`} class={isOpen ? undefined : 'ended'}>
      <th scope="row">
        {row.channel === null ? title : <a href={`/channels/${encodeURIComponent(row.channel)}`}>{title}</a>}
        <span class="sub">{text}</span>
      </th>
      <td>{isOpen ? <Ago view={view} at={row.since} isWait /> : <At view={view} at={row.since} />}</td>
      <td>
        <State view={view} state={isOpen ? 'failing' : 'applied'} text={isOpen ? t.open : t.over} />
        {isOpen ? null : (
          <span class="sub">
            <At view={view} at={row.endedAt} />
          </span>
        )}
      </td>
    </tr>
  )
}
