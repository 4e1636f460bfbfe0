import { type AccountAccess, AccountTrouble, type Connector, type ListingKey } from '../../connectors/contract.ts'
import type { Http } from '../../connectors/http.ts'
import { makePace } from '../../connectors/pace.ts'
import type { Sandbox, SandboxListing } from '../../connectors/sandbox.ts'
import type { PlatformStage } from '../connectors/platform-stage.ts'
import type { VirtualTime } from './virtual-time.ts'

const AT = 'http://platform.example'
// A listing of eBay may be revised 250 times a day, and a session begins with three: another matter than its calls, so of these there are enough.
const REVISIONS = 100
const STARTED_MS = Date.UTC(2026, 10, 22, 8)

/** What is wrong from one instant to another, with a chance for each call. */
export type Trouble = {
  readonly kind: 'fails' | 'unreachable' | 'lost-before' | 'lost-after' | 'throttled' | 'slow' | 'eaten' | 'poison'
  readonly from: number
  readonly to: number
  readonly chance: number
  /** Only with `poison`. */
  readonly sku?: string
}

/** A call as the platform saw it, or would have. */
export type Seen = {
  readonly atMs: number
  readonly writes: boolean
  readonly status: number
  readonly body: string
  readonly url: string
  /** It took effect, and its answer never came. */
  readonly lost: boolean
}

export type FaultyPlatform = {
  readonly connector: Connector
  readonly access: AccountAccess
  readonly sandbox: Sandbox
  readonly http: Http
  readonly seen: readonly Seen[]
  readonly now: () => Date
  /** Lists these, and tells how the platform names each, in their order. */
  readonly list: (skus: readonly string[]) => Promise<readonly ListingKey[]>
}

/** A real sandbox behind a wire of its own, in virtual time: calls take a while, and go wrong as told. */
export function faultyPlatform(
  { connector, live }: PlatformStage,
  time: VirtualTime,
  random: () => number,
  troubles: readonly Trouble[],
): FaultyPlatform {
  const now = (): Date => new Date(STARTED_MS + time.now())
  const sandbox = live.make({ file: ':memory:', now, scale: 1, random, deliver: async () => 200, lagMs: 0 })
  const access = live.account(AT, connector.platform === 'ebay' ? REVISIONS : 1) as AccountAccess
  const seen: Seen[] = []
  const hits = (kind: Trouble['kind']): boolean =>
    troubles.some(one => one.kind === kind && one.from <= time.now() && time.now() < one.to && random() < one.chance)

  for (const { kind, from, to, chance, sku } of troubles)
    if (kind === 'eaten' || kind === 'poison') {
      void time.sleep(from).then(() => sandbox.misbehave({ kind, chance, ...(sku === undefined ? {} : { sku }) }))
      void time.sleep(to).then(() => sandbox.behave())
    }

  const atOnce: Http = async call => {
    const init = { method: call.method, headers: { ...call.headers }, ...(call.body === undefined ? {} : { body: call.body }) }
    const answer = await sandbox.fetch(new Request(call.url, init))
    return { status: answer.status, headers: Object.fromEntries(answer.headers), text: await answer.text() }
  }
  const http: Http = async call => {
    const writes = call.writes === true
    const note = (status: number, lost = false): number =>
      seen.push({ atMs: time.now(), writes, status, lost, url: call.url, body: call.body ?? '' })
    if (hits('unreachable')) {
      note(0)
      await time.sleep(100)
      throw new AccountTrouble('down', 'ECONNREFUSED')
    }
    const slow = hits('slow') ? 4_000 * random() : 0
    await time.sleep(20 + 50 * random() + slow)
    if (hits('lost-before')) {
      note(0)
      await time.sleep(5_000)
      throw new AccountTrouble('down', 'no answer in time', { maybeTookEffect: writes })
    }
    if (hits('throttled')) {
      note(429)
      return { status: 429, headers: { 'retry-after': '2' }, text: '' }
    }
    if (hits('fails')) {
      note(503)
      await time.sleep(50)
      return { status: 503, headers: {}, text: '<p>Service unavailable</p>' }
    }
    const answer = await time.during(atOnce(call))
    const lost = hits('lost-after')
    // Shopify says in a good answer that it was asked for too much.
    note(answer.text.includes('"THROTTLED"') ? 429 : answer.status, lost)
    await time.sleep(lost ? 5_000 : 10 + 40 * random())
    if (lost) throw new AccountTrouble('down', 'no answer in time', { maybeTookEffect: writes })
    return answer
  }

  const list = async (skus: readonly string[]): Promise<readonly ListingKey[]> => {
    const prices = Object.fromEntries(access.channels.map(({ ref }) => [ref, '1']))
    sandbox.seed(skus.map((sku): SandboxListing => ({ sku, title: sku, gtin: null, quantity: 0, prices, parent: null })))
    const session = connector.open(access, { http: atOnce, now, pace: makePace(connector.limits, { scale: 1e6, full: true }) })
    const found = new Map<string, ListingKey>()
    for await (const page of session.listings()) for (const one of page) if (!found.has(one.externalSku)) found.set(one.externalSku, one)
    return skus.map(sku => {
      const { channelRef, externalId, externalParentId, externalSku, productType } = found.get(sku) ?? never(sku)
      return { channelRef, externalId, externalParentId, externalSku, productType }
    })
  }
  return { connector, access, sandbox, http, seen, now, list }
}

function never(sku: string): never {
  throw new Error(`the platform does not list ${sku}`)
}
