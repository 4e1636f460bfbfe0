import type { CauseRow } from '../../../../db/incoming.ts'
import type { ReasonRow } from '../../../../db/reasons.ts'
import type { TransferLineRow, TransferRow } from '../../../../db/transfers.ts'
import { possibleActs } from '../../../domain/inventory/transfer.ts'
import { actorName, number } from '../../format.ts'
import { Facts } from '../../parts/facts.tsx'
import { Layout } from '../../parts/layout.tsx'
import { Panel, Table } from '../../parts/panel.tsx'
import { StockTabs } from '../../parts/stock-tabs.tsx'
import { At, Day } from '../../parts/time.tsx'
import { may, type View } from '../../view.ts'
import { CauseMovements } from '../cause-movements.tsx'
import { ArriveForm, CancelForm, ResolveForm, SendForm } from './acts.tsx'
import { TransferMark } from './list.tsx'

export type TransferView = {
  readonly head: TransferRow
  readonly from: string
  readonly to: string
  readonly lines: readonly TransferLineRow[]
  readonly reasons: readonly ReasonRow[]
  readonly movements: readonly CauseRow[]
  /** The name of each location by its code. */
  readonly names: ReadonlyMap<string, string>
}

/** One transfer: how far each line is, and the forms for what can be done now. */
export function TransferPage({ view, transfer }: { view: View; transfer: TransferView }) {
  const t = view.t.stock.transfers
  const { head } = transfer
  const acts = may(view, 'stock:write') ? possibleActs(head.state, head) : []
  return (
    <Layout view={view} title={t.one(head.reference)}>
      <div class="page-head">
        <h1>{t.one(head.reference)}</h1>
        <TransferMark view={view} state={head.state} late={head.late} />
      </div>
      <StockTabs view={view} current="transfers" />
      <Panel id="head" title={`${transfer.from} → ${transfer.to}`}>
        <Facts
          facts={[
            [t.asked, number(head.asked, view.language)],
            ...(head.cancelled === 0 ? [] : [[t.notSent, number(head.cancelled, view.language)] as const]),
            [t.sent, number(head.sent, view.language)],
            [t.received, number(head.received, view.language)],
            [t.underWay, number(head.sent - head.received - head.lost, view.language)],
            [t.expected, head.expectedAt === null ? view.t.none : <Day at={head.expectedAt} />],
            [t.by, actorName(head.actor, view.t.actor.system)],
            ...(head.sentAt === null ? [] : ([[t.sentAt, <At view={view} at={head.sentAt} />]] as const)),
            ...(head.endedAt === null ? [] : ([[t.ended, <At view={view} at={head.endedAt} />]] as const)),
            ...(head.note === null ? [] : ([[t.note, head.note]] as const)),
          ]}
        />
      </Panel>
      {acts.includes('receive') ? <ArriveForm view={view} transfer={transfer} /> : null}
      {acts.includes('send') ? <SendForm view={view} transfer={transfer} /> : null}
      {acts.length === 0 ? null : (
        <div class="columns even">
          {acts.includes('lose') ? <ResolveForm view={view} transfer={transfer} /> : null}
          {acts.includes('cancel') ? <CancelForm view={view} head={head} /> : null}
        </div>
      )}
      <Lines view={view} lines={transfer.lines} />
      <CauseMovements view={view} movements={transfer.movements} names={transfer.names} none={t.nothingMoved} />
    </Layout>
  )
}

function Lines({ view, lines }: { view: View; lines: readonly TransferLineRow[] }) {
  const t = view.t.stock.transfers
  const columns = [
    { word: t.asked, of: (line: TransferLineRow) => line.asked },
    { word: t.notSent, of: (line: TransferLineRow) => line.cancelled },
    { word: t.sent, of: (line: TransferLineRow) => line.sent },
    { word: t.received, of: (line: TransferLineRow) => line.received },
    { word: t.lost, of: (line: TransferLineRow) => line.lost },
    { word: t.underWay, of: (line: TransferLineRow) => line.underWay },
  ]
  return (
    <Panel id="lines" title={t.lines}>
      <Table label={t.lines}>
        <thead>
          <tr>
            <th>{view.t.sku.columns.sku}</th>
            {columns.map(column => (
              <th class="num">{column.word}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {lines.map((line, at) => (
            <tr id={`line-${at}`}>
              <th scope="row">
                <a class="sku" href={`/skus/${encodeURIComponent(line.sku)}`}>
                  {line.sku}
                </a>
                <span class="sub">{line.title}</span>
              </th>
              {columns.map(column => (
                <td class={column.of(line) === 0 ? 'num zero' : 'num'}>{number(column.of(line), view.language)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </Table>
    </Panel>
  )
}
