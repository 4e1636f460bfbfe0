import { type AccountCheck, AccountTrouble, type ChannelAccess, type Tools } from '../contract.ts'
import type { Credentials, Settings } from './access.ts'
import type { Tokens } from './auth.ts'
import { type Call, type Client, promised } from './client.ts'
import { orderCall } from './orders.ts'
import { queueLength } from './queue.ts'
import { RETURNS_TYPE } from './returns.ts'
import { subscribed } from './subscriptions.ts'
import { itemSearchShape, participationsShape, reportsShape } from './wire.ts'

type Account = {
  readonly settings: Settings
  readonly credentials: Credentials
  readonly channels: readonly ChannelAccess[]
  readonly tokens: Tokens
  readonly client: Client
  readonly tools: Tools
}
type Finding = AccountCheck['findings'][number]

/** Tries each thing that the account needs and names the ones that are wrong, with the next step. */
export async function test(account: Account): Promise<AccountCheck> {
  const token = await attempt('token', 'Login with Amazon gives access tokens.', async () => void (await account.tokens.current()))
  // Without a token, everything else would fail for the same reason.
  if (!token.ok) return { ok: false, findings: [token] }
  const findings = [
    token,
    ...(await marketplaces(account)),
    await sellerId(account),
    await ordersRole(account),
    await returns(account),
    ...(await queue(account)),
  ]
  return { ok: findings.every(one => one.ok), findings }
}

async function marketplaces(account: Account): Promise<Finding[]> {
  const call: Call = { operation: 'getMarketplaceParticipations', method: 'GET', path: '/sellers/v1/marketplaceParticipations' }
  try {
    const { payload } = promised(call, participationsShape, await account.client(call))
    return account.channels.map(channel => {
      const what = `marketplace ${channel.ref}`
      const found = payload.find(one => one.marketplace.id === channel.ref)
      if (!found?.participation.isParticipating)
        return { what, ok: false, words: `The seller does not sell in ${channel.ref}: join it in Seller Central or remove the channel.` }
      const { name, defaultCurrencyCode } = found.marketplace
      if (defaultCurrencyCode !== channel.currency)
        return { what, ok: false, words: `${name} sells in ${defaultCurrencyCode}, but the channel is set to ${channel.currency}.` }
      if (found.participation.hasSuspendedListings)
        return { what, ok: false, words: `The listings in ${name} are suspended: see Account Health in Seller Central.` }
      return { what, ok: true, words: `${name} sells in ${defaultCurrencyCode}.` }
    })
  } catch (error) {
    return [troubled('marketplaces', error)]
  }
}

async function sellerId(account: Account): Promise<Finding> {
  const { sellerId: id } = account.settings
  const call: Call = {
    operation: 'searchListingsItems',
    method: 'GET',
    path: `/listings/2021-08-01/items/${encodeURIComponent(id)}`,
    query: { marketplaceIds: account.channels.map(channel => channel.ref).join(','), pageSize: '1' },
  }
  const finding = await attempt('seller id', `Seller ${id} has listings to read.`, async () => {
    promised(call, itemSearchShape, await account.client(call))
  })
  if (finding.ok) return finding
  return {
    ...finding,
    words: `Listings of seller ${id} cannot be read: check the seller id and the Product Listing role. ${finding.words}`,
  }
}

async function ordersRole(account: Account): Promise<Finding> {
  // An order that cannot exist: 400 or 404 shows that we may ask, without spending the scarce search.
  const call = orderCall('000-0000000-0000000', 'FULFILLMENT')
  return attempt('orders', 'Orders may be read.', async () => void (await account.client(call)))
}

async function returns({ settings, client }: Account): Promise<Finding> {
  const what = 'returns'
  if (settings.returns === false)
    return { what, ok: true, words: 'Returns are not read (returns: false): people count in what comes back.' }
  const query = { reportTypes: RETURNS_TYPE, pageSize: '1' }
  const call: Call = { operation: 'getReports', method: 'GET', path: '/reports/2021-06-30/reports', query }
  const finding = await attempt(what, 'Reports of returns may be read.', async () => void promised(call, reportsShape, await client(call)))
  if (finding.ok) return finding
  const next = 'give the application the role Inventory and Order Tracking, or set returns to false.'
  return { ...finding, words: `Reports of returns cannot be read: ${next} ${finding.words}` }
}

async function queue(account: Account): Promise<Finding[]> {
  const what = 'notification queue'
  const { queueUrl } = account.settings
  if (queueUrl === undefined) return [{ what, ok: true, words: 'No queue is set: orders come by polling, minutes later.' }]
  if (new URL(queueUrl).hostname.endsWith('.amazonaws.com') && !(account.credentials.queueKeyId && account.credentials.queueSecret))
    return [{ what, ok: false, words: 'The queue is at AWS, but no AWS key is stored for it: add the key id and secret.' }]
  let words = ''
  const finding = await attempt(what, '', async () => {
    words = `The queue answers; about ${await queueLength(account)} messages wait.`
  })
  return finding.ok ? [{ ...finding, words }, await orderChanges(account)] : [finding]
}

async function orderChanges(account: Account): Promise<Finding> {
  const what = 'order changes'
  try {
    const now = await subscribed(account)
    if (now.state === 'present') return { what, ok: true, words: 'Amazon sends order changes to the queue.' }
    const mends = 'the hub subscribes to them once something is published'
    if (now.state === 'missing' || now.isOurs) return { what, ok: true, words: `Amazon sends no order changes to the queue yet: ${mends}.` }
    return {
      ...{ what, ok: false },
      words: `Amazon sends order changes to ${now.to}: set queueUrl to that queue, or delete the subscription ${now.subscriptionId} of ORDER_CHANGE, and ${mends}.`,
    }
  } catch (error) {
    return troubled(what, error)
  }
}

async function attempt(what: string, words: string, work: () => Promise<void>): Promise<Finding> {
  try {
    await work()
    return { what, ok: true, words }
  } catch (error) {
    return troubled(what, error)
  }
}

function troubled(what: string, error: unknown): Finding {
  if (error instanceof AccountTrouble) return { what, ok: false, words: error.message }
  throw error
}
