import type { MarketOfferRow } from '../../../../db/market-offers.ts'
import { money } from '../../format.ts'
import { ChoiceEntry, draftOf, TextEntry } from '../../parts/entry.tsx'
import { Filters } from '../../parts/filters.tsx'
import { WriteForm } from '../../parts/form.tsx'
import { Layout } from '../../parts/layout.tsx'
import { addressOf, Pager } from '../../parts/list.tsx'
import { Panel } from '../../parts/panel.tsx'
import { PriceTabs } from '../../parts/price-tabs.tsx'
import { Beside, Rows } from '../../parts/rows.tsx'
import { State } from '../../parts/state.tsx'
import { At } from '../../parts/time.tsx'
import { may, type View } from '../../view.ts'
import { skuLink } from './parts.tsx'

export type OffersAsked = { readonly sku: string; readonly competitor: string; readonly past: boolean }

type Given = {
  readonly view: View
  readonly asked: OffersAsked
  readonly offers: readonly MarketOfferRow[]
  readonly first: string | null
  readonly next: string | null
  readonly channels: readonly { readonly code: string; readonly currency: string }[]
}

/** What competitors ask, by SKU and competitor, and a form to type an offer. */
export function OffersPage({ view, asked, offers, first, next, channels }: Given) {
  const t = view.t.market.offers
  const isAll = asked.sku === '' && asked.competitor === ''
  const address = (past: boolean): string =>
    addressOf('/prices/market/offers', { sku: asked.sku, competitor: asked.competitor, past: past ? 'yes' : '' })
  return (
    <Layout view={view} title={t.title}>
      <div class="page-head">
        <h1>{t.title}</h1>
        <p class="lead">
          <a href="/prices/market">{view.t.market.rulesLink}</a>
        </p>
      </div>
      <PriceTabs view={view} current="market" />
      <div class="toolbar">
        <search>
          <form method="get" action="/prices/market/offers">
            {asked.past ? <input type="hidden" name="past" value="yes" /> : null}
            <input
              type="search"
              name="sku"
              value={asked.sku}
              placeholder="SKU"
              aria-label={view.t.sku.columns.sku}
              maxlength={64}
              autocomplete="off"
            />
            <input
              type="search"
              name="competitor"
              value={asked.competitor}
              placeholder={t.competitor}
              aria-label={t.competitor}
              maxlength={80}
              autocomplete="off"
            />
            <button type="submit">{view.t.form.search}</button>
          </form>
        </search>
        <Filters
          label={view.t.form.filter}
          current={asked.past ? 'past' : 'standing'}
          choices={[
            { value: 'standing', word: t.standing, href: address(false) },
            { value: 'past', word: t.past, href: address(true) },
          ]}
        />
      </div>
      <Beside form={may(view, 'prices:write') ? <OfferForm view={view} asked={asked} channels={channels} /> : null}>
        <Panel id="offers" title={t.title}>
          <Rows
            label={t.title}
            rows={offers}
            id={offer => `offer-${offer.id}`}
            isOver={offer => offer.until !== null}
            isStacked
            empty={isAll ? t.none : t.notFound}
            columns={[
              { head: view.t.sku.columns.sku, names: true, cell: offer => skuLink(offer.sku) },
              {
                head: t.competitor,
                cell: offer => (
                  <>
                    {offer.competitor}
                    <span class="sub">{offer.channel ?? t.anywhere}</span>
                  </>
                ),
              },
              {
                head: t.asks,
                look: 'num strong',
                cell: offer =>
                  offer.amount === null ? (
                    <State view={view} state="gone" text={t.gone} />
                  ) : (
                    <>
                      {money(offer.amount, offer.currency)}
                      {offer.shipping === null ? null : <span class="sub">{t.shipping(money(offer.shipping, offer.currency))}</span>}
                    </>
                  ),
              },
              { head: t.first, look: 'hide-narrow', cell: offer => <At view={view} at={offer.firstSeenAt} /> },
              {
                head: t.seen,
                cell: offer => (
                  <>
                    <At view={view} at={offer.seenAt} />
                    {offer.until === null ? null : <span class="sub">{t.isPast}</span>}
                  </>
                ),
              },
            ]}
          />
          <Pager view={view} first={first} next={next} />
        </Panel>
      </Beside>
    </Layout>
  )
}

function OfferForm({ view, asked, channels }: { view: View; asked: OffersAsked; channels: Given['channels'] }) {
  const t = view.t.market.offers
  const action = '/prices/market/offers'
  const draft = draftOf(view, action)
  return (
    <Panel id="offer-form" title={t.add}>
      <div class="panel-body">
        <WriteForm view={view} action={action}>
          <div class="form-row top">
            <TextEntry draft={draft} name="sku" label={view.t.sku.columns.sku} value={asked.sku} required maxlength={64} />
            <TextEntry draft={draft} name="competitor" label={t.competitor} value={asked.competitor} required maxlength={80} />
          </div>
          <div class="form-row top">
            <TextEntry draft={draft} name="amount" label={t.amount} maxlength={20} hint={t.amountHint} />
            <TextEntry draft={draft} name="shipping" label={t.shippingField} maxlength={20} class="small" />
            <TextEntry
              draft={draft}
              name="currency"
              label={view.t.priceSettings.limits.currency}
              value={channels[0]?.currency ?? ''}
              required
              maxlength={3}
              class="small"
            />
          </div>
          <ChoiceEntry
            draft={draft}
            name="channel"
            label={t.channel}
            none={t.anywhere}
            options={channels.map(({ code }) => ({ value: code, word: code }))}
          />
          <button type="submit" class="main">
            {t.save}
          </button>
        </WriteForm>
      </div>
    </Panel>
  )
}
