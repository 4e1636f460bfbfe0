import type { DeliveryRow } from '../../../../db/deliveries.ts'
import type { CauseRow } from '../../../../db/incoming.ts'
import type { DeliveryLineShown } from '../../../../db/pages-deliveries.ts'
import type { ReasonRow } from '../../../../db/reasons.ts'
import { actorName, money, number } from '../../format.ts'
import { Facts } from '../../parts/facts.tsx'
import { Layout } from '../../parts/layout.tsx'
import { Panel, Table } from '../../parts/panel.tsx'
import { Progress } from '../../parts/progress.tsx'
import { StockTabs } from '../../parts/stock-tabs.tsx'
import { At, Day } from '../../parts/time.tsx'
import { may, type View } from '../../view.ts'
import { CauseMovements } from '../cause-movements.tsx'
import { ChangeForm } from './change.tsx'
import { DeliveryMark } from './list.tsx'
import { EndForms, ReceiveForm } from './receive.tsx'

export type DeliveryView = {
  readonly head: DeliveryRow
  readonly place: string
  readonly lines: readonly DeliveryLineShown[]
  readonly reasons: readonly ReasonRow[]
  readonly movements: readonly CauseRow[]
  /** The name of each location by its code. */
  readonly names: ReadonlyMap<string, string>
  /** That of its costs, else the first channel's: where a cost is typed. */
  readonly currency: string
}

/** One delivery: what is to come, what came, and, while it is open, the forms to receive and to end it. */
export function DeliveryPage({ view, delivery }: { view: View; delivery: DeliveryView }) {
  const t = view.t.stock.deliveries
  const { head, lines } = delivery
  const isOpen = head.state === 'open' && may(view, 'stock:write')
  return (
    <Layout view={view} title={t.one(head.reference)}>
      <div class="page-head">
        <h1>{t.one(head.reference)}</h1>
        <DeliveryMark view={view} state={head.state} late={head.late} />
      </div>
      <StockTabs view={view} current="deliveries" />
      <Panel id="head" title={head.supplier ?? t.noSupplier} aside={<Progress view={view} done={head.received} of={head.ordered} />}>
        <Facts
          facts={[
            [t.location, delivery.place],
            [t.expected, <Day at={head.expectedAt} />],
            [t.ordered, number(head.ordered, view.language)],
            [t.received, number(head.received, view.language)],
            [t.rest, number(head.rest, view.language)],
            [t.by, actorName(head.actor, view.t.actor.system)],
            ...(head.endedAt === null ? [] : ([[t.ended, <At view={view} at={head.endedAt} />]] as const)),
            ...(head.note === null ? [] : ([[t.note, head.note]] as const)),
          ]}
        />
      </Panel>
      {isOpen ? <ReceiveForm view={view} delivery={delivery} /> : <Lines view={view} lines={lines} />}
      {isOpen ? (
        <div class="columns even">
          <ChangeForm view={view} delivery={delivery} />
          <EndForms view={view} head={head} />
        </div>
      ) : null}
      <CauseMovements view={view} movements={delivery.movements} names={delivery.names} none={t.nothingCame} />
    </Layout>
  )
}

function Lines({ view, lines }: { view: View; lines: readonly DeliveryLineShown[] }) {
  const t = view.t.stock.deliveries
  const count = (value: number): string => number(value, view.language)
  return (
    <Panel id="lines" title={t.lines}>
      <Table label={t.lines}>
        <thead>
          <tr>
            <th>{view.t.sku.columns.sku}</th>
            <th class="num">{t.ordered}</th>
            <th class="num">{t.received}</th>
            <th class="num">{t.notComing}</th>
            <th class="num">{t.rest}</th>
            <th class="num">{t.cost}</th>
          </tr>
        </thead>
        <tbody>
          {lines.map(line => (
            <tr id={`line-${line.id}`}>
              <th scope="row">
                <a class="sku" href={`/skus/${encodeURIComponent(line.sku)}`}>
                  {line.sku}
                </a>
                <span class="sub">{line.title}</span>
              </th>
              <td class="num">{count(line.ordered)}</td>
              <td class={line.received === 0 ? 'num zero' : 'num'}>{count(line.received)}</td>
              <td class={line.cancelled === 0 ? 'num zero' : 'num'}>{count(line.cancelled)}</td>
              <td class={line.rest === 0 ? 'num zero' : 'num strong'}>{count(line.rest)}</td>
              <td class="num">{line.unitCost === null ? '–' : money(line.unitCost, line.currency ?? '')}</td>
            </tr>
          ))}
        </tbody>
      </Table>
    </Panel>
  )
}
