import { randomUUID } from 'node:crypto'
import type { Child } from 'hono/jsx'
import type { TrackedUnits } from '../../../../db/tracked-order.ts'
import { momentAt } from '../../../domain/notices/moments.ts'
import { Units } from './group.tsx'
import type { TrackView } from './page.tsx'

/** What a buyer may choose about, and the stores that have all of it. */
export type OpenChoice = {
  readonly lines: readonly TrackedUnits[]
  readonly stores: readonly { readonly code: string; readonly name: string; readonly zone: string; readonly readyBy: Date }[]
  /** He left an address. */
  readonly maySend: boolean
  /** The platform where he bought lets these goods be cancelled. */
  readonly mayCancel: boolean
}

/** A store could not: another one, by parcel, or not at all. */
export function ChoiceCard({ view, choice }: { view: TrackView; choice: OpenChoice }) {
  const t = view.t.track.choice
  return (
    <section class="track-card is-asked" id="choice">
      <h2>{t.title}</h2>
      <p>{t.text}</p>
      <Units view={view} lines={choice.lines} />
      {choice.stores.length === 0 ? null : (
        <TrackForm view={view}>
          <label class="track-pick">
            <span class="track-label">{t.store}</span>
            <select name="store" required>
              {choice.stores.map(store => (
                <option
                  value={store.code}
                >{`${store.name} · ${t.readyBy(momentAt(store.readyBy, store.zone, view.language, view.now))}`}</option>
              ))}
            </select>
          </label>
          <button type="submit" name="choice" value="store">
            {t.collect}
          </button>
        </TrackForm>
      )}
      {choice.maySend ? (
        <TrackForm view={view}>
          <button type="submit" name="choice" value="ship">
            {t.ship}
          </button>
        </TrackForm>
      ) : null}
      {choice.mayCancel ? (
        <details>
          <summary>{t.cancel}</summary>
          <TrackForm view={view}>
            <p class="track-note">{t.cancelSure}</p>
            <button type="submit" name="choice" value="cancel" class="track-danger">
              {t.cancelNow}
            </button>
          </TrackForm>
        </details>
      ) : (
        <p class="track-note">{t.noCancel}</p>
      )}
    </section>
  )
}

/** A form of the buyer's page. Whoever has its address may send it; its key makes a double tap count once. */
export function TrackForm({ view, children }: { view: TrackView; children: Child }) {
  return (
    <form method="post" action={`${view.path}/choice?language=${view.language}`} class="track-form">
      <input type="hidden" name="key" value={randomUUID()} />
      {children}
    </form>
  )
}
