import type { ExchangeRateRow, TaxRateRow } from '../../../../db/price-policies.ts'
import { actorName } from '../../format.ts'
import { ChoiceEntry, draftOf, TextEntry } from '../../parts/entry.tsx'
import { WriteForm } from '../../parts/form.tsx'
import { Layout } from '../../parts/layout.tsx'
import { Empty, Panel, Table } from '../../parts/panel.tsx'
import { PriceTabs } from '../../parts/price-tabs.tsx'
import { At } from '../../parts/time.tsx'
import { may, type View } from '../../view.ts'

type Given = {
  readonly view: View
  readonly tax: readonly TaxRateRow[]
  readonly exchange: readonly ExchangeRateRow[]
  readonly regions: readonly string[]
}

/** Tax rates by region and category, exchange rates, and since when each holds. */
export function PriceRatesPage({ view, tax, exchange, regions }: Given) {
  const t = view.t.priceSettings.rates
  const words = view.t.priceSettings
  const mayWrite = may(view, 'prices:write')
  return (
    <Layout view={view} title={view.t.prices.tabs.rates}>
      <div class="page-head">
        <h1>{view.t.prices.tabs.rates}</h1>
      </div>
      <PriceTabs view={view} current="rates" />
      <div class={mayWrite ? 'columns' : ''}>
        <Panel id="tax" title={t.tax}>
          {tax.length === 0 ? (
            <Empty text={t.taxNone} />
          ) : (
            <Table label={t.tax}>
              <thead>
                <tr>
                  <th>{t.region}</th>
                  <th>{t.category}</th>
                  <th class="num">{t.percent}</th>
                  <th>{words.from}</th>
                  <th>{words.by}</th>
                </tr>
              </thead>
              <tbody>
                {tax.map(rate => (
                  <tr id={`tax-${rate.id}`}>
                    <th scope="row">{rate.region}</th>
                    <td>{rate.category}</td>
                    <td class="num strong">{rate.percent} %</td>
                    <td>
                      <At view={view} at={rate.startsAt} />
                    </td>
                    <td>{actorName(rate.actor, view.t.actor.system)}</td>
                  </tr>
                ))}
              </tbody>
            </Table>
          )}
        </Panel>
        {mayWrite ? <TaxForm view={view} regions={regions} /> : null}
      </div>
      <div class={mayWrite ? 'columns' : ''}>
        <Panel id="exchange" title={t.exchange}>
          {exchange.length === 0 ? (
            <Empty text={t.exchangeNone} />
          ) : (
            <Table label={t.exchange}>
              <thead>
                <tr>
                  <th>{t.pair}</th>
                  <th class="num">{t.rate}</th>
                  <th>{t.to}</th>
                  <th>{words.from}</th>
                  <th>{words.by}</th>
                </tr>
              </thead>
              <tbody>
                {exchange.map(rate => (
                  <tr id={`exchange-${rate.id}`}>
                    <th scope="row">{rate.from}</th>
                    <td class="num strong">{rate.rate}</td>
                    <td>{rate.to}</td>
                    <td>
                      <At view={view} at={rate.startsAt} />
                    </td>
                    <td>{actorName(rate.actor, view.t.actor.system)}</td>
                  </tr>
                ))}
              </tbody>
            </Table>
          )}
        </Panel>
        {mayWrite ? <ExchangeForm view={view} /> : null}
      </div>
    </Layout>
  )
}

function TaxForm({ view, regions }: { view: View; regions: readonly string[] }) {
  const t = view.t.priceSettings.rates
  const draft = draftOf(view, '/prices/rates/tax')
  return (
    <Panel id="set-tax" title={t.setTax}>
      {regions.length === 0 ? (
        <Empty text={t.noRegion} />
      ) : (
        <div class="panel-body">
          <WriteForm view={view} action="/prices/rates/tax">
            <div class="form-row top">
              <ChoiceEntry draft={draft} name="region" label={t.region} options={regions.map(code => ({ value: code, word: code }))} />
              <TextEntry draft={draft} name="category" label={t.category} value="standard" required maxlength={40} hint={t.categoryHint} />
              <TextEntry draft={draft} name="percent" label={t.percent} required maxlength={10} class="small" />
            </div>
            <Begin view={view} action="/prices/rates/tax" name="from" />
            <button type="submit" class="main">
              {t.save}
            </button>
          </WriteForm>
        </div>
      )}
    </Panel>
  )
}

function ExchangeForm({ view }: { view: View }) {
  const t = view.t.priceSettings.rates
  const draft = draftOf(view, '/prices/rates/exchange')
  return (
    <Panel id="set-exchange" title={t.setExchange}>
      <div class="panel-body">
        <WriteForm view={view} action="/prices/rates/exchange">
          <div class="form-row top">
            <TextEntry draft={draft} name="from" label={t.pair} required maxlength={3} class="small" placeholder="EUR" />
            <TextEntry draft={draft} name="rate" label={t.rate} required maxlength={20} hint={t.rateHint} />
            <TextEntry draft={draft} name="to" label={t.to} required maxlength={3} class="small" placeholder="CHF" />
          </div>
          <Begin view={view} action="/prices/rates/exchange" name="since" />
          <button type="submit" class="main">
            {t.save}
          </button>
        </WriteForm>
      </div>
    </Panel>
  )
}

/** When a rate begins, and why. */
function Begin({ view, action, name }: { view: View; action: string; name: string }) {
  const t = view.t.priceSettings
  const draft = draftOf(view, action)
  return (
    <div class="form-row top">
      <TextEntry draft={draft} name={name} label={t.begins} type="datetime-local" hint={t.beginsHint} />
      <TextEntry draft={draft} name="why" label={t.why} maxlength={200} />
    </div>
  )
}
