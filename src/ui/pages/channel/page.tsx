import type { DriftRow } from '../../../../db/drift-list.ts'
import type { QuarantineRow } from '../../../../db/guard.ts'
import type { ChannelHead, Difference, PoolPlace, Refusal } from '../../../../db/pages-channel.ts'
import type { HandMatch, HistoryRow, KeptAside, MatchCounts, Unmatched } from '../../../../db/pages-channel-matching.ts'
import type { ShortRule } from '../../../../db/short-rules.ts'
import type { DriftShown } from '../../../usecases/drift.ts'
import type { PublishingShown } from '../../../usecases/publishing.ts'
import type { RiskShown } from '../../../usecases/risk.ts'
import type { PlatformFacts } from '../../deps.ts'
import { Facts } from '../../parts/facts.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Layout } from '../../parts/layout.tsx'
import { LiveMark } from '../../parts/live-mark.tsx'
import { Panel } from '../../parts/panel.tsx'
import { Refreshed } from '../../parts/refreshed.tsx'
import { ChannelMarks } from '../../parts/state.tsx'
import { Ago, At } from '../../parts/time.tsx'
import { may, type View } from '../../view.ts'
import { CanPanel } from './can.tsx'
import { DifferencePanel, RefusedPanel } from './difference.tsx'
import { DriftPanel } from './drift.tsx'
import { HandMatchesPanel } from './hand-matches.tsx'
import { HeldHere } from './held.tsx'
import { HistoryPanel, KeptPanel } from './history.tsx'
import { MatchPanel } from './match.tsx'
import { NextStepsPanel } from './next-steps.tsx'
import { PolicyPanel, PoolPanel } from './policy.tsx'
import { PublishingPanel } from './publishing.tsx'
import { ShortPanel } from './short.tsx'
import { PausePanel, SwitchesPanel } from './switches.tsx'

export type ChannelView = {
  readonly head: ChannelHead
  /** What the guard holds back of it. */
  readonly held: readonly QuarantineRow[]
  readonly pool: readonly PoolPlace[]
  readonly differences: readonly Difference[]
  readonly refusals: readonly Refusal[]
  readonly unmatched: readonly Unmatched[]
  readonly hand: readonly HandMatch[]
  readonly counts: MatchCounts
  readonly kept: readonly KeptAside[]
  readonly history: readonly HistoryRow[]
  readonly platform: PlatformFacts | null
  readonly drift: DriftShown
  /** The differences that are open. */
  readonly drifts: readonly DriftRow[]
  readonly risk: RiskShown
  readonly publishing: PublishingShown
  /** What becomes of orders that stay short. */
  readonly short: ShortRule & { readonly isOwn: boolean }
}

/** One channel: the difference, the switches, matching, policy, refusals, messages kept aside, history, and what its platform can do. */
export function ChannelPage({ view, channel }: { view: View; channel: ChannelView }) {
  const { head } = channel
  return (
    <Layout view={view} title={head.name} live={`channel=${encodeURIComponent(head.code)}`}>
      <div class="page-head">
        <h1>{head.name}</h1>
        <span class="sku">{head.code}</span>
        <LiveMark view={view} />
      </div>
      <Refreshed view={view} name="head">
        <HeldHere view={view} held={channel.held} />
        <Head view={view} head={head} platform={channel.platform} />
        <NextStepsPanel view={view} head={head} counts={channel.counts} pool={channel.pool} />
      </Refreshed>
      <div class="columns">
        <Refreshed view={view} name="difference">
          <DifferencePanel view={view} head={head} differences={channel.differences} />
          <RefusedPanel view={view} head={head} refusals={channel.refusals} />
        </Refreshed>
        <div>
          <SwitchesPanel view={view} head={head} />
          <PausePanel view={view} head={head} />
        </div>
      </div>
      <PublishingPanel view={view} publishing={channel.publishing} />
      <DriftPanel view={view} drift={channel.drift} rows={channel.drifts} />
      <div class="columns even">
        <PolicyPanel view={view} head={head} risk={channel.risk} />
        <PoolPanel view={view} head={head} pool={channel.pool} />
      </div>
      <ShortPanel view={view} head={head} rule={channel.short} />
      <MatchPanel view={view} head={head} counts={channel.counts} unmatched={channel.unmatched} />
      <HandMatchesPanel view={view} head={head} counts={channel.counts} hand={channel.hand} />
      <Refreshed view={view} name="kept">
        <KeptPanel view={view} head={head} kept={channel.kept} />
      </Refreshed>
      <CanPanel view={view} platform={channel.platform} />
      <HistoryPanel view={view} history={channel.history} />
    </Layout>
  )
}

function Head({ view, head, platform }: { view: View; head: ChannelHead; platform: PlatformFacts | null }) {
  const t = view.t.channel
  return (
    <>
      {head.accountState === 'failing' ? (
        <div class="flash tone-bad" role="alert">
          <Icon name="warn" />
          <div>
            <strong>{t.trouble(head.account, head.accountReason ?? '')}</strong>
            {head.retryAt === null ? null : (
              <p>
                {head.accountReason?.startsWith('throttled:') ? view.t.board.waitsUntil : t.retry}: <At view={view} at={head.retryAt} />
              </p>
            )}
          </div>
        </div>
      ) : null}
      <Panel
        id="head"
        title={`${platform?.title ?? head.platform} · ${head.account}`}
        aside={
          <>
            {may(view, 'admin') && platform?.form !== undefined ? (
              <a href={`/channels/${encodeURIComponent(head.code)}/account`}>{view.t.connect.change}</a>
            ) : null}{' '}
            <ChannelMarks view={view} channel={head} />
          </>
        }
      >
        {head.stockLead === null ? null : <p class="panel-note">{t.sharesStock(head.stockLead)}</p>}
        <Facts
          facts={[
            [t.currency, `${head.currency}, ${t.tax[head.taxMode]}`],
            [t.zone, head.zone],
            [t.listings, `${head.listings} · ${t.matched} ${head.matched}`],
            [t.looked, <Ago view={view} at={head.observedAt} />],
            [t.polled, <Ago view={view} at={head.polledAt} />],
            [t.covered, <Ago view={view} at={head.coveredUntil} />],
          ]}
        />
      </Panel>
    </>
  )
}
