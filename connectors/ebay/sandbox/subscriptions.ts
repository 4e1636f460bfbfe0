import { createHash } from 'node:crypto'
import type { Context, Hono } from 'hono'
import { z } from 'zod'
import { bearerOf, callsLeft, type Gate, type Needs, refuse } from './gate.ts'
import { type DestinationRow, keyOf, type SubscriptionRow } from './notifications.ts'
import type { World } from './world.ts'

const BASE = '/commerce/notification/v1'
const DOMAIN = 'API_NOTIFICATION'
const APP: Needs = { api: 'notification', bearer: 'app' }
const USER: Needs = { api: 'notification', bearer: 'any', scope: 'commerce.notification.subscription' }

/** In whose name each topic is subscribed. */
const TOPICS: Readonly<Record<string, 'user' | 'app'>> = {
  ORDER_CONFIRMATION: 'user',
  ITEM_MARKED_SHIPPED: 'user',
  MARKETPLACE_ACCOUNT_DELETION: 'app',
}

const destinationShape = z.object({
  name: z.string().min(1),
  status: z.enum(['ENABLED', 'DISABLED']),
  deliveryConfig: z.object({ endpoint: z.url({ protocol: /^https$/ }), verificationToken: z.string().regex(/^[\w-]{32,80}$/) }),
})
const payloadShape = z.object({ format: z.literal('JSON'), schemaVersion: z.string(), deliveryProtocol: z.literal('HTTPS') })
const subscriptionShape = z.object({
  topicId: z.string().optional(),
  status: z.enum(['ENABLED', 'DISABLED']),
  payload: payloadShape,
  destinationId: z.string(),
})

/** The Notification API: addresses, what they are told of, eBay's public key; and the Analytics API. */
export function addNotifications(app: Hono, world: World, gate: Gate): void {
  const { store } = world
  const read = async (context: Context): Promise<unknown> => context.req.json().catch(() => null)
  const on = (
    method: 'GET' | 'POST' | 'PUT',
    path: string,
    needs: Needs,
    handle: (context: Context) => Response | Promise<Response>,
  ): void => {
    app.on(method, `${BASE}${path}`, gate('notification', needs, handle))
  }
  on('GET', '/config', APP, () => {
    const email = store.one<{ value: string }>("select value from setting where name = 'alertEmail'")?.value
    return email === undefined ? refuse(404, 195026, 'No configuration was found.', DOMAIN) : Response.json({ alertEmail: email })
  })
  on('PUT', '/config', APP, async context => {
    const asked = z.object({ alertEmail: z.email() }).safeParse(await read(context))
    if (!asked.success) return refuse(400, 195025, 'Invalid alert email.', DOMAIN)
    store.run("insert or replace into setting values ('alertEmail', ?)", asked.data.alertEmail)
    return new Response(null, { status: 204 })
  })
  on('GET', '/destination', APP, () => {
    const all = store.all<DestinationRow>('select * from destination order by id')
    return Response.json({ href: `${BASE}/destination`, limit: 100, total: all.length, destinations: all.map(destinationView) })
  })
  on('POST', '/destination', APP, async context => keepDestination(world, null, await read(context)))
  on('PUT', '/destination/:id', APP, async context => keepDestination(world, context.req.param('id') ?? '', await read(context)))
  on('GET', '/subscription', USER, context => {
    const all = store.all<SubscriptionRow>('select * from subscription where bearer = ? order by id', bearerOf(world, context))
    return Response.json({ href: `${BASE}/subscription`, limit: 100, total: all.length, subscriptions: all.map(subscriptionView) })
  })
  on('POST', '/subscription', USER, async context => keepSubscription(world, context, null, await read(context)))
  on('PUT', '/subscription/:id', USER, async context =>
    keepSubscription(world, context, context.req.param('id') ?? '', await read(context)),
  )
  on('POST', '/subscription/:id/enable', USER, context => {
    const changed = store.run("update subscription set status = 'ENABLED' where id = ?", context.req.param('id') ?? '')
    return changed === 0 ? refuse(404, 195013, 'The subscription does not exist.', DOMAIN) : new Response(null, { status: 204 })
  })
  on('GET', '/topic/:id', APP, context => {
    const topicId = context.req.param('id') ?? ''
    const bearer = TOPICS[topicId]
    if (bearer === undefined) return refuse(404, 195002, 'The topic does not exist.', DOMAIN)
    const supportedPayloads = ['1.0'].map(schemaVersion => ({
      format: ['JSON'],
      schemaVersion,
      deliveryProtocol: 'HTTPS',
      deprecated: false,
    }))
    return Response.json({
      topicId,
      description: topicId,
      status: 'ENABLED',
      context: 'COMMERCE',
      scope: bearer.toUpperCase(),
      supportedPayloads,
    })
  })
  on('GET', '/public_key/:id', APP, context => {
    const { kid, publicPem } = keyOf(world)
    if (context.req.param('id') !== kid) return refuse(404, 195001, 'The public key does not exist.', DOMAIN)
    return Response.json({ key: publicPem, algorithm: 'ECDSA', digest: 'SHA1' })
  })
  for (const [name, bearer] of [
    ['user_rate_limit', 'user'],
    ['rate_limit', 'app'],
  ] as const)
    app.get(
      `/developer/analytics/v1_beta/${name}/`,
      gate('analytics', { api: 'analytics', bearer }, () => Response.json({ rateLimits: rates(world) })),
    )
}

