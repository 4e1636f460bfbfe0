import type { PlaceChoice } from '../../../../db/pages-stock.ts'
import { ChoiceEntry, draftOf, LinesEntry, TextEntry } from '../../parts/entry.tsx'
import { WriteForm } from '../../parts/form.tsx'
import { Layout } from '../../parts/layout.tsx'
import { Empty, Panel } from '../../parts/panel.tsx'
import { StockTabs } from '../../parts/stock-tabs.tsx'
import type { View } from '../../view.ts'

/** Asks for goods to be moved from one location to another. */
export function NewTransferPage({ view, places, lines }: { view: View; places: readonly PlaceChoice[]; lines: string }) {
  const t = view.t.stock.transfers
  const draft = draftOf(view, '/stock/transfers/new')
  const options = places.map(place => ({ value: place.code, word: place.name }))
  return (
    <Layout view={view} title={t.add}>
      <div class="page-head">
        <h1>{t.add}</h1>
      </div>
      <StockTabs view={view} current="transfers" />
      <div class="columns">
        <Panel id="new-transfer" title={t.what}>
          {places.length < 2 ? (
            <Empty text={t.onePlace} />
          ) : (
            <div class="panel-body">
              <WriteForm view={view} action="/stock/transfers/new">
                <div class="form-row top">
                  <ChoiceEntry draft={draft} name="from" label={t.from} required options={options} />
                  <ChoiceEntry draft={draft} name="to" label={t.to} value={places[1]?.code ?? ''} required options={options} />
                </div>
                <LinesEntry
                  draft={draft}
                  name="lines"
                  label={t.linesLabel}
                  rows={8}
                  value={lines}
                  required
                  placeholder={'MUG-BLUE 20\nMUG-RED 5'}
                />
                <div class="form-row top">
                  <TextEntry draft={draft} name="expectedAt" label={t.expected} type="date" />
                  <TextEntry draft={draft} name="reference" label={t.reference} maxlength={120} hint={t.referenceHint} />
                </div>
                <TextEntry draft={draft} name="note" label={t.note} maxlength={500} />
                <button type="submit" class="main">
                  {t.save}
                </button>
              </WriteForm>
            </div>
          )}
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
