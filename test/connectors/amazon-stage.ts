import { amazon } from '../../connectors/amazon/index.ts'
import { type AmazonSandboxOptions, makeAmazonSandbox, sandboxSettings } from '../../connectors/amazon/sandbox.ts'
import type { AccountAccess } from '../../connectors/contract.ts'
import type { Sandbox } from '../../connectors/sandbox.ts'
import { amazonLimits } from './amazon-limits.ts'
import type { PlatformStage } from './platform-stage.ts'
import { openStage, type Stage, type Traits } from './stage.ts'

export const SELLER = 'A3TH9S8BH6GOGM'
export const GERMANY = { id: 'A1PA6795UKMFR9', currency: 'EUR', country: 'DE' }
export const SWEDEN = { id: 'A2NODRKZP88ZB9', currency: 'SEK', country: 'SE' }
export const KEYS = { clientId: 'amzn1.application-oa2-client.0', clientSecret: 'client-secret-x', refreshToken: 'Atzr|refresh-token-x' }

export const traits: Traits = {
  operations: {
    push: 'patchListingsItem',
    listings: 'searchListingsItems',
    orders: 'searchOrders',
    ship: 'confirmShipment',
    feed: 'createFeed',
  },
  showsReady: false,
  editsOrders: false,
  refundsWithdraw: false,
  door: null,
}

/** An Amazon account with two marketplaces over one stock, and its sandbox. */
export function openAmazon(
  more: { readonly file?: string; readonly options?: Partial<AmazonSandboxOptions>; readonly record?: Exchange[] } = {},
): Promise<Stage> {
  return openStage({
    connector: amazon,
    traits,
    makeSandbox: options => {
      const sandbox = makeAmazonSandbox({ ...options, ...KEYS, sellerId: SELLER, marketplaces: [GERMANY, SWEDEN], ...more.options })
      const { record } = more
      return record ? { ...sandbox, fetch: request => recorded(sandbox, request, record) } : sandbox
    },
    access: address => accessTo(address, KEYS),
    stranger: address => accessTo(address, { ...KEYS, refreshToken: 'Atzr|another-token-y' }),
    secrets: [KEYS.clientSecret, KEYS.refreshToken, 'Atzr|another-token-y'],
    ...(more.file === undefined ? {} : { file: more.file }),
  })
}

/** The account with one marketplace of no country, in this currency. */
function openIn(currency: string): Promise<Stage> {
  const id = 'A1VC38T7YXB528'
  const access = (address: string): AccountAccess => ({ ...accessTo(address), channels: [{ ref: id, currency, zone: 'UTC' }] })
  return openStage({
    ...{ connector: amazon, traits, access, stranger: access, secrets: [] },
    makeSandbox: options => makeAmazonSandbox({ ...options, ...KEYS, sellerId: SELLER, marketplaces: [{ id, currency, country: 'XX' }] }),
  })
}

export const stage: PlatformStage = {
  ...{ connector: amazon, traits, open: () => openAmazon(), openIn },
  finerPrice: 'refused',
  live: {
    make: options => makeAmazonSandbox({ ...options, ...KEYS, sellerId: SELLER, marketplaces: [GERMANY, SWEDEN] }),
    account: (address, scale) => ({
      ...{ settings: sandboxSettings(address, { sellerId: SELLER, scale }), credentials: KEYS },
      channels: [
        { code: 'amazon-de', name: 'Amazon DE', ref: GERMANY.id, currency: 'EUR', zone: 'Europe/Berlin' },
        { code: 'amazon-se', name: 'Amazon SE', ref: SWEDEN.id, currency: 'SEK', zone: 'Europe/Stockholm' },
      ],
    }),
    scale: 20,
  },
  limits: amazonLimits({ keys: KEYS, seller: SELLER, marketplace: GERMANY.id }),
}

/** What went over the wire, with the bodies as text. */
export type Exchange = {
  readonly method: string
  readonly url: URL
  readonly target: string | null
  readonly authorization: string | null
  readonly asked: string
  readonly status: number
  readonly answered: string
}

async function recorded(sandbox: Sandbox, request: Request, record: Exchange[]): Promise<Response> {
  const asked = await request.clone().text()
  const answer = await sandbox.fetch(request)
  const { method, headers } = request
  const answered = await answer.clone().text()
  record.push({
    method,
    url: new URL(request.url),
    target: headers.get('x-amz-target'),
    authorization: headers.get('authorization'),
    asked,
    status: answer.status,
    answered,
  })
  return answer
}

/** What the hub would store of the account. */
export function accessTo(address: string, credentials: Readonly<Record<string, unknown>> = KEYS): AccountAccess {
  return {
    settings: sandboxSettings(address, { sellerId: SELLER, scale: 1000 }),
    credentials,
    channels: [
      { ref: GERMANY.id, currency: 'EUR', zone: 'Europe/Berlin' },
      { ref: SWEDEN.id, currency: 'SEK', zone: 'Europe/Stockholm' },
    ],
  }
}
