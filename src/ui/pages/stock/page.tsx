import type { PlaceChoice, StockTotals } from '../../../../db/pages-stock.ts'
import { Icon } from '../../parts/icon.tsx'
import { Layout } from '../../parts/layout.tsx'
import { Empty, Panel } from '../../parts/panel.tsx'
import { StockTabs } from '../../parts/stock-tabs.tsx'
import { may, type View } from '../../view.ts'
import { StockPanel } from '../sku/stock.tsx'
import { type ActFacts, ActForm, type StockAct } from './act-form.tsx'
import { TotalsStrip } from './totals.tsx'

export type StockAsked = {
  readonly act: StockAct
  /** What was typed or scanned; empty at first. */
  readonly sku: string
  readonly location: string
}

type Given = {
  readonly view: View
  readonly asked: StockAsked
  readonly totals: StockTotals
  readonly places: readonly PlaceChoice[]
  /** Null where nothing was asked for, or nothing was found. */
  readonly facts: ActFacts | null
}

/** The stock room: what waits for somebody, and moving stock: scan a SKU, enter what happened, scan the next. */
export function StockPage({ view, asked, totals, places, facts }: Given) {
  const t = view.t.stock
  return (
    <Layout view={view} title={t.title}>
      <div class="page-head">
        <h1>{t.title}</h1>
      </div>
      <StockTabs view={view} current="move" />
      <TotalsStrip view={view} totals={totals} />
      {places.length === 0 ? (
        <Panel id="move" title={t.move.title}>
          <Empty text={t.noPlace} />
        </Panel>
      ) : (
        <div class="columns move">
          <Panel id="move" title={facts === null ? t.move.title : t.move.of(facts.head.sku)}>
            <FindForm view={view} asked={asked} isFocused={facts === null} />
            {asked.sku !== '' && facts === null ? (
              <p class="panel-note tone-bad" role="alert">
                {t.move.notFound(asked.sku)}
              </p>
            ) : null}
            {facts !== null && may(view, 'stock:write') ? (
              <ActForm
                view={view}
                {...facts}
                act={asked.act}
                at={asked.location}
                action={`/stock/move/${encodeURIComponent(facts.head.sku)}`}
                link={act => address({ ...asked, act })}
                isFocused
              />
            ) : null}
          </Panel>
          {facts === null ? (
            <Panel id="how" title={t.move.how}>
              <ol class="steps">
                {t.move.steps.split('\n').map(step => (
                  <li>{step}</li>
                ))}
              </ol>
            </Panel>
          ) : (
            <StockPanel view={view} sku={facts.head.sku} stock={facts.stock} />
          )}
        </div>
      )}
    </Layout>
  )
}

/** One field for a SKU or a barcode. A scanner types and ends with Enter, which finds it. */
function FindForm({ view, asked, isFocused }: { view: View; asked: StockAsked; isFocused: boolean }) {
  const t = view.t.stock.move
  return (
    <search class="panel-body find">
      <form method="get" action="/stock" class="inline-form">
        <input type="hidden" name="act" value={asked.act} />
        {asked.location === '' ? null : <input type="hidden" name="location" value={asked.location} />}
        <input
          type="search"
          name="sku"
          value={asked.sku}
          placeholder={t.find}
          aria-label={t.find}
          maxlength={120}
          required
          autocomplete="off"
          autofocus={isFocused}
        />
        <button type="submit">
          <Icon name="search" />
          {t.findButton}
        </button>
      </form>
    </search>
  )
}

/** The address of the page with these choices. */
export function address({ act, sku, location }: StockAsked): string {
  return `/stock?${new URLSearchParams({ act, ...(sku === '' ? {} : { sku }), ...(location === '' ? {} : { location }) })}`
}
