import type { BundleRow } from '../../../../db/bundles.ts'
import type { Page } from '../../../../db/pages.ts'
import type { LocationStock, Movement, PriceVersion, SkuHead } from '../../../../db/pages-sku.ts'
import type { ShownField } from '../../../../db/pages-sku-channels.ts'
import type { SkuHold } from '../../../../db/pages-sku-goods.ts'
import type { PlaceChoice } from '../../../../db/pages-stock.ts'
import type { SubstitutionRule } from '../../../../db/substitutes.ts'
import type { Terms } from '../../../../db/terms.ts'
import type { Explained } from '../../../usecases/explain.ts'
import type { SkuLots } from '../../../usecases/lots.ts'
import type { StockHistory } from '../../../usecases/stock-history.ts'
import { Icon } from '../../parts/icon.tsx'
import { Layout } from '../../parts/layout.tsx'
import { LiveMark } from '../../parts/live-mark.tsx'
import { Refreshed } from '../../parts/refreshed.tsx'
import { State } from '../../parts/state.tsx'
import type { View } from '../../view.ts'
import type { ActFacts, StockAct } from '../stock/act-form.tsx'
import { BundlePanel, PartsForm } from './bundle.tsx'
import { ChartPanel, type Period } from './chart-panel.tsx'
import { ExplainPanel } from './explain.tsx'
import { HazardPanel } from './hazard.tsx'
import { HoldsPanel } from './holds.tsx'
import { LotForms, LotsPanel } from './lots.tsx'
import { MovementsPanel } from './movements.tsx'
import { PriceForm, PricesPanel, type PriceTarget } from './prices.tsx'
import { ShownPanel } from './shown.tsx'
import { StockForm, StockPanel } from './stock.tsx'
import { SubstitutesPanel } from './substitutes.tsx'
import { TermsPanel } from './terms.tsx'

export type SkuView = {
  readonly head: SkuHead
  readonly stock: readonly LocationStock[]
  /** What the form about its stock is made of, the act that is chosen, and the location. */
  readonly facts: ActFacts
  readonly act: StockAct
  readonly at: string
  readonly fields: readonly ShownField[]
  readonly explained: Explained
  readonly movements: Page<Movement>
  readonly isFirstPage: boolean
  readonly goods: Goods
  readonly prices: readonly PriceVersion[]
  readonly targets: readonly PriceTarget[]
  readonly history: StockHistory
  readonly days: Period
  /** The instant that was asked for, as it stands in the field; empty for now. */
  readonly asked: string
  /** Why that instant is not explained. */
  readonly refused: string | null
}

/** What a SKU consists of and what it is a part of, its lots, how far ahead it is sold, and what is held of it. */
export type Goods = {
  readonly bundle: BundleRow
  readonly within: readonly BundleRow[]
  readonly lots: SkuLots
  readonly terms: { readonly terms: Terms | null; readonly short: number }
  readonly substitutes: {
    readonly rules: readonly SubstitutionRule[]
    readonly channels: readonly { readonly code: string; readonly name: string }[]
  }
  readonly holds: readonly SkuHold[]
  readonly places: readonly PlaceChoice[]
  readonly names: ReadonlyMap<string, string>
  /** Where it lies now, each part with what it allows; also when the page explains the past. */
  readonly now: Explained['locations']
}

/** Everything about one SKU. What moves refreshes itself; the forms stand beside it, so that nothing changes under the hand that types. */
export function SkuPage({ view, sku }: { view: View; sku: SkuView }) {
  const t = view.t.sku
  const { head, goods } = sku
  return (
    <Layout view={view} title={head.sku} live={`sku=${encodeURIComponent(head.sku)}`}>
      <div class="page-head">
        <h1>{head.title}</h1>
        <span class="sku">{head.sku}</span>
        {head.status === 'archived' ? <State view={view} state="archived" /> : null}
        <LiveMark view={view} />
        <p class="lead">
          {[
            head.gtin === null ? null : `${t.gtin} ${head.gtin}`,
            ...Object.entries(head.options).map(([name, value]) => `${name}: ${value}`),
          ]
            .filter(part => part !== null)
            .join(' · ')}
        </p>
      </div>
      <div class="columns">
        <Refreshed view={view} name="stock">
          {head.short > 0 ? (
            <div class="flash tone-bad">
              <Icon name="warn" />
              <p>{t.shortInOrders(head.short)}</p>
            </div>
          ) : null}
          <StockPanel view={view} sku={head.sku} stock={sku.stock} />
        </Refreshed>
        <StockForm view={view} facts={sku.facts} act={sku.act} at={sku.at} />
      </div>
      <Refreshed view={view} name="goods">
        <BundlePanel view={view} bundle={goods.bundle} places={goods.now} />
        <LotsPanel view={view} lots={goods.lots} names={goods.names} />
        <HoldsPanel view={view} sku={head.sku} holds={goods.holds} places={goods.places} />
      </Refreshed>
      <Refreshed view={view} name="shown">
        <ShownPanel view={view} sku={head.sku} fields={sku.fields} />
        <ExplainPanel view={view} explained={sku.explained} fields={sku.fields} asked={sku.asked} refused={sku.refused} />
      </Refreshed>
      <div class="columns">
        <Refreshed view={view} name="prices">
          <PricesPanel view={view} prices={sku.prices} sku={head.sku} />
        </Refreshed>
        <PriceForm view={view} head={head} targets={sku.targets} />
      </div>
      <div class="columns even">
        <TermsPanel view={view} sku={head.sku} {...goods.terms} />
        <div>
          <HazardPanel view={view} head={head} />
          <PartsForm view={view} bundle={goods.bundle} within={goods.within} />
          <LotForms view={view} lots={goods.lots} names={goods.names} />
        </div>
        <SubstitutesPanel view={view} sku={head.sku} {...goods.substitutes} />
      </div>
      <Refreshed view={view} name="movements">
        <ChartPanel view={view} head={head} history={sku.history} days={sku.days} locations={sku.stock} />
        <MovementsPanel view={view} head={head} movements={sku.movements} isFirstPage={sku.isFirstPage} />
      </Refreshed>
    </Layout>
  )
}
