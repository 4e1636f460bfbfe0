import type { BoardChannel } from '../../../db/pages-board.ts'
import type { ChannelCounts } from '../../../db/pages-channel.ts'
import type { PlatformFacts } from '../deps.ts'
import { number } from '../format.ts'
import { Layout } from '../parts/layout.tsx'
import { Empty, Table } from '../parts/panel.tsx'
import { ChannelMarks } from '../parts/state.tsx'
import { may, type View } from '../view.ts'

type Given = {
  view: View
  channels: readonly BoardChannel[]
  counts: readonly ChannelCounts[]
  platforms: Readonly<Record<string, PlatformFacts>>
}

/** All channels: what they are, what they do, and what waits for a person. */
export function ChannelsPage({ view, channels, counts, platforms }: Given) {
  const t = view.t.channel
  return (
    <Layout view={view} title={t.list}>
      <div class="page-head">
        <h1>{t.list}</h1>
        {may(view, 'admin') ? (
          <a class="button main" href="/connect">
            {view.t.connect.add}
          </a>
        ) : null}
      </div>
      <section class="panel wrapped-heads" aria-label={t.list}>
        {channels.length === 0 ? (
          <Empty text={may(view, 'admin') ? t.noneYet : t.none} />
        ) : (
          <Table label={t.list} isStacked>
            <thead>
              <tr>
                <th>{view.t.board.channel}</th>
                <th>{t.account}</th>
                <th>{view.t.board.mode}</th>
                <th class="num">{t.listings}</th>
                <th class="num">{t.match.unmatched}</th>
                <th class="num">{view.t.states.waiting}</th>
                <th class="num">{view.t.states.differs}</th>
                <th class="num">{view.t.states.refused}</th>
                <th class="num">{t.kept.title}</th>
              </tr>
            </thead>
            <tbody>
              {channels.map(channel => {
                const count = counts.find(one => one.code === channel.code)
                return (
                  <tr>
                    <th scope="row" class="keep">
                      <a href={`/channels/${channel.code}`}>{channel.name}</a>
                      <span class="sub">{channel.code}</span>
                    </th>
                    <td class="wide">
                      {channel.account}
                      <span class="sub">{platforms[channel.platform]?.title ?? channel.platform}</span>
                      {channel.accountReason === null ? null : <span class="sub reason">{channel.accountReason}</span>}
                    </td>
                    <td class="wide">
                      <ChannelMarks view={view} channel={channel} />
                      {channel.stockLead === null ? null : <span class="sub">{view.t.board.stockWith(channel.stockLead)}</span>}
                    </td>
                    <Count view={view} label={t.listings} value={count?.listings ?? 0} />
                    <Count view={view} label={t.match.unmatched} value={count?.unmatched ?? 0} look="count-waiting" />
                    <Count view={view} label={view.t.states.waiting} value={channel.waiting} look="count-waiting" />
                    <Count view={view} label={view.t.states.differs} value={channel.differing} />
                    <Count view={view} label={view.t.states.refused} value={channel.refused} look="count-refused" />
                    <Count view={view} label={t.kept.title} value={count?.keptAside ?? 0} look="count-refused" />
                  </tr>
                )
              })}
            </tbody>
          </Table>
        )}
      </section>
    </Layout>
  )
}

function Count({ view, label, value, look = '' }: { view: View; label: string; value: number; look?: string }) {
  return (
    <td class={value === 0 ? 'num zero' : `num ${look}`} data-label={label}>
      {number(value, view.language)}
    </td>
  )
}
