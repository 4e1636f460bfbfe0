import { z } from 'zod'
import type { ChannelOrder } from '../../src/values/channel-order.ts'
import { AccountTrouble, type Act, type Connector, type PushItem, type PushOutcome, type Session, type Tools } from '../contract.ts'
import { inTurn } from '../in-turn.ts'
import type { Rank } from '../pace.ts'
import { makeFeed } from './feed.ts'
import * as wire from './wire.ts'

const PUSH_MAX = 10
const READ_MAX = 50

const settings = z.object({ url: z.url() })
const credentials = z.object({ key: z.string().min(1) })

/** The reference connector: the contract at its simplest, against a platform that speaks our words. It proves the conformance suite. */
export const memory: Connector = {
  platform: 'memory',
  title: 'In memory',
  settings,
  credentials,
  limits: { call: { kind: 'spacing', everyMs: 1 } },
  declares: {
    stockBasis: 'sellable',
    stockPerAccount: true,
    acceptedIsNotApplied: true,
    saleDates: true,
    saleBeside: true,
    referencePrice: true,
    acts: ['acknowledge', 'ready', 'ship', 'cancel', 'refund'],
    cancelsParts: true,
    statesShipBy: true,
    cancelPaysBack: { whole: true, parts: true },
    returns: 'order',
    arrival: 'queue',
    pushMax: PUSH_MAX,
    readMax: READ_MAX,
    pushConcurrency: 2,
    pollEveryMs: 10_000,
    pollOverlapMs: 60_000,
    pollBlindMs: 5_000,
    applyWithinMs: 60_000,
    orderStates: { unpaid: 'ignore', open: 'reserve', shipped: 'settle', cancelled: 'cancel', ours: 'foreign' },
    pushLatencyMs: 5,
    pushOperation: 'call',
    pushBucket: null,
    feed: { itemsMin: 500, itemsMax: 1_000, operation: 'call', processingMs: 10_000, lateMs: 60_000 },
  },
  open: (account, tools) => session(settings.parse(account.settings).url, credentials.parse(account.credentials).key, tools),
}

export type Call = <T>(operation: string, shape: z.ZodType<T>, body: object, writes?: boolean, how?: Rank) => Promise<T>

function session(url: string, key: string, tools: Tools): Session {
  const call = caller(url, key, tools)
  return {
    test: async () => {
      const refused = await call('ping', wire.wireNothing, {}).then(() => null, ifTrouble)
      return { ok: refused === null, findings: [{ what: 'key', ok: refused === null, words: refused?.message ?? 'the key is accepted' }] }
    },
    listings: async function* () {
      for (let from: number | null = 0; from !== null; ) {
        const page: z.infer<typeof wire.wireListings> = await call('listings', wire.wireListings, { from })
        yield page.listings
        from = page.next
      }
    },
    bulk: {
      page: async place => {
        const { listings, next } = await call('listings', wire.wireListings, { from: Number(place ?? 0) }, false, { spare: true })
        return { listings, next: next === null ? null : String(next) }
      },
    },
    readListings: async keys =>
      (await call('read', wire.wireListings, { skus: keys.map(each => [each.channelRef, each.externalSku]) })).listings,
    group: items => Array.from({ length: Math.ceil(items.length / PUSH_MAX) }, (_, n) => items.slice(n * PUSH_MAX, (n + 1) * PUSH_MAX)),
    push: async items =>
      outcomes(
        items,
        await call('push', wire.wireVerdicts, { items }, true, {
          first: items.some(item => item.first === true),
          urgent: items.some(item => item.urgent === true),
        }),
      ),
    feed: makeFeed(call),
    orders: async function* (changedAfter) {
      for (let after: string | null = changedAfter.toISOString(); after !== null; ) {
        const page: z.infer<typeof wire.wireOrders> = await call('orders', wire.wireOrders, { after })
        yield { orders: page.orders.map(order), unreadable: [] }
        after = page.next
      }
    },
    order: async externalId => (await call('order', wire.wireOrders, { externalId })).orders.map(order)[0] ?? null,
    readMessage: (topic, body) => {
      if (topic !== 'order') return { kind: 'nothing', why: `${topic} is no topic of orders` }
      const read = wire.wireMessage.safeParse(parsed(body))
      return read.success
        ? { kind: 'reread', externalIds: [read.data.externalId] }
        : { kind: 'unreadable', reason: z.prettifyError(read.error) }
    },
    receive: async () => (await call('receive', wire.wireMessages, {}, true)).messages,
    deleteMessages: async receipts => {
      await call('delete', wire.wireNothing, { receipts }, true)
    },
    act: async act => {
      try {
        const { refused } = await call('act', wire.wireAct, { act }, true)
        return refused === null ? { status: 'confirmed' } : { status: 'refused', code: 'refused', words: refused }
      } catch (error) {
        if (error instanceof AccountTrouble && error.maybeTookEffect) return { status: 'unknown', words: error.message }
        throw error
      }
    },
    actHappened: async (act: Act) =>
      (await call('order', wire.wireOrders, { externalId: act.externalOrderId })).orders[0]?.acts.includes(act.key) ?? false,
  }
}

/** One POST for each operation. Whatever is not the promised answer is trouble of the account. */
function caller(url: string, key: string, tools: Tools): Call {
  const call: Call = async (operation, shape, body, writes = false) => {
    const headers = { 'content-type': 'application/json', 'x-key': key }
    const answer = await tools.http({ method: 'POST', url: `${url}/${operation}`, headers, body: JSON.stringify(body), writes })
    if (answer.status === 401) throw new AccountTrouble('auth', 'the key is refused: enter the key that the platform shows')
    if (answer.status === 429)
      throw new AccountTrouble('throttled', `${operation} must wait`, { afterMs: 1000 * Number(answer.headers['retry-after'] ?? 1) })
    if (answer.status !== 200) throw new AccountTrouble('down', `${operation} answered ${answer.status}`, { maybeTookEffect: writes })
    const read = shape.safeParse(parsed(answer.text))
    if (!read.success) throw new AccountTrouble('down', `${operation} answered something else than promised`, { maybeTookEffect: writes })
    return read.data
  }
  return (operation, shape, body, writes = false, how = {}) =>
    inTurn(tools.pace, 'call', { ...how, isWrite: writes }, () => call(operation, shape, body, writes))
}

export function outcomes(items: readonly PushItem[], { verdicts }: z.infer<typeof wire.wireVerdicts>): PushOutcome[] {
  return items.map((item, at) => {
    const verdict = verdicts[at]
    if (!verdict) return all(item, { status: 'retry', words: 'the platform did not answer for this item', afterMs: 1000 })
    if (verdict.refused !== null) return all(item, { status: 'rejected', code: 'refused', words: verdict.refused })
    return all(item, { status: 'accepted', applied: false })
  })
}

function all(item: PushItem, outcome: NonNullable<PushOutcome['stock']>): PushOutcome {
  return { ...(item.stock ? { stock: outcome } : {}), ...(item.prices ? { prices: item.prices.map(() => outcome) } : {}) }
}

function order({ acts: _acts, refundedCents: _refunded, amounts, person, ...told }: wire.WireOrder): ChannelOrder {
  const rest = { ...told, ...(amounts === undefined ? {} : { amounts }) }
  if (!person) return { ...rest, person: null }
  return { ...rest, person: { ...(person.name ? { name: person.name } : {}), ...(person.email ? { email: person.email } : {}) } }
}

/** The JSON value, or undefined, which no shape accepts. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function ifTrouble(error: unknown): AccountTrouble {
  if (error instanceof AccountTrouble) return error
  throw error
}
