import { randomUUID } from 'node:crypto'
import type { ImportRow, ImportState } from '../../../../db/imports.ts'
import type { PlaceChoice } from '../../../../db/pages-stock.ts'
import { actorName, number } from '../../format.ts'
import { ChoiceEntry, draftOf, TextEntry } from '../../parts/entry.tsx'
import { CSRF_FIELD, KEY_FIELD } from '../../parts/form.tsx'
import { Layout } from '../../parts/layout.tsx'
import { Empty, Panel, Table } from '../../parts/panel.tsx'
import { Progress } from '../../parts/progress.tsx'
import { State } from '../../parts/state.tsx'
import { StockTabs } from '../../parts/stock-tabs.tsx'
import { At } from '../../parts/time.tsx'
import { may, type View } from '../../view.ts'

export type ListedImport = ImportRow & { readonly actor: string }

/** Stock files: sending one, and those that were sent last. */
export function ImportsPage({ view, places, imports }: { view: View; places: readonly PlaceChoice[]; imports: readonly ListedImport[] }) {
  const t = view.t.imports
  return (
    <Layout view={view} title={t.title}>
      <div class="page-head">
        <h1>{t.title}</h1>
      </div>
      <StockTabs view={view} current="import" />
      {may(view, 'stock:write') ? (
        <div class="columns">
          <UploadForm view={view} places={places} />
          <Panel id="how" title={t.how}>
            <ol class="steps">
              {t.steps.split('\n').map(step => (
                <li>{step}</li>
              ))}
            </ol>
            <pre class="sample" translate="no">
              {'sku,location,quantity\nMUG-BLUE,berlin,12\nMUG-RED,berlin,0'}
            </pre>
          </Panel>
        </div>
      ) : null}
      <Panel id="imports" title={t.latest}>
        {imports.length === 0 ? <Empty text={t.none} /> : <Rows view={view} imports={imports} />}
      </Panel>
    </Layout>
  )
}

/** A file takes its time, so this is an ordinary form: the browser shows how far it is. */
function UploadForm({ view, places }: { view: View; places: readonly PlaceChoice[] }) {
  const t = view.t.imports
  const draft = draftOf(view, '/stock/import')
  const wrongFile = draft.wrong('file')
  return (
    <Panel id="upload" title={t.upload}>
      <div class="panel-body">
        <form method="post" action="/stock/import" enctype="multipart/form-data" class="form">
          <input type="hidden" name={CSRF_FIELD} value={view.principal?.csrf ?? ''} />
          <input type="hidden" name={KEY_FIELD} value={randomUUID()} />
          <label class={wrongFile === null ? 'field' : 'field wrong'}>
            <span class="field-label">{t.file}</span>
            <input type="file" name="file" accept=".csv,.txt,.ndjson,.jsonl,text/csv,application/x-ndjson" required />
            {wrongFile === null ? null : (
              <span class="field-wrong" role="alert">
                {wrongFile}
              </span>
            )}
            <span class="field-hint">{t.fileHint}</span>
          </label>
          <div class="form-row top">
            <ChoiceEntry
              draft={draft}
              name="mode"
              label={t.mode}
              value="absolute"
              options={(['absolute', 'delta'] as const).map(mode => ({ value: mode, word: t.modes[mode] }))}
            />
            <ChoiceEntry
              draft={draft}
              name="basis"
              label={t.basis}
              value="on_hand"
              options={(['on_hand', 'available'] as const).map(basis => ({ value: basis, word: t.bases[basis] }))}
            />
          </div>
          <div class="form-row top">
            <ChoiceEntry
              draft={draft}
              name="location"
              label={t.location}
              none={t.inFile}
              options={places.map(place => ({ value: place.code, word: place.name }))}
            />
            <TextEntry draft={draft} name="occurredAt" label={t.occurredAt} type="datetime-local" hint={t.occurredHint} />
          </div>
          <details class="fold">
            <summary>{t.more}</summary>
            <div class="form-row">
              <ChoiceEntry
                draft={draft}
                name="delimiter"
                label={t.delimiter}
                value="comma"
                options={(['comma', 'semicolon', 'tab', 'bar'] as const).map(one => ({ value: one, word: t.delimiters[one] }))}
              />
              <ChoiceEntry
                draft={draft}
                name="encoding"
                label={t.encoding}
                value="utf-8"
                options={(['utf-8', 'windows-1252'] as const).map(one => ({ value: one, word: t.encodings[one] }))}
              />
            </div>
            <label class="check">
              <input type="checkbox" name="ignore" value="yes" checked={draft.typed('ignore') === 'yes'} />
              {t.ignore}
            </label>
            <label class="check">
              <input type="checkbox" name="again" value="yes" checked={draft.typed('again') === 'yes'} />
              {t.again}
            </label>
          </details>
          <button type="submit" class="main">
            {t.judge}
          </button>
        </form>
      </div>
    </Panel>
  )
}

function Rows({ view, imports }: { view: View; imports: readonly ListedImport[] }) {
  const t = view.t.imports
  return (
    <Table label={t.latest}>
      <thead>
        <tr>
          <th>{t.file}</th>
          <th>{t.sent}</th>
          <th class="num">{t.rows}</th>
          <th class="num">{t.applied}</th>
          <th class="hide-narrow">{t.progress}</th>
          <th>{t.state}</th>
        </tr>
      </thead>
      <tbody>
        {imports.map(one => (
          <tr id={`import-${one.id}`}>
            <th scope="row">
              <a href={`/stock/import/${one.id}`}>{one.name}</a>
            </th>
            <td>
              <At view={view} at={one.createdAt} />
              <span class="sub">{actorName(one.actor, view.t.actor.system)}</span>
            </td>
            <td class="num">{number(one.rows, view.language)}</td>
            <td class={one.applied === 0 ? 'num zero' : 'num'}>{number(one.applied, view.language)}</td>
            <td class="hide-narrow">
              <Progress view={view} done={one.applied} of={one.rows} />
            </td>
            <td>
              <ImportMark view={view} state={one.state} />
            </td>
          </tr>
        ))}
      </tbody>
    </Table>
  )
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
