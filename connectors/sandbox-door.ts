import { createHash, timingSafeEqual } from 'node:crypto'
import { type Context, Hono } from 'hono'
import { z } from 'zod'
import type { Sandbox, SandboxFault, SandboxListing, SandboxPurchase } from './sandbox.ts'
import type { Shoppers } from './sandbox-shoppers.ts'

const PURCHASE = z.strictObject({
  ref: z.string().min(1),
  channelRef: z.string(),
  lines: z.array(z.strictObject({ sku: z.string(), quantity: z.int().positive(), unitPrice: z.string().optional() })).min(1),
  placedAt: z.iso.datetime().optional(),
  person: z.strictObject({ name: z.string(), email: z.string(), city: z.string(), country: z.string() }).optional(),
  foreign: z.boolean().optional(),
  unpaid: z.boolean().optional(),
  pickUp: z.boolean().optional(),
})

const LISTING = z.strictObject({
  sku: z.string().min(1),
  title: z.string(),
  gtin: z.string().nullable(),
  quantity: z.int().min(0),
  prices: z.record(z.string(), z.string()),
  parent: z.string().nullable(),
})

const EDIT = z.array(
  z.strictObject({ sku: z.string(), quantity: z.int().min(0).optional(), prices: z.record(z.string(), z.string()).optional() }),
)

const FAULT = z.strictObject({
  kind: z.literal([
    ...([
      'throttle',
      'eaten',
      'error',
      'timeout-before',
      'timeout-after',
      'partial',
      'not-applied',
      'late',
      'schedule-late',
      'fatal',
      'cancelled',
      'poison',
      'garbage',
      'unauthorized',
    ] as const),
    ...(['webhook-drop', 'webhook-double', 'webhook-late', 'webhook-garbage'] as const),
  ]),
  operation: z.string().optional(),
  sku: z.string().optional(),
  times: z.int().positive().optional(),
  chance: z.number().min(0).max(1).optional(),
})

const ORDER = z.strictObject({ externalId: z.string() })
const REFUND = z.strictObject({
  externalId: z.string(),
  lines: z.array(z.strictObject({ externalLineId: z.string(), quantity: z.int().positive() })),
})
const SHOPPERS = z.strictObject({ perS: z.number().min(0).max(100) })
const PAGE = z.object({ after: z.coerce.number().int().min(0).default(0), limit: z.coerce.number().int().min(1).max(10_000).default(1000) })

/** What is played, by the platform's name. */
export type Sandboxes = ReadonlyMap<string, Sandbox>

type Lever = (sandbox: Sandbox, body: unknown) => unknown

/** What can be done at a platform from outside of its API; each is what the sandbox's lever of that name does. */
const LEVERS: Readonly<Record<string, Lever>> = {
  seed: (sandbox, body) => sandbox.seed(z.array(LISTING).parse(body) satisfies SandboxListing[]),
  buy: (sandbox, body) => {
    const { placedAt, ...purchase } = PURCHASE.parse(body)
    return sandbox.buy({ ...purchase, ...(placedAt === undefined ? {} : { placedAt: new Date(placedAt) }) } as SandboxPurchase)
  },
  cancel: (sandbox, body) => sandbox.cancel(ORDER.parse(body).externalId),
  pay: (sandbox, body) => sandbox.pay(ORDER.parse(body).externalId),
  refund: (sandbox, body) => {
    const { externalId, lines } = REFUND.parse(body)
    sandbox.refund(externalId, lines)
  },
  edit: (sandbox, body) => {
    for (const edit of EDIT.parse(body)) sandbox.edit(edit)
  },
  remove: (sandbox, body) => sandbox.remove(z.string().parse(body)),
  misbehave: (sandbox, body) => sandbox.misbehave(FAULT.parse(body) as SandboxFault),
  behave: sandbox => sandbox.behave(),
}

/**
 * The door behind which people, shoppers, the replay and tests play the platforms: `GET /control/health`, `POST /control/shoppers {perS}`,
 * `POST /control/{platform}/{lever}`, `GET /control/{platform}/journal?after=&limit=` and `…/shown`. It opens for the token only.
 */
export function controlDoor(token: string, sandboxes: Sandboxes, shoppers: Shoppers): Hono {
  const door = new Hono()
  door.use('/control/*', async (c, next) => {
    if (!isSame(c.req.header('authorization') ?? '', `Bearer ${token}`)) return c.json({ error: 'the control door needs its token' }, 401)
    await next()
  })
  door.onError((error, c) => {
    if (error instanceof z.ZodError) return c.json({ error: z.prettifyError(error) }, 400)
    if (error instanceof SyntaxError) return c.json({ error: 'the body is no JSON' }, 400)
    console.error(error)
    return c.json({ error: error.message }, 500)
  })

  door.get('/control/health', c => c.json({ pid: process.pid, shoppersPerS: shoppers.rate() }))
  door.post('/control/shoppers', async c => {
    shoppers.setRate(SHOPPERS.parse(await c.req.json()).perS)
    return c.json({ shoppersPerS: shoppers.rate() })
  })
  const played = (c: Context): Sandbox | undefined => sandboxes.get(c.req.param('platform') ?? '')
  door.get('/control/:platform/journal', c => {
    const { after, limit } = PAGE.parse(c.req.query())
    return c.json(played(c)?.journal(after, limit) ?? [])
  })
  door.get('/control/:platform/shown', c => c.json(played(c)?.shown() ?? []))
  door.post('/control/:platform/:lever', async c => {
    const sandbox = played(c)
    const lever = Object.hasOwn(LEVERS, c.req.param('lever')) ? LEVERS[c.req.param('lever')] : undefined
    if (sandbox === undefined || lever === undefined) return c.json({ error: `there is no lever ${c.req.path}` }, 404)
    const text = await c.req.text()
    return c.json({ answer: lever(sandbox, text === '' ? null : JSON.parse(text)) ?? null })
  })
  return door
}

/** Compared by their hashes, so that neither length nor content shows in the time it takes. */
function isSame(a: string, b: string): boolean {
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(hash(a), hash(b))
}
