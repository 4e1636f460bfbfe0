import type { IncidentWindow, QuarantineItem, QuarantineRow } from '../../../../db/guard.ts'
import { percentText, priceChange } from '../../../domain/pricing/change.ts'
import { scopeToDecide } from '../../../usecases/guard.ts'
import { actorName, documentText, number, signed } from '../../format.ts'
import { draftOf, TextEntry } from '../../parts/entry.tsx'
import { Facts } from '../../parts/facts.tsx'
import { WriteForm } from '../../parts/form.tsx'
import { Layout } from '../../parts/layout.tsx'
import { Pager } from '../../parts/list.tsx'
import { Empty, Panel, Table } from '../../parts/panel.tsx'
import { At } from '../../parts/time.tsx'
import { may, type View } from '../../view.ts'
import { HeldMark } from './list.tsx'
import { whyText } from './why.ts'

type Given = {
  readonly view: View
  readonly row: QuarantineRow
  readonly window: IncidentWindow
  readonly items: readonly QuarantineItem[]
  readonly after: number
  readonly next: number | null
}

/** One incident: the limit that broke, each value that waits, and the decision. */
export function HeldOnePage({ view, row, window, items, after, next }: Given) {
  const t = view.t.held
  const title = t.one(row.channel, t.fields[row.field])
  const here = `/held/${row.id}`
  return (
    <Layout view={view} title={title}>
      <div class="page-head">
        <h1>{title}</h1>
        <HeldMark view={view} row={row} />
        <p class="lead">{whyText(view, row.why)}</p>
      </div>
      <Panel id="incident" title={t.why}>
        <Facts
          facts={[
            [t.channel, <a href={`/channels/${encodeURIComponent(row.channel)}`}>{row.channel}</a>],
            [t.held, number(row.held, view.language)],
            [t.joined, number(row.joined, view.language)],
            [t.opened, <At view={view} at={row.openedAt} />],
            ...(row.decidedBy === null ? [] : ([[t.by, actorName(row.decidedBy, view.t.actor.system)]] as const)),
            ...(row.note === null ? [] : ([[view.t.prices.history.why, row.note]] as const)),
          ]}
        />
        <Decide view={view} row={row} window={window} />
      </Panel>
      <Panel id="values" title={t.values}>
        {items.length === 0 ? <Empty text={t.empty} /> : <Items view={view} items={items} field={row.field} />}
        <Pager view={view} first={after === 0 ? null : here} next={next === null ? null : `${here}?after=${next}`} />
      </Panel>
    </Layout>
  )
}

/** What an approval makes of the window: it counts anew. */
export const windowText = ({ language, t }: View, { allowed, minutes }: IncidentWindow): string =>
  allowed === null ? '' : t.held.restarts(number(allowed, language), number(minutes, language))

function Decide({ view, row, window }: { view: View; row: QuarantineRow; window: IncidentWindow }) {
  const t = view.t.held
  if (row.decision !== null && row.decision !== 'rejected') return null
  // What was rejected and has left since: there is nothing to let out any more.
  if (row.decision === 'rejected' && row.held === 0) return null
  if (!may(view, scopeToDecide(row.field))) return <p class="panel-note">{t.notAllowed[row.field]}</p>
  const action = `/held/${row.id}`
  const minutes = Number(row.why.releaseMinutes ?? 0)
  return (
    <div class="panel-body">
      <WriteForm view={view} action={action} id={`decide-${row.id}-${row.revision}-${row.decision ?? ''}`}>
        <input type="hidden" name="revision" value={String(row.revision)} />
        <TextEntry draft={draftOf(view, action)} name="note" label={t.note} hint={t.noteHint} maxlength={200} />
        {row.decision === null && row.field === 'stock' && minutes > 0 ? (
          <p class="panel-note">{t.releases(number(minutes, view.language))}</p>
        ) : null}
        <div class="decide">
          <button type="submit" name="decision" value="approve" class="main" title={t.approveHint}>
            {t.approve(number(row.held, view.language))}
          </button>
          {row.decision === 'rejected' ? null : (
            <button type="submit" name="decision" value="reject" title={t.rejectHint}>
              {t.reject}
            </button>
          )}
        </div>
        <p class="field-hint">
          {t.approveHint} {window.restarts ? `${windowText(view, window)} ` : ''}
          {row.decision === 'rejected' ? '' : t.rejectHint}
        </p>
      </WriteForm>
    </div>
  )
}

function Items({ view, items, field }: { view: View; items: readonly QuarantineItem[]; field: 'stock' | 'price' }) {
  const t = view.t.held
  const text = (value: QuarantineItem['value']): string => documentText(value, view.language, view.t.sku.shown.salePrice)
  return (
    <Table label={t.values} isStacked>
      <thead>
        <tr>
          <th>{t.sku}</th>
          <th class="num">{t.shows}</th>
          <th class="num">{t.wants}</th>
          <th class="num">{t.change}</th>
          <th>{t.limit}</th>
          <th>{t.left}</th>
        </tr>
      </thead>
      <tbody>
        {items.map(item => (
          <tr id={`item-${item.listingId}`} class={item.leftAt === null ? '' : 'ended'}>
            <th scope="row">
              <a class="sku" href={`/skus/${encodeURIComponent(item.sku)}${field === 'price' ? '/prices' : ''}`}>
                {item.sku}
              </a>
            </th>
            <td class="num" data-label={t.shows}>
              {text(item.before)}
            </td>
            <td class="num strong" data-label={t.wants}>
              {text(item.value)}
            </td>
            <td class="num" data-label={t.change}>
              {changeText(view, item)}
            </td>
            <td data-label={t.limit}>{t.limits[item.limit]}</td>
            <td data-label={t.left}>{item.leftHow === null ? '' : t.lefts[item.leftHow]}</td>
          </tr>
        ))}
      </tbody>
    </Table>
  )
}

/** How far a value goes: units, or percent of the price, a sale to come too. */
function changeText(view: View, { before, value }: QuarantineItem): string {
  if (typeof before.quantity === 'number' && typeof value.quantity === 'number')
    return signed(value.quantity - before.quantity, view.language)
  return percentText(priceChange(before, value))
}
