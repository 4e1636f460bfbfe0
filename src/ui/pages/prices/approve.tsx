import type { Child } from 'hono/jsx'
import type { PriceListRow } from '../../../../db/price-lists.ts'
import { number } from '../../format.ts'
import { draftOf, TextEntry } from '../../parts/entry.tsx'
import { WriteForm } from '../../parts/form.tsx'
import { Panel } from '../../parts/panel.tsx'
import { may, type View } from '../../view.ts'

type Given = {
  readonly view: View
  readonly list: PriceListRow
  readonly isOwn: boolean
  readonly preview: Child
  /** Whether a channel may need longer than a second; then a person can take that. */
  readonly mayBeLate: boolean
  /** Whether the guard may hold something of it when it begins; then a person can let it pass. */
  readonly mayBeHeld: boolean
}

/** Whether something of a list waits for approval. */
export const waitsFor = (list: Pick<PriceListRow, 'state' | 'waitingTerms' | 'waitingEntries'>): boolean =>
  list.state === 'draft' || (list.state !== 'ended' && (list.waitingTerms !== null || list.waitingEntries > 0))

/** What waits for approval, what it would change, and the decision for whoever may take it. */
export function ApprovePanel({ view, list, isOwn, preview, mayBeLate, mayBeHeld }: Given) {
  const t = view.t.prices.approve
  if (!waitsFor(list)) return null
  const isDraft = list.state === 'draft'
  const entries = isDraft ? list.entries + list.waitingEntries : list.waitingEntries
  const count = number(entries, view.language)
  const isEmpty = isDraft && entries === 0
  return (
    <Panel id="approve" title={isDraft ? t.titleDraft : t.title} class="asks">
      <p class="panel-note">
        {isDraft
          ? t.draft(count)
          : [list.waitingTerms === null ? null : t.terms, entries === 0 ? null : t.what(count)].filter(Boolean).join(' · ')}
      </p>
      {isEmpty ? (
        <p class="empty">{t.empty}</p>
      ) : (
        <>
          {preview}
          <Decision view={view} list={list} isOwn={isOwn} mayBeLate={mayBeLate} mayBeHeld={mayBeHeld} />
        </>
      )}
    </Panel>
  )
}

function Decision({ view, list, isOwn, mayBeLate, mayBeHeld }: Omit<Given, 'preview'>) {
  const t = view.t.prices.approve
  if (!may(view, 'prices:approve')) return <p class="panel-note">{t.notAllowed}</p>
  const here = `/prices/lists/${encodeURIComponent(list.code)}`
  const draft = draftOf(view, `${here}/approve`)
  return (
    <div class="panel-body">
      {isOwn ? <p class="panel-note tone-wait">{t.own}</p> : null}
      <div class="decide">
        {isOwn ? null : (
          <WriteForm view={view} action={`${here}/approve`} id={`approve-${list.version}`}>
            <input type="hidden" name="version" value={String(list.version)} />
            <TextEntry draft={draft} name="why" label={view.t.prices.why} maxlength={200} />
            {mayBeLate ? (
              <label class="check">
                <input type="checkbox" name="acceptWindow" value="yes" />
                <span>{t.acceptWindow}</span>
              </label>
            ) : null}
            {mayBeHeld ? (
              <label class="check">
                <input type="checkbox" name="acceptHeld" value="yes" />
                <span>{t.acceptHeld}</span>
              </label>
            ) : null}
            <button type="submit" class="main">
              {t.button}
            </button>
          </WriteForm>
        )}
        {list.state === 'draft' ? null : (
          <WriteForm view={view} action={`${here}/reject`} id={`reject-${list.version}`}>
            <input type="hidden" name="version" value={String(list.version)} />
            <button type="submit">{t.reject}</button>
            <span class="field-hint">{t.rejectHint}</span>
          </WriteForm>
        )}
      </div>
    </div>
  )
}

/** The way to see what approving would change, where that is not told at once. */
export function AskPreview({ view, code }: { view: View; code: string }) {
  const t = view.t.prices.approve
  return (
    <p class="panel-note">
      <a href={`/prices/lists/${encodeURIComponent(code)}?preview=yes#approve`}>{t.previewAsk}</a>{' '}
      <span class="quiet">{t.previewHint}</span>
    </p>
  )
}
