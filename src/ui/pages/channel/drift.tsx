import type { DriftRow } from '../../../../db/drift-list.ts'
import type { DriftShown } from '../../../usecases/drift.ts'
import { documentText, number } from '../../format.ts'
import { ChoiceEntry, draftOf } from '../../parts/entry.tsx'
import { Facts } from '../../parts/facts.tsx'
import { WriteForm } from '../../parts/form.tsx'
import { Empty, Panel, Table } from '../../parts/panel.tsx'
import { Refreshed } from '../../parts/refreshed.tsx'
import { State } from '../../parts/state.tsx'
import { Ago, At } from '../../parts/time.tsx'
import { may, type View } from '../../view.ts'

/** Drift of a channel: its checks, what is accepted but not proven, who wins, and the differences that are open. */
export function DriftPanel({ view, drift, rows }: { view: View; drift: DriftShown; rows: readonly DriftRow[] }) {
  const t = view.t.drift
  const aside = (
    <span class="marks">
      {drift.held === 0 ? null : <State view={view} state="quarantined" text={`${t.states.held} ${number(drift.held, view.language)}`} />}
      {may(view, 'channels:write') ? (
        <WriteForm view={view} action={`/channels/${encodeURIComponent(drift.channel)}/drift-check`} class="inline-form">
          <button type="submit" class="small">
            {t.check}
          </button>
        </WriteForm>
      ) : null}
    </span>
  )
  return (
    <Panel id="drift" title={t.title} aside={aside}>
      <p class="panel-note">{t.lead}</p>
      <Refreshed view={view} name="drift">
        <Standing view={view} drift={drift} />
        {rows.length < drift.open ? <p class="panel-note">{t.first(rows.length, number(drift.open, view.language))}</p> : null}
        {rows.length === 0 ? <Empty text={t.none} /> : <Differences view={view} channel={drift.channel} rows={rows} />}
      </Refreshed>
      {may(view, 'channels:write') ? <Steering view={view} drift={drift} /> : null}
    </Panel>
  )
}

function Standing({ view, drift }: { view: View; drift: DriftShown }) {
  const t = view.t.drift
  const shown = (n: number): string => number(n, view.language)
  const { running, last } = drift
  return (
    <Facts
      facts={[
        [
          t.last,
          last === null ? (
            <Ago view={view} at={null} />
          ) : (
            <>
              <Ago view={view} at={last.endedAt} />
              <span class="sub">
                {t.looked(shown(last.seen), shown(last.calls), shown(last.differs))}
                {last.way === 'report' ? t.byReport : null}
              </span>
            </>
          ),
        ],
        ...(running === null
          ? []
          : [
              [
                t.running,
                running.beganAt === null ? t.waits : t.sofar(shown(running.seen), shown(drift.listings), shown(running.differs)),
              ] as const,
            ]),
        [
          t.unproven,
          drift.unproven === 0 ? (
            t.proven
          ) : (
            <>
              {t.oldest(shown(drift.unproven))} <Ago view={view} at={drift.unprovenSince} isWait />
            </>
          ),
        ],
        ...(drift.provenWithinMs === null ? [] : [[t.within, t.seconds(shown(Math.ceil(drift.provenWithinMs / 1000)))] as const]),
        ...(may(view, 'channels:write')
          ? []
          : (['stock', 'price'] as const).map(field => [t.winner[field], t.winners[drift[field]]] as const)),
      ]}
    />
  )
}

function Differences({ view, channel, rows }: { view: View; channel: string; rows: readonly DriftRow[] }) {
  const t = view.t.drift
  const sale = view.t.sku.shown.salePrice
  return (
    <Table label={t.open} isStacked>
      <thead>
        <tr>
          <th>{t.sku}</th>
          <th>{t.believed}</th>
          <th>{t.shows}</th>
          <th>{t.cause}</th>
          <th>{t.since}</th>
          <th />
        </tr>
      </thead>
      <tbody>
        {rows.map(row => (
          <tr id={`drift-${row.id}`}>
            <th scope="row">
              {row.cause === 'unmapped' ? (
                <span class="sku">{row.sku}</span>
              ) : (
                <a class="sku" href={`/skus/${encodeURIComponent(row.sku)}`}>
                  {row.sku}
                </a>
              )}
              <span class="sub">{t.fields[row.field]}</span>
            </th>
            <td data-label={t.believed}>{documentText(row.believed, view.language, sale)}</td>
            <td class="strong" data-label={t.shows}>
              {documentText(row.shown, view.language, sale)}
            </td>
            <td class="wide" data-label={t.cause}>
              {t.causes[row.cause]}
              {row.modifiedAt === null ? null : (
                <span class="sub">
                  {t.modified} <At view={view} at={row.modifiedAt} />
                </span>
              )}
              {row.reason === null ? null : <span class="sub reason">{t.reasons[row.reason]}</span>}
            </td>
            <td data-label={t.since}>
              <Ago view={view} at={row.rightAt} />
            </td>
            <td class="wide">
              <Decision view={view} channel={channel} row={row} />
            </td>
          </tr>
        ))}
      </tbody>
    </Table>
  )
}

/** What becomes of it, and where it waits for a person who may decide, the buttons. */
function Decision({ view, channel, row }: { view: View; channel: string; row: DriftRow }) {
  const t = view.t.drift
  if (row.field !== 'listing' && row.state !== 'held') {
    if (row.state === 'taking') return <State view={view} state="sent" text={t.states.taking} />
    return <State view={view} state="waiting" text={row.cause === 'order' ? t.states.waits : t.states.open} />
  }
  if (!may(view, 'channels:write')) return row.field === 'listing' ? null : <State view={view} state="quarantined" text={t.states.held} />
  const mayTake = may(view, row.field === 'price' ? 'prices:write' : 'stock:write')
  const winners = row.field === 'listing' ? (['seen'] as const) : mayTake ? (['hub', 'platform'] as const) : (['hub'] as const)
  return (
    <div class="form-row">
      {winners.map(winner => (
        <WriteForm view={view} action={`/channels/${encodeURIComponent(channel)}/drift-decide`} class="inline-form">
          <input type="hidden" name="drift" value={String(row.id)} />
          <input type="hidden" name="winner" value={winner} />
          <button type="submit" class="small">
            {t.decide[winner]}
          </button>
        </WriteForm>
      ))}
    </div>
  )
}

function Steering({ view, drift }: { view: View; drift: DriftShown }) {
  const t = view.t.drift
  const action = `/channels/${encodeURIComponent(drift.channel)}/drift-policy`
  const draft = draftOf(view, action)
  const options = (['hub', 'platform', 'ask'] as const).map(value => ({ value, word: t.winners[value] }))
  return (
    <div class="panel-body">
      <WriteForm view={view} action={action}>
        <div class="policy-fields">
          <ChoiceEntry draft={draft} name="stock" label={t.winner.stock} options={options} value={drift.stock} required />
          <ChoiceEntry draft={draft} name="price" label={t.winner.price} options={options} value={drift.price} required />
        </div>
        <p class="quiet">{t.hint}</p>
        <div class="form-row">
          <button type="submit">{t.save}</button>
        </div>
      </WriteForm>
    </div>
  )
}
