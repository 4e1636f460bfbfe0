import type { ActKind } from '../../../../connectors/contract.ts'
import type { PlatformFacts } from '../../deps.ts'
import { Icon } from '../../parts/icon.tsx'
import { Empty, Panel, Table } from '../../parts/panel.tsx'
import type { View } from '../../view.ts'

/** What the platform can do and what not, as its connector declares it. */
export function CanPanel({ view, platform }: { view: View; platform: PlatformFacts | null }) {
  const t = view.t.channel.can
  if (platform === null) {
    return (
      <Panel id="can" title={t.title}>
        <Empty text={t.undeclared} />
      </Panel>
    )
  }
  const { declares } = platform
  const act = (kind: ActKind) => ({
    can: declares.acts.includes(kind),
    text: t[kind][declares.acts.includes(kind) ? 'yes' : 'no'],
  })
  const paysBack = ({ whole = false, parts = false }: NonNullable<typeof declares.cancelPaysBack>) => ({
    can: whole || parts,
    text: t.paysBack[whole ? (parts ? 'all' : 'whole') : parts ? 'parts' : 'nothing'],
  })
  const points = [
    { can: true, text: t.basis[declares.stockBasis] },
    { can: true, text: declares.stockPerAccount ? t.perAccount : t.perChannel },
    { can: true, text: declares.acceptedIsNotApplied ? t.laterYes : t.laterNo },
    { can: declares.saleDates, text: declares.saleDates ? t.saleYes : t.saleNo },
    { can: declares.saleBeside, text: declares.saleBeside ? t.besideYes : t.besideNo },
    { can: declares.referencePrice, text: declares.referencePrice ? t.referenceYes : t.referenceNo },
    act('acknowledge'),
    act('ready'),
    act('ship'),
    act('cancel'),
    ...(declares.acts.includes('cancel') ? [{ can: declares.cancelsParts, text: declares.cancelsParts ? t.partsYes : t.partsNo }] : []),
    ...(declares.acts.includes('cancel') ? [paysBack(declares.cancelPaysBack ?? {})] : []),
    act('refund'),
    { can: declares.statesShipBy === true, text: declares.statesShipBy === true ? t.shipByYes : t.shipByNo },
    { can: declares.returns !== 'none', text: t.returns[declares.returns] },
    { can: true, text: t.arrival[declares.arrival] },
  ]
  return (
    <Panel id="can" title={t.title}>
      <div class="columns even">
        <ul class="list">
          {points.map(point => (
            <li class={point.can ? '' : 'cannot'}>
              <Icon name={point.can ? 'done' : 'refuse'} />
              <span>{point.text}</span>
            </li>
          ))}
        </ul>
        <Table label={t.states}>
          <caption>{t.states}</caption>
          <tbody>
            {Object.entries(declares.orderStates).map(([state, effect]) => (
              <tr>
                <th scope="row" class="sku" translate="no">
                  {state}
                </th>
                <td>{t.effects[effect]}</td>
              </tr>
            ))}
          </tbody>
        </Table>
      </div>
    </Panel>
  )
}
