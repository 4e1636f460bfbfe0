import { AccountTrouble, type Tools } from '../contract.ts'
import type { Credentials, Settings } from './access.ts'
import { type Call, type Client, errorIn, promised } from './client.ts'
import { queueArn } from './queue.ts'
import { destinationMadeShape, destinationsShape, subscriptionShape } from './wire.ts'

/** What we are told of: it carries enough to reserve. Quantities are read, as messages about them would bring back our own pushes. */
const TYPE = 'ORDER_CHANGE'
const VERSION = '1.0'
/** What a destination of ours is called at Amazon. */
const NAME = 'Concord'
const BASE = '/notifications/v1'

export type QueueAccount = {
  readonly settings: Settings
  readonly credentials: Credentials
  readonly client: Client
  readonly tools: Tools
}

type Destination = { readonly destinationId: string; readonly name: string; readonly arn: string | null }

/** Where Amazon sends order changes. An application has one subscription of a type for each seller: `elsewhere` is another queue than the account's. */
export type Subscribed =
  | { readonly state: 'present' }
  | { readonly state: 'missing' }
  | { readonly state: 'elsewhere'; readonly to: string; readonly subscriptionId: string; readonly isOurs: boolean }

/** Reads where order changes go. */
export async function subscribed(account: QueueAccount): Promise<Subscribed> {
  return (await look(account)).subscribed
}

/**
 * Makes sure that order changes come to the account's queue. A subscription that somebody deleted is made anew; one to another queue that we once made is moved;
 * one that others made is theirs and stays.
 */
export async function ensureQueue(account: QueueAccount): Promise<'present' | 'created' | 'revived' | 'elsewhere'> {
  const { arn, destinations, subscribed: now } = await look(account)
  if (now.state === 'present') return 'present'
  if (now.state === 'elsewhere') {
    if (!now.isOurs) return 'elsewhere'
    const path = `${BASE}/subscriptions/${TYPE}/${encodeURIComponent(now.subscriptionId)}`
    await must(account, { operation: 'deleteSubscriptionById', method: 'DELETE', path, grantless: true, writes: true })
  }
  const known = destinations.find(one => one.arn === arn)
  const destinationId = known?.destinationId ?? (await makeDestination(account, arn))
  const body = { payloadVersion: VERSION, destinationId }
  await must(account, { operation: 'createSubscription', method: 'POST', path: `${BASE}/subscriptions/${TYPE}`, writes: true, body })
  return known ? 'revived' : 'created'
}

async function look(account: QueueAccount): Promise<{ arn: string; destinations: Destination[]; subscribed: Subscribed }> {
  const arn = await queueArn(account)
  const call: Call = {
    ...{ operation: 'getSubscription', method: 'GET', path: `${BASE}/subscriptions/${TYPE}`, query: { payloadVersion: VERSION } },
  }
  const answer = await account.client(call)
  const list: Call = { operation: 'getDestinations', method: 'GET', path: `${BASE}/destinations`, grantless: true }
  const { payload } = promised(list, destinationsShape, await account.client(list))
  const destinations = payload.map(one => ({ destinationId: one.destinationId, name: one.name, arn: one.resource.sqs?.arn ?? null }))
  if (answer.status === 404) return { arn, destinations, subscribed: { state: 'missing' } }
  const { subscriptionId, destinationId } = promised(call, subscriptionShape, answer).payload
  const to = destinations.find(one => one.destinationId === destinationId)
  if (to?.arn === arn) return { arn, destinations, subscribed: { state: 'present' } }
  const words = to === undefined ? 'a destination that is not there any more' : (to.arn ?? to.name)
  // Nobody can receive at a destination that was deleted.
  const isOurs = to === undefined || to.name === NAME
  return { arn, destinations, subscribed: { state: 'elsewhere', to: words, subscriptionId, isOurs } }
}

async function makeDestination(account: QueueAccount, arn: string): Promise<string> {
  const body = { name: NAME, resourceSpecification: { sqs: { arn } } }
  const call: Call = { operation: 'createDestination', method: 'POST', path: `${BASE}/destinations`, grantless: true, writes: true, body }
  return promised(call, destinationMadeShape, await must(account, call)).payload.destinationId
}

/** @throws AccountTrouble with Amazon's words and the next step. */
async function must({ client }: QueueAccount, call: Call) {
  const answer = await client(call)
  if (answer.status < 300) return answer
  const words = errorIn(answer.json)?.words ?? `status ${answer.status}`
  const next = call.operation === 'createDestination' ? ': let the principal 437568002678 send to the queue and get its attributes' : ''
  throw new AccountTrouble('down', `Amazon does not send order changes to the queue (${call.operation}: ${words})${next}`)
}
