import { Hono } from 'hono'
import { layIn } from '../support/goods.ts'
import type { Job, Shot } from './load.ts'
import type { Stage } from './stage.ts'

export const CLIENTS = 64
/** So much that no bench ever sells out. */
const PLENTY = 1_000_000

export const skuOf = (n: number): string => `SKU-${String(n).padStart(4, '0')}`

/** SKUs from 0 on with plenty of stock at one location. */
export async function layInPlenty(stage: Stage, skus: number): Promise<void> {
  await layIn(stage.sql, Object.fromEntries(Array.from({ length: skus }, (_, n) => [skuOf(n), { main: PLENTY }])))
}

/** One unit of each of the SKUs as a request to reserve. */
export function reserveShots(key: string, skus: number, nameOf: (n: number) => string = skuOf): Shot[] {
  return Array.from({ length: skus }, (_, n) => reserveShot(key, [nameOf(n)]))
}

/** One unit of several SKUs together, as many requests as there are SKUs: no two lines of a request are of the same one. */
export function basketShots(key: string, skus: number, lines: number): Shot[] {
  return Array.from({ length: skus }, (_, n) =>
    reserveShot(
      key,
      Array.from({ length: lines }, (_, line) => skuOf((n + line * Math.floor(skus / lines)) % skus)),
    ),
  )
}

function reserveShot(key: string, skus: readonly string[]): Shot {
  return {
    ...{ method: 'POST', path: '/v1/reservations' },
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ lines: skus.map(sku => ({ sku, quantity: 1 })) }),
  }
}

/** What a request costs that is not asked anything: Hono alone reads the same JSON body and answers JSON of the same size. */
export function serveBareHono(stage: Stage): Promise<string> {
  const app = new Hono()
  app.post('/v1/reservations', async c => {
    const { lines } = await c.req.json<{ lines: { sku: string; quantity: number }[] }>()
    return c.json({ id: 'aG9sZDpiYXJlOmJhcmUtMC0w', lines, missing: [], expiresAt: null, replayed: false }, 201)
  })
  return stage.serve(request => app.fetch(request))
}

/** The API's own route, key check and validation, answered at once: the lane behind it decides nothing. */
export function serveEmptyAnswer(stage: Stage): Promise<{ readonly origin: string; readonly key: string }> {
  return stage.serveApi({
    reserve: async (_, key, { lines }) => ({
      ...{ outcome: 'reserved', basket: `hold:bare:${key ?? ''}`, expiresAt: null, missing: [] },
      lines: lines.map(({ sku, quantity }) => ({ sku, quantity, location: 'main' })),
    }),
  })
}

/**
 * Lets the API reserve for a moment and has the tables analyzed, as in a database that is in use: on tables that were never analyzed, or were
 * empty when they were, PostgreSQL plans otherwise.
 */
export async function warmUp(
  stage: Stage,
  { origin, key }: { readonly origin: string; readonly key: string },
  skus: number,
): Promise<void> {
  await stage.load.run(timed(origin, reserveShots(key, skus), 1))
  await stage.sql`analyze`
}

let jobs = 0

/** A job for all clients that lasts a while; keys never come twice. */
export function timed(origin: string, shots: readonly Shot[], seconds: number, warmS = 1): Job {
  return { origin, clients: CLIENTS, shots, warmMs: warmS * 1000, measureMs: seconds * 1000, keyPrefix: `b${++jobs}` }
}
