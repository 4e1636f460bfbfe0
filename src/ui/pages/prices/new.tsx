import { draftOf, TextEntry } from '../../parts/entry.tsx'
import { WriteForm } from '../../parts/form.tsx'
import { Layout } from '../../parts/layout.tsx'
import { Panel } from '../../parts/panel.tsx'
import { PriceTabs } from '../../parts/price-tabs.tsx'
import type { View } from '../../view.ts'
import { type AudienceChoice, TermsFields } from './terms-form.tsx'

type Given = {
  readonly view: View
  readonly audiences: readonly AudienceChoice[]
  readonly currencies: readonly string[]
  readonly zones: readonly string[]
}

/** Makes a price list: a draft, that gets its prices on its own page. */
export function NewListPage({ view, audiences, currencies, zones }: Given) {
  const t = view.t.prices
  const draft = draftOf(view, '/prices/lists/new')
  return (
    <Layout view={view} title={t.lists.add}>
      <div class="page-head">
        <h1>{t.lists.add}</h1>
        <p class="lead">{t.list.next}</p>
      </div>
      <PriceTabs view={view} current="lists" />
      <Panel id="new-list" title={t.list.terms}>
        <div class="panel-body">
          <WriteForm view={view} action="/prices/lists/new">
            <TextEntry draft={draft} name="code" label={t.list.code} required maxlength={40} hint={t.list.codeHint} autofocus />
            <TermsFields draft={draft} terms={null} audiences={audiences} currencies={currencies} zones={zones} />
            <button type="submit" class="main">
              {t.list.create}
            </button>
          </WriteForm>
        </div>
      </Panel>
    </Layout>
  )
}
