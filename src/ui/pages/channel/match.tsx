import type { ChannelHead } from '../../../../db/pages-channel.ts'
import type { MatchCounts, Unmatched } from '../../../../db/pages-channel-matching.ts'
import { number } from '../../format.ts'
import { WriteForm } from '../../parts/form.tsx'
import { Empty, Panel, Table } from '../../parts/panel.tsx'
import { may, type View } from '../../view.ts'

/** Listings that nobody has matched yet: what the platform says of each, what it may be, and a form that says what it is. */
export function MatchPanel({
  view,
  head,
  counts,
  unmatched,
}: {
  view: View
  head: ChannelHead
  counts: MatchCounts
  unmatched: readonly Unmatched[]
}) {
  const t = view.t.channel.match
  return (
    <Panel
      id="match"
      title={t.title}
      aside={unmatched.length < counts.unmatched ? view.t.channel.difference.first(unmatched.length, counts.unmatched) : undefined}
    >
      <p class="panel-note">
        {t.counts(counts.sku, counts.gtin, counts.hand)}
        {unmatched.length > 0 && head.publishStock ? ` ${t.atOnce(head.name)}` : null}
      </p>
      {unmatched.length === 0 ? (
        <Empty text={t.none} />
      ) : (
        <Table label={t.unmatched} isStacked>
          <thead>
            <tr>
              <th>{t.theirs}</th>
              <th>{t.title2}</th>
              <th>GTIN</th>
              <th class="num">{view.t.channel.difference.shows}</th>
              <th>{t.suggestion}</th>
              <th>{view.t.channel.difference.sku}</th>
            </tr>
          </thead>
          <tbody>
            {unmatched.map(row => (
              <tr id={`unmatched-${row.listing}`}>
                <th scope="row" class="keep">
                  <span class="sku">{row.externalSku}</span>
                  <span class="sub sku">{row.externalId}</span>
                </th>
                <td class="wide">{row.title}</td>
                <td class={row.gtin === null ? 'sku nothing' : 'sku'} data-label="GTIN">
                  {row.gtin ?? '–'}
                </td>
                <td class={row.quantity === null ? 'num nothing' : 'num'} data-label={view.t.channel.difference.shows}>
                  {row.quantity === null ? '–' : number(row.quantity, view.language)}
                </td>
                <td data-label={t.suggestion} class={row.suggestion === null ? 'nothing' : 'wide'}>
                  {row.suggestion === null ? (
                    <span class="quiet">–</span>
                  ) : (
                    <>
                      <a class="sku" href={`/skus/${encodeURIComponent(row.suggestion.sku)}`}>
                        {row.suggestion.sku}
                      </a>
                      <span class="sub">{row.suggestion.title}</span>
                      <span class="sub">{t.because[row.suggestion.because]}</span>
                    </>
                  )}
                </td>
                <td class="wide">
                  {may(view, 'channels:write') ? (
                    <WriteForm view={view} action={`/channels/${head.code}/match`} class="inline-form">
                      <input type="hidden" name="listing" value={String(row.listing)} />
                      <input type="hidden" name="external" value={row.externalSku} />
                      <input
                        name="sku"
                        required
                        maxlength={120}
                        value={row.suggestion?.sku ?? ''}
                        aria-label={t.sku(row.externalSku)}
                        autocomplete="off"
                      />
                      <button type="submit" class="small">
                        {t.save}
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
