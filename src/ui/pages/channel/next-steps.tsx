import type { ChannelHead, PoolPlace } from '../../../../db/pages-channel.ts'
import type { MatchCounts } from '../../../../db/pages-channel-matching.ts'
import { listed, number } from '../../format.ts'
import { Icon } from '../../parts/icon.tsx'
import { Panel } from '../../parts/panel.tsx'
import { may, type View } from '../../view.ts'

type Step = { readonly isDone: boolean; readonly text: string; readonly to: string; readonly word: string | null }

/** What is left to do until a channel that was just connected sells by the hub; nothing once anything is published. */
export function NextStepsPanel({
  view,
  head,
  counts,
  pool,
}: {
  view: View
  head: ChannelHead
  counts: MatchCounts
  pool: readonly PoolPlace[]
}) {
  if (head.publishStock || head.publishPrices || !may(view, 'channels:write')) return null
  return (
    <Panel id="next" title={view.t.connect.next.title}>
      <ol class="list next-steps">
        {stepsOf(view, head, counts, pool).map(step => (
          <li class={step.isDone ? 'is-done' : ''}>
            <Icon name={step.isDone ? 'done' : 'wait'} />
            <span>
              {step.text} {step.word === null ? null : <a href={step.to}>{step.word}</a>}
            </span>
          </li>
        ))}
      </ol>
    </Panel>
  )
}

function stepsOf(view: View, head: ChannelHead, counts: MatchCounts, pool: readonly PoolPlace[]): readonly Step[] {
  const t = view.t.connect.next
  const count = (n: number): string => number(n, view.language)
  const isRead = head.observedAt !== null
  const places = pool.filter(place => place.position !== null).map(place => place.name)
  const isMatched = isRead && counts.unmatched === 0
  return [
    { isDone: isRead, text: isRead ? t.observed(count(head.listings)) : t.observe, to: '#head', word: null },
    {
      isDone: isMatched,
      text: !isRead ? t.matchLater : isMatched ? t.matched : head.matched === 0 ? t.noSkus : t.match(count(counts.unmatched)),
      ...{ to: '#match', word: isMatched || !isRead ? null : t.toMatch },
    },
    {
      isDone: places.length > 0,
      text: places.length > 0 ? t.poolDone(listed(places, view.language)) : t.pool,
      ...{ to: '#pool', word: t.toPool },
    },
    { isDone: false, text: t.policy, to: '#policy', word: t.toPolicy },
    head.paused
      ? { isDone: false, text: t.resume, to: '#pause', word: t.toResume }
      : { isDone: false, text: t.publish, to: '#switches', word: t.toPublish },
  ]
}
