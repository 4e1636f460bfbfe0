import type { QuarantineRow } from '../../../../db/guard.ts'
import type { ListedImport } from '../../../../db/import-list.ts'
import { actorName, number } from '../../format.ts'
import { HeldTabs } from '../../parts/held-tabs.tsx'
import { Layout } from '../../parts/layout.tsx'
import { addressOf, ListPanel } from '../../parts/list.tsx'
import { Table } from '../../parts/panel.tsx'
import { State } from '../../parts/state.tsx'
import { Ago, At } from '../../parts/time.tsx'
import type { View } from '../../view.ts'
import { HeldFiles } from './files.tsx'
import { whyText } from './why.ts'

export type HeldAsked = { readonly open: boolean; readonly before: number | null; readonly next: number | null }

type Given = {
  readonly view: View
  readonly asked: HeldAsked
  readonly rows: readonly QuarantineRow[]
  /** Price files that wait. */
  readonly files: readonly ListedImport[]
}

/** What the guard holds back, and what was decided. */
export function HeldPage({ view, asked, rows, files }: Given) {
  const t = view.t.held
  const address = (show: string, before: number | null) => addressOf('/held', { show, before: before === null ? '' : String(before) })
  const show = asked.open ? '' : 'decided'
  return (
    <Layout view={view} title={t.title}>
      <div class="page-head">
        <h1>{t.title}</h1>
        <p class="lead">{t.lead}</p>
      </div>
      <HeldTabs view={view} current={asked.open ? 'open' : 'decided'} />
      {files.length === 0 ? null : <HeldFiles view={view} files={files} />}
      <ListPanel
        view={view}
        label={t.title}
        empty={rows.length > 0 ? null : asked.open ? t.empty : t.noneDecided}
        first={asked.before === null ? null : address(show, null)}
        next={asked.next === null ? null : address(show, asked.next)}
      >
        <Table label={t.title} isStacked>
          <thead>
            <tr>
              <th>{t.channel}</th>
              <th>{t.why}</th>
              <th class="num">{asked.open ? t.held : t.joined}</th>
              <th>{t.opened}</th>
              <th>{t.state}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(row => (
              <tr id={`held-${row.id}`}>
                <th scope="row">
                  <a href={`/held/${row.id}`}>{t.one(row.channel, t.fields[row.field])}</a>
                </th>
                <td data-label={t.why}>{whyText(view, row.why)}</td>
                <td class="num strong" data-label={asked.open ? t.held : t.joined}>
                  {number(asked.open ? row.held : row.joined, view.language)}
                </td>
                <td data-label={t.opened}>
                  {asked.open ? <Ago view={view} at={row.openedAt} isWait /> : <At view={view} at={row.openedAt} />}
                </td>
                <td data-label={t.state}>
                  <HeldMark view={view} row={row} />
                  {row.decidedBy === null ? null : <span class="sub">{actorName(row.decidedBy, view.t.actor.system)}</span>}
                </td>
              </tr>
            ))}
          </tbody>
        </Table>
      </ListPanel>
    </Layout>
  )
}

/** How an incident stands. */
export function HeldMark({ view, row }: { view: View; row: Pick<QuarantineRow, 'decision'> }) {
  const t = view.t.held.states
  const looks = { approved: 'applied', rejected: 'cancelled', released: 'applied', dissolved: 'gone' } as const
  if (row.decision === null) return <State view={view} state="quarantined" text={t.open} />
  return <State view={view} state={looks[row.decision]} text={t[row.decision]} />
}
