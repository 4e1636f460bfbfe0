import type { ReasonRow } from '../../../db/reasons.ts'
import { REASON_ACTS } from '../../usecases/reasons.ts'
import { listed } from '../format.ts'
import { type Draft, draftOf, TextEntry } from '../parts/entry.tsx'
import { WriteForm } from '../parts/form.tsx'
import { Layout } from '../parts/layout.tsx'
import { Panel, Table } from '../parts/panel.tsx'
import { State } from '../parts/state.tsx'
import { StockTabs } from '../parts/stock-tabs.tsx'
import { may, type View } from '../view.ts'
import { wordsOf } from '../words.ts'

/** A reason's name: what the company calls it; one of the first list that nobody renamed, in the reader's language. */
export function reasonName(view: View, reason: { readonly code: string; readonly name: string }): string {
  // The list is laid down in English, so a reason that still has that name is one that nobody renamed.
  const first: Readonly<Record<string, string>> = wordsOf('en').counting.reasons.names
  const translated: Readonly<Record<string, string>> = view.t.counting.reasons.names
  return first[reason.code] === reason.name ? (translated[reason.code] ?? reason.name) : reason.name
}

/** The field of an act in the form of a reason. */
export const actField = (act: string): string => `act:${act}`

/** The list of reasons that people choose from. Whoever may approve counts may change it. */
export function ReasonsPage({ view, reasons }: { view: View; reasons: readonly ReasonRow[] }) {
  const t = view.t.counting.reasons
  const mayChange = may(view, 'stock:approve')
  return (
    <Layout view={view} title={t.title}>
      <div class="page-head">
        <h1>{t.title}</h1>
      </div>
      <StockTabs view={view} current="reasons" />
      <div class={mayChange ? 'columns' : ''}>
        <Panel id="reasons" title={t.list}>
          <p class="panel-note">{mayChange ? t.hint : t.readOnly}</p>
          <Table label={t.title}>
            <thead>
              <tr>
                <th>{t.name}</th>
                <th>{t.acts}</th>
                <th>{t.state}</th>
                {mayChange ? <th /> : null}
              </tr>
            </thead>
            <tbody>
              {reasons.map(reason => (
                <Row view={view} reason={reason} mayChange={mayChange} />
              ))}
            </tbody>
          </Table>
        </Panel>
        {mayChange ? <AddForm view={view} /> : null}
      </div>
    </Layout>
  )
}

function Row({ view, reason, mayChange }: { view: View; reason: ReasonRow; mayChange: boolean }) {
  const t = view.t.counting.reasons
  const action = `/stock/reasons/${encodeURIComponent(reason.code)}`
  const draft = draftOf(view, action)
  return (
    <tr id={`reason-${reason.code}`}>
      <th scope="row">
        {reasonName(view, reason)}
        <span class="sub sku" translate="no">
          {reason.code}
        </span>
      </th>
      <td>
        {listed(
          reason.acts.map(act => t.act[act]),
          view.language,
        )}
      </td>
      <td>
        <State view={view} state={reason.active ? 'active' : 'inactive'} text={reason.active ? t.on : t.off} />
      </td>
      {mayChange ? (
        <td class="end">
          <details class="fold" open={draft.wrong('name') !== null || draft.wrong('acts') !== null}>
            <summary>{t.change}</summary>
            <WriteForm view={view} action={action}>
              <TextEntry draft={draft} name="name" label={t.name} value={reason.name} required maxlength={80} />
              <Acts view={view} draft={draft} chosen={reason.acts} />
              <label class="check">
                <input type="checkbox" name="active" value="yes" checked={reason.active} />
                {t.canChoose}
              </label>
              <button type="submit">{t.save}</button>
            </WriteForm>
          </details>
        </td>
      ) : null}
    </tr>
  )
}

function AddForm({ view }: { view: View }) {
  const t = view.t.counting.reasons
  const draft = draftOf(view, '/stock/reasons')
  return (
    <Panel id="add-reason" title={t.add}>
      <div class="panel-body">
        <WriteForm view={view} action="/stock/reasons">
          <TextEntry draft={draft} name="name" label={t.name} required maxlength={80} placeholder={t.nameHint} />
          <TextEntry draft={draft} name="code" label={t.code} required maxlength={40} hint={t.codeHint} />
          <Acts view={view} draft={draft} chosen={[]} />
          <button type="submit" class="main">
            {t.add}
          </button>
        </WriteForm>
      </div>
    </Panel>
  )
}

function Acts({ view, draft, chosen }: { view: View; draft: Draft; chosen: readonly string[] }) {
  const t = view.t.counting.reasons
  const wrong = draft.wrong('acts')
  return (
    <fieldset class={wrong === null ? 'checks' : 'checks wrong'}>
      <legend>{t.acts}</legend>
      {REASON_ACTS.map(act => (
        <label class="check">
          <input
            type="checkbox"
            name={actField(act)}
            value="yes"
            checked={draft.typed(actField(act), chosen.includes(act) ? 'yes' : '') === 'yes'}
          />
          {t.act[act]}
        </label>
      ))}
      {wrong === null ? null : (
        <span class="field-wrong" role="alert">
          {wrong}
        </span>
      )}
    </fieldset>
  )
}
