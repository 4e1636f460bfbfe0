import { raw } from 'hono/html'
import type { PricesShown } from '../../../usecases/price-history.ts'
import { money } from '../../format.ts'
import { Empty, Panel, Table } from '../../parts/panel.tsx'
import { At } from '../../parts/time.tsx'
import { priceChart } from '../../price-chart.ts'
import type { View } from '../../view.ts'

/** The periods to choose from, days. */
export const PRICE_DAYS = [30, 90, 365] as const
export type PriceDays = (typeof PRICE_DAYS)[number]

const DAY_MS = 86_400_000
const PERIODS_SHOWN = 20

type Given = { readonly view: View; readonly history: PricesShown; readonly days: PriceDays }

/** What buyers of a SKU were shown, by channel: a picture, the lowest price of 30 days, and the periods as a table. */
export function PriceHistory({ view, history, days }: Given) {
  const t = view.t.skuPrices
  const here = `/skus/${encodeURIComponent(history.sku)}/prices`
  return (
    <Panel
      id="history"
      title={t.history}
      aside={
        <nav class="periods" aria-label={t.period}>
          {PRICE_DAYS.map(one => (
            <a href={`${here}?days=${one}#history`} aria-current={one === days ? 'true' : undefined}>
              {t.days(one)}
            </a>
          ))}
        </nav>
      }
    >
      {history.listings.length === 0 ? <Empty text={t.historyNone} /> : null}
      {history.listings.map(listing => (
        <Listing
          view={view}
          listing={listing}
          days={days}
          lowest={history.lowest.find(one => one.channel === listing.channel)?.amount ?? null}
          before={history.lowestBefore.find(one => one.channel === listing.channel)?.points ?? []}
        />
      ))}
    </Panel>
  )
}

type ListingGiven = {
  readonly view: View
  readonly listing: PricesShown['listings'][number]
  readonly days: PriceDays
  readonly lowest: string | null
  readonly before: PricesShown['lowestBefore'][number]['points']
}

function Listing({ view, listing, days, lowest, before }: ListingGiven) {
  const t = view.t.skuPrices
  const { channel, currency, periods } = listing
  const words = { paid: t.paid, regular: t.regular, lowest: t.lowestLine }
  const from = new Date(view.now.getTime() - days * DAY_MS)
  return (
    <div id={`history-${channel}-${listing.externalId}`}>
      <div class="chain-title panel-sub">
        <h3>{channel}</h3>
        <span class="sku">{listing.externalSku}</span>
        {lowest === null ? null : <span>{t.lowest(money(lowest, currency))}</span>}
      </div>
      {periods.length === 0 ? (
        <Empty text={t.historyNone} />
      ) : (
        <>
          <div class="chart" role="img" aria-label={t.chart(channel)}>
            {raw(priceChart({ periods, from, until: view.now, lowest: before, words, language: view.language }))}
          </div>
          <details class="promises">
            <summary>{t.period}</summary>
            <Table label={t.chart(channel)} isStacked>
              <thead>
                <tr>
                  <th>{t.since}</th>
                  <th>{t.until}</th>
                  <th class="num">{t.paid}</th>
                  <th class="num">{t.regular}</th>
                </tr>
              </thead>
              <tbody>
                {periods.slice(0, PERIODS_SHOWN).map(period => (
                  <tr>
                    <td data-label={t.since}>
                      <At view={view} at={period.from} />
                    </td>
                    <td data-label={t.until}>{period.to === null ? t.still : <At view={view} at={period.to} />}</td>
                    <td class="num strong" data-label={t.paid}>
                      {money(period.amount, currency)} {period.isSale ? <span class="quiet">{t.isSale}</span> : null}
                    </td>
                    <td class="num" data-label={t.regular}>
                      {money(period.regular, currency)}
                    </td>
                  </tr>
                ))}
              </tbody>
            </Table>
          </details>
        </>
      )}
    </div>
  )
}
