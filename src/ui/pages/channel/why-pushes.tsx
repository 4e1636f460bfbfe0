import type { PushTold } from '../../../usecases/explain-push.ts'
import { actorName, documentText, money } from '../../format.ts'
import { Table } from '../../parts/panel.tsx'
import { State } from '../../parts/state.tsx'
import { Ago, At } from '../../parts/time.tsx'
import type { View } from '../../view.ts'
import { Causes } from './why.tsx'
import { priceSource } from './why-reckoned.tsx'

const LOOKS = { under_way: 'sent', accepted: 'accepted', applied: 'applied', refused: 'refused', retry: 'unknown' } as const

/** The last calls with a value: what went out, what the platform made of it, and the change that it was based on. */
export function PushesTable({ view, pushes }: { view: View; pushes: readonly PushTold[] }) {
  const t = view.t.publishing.why
  return (
    <Table label={t.pushes}>
      <thead>
        <tr>
          <th>{t.sentAt}</th>
          <th>{t.value}</th>
          <th>{t.outcome}</th>
          <th>{t.because}</th>
        </tr>
      </thead>
      <tbody>
        {pushes.map(push => (
          <Row view={view} push={push} />
        ))}
      </tbody>
    </Table>
  )
}

function Row({ view, push }: { view: View; push: PushTold }) {
  const t = view.t.publishing.why
  const shown = (value: PushTold['value']): string => documentText(value, view.language, view.t.sku.shown.salePrice)
  const turnedAt = push.intended?.why?.turnedAt
  return (
    <tr>
      <td>
        <At view={view} at={new Date(push.at)} />
      </td>
      <td class="strong">
        {push.before === null ? '' : `${shown(push.before)} → `}
        {shown(push.value)}
      </td>
      <td>
        <State view={view} state={LOOKS[push.outcome]} text={t.outcomes[push.outcome]} />
        {push.answeredAt === null ? null : (
          <span class="sub">
            <Ago view={view} at={new Date(push.answeredAt)} />
          </span>
        )}
        {push.words === null ? null : (
          <span class="sub reason" translate="no">
            {push.words}
          </span>
        )}
      </td>
      <td>
        {push.forcedBy === null ? null : <span class="sub">{t.asked(actorName(push.forcedBy, view.t.actor.system))}</span>}
        {push.isAgain ? <span class="sub">{t.again}</span> : null}
        {typeof turnedAt === 'string' ? (
          <span class="sub">
            {t.turned} <At view={view} at={new Date(turnedAt)} />
          </span>
        ) : null}
        <Causes view={view} causes={push.causes} />
        {push.price?.source ? (
          <span>
            {priceSource(view, push.price)} {push.price.amount === null ? '' : money(push.price.amount, push.price.currency)}
            {push.price.actor === null ? '' : ` · ${t.setBy(actorName(push.price.actor, view.t.actor.system))}`}
          </span>
        ) : null}
      </td>
    </tr>
  )
}
