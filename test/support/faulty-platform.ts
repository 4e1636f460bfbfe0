import { amazon } from '../../connectors/amazon/index.ts'
import { makeAmazonSandbox, sandboxSettings } from '../../connectors/amazon/sandbox.ts'
import { type AccountAccess, AccountTrouble, type Connector } from '../../connectors/contract.ts'
import type { Http } from '../../connectors/http.ts'
import type { Sandbox, SandboxOptions } from '../../connectors/sandbox.ts'
import { woocommerce } from '../../connectors/woocommerce/index.ts'
import { makeWooSandbox } from '../../connectors/woocommerce/sandbox.ts'
import type { VirtualTime } from './virtual-time.ts'

const GERMANY = { id: 'A1PA6795UKMFR9', currency: 'EUR', country: 'DE' }
const SELLER = 'A3TH9S8BH6GOGM'
const AMAZON_KEYS = { clientId: 'client', clientSecret: 'secret', refreshToken: 'Atzr|token' }
const WOO_KEYS = { consumerKey: 'ck_1', consumerSecret: 'cs_1' }
const AT = 'http://platform.example'
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
}

/** A real sandbox behind a wire of its own, in virtual time: calls take a while, and go wrong as told. */
export function faultyPlatform(
  name: 'amazon' | 'woocommerce',
  time: VirtualTime,
  random: () => number,
  troubles: readonly Trouble[],
): FaultyPlatform {
  const now = (): Date => new Date(STARTED_MS + time.now())
  const options: SandboxOptions = { file: ':memory:', now, scale: 1, random, deliver: async () => 200, lagMs: 0 }
  const sandbox =
    name === 'amazon'
      ? makeAmazonSandbox({ ...options, ...AMAZON_KEYS, sellerId: SELLER, marketplaces: [GERMANY] })
      : makeWooSandbox({ ...options, ...WOO_KEYS })
  const access: AccountAccess =
    name === 'amazon'
      ? {
          settings: sandboxSettings(AT, { sellerId: SELLER, scale: 1 }),
          credentials: AMAZON_KEYS,
          channels: [{ ref: GERMANY.id, currency: 'EUR', zone: 'Europe/Berlin' }],
        }
      : { settings: { url: AT }, credentials: WOO_KEYS, channels: [{ ref: 'shop', currency: 'EUR', zone: 'Europe/Berlin' }] }
  const seen: Seen[] = []
  const hits = (kind: Trouble['kind']): boolean =>
    troubles.some(one => one.kind === kind && one.from <= time.now() && time.now() < one.to && random() < one.chance)

  for (const { kind, from, to, chance, sku } of troubles)
    if (kind === 'eaten' || kind === 'poison') {
      void time.sleep(from).then(() => sandbox.misbehave({ kind, chance, ...(sku === undefined ? {} : { sku }) }))
      void time.sleep(to).then(() => sandbox.behave())
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
    const init = { method: call.method, headers: { ...call.headers }, ...(call.body === undefined ? {} : { body: call.body }) }
    const answer = await sandbox.fetch(new Request(call.url, init))
    const text = await answer.text()
    const lost = hits('lost-after')
    note(answer.status, lost)
    await time.sleep(lost ? 5_000 : 10 + 40 * random())
    if (lost) throw new AccountTrouble('down', 'no answer in time', { maybeTookEffect: writes })
    return { status: answer.status, headers: Object.fromEntries(answer.headers), text }
  }
  return { connector: name === 'amazon' ? amazon : woocommerce, access, sandbox, http, seen, now }
}
