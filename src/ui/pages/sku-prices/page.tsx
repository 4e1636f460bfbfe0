import type { PriceVersion, SkuHead } from '../../../../db/pages-sku.ts'
import type { TaxRateRow } from '../../../../db/price-policies.ts'
import type { ExplainedPrice } from '../../../usecases/explain-price.ts'
import type { PriceBreaks } from '../../../usecases/price-breaks.ts'
import type { PricesShown } from '../../../usecases/price-history.ts'
import { Field } from '../../parts/form.tsx'
import { Layout } from '../../parts/layout.tsx'
import { addressOf } from '../../parts/list.tsx'
import { LiveMark } from '../../parts/live-mark.tsx'
import { Refreshed } from '../../parts/refreshed.tsx'
import type { View } from '../../view.ts'
import { PriceForm, PricesPanel, type PriceTarget } from '../sku/prices.tsx'
import { BreaksPanel } from './breaks.tsx'
import { type PriceDays, PriceHistory } from './history.tsx'
import { ShownPrices } from './shown.tsx'
import { TaxedPanel } from './taxed.tsx'
import { WhyPanel } from './why.tsx'

export type SkuPricesView = {
  readonly head: SkuHead
  readonly explained: ExplainedPrice
  readonly prices: readonly PriceVersion[]
  readonly targets: readonly PriceTarget[]
  readonly history: PricesShown
  readonly days: PriceDays
  /** The instant as it stands in the field; empty for now. */
  readonly asked: string
  readonly refused: string | null
  /** For whom and how many; a partner of null is anybody. */
  readonly buyer: BuyerAsked
  readonly breaks: PriceBreaks
  readonly taxed: { readonly category: string; readonly rates: readonly TaxRateRow[] }
}

export type BuyerAsked = { readonly partner: string | null; readonly quantity: number; readonly partners: readonly string[] }

/** Everything about a SKU's prices: what each channel shows and why, what was typed, and what buyers were shown before. */
export function SkuPricesPage({ view, sku }: { view: View; sku: SkuPricesView }) {
  const t = view.t.skuPrices
  const { head, explained, buyer } = sku
  const here = (quantity: number) => addressOf(pathOf(head.sku), { ...askedOf(sku), quantity: quantity === 1 ? '' : String(quantity) })
  return (
    <Layout view={view} title={t.title(head.sku)} live={`sku=${encodeURIComponent(head.sku)}`}>
      <div class="page-head">
        <h1>{t.title(head.sku)}</h1>
        <LiveMark view={view} />
        <p class="lead">
          {head.title} · <a href={`/skus/${encodeURIComponent(head.sku)}`}>{t.back}</a> ·{' '}
          <a href={`/prices/market/offers?sku=${encodeURIComponent(head.sku)}`}>{view.t.market.offersLink}</a>
        </p>
      </div>
      <BuyerForm view={view} sku={head.sku} asked={sku.asked} buyer={buyer} />
      {sku.refused === null ? null : (
        <p class="panel-note tone-bad" role="alert">
          {sku.refused}
        </p>
      )}
      <Refreshed view={view} name="shown-prices">
        <ShownPrices view={view} explained={explained} />
        <BreaksPanel view={view} breaks={sku.breaks} quantity={buyer.quantity} here={here} />
      </Refreshed>
      <div class="columns">
        <Refreshed view={view} name="prices">
          <PricesPanel view={view} prices={sku.prices} />
        </Refreshed>
        <div>
          <PriceForm view={view} head={head} targets={sku.targets} page="prices" />
          <TaxedPanel view={view} sku={head.sku} {...sku.taxed} />
        </div>
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

const pathOf = (sku: string): string => `/skus/${encodeURIComponent(sku)}/prices`

const askedOf = ({ asked, buyer }: SkuPricesView): Readonly<Record<string, string>> => ({
  partner: buyer.partner ?? '',
  quantity: buyer.quantity === 1 ? '' : String(buyer.quantity),
  at: asked,
})

/** Chooses who buys, how many, and when, past or to come. A refresh leaves it alone, so that nothing changes under the hand that types. */
function BuyerForm({ view, sku, asked, buyer }: { view: View; sku: string; asked: string; buyer: BuyerAsked }) {
  const t = view.t.skuPrices
  const isUsual = asked === '' && buyer.partner === null && buyer.quantity === 1
  return (
    <form method="get" action={pathOf(sku)} class="ask-form" hx-morph-skip>
      <Field label={t.buyer.partner}>
        <input name="partner" value={buyer.partner ?? ''} placeholder={t.buyer.anybody} list="partners" maxlength={40} autocomplete="off" />
      </Field>
      <datalist id="partners">
        {buyer.partners.map(code => (
          <option value={code} />
        ))}
      </datalist>
      <Field label={t.buyer.quantity} class="small">
        <input
          name="quantity"
          value={String(buyer.quantity)}
          inputmode="numeric"
          pattern="[0-9]{1,9}"
          title={view.t.form.wholeHint}
          autocomplete="off"
          class="number"
        />
      </Field>
      <Field label={t.at}>
        <input type="datetime-local" name="at" value={asked} step="1" />
      </Field>
      <button type="submit">{t.show}</button>
      {isUsual ? null : (
        <a class="button" href={pathOf(sku)}>
          {t.now}
        </a>
      )}
    </form>
  )
}
