import type { Page } from '../../../../db/pages.ts'
import { TRANSFER_FILTERS, type TransferListed, type TransferShow } from '../../../../db/pages-transfers.ts'
import type { TransferState } from '../../../domain/inventory/transfer.ts'
import { number } from '../../format.ts'
import { Layout } from '../../parts/layout.tsx'
import { addressOf, ListPanel, ListTools } from '../../parts/list.tsx'
import { Table } from '../../parts/panel.tsx'
import { State } from '../../parts/state.tsx'
import { StockTabs } from '../../parts/stock-tabs.tsx'
import { Day } from '../../parts/time.tsx'
import { may, type View } from '../../view.ts'

export type TransfersAsked = { readonly show: TransferShow; readonly search: string; readonly before: string }

/** Goods that move between our locations. */
export function TransfersPage({ view, asked, list }: { view: View; asked: TransfersAsked; list: Page<TransferListed> }) {
  const t = view.t.stock.transfers
  return (
    <Layout view={view} title={t.title}>
      <div class="page-head">
        <h1>{t.title}</h1>
        {may(view, 'stock:write') ? (
          <a class="button main" href="/stock/transfers/new">
            {t.add}
          </a>
        ) : null}
      </div>
      <StockTabs view={view} current="transfers" />
      <ListTools
        view={view}
        action="/stock/transfers"
        search={asked.search}
        label={t.search}
        kept={{ show: asked.show === 'open' ? '' : asked.show }}
        filter={asked.show}
        filters={TRANSFER_FILTERS.map(show => ({ value: show, word: t.filters[show], href: address({ ...asked, show, before: '' }) }))}
      />
      <ListPanel
        view={view}
        label={t.title}
        empty={list.rows.length > 0 ? null : asked.search === '' && asked.show === 'open' ? t.empty : t.none}
        first={asked.before === '' ? null : address({ ...asked, before: '' })}
        next={list.next === null ? null : address({ ...asked, before: list.next })}
      >
        <Rows view={view} rows={list.rows} />
      </ListPanel>
    </Layout>
  )
}

function Rows({ view, rows }: { view: View; rows: readonly TransferListed[] }) {
  const t = view.t.stock.transfers
  const count = (value: number): string => number(value, view.language)
  return (
    <Table label={t.title}>
      <thead>
        <tr>
          <th>{t.reference}</th>
          <th>{t.route}</th>
          <th>{t.expected}</th>
          <th class="num">{t.asked}</th>
          <th class="num">{t.notSent}</th>
          <th class="num">{t.underWay}</th>
          <th class="num">{t.received}</th>
          <th class="num">{t.lost}</th>
          <th>{t.state}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(row => (
          <tr id={`transfer-${row.id}`}>
            <th scope="row" class="keep">
              <a href={`/stock/transfers/${row.id}`}>{row.reference}</a>
            </th>
            <td>
              {row.from} → {row.to}
            </td>
            <td class={row.late ? 'keep late' : 'keep'}>
              {row.expectedAt === null ? <span class="quiet">–</span> : <Day at={row.expectedAt} />}
            </td>
            <td class="num">{count(row.asked)}</td>
            <td class={row.cancelled === 0 ? 'num zero' : 'num'}>{count(row.cancelled)}</td>
            <td class={row.underWay === 0 ? 'num zero' : 'num strong'}>{count(row.underWay)}</td>
            <td class={row.received === 0 ? 'num zero' : 'num'}>{count(row.received)}</td>
            <td class={row.lost === 0 ? 'num zero' : 'num count-refused'}>{count(row.lost)}</td>
            <td>
              <TransferMark view={view} state={row.state} late={row.late} />
            </td>
          </tr>
        ))}
      </tbody>
    </Table>
  )
}

const marks = { requested: 'waiting', sent: 'sent', received: 'applied', cancelled: 'cancelled' } as const

/** How a transfer stands; one under way whose day is over is late. */
export function TransferMark({ view, state, late }: { view: View; state: TransferState; late: boolean }) {
  const t = view.t.stock.transfers.states
  return late ? <State view={view} state="failing" text={t.late} /> : <State view={view} state={marks[state]} text={t[state]} />
}

const address = ({ show, search, before }: TransfersAsked): string =>
  addressOf('/stock/transfers', { show: show === 'open' ? '' : show, q: search, before })
