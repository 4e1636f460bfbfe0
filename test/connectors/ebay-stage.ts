import type { AccountAccess } from '../../connectors/contract.ts'
import { ebay } from '../../connectors/ebay/index.ts'
import { type EbaySandbox, type EbaySandboxOptions, makeEbaySandbox } from '../../connectors/ebay/sandbox.ts'
import { ebayWebhook } from '../../connectors/ebay/webhook.ts'
import type { DoorAccount, WebhookDoor } from '../../connectors/webhooks.ts'
import { ebayLimits, ebaySteady } from './ebay-limits.ts'
import type { PlatformStage } from './platform-stage.ts'
import { type Hub, openStage, type Stage, type Traits } from './stage.ts'

export const GERMANY = { id: 'EBAY_DE', currency: 'EUR', country: 'DE' }
export const KEYS = { clientId: 'Concord-app-0', clientSecret: 'SBX-client-secret-x', refreshToken: 'v^1.1#refresh-token-x' }

/** What went over the wire, with the bodies as text. */
export type Exchange = {
  readonly method: string
  readonly url: URL
  readonly headers: Headers
  readonly asked: string
  readonly status: number
  readonly answered: string
  readonly location: string | null
}

export type EbayStage = Stage & { readonly ebay: EbaySandbox }

export const traits: Traits = {
  operations: {
    push: 'bulkUpdatePriceQuantity',
    listings: 'getInventoryItems',
    orders: 'getOrders',
    ship: 'createShippingFulfillment',
    refund: 'issueRefund',
  },
  refundsByKey: false,
  tellsIncludedTax: false,
  editsOrders: false,
  refundsWithdraw: false,
  messagesTellOrders: false,
  door: ebayWebhook,
}

type More = {
  readonly file?: string
  readonly options?: Partial<EbaySandboxOptions>
  readonly settings?: object
  readonly record?: Exchange[]
}

/** An eBay account on one marketplace, and its sandbox, whose notifications a door with the account's own key set looks at. */
export async function openEbay(more: More = {}): Promise<EbayStage> {
  let hub: Hub | null = null
  let made: EbaySandbox | null = null
  const door: WebhookDoor = {
    ...ebayWebhook,
    // The secret of this platform is the application's key set: eBay tells its public key to nobody else.
    verify: (secret, headers, body) =>
      ebayWebhook.verify(secret, headers, body, doorAccount(sandboxOf(), secret === hub?.secret ? KEYS.clientSecret : secret)),
  }
  const sandboxOf = (): EbaySandbox => {
    if (made === null) throw new Error('the stage is not open yet')
    return made
  }
  const stage = await openStage({
    connector: ebay,
    traits: { ...traits, door },
    makeSandbox: options => {
      const ask = async (url: string): Promise<string | null> => {
        if (hub === null) return null
        // The first call of all: without a body, and without a signature.
        hub.received.push({ headers: new Headers(), body: '' })
        return (await ebayWebhook.challenge?.(hub.secret, hub.address, new URL(url).searchParams)) ?? null
      }
      const sandbox = makeEbaySandbox({ ...options, ...KEYS, marketplace: GERMANY, ask, ...more.options })
      const { record } = more
      made = record ? { ...sandbox, fetch: request => recorded(sandbox, request, record) } : sandbox
      return made
    },
    access: address => accessTo(address, more.settings),
    stranger: address => accessTo(address, more.settings, { ...KEYS, refreshToken: 'v^1.1#another-token-y' }),
    secrets: [KEYS.clientSecret, KEYS.refreshToken, 'v^1.1#another-token-y'],
    ...(more.file === undefined ? {} : { file: more.file }),
  })
  hub = stage.hub
  return { ...stage, ebay: sandboxOf() }
}

function openIn(currency: string): Promise<Stage> {
  const access = (address: string): AccountAccess => ({ ...accessTo(address), channels: [{ ref: GERMANY.id, currency, zone: 'UTC' }] })
  return openStage({
    ...{ connector: ebay, traits, access, stranger: access, secrets: [] },
    makeSandbox: options => makeEbaySandbox({ ...options, ...KEYS, marketplace: { id: GERMANY.id, currency, country: 'XX' } }),
  })
}

export const stage: PlatformStage = {
  ...{ connector: ebay, traits, open: () => openEbay(), openIn },
  finerPrice: 'refused',
  live: {
    make: options => makeEbaySandbox({ ...options, ...KEYS, marketplace: GERMANY }),
    account: (endpoint, scale) => ({
      ...{ settings: { endpoint, scale }, credentials: KEYS },
      channels: [{ code: 'ebay-de', name: 'eBay DE', ref: GERMANY.id, currency: 'EUR', zone: 'Europe/Berlin' }],
    }),
    scale: 20,
  },
  limits: ebayLimits({ ...KEYS, marketplace: GERMANY }),
  steady: ebaySteady({ ...KEYS, marketplace: GERMANY }),
}

/** What a door may use of the account, with calls that go to the sandbox straight away. */
export function doorAccount(
  sandbox: Pick<EbaySandbox, 'fetch'>,
  clientSecret = KEYS.clientSecret,
  endpoint = 'https://ebay.example',
): DoorAccount {
  return {
    settings: { endpoint },
    credentials: async () => ({ ...KEYS, clientSecret }),
    call: async ({ url, ...init }) => {
      const answer = await sandbox.fetch(new Request(url, init))
      return { status: answer.status, text: await answer.text() }
    },
  }
}

async function recorded(sandbox: EbaySandbox, request: Request, record: Exchange[]): Promise<Response> {
  const asked = await request.clone().text()
  const answer = await sandbox.fetch(request)
  record.push({
    ...{ method: request.method, url: new URL(request.url), headers: request.headers, asked },
    ...{ status: answer.status, answered: await answer.clone().text(), location: answer.headers.get('location') },
  })
  return answer
}

/** What the hub would store of the account. */
export function accessTo(address: string, settings: object = {}, credentials: Readonly<Record<string, unknown>> = KEYS): AccountAccess {
  return {
    settings: { endpoint: address, scale: 1000, refunds: true, ...settings },
    credentials,
    channels: [{ ref: GERMANY.id, currency: GERMANY.currency, zone: 'Europe/Berlin' }],
  }
}
