import type { PriceVersion, SkuHead } from '../../../../db/pages-sku.ts'
import type { ShownField } from '../../../../db/pages-sku-channels.ts'
import type { ExplainedPrice } from '../../../usecases/explain-price.ts'
import type { PricesShown } from '../../../usecases/price-history.ts'
import { Field } from '../../parts/form.tsx'
import { Layout } from '../../parts/layout.tsx'
import { LiveMark } from '../../parts/live-mark.tsx'
import { Refreshed } from '../../parts/refreshed.tsx'
import type { View } from '../../view.ts'
import { PriceForm, PricesPanel, type PriceTarget } from '../sku/prices.tsx'
import { type PriceDays, PriceHistory } from './history.tsx'
import { ShownPrices } from './shown.tsx'
import { WhyPanel } from './why.tsx'

export type SkuPricesView = {
  readonly head: SkuHead
  readonly explained: ExplainedPrice
  readonly fields: readonly ShownField[]
  /** The open incident about prices of each channel. */
  readonly held: ReadonlyMap<string, number>
  readonly prices: readonly PriceVersion[]
  readonly targets: readonly PriceTarget[]
  readonly history: PricesShown
  readonly days: PriceDays
  /** The instant as it stands in the field; empty for now. */
  readonly asked: string
  readonly refused: string | null
}

/** Everything about a SKU's prices: what each channel shows and why, what was typed, and what buyers were shown before. */
export function SkuPricesPage({ view, sku }: { view: View; sku: SkuPricesView }) {
  const t = view.t.skuPrices
  const { head, explained } = sku
  return (
    <Layout view={view} title={t.title(head.sku)} live={`sku=${encodeURIComponent(head.sku)}`}>
      <div class="page-head">
        <h1>{t.title(head.sku)}</h1>
        <LiveMark view={view} />
        <AtForm view={view} sku={head.sku} asked={sku.asked} />
        <p class="lead">
          {head.title} · <a href={`/skus/${encodeURIComponent(head.sku)}`}>{t.back}</a>
        </p>
      </div>
      {sku.refused === null ? null : (
        <p class="panel-note tone-bad" role="alert">
          {sku.refused}
        </p>
      )}
      <Refreshed view={view} name="shown-prices">
        <ShownPrices view={view} explained={explained} fields={sku.fields} held={sku.held} />
      </Refreshed>
      <div class="columns">
        <Refreshed view={view} name="prices">
          <PricesPanel view={view} prices={sku.prices} />
        </Refreshed>
        <PriceForm view={view} head={head} targets={sku.targets} page="prices" />
      </div>
      <Refreshed view={view} name="why">
        {explained.channels.map(channel => (
          <WhyPanel view={view} channel={channel} />
        ))}
        <PriceHistory view={view} history={sku.history} days={sku.days} />
      </Refreshed>
    </Layout>
  )
}

/** Chooses the instant, past or to come. A refresh leaves it alone, so that nothing changes under the hand that types. */
function AtForm({ view, sku, asked }: { view: View; sku: string; asked: string }) {
  const t = view.t.skuPrices
  const here = `/skus/${encodeURIComponent(sku)}/prices`
  return (
    <form method="get" action={here} class="at-form" hx-morph-skip>
      <Field label={t.at}>
        <input type="datetime-local" name="at" value={asked} step="1" required />
      </Field>
      <button type="submit">{t.show}</button>
      {asked === '' ? null : (
        <a class="button" href={here}>
          {t.now}
        </a>
      )}
    </form>
  )
}
