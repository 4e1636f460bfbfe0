import type { ChannelHead } from '../../../../db/pages-channel.ts'
import type { HandMatch, MatchCounts } from '../../../../db/pages-channel-matching.ts'
import { actorName } from '../../format.ts'
import { WriteForm } from '../../parts/form.tsx'
import { Panel, Table } from '../../parts/panel.tsx'
import { At } from '../../parts/time.tsx'
import { may, type View } from '../../view.ts'

type Given = { view: View; head: ChannelHead; counts: MatchCounts; hand: readonly HandMatch[] }

/** Listings that a person has matched, and the button that takes a match back. Nothing stands here while there is none. */
export function HandMatchesPanel({ view, head, counts, hand }: Given) {
  const t = view.t.channel.match
  if (hand.length === 0) return null
  return (
    <Panel
      id="hand"
      title={t.hand}
      aside={hand.length < counts.hand ? view.t.channel.difference.first(hand.length, counts.hand) : undefined}
    >
      <Table label={t.hand} isStacked>
        <thead>
          <tr>
            <th>{t.theirs}</th>
            <th>{t.title2}</th>
            <th>{t.ours}</th>
            <th>{t.since}</th>
            <th>{t.by}</th>
            <th />
          </tr>
        </thead>
        <tbody>
          {hand.map(row => (
            <tr id={`hand-${row.listing}`}>
              <th scope="row" class="keep">
                <span class="sku">{row.externalSku}</span>
                <span class="sub sku">{row.externalId}</span>
              </th>
              <td class="wide">{row.externalTitle}</td>
              <td class="wide" data-label={t.ours}>
                <a class="sku" href={`/skus/${encodeURIComponent(row.sku)}`}>
                  {row.sku}
                </a>
                <span class="sub">{row.title}</span>
              </td>
              <td data-label={t.since}>
                <At view={view} at={row.since} />
              </td>
              <td data-label={t.by}>{actorName(row.actor, view.t.actor.system)}</td>
              <td>
                {may(view, 'channels:write') ? (
                  <WriteForm view={view} action={`/channels/${head.code}/unmatch`} class="inline-form">
                    <input type="hidden" name="listing" value={String(row.listing)} />
                    <input type="hidden" name="external" value={row.externalSku} />
                    <button type="submit" class="small">
                      {t.undo}
                    </button>
                  </WriteForm>
                ) : null}
              </td>
            </tr>
          ))}
        </tbody>
      </Table>
    </Panel>
  )
}
