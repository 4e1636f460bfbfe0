import type { BoardTotals } from '../../../../db/pages-board.ts'
import { number } from '../../format.ts'
import { Icon } from '../../parts/icon.tsx'
import type { View } from '../../view.ts'

/** The figures on top of the board; those that wait for a person have a sign. */
export function Totals({ view, totals }: { view: View; totals: BoardTotals }) {
  const t = view.t.board.totals
  const orders = view.principal?.scopes.has('orders:read') === true
  const channels = view.principal?.scopes.has('channels:read') === true
  return (
    <dl class="totals" aria-label={t.label}>
      <Total view={view} label={t.orders} value={totals.orders24h} href={orders ? '/orders' : null} />
      <Total
        view={view}
        label={t.short}
        value={totals.shortUnits}
        href={orders ? '/orders?filter=short' : '/skus?filter=risk'}
        note={totals.shortOrders > 0 ? t.inOrders(totals.shortOrders) : undefined}
        alarm="bad"
      />
      <Total view={view} label={t.soldOut} value={totals.soldOut} href="/skus?filter=soldout" note={t.ofListed(totals.listed)} />
      <Total view={view} label={t.refused} value={totals.refused} href="/skus?filter=refused" alarm="bad" />
      <Total view={view} label={t.held} value={totals.held} href={channels ? '/held' : null} alarm="bad" />
      <Total view={view} label={t.alerts} value={totals.alerts} href={channels ? '/alerts' : null} alarm="bad" />
      <Total view={view} label={t.unmatched} value={totals.unmatched} href={channels ? '/channels' : null} alarm="wait" />
      <Total view={view} label={t.keptAside} value={totals.keptAside} href={channels ? '/channels' : null} alarm="wait" />
    </dl>
  )
}

function Total(given: {
  view: View
  label: string
  value: number
  href: string | null
  note?: string | undefined
  alarm?: 'bad' | 'wait'
}) {
  const { view, label, value, href, note, alarm } = given
  const text = number(value, view.language)
  return (
    <div class={alarm !== undefined && value > 0 ? `total alarm-${alarm}` : 'total'}>
      <dt>
        {alarm !== undefined && value > 0 ? <Icon name="warn" /> : null}
        {label}
      </dt>
      <dd>
        {href === null ? text : <a href={href}>{text}</a>}
        {note === undefined ? null : <span class="total-note">{note}</span>}
      </dd>
    </div>
  )
}
