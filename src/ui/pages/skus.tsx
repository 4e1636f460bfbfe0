import type { Page } from '../../../db/pages.ts'
import type { SkuFilter, SkuRow } from '../../../db/pages-skus.ts'
import { money, number } from '../format.ts'
import { Filters } from '../parts/filters.tsx'
import { Icon } from '../parts/icon.tsx'
import { Layout } from '../parts/layout.tsx'
import { Empty, Table } from '../parts/panel.tsx'
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
      <div class="toolbar">
        <search>
          <form
            method="get"
            action="/skus"
            hx-get="/skus"
            hx-trigger="submit, input delay:250ms from:find input[name=q]"
            hx-target="#list"
            hx-select="#list"
            hx-swap="outerHTML"
          >
            {filter === 'all' ? null : <input type="hidden" name="filter" value={filter} />}
            <input type="search" name="q" value={search} placeholder={t.search} aria-label={t.search} maxlength={100} autocomplete="off" />
            <button type="submit">
              <Icon name="search" />
              {view.t.form.search}
            </button>
          </form>
        </search>
        <Filters
          label={view.t.form.filter}
          current={filter}
          choices={skuFilters.map(one => ({ value: one, word: t.filters[one], href: address({ search, filter: one, after: '' }) }))}
        />
      </div>
      <section class="panel" id="list" aria-label={t.list} aria-live="polite">
        {list.rows.length === 0 ? (
          <Empty text={search === '' && filter === 'all' ? t.empty : t.none} />
        ) : (
          <Table label={t.list}>
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
        )}
        {list.next === null && asked.after === '' ? null : (
          <nav class="pager" aria-label={view.t.form.next}>
            {asked.after === '' ? null : <a href={address({ search, filter, after: '' })}>{view.t.form.first}</a>}
            {list.next === null ? null : <a href={address({ search, filter, after: list.next })}>{view.t.form.next}</a>}
          </nav>
        )}
      </section>
    </Layout>
  )
}

function Row({ view, row }: { view: View; row: SkuRow }) {
  const count = (value: number): string => number(value, view.language)
  return (
    <tr>
      <th scope="row">
        <a class="sku" href={`/skus/${encodeURIComponent(row.sku)}`}>
          {row.sku}
        </a>
        <span class="sub">{row.title}</span>
      </th>
      <td class="num">{count(row.onHand)}</td>
      <td class={row.reserved === 0 ? 'num zero' : 'num'}>{count(row.reserved)}</td>
      <td class="num strong">{count(row.available)}</td>
      <td class={row.short > 0 ? 'num count-refused' : 'num zero'}>{count(row.short)}</td>
      <td>
        {row.prices.map(price => (
          <span class="shown-in">
            <b>{money(price.amount, price.currency)}</b>
          </span>
        ))}
      </td>
      <td>
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

function address({ search, filter, after }: SkusAsked): string {
  const query = new URLSearchParams()
  if (search !== '') query.set('q', search)
  if (filter !== 'all') query.set('filter', filter)
  if (after !== '') query.set('after', after)
  const text = query.toString()
  return text === '' ? '/skus' : `/skus?${text}`
}
