import type { MiddlewareHandler } from 'hono'
import type { AppDeps } from './deps.ts'
import { isHttps } from './session-cookie.ts'

// A page keeps to itself: only our own scripts, styles, pictures and connections; nobody may frame it. Style *attributes* are let through,
// because the charts' SVG (ECharts on the server) carries them; style elements and inline scripts are not.
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "style-src-attr 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ')

const HEADERS: readonly Header[] = [
  ['content-security-policy', POLICY],
  ['cross-origin-opener-policy', 'same-origin'],
  ['cross-origin-resource-policy', 'same-origin'],
  ['origin-agent-cluster', '?1'],
  ['permissions-policy', 'camera=(self), geolocation=(), microphone=()'],
  ['referrer-policy', 'same-origin'],
  ['x-content-type-options', 'nosniff'],
  ['x-dns-prefetch-control', 'off'],
  ['x-download-options', 'noopen'],
  ['x-frame-options', 'DENY'],
  ['x-permitted-cross-domain-policies', 'none'],
  // The filter that old browsers had opened holes of its own.
  ['x-xss-protection', '0'],
]

type Header = readonly [name: string, value: string]

// Only said over https: over http browsers ignore it, and it would be untrue.
const STRICT_TRANSPORT: Header = ['strict-transport-security', 'max-age=31536000; includeSubDomains']
// What a signed-in person sees is not for shared caches; an answer that says otherwise (an asset) keeps its word.
const NO_STORE: Header = ['cache-control', 'no-store']

/** The headers of every answer of the API to a program; https is judged by our public address, because no proxy's word is asked here. */
export function fixedHeaders({ publicUrl }: Pick<AppDeps, 'publicUrl'>): readonly Header[] {
  return publicUrl?.startsWith('https:') === true ? [...HEADERS, NO_STORE, STRICT_TRANSPORT] : [...HEADERS, NO_STORE]
}

/** Sets the headers that every answer carries. */
export function securityHeaders(deps: AppDeps): MiddlewareHandler {
  return async (c, next) => {
    await next()
    const { headers } = c.res
    // A page may be stricter than all.
    for (const [name, value] of HEADERS) if (!headers.has(name)) headers.set(name, value)
    if (isHttps(c, deps)) headers.set(...STRICT_TRANSPORT)
    if (!headers.has('cache-control')) headers.set(...NO_STORE)
  }
}
