import type { Child } from 'hono/jsx'
import type { TrackedLine, TrackedOrder } from '../../../../db/tracked-order.ts'
import { momentAt } from '../../../domain/notices/moments.ts'
import { type Progress, progressOf, stepsOf } from '../../../domain/orders/progress.ts'
import type { Language } from '../../../usecases/principal.ts'
import { assetUrl } from '../../assets.ts'
import { number } from '../../format.ts'
import type { Said } from '../../track-choice.ts'
import { languageNames, type Words } from '../../words.ts'
import { ChoiceCard, type OpenChoice } from './choice.tsx'
import { ExchangeCards } from './exchange.tsx'
import { GroupCard } from './group.tsx'
import { ParcelCard } from './parcel.tsx'

/** What the page knows of whoever looks: a language, and nothing else. */
export type TrackView = {
  readonly t: Words
  readonly language: Language
  readonly now: Date
  /** The address of the page, without a language. */
  readonly path: string
}

type Given = { readonly view: TrackView; readonly order: TrackedOrder; readonly choice: OpenChoice | null; readonly said: Said | null }

/** How a buyer sees an order: where it is, what to do next, and what is in it. No script, no cookie, nothing from another host. */
export function TrackPage({ view, order, choice, said }: Given) {
  const t = view.t.track
  const progress = progressOf(order.state, order.groups)
  const open = order.groups.filter(group => group.state !== 'done')
  return (
    <TrackFrame view={view} title={t.order(order.number)}>
      <header class="track-head">
        <p class="track-shop">{order.shop}</p>
        <h1>{t.order(order.number)}</h1>
      </header>
      {/* What is to be chosen comes first: how far the order is depends on it. */}
      {choice !== null ? null : (
        <section class={`track-now ${looks[progress]}`} aria-live="polite">
          <h2>{t.progress[progress]}</h2>
          <p>
            {order.awaitsBackBy === null
              ? t.progressText[progress]
              : t.awaitsBack(momentAt(order.awaitsBackBy, order.zone, view.language, view.now))}
          </p>
          <Steps view={view} progress={progress} groups={order.groups} />
        </section>
      )}
      {said === null ? null : (
        <p class={`track-said ${said === 'chosen' || said === 'longer' ? 'tone-good' : 'tone-wait'}`} role="status">
          {t.choice.said[said]}
        </p>
      )}
      {choice === null ? null : <ChoiceCard view={view} choice={choice} />}
      {open.map(group => (
        <GroupCard view={view} group={group} zone={order.zone} />
      ))}
      {order.parcels.map(parcel => (
        <ParcelCard view={view} parcel={parcel} zone={order.zone} />
      ))}
      {order.groups
        .filter(group => group.state === 'done' && (group.method !== 'ship' || order.parcels.length === 0))
        .map(group => (
          <GroupCard view={view} group={group} zone={order.zone} />
        ))}
      <Items view={view} lines={order.lines} />
      <ExchangeCards view={view} order={order} />
    </TrackFrame>
  )
}

/** What stands where a link leads nowhere. */
export function NoTrackPage({ view }: { view: TrackView }) {
  const t = view.t.track
  return (
    <TrackFrame view={view} title={t.gone}>
      <section class="track-now tone-off">
        <h1>{t.gone}</h1>
        <p>{t.goneText}</p>
      </section>
    </TrackFrame>
  )
}

const looks: Readonly<Record<Progress, string>> = {
  ...{
    received: 'tone-move',
    confirmed: 'tone-move',
    checking: 'tone-wait',
    preparing: 'tone-move',
    ready: 'tone-good',
    partly: 'tone-move',
  },
  ...{
    sent: 'tone-good',
    collected: 'tone-good',
    complete: 'tone-good',
    cancelled: 'tone-off',
    returned: 'tone-off',
    elsewhere: 'tone-off',
  },
}

function TrackFrame({ view, title, children }: { view: TrackView; title: string; children: Child }) {
  return (
    <html lang={view.language}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex, nofollow" />
        <title>{title}</title>
        <link rel="icon" href={assetUrl('favicon.svg')} type="image/svg+xml" />
        <link rel="stylesheet" href={assetUrl('track.css')} />
      </head>
      <body class="track">
        <main>{children}</main>
        <footer class="track-foot">
          <p>{view.t.track.privacy}</p>
          <nav aria-label={view.t.language}>
            {(Object.entries(languageNames) as [Language, string][]).map(([code, name]) => (
              <a href={`?language=${code}`} lang={code} aria-current={code === view.language ? 'true' : undefined}>
                {name}
              </a>
            ))}
          </nav>
        </footer>
      </body>
    </html>
  )
}

function Steps({ view, progress, groups }: { view: TrackView; progress: Progress; groups: TrackedOrder['groups'] }) {
  const t = view.t.track
  const way = stepsOf(progress, groups)
  if (way === null) return null
  return (
    <ol class="track-steps" aria-label={t.step}>
      {way.steps.map((step, at) => (
        <li class={at < way.at ? 'is-over' : at === way.at ? 'is-now' : undefined} aria-current={at === way.at ? 'step' : undefined}>
          <span>{t.steps[step as keyof typeof t.steps]}</span>
        </li>
      ))}
    </ol>
  )
}

function Items({ view, lines }: { view: TrackView; lines: readonly TrackedLine[] }) {
  const t = view.t.track
  const told = (units: number, word: (units: string) => string): string[] => (units === 0 ? [] : [word(number(units, view.language))])
  return (
    <section class="track-card">
      <h2>{t.items}</h2>
      <ul class="track-lines">
        {lines.map(line => (
          <li>
            <b>{number(line.ordered, view.language)} ×</b>
            <span>
              {line.title}
              {[
                ...(line.instead === null ? [] : [t.instead(line.instead)]),
                ...told(line.shipped, t.sent),
                ...told(line.short, t.short),
                ...told(line.cancelled, t.cancelled),
                ...told(line.returned, t.returned),
              ].map(text => (
                <span class="track-note">{text}</span>
              ))}
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}
