import type { Context } from 'hono'
import { makeBuckets } from '../../sandbox-buckets.ts'
import { cutAnswer } from '../../sandbox-store.ts'
import { limits, type Operation } from '../limits.ts'
import type { World } from './world.ts'

/** How long a connection that never gets its answer is held open, ms. */
const HOLD_MS = 50

export type Gate = (
  operation: Operation,
  handle: (context: Context) => Response | Promise<Response>,
) => (context: Context) => Promise<Response>

/** How tokens of the application's own begin, and the operations that take no other. */
export const GRANTLESS_TOKEN = 'Atc|'
const GRANTLESS: readonly Operation[] = ['getDestinations', 'createDestination', 'deleteSubscriptionById']

/** Amazon's error list. */
export function refuse(status: 400 | 403 | 404 | 409 | 429 | 500 | 502 | 503 | 504, code: string, message: string): Response {
  return Response.json({ errors: [{ code, message, details: '' }] }, { status })
}

/** What each call passes before its handler: faults, the access token, the usage plan; and after it: the rate header, the journal. */
export function makeGate(world: World): Gate {
  const enter = makeBuckets(world.options, world.store)
  const take = (operation: Operation): boolean => {
    const limit = limits[operation]
    return limit.kind !== 'bucket' || enter(operation, limit)
  }
  return (operation, handle) => async context => {
    const { store } = world
    const answer = await pass(world, operation, context, take, handle)
    store.record('call', { data: { operation, status: answer.status } })
    const limit = limits[operation]
    if (limit.kind === 'bucket') answer.headers.set('x-amzn-RateLimit-Limit', String(limit.ratePerS * world.options.scale))
    answer.headers.set('x-amzn-RequestId', crypto.randomUUID())
    if (!store.strikes('timeout-after', operation)) return answer
    await answer.body?.cancel()
    return cutAnswer(HOLD_MS)
  }
}

async function pass(
  world: World,
  operation: Operation,
  context: Context,
  take: (operation: Operation) => boolean,
  handle: (context: Context) => Response | Promise<Response>,
): Promise<Response> {
  const { store } = world
  if (store.strikes('timeout-before', operation)) return cutAnswer(HOLD_MS)
  const failing = store.failing(operation)
  if (failing !== null) return refuse(failing, 'InternalFailure', 'We encountered an internal error. Please try again.')
  if (store.strikes('unauthorized', operation) || !isAllowed(world, operation, context))
    return refuse(403, 'Unauthorized', 'Access to requested resource is denied.')
  if (store.strikes('throttle', operation) || !take(operation))
    return refuse(429, 'QuotaExceeded', 'You exceeded your quota for the requested resource.')
  if (store.strikes('garbage', operation)) return new Response('<html><body>Service is being updated</body></html>', { status: 200 })
  return handle(context)
}

/** The token endpoint and the queue have doors of their own. */
function isAllowed(world: World, operation: Operation, context: Context): boolean {
  if (limits[operation].kind === 'spacing') return true
  const token = context.req.header('x-amz-access-token') ?? ''
  if (token.startsWith(GRANTLESS_TOKEN) !== GRANTLESS.includes(operation)) return false
  const found = world.store.one<{ until_ms: number }>('select until_ms from token where token = ?', token)
  return found !== undefined && found.until_ms > world.options.now().getTime()
}
