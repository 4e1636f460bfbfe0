import type { TrackedOrder } from '../../../../db/tracked-order.ts'
import { momentAt } from '../../../domain/notices/moments.ts'
import { progressOf } from '../../../domain/orders/progress.ts'
import { number } from '../../format.ts'
import { GroupCard, Units } from './group.tsx'
import type { TrackView } from './page.tsx'
import { ParcelCard } from './parcel.tsx'

/** What the buyer gets in exchange: what it is, how far it is, and where it is collected or how it is carried; and what he got in exchange for that. */
export function ExchangeCards({ view, order }: { view: TrackView; order: TrackedOrder }) {
  const t = view.t.track
  return (
    <>
      {order.exchanges.map(sent => {
        const { lines, groups, parcels, zone, state, awaitsBackBy, ended } = sent
        const cancelled = lines.reduce((sum, line) => sum + line.cancelled, 0)
        // Over the counter it leaves without a group.
        const isCollected = state === 'fulfilled' && lines.every(line => line.method === 'collect')
        return (
          <>
            <section class="track-card">
              <h2>{t.exchange}</h2>
              <p>
                {awaitsBackBy === null
                  ? t.progress[isCollected ? 'collected' : progressOf(state, groups)]
                  : t.awaitsBack(momentAt(awaitsBackBy, zone, view.language, view.now))}
              </p>
              {ended === null ? null : (
                <p>
                  {state === 'cancelled' ? null : `${t.cancelled(number(cancelled, view.language))}. `}
                  {t.exchangeEnds[ended]}
                </p>
              )}
              <Units view={view} lines={lines.map(({ title, instead, ordered }) => ({ title, instead, units: ordered }))} />
            </section>
            {groups
              .filter(group => group.state !== 'done')
              .map(group => (
                <GroupCard view={view} group={group} zone={zone} isOfExchange />
              ))}
            {parcels.map(parcel => (
              <ParcelCard view={view} parcel={parcel} zone={zone} />
            ))}
            <ExchangeCards view={view} order={sent} />
          </>
        )
      })}
    </>
  )
}
