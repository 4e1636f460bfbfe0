import type { LocationStock } from '../../../../db/pages-sku.ts'
import { number } from '../../format.ts'
import { Panel, Table } from '../../parts/panel.tsx'
import { may, type View } from '../../view.ts'
import { type ActFacts, ActForm, type StockAct } from '../stock/act-form.tsx'

const all = ['onHand', 'reserved', 'unavailable', 'safetyStock', 'made', 'available', 'incoming'] as const

/** A SKU's stock at each location; stock that a platform holds is not ours to promise and is not in the sum. Of a bundle it tells what the parts make, too. */
export function StockPanel({ view, sku, stock }: { view: View; sku: string; stock: readonly LocationStock[] }) {
  const t = view.t.sku.stock
  const words = {
    onHand: t.onHand,
    reserved: t.reserved,
    unavailable: t.unavailable,
    safetyStock: t.safety,
    made: t.made,
    available: t.available,
    incoming: t.incoming,
  }
  // What is to come stands there only where something is.
  const isThere = { made: stock.some(place => place.made !== null), incoming: stock.some(place => place.incoming > 0) }
  const buckets = all.filter(bucket => (bucket !== 'made' && bucket !== 'incoming') || isThere[bucket])
  const ours = stock.filter(place => place.kind !== 'platform')
  return (
    <Panel
      id="stock"
      title={t.title}
      class="wrapped-heads"
      aside={
        <span class="links">
          {buckets.includes('incoming') ? <a href={`/stock/deliveries?q=${encodeURIComponent(sku)}`}>{t.deliveries}</a> : null}
          {may(view, 'stock:write') ? <a href={`/stock/transfers/new?sku=${encodeURIComponent(sku)}`}>{t.transfer}</a> : null}
        </span>
      }
    >
      <Table label={t.title} isStacked>
        <thead>
          <tr>
            <th>{t.location}</th>
            {buckets.map(bucket => (
              <th class="num">{words[bucket]}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {stock.map(place => (
            <tr id={`stock-${place.code}`}>
              <th scope="row">
                {place.name}
                <span class="sub">
                  {place.code} · {view.t.kinds[place.kind]}
                </span>
              </th>
              {buckets.map(bucket => (
                <td
                  class={`num${(place[bucket] ?? 0) === 0 ? ' zero' : ''}${bucket === 'available' ? ' strong' : ''}`}
                  data-label={words[bucket]}
                >
                  {number(place[bucket] ?? 0, view.language)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">{t.total}</th>
            {buckets.map(bucket => (
              <td class="num" data-label={words[bucket]} data-total={bucket}>
                {number(
                  ours.reduce((sum, place) => sum + (place[bucket] ?? 0), 0),
                  view.language,
                )}
              </td>
            ))}
          </tr>
        </tfoot>
      </Table>
    </Panel>
  )
}

/** One act on the stock of this SKU; which one is chosen in the address, so that it stays for the next. */
export function StockForm({ view, facts, act, at }: { view: View; facts: ActFacts; act: StockAct; at: string }) {
  if (!may(view, 'stock:write')) return null
  const here = `/skus/${encodeURIComponent(facts.head.sku)}`
  const link = (one: StockAct): string =>
    `${here}?${new URLSearchParams({ act: one, ...(at === '' ? {} : { location: at }) })}#change-stock`
  return (
    <Panel id="change-stock" title={view.t.sku.stock.change}>
      <ActForm view={view} {...facts} act={act} at={at} action={`${here}/stock`} link={link} isFocused={false} />
    </Panel>
  )
}
