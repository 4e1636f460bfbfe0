import type { Page } from '../../../../db/pages.ts'
import type { Movement, SkuHead } from '../../../../db/pages-sku.ts'
import { actorName, signed } from '../../format.ts'
import { Empty, Panel, Table } from '../../parts/panel.tsx'
import { At } from '../../parts/time.tsx'
import type { View } from '../../view.ts'

/** A SKU's ledger, newest first. */
export function MovementsPanel(given: { view: View; head: SkuHead; movements: Page<Movement>; isFirstPage: boolean }) {
  const { view, head, movements, isFirstPage } = given
  const t = view.t.sku.movements
  const here = `/skus/${encodeURIComponent(head.sku)}`
  const withIncoming = movements.rows.some(row => row.incoming !== 0)
  return (
    <Panel id="movements" title={t.title}>
      {movements.rows.length === 0 ? (
        <Empty text={t.none} />
      ) : (
        <Table label={t.title} isStacked>
          <thead>
            <tr>
              <th>{t.at}</th>
              <th>{t.kind}</th>
              <th>{t.location}</th>
              <th class="num">{t.onHand}</th>
              <th class="num">{t.reserved}</th>
              <th class="num">{t.unavailable}</th>
              {withIncoming ? <th class="num">{view.t.sku.stock.incoming}</th> : null}
              <th>{t.because}</th>
              <th>{t.by}</th>
            </tr>
          </thead>
          <tbody>
            {movements.rows.map(row => (
              <tr id={`movement-${row.id}`}>
                <td data-label={t.at}>
                  <At view={view} at={row.occurredAt} />
                </td>
                <td data-label={t.kind}>{kindText(view, row.kind)}</td>
                <td data-label={t.location}>{row.location}</td>
                <Change view={view} label={t.onHand} units={row.onHand} />
                <Change view={view} label={t.reserved} units={row.reserved} />
                <Change view={view} label={t.unavailable} units={row.unavailable} />
                {withIncoming ? <Change view={view} label={view.t.sku.stock.incoming} units={row.incoming} /> : null}
                <td data-label={t.because}>
                  {row.orderId === null ? null : <a href={`/orders/${row.orderId}`}>{t.order(row.orderNumber ?? String(row.orderId))}</a>}
                  <Because view={view} row={row} />
                </td>
                <td data-label={t.by}>{actorName(row.actor, view.t.actor.system)}</td>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
      {movements.next === null && isFirstPage ? null : (
        <nav class="pager" aria-label={t.title}>
          {isFirstPage ? null : <a href={`${here}#movements`}>{t.newest}</a>}
          {movements.next === null ? null : <a href={`${here}?before=${encodeURIComponent(movements.next)}#movements`}>{t.older}</a>}
        </nav>
      )}
    </Panel>
  )
}

const CAUSE_PAGES: Readonly<Record<string, string>> = {
  delivery: '/stock/deliveries',
  transfer: '/stock/transfers',
  count: '/stock/counts',
}

/** The cause, the reason and the lot, as far as there are any. */
function Because({ view, row }: { view: View; row: Movement }) {
  const t = view.t.sku.movements
  const { causeKind, causeId } = row
  // The books note a delivery or transfer by its reference too (`delivery PO-118`); an expired lot says so by its kind.
  const isNoted = causeKind !== null && row.reason?.startsWith(`${causeKind} `) === true
  const reference = isNoted ? (row.reason?.slice(causeKind.length + 1) ?? null) : causeId === null ? null : String(causeId)
  const cause = causeKind === null ? null : `${causeText(view, causeKind)} ${reference ?? ''}`.trim()
  const page = causeKind === null ? undefined : CAUSE_PAGES[causeKind]
  const reason = isNoted || row.kind === 'lot_expired' ? null : row.reason
  const told = [row.chosenReason, reason, row.lot === null ? null : t.lot(row.lot)].filter(part => part !== null)
  if (cause === null && told.length === 0) return null
  return (
    <span class={row.orderId === null ? '' : 'sub'}>
      {cause === null ? null : page === undefined || causeId === null ? cause : <a href={`${page}/${causeId}`}>{cause}</a>}
      {cause === null || told.length === 0 ? '' : ' · '}
      {told.join(' · ')}
    </span>
  )
}

function causeText(view: View, kind: string): string {
  const { causes } = view.t.sku.movements
  return kind in causes ? causes[kind as keyof typeof causes] : kind
}

function Change({ view, label, units }: { view: View; label: string; units: number }) {
  return (
    <td class={`num ${units > 0 ? 'plus' : units < 0 ? 'minus' : 'zero'}`} data-label={label}>
      {signed(units, view.language)}
    </td>
  )
}

/** What a movement did, as people say it. */
export function kindText(view: View, kind: string): string {
  const { kinds } = view.t.sku.movements
  return kind in kinds ? kinds[kind as keyof typeof kinds] : kind
}
