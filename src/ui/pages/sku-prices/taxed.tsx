import type { TaxRateRow } from '../../../../db/price-policies.ts'
import { listed } from '../../format.ts'
import { draftOf, TextEntry } from '../../parts/entry.tsx'
import { Facts } from '../../parts/facts.tsx'
import { WriteForm } from '../../parts/form.tsx'
import { Panel } from '../../parts/panel.tsx'
import { may, type View } from '../../view.ts'

/** How a SKU is taxed: its category, what rates that means now, and a form to change it. */
export function TaxedPanel({ view, sku, category, rates }: { view: View; sku: string; category: string; rates: readonly TaxRateRow[] }) {
  const t = view.t.skuPrices.taxed
  const words = holding(view, rates, category).map(rate => t.rateOf(rate.region, rate.percent))
  const action = `/skus/${encodeURIComponent(sku)}/tax`
  const draft = draftOf(view, action)
  return (
    <Panel id="taxed" title={t.title}>
      <Facts
        facts={[
          [t.category, category],
          [t.rates, words.length === 0 ? '–' : listed(words, view.language)],
        ]}
      />
      {words.length === 0 ? <p class="panel-note">{t.noRates}</p> : null}
      {may(view, 'prices:write') ? (
        <div class="panel-body">
          <WriteForm view={view} action={action}>
            <div class="form-row top">
              <TextEntry
                draft={draft}
                name="category"
                label={t.category}
                required
                maxlength={40}
                hint={t.categoryHint}
                list="tax-categories"
              />
              <TextEntry draft={draft} name="why" label={view.t.priceSettings.why} maxlength={200} />
            </div>
            <datalist id="tax-categories">
              {[...new Set(rates.map(rate => rate.category))].sort().map(one => (
                <option value={one} />
              ))}
            </datalist>
            <div>
              <button type="submit">{t.save}</button>
            </div>
          </WriteForm>
        </div>
      ) : null}
    </Panel>
  )
}

/** The rates of a category that hold now, region by region. */
function holding({ now }: View, rates: readonly TaxRateRow[], category: string): TaxRateRow[] {
  const newest = new Map<string, TaxRateRow>()
  for (const rate of rates) {
    const known = newest.get(rate.region)
    if (rate.category === category && rate.startsAt <= now && (known === undefined || known.startsAt < rate.startsAt))
      newest.set(rate.region, rate)
  }
  return [...newest.values()].sort((a, b) => (a.region < b.region ? -1 : 1))
}
