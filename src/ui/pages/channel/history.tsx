import type { ChannelHead } from '../../../../db/pages-channel.ts'
import type { HistoryRow, KeptAside } from '../../../../db/pages-channel-matching.ts'
import { actorName, documentText } from '../../format.ts'
import { WriteForm } from '../../parts/form.tsx'
import { Empty, Panel, Table } from '../../parts/panel.tsx'
import { Refreshed } from '../../parts/refreshed.tsx'
import { At } from '../../parts/time.tsx'
import { may, type View } from '../../view.ts'

/** Messages of the account that could not be understood, with the reason, and the button that takes one in again. */
export function KeptPanel({ view, head, kept }: { view: View; head: ChannelHead; kept: readonly KeptAside[] }) {
  const t = view.t.channel.kept
  return (
    <Panel id="kept" title={t.title}>
      {kept.length === 0 ? (
        <Empty text={t.none} />
      ) : (
        <>
          <p class="panel-note">{t.hint}</p>
          <Table label={t.title} isStacked>
            <thead>
              <tr>
                <th>{t.received}</th>
                <th>{t.topic}</th>
                <th>{t.reason}</th>
                <th />
              </tr>
            </thead>
            <tbody>
              {kept.map(row => (
                <tr id={`kept-${row.id}`}>
                  <td data-label={t.received}>
                    <At view={view} at={row.receivedAt} />
                  </td>
                  <td data-label={t.topic}>
                    {row.topic}
                    <span class="sub sku">{row.deliveryId}</span>
                  </td>
                  <td class="wide" data-label={t.reason}>
                    <span class="reason" translate="no">
                      {row.reason}
                    </span>
                  </td>
                  <td>
                    {may(view, 'channels:write') ? (
                      <WriteForm view={view} action={`/channels/${head.code}/replay`} class="inline-form">
                        <input type="hidden" name="message" value={String(row.id)} />
                        <button type="submit" class="small">
                          {t.replay}
                        </button>
                      </WriteForm>
                    ) : null}
                  </td>
                </tr>
              ))}
            </tbody>
          </Table>
        </>
      )}
    </Panel>
  )
}

/** What happened to the channel's fields last; folded, because it is long. What moves is inside, so that a refresh does not fold it again. */
export function HistoryPanel({ view, history }: { view: View; history: readonly HistoryRow[] }) {
  const t = view.t.channel.history
  return (
    <section class="panel" id="history" aria-labelledby="history-title">
      <details>
        <summary class="panel-head">
          <h2 id="history-title">{t.title}</h2>
        </summary>
        <Refreshed view={view} name="history">
          {history.length === 0 ? (
            <Empty text={t.none} />
          ) : (
            <Table label={t.title} isStacked>
              <thead>
                <tr>
                  <th>{view.t.time.at}</th>
                  <th>{view.t.channel.difference.sku}</th>
                  <th>{view.t.channel.difference.field}</th>
                  <th>{view.t.sku.movements.kind}</th>
                  <th>{t.value}</th>
                  <th>{t.detail}</th>
                </tr>
              </thead>
              <tbody>
                {history.map(row => (
                  <tr id={`history-${row.id}`}>
                    <td data-label={view.t.time.at}>
                      <At view={view} at={row.at} />
                    </td>
                    <td class="sku wide">
                      {row.sku === null ? row.externalSku : <a href={`/skus/${encodeURIComponent(row.sku)}`}>{row.sku}</a>}
                    </td>
                    <td data-label={view.t.channel.difference.field}>{view.t.fields[row.field]}</td>
                    <td data-label={view.t.sku.movements.kind}>{t.events[row.event]}</td>
                    <td data-label={t.value}>{documentText(row.value, view.language, view.t.sku.shown.salePrice)}</td>
                    <td class="quiet wide">{detailText(view, row)}</td>
                  </tr>
                ))}
              </tbody>
            </Table>
          )}
        </Refreshed>
      </details>
    </section>
  )
}

function detailText(view: View, { event, why }: HistoryRow): string {
  const t = view.t.channel.history
  if (why === null) return ''
  if (event === 'order' && typeof why.units === 'number') return t.units(why.units)
  if (event === 'forced' && typeof why.actor === 'string') return actorName(why.actor, view.t.actor.system)
  if (typeof why.words === 'string') return why.words
  if (event === 'read') {
    const expected = typeof why.expected === 'number' ? { quantity: why.expected } : isDocument(why.expected) ? why.expected : null
    return expected === null ? '' : t.expected(documentText(expected, view.language, view.t.sku.shown.salePrice))
  }
  return ''
}

const isDocument = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null
