import type { Context } from 'hono'
import { cutAnswer } from '../../sandbox-store.ts'
import type { Operation } from '../limits.ts'
import { dayOf, type World } from './world.ts'

/** How long a connection that never gets its answer is held open, ms. */
const HOLD_MS = 50
const DAILY_CALLS = 100_000

export type Api = 'inventory' | 'fulfillment' | 'notification' | 'analytics'

/** What each API says when it fails by itself. */
const SYSTEM_ERROR: Readonly<Record<Api, number>> = { inventory: 25001, fulfillment: 30500, notification: 195000, analytics: 50000 }

/** What a call may be made with. */
export type Needs = { readonly api: Api; readonly bearer: 'user' | 'app' | 'any'; readonly scope?: string }

export type Gate = (
  operation: Operation,
  needs: Needs,
  handle: (context: Context) => Response | Promise<Response>,
) => (context: Context) => Promise<Response>

type Status = 400 | 401 | 403 | 404 | 409 | 429 | 500

/** eBay's list of errors. */
export function refuse(status: Status, errorId: number, message: string, domain = 'API_INVENTORY'): Response {
  return Response.json({ errors: [errorOf(errorId, message, domain)] }, { status })
}

export function errorOf(errorId: number, message: string, domain = 'API_INVENTORY') {
  return { errorId, domain, category: 'REQUEST', message, longMessage: message }
}

/** Whose token a call came with; what a handler answers in somebody's name goes by it. */
export function bearerOf(world: World, context: Context): 'user' | 'app' | null {
  const token = (context.req.header('authorization') ?? '').replace(/^Bearer /, '')
  const found = world.store.one<{ bearer: 'user' | 'app'; until_ms: number }>('select bearer, until_ms from token where token = ?', token)
  return found && found.until_ms > world.options.now().getTime() ? found.bearer : null
}

/** What each call passes before its handler: faults, the token and its consents, the day's calls; and after it the journal. */
export function makeGate(world: World): Gate {
  const { store } = world
  return (operation, needs, handle) => async context => {
    const answer = await pass(world, operation, needs, context, handle)
    store.record('call', { data: { operation, status: answer.status } })
    if (!store.strikes('timeout-after', operation)) return answer
    await answer.body?.cancel()
    return cutAnswer(HOLD_MS)
  }
}

async function pass(
  world: World,
  operation: Operation,
  needs: Needs,
  context: Context,
  handle: (context: Context) => Response | Promise<Response>,
): Promise<Response> {
  const { store } = world
  if (store.strikes('timeout-before', operation)) return cutAnswer(HOLD_MS)
  if (store.strikes('error', operation)) return refuse(500, SYSTEM_ERROR[needs.api], 'A system error has occurred.')
  const bearer = bearerOf(world, context)
  if (store.strikes('unauthorized', operation) || bearer === null) return refuse(401, 1001, 'Invalid access token', 'OAuth')
  if ((needs.bearer !== 'any' && needs.bearer !== bearer) || world.options.missingScopes?.includes(needs.scope ?? ''))
    return refuse(403, 1100, 'Access denied: Insufficient permissions to fulfill the request.', 'ACCESS')
  if (store.strikes('throttle', operation) || !counted(world, needs.api))
    return refuse(429, 2001, 'The request limit has been reached for the resource.', 'ACCESS')
  const answer = await handle(context)
  // What was asked is done, but something in between answers for eBay.
  if (!store.strikes('garbage', operation)) return answer
  await answer.body?.cancel()
  return new Response('<html><body>Please try again</body></html>', { status: 200 })
}

/** eBay counts calls, not their rate. */
function counted(world: World, api: Api): boolean {
  if (api === 'analytics') return true
  const { left } = callsLeft(world, api)
  if (left < 1) return false
  world.store.run(
    'insert into calls values (?, ?, 1) on conflict (api, day) do update set count = count + 1',
    api,
    dayOf(world.options.now()),
  )
  return true
}

/** What is left of an API's day, of how many, until when. */
export function callsLeft(world: World, api: Api): { readonly limit: number; readonly left: number; readonly reset: string } {
  const { options, store } = world
  const limit = Math.floor((options.dailyCalls ?? DAILY_CALLS) * options.scale * (1 - store.shareOf('eaten')))
  const day = dayOf(options.now())
  const used = store.one<{ count: number }>('select count from calls where api = ? and day = ?', api, day)?.count ?? 0
  return { limit, left: Math.max(0, limit - used), reset: new Date(Date.parse(day) + 24 * 3_600_000).toISOString() }
}
