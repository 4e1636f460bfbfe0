import type { ExchangeRateRow, TaxRateRow } from '../../../../db/price-policies.ts'
import { actorName } from '../../format.ts'
import { ChoiceEntry, draftOf, TextEntry } from '../../parts/entry.tsx'
import { WriteForm } from '../../parts/form.tsx'
import { Layout } from '../../parts/layout.tsx'
import { Empty, Panel } from '../../parts/panel.tsx'
import { PriceTabs } from '../../parts/price-tabs.tsx'
import { Beside, type Column, Rows } from '../../parts/rows.tsx'
import { State } from '../../parts/state.tsx'
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
  const mayWrite = may(view, 'prices:write')
  const taxes = standing(view, tax, rate => `${rate.region} ${rate.category}`)
  const exchanges = standing(view, exchange, rate => `${rate.from} ${rate.to}`)
  return (
    <Layout view={view} title={view.t.prices.tabs.rates}>
      <div class="page-head">
        <h1>{view.t.prices.tabs.rates}</h1>
      </div>
      <PriceTabs view={view} current="rates" />
      <Beside form={mayWrite ? <TaxForm view={view} regions={regions} /> : null}>
        <Panel id="tax" title={t.tax}>
          <Rows
            label={t.tax}
            rows={taxes}
            id={rate => `tax-${rate.id}`}
            isOver={rate => rate.stands === 'past'}
            isStacked
            empty={t.taxNone}
            columns={[
              {
                head: `${t.region}, ${t.category}`,
                names: true,
                cell: rate => (
                  <>
                    {rate.region}
                    <span class="sub">{rate.category}</span>
                  </>
                ),
              },
              { head: t.percent, look: 'num strong', cell: rate => `${rate.percent} %` },
              ...common<TaxRateRow>(view, rate => (
                <TakeBack
                  view={view}
                  action="/prices/rates/tax/end"
                  fields={{ region: rate.region, category: rate.category, from: rate.startsAt.toISOString() }}
                />
              )),
            ]}
          />
        </Panel>
      </Beside>
      <Beside form={mayWrite ? <ExchangeForm view={view} /> : null}>
        <Panel id="exchange" title={t.exchange}>
          <Rows
            label={t.exchange}
            rows={exchanges}
            id={rate => `exchange-${rate.id}`}
            isOver={rate => rate.stands === 'past'}
            isStacked
            empty={t.exchangeNone}
            columns={[
              { head: t.pair, names: true, cell: rate => rate.from },
              { head: t.rate, look: 'num strong', cell: rate => rate.rate },
              { head: t.to, cell: rate => rate.to },
              ...common<ExchangeRateRow>(view, rate => (
                <TakeBack
                  view={view}
                  action="/prices/rates/exchange/end"
                  fields={{ from: rate.from, to: rate.to, since: rate.startsAt.toISOString() }}
                />
              )),
            ]}
          />
        </Panel>
      </Beside>
    </Layout>
  )
}

type Dated = { readonly startsAt: Date; readonly actor: string }
/** `now`: it holds; `past`: another one began after it. */
type Standing = { readonly stands: 'coming' | 'now' | 'past' }

/** Rates of the same thing one below the other, the newest first, and which of them holds. */
function standing<Rate extends Dated>({ now }: View, rates: readonly Rate[], keyOf: (rate: Rate) => string): (Rate & Standing)[] {
  const order = new Intl.Collator('en')
  const sorted = [...rates].sort((a, b) => order.compare(keyOf(a), keyOf(b)) || b.startsAt.getTime() - a.startsAt.getTime())
  const began = new Set<string>()
  return sorted.map(rate => {
    if (rate.startsAt > now) return { ...rate, stands: 'coming' }
    if (began.has(keyOf(rate))) return { ...rate, stands: 'past' }
    began.add(keyOf(rate))
    return { ...rate, stands: 'now' }
  })
}

const looks = { coming: 'waiting', now: 'applied', past: 'gone' } as const

/** What every rate tells: from when, whether it holds, by whom, and the way to take it back. */
function common<Rate extends Dated>(view: View, back: (rate: Rate) => ReturnType<typeof TakeBack>): (Column<Rate & Standing> | null)[] {
  const words = view.t.priceSettings
  return [
    {
      head: words.from,
      cell: rate => (
        <>
          <At view={view} at={rate.startsAt} />
          <span class="sub">{actorName(rate.actor, view.t.actor.system)}</span>
        </>
      ),
    },
    { head: words.stands, cell: rate => <State view={view} state={looks[rate.stands]} text={words.standings[rate.stands]} /> },
    may(view, 'prices:write') ? { head: words.takeBack, cell: back } : null,
  ]
}

/** Takes a rate back: the one before it holds again. Opened first, so that no slip of the hand does it. */
function TakeBack({ view, action, fields }: { view: View; action: string; fields: Readonly<Record<string, string>> }) {
  const t = view.t.priceSettings
  return (
    <details>
      <summary>{t.takeBack}</summary>
      <WriteForm view={view} action={action}>
        {Object.entries(fields).map(([name, value]) => (
          <input type="hidden" name={name} value={value} />
        ))}
        <p class="field-hint">{t.takeBackHint}</p>
        <TextEntry draft={draftOf(view, action)} name="why" label={t.why} maxlength={200} />
        <button type="submit" class="danger">
          {t.takeBackNow}
        </button>
      </WriteForm>
    </details>
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
