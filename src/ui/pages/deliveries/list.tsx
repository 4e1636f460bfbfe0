import type { Page } from '../../../../db/pages.ts'
import { DELIVERY_FILTERS, type DeliveryListed, type DeliveryShow } from '../../../../db/pages-deliveries.ts'
import { number } from '../../format.ts'
import { Layout } from '../../parts/layout.tsx'
import { addressOf, ListPanel, ListTools } from '../../parts/list.tsx'
import { Table } from '../../parts/panel.tsx'
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
      <ListTools
        view={view}
        action="/stock/deliveries"
        search={asked.search}
        label={t.search}
        kept={{ show: asked.show === 'open' ? '' : asked.show }}
        filter={asked.show}
        filters={DELIVERY_FILTERS.map(show => ({
          value: show,
          word: t.filters[show],
          href: deliveriesAddress({ ...asked, show, before: '' }),
        }))}
      />
      <ListPanel
        view={view}
        label={t.title}
        empty={list.rows.length > 0 ? null : asked.search === '' && asked.show === 'open' ? t.empty : t.none}
        first={asked.before === '' ? null : deliveriesAddress({ ...asked, before: '' })}
        next={list.next === null ? null : deliveriesAddress({ ...asked, before: list.next })}
      >
        <Rows view={view} rows={list.rows} />
      </ListPanel>
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

const deliveriesAddress = ({ show, search, before }: DeliveriesAsked): string =>
  addressOf('/stock/deliveries', { show: show === 'open' ? '' : show, q: search, before })
