import type { BoardChannel } from '../../../../db/pages-board.ts'
import { number } from '../../format.ts'
import { Empty, Table } from '../../parts/panel.tsx'
import { ChannelMarks } from '../../parts/state.tsx'
import { Ago, At } from '../../parts/time.tsx'
import { may, type View } from '../../view.ts'

const steps = ['waiting', 'sent', 'accepted', 'applied', 'refused'] as const

/** Each channel: how far its listings are, how long the oldest waits, and how its account does. */
export function Channels({ view, channels }: { view: View; channels: readonly BoardChannel[] }) {
  const t = view.t
  if (channels.length === 0)
    return <Empty text={t.board.noChannels} to={may(view, 'admin') ? { href: '/connect', word: t.connect.add } : undefined} />
  return (
    <Table label={t.board.channels} isStacked>
      <thead>
        <tr>
          <th>{t.board.channel}</th>
          <th>{t.board.account}</th>
          <th class="hide-narrow">{t.board.progress}</th>
          {steps.map(step => (
            <th class="num">{t.states[step]}</th>
          ))}
          <th>{t.board.oldest}</th>
        </tr>
      </thead>
      <tbody>
        {channels.map(channel => (
          <tr id={`channel-${channel.code}`}>
            <th scope="row" class="keep">
              <a href={`/channels/${channel.code}`}>{channel.name}</a>
              <span class="sub">{channel.code}</span>
            </th>
            <td class="wide">
              <ChannelMarks view={view} channel={channel} />
              {channel.stockLead === null ? null : <span class="sub">{t.board.stockWith(channel.stockLead)}</span>}
              {channel.accountReason === null ? null : <span class="sub reason">{channel.accountReason}</span>}
              {channel.accountState !== 'failing' || channel.retryAt === null ? null : (
                <span class="sub">
                  {channel.accountReason?.startsWith('throttled:') ? t.board.waitsUntil : t.board.retryAt}{' '}
                  <At view={view} at={channel.retryAt} />
                </span>
              )}
              {channel.held === 0 ? null : (
                <a class="sub" href="/held">
                  {view.t.held.onBoard(number(channel.held, view.language))}
                </a>
              )}
              {channel.differing === 0 ? null : <span class="sub">{t.board.differing(channel.differing)}</span>}
            </td>
            <td class="hide-narrow">
              <Bar channel={channel} />
            </td>
            {steps.map(step => (
              <td class={channel[step] === 0 ? 'num zero' : `num count-${step}`} data-label={t.states[step]}>
                {number(channel[step], view.language)}
              </td>
            ))}
            <td data-label={t.board.oldest} class={channel.oldestAt === null ? 'nothing' : undefined}>
              {channel.oldestAt === null ? (
                <span class="quiet">{t.board.nothingWaits}</span>
              ) : (
                <Ago view={view} at={channel.oldestAt} isWait />
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </Table>
  )
}

const BAR_WIDTH = 140

/** The share of each state as a bar; the numbers beside it say the same to whoever cannot see it. */
function Bar({ channel }: { channel: BoardChannel }) {
  const shares = [
    { kind: 'applied', n: channel.applied },
    { kind: 'accepted', n: channel.accepted },
    { kind: 'sent', n: channel.sent },
    { kind: 'waiting', n: channel.waiting },
    { kind: 'differing', n: channel.differing },
    { kind: 'refused', n: channel.refused + channel.held },
  ]
  const all = shares.reduce((sum, share) => sum + share.n, 0)
  let x = 0
  return (
    <svg
      class="bar"
      viewBox={`0 0 ${BAR_WIDTH} 8`}
      width={BAR_WIDTH}
      height="8"
      preserveAspectRatio="none"
      aria-hidden="true"
      focusable="false"
    >
      <rect class="bar-ground" width={BAR_WIDTH} height="8" rx="4" />
      {all === 0
        ? null
        : shares.map(share => {
            const from = x
            x += (share.n / all) * BAR_WIDTH
            // Few among thousands must still be seen.
            const width = share.n === 0 ? 0 : Math.max(2, x - from)
            return share.n === 0 ? null : (
              <rect class={`bar-${share.kind}`} x={Math.min(from, BAR_WIDTH - width).toFixed(1)} width={width.toFixed(1)} height="8" />
            )
          })}
    </svg>
  )
}
