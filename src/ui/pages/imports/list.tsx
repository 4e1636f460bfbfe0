import type { Child } from 'hono/jsx'
import type { ListedImport } from '../../../../db/import-list.ts'
import type { ImportState } from '../../../../db/imports.ts'
import { actorName, number } from '../../format.ts'
import { Layout } from '../../parts/layout.tsx'
import { Pager } from '../../parts/list.tsx'
import { Panel } from '../../parts/panel.tsx'
import { PriceTabs } from '../../parts/price-tabs.tsx'
import { Progress } from '../../parts/progress.tsx'
import { Rows } from '../../parts/rows.tsx'
import { State } from '../../parts/state.tsx'
import { StockTabs } from '../../parts/stock-tabs.tsx'
import { At } from '../../parts/time.tsx'
import { may, type View } from '../../view.ts'
import { type ImportRoom, importRooms, roomWords } from './room.ts'

type Given = {
  readonly view: View
  readonly room: ImportRoom
  readonly imports: readonly ListedImport[]
  /** The form that sends one. */
  readonly form: Child
  readonly isFirst: boolean
  readonly next: string | null
}

/** Files of a room: sending one, and those that were sent. */
export function ImportsPage({ view, room, imports, form, isFirst, next }: Given) {
  const t = view.t.imports
  const words = roomWords(view, room)
  const { address, write, sample } = importRooms[room]
  return (
    <Layout view={view} title={words.title}>
      <div class="page-head">
        <h1>{words.title}</h1>
      </div>
      <ImportTabs view={view} room={room} />
      {may(view, write) && isFirst ? (
        <div class="columns">
          {form}
          <Panel id="how" title={t.how}>
            <ol class="steps">
              {words.steps.split('\n').map(step => (
                <li>{step}</li>
              ))}
            </ol>
            <pre class="sample" translate="no">
              {sample}
            </pre>
          </Panel>
        </div>
      ) : null}
      <Panel id="imports" title={t.latest}>
        <Rows
          label={t.latest}
          rows={imports}
          id={one => `import-${one.id}`}
          empty={words.none}
          columns={[
            { head: t.file, names: true, cell: one => <a href={`${address}/${one.id}`}>{one.name}</a> },
            {
              head: t.sent,
              cell: one => (
                <>
                  <At view={view} at={one.createdAt} />
                  <span class="sub">{actorName(one.actor, view.t.actor.system)}</span>
                </>
              ),
            },
            { head: t.rows, look: 'num', cell: one => number(one.rows, view.language) },
            { head: t.applied, look: 'num hide-narrow', cell: one => number(one.applied, view.language) },
            { head: t.progress, look: 'hide-narrow', cell: one => <Progress view={view} done={one.applied} of={one.rows} /> },
            {
              head: t.state,
              cell: one => (
                <>
                  <ImportMark view={view} state={one.state} />
                  {one.beyond.length === 0 || one.state !== 'waiting' ? null : (
                    <span class="sub" translate="no">
                      {one.beyond.join(', ')}
                    </span>
                  )}
                  {one.decidedBy === null ? null : <span class="sub">{actorName(one.decidedBy, view.t.actor.system)}</span>}
                </>
              ),
            },
          ]}
        />
        <Pager view={view} first={isFirst ? null : address} next={next} />
      </Panel>
    </Layout>
  )
}

/** The tabs of the room that the files are of. */
export function ImportTabs({ view, room }: { view: View; room: ImportRoom }) {
  return room === 'stock' ? <StockTabs view={view} current="import" /> : <PriceTabs view={view} current="import" />
}

const marks = {
  staging: 'waiting',
  judged: 'accepted',
  waiting: 'quarantined',
  applying: 'sent',
  done: 'applied',
  refused: 'refused',
  rejected: 'refused',
} as const

/** How an import stands. */
export function ImportMark({ view, state }: { view: View; state: ImportState }) {
  return <State view={view} state={marks[state]} text={view.t.imports.states[state]} />
}
