import type { Child } from 'hono/jsx'
import type { ImportState, RowError } from '../../../../db/imports.ts'
import type { ImportStanding } from '../../../usecases/read-import.ts'
import { number } from '../../format.ts'
import { Facts } from '../../parts/facts.tsx'
import { WriteForm } from '../../parts/form.tsx'
import { Layout } from '../../parts/layout.tsx'
import { Panel } from '../../parts/panel.tsx'
import { Progress } from '../../parts/progress.tsx'
import { Rows } from '../../parts/rows.tsx'
import { At } from '../../parts/time.tsx'
import { may, type View } from '../../view.ts'
import { ImportMark, ImportTabs } from './list.tsx'
import { rightText } from './right.ts'
import { type ImportRoom, importRooms, roomWords } from './room.ts'

// Whoever has more errors than these has one cause for most of them.
const ERRORS_SHOWN = 200
const UNDER_WAY: ReadonlySet<ImportState> = new Set(['staging', 'applying'])

type Given = {
  readonly view: View
  readonly room: ImportRoom
  readonly found: ImportStanding
  readonly facts: readonly (readonly [string, Child])[]
  /** What is told of how far the reading is; and what follows the standing: decisions, and what it would change. */
  readonly reading?: Child
  readonly decision?: Child
  readonly children: Child
}

/** One file: what is wrong with it, or what it would change, and how far it is. While it is read or applies, the page looks again each second. */
export function ImportPage({ view, room, found, facts, reading, decision, children }: Given) {
  const whole = (
    <>
      <Standing view={view} room={room} found={found} facts={facts} reading={reading} decision={decision} />
      {found.errors.length === 0 ? null : <Errors view={view} errors={found.errors} />}
      {children}
    </>
  )
  return (
    <Layout view={view} title={found.name}>
      <div class="page-head">
        <h1>{found.name}</h1>
      </div>
      <ImportTabs view={view} room={room} />
      {UNDER_WAY.has(found.state) ? (
        // Replaced whole: once it is done, what replaces it asks no more.
        <div id="import" hx-get={view.path} hx-trigger="every 1s" hx-select="#import" hx-target="this" hx-swap="outerHTML">
          {whole}
        </div>
      ) : (
        <div id="import">{whole}</div>
      )}
      <p>
        <a href={importRooms[room].address}>{roomWords(view, room).back}</a>
      </p>
    </Layout>
  )
}

/** A number that the judgement noted; 0 where it noted none. */
export const noted = ({ summary }: Pick<ImportStanding, 'summary'>, name: string): number =>
  typeof summary[name] === 'number' ? summary[name] : 0

function Standing({ view, room, found, facts, reading, decision }: Omit<Given, 'children'>) {
  const t = view.t.imports
  const plain = (value: number): string => number(value, view.language)
  const { address, write } = importRooms[room]
  return (
    <Panel id="standing" title={t.standing} aside={<ImportMark view={view} state={found.state} />}>
      <Facts
        facts={[
          [t.rows, plain(found.rows)],
          ...facts,
          ...(noted(found, 'failed') > 0 ? ([[t.failed, plain(noted(found, 'failed'))]] as const) : []),
          ...(found.endedAt === null ? [] : ([[t.ended, <At view={view} at={found.endedAt} />]] as const)),
        ]}
      />
      <p class="panel-note">{t.says[found.state]}</p>
      {reading}
      {found.state === 'applying' || found.state === 'done' ? (
        <div class="panel-body apply-progress">
          <Progress view={view} done={found.applied} of={found.rows} />
          <b>{t.appliedOf(plain(found.applied), plain(found.rows))}</b>
        </div>
      ) : null}
      {may(view, write) && (found.state === 'judged' || found.state === 'applying') ? (
        <div class="panel-body">
          <WriteForm view={view} action={`${address}/${found.id}/apply`}>
            <div>
              <button type="submit" class={found.state === 'judged' ? 'main' : ''}>
                {found.state === 'judged' ? t.apply(plain(noted(found, 'new') + noted(found, 'changed'))) : t.goOn}
              </button>
            </div>
          </WriteForm>
        </div>
      ) : null}
      {decision}
    </Panel>
  )
}

function Errors({ view, errors }: { view: View; errors: readonly RowError[] }) {
  const t = view.t.imports
  const shown = errors.slice(0, ERRORS_SHOWN)
  return (
    <Panel id="errors" title={t.errors} aside={t.firstErrors(shown.length)}>
      <Rows
        label={t.errors}
        rows={shown}
        empty={t.errors}
        columns={[
          { head: t.row, look: 'num', cell: error => number(error.row, view.language) },
          { head: t.column, look: 'sku', cell: error => <span translate="no">{error.column}</span> },
          { head: t.value, cell: error => <span translate="no">{error.value === '' ? '–' : error.value}</span> },
          { head: t.expected, cell: error => rightText(view, error.expected) },
        ]}
      />
    </Panel>
  )
}
