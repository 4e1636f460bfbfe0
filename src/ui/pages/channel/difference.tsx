import type { ChannelHead, Difference, Refusal } from '../../../../db/pages-channel.ts'
import { documentText, number } from '../../format.ts'
import { WriteForm } from '../../parts/form.tsx'
import { Empty, Panel, Table } from '../../parts/panel.tsx'
import { State } from '../../parts/state.tsx'
import { Ago } from '../../parts/time.tsx'
import { may, type View } from '../../view.ts'

/** Listing by listing, what the platform shows and what the hub intends, where the two differ. */
export function DifferencePanel({ view, head, differences }: { view: View; head: ChannelHead; differences: readonly Difference[] }) {
  const t = view.t.channel.difference
  const total = head.stockDiffers + head.pricesDiffer + head.held
  const isObserving = !head.publishStock && !head.publishPrices
  const sale = view.t.sku.shown.salePrice
  return (
    <Panel id="difference" title={t.title} aside={differences.length < total ? t.first(differences.length, total) : undefined}>
      {differences.length === 0 ? (
        <Empty text={t.none} />
      ) : (
        <>
          {head.held === 0 ? null : <p class="panel-note tone-bad">{t.held(number(head.held, view.language))}</p>}
          {total === head.held ? null : <p class="panel-note">{isObserving ? t.observing : t.publishing}</p>}
          <Table label={t.title} isStacked>
            <thead>
              <tr>
                <th>{t.sku}</th>
                <th>{t.field}</th>
                <th>{t.shows}</th>
                <th>{t.intends}</th>
                <th>{t.since}</th>
              </tr>
            </thead>
            <tbody>
              {differences.map(row => (
                <tr id={`difference-${row.listing}-${row.field}`}>
                  <th scope="row">
                    <a class="sku" href={`/skus/${encodeURIComponent(row.sku)}`}>
                      {row.sku}
                    </a>
                    <span class="sub">{row.title}</span>
                  </th>
                  <td data-label={t.field}>{view.t.fields[row.field]}</td>
                  <td data-label={t.shows}>
                    {row.shown === null ? <span class="quiet">{t.unknown}</span> : documentText(row.shown, view.language, sale)}
                  </td>
                  <td class="strong" data-label={t.intends}>
                    {documentText(row.intended, view.language, sale)}
                  </td>
                  <td data-label={t.since}>
                    <Ago view={view} at={row.since} />
                    {row.incident === null ? null : (
                      <a class="sub" href={`/held/${row.incident}`}>
                        {row.isRejected ? t.rejected : t.heldBack}
                      </a>
                    )}
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

/** What the platform said no to, in its own words, and the button that sends it again. */
export function RefusedPanel({ view, head, refusals }: { view: View; head: ChannelHead; refusals: readonly Refusal[] }) {
  const t = view.t.channel.refused
  return (
    <Panel
      id="refused"
      title={t.title}
      aside={refusals.length === 0 ? undefined : <State view={view} state="refused" text={String(refusals.length)} />}
    >
      {refusals.length === 0 ? (
        <Empty text={t.none} />
      ) : (
        <Table label={t.title} isStacked>
          <thead>
            <tr>
              <th>{view.t.channel.difference.sku}</th>
              <th>{t.value}</th>
              <th>{t.words}</th>
              <th>{t.at}</th>
              <th />
            </tr>
          </thead>
          <tbody>
            {refusals.map(row => (
              <tr id={`refusal-${row.listing}-${row.field}`}>
                <th scope="row">
                  <a class="sku" href={`/skus/${encodeURIComponent(row.sku)}`}>
                    {row.sku}
                  </a>
                  <span class="sub">{view.t.fields[row.field]}</span>
                </th>
                <td data-label={t.value}>{documentText(row.value, view.language, view.t.sku.shown.salePrice)}</td>
                <td class="wide" data-label={t.words}>
                  <span class="reason" translate="no">
                    {row.reason}
                  </span>
                  {row.code === null ? null : <span class="sub sku">{row.code}</span>}
                </td>
                <td data-label={t.at}>
                  <Ago view={view} at={row.at} />
                </td>
                <td>
                  {may(view, 'channels:write') ? (
                    <WriteForm view={view} action={`/channels/${head.code}/retry`} class="inline-form">
                      <input type="hidden" name="listing" value={String(row.listing)} />
                      <input type="hidden" name="field" value={row.field} />
                      <input type="hidden" name="sku" value={row.sku} />
                      <button type="submit" class="small">
                        {t.retry}
                      </button>
                    </WriteForm>
                  ) : null}
                </td>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
    </Panel>
  )
}
