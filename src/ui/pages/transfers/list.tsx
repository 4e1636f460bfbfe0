import type { Page } from '../../../../db/pages.ts'
import { TRANSFER_FILTERS, type TransferListed, type TransferShow } from '../../../../db/pages-transfers.ts'
import type { TransferState } from '../../../domain/inventory/transfer.ts'
import { number } from '../../format.ts'
import { Filters } from '../../parts/filters.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Layout } from '../../parts/layout.tsx'
import { Empty, Table } from '../../parts/panel.tsx'
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
      <div class="toolbar">
        <search>
          <form method="get" action="/stock/transfers">
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
          choices={TRANSFER_FILTERS.map(show => ({ value: show, word: t.filters[show], href: address({ ...asked, show, before: '' }) }))}
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
            {asked.before === '' ? null : <a href={address({ ...asked, before: '' })}>{view.t.form.first}</a>}
            {list.next === null ? null : <a href={address({ ...asked, before: list.next })}>{view.t.form.next}</a>}
          </nav>
        )}
      </section>
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

function address({ show, search, before }: TransfersAsked): string {
  const query = new URLSearchParams()
  if (show !== 'open') query.set('show', show)
  if (search !== '') query.set('q', search)
  if (before !== '') query.set('before', before)
  const text = query.toString()
  return text === '' ? '/stock/transfers' : `/stock/transfers?${text}`
}
