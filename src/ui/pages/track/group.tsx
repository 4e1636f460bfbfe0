import type { TrackedGroup, TrackedPlace, TrackedUnits } from '../../../../db/tracked-order.ts'
import { dayOf, momentAt, weekOf } from '../../../domain/notices/moments.ts'
import { number } from '../../format.ts'
import { QrCode } from '../../parts/qr.tsx'
import { TrackForm } from './choice.tsx'
import type { TrackView } from './page.tsx'

/** `isOfExchange`: of another order than the page's, whose own link keeps it longer. */
type GroupGiven = { view: TrackView; group: TrackedGroup; zone: string; isOfExchange?: boolean }

/** What is handed over together: where and until when it is collected and against which code, or when it is expected to be sent. */
export function GroupCard({ view, group, zone, isOfExchange = false }: GroupGiven) {
  const t = view.t.track
  const { place } = group
  const isDone = group.state === 'done'
  const title =
    place === null
      ? t.parcel
      : isDone
        ? t.collectedAt(place.name)
        : group.state === 'sent'
          ? t.onItsWay(place.name)
          : t.collectAt(place.name)
  return (
    <section class={group.state === 'ready' && place !== null ? 'track-card is-ready' : 'track-card'}>
      <h2>{title}</h2>
      {group.code === null ? null : <Code view={view} group={group} code={group.code} />}
      <dl class="track-facts">
        {factsOf(view, group).map(([label, at]) => (
          <div>
            <dt>{label}</dt>
            <dd>{momentAt(at, place?.zone ?? zone, view.language, view.now)}</dd>
          </div>
        ))}
        {place === null || isDone ? null : <PlaceFacts view={view} place={place} until={group.collectBy} />}
      </dl>
      <Units view={view} lines={group.lines} />
      {group.state === 'ready' && place !== null && group.collectBy !== null && !isOfExchange ? (
        <details>
          <summary>{t.choice.longer}</summary>
          <TrackForm view={view}>
            <input type="hidden" name="group" value={group.id} />
            <button type="submit" name="choice" value="longer">
              {t.choice.longerNow}
            </button>
          </TrackForm>
        </details>
      ) : null}
    </section>
  )
}

/** Units and titles, one to a line. */
export function Units({ view, lines }: { view: TrackView; lines: readonly TrackedUnits[] }) {
  return (
    <ul class="track-lines">
      {lines.map(line => (
        <li>
          <b>{number(line.units, view.language)} ×</b>
          <span>
            {line.title}
            {line.instead === null ? null : <span class="track-note">{view.t.track.instead(line.instead)}</span>}
          </span>
        </li>
      ))}
    </ul>
  )
}

type Fact = readonly [label: string, at: Date]

function factsOf(view: TrackView, group: TrackedGroup): readonly Fact[] {
  const t = view.t.track
  const fact = (label: string, at: Date | null): Fact[] => (at === null ? [] : [[label, at]])
  const isCollected = group.place !== null
  if (group.state === 'done') return fact(isCollected ? t.collectedOn : t.sentOn, group.stateSince)
  if (!isCollected) return [...fact(t.sentBy, group.readyBy), ...fact(t.deliverBy, group.deliverBy)]
  if (group.method === 'ship_to_store') return fact(t.deliverBy, group.deliverBy)
  return group.state === 'ready' ? fact(t.readyFor, group.collectBy) : fact(t.readyBy, group.readyBy)
}

function Code({ view, group, code }: { view: TrackView; group: TrackedGroup; code: string }) {
  const t = view.t.track
  return (
    <div class="track-code">
      {/* Names the group as well, so that the desk's scanner opens it at once. */}
      <QrCode text={`P${group.id}-${code}`} label={t.qr(code)} />
      <div>
        <p class="track-label">{t.code}</p>
        <p class="track-digits" translate="no">
          {code}
        </p>
        <p class="track-note">{t.codeHint}</p>
      </div>
    </div>
  )
}

function PlaceFacts({ view, place, until }: { view: TrackView; place: TrackedPlace; until: Date | null }) {
  const t = view.t.track
  const week = weekOf(place.hours, view.language)
  const today = view.now.toISOString().slice(0, 10)
  const last = until?.toISOString().slice(0, 10) ?? today
  const closed = place.holidays.filter(day => day >= today && day <= last)
  return (
    <>
      {place.address === null ? null : (
        <div>
          <dt>{t.address}</dt>
          <dd>{[place.address, place.postalCode].filter(part => part !== null).join(', ')}</dd>
        </div>
      )}
      {week.length === 0 ? null : (
        <div>
          <dt>{t.hours}</dt>
          <dd>
            {week.map(({ days, times }) => (
              <span class="track-hours">
                <span>{days}</span>
                <span>{times.length === 0 ? t.closed : times.join(', ')}</span>
              </span>
            ))}
          </dd>
        </div>
      )}
      {closed.length === 0 ? null : (
        <div>
          <dt>{t.closedOn}</dt>
          <dd>{closed.map(day => dayOf(day, view.language, view.now)).join(' · ')}</dd>
        </div>
      )}
    </>
  )
}
