import { Hono } from 'hono'
import { z } from 'zod'
import { switchClerk } from '../usecases/clerk-pin.ts'
import type { RequestEnv } from '../usecases/principal.ts'
import { Fault } from '../values/fault.ts'
import { type AppDeps, clock } from './deps.ts'
import { readSessionCookie, writeSessionCookie } from './session-cookie.ts'

const Wanted = z.strictObject({ userId: z.int().min(1), pin: z.string().max(20) })

/** POST /desk/switch: another clerk of the same store takes over the device by PIN. Answers 204 with the cookie of the new session. */
export function deskSwitch(deps: AppDeps): Hono<RequestEnv> {
  const app = new Hono<RequestEnv>()
  app.post('/desk/switch', async c => {
    const { locationId, actor } = c.get('principal')
    const token = readSessionCookie(c, deps)
    if (locationId === undefined || token === undefined)
      throw new Fault('forbidden', 'Only whoever belongs to a store can be relieved there by PIN.')
    const read = Wanted.safeParse(await c.req.json().catch(() => null))
    if (!read.success) throw new Fault('invalid', 'A clerk and a PIN are needed.', { field: 'pin' })
    const context = { sql: deps.sql, keyring: deps.keyring, actor }
    const session = await switchClerk(context, clock(deps)(), { token, locationId, ...read.data })
    writeSessionCookie(c, deps, session.token, session.expiresAt)
    return c.body(null, 204)
  })
  return app
}
