import type { z } from 'zod'
import { type AccountCheck, AccountTrouble, type ChannelAccess } from '../contract.ts'
import type { Credentials, Settings } from './access.ts'
import type { Client } from './client.ts'
import { locationsShape, ordersShape, storesShape } from './wire.ts'

type Finding = AccountCheck['findings'][number]
type Locations = z.infer<typeof locationsShape>['stock_locations']

const LOCATION_FIELDS = 'id,name,sales_channels.id,sales_channels.name'

/** Tries what the account needs and names what is missing, with the next step. It writes nothing. */
export async function check(
  client: Client,
  channels: readonly ChannelAccess[],
  { url }: Settings,
  credentials: Credentials,
): Promise<AccountCheck> {
  const done = (findings: readonly Finding[]): AccountCheck => ({ ok: findings.every(finding => finding.ok), findings })
  if ('apiKey' in credentials && !credentials.apiKey.startsWith('sk_'))
    return done([
      {
        what: 'key',
        ok: false,
        words: 'This is no secret API key, which begins with sk_: make one in Medusa under Settings > Secret API Keys.',
      },
    ])
  const stores = await tried(() => client.read('/admin/stores', storesShape, { fields: 'id,name,*supported_currencies' }))
  if (stores instanceof AccountTrouble) {
    const isRefused = stores.kind === 'auth'
    const next = isRefused
      ? 'Make a secret API key in Medusa under Settings > Secret API Keys, or take the e-mail address and password of an admin user.'
      : `Check that ${url} is the address of the Medusa server (not of its storefront or admin pages), and that it is up.`
    return done([{ what: isRefused ? 'key' : 'address', ok: false, words: `${stores.message}. ${next}` }])
  }
  const [store] = stores.stores
  const findings: Finding[] = [
    { what: 'key', ok: true, words: `${url} is the Medusa server of ${store?.name ?? 'a store without a name'}` },
  ]
  const query = { fields: LOCATION_FIELDS, limit: 1000, offset: 0 }
  const found = await tried(() => client.read('/admin/stock-locations', locationsShape, query))
  if (found instanceof AccountTrouble) findings.push({ what: 'locations', ok: false, words: found.message })
  else
    findings.push(
      ...channels.map(channel => locationFinding(channel, found.stock_locations)),
      ...elsewhere(channels, found.stock_locations),
    )
  const orders = await tried(() => client.read('/admin/orders', ordersShape, { fields: 'id', limit: 1, offset: 0 }))
  const unseen = orders instanceof AccountTrouble ? orders.message : null
  findings.push({ what: 'orders', ok: unseen === null, words: unseen ?? 'the key may see orders' })
  const currencies = (store?.supported_currencies ?? []).map(one => one.currency_code.toUpperCase())
  for (const channel of channels) findings.push(currencyFinding(channel, currencies))
  return done(findings)
}

async function tried<T>(work: () => Promise<T>): Promise<T | AccountTrouble> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof AccountTrouble) return error
    throw error
  }
}

function locationFinding({ ref }: ChannelAccess, all: Locations): Finding {
  const what = `location ${ref}`
  const found = all.find(one => one.id === ref)
  if (!found) {
    const known = all.map(one => `${one.id} (${one.name ?? 'without a name'})`).join(', ') || 'none'
    return {
      what,
      ok: false,
      words: `Medusa has no stock location ${ref}; its locations are ${known}. Name one of them as the channel's REF.`,
    }
  }
  const name = found.name ?? ref
  const sellers = found.sales_channels?.flatMap(one => one?.name ?? one?.id ?? []) ?? []
  return sellers.length > 0
    ? { what, ok: true, words: `${ref} is ${name}; ${sellers.join(', ')} sells from there` }
    : {
        what,
        ok: false,
        words: `No sales channel sells from ${name}: connect one in Medusa under Settings > Locations & Shipping > ${name}.`,
      }
}

function currencyFinding({ ref, currency }: ChannelAccess, theirs: readonly string[]): Finding {
  const ok = theirs.includes(currency)
  const words = ok
    ? `the store sells in ${theirs.join(', ')}`
    : `the store sells in ${theirs.join(', ') || 'no currency'}, the channel of location ${ref} is set to ${currency}: add it in Medusa under Settings > Store.`
  return { what: 'currency', ok, words }
}

/** Stock at other locations is sold by the same shop; it is good to know, and nobody's fault. */
function elsewhere(channels: readonly ChannelAccess[], all: Locations): Finding[] {
  const others = all.filter(one => (one.sales_channels ?? []).length > 0 && !channels.some(channel => channel.ref === one.id))
  if (others.length === 0) return []
  const names = others.map(one => `${one.name ?? ''} (${one.id})`).join(', ')
  return [{ what: 'other locations', ok: true, words: `the shop sells from ${names}, too; what these send is not ours` }]
}
