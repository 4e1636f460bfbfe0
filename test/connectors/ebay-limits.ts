import { z } from 'zod'
import { type EbaySandboxOptions, makeEbaySandbox } from '../../connectors/ebay/sandbox.ts'
import type { Sandbox } from '../../connectors/sandbox.ts'
import type { PlatformLimit, Steady } from './platform-stage.ts'

const AT = 'https://ebay.example'
const INVENTORY = `${AT}/sell/inventory/v1`
const DAY_MS = 24 * 3_600_000
/** The tests begin at eight in the morning; eBay's day ends at midnight. */
const UNTIL_MIDNIGHT_MS = 16 * 3_600_000
/** eBay gives accounts very different numbers; so few show soonest what comes of it. */
const DAILY_CALLS = 400

type Account = Pick<EbaySandboxOptions, 'clientId' | 'clientSecret' | 'refreshToken' | 'marketplace'>

/** The calls of an API in a day, and the revisions of a listing in a day. */
export function ebayLimits(account: Account): readonly PlatformLimit[] {
  const daily = (what: string, path: string): PlatformLimit => ({
    what: `calls of the ${what} API in a day`,
    make: options => makeEbaySandbox({ ...options, ...account, dailyCalls: DAILY_CALLS }),
    calls: async sandbox => {
      const headers = await headersOf(sandbox, account)
      return () => new Request(`${AT}${path}`, { headers })
    },
    burst: DAILY_CALLS,
    refusal: { status: 429, body: /"errorId":2001,.*The request limit has been reached/ },
    again: { afterMs: UNTIL_MIDNIGHT_MS, calls: DAILY_CALLS },
  })
  return [
    daily('Inventory', '/sell/inventory/v1/offer?sku=MUG'),
    daily('Fulfillment', '/sell/fulfillment/v1/order/00-00000-00000'),
    {
      what: 'revisions of a listing in a day, by the bulk update',
      calls: async sandbox => {
        const { headers, offer } = await offerOf(sandbox, account)
        let quantity = 0
        return () => {
          quantity += 1
          const body = JSON.stringify({ requests: [{ sku: 'MUG', offers: [{ offerId: offer.offerId, availableQuantity: quantity }] }] })
          return new Request(`${INVENTORY}/bulk_update_price_quantity`, { method: 'POST', headers, body })
        }
      },
      burst: 250,
      refusal: { status: 207, body: /"statusCode":400,.*limit of 250 revisions/ },
      again: { afterMs: UNTIL_MIDNIGHT_MS, calls: 250 },
    },
    {
      what: 'revisions of a listing in a day, by its offer',
      calls: async sandbox => {
        const { headers, offer } = await offerOf(sandbox, account)
        const asked = { method: 'PUT', headers: { ...headers, 'content-language': 'en-US' }, body: JSON.stringify(offer) }
        return () => new Request(`${INVENTORY}/offer/${offer.offerId}`, asked)
      },
      burst: 250,
      refusal: { status: 400, body: /"errorId":25002,.*limit of 250 revisions/ },
      again: { afterMs: UNTIL_MIDNIGHT_MS, calls: 250 },
    },
  ]
}

/** A whole day each, because eBay counts by the day. */
export function ebaySteady(account: Account): readonly Steady[] {
  const day = { forMs: DAY_MS, idleMs: 60_000, listings: 30, changeEveryMs: 600_000 }
  return [
    {
      ...{ what: 'the calls of a day', ...day, unless: 'paced' },
      make: options => makeEbaySandbox({ ...options, ...account, dailyCalls: DAILY_CALLS }),
    },
    { what: 'the revisions of a day', ...day, ...{ listings: 2, changeEveryMs: 240_000, idleMs: 240_000 }, unless: { scale: 10 } },
  ]
}

/** What raw calls carry. */
export async function headersOf(
  sandbox: Sandbox,
  { clientId, clientSecret, refreshToken }: Account,
): Promise<Readonly<Record<string, string>>> {
  const answer = await sandbox.fetch(
    new Request(`${AT}/identity/v1/oauth2/token`, {
      ...{ method: 'POST', headers: { authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` } },
      body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken }),
    }),
  )
  const { access_token: token } = z.object({ access_token: z.string() }).parse(await answer.json())
  return { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
}

async function offerOf(sandbox: Sandbox, account: Account) {
  const { marketplace } = account
  sandbox.seed([{ sku: 'MUG', title: 'Mug', gtin: null, quantity: 1000, prices: { [marketplace.id]: '10.00' }, parent: null }])
  const headers = await headersOf(sandbox, account)
  const answer = await sandbox.fetch(new Request(`${INVENTORY}/offer?sku=MUG`, { headers }))
  const [offer] = z.object({ offers: z.array(z.looseObject({ offerId: z.string() })) }).parse(await answer.json()).offers
  if (!offer) throw new Error('MUG has no offer')
  return { headers, offer }
}
