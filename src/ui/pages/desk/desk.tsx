import type { Child } from 'hono/jsx'
import type { DeskClerk, DeskPlace } from '../../../../db/pages-desk.ts'
import type { StoreStanding } from '../../../usecases/pick-up-rules.ts'
import { assetUrl } from '../../assets.ts'
import { CSRF_FIELD } from '../../parts/form.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Languages } from '../../parts/layout.tsx'
import type { View } from '../../view.ts'
import { percentOf } from '../pick-up.tsx'

/** A page of the desk: large, and without the console around it. */
export function DeskFrame({ view, title, app, children }: { view: View; title: string; app?: boolean; children: Child }) {
  return (
    <html lang={view.language}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{`${title} · ${view.t.brand}`}</title>
        <link rel="icon" href={assetUrl('favicon.svg')} type="image/svg+xml" />
        <link rel="stylesheet" href={assetUrl('console.css')} />
        <link rel="stylesheet" href={assetUrl('desk.css')} />
        {app === true ? <script src={assetUrl('desk.js')} defer /> : null}
      </head>
      <body class="desk">{children}</body>
    </html>
  )
}

/** The desk itself. Its script draws what is to be done, from what the hub tells and what waits on the device. */
type DeskGiven = { view: View; place: DeskPlace; clerks: readonly DeskClerk[]; standing: StoreStanding | null }

export function DeskPage({ view, place, clerks, standing }: DeskGiven) {
  const t = view.t.desk
  const { principal } = view
  return (
    <DeskFrame view={view} title={t.title} app>
      <header class="desk-top">
        <h1>
          {place.name} <small>{t.title}</small>
        </h1>
        <form id="desk-scan" class="desk-scan">
          <input name="code" autocomplete="off" maxlength={120} aria-label={t.app.scan} placeholder={t.app.scan} />
        </form>
        <div class="desk-top-acts">
          <a class="desk-button plain" href={`/desk/list?store=${encodeURIComponent(place.code)}`} target="_blank" rel="noopener">
            {t.dayList}
          </a>
          {clerks.length > 0 ? (
            <a class="desk-button" href="#who">
              <Icon name="user" /> {principal?.name}
            </a>
          ) : (
            <span class="desk-person">
              <Icon name="user" /> {principal?.name}
            </span>
          )}
          <form method="post" action="/logout">
            <input type="hidden" name={CSRF_FIELD} value={principal?.csrf ?? ''} />
            <button type="submit" class="desk-button plain" aria-label={view.t.logout} title={view.t.logout}>
              <Icon name="out" />
            </button>
          </form>
        </div>
      </header>
      <main
        id="desk"
        data-store={place.code}
        data-csrf={principal?.csrf ?? ''}
        data-words={JSON.stringify(t.app)}
        data-clerks={JSON.stringify(clerks.map(({ id, name }) => ({ id, name })))}
      />
      <footer class="desk-foot">
        <Languages view={view} />
        {standing === null ? null : (
          <span>{view.t.pickUp.deskRate(percentOf(view, standing.noShowRate), standing.collected, standing.notCollected)}</span>
        )}
        <a href="/">{t.console}</a>
      </footer>
    </DeskFrame>
  )
}

export function ChooseStore({ view, places }: { view: View; places: readonly DeskPlace[] }) {
  const t = view.t.desk
  return (
    <DeskFrame view={view} title={t.title}>
      <main class="desk-choose">
        <h1>{t.chooseStore}</h1>
        {places.map(place => (
          <a class="desk-button wide" href={`/desk?store=${encodeURIComponent(place.code)}`}>
            {place.name} <small>{place.code}</small>
          </a>
        ))}
      </main>
      <footer class="desk-foot">
        <Languages view={view} />
        <a href="/">{t.console}</a>
      </footer>
    </DeskFrame>
  )
}

export function UnboundPage({ view }: { view: View }) {
  return (
    <DeskFrame view={view} title={view.t.desk.title}>
      <main class="desk-choose">
        <h1>{view.t.desk.unbound}</h1>
        <p>{view.t.desk.unboundHint}</p>
      </main>
    </DeskFrame>
  )
}
