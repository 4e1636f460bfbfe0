import type { MiddlewareHandler } from 'hono'
import { secureHeaders } from 'hono/secure-headers'
import type { AppDeps } from './deps.ts'
import { isHttps } from './session-cookie.ts'

/**
 * Headers that keep a page to itself: only our own scripts, styles, pictures and connections; nobody may frame it. Style *attributes* are let
 * through, because the charts' SVG (ECharts on the server) carries them; style elements and inline scripts are not.
 */
export function securityHeaders(deps: AppDeps): MiddlewareHandler {
  const headers = secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      styleSrcAttr: ["'unsafe-inline'"],
      imgSrc: ["'self'", 'data:'],
      fontSrc: ["'self'"],
      connectSrc: ["'self'"],
      formAction: ["'self'"],
      frameAncestors: ["'none'"],
      baseUri: ["'none'"],
    },
    xFrameOptions: 'DENY',
    referrerPolicy: 'same-origin',
    // Only said over https, below: over http browsers ignore it, and it would be untrue.
    strictTransportSecurity: false,
    permissionsPolicy: { camera: ['self'], geolocation: [], microphone: [] },
  })
  return async (c, next) => {
    await headers(c, next)
    if (isHttps(c, deps)) c.header('Strict-Transport-Security', 'max-age=31536000; includeSubDomains')
    // What a signed-in person sees is not for shared caches; an answer that says otherwise (an asset) keeps its word.
    if (c.res.headers.get('cache-control') === null) c.header('Cache-Control', 'no-store')
  }
}
