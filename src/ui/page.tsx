import type { Context } from 'hono'
import type { RequestEnv } from '../usecases/principal.ts'
import { ErrorPage } from './pages/error.tsx'
import type { View } from './view.ts'

/** Answers a page. It differs by person and language, so nothing on the way may keep it for somebody else. */
export function page(c: Context<RequestEnv>, body: unknown, status: 200 | 403 | 404 | 409 | 422 | 500 | 503 = 200): Response {
  c.header('Vary', 'Cookie, Accept-Language')
  return c.html(`<!doctype html>${String(body)}`, status) as Response
}

/** The page for what does not exist. */
export function missingPage(c: Context<RequestEnv>, view: View, what: string): Response {
  const { errors } = view.t
  return page(c, <ErrorPage view={view} title={errors.notFound} text={errors.notFoundText(what)} />, 404)
}
