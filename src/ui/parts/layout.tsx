import type { Child } from 'hono/jsx'
import type { Language } from '../../usecases/principal.ts'
import { assetUrl } from '../assets.ts'
import { number } from '../format.ts'
import type { View } from '../view.ts'
import { languageNames } from '../words.ts'
import { CSRF_FIELD } from './form.tsx'
import { Icon, type IconName } from './icon.tsx'

// No script may be made of text: whatever in htmx would need it (inline scripts, filters, js: values) fails, and none of it is used.
const HTMX_CONFIG = JSON.stringify({ includeIndicatorCSS: false, extensions: 'sse', defaultTimeout: 15_000, history: false })

/** A whole page. `live` names what the page wants to hear of (see live.ts); without it the page stands still. */
export function Layout({ view, title, live, children }: { view: View; title: string; live?: string; children: Child }) {
  return (
    <Shell view={view} title={title}>
      <a class="skip" href="#main">
        {view.t.nav.skip}
      </a>
      <Side view={view} />
      <main id="main" tabindex={-1}>
        <FlashBox view={view} />
        {children}
      </main>
      {live === undefined ? null : <div id="feed" hx-sse:connect={`/ui/events?${live}`} hx-swap="none" />}
    </Shell>
  )
}

/** A page before the login: no navigation, one thing in the middle. */
export function Bare({ view, title, children }: { view: View; title: string; children: Child }) {
  return (
    <Shell view={view} title={title} class="bare">
      <main id="main">
        <FlashBox view={view} />
        {children}
      </main>
      <footer class="bare-foot">
        <Languages view={view} />
      </footer>
    </Shell>
  )
}

function Shell({ view, title, class: className, children }: { view: View; title: string; class?: string; children: Child }) {
  return (
    <html lang={view.language}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="htmx-config" content={HTMX_CONFIG} />
        <title>{`${title} · ${view.t.brand}`}</title>
        <link rel="icon" href={assetUrl('favicon.svg')} type="image/svg+xml" />
        <link rel="stylesheet" href={assetUrl('console.css')} />
        <script src={assetUrl('htmx.js')} defer />
        <script src={assetUrl('hx-sse.js')} defer />
        <script src={assetUrl('console.js')} defer />
      </head>
      <body class={className ?? 'console'}>{children}</body>
    </html>
  )
}

const places: readonly { readonly href: string; readonly word: 'board' | keyof typeof needs; readonly icon: IconName }[] = [
  { href: '/', word: 'board', icon: 'board' },
  { href: '/skus', word: 'skus', icon: 'skus' },
  { href: '/stock', word: 'stock', icon: 'stock' },
  { href: '/prices', word: 'prices', icon: 'prices' },
  { href: '/held', word: 'held', icon: 'pause' },
  { href: '/alerts', word: 'alerts', icon: 'warn' },
  { href: '/orders', word: 'orders', icon: 'orders' },
  { href: '/desk', word: 'desk', icon: 'done' },
  { href: '/channels', word: 'channels', icon: 'channels' },
]

function Side({ view }: { view: View }) {
  const { t, principal } = view
  return (
    <header class="side">
      <a class="brand" href="/">
        <BrandMark />
        <span>{t.brand}</span>
      </a>
      <nav aria-label={t.nav.label}>
        <ul>
          {places
            .filter(place => place.word === 'board' || principal?.scopes.has(needs[place.word]) === true)
            .map(place => (
              <li>
                <a href={place.href} aria-current={isHere(view.path, place.href) ? 'page' : undefined}>
                  <Icon name={place.icon} />
                  <span>{t.nav[place.word]}</span>
                  {place.word === 'held' ? <Badge view={view} count={view.held} title={view.t.held.open} /> : null}
                  {place.word === 'alerts' ? <Badge view={view} count={view.alerts} title={view.t.alerts.open} /> : null}
                </a>
              </li>
            ))}
        </ul>
      </nav>
      <div class="side-foot">
        <Languages view={view} />
        <p class="zone">
          {view.t.time.zone} <span data-zone>UTC</span>
        </p>
        {principal === null ? null : (
          <div class="who">
            <Icon name="user" />
            <div>
              <span class="who-name" title={t.signedInAs(principal.name)}>
                {principal.name}
              </span>
              <span class="who-role">{principal.role === null ? '' : t.roles[principal.role]}</span>
            </div>
            <form method="post" action="/logout">
              <input type="hidden" name={CSRF_FIELD} value={principal.csrf ?? ''} />
              <button type="submit" class="plain" aria-label={t.logout} title={t.logout}>
                <Icon name="out" />
              </button>
            </form>
          </div>
        )}
      </div>
    </header>
  )
}

/** How many things of a place wait for a person; nothing where none does. */
function Badge({ view, count, title }: { view: View; count: number; title: (n: string) => string }) {
  if (count === 0) return null
  const n = number(count, view.language)
  return (
    <b class="badge" title={title(n)}>
      {n}
    </b>
  )
}

const needs = {
  skus: 'catalog:read',
  stock: 'stock:read',
  prices: 'prices:read',
  held: 'channels:read',
  alerts: 'channels:read',
  orders: 'orders:read',
  desk: 'pickup:write',
  channels: 'channels:read',
} as const

const isBelow = (path: string, href: string): boolean => path === href || path.startsWith(`${href}/`)

/** An account is connected where channels are. */
const isHere = (path: string, href: string): boolean =>
  href === '/' ? path === '/' : isBelow(path, href) || (href === '/channels' && isBelow(path, '/connect'))

/** Links, not scripts: `/language/…` keeps the choice in a cookie and comes back. */
export function Languages({ view }: { view: View }) {
  return (
    <nav class="languages" aria-label={view.t.language}>
      {(Object.entries(languageNames) as [Language, string][]).map(([code, name]) => (
        <a
          href={`/language/${code}?next=${encodeURIComponent(view.here)}`}
          lang={code}
          aria-current={code === view.language ? 'true' : undefined}
        >
          {name}
        </a>
      ))}
    </nav>
  )
}

const flashLooks = { done: 'tone-good', warning: 'tone-wait', trouble: 'tone-bad' } as const

function FlashBox({ view }: { view: View }) {
  const { flash } = view
  return (
    <div id="flash" aria-live="polite" role="status">
      {flash === null ? null : (
        <div class={`flash ${flashLooks[flash.tone]}`}>
          <Icon name={flash.tone === 'done' ? 'done' : 'warn'} />
          <div>
            {flash.title === null ? null : <strong>{flash.title}</strong>}
            <p>{flash.text}</p>
          </div>
        </div>
      )}
    </div>
  )
}

/** Three channels that meet in one line. */
export function BrandMark() {
  return (
    <svg class="brand-mark" viewBox="0 0 32 32" width="28" height="28" aria-hidden="true" focusable="false">
      <rect class="brand-ground" width="32" height="32" rx="8" />
      <path class="brand-lines" d="M7 9c6 0 6 7 11 7M7 16h18M7 23c6 0 6-7 11-7" />
      <circle class="brand-dot" cx="24" cy="16" r="3" />
    </svg>
  )
}
