import type { Terms } from '../../../../db/terms.ts'
import { number } from '../../format.ts'
import { ChoiceEntry, draftOf, NumberEntry, TextEntry } from '../../parts/entry.tsx'
import { Facts } from '../../parts/facts.tsx'
import { WriteForm } from '../../parts/form.tsx'
import { Panel } from '../../parts/panel.tsx'
import { Day } from '../../parts/time.tsx'
import { may, type View } from '../../view.ts'

/** Whether a SKU is sold before it is there, how many units, and from when they are. */
export function TermsPanel({ view, sku, terms, short }: { view: View; sku: string; terms: Terms | null; short: number }) {
  const t = view.t.goods.terms
  const action = `/skus/${encodeURIComponent(sku)}/terms`
  const draft = draftOf(view, action)
  return (
    <Panel id="terms" title={t.title}>
      {terms === null ? (
        <p class="panel-note">{t.none}</p>
      ) : (
        <Facts
          facts={[
            [t.kind, t.kinds[terms.kind]],
            [t.limit, number(terms.limit, view.language)],
            [t.taken, number(short, view.language)],
            [t.from, terms.availableFrom === null ? t.unknown : <Day at={new Date(terms.availableFrom)} />],
          ]}
        />
      )}
      {may(view, 'stock:write') ? (
        <div class="panel-body">
          <WriteForm view={view} action={action}>
            <div class="form-row top">
              <ChoiceEntry
                draft={draft}
                name="kind"
                class="wide"
                label={t.kind}
                value={terms?.kind ?? 'none'}
                options={(['none', 'backorder', 'preorder'] as const).map(kind => ({ value: kind, word: t.kinds[kind] }))}
              />
              <NumberEntry draft={draft} name="limit" label={t.limit} value={terms === null ? '' : String(terms.limit)} class="small" />
              <TextEntry draft={draft} name="availableFrom" label={t.from} type="date" value={terms?.availableFrom?.slice(0, 10) ?? ''} />
            </div>
            <p class="hint">{t.hint}</p>
            <button type="submit">{t.save}</button>
          </WriteForm>
        </div>
      ) : null}
    </Panel>
  )
}
