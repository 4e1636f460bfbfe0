import { type AccountCheck, AccountTrouble, type ChannelAccess } from '../contract.ts'
import type { Credentials, Settings } from './access.ts'
import type { Client } from './client.ts'
import { account } from './operations.ts'
import { accountShape } from './wire.ts'

/** What each scope is for; Shopify's own names. A write scope holds its read scope. */
const SCOPES: readonly (readonly [scope: string, why: string])[] = [
  ['read_products', 'to list variants'],
  ['write_products', 'to set prices'],
  ['read_inventory', 'to read stock'],
  ['write_inventory', 'to set stock'],
  ['read_locations', 'to know the locations'],
  ['read_orders', 'to read orders'],
  ['write_orders', 'to cancel and refund orders'],
  ['read_merchant_managed_fulfillment_orders', 'to see from which location an order is sent'],
  ['write_merchant_managed_fulfillment_orders', 'to ship, and to tell that goods may be picked up'],
  ['read_third_party_fulfillment_orders', 'to see what others send'],
  ['read_returns', 'to see what came back'],
]

type Finding = AccountCheck['findings'][number]

/** Tries what the account needs and names what is missing, with the next step. */
export async function check(
  client: Client,
  channels: readonly ChannelAccess[],
  { url }: Settings,
  credentials: Credentials,
): Promise<AccountCheck> {
  const found = await client.ask(account, {}, accountShape).catch((error: unknown) => {
    if (error instanceof AccountTrouble) return error
    throw error
  })
  if (found instanceof AccountTrouble) {
    const next =
      found.kind === 'auth'
        ? 'Install the app in this shop, and take its token, or its client id and secret, from there.'
        : `Check that the address ${url} is the one that ends in .myshopify.com, and that the shop is up.`
    return { ok: false, findings: [{ what: found.kind === 'auth' ? 'token' : 'address', ok: false, words: `${found.message}. ${next}` }] }
  }
  const { shop, locations, currentAppInstallation: installed } = found
  const scopes = new Set(installed.accessScopes.map(scope => scope.handle))
  const holds = (scope: string): boolean => scopes.has(scope) || scopes.has(scope.replace('read_', 'write_'))
  const missing = SCOPES.filter(([scope]) => !holds(scope))
  const findings: Finding[] = [
    { what: 'token', ok: true, words: `${url} is the shop ${shop.name}` },
    ...missing.map(([scope, why]) => ({
      ...{
        what: `scope ${scope}`,
        ok: false,
        words: `The app needs the access scope ${scope} ${why}: add it to the app and install it anew.`,
      },
    })),
    ...(missing.length === 0 ? [{ what: 'scopes', ok: true, words: 'the app has all access scopes that it needs' }] : []),
    ...(holds('read_all_orders')
      ? []
      : [{ what: 'old orders', ok: true, words: 'orders of more than 60 days are not shown to the app, for want of read_all_orders' }]),
    ...channels.map(channel => location(channel, locations.nodes)),
    ...channels.map(channel => currency(channel, shop.currencyCode)),
    ...elsewhere(channels, locations.nodes),
    ...(credentials.clientSecret === undefined
      ? [{ what: 'webhooks', ok: true, words: 'the credentials have no clientSecret, so orders come by polling alone' }]
      : []),
  ]
  return { ok: findings.every(finding => finding.ok), findings }
}

type Locations = readonly {
  readonly id: string
  readonly name: string
  readonly isActive: boolean
  readonly isFulfillmentService: boolean
  readonly fulfillsOnlineOrders: boolean
}[]

function location({ ref }: ChannelAccess, all: Locations): Finding {
  const what = `location ${ref}`
  const found = all.find(one => one.id === ref)
  const known = all.filter(one => one.isActive).map(one => `${one.id} (${one.name})`)
  if (!found)
    return {
      what,
      ok: false,
      words: `The shop has no location ${ref}; its locations are ${known.join(', ')}. Name one of them as the channel's REF.`,
    }
  if (!found.isActive) return { what, ok: false, words: `${found.name} is deactivated: activate it in Settings > Locations.` }
  if (found.isFulfillmentService)
    return { what, ok: false, words: `${found.name} belongs to a fulfilment service, which alone may set its stock.` }
  const aside = found.fulfillsOnlineOrders ? '' : '; it does not fulfil online orders'
  return { what, ok: true, words: `${ref} is ${found.name}${aside}` }
}

function currency({ ref, currency: ours }: ChannelAccess, theirs: string): Finding {
  const words =
    ours === theirs ? `the shop sells in ${theirs}` : `the shop sells in ${theirs}, the channel of location ${ref} is set to ${ours}`
  return { what: 'currency', ok: ours === theirs, words }
}

/** Stock at other locations is sold by the same shop; it is good to know, and nobody's fault. */
function elsewhere(channels: readonly ChannelAccess[], all: Locations): Finding[] {
  const others = all.filter(one => one.isActive && one.fulfillsOnlineOrders && !channels.some(channel => channel.ref === one.id))
  if (others.length === 0) return []
  const names = others.map(one => `${one.name} (${one.id})`).join(', ')
  return [{ what: 'other locations', ok: true, words: `the shop sells from ${names}, too; what these send is not ours` }]
}
