import type { CountRow } from '../../../../db/counts.ts'
import { actorName } from '../../format.ts'
import { Layout } from '../../parts/layout.tsx'
import { Empty, Panel } from '../../parts/panel.tsx'
import { StockTabs } from '../../parts/stock-tabs.tsx'
import { may, type View } from '../../view.ts'
import { CountMark } from './list.tsx'
import { type Review, ReviewPart } from './review.tsx'
import { CountSheet, type Sheet } from './sheet.tsx'

type Given = {
  readonly view: View
  readonly count: CountRow
  readonly place: string
  /** While people count. */
  readonly sheet: Sheet | null
  /** Once it was handed in, for whoever may approve it. */
  readonly review: Review | null
}

/** One count: the sheet while it is open, then its differences. */
export function CountPage({ view, count, place, sheet, review }: Given) {
  const t = view.t.counting.counts
  // A sheet says itself what the last scan did, where the eye of whoever scans is.
  const framed = sheet === null ? view : { ...view, flash: null }
  return (
    <Layout view={framed} title={t.one(count.id, place)}>
      <div class="page-head">
        <h1>{t.one(count.id, place)}</h1>
        <CountMark view={view} state={count.state} />
        <p class="lead">
          {[t.scope[count.scope], count.note, t.startedBy(actorName(count.actor, view.t.actor.system))].filter(Boolean).join(' · ')}
        </p>
      </div>
      <StockTabs view={view} current="counts" />
      {sheet === null ? null : may(view, 'stock:write') ? (
        <CountSheet view={view} sheet={sheet} />
      ) : (
        <Panel id="waiting" title={t.states.open}>
          <Empty text={t.beingCounted} />
        </Panel>
      )}
      {sheet !== null ? null : review === null ? (
        <Panel id="waiting" title={t.states[count.state]}>
          <Empty text={t.waitsForApproval} />
        </Panel>
      ) : (
        <ReviewPart view={view} count={count} review={review} />
      )}
    </Layout>
  )
}
