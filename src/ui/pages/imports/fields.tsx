import type { Child } from 'hono/jsx'
import { ChoiceEntry, type Draft, draftOf } from '../../parts/entry.tsx'
import { KeyFields } from '../../parts/form.tsx'
import { Panel } from '../../parts/panel.tsx'
import type { View } from '../../view.ts'
import { type ImportRoom, importRooms } from './room.ts'

type Given = {
  readonly view: View
  readonly room: ImportRoom
  /** Fields of the room's own files, and further options of them. */
  readonly children?: (draft: Draft) => Child
  readonly more?: (draft: Draft) => Child
}

/** Sends a file. It takes its time, so this is an ordinary form: the browser shows how far it is. */
export function UploadForm({ view, room, children, more }: Given) {
  const t = view.t.imports
  const { address } = importRooms[room]
  const draft = draftOf(view, address)
  return (
    <Panel id="upload" title={t.upload}>
      <div class="panel-body">
        <form method="post" action={address} enctype="multipart/form-data" class="form">
          <KeyFields view={view} />
          <FileEntry draft={draft} hint={t.fileHint} />
          {children?.(draft)}
          <details class="fold">
            <summary>{t.more}</summary>
            <ReadAs draft={draft} />
            <Tick draft={draft} name="ignore" word={t.ignore} />
            {more?.(draft)}
          </details>
          <button type="submit" class="main">
            {t.judge}
          </button>
        </form>
      </div>
    </Panel>
  )
}

/** The file itself. */
export function FileEntry({ draft, hint }: { draft: Draft; hint: string }) {
  const wrong = draft.wrong('file')
  return (
    <label class={wrong === null ? 'field' : 'field wrong'}>
      <span class="field-label">{draft.view.t.imports.file}</span>
      <input type="file" name="file" accept=".csv,.txt,.ndjson,.jsonl,text/csv,application/x-ndjson" required />
      {wrong === null ? null : (
        <span class="field-wrong" role="alert">
          {wrong}
        </span>
      )}
      <span class="field-hint">{hint}</span>
    </label>
  )
}

/** How the bytes of a file of CSV are to be read. */
export function ReadAs({ draft }: { draft: Draft }) {
  const t = draft.view.t.imports
  return (
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
  )
}

/** The decimal mark of a file's amounts. */
export function DecimalChoice({ view, draft }: { view: View; draft: Draft }) {
  const { decimal, decimals } = view.t.imports
  const options = (['point', 'comma'] as const).map(one => ({ value: one, word: decimals[one] }))
  return <ChoiceEntry draft={draft} name="decimal" label={decimal} value="point" options={options} />
}

/** An option that is taken or not. */
export function Tick({ draft, name, word }: { draft: Draft; name: string; word: string }) {
  return (
    <label class="check">
      <input type="checkbox" name={name} value="yes" checked={draft.typed(name) === 'yes'} />
      {word}
    </label>
  )
}
