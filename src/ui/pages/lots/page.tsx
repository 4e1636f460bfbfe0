import type { LotRow } from '../../../../db/lots.ts'
import { number } from '../../format.ts'
import { Filters } from '../../parts/filters.tsx'
import { Layout } from '../../parts/layout.tsx'
import { addressOf, Pager } from '../../parts/list.tsx'
import { Empty, Table } from '../../parts/panel.tsx'
import { State } from '../../parts/state.tsx'
import { StockTabs } from '../../parts/stock-tabs.tsx'
import { Day } from '../../parts/time.tsx'
import { may, type View } from '../../view.ts'

/** How far ahead one may look, days; 0: what has expired. */
export const LOT_PERIODS = [0, 7, 30, 90, 365] as const
export type LotsAsked = { readonly days: (typeof LOT_PERIODS)[number]; readonly location: string; readonly after: string }

type Given = {
  readonly view: View
  readonly asked: LotsAsked
  readonly lots: readonly LotRow[]
  readonly next: string | null
  readonly names: ReadonlyMap<string, string>
}

/** Lots that have expired or will soon, the first to expire first. */
export function LotsPage({ view, asked, lots, next, names }: Given) {
  const t = view.t.counting.lots
  return (
    <Layout view={view} title={t.title}>
      <div class="page-head">
        <h1>{t.title}</h1>
        <p class="lead">{t.lead}</p>
      </div>
      <StockTabs view={view} current="lots" />
      <div class="toolbar">
        <Filters
          label={t.within}
          current={String(asked.days)}
          choices={LOT_PERIODS.map(days => ({
            value: String(days),
            word: days === 0 ? t.expiredOnly : t.days(days),
            href: lotsAddress({ ...asked, days, after: '' }),
          }))}
        />
        <form method="get" action="/stock/lots" class="inline-form">
          <input type="hidden" name="days" value={String(asked.days)} />
          <select name="location" aria-label={view.t.sku.stock.location}>
            <option value="">{t.everywhere}</option>
            {[...names].map(([code, name]) => (
              <option value={code} selected={code === asked.location}>
                {name}
              </option>
            ))}
          </select>
          <button type="submit">{t.show}</button>
        </form>
      </div>
      <section class="panel" aria-label={t.title}>
        {lots.length === 0 ? <Empty text={t.none} /> : <LotTable view={view} lots={lots} names={names} withSku />}
        <Pager
          view={view}
          first={asked.after === '' ? null : lotsAddress({ ...asked, after: '' })}
          next={next === null ? null : lotsAddress({ ...asked, after: next })}
        />
      </section>
    </Layout>
  )
}

/** Lots with their location, units and expiry; what has expired is marked. */
export function LotTable({
  view,
  lots,
  names,
  withSku,
}: {
  view: View
  lots: readonly LotRow[]
  names: ReadonlyMap<string, string>
  withSku: boolean
}) {
  const t = view.t.counting.lots
  return (
    <Table label={t.title} isStacked>
      <thead>
        <tr>
          {withSku ? <th>{view.t.sku.columns.sku}</th> : null}
          <th>{t.lot}</th>
          <th>{view.t.sku.stock.location}</th>
          <th class="num">{t.units}</th>
          <th class="num">{view.t.sku.stock.unavailable}</th>
          <th>{t.expires}</th>
          <th>{t.state}</th>
          {withSku && may(view, 'stock:write') ? <th /> : null}
        </tr>
      </thead>
      <tbody>
        {lots.map(lot => (
          <tr id={`lot-${lot.id}`}>
            {withSku ? (
              <th scope="row">
                <a class="sku" href={`/skus/${encodeURIComponent(lot.sku)}#lots`}>
                  {lot.sku}
                </a>
              </th>
            ) : null}
            <td data-label={t.lot}>{lot.lot === '' ? <span class="quiet">{view.t.stock.move.noLot}</span> : <b>{lot.lot}</b>}</td>
            <td data-label={view.t.sku.stock.location}>{names.get(lot.location) ?? lot.location}</td>
            <td class="num" data-label={t.units}>
              {number(lot.quantity, view.language)}
            </td>
            <td class={lot.unavailable === 0 ? 'num zero' : 'num'} data-label={view.t.sku.stock.unavailable}>
              {number(lot.unavailable, view.language)}
            </td>
            <td class={lot.expired ? 'keep very-late' : 'keep'} data-label={t.expires}>
              {lot.expiresAt === null ? <span class="quiet">{t.never}</span> : <Day at={lot.expiresAt} />}
            </td>
            <td data-label={t.state}>
              <LotMark view={view} lot={lot} />
            </td>
            {withSku && may(view, 'stock:write') ? (
              <td class="end">
                <a href={`/stock?${new URLSearchParams({ act: 'adjust', sku: lot.sku, location: lot.location })}`}>{t.takeOff}</a>
              </td>
            ) : null}
          </tr>
        ))}
      </tbody>
    </Table>
  )
}

const SOON_MS = 30 * 86_400_000

function LotMark({ view, lot }: { view: View; lot: LotRow }) {
  const t = view.t.counting.lots
  if (lot.expired) return <State view={view} state="failing" text={t.expired} />
  if (lot.expiresAt !== null && lot.expiresAt.getTime() - view.now.getTime() < SOON_MS)
    return <State view={view} state="waiting" text={t.soon} />
  return <State view={view} state="active" text={t.good} />
}

const lotsAddress = ({ days, location, after }: LotsAsked): string => addressOf('/stock/lots', { days: String(days), location, after })
