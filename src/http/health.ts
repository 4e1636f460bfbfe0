import { setTimeout as wait } from 'node:timers/promises'
import { Hono } from 'hono'
import { assertSchema } from '../../db/migrate.ts'
import type { RequestEnv } from '../usecases/principal.ts'
import type { AppDeps } from './deps.ts'
import type { Metrics } from './metrics.ts'
import { problem } from './problem.ts'

const READY_WITHIN_MS = 2000

/** /healthz: this process runs. /readyz: it can serve, because the database answers within 2 s and has the right schema. /metrics: Prometheus. */
export function healthRoutes(deps: AppDeps, metrics: Metrics): Hono<RequestEnv> {
  const app = new Hono<RequestEnv>()
  app.get('/healthz', c => c.json({ status: 'ok' }))
  app.get('/readyz', async c => {
    const trouble = await notReady(deps)
    if (trouble === null) return c.json({ status: 'ready' })
    deps.log.warn({ requestId: c.var.requestId, trouble }, 'not ready')
    return problem(c, 'unavailable', trouble)
  })
  app.get('/metrics', async c => {
    const { type, text } = await metrics.page()
    return c.body(text, 200, { 'content-type': type })
  })
  return app
}

/** Why it cannot serve, in words that are safe to show to anybody; null when it can. */
async function notReady(deps: AppDeps): Promise<string | null> {
  const late = new AbortController()
  const tooLate = wait(READY_WITHIN_MS, 'the database does not answer within 2 s', { signal: late.signal }).catch(() => null)
  const answer = assertSchema(deps.sql).then(
    () => null,
    (error: unknown) =>
      error instanceof Error && error.message.startsWith('the database ') ? error.message : 'the database cannot be reached',
  )
  const trouble = await Promise.race([answer, tooLate])
  late.abort()
  return trouble
}