function rates(world: World): object[] {
  return (['inventory', 'fulfillment', 'notification'] as const).map(api => {
    const { limit, left, reset } = callsLeft(world, api)
    const context = api === 'notification' ? 'commerce' : 'sell'
    const rate = { limit, remaining: left, reset, timeWindow: 86_400 }
    return { apiContext: context, apiName: api, apiVersion: 'v1', resources: [{ name: `${context}.${api}`, rates: [rate] }] }
  })
}

/** Makes or changes a destination; one that is on must first answer the challenge. */
async function keepDestination(world: World, id: string | null, body: unknown): Promise<Response> {
  const { store } = world
  const asked = destinationShape.safeParse(body)
  if (!asked.success) return refuse(400, 195018, `Invalid destination: ${z.prettifyError(asked.error)}`, DOMAIN)
  const { name, status, deliveryConfig } = asked.data
  const { endpoint, verificationToken } = deliveryConfig
  if (id !== null && !store.one('select 1 as yes from destination where id = ?', id))
    return refuse(404, 195022, 'The destination does not exist.', DOMAIN)
  if (store.one('select 1 as yes from destination where endpoint = ? and id <> ?', endpoint, id ?? ''))
    return refuse(409, 195020, 'The endpoint exists already.', DOMAIN)
  if (status === 'ENABLED' && !(await isAnswered(world, endpoint, verificationToken)))
    return refuse(400, 195019, 'The challenge verification of the endpoint failed.', DOMAIN)
  if (id !== null) {
    store.run(
      'update destination set name = ?, status = ?, endpoint = ?, token = ?, failures = 0 where id = ?',
      name,
      status,
      endpoint,
      verificationToken,
      id,
    )
    return new Response(null, { status: 204 })
  }
  const made = `destination-${store.next('destination')}`
  store.run('insert into destination values (?, ?, ?, ?, ?, 0)', made, name, status, endpoint, verificationToken)
  return created(`${BASE}/destination/${made}`)
}

async function isAnswered({ options }: World, endpoint: string, token: string): Promise<boolean> {
  const code = crypto.randomUUID()
  const text = await options.ask?.(`${endpoint}?challenge_code=${code}`)
  const answer = z.object({ challengeResponse: z.string() }).safeParse(parsed(text ?? ''))
  const hash = createHash('sha256').update(code).update(token).update(endpoint).digest('hex')
  return answer.success && answer.data.challengeResponse === hash
}

function keepSubscription(world: World, context: Context, id: string | null, body: unknown): Response {
  const { store, options } = world
  const asked = subscriptionShape.safeParse(body)
  if (!asked.success) return refuse(400, 195006, `Invalid subscription: ${z.prettifyError(asked.error)}`, DOMAIN)
  const { status, payload, destinationId } = asked.data
  const known = id === null ? undefined : store.one<SubscriptionRow>('select * from subscription where id = ?', id)
  const topic = known?.topic ?? asked.data.topicId ?? ''
  const bearer = bearerOf(world, context) ?? ''
  if (TOPICS[topic] === undefined) return refuse(400, 195007, 'Invalid topic.', DOMAIN)
  if (TOPICS[topic] !== bearer) return refuse(403, 195011, 'The application is not authorized for this topic.', DOMAIN)
  if (!store.one('select 1 as yes from destination where id = ?', destinationId)) return refuse(400, 195010, 'Invalid destination.', DOMAIN)
  if (id !== null) {
    if (!known) return refuse(404, 195013, 'The subscription does not exist.', DOMAIN)
    store.run(
      'update subscription set status = ?, destination_id = ?, version = ? where id = ?',
      status,
      destinationId,
      payload.schemaVersion,
      id,
    )
    return new Response(null, { status: 204 })
  }
  if (store.one('select 1 as yes from subscription where topic = ? and bearer = ?', topic, bearer))
    return refuse(409, 195012, 'The subscription exists already.', DOMAIN)
  const made = `subscription-${store.next('subscription')}`
  store.run(
    'insert into subscription values (?, ?, ?, ?, ?, ?, ?)',
    made,
    topic,
    bearer,
    status,
    destinationId,
    payload.schemaVersion,
    options.now().toISOString(),
  )
  return created(`${BASE}/subscription/${made}`)
}

function created(path: string): Response {
  return new Response('{}', { status: 201, headers: { location: `https://api.ebay.com${path}`, 'content-type': 'application/json' } })
}

function destinationView(row: DestinationRow): object {
  return {
    ...{ destinationId: row.id, name: row.name, status: row.status },
    deliveryConfig: { endpoint: row.endpoint, verificationToken: row.token },
  }
}

function subscriptionView(row: SubscriptionRow): object {
  return {
    ...{ subscriptionId: row.id, topicId: row.topic, status: row.status, creationDate: row.created, destinationId: row.destination_id },
    payload: { format: 'JSON', schemaVersion: row.version, deliveryProtocol: 'HTTPS' },
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
