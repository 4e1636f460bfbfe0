import type { Page } from '../../../../db/pages.ts'
import { DELIVERY_FILTERS, type DeliveryListed, type DeliveryShow } from '../../../../db/pages-deliveries.ts'
import { number } from '../../format.ts'
import { Filters } from '../../parts/filters.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Layout } from '../../parts/layout.tsx'
import { Empty, Table } from '../../parts/panel.tsx'
import { Progress } from '../../parts/progress.tsx'
import { State } from '../../parts/state.tsx'
import { StockTabs } from '../../parts/stock-tabs.tsx'
import { Day } from '../../parts/time.tsx'
import { may, type View } from '../../view.ts'

export type DeliveriesAsked = { readonly show: DeliveryShow; readonly search: string; readonly before: string }

/** What suppliers will bring, late ones first, and what they brought. */
export function DeliveriesPage({ view, asked, list }: { view: View; asked: DeliveriesAsked; list: Page<DeliveryListed> }) {
  const t = view.t.stock.deliveries
  return (
    <Layout view={view} title={t.title}>
      <div class="page-head">
        <h1>{t.title}</h1>
        {may(view, 'stock:write') ? (
          <a class="button main" href="/stock/deliveries/new">
            {t.add}
          </a>
        ) : null}
      </div>
      <StockTabs view={view} current="deliveries" />
      <div class="toolbar">
        <search>
          <form method="get" action="/stock/deliveries">
            {asked.show === 'open' ? null : <input type="hidden" name="show" value={asked.show} />}
            <input
              type="search"
              name="q"
              value={asked.search}
              placeholder={t.search}
              aria-label={t.search}
              maxlength={100}
              autocomplete="off"
            />
            <button type="submit">
              <Icon name="search" />
              {view.t.form.search}
            </button>
          </form>
        </search>
        <Filters
          label={view.t.form.filter}
          current={asked.show}
          choices={DELIVERY_FILTERS.map(show => ({
            value: show,
            word: t.filters[show],
            href: deliveriesAddress({ ...asked, show, before: '' }),
          }))}
        />
      </div>
      <section class="panel" aria-label={t.title}>
        {list.rows.length === 0 ? (
          <Empty text={asked.search === '' && asked.show === 'open' ? t.empty : t.none} />
        ) : (
          <Rows view={view} rows={list.rows} />
        )}
        {list.next === null && asked.before === '' ? null : (
          <nav class="pager" aria-label={view.t.form.next}>
            {asked.before === '' ? null : <a href={deliveriesAddress({ ...asked, before: '' })}>{view.t.form.first}</a>}
            {list.next === null ? null : <a href={deliveriesAddress({ ...asked, before: list.next })}>{view.t.form.next}</a>}
          </nav>
        )}
      </section>
    </Layout>
  )
}

function Rows({ view, rows }: { view: View; rows: readonly DeliveryListed[] }) {
  const t = view.t.stock.deliveries
  const count = (value: number): string => number(value, view.language)
  return (
    <Table label={t.title}>
      <thead>
        <tr>
          <th>{t.reference}</th>
          <th>{t.location}</th>
          <th>{t.expected}</th>
          <th class="num hide-narrow">{t.lines}</th>
          <th class="num">{t.ordered}</th>
          <th class="num">{t.received}</th>
          <th class="num">{t.notComing}</th>
          <th class="num">{t.rest}</th>
          <th class="hide-narrow">{t.progress}</th>
          <th>{t.state}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(row => (
          <tr id={`delivery-${row.id}`}>
            <th scope="row">
              <a href={`/stock/deliveries/${row.id}`}>{row.reference}</a>
              <span class="sub">{row.supplier ?? ''}</span>
            </th>
            <td>{row.location}</td>
            <td class={row.late ? 'keep late' : 'keep'}>
              <Day at={row.expectedAt} />
            </td>
            <td class="num hide-narrow">{count(row.lines)}</td>
            <td class="num">{count(row.ordered)}</td>
            <td class={row.received === 0 ? 'num zero' : 'num'}>{count(row.received)}</td>
            <td class={row.cancelled === 0 ? 'num zero' : 'num count-refused'}>{count(row.cancelled)}</td>
            <td class={row.rest === 0 ? 'num zero' : 'num strong'}>{count(row.rest)}</td>
            <td class="hide-narrow">
              <Progress view={view} done={row.received} of={row.ordered} />
            </td>
            <td>
              <DeliveryMark view={view} state={row.state} late={row.late} />
            </td>
          </tr>
        ))}
      </tbody>
    </Table>
  )
}

/** How a delivery stands; an open one whose day is over is late. */
export function DeliveryMark({ view, state, late }: { view: View; state: 'open' | 'received' | 'cancelled'; late: boolean }) {
  const t = view.t.stock.deliveries.states
  if (late) return <State view={view} state="failing" text={t.late} />
  return <State view={view} state={state === 'open' ? 'waiting' : state === 'received' ? 'applied' : 'cancelled'} text={t[state]} />
}

function deliveriesAddress({ show, search, before }: DeliveriesAsked): string {
  const query = new URLSearchParams()
  if (show !== 'open') query.set('show', show)
  if (search !== '') query.set('q', search)
  if (before !== '') query.set('before', before)
  const text = query.toString()
  return text === '' ? '/stock/deliveries' : `/stock/deliveries?${text}`
}
