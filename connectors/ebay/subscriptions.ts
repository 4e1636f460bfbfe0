import { z } from 'zod'
import { AccountTrouble } from '../contract.ts'
import type { Settings } from './access.ts'
import type { Bearer } from './auth.ts'
import { type Answer, type Call, type Client, errorIn, promised } from './client.ts'
import { DELETION_TOPIC, ORDER_TOPICS } from './messages.ts'
import { verificationToken } from './webhook.ts'
import { destinationsShape, type Subscription, subscriptionsShape, topicShape } from './wire.ts'

const BASE = '/commerce/notification/v1'
const PAGES_MAX = 20

type Account = { readonly client: Client; readonly settings: Settings }
type Done = 'present' | 'created' | 'revived'

/**
 * Makes sure that eBay tells this address of orders and of closed accounts. The address and its token are a destination, which eBay marks down when nobody answers;
 * what it is told of are subscriptions, those of orders in the seller's name. A destination is verified by eBay the moment it is made or revived.
 */
export async function ensureWebhooks({ client, settings }: Account, address: string, secret: string): Promise<Done> {
  await ensureAlertEmail(client, settings.alertEmail)
  const done: Done[] = []
  const destination = await ensureDestination(client, address, secret, done)
  const orders = await allSubscriptions(client, 'user')
  for (const topic of ORDER_TOPICS) await ensureSubscription(client, topic, 'user', destination, orders, done)
  const notices = await allSubscriptions(client, 'app')
  await ensureSubscription(client, DELETION_TOPIC, 'app', destination, notices, done)
  return done.includes('created') ? 'created' : (done[0] ?? 'present')
}

async function ensureAlertEmail(client: Client, alertEmail: string | undefined): Promise<void> {
  if (alertEmail === undefined) return
  const call: Call = { operation: 'notification', method: 'GET', path: `${BASE}/config`, bearer: 'app' }
  const answer = await client(call)
  // 404: none is set yet.
  const shown = answer.status === 404 ? {} : promised(call, z.looseObject({ alertEmail: z.string().optional() }), answer)
  if (shown.alertEmail === alertEmail) return
  await must(client, { ...call, method: 'PUT', writes: true, body: { alertEmail } })
}

async function ensureDestination(client: Client, address: string, secret: string, done: Done[]): Promise<string> {
  const endpointOf = (config: z.infer<typeof destinationsShape>['destinations'][number]['deliveryConfig']): string | undefined =>
    typeof config === 'string' ? config : config?.endpoint
  const all = await pages(client, 'destination', 'app', destinationsShape, page => page.destinations)
  const ours = all.find(one => endpointOf(one.deliveryConfig) === address)
  const body = {
    name: 'Concord',
    status: 'ENABLED',
    deliveryConfig: { endpoint: address, verificationToken: await verificationToken(secret) },
  }
  const call: Call = { operation: 'notification', method: 'POST', path: `${BASE}/destination`, bearer: 'app', writes: true, body }
  if (!ours) {
    const made = await must(client, call)
    done.push('created')
    return idAtEnd(made, call)
  }
  if (ours.status !== 'ENABLED') {
    await must(client, { ...call, method: 'PUT', path: `${call.path}/${encodeURIComponent(ours.destinationId)}` })
    done.push('revived')
  }
  return ours.destinationId
}

async function ensureSubscription(
  client: Client,
  topicId: string,
  bearer: Bearer,
  destinationId: string,
  all: readonly Subscription[],
  done: Done[],
): Promise<void> {
  const found = all.find(one => one.topicId === topicId)
  // An application has one for closed accounts, whichever of its sellers' addresses it goes to: the others leave it where it is.
  const isElsewhere = found !== undefined && found.destinationId !== destinationId && bearer === 'user'
  if (found && found.status === 'ENABLED' && !isElsewhere) return
  const call = { operation: 'notification', bearer, writes: true } as const
  const path = `${BASE}/subscription`
  if (found && !isElsewhere) {
    await must(client, { ...call, method: 'POST', path: `${path}/${encodeURIComponent(found.subscriptionId)}/enable` })
    done.push('revived')
    return
  }
  const body = { status: 'ENABLED', payload: await payloadOf(client, topicId), destinationId }
  if (found) {
    await must(client, { ...call, method: 'PUT', path: `${path}/${encodeURIComponent(found.subscriptionId)}`, body })
    done.push('revived')
    return
  }
  await must(client, { ...call, method: 'POST', path, body: { topicId, ...body } })
  done.push('created')
}

/** The newest form in which eBay tells of the topic. */
async function payloadOf(client: Client, topicId: string): Promise<{ format: 'JSON'; schemaVersion: string; deliveryProtocol: 'HTTPS' }> {
  const call: Call = { operation: 'notification', method: 'GET', path: `${BASE}/topic/${encodeURIComponent(topicId)}`, bearer: 'app' }
  const { supportedPayloads } = promised(call, topicShape, await client(call))
  const versions = supportedPayloads.filter(one => one.deprecated !== true).map(one => one.schemaVersion)
  const newest = versions.sort((a, b) => a.localeCompare(b, 'en', { numeric: true })).at(-1)
  return { format: 'JSON', schemaVersion: newest ?? '1.0', deliveryProtocol: 'HTTPS' }
}

function allSubscriptions(client: Client, bearer: Bearer): Promise<Subscription[]> {
  return pages(client, 'subscription', bearer, subscriptionsShape, page => page.subscriptions)
}

async function pages<P extends { readonly next?: string | undefined }, T>(
  client: Client,
  what: 'destination' | 'subscription',
  bearer: Bearer,
  shape: z.ZodType<P>,
  of: (page: P) => readonly T[],
): Promise<T[]> {
  const all: T[] = []
  let token: string | null = null
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const query: Record<string, string> = { limit: '100', ...(token === null ? {} : { continuation_token: token }) }
    const call: Call = { operation: 'notification', method: 'GET', path: `${BASE}/${what}`, bearer, query }
    const read = promised(call, shape, await client(call))
    all.push(...of(read))
    token = read.next === undefined ? null : (URL.parse(read.next, 'https://api.ebay.com')?.searchParams.get('continuation_token') ?? null)
    if (token === null) break
  }
  return all
}

async function must(client: Client, call: Call): Promise<Answer> {
  const answer = await client(call)
  if (answer.status < 300) return answer
  const words = errorIn(answer.json)?.words ?? `status ${answer.status}`
  throw new AccountTrouble('down', `eBay does not set up notifications (${call.method} ${call.path}): ${words}`)
}

/** What was made is named by its address alone. */
function idAtEnd(answer: Answer, call: Call): string {
  const id = answer.location?.split('/').filter(Boolean).at(-1)
  if (!id) throw new AccountTrouble('down', `eBay ${call.path} does not tell what it made`, { maybeTookEffect: true })
  return decodeURIComponent(id)
}
