import type { TrackedParcel } from '../../../../db/tracked-order.ts'
import { momentAt } from '../../../domain/notices/moments.ts'
import { Units } from './group.tsx'
import type { TrackView } from './page.tsx'

/** A parcel that left: who carries it, under which number, and where that is followed. */
export function ParcelCard({ view, parcel, zone }: { view: TrackView; parcel: TrackedParcel; zone: string }) {
  const t = view.t.track
  return (
    <section class="track-card">
      <h2>{t.tracking}</h2>
      <dl class="track-facts">
        <div>
          <dt>{t.sentOn}</dt>
          <dd>{momentAt(parcel.sentAt, zone, view.language, view.now)}</dd>
        </div>
        <div>
          <dt>{t.trackingNumber}</dt>
          <dd translate="no">{`${parcel.carrier} ${parcel.number}`}</dd>
        </div>
      </dl>
      {/* The address was typed in: it may only lead to a web page. */}
      {parcel.url !== null && /^https?:\/\//i.test(parcel.url) ? (
        <a class="track-button" href={parcel.url} rel="noopener noreferrer nofollow">
          {t.follow(parcel.carrier)}
        </a>
      ) : null}
      <Units view={view} lines={parcel.lines} />
    </section>
  )
}
