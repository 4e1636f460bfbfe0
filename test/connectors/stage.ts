import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import type { AccountAccess, ChannelAccess, Connector, RemoteListing, Session } from '../../connectors/contract.ts'
import { makeHttp } from '../../connectors/http.ts'
import { makePace } from '../../connectors/pace.ts'
import type { Sandbox, SandboxListing, SandboxOptions, ShownListing } from '../../connectors/sandbox.ts'
import type { WebhookDoor } from '../../connectors/webhooks.ts'
import { heldToDescription } from './described.ts'

/** One connector and its sandbox, joined by a real loopback server, at an instant that only the test moves. */
export type Stage = {
  readonly connector: Connector
  readonly traits: Traits
  readonly sandbox: Sandbox
  readonly session: Session
  /** The same account in a new session, as after a restart. */
  readonly reopen: () => Session
  /** A session with credentials that the platform does not know. */
  readonly stranger: Session
  readonly channels: readonly ChannelAccess[]
  /** Texts that must never appear in an error. */
  readonly secrets: readonly string[]
  readonly clock: Clock
  readonly hub: Hub
  /** Lets time pass and the platform act until nothing is waiting there. */
  readonly settle: () => Promise<void>
  readonly close: () => Promise<void>
}

/** What the suite must know of a platform that its declaration does not say. */
export type Traits = {
  /** The sandbox's operation names, for faults aimed at one call. */
  readonly operations: {
    readonly push: string
    readonly listings: string
    readonly orders: string
    readonly ship: string
    readonly feed?: string
    /** Where it is a call of its own. */
    readonly refund?: string
  }
  /** False where the platform's order does not tell that it is ready to be picked up. */
  readonly showsReady?: false
  /** False where the platform knows no key for refunds: asked again it would pay again, so one whose outcome is unknown is only read. */
  readonly refundsByKey?: false
  /** False where an order that was placed is not edited: no line comes to it, and no number of units changes but by cancelling. */
  readonly editsOrders?: false
  /** False where a refund of units that have not left is money alone, and they are still to be sent. */
  readonly refundsWithdraw?: false
  /** True where a channel's prices hold the tax in all of its orders; the usual account's do. */
  readonly pricesHoldTax?: true
  /** False where an order does not tell of taxes that are in its prices. */
  readonly tellsIncludedTax?: false
  /** False where a message only names the order, which is read then. */
  readonly messagesTellOrders?: boolean
  /** Whether the platform checks and signs webhooks: its door, and the name of its order topic. */
  readonly door: WebhookDoor | null
  /** Whether a new webhook is tried with a call that is only a ping. */
  readonly pings?: false
}

export type Clock = { readonly now: () => Date; readonly advance: (ms: number) => void }

export type Delivery = { readonly headers: Headers; readonly body: string }

/** The hub's webhook door as the platform sees it. */
export type Hub = { readonly address: string; readonly secret: string; readonly received: Delivery[]; answers: number }

export type StageParts = {
  readonly connector: Connector
  readonly traits: Traits
  readonly makeSandbox: (options: SandboxOptions) => Sandbox
  readonly access: (address: string) => AccountAccess
  readonly stranger: (address: string) => AccountAccess
  readonly secrets: readonly string[]
  readonly file?: string
}

export const STARTED_AT = new Date('2026-11-22T08:00:00.000Z')

/** Opens a stage. The sandbox acts only in `tick` (`lagMs` 0) and its limits are scaled away; chance is seeded. */
export async function openStage(parts: StageParts): Promise<Stage> {
  let at = STARTED_AT.getTime()
  const clock: Clock = {
    now: () => new Date(at),
    advance: ms => {
      at += ms
    },
  }
  const hub: Hub = { address: 'https://hub.example/hooks/7', secret: 'a webhook secret', received: [], answers: 202 }
  const { sandbox, serve: answer } = heldToDescription(
    parts.makeSandbox({
      file: parts.file ?? ':memory:',
      now: clock.now,
      scale: 1000,
      random: seeded(7),
      deliver: async (_url, headers, body) => {
        hub.received.push({ headers: new Headers(headers), body })
        return hub.answers
      },
      lagMs: 0,
    }),
  )
  const server = serve({ fetch: answer, port: 0, hostname: '127.0.0.1' })
  await new Promise<void>(resolve => server.once('listening', resolve))
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { http, close } = makeHttp()
  const open = (access: AccountAccess): Session =>
    parts.connector.open(access, { http, now: clock.now, pace: makePace(parts.connector.limits, { scale: 1000, full: true }) })
  const access = parts.access(address)
  return {
    connector: parts.connector,
    traits: parts.traits,
    sandbox,
    session: open(access),
    reopen: () => open(access),
    stranger: open(parts.stranger(address)),
    channels: access.channels,
    secrets: parts.secrets,
    clock,
    hub,
    settle: async () => {
      for (let round = 0; round < 100; round += 1) {
        clock.advance(1000)
        if ((await sandbox.tick()) === 0) return
      }
      throw new Error('the sandbox still has something waiting after 100 seconds of its time')
    },
    close: async () => {
      await close()
      await new Promise(resolve => server.close(resolve))
      sandbox.close()
    },
  }
}

/** Mulberry32: the same chances in every run. */
export function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

/** A listing to seed, priced 10.00 in every channel unless told. */
export function goods(stage: Stage, sku: string, quantity: number, more: { parent?: string; price?: string } = {}): SandboxListing {
  const prices = Object.fromEntries(stage.channels.map(channel => [channel.ref, more.price ?? '10.00']))
  return { sku, title: `Title of ${sku}`, gtin: null, quantity, prices, parent: more.parent ?? null }
}

/** All pages in one list. */
export async function drain<T>(pages: AsyncIterable<readonly T[]>): Promise<T[]> {
  const all: T[] = []
  for await (const page of pages) all.push(...page)
  return all
}

/** The listing as the platform's API tells it, in the account's first channel unless told. */
export async function listingOf(stage: Stage, sku: string, channelRef = mainChannel(stage).ref): Promise<RemoteListing> {
  const found = (await drain(stage.session.listings())).find(listing => listing.externalSku === sku && listing.channelRef === channelRef)
  if (!found) throw new Error(`${sku} is not among the listings of ${channelRef}`)
  return found
}

/** What shoppers see, straight from the sandbox. */
export function shownOf(stage: Stage, sku: string): ShownListing {
  const found = stage.sandbox.shown().find(listing => listing.sku === sku)
  if (!found) throw new Error(`${sku} is not shown`)
  return found
}

export function mainChannel(stage: Stage): ChannelAccess {
  const [first] = stage.channels
  if (!first) throw new Error('a stage needs a channel')
  return first
}
