import type { CauseRow } from '../../../db/incoming.ts'
import { actorName, signed } from '../format.ts'
import { Empty, Panel, Table } from '../parts/panel.tsx'
import { At } from '../parts/time.tsx'
import type { View } from '../view.ts'
import { kindText } from './sku/movements.tsx'

type Given = {
  readonly view: View
  readonly movements: readonly CauseRow[]
  readonly names: ReadonlyMap<string, string>
  readonly none: string
}

/** The movements that belong to a delivery, a transfer or a count. What was only expected or sent off is left out: the lines tell it. */
export function CauseMovements({ view, movements, names, none }: Given) {
  const t = view.t.sku.movements
  const rows = movements.filter(row => row.onHand !== 0 || row.unavailable !== 0)
  return (
    <Panel id="movements" title={t.title}>
      {rows.length === 0 ? (
        <Empty text={none} />
      ) : (
        <Table label={t.title}>
          <thead>
            <tr>
              <th>{t.at}</th>
              <th>{view.t.sku.columns.sku}</th>
              <th>{t.kind}</th>
              <th>{t.location}</th>
              <th class="num">{t.onHand}</th>
              <th class="num">{t.unavailable}</th>
              <th>{view.t.stock.move.lot}</th>
              <th>{t.by}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(row => (
              <tr>
                <td>
                  <At view={view} at={row.occurredAt} />
                </td>
                <th scope="row">
                  <a class="sku" href={`/skus/${encodeURIComponent(row.sku)}`}>
                    {row.sku}
                  </a>
                </th>
                <td>{kindText(view, row.kind)}</td>
                <td>{names.get(row.location) ?? row.location}</td>
                <td class={`num ${row.onHand > 0 ? 'plus' : row.onHand < 0 ? 'minus' : ''}`}>{signed(row.onHand, view.language)}</td>
                <td class="num">{signed(row.unavailable, view.language)}</td>
                <td>{row.lot ?? ''}</td>
                <td>{actorName(row.actor, view.t.actor.system)}</td>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
    </Panel>
  )
}
