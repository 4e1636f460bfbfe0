import type { Page } from '../../../db/pages.ts'
import type { SkuFilter, SkuRow } from '../../../db/pages-skus.ts'
import { money, number } from '../format.ts'
import { Layout } from '../parts/layout.tsx'
import { addressOf, ListPanel, ListTools } from '../parts/list.tsx'
import { Table } from '../parts/panel.tsx'
import { State } from '../parts/state.tsx'
import type { View } from '../view.ts'

export type SkusAsked = { readonly search: string; readonly filter: SkuFilter; readonly after: string }

export const skuFilters: readonly SkuFilter[] = ['all', 'risk', 'soldout', 'unmatched', 'refused']

/** The list of SKUs. The search asks while typing; without scripts it is an ordinary form. */
export function SkusPage({ view, asked, list }: { view: View; asked: SkusAsked; list: Page<SkuRow> }) {
  const t = view.t.sku
  const { search, filter } = asked
  return (
    <Layout view={view} title={t.list}>
      <div class="page-head">
        <h1>{t.list}</h1>
      </div>
      <ListTools
        view={view}
        action="/skus"
        search={search}
        label={t.search}
        kept={{ filter: filter === 'all' ? '' : filter }}
        filter={filter}
        filters={skuFilters.map(one => ({ value: one, word: t.filters[one], href: address({ search, filter: one, after: '' }) }))}
        isLive
      />
      <ListPanel
        view={view}
        label={t.list}
        empty={list.rows.length > 0 ? null : search === '' && filter === 'all' ? t.empty : t.none}
        first={asked.after === '' ? null : address({ search, filter, after: '' })}
        next={list.next === null ? null : address({ search, filter, after: list.next })}
        isLive
      >
        <Table label={t.list} isStacked>
          <thead>
            <tr>
              <th>{t.columns.sku}</th>
              <th class="num">{t.columns.onHand}</th>
              <th class="num">{t.columns.reserved}</th>
              <th class="num">{t.columns.available}</th>
              <th class="num">{t.columns.short}</th>
              <th>{t.columns.price}</th>
              <th>{t.columns.shown}</th>
            </tr>
          </thead>
          <tbody>
            {list.rows.map(row => (
              <Row view={view} row={row} />
            ))}
          </tbody>
        </Table>
      </ListPanel>
    </Layout>
  )
}

function Row({ view, row }: { view: View; row: SkuRow }) {
  const t = view.t.sku.columns
  const count = (value: number): string => number(value, view.language)
  return (
    <tr>
      <th scope="row">
        <a class="sku" href={`/skus/${encodeURIComponent(row.sku)}`}>
          {row.sku}
        </a>
        <span class="sub">{row.title}</span>
      </th>
      <td class="num" data-label={t.onHand}>
        {count(row.onHand)}
      </td>
      <td class={row.reserved === 0 ? 'num zero' : 'num'} data-label={t.reserved}>
        {count(row.reserved)}
      </td>
      <td class="num strong" data-label={t.available}>
        {count(row.available)}
      </td>
      <td class={row.short > 0 ? 'num count-refused' : 'num zero'} data-label={t.short}>
        {count(row.short)}
      </td>
      <td data-label={t.price}>
        {row.prices.map(price => (
          <span class="shown-in">
            <b>{money(price.amount, price.currency)}</b>
          </span>
        ))}
      </td>
      <td class="wide" data-label={t.shown}>
        {row.shownIn.map(place => (
          <span class="shown-in">
            {place.channel} <b>{place.quantity === null ? '–' : count(place.quantity)}</b>
          </span>
        ))}
        {row.refused > 0 ? <State view={view} state="refused" /> : null}
      </td>
    </tr>
  )
}

const address = ({ search, filter, after }: SkusAsked): string =>
  addressOf('/skus', { q: search, filter: filter === 'all' ? '' : filter, after })
