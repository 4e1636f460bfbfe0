import type { PlaceChoice } from '../../../../db/pages-stock.ts'
import { ChoiceEntry, draftOf, LinesEntry, TextEntry } from '../../parts/entry.tsx'
import { WriteForm } from '../../parts/form.tsx'
import { Layout } from '../../parts/layout.tsx'
import { Panel } from '../../parts/panel.tsx'
import { StockTabs } from '../../parts/stock-tabs.tsx'
import type { View } from '../../view.ts'

/** Notes what a supplier will bring: the lines are typed, or pasted from a spreadsheet. */
export function NewDeliveryPage({ view, places, currency }: { view: View; places: readonly PlaceChoice[]; currency: string }) {
  const t = view.t.stock.deliveries
  const draft = draftOf(view, '/stock/deliveries/new')
  return (
    <Layout view={view} title={t.add}>
      <div class="page-head">
        <h1>{t.add}</h1>
      </div>
      <StockTabs view={view} current="deliveries" />
      <div class="columns">
        <Panel id="new-delivery" title={t.what}>
          <div class="panel-body">
            <WriteForm view={view} action="/stock/deliveries/new">
              <div class="form-row top">
                <TextEntry draft={draft} name="reference" label={t.reference} required maxlength={120} hint={t.referenceHint} autofocus />
                <TextEntry draft={draft} name="supplier" label={t.supplier} maxlength={120} />
              </div>
              <div class="form-row top">
                <ChoiceEntry
                  draft={draft}
                  name="location"
                  label={t.location}
                  required
                  options={places.map(place => ({ value: place.code, word: place.name }))}
                />
                <TextEntry draft={draft} name="expectedAt" label={t.expected} type="date" required />
                <TextEntry draft={draft} name="currency" label={t.currency} value={currency} maxlength={3} class="small" />
              </div>
              <LinesEntry
                draft={draft}
                name="lines"
                label={t.linesLabel}
                rows={10}
                required
                placeholder={'MUG-BLUE 120 3.40\nMUG-RED 60 3.40'}
              />
              <TextEntry draft={draft} name="note" label={t.note} maxlength={500} />
              <button type="submit" class="main">
                {t.save}
              </button>
            </WriteForm>
          </div>
        </Panel>
        <Panel id="how" title={t.how}>
          <ol class="steps">
            {t.steps.split('\n').map(step => (
              <li>{step}</li>
            ))}
          </ol>
        </Panel>
      </div>
    </Layout>
  )
}
