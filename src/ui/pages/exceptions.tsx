import type { Cure } from '../../domain/orders/cure.ts'
import type { ProposedException } from '../../usecases/exceptions.ts'
import { number } from '../format.ts'
import { WriteForm } from '../parts/form.tsx'
import { Layout } from '../parts/layout.tsx'
import { OrderTabs } from '../parts/order-tabs.tsx'
import { Panel } from '../parts/panel.tsx'
import { Rows } from '../parts/rows.tsx'
import { Ago, At } from '../parts/time.tsx'
import { may, type View } from '../view.ts'

/** The button that hands over another SKU instead of a line. */
export const substituteDeed = (orderId: number, lineId: number, sku: string): string => `substitute:${orderId}:${lineId}:${sku}`

/** The field by which a row is chosen. */
export const chosenOrder = (kind: string, orderId: number): string => `${kind}-${orderId}`

/** Orders that need a person, each with the next sensible step; what is alike is done for several at once. */
export function ExceptionsPage({ view, rows }: { view: View; rows: readonly ProposedException[] }) {
  const t = view.t.orderLife.exceptions
  const mayWrite = may(view, 'orders:write')
  const has = (kind: string): boolean => rows.some(row => row.kind === kind)
  const table = (
    <Rows
      label={t.title}
      rows={rows}
      id={row => `${row.kind}-${row.orderId}`}
      empty={t.none}
      isStacked
      columns={[
        mayWrite && (has('held') || has('short'))
          ? {
              head: '',
              cell: row =>
                row.kind === 'held' || row.kind === 'short' ? (
                  <input type="checkbox" name={chosenOrder(row.kind, row.orderId)} value="yes" aria-label={t.choose(row.number)} />
                ) : null,
            }
          : null,
        {
          head: t.order,
          names: true,
          cell: row => (
            <>
              <a href={`/orders/${row.orderId}`}>{row.number}</a>
              <span class="sub">{row.channelName}</span>
              {row.shipBy === null ? null : (
                <span class="sub">
                  {t.shipBy} <At view={view} at={row.shipBy} />
                </span>
              )}
            </>
          ),
        },
        {
          head: t.what,
          cell: row => (
            <>
              {t.kinds[row.kind]}
              {row.units === 0 ? null : <b class="count-refused"> {number(row.units, view.language)}</b>}
              <span class="sub">{aboutWords(view, row)}</span>
            </>
          ),
        },
        { head: t.since, cell: row => <Ago view={view} at={row.since} isWait /> },
        { head: t.next, cell: row => <NextStep view={view} row={row} /> },
      ]}
    />
  )
  return (
    <Layout view={view} title={t.title}>
      <div class="page-head">
        <h1>{t.title}</h1>
        <p class="lead">{t.lead}</p>
      </div>
      <OrderTabs view={view} current="exceptions" />
      <Panel id="exceptions" title={t.title} aside={number(rows.length, view.language)}>
        {mayWrite && (has('held') || has('short')) ? (
          <WriteForm view={view} action="/orders/exceptions" id={`exceptions-${rows.length}`}>
            {/* What Enter would press in a form is its first button: here it presses none. */}
            <button type="submit" disabled hidden />
            {table}
            <div class="form-row panel-body">
              {has('held') ? (
                <button type="submit" name="do" value="let-go" class="main">
                  {t.letGo}
                </button>
              ) : null}
              {has('short') ? (
                <button type="submit" name="do" value="cancel" class="danger">
                  {t.cancel}
                </button>
              ) : null}
            </div>
          </WriteForm>
        ) : (
          table
        )}
      </Panel>
    </Layout>
  )
}

function aboutWords(view: View, row: ProposedException): string {
  const kinds: Readonly<Record<string, string>> = view.t.orderLife.kinds
  const acts: Readonly<Record<string, string>> = view.t.orderActs.names
  const words = row.about.map(about => {
    if (row.kind === 'held') return kinds[about] ?? about
    // What was refused is told as its act, and then in the platform's words.
    return row.kind === 'refused' ? about.replace(/^\w+(?=: )/, act => acts[act] ?? act) : about
  })
  return words.join(', ')
}

function NextStep({ view, row }: { view: View; row: ProposedException }) {
  const t = view.t.orderLife
  switch (row.kind) {
    case 'held':
      return <a href={`/orders/${row.orderId}#let-go`}>{t.letGo}</a>
    case 'unmatched':
      return <a href={`/channels/${encodeURIComponent(row.channel)}`}>{t.exceptions.match}</a>
    case 'refused':
      return <a href={`/orders/${row.orderId}#acts`}>{t.exceptions.look}</a>
    case 'amiss':
      return <a href={`/orders/${row.orderId}#amounts`}>{t.exceptions.compare}</a>
    case 'not_back':
      return <a href={`/orders/${row.orderId}#exchanges`}>{t.exceptions.receive}</a>
    case 'late':
    case 'due':
    case 'put_back':
    case 'stuck':
      return <a href={`/orders/${row.orderId}#groups`}>{t.exceptions.desk}</a>
    case 'short':
      return (
        <>
          {row.cures.map(({ cure, lineId }) => (
            <>
              <span class="sub">{cureWords(view, cure)}</span>
              {cure.cure === 'substitute' && may(view, 'orders:write') ? (
                <button type="submit" name="do" value={substituteDeed(row.orderId, lineId, cure.sku)}>
                  {t.exceptions.substitute(cure.sku)}
                </button>
              ) : null}
            </>
          ))}
          {row.cures.some(({ cure }) => cure.cure === 'transfer') ? <a href="/stock/transfers/new">{view.t.nav.stock}</a> : null}
        </>
      )
  }
}

function cureWords(view: View, cure: Cure): string {
  const { cures } = view.t.orderLife.exceptions
  const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10)
  if (cure.cure === 'cancel') return cure.until === null ? cures.cancel : cures.cancelBy(day(cure.until))
  if (cure.cure === 'substitute') return cures.substitute(cure.units, cure.sku)
  return cure.cure === 'transfer' ? cures.transfer(cure.units, cure.location) : cures.wait(cure.units, day(cure.at))
}
