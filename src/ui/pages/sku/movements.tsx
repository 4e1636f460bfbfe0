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
  return (
    <Panel id="movements" title={t.title}>
      {movements.rows.length === 0 ? (
        <Empty text={t.none} />
      ) : (
        <Table label={t.title}>
          <thead>
            <tr>
              <th>{t.at}</th>
              <th>{t.kind}</th>
              <th>{t.location}</th>
              <th class="num">{t.onHand}</th>
              <th class="num">{t.reserved}</th>
              <th class="num">{t.unavailable}</th>
              <th>{t.because}</th>
              <th>{t.by}</th>
            </tr>
          </thead>
          <tbody>
            {movements.rows.map(row => (
              <tr id={`movement-${row.id}`}>
                <td>
                  <At view={view} at={row.occurredAt} />
                </td>
                <td>{kindText(view, row.kind)}</td>
                <td>{row.location}</td>
                <Change view={view} units={row.onHand} />
                <Change view={view} units={row.reserved} />
                <Change view={view} units={row.unavailable} />
                <td>
                  {row.orderId === null ? null : <a href={`/orders/${row.orderId}`}>{t.order(row.orderNumber ?? String(row.orderId))}</a>}
                  <Because view={view} row={row} />
                </td>
                <td>{actorName(row.actor, view.t.actor.system)}</td>
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

/** The cause, the reason and the lot, as far as there are any. */
function Because({ view, row }: { view: View; row: Movement }) {
  const t = view.t.sku.movements
  const cause = row.causeKind === null ? null : `${causeText(view, row.causeKind)} ${row.causeId ?? ''}`.trim()
  const told = [cause, row.chosenReason, row.reason, row.lot === null ? null : t.lot(row.lot)].filter(part => part !== null)
  return told.length === 0 ? null : <span class={row.orderId === null ? '' : 'sub'}>{told.join(' · ')}</span>
}

function causeText(view: View, kind: string): string {
  const { causes } = view.t.sku.movements
  return kind in causes ? causes[kind as keyof typeof causes] : kind
}

function Change({ view, units }: { view: View; units: number }) {
  return <td class={`num ${units > 0 ? 'plus' : units < 0 ? 'minus' : ''}`}>{signed(units, view.language)}</td>
}

/** What a movement did, as people say it. */
export function kindText(view: View, kind: string): string {
  const { kinds } = view.t.sku.movements
  return kind in kinds ? kinds[kind as keyof typeof kinds] : kind
}
