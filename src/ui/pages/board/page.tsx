import { LOW_STOCK } from '../../../../db/pages-board.ts'
import type { Scope } from '../../../usecases/scopes.ts'
import type { Board, BoardPart } from '../../live.ts'
import { Layout } from '../../parts/layout.tsx'
import { LiveMark } from '../../parts/live-mark.tsx'
import { Panel } from '../../parts/panel.tsx'
import type { View } from '../../view.ts'
import { Channels } from './channels.tsx'
import { Orders, Risks } from './streams.tsx'
import { Totals } from './totals.tsx'

/** What a person must be allowed to read to see each part; null: whoever sees the board. */
export const boardNeeds: Readonly<Record<BoardPart, Scope | null>> = {
  totals: null,
  channels: 'channels:read',
  orders: 'orders:read',
  risks: 'stock:read',
}

/** The board: everything that moves, live. */
export function BoardPage({ view, board }: { view: View; board: Board }) {
  const { t } = view
  const sees = (part: BoardPart): boolean => boardNeeds[part] === null || view.principal?.scopes.has(boardNeeds[part]) === true
  return (
    <Layout view={view} title={t.board.title} live="board">
      <div class="page-head">
        <h1>{t.board.title}</h1>
        <LiveMark view={view} />
      </div>
      <div id="board-totals" aria-live="polite">
        <Totals view={view} totals={board.totals} />
      </div>
      {sees('channels') ? (
        <Panel id="channels" title={t.board.channels}>
          <div id="board-channels">
            <Channels view={view} channels={board.channels} />
          </div>
        </Panel>
      ) : null}
      <div class="columns">
        {sees('orders') ? (
          <Panel id="orders" title={t.board.orders} aside={<a href="/orders">{t.board.allOrders}</a>}>
            <div id="board-orders">
              <Orders view={view} orders={board.orders} />
            </div>
          </Panel>
        ) : null}
        {sees('risks') ? (
          <Panel id="risks" title={t.board.risk} aside={<a href="/skus?filter=risk">{t.board.allRisk}</a>}>
            <p class="panel-note">{t.board.riskHint(LOW_STOCK)}</p>
            <div id="board-risks" aria-live="polite">
              <Risks view={view} risks={board.risks} />
            </div>
          </Panel>
        ) : null}
      </div>
    </Layout>
  )
}

/** Parts of the board for an event: each replaces its place, and only what differs in it is touched. */
export function BoardParts({ view, board, parts }: { view: View; board: Board; parts: readonly BoardPart[] }) {
  return (
    <>
      {parts.map(part => (
        <hx-partial hx-target={`#board-${part}`} hx-swap="innerMorph">
          {part === 'totals' ? <Totals view={view} totals={board.totals} /> : null}
          {part === 'channels' ? <Channels view={view} channels={board.channels} /> : null}
          {part === 'orders' ? <Orders view={view} orders={board.orders} /> : null}
          {part === 'risks' ? <Risks view={view} risks={board.risks} /> : null}
        </hx-partial>
      ))}
    </>
  )
}
