import { type AccountCheck, AccountTrouble, type ChannelAccess, type Tools } from '../contract.ts'
import type { Settings } from './access.ts'
import type { Tokens } from './auth.ts'
import { type Call, type Client, promised } from './client.ts'
import { learn, operationsOf, readQuotas } from './quota.ts'
import { destinationsShape, itemsShape, ordersShape, subscriptionsShape } from './wire.ts'

type Account = {
  readonly settings: Settings
  readonly channels: readonly ChannelAccess[]
  readonly tokens: Tokens
  readonly client: Client
  readonly tools: Tools
}
type Finding = AccountCheck['findings'][number]

const DAY_MS = 24 * 3_600_000
/** A consent that ends sooner is a finding: it takes the seller to renew it. */
const ENDS_SOON_DAYS = 30

/** Currencies of eBay's marketplaces. */
const CURRENCIES: Readonly<Record<string, string>> = {
  ...{ EBAY_US: 'USD', EBAY_MOTORS_US: 'USD', EBAY_CA: 'CAD', EBAY_GB: 'GBP', EBAY_AU: 'AUD', EBAY_CH: 'CHF', EBAY_PL: 'PLN' },
  ...{ EBAY_DE: 'EUR', EBAY_AT: 'EUR', EBAY_FR: 'EUR', EBAY_IT: 'EUR', EBAY_ES: 'EUR', EBAY_BE: 'EUR', EBAY_NL: 'EUR', EBAY_IE: 'EUR' },
  ...{ EBAY_HK: 'HKD', EBAY_SG: 'SGD', EBAY_MY: 'MYR', EBAY_PH: 'PHP', EBAY_TW: 'TWD' },
}

/** Tries each thing that the account needs and names what is wrong, with the next step. Writes nothing. */
export async function check(account: Account): Promise<AccountCheck> {
  const { client, tokens } = account
  const token = await tried('token', 'eBay gives access tokens for the seller.', async () => void (await tokens.current('user')))
  // Without a token, everything else would fail for the same reason.
  if (!token.ok) return { ok: false, findings: [token] }
  const ask =
    <T>(call: Call, shape: Parameters<typeof promised<T>>[1]) =>
    async (): Promise<void> =>
      void promised(call, shape, await client(call))
  const get = (operation: Call['operation'], path: string, query: Record<string, string>, bearer: Call['bearer'] = 'user'): Call => ({
    ...{ operation, method: 'GET', path, query, bearer },
  })
  const items = async (): Promise<void> => {
    const call = get('getInventoryItems', '/sell/inventory/v1/inventory_item', { limit: '1', offset: '0' })
    const answer = await client(call)
    if (answer.status !== 404) promised(call, itemsShape, answer)
  }
  const destinations = get('notification', '/commerce/notification/v1/destination', { limit: '10' }, 'app')
  const subscriptions = get('notification', '/commerce/notification/v1/subscription', { limit: '10' })
  const findings = [
    token,
    consent(account),
    ...account.channels.map(marketplace),
    await tried('inventory', 'The seller consents to inventory.', items),
    await tried(
      'orders',
      'The seller consents to orders.',
      ask(get('getOrders', '/sell/fulfillment/v1/order', { limit: '1' }), ordersShape),
    ),
    await tried('application', 'The application may receive notifications.', ask(destinations, destinationsShape)),
    await tried('notifications', 'The seller consents to notifications.', ask(subscriptions, subscriptionsShape)),
    await quota(account),
  ]
  return { ok: findings.every(one => one.ok), findings }
}

function consent({ settings, tools }: Account): Finding {
  const what = 'consent'
  const until = settings.refreshTokenUntil
  if (until === undefined)
    return { what, ok: true, words: 'A refresh token lives 18 months. Set refreshTokenUntil to be told here before this one ends.' }
  const days = Math.floor((Date.parse(until) - tools.now().getTime()) / DAY_MS)
  if (days < 0)
    return {
      what,
      ok: false,
      words: `The seller's consent ended on ${until}: let the seller consent again and store the new refresh token.`,
    }
  const words = `The seller's consent ends on ${until}, in ${days} days.`
  return days < ENDS_SOON_DAYS
    ? { what, ok: false, words: `${words} Let the seller consent again before that.` }
    : { what, ok: true, words }
}

function marketplace(channel: ChannelAccess): Finding {
  const what = `marketplace ${channel.ref}`
  const currency = CURRENCIES[channel.ref]
  if (currency === undefined)
    return { what, ok: false, words: `${channel.ref} is no marketplace of eBay's: write it as EBAY_DE, EBAY_GB or EBAY_US.` }
  if (currency !== channel.currency)
    return { what, ok: false, words: `${channel.ref} sells in ${currency}, but the channel is set to ${channel.currency}.` }
  return { what, ok: true, words: `${channel.ref} sells in ${currency}.` }
}

async function quota({ client, settings, tools }: Account): Promise<Finding> {
  const what = 'quota'
  try {
    const quotas = (await readQuotas(client)).filter(one => operationsOf(one).length > 0)
    learn(quotas, tools, settings.scale ?? 1)
    if (quotas.length === 0) return { what, ok: true, words: 'eBay tells no quota for this account.' }
    const empty = quotas.filter(one => one.remaining === 0)
    const told = quotas.map(
      one => `${one.api} ${one.resource} ${one.remaining} of ${one.limit}${one.reset === null ? '' : ` until ${one.reset}`}`,
    )
    return { what, ok: empty.length === 0, words: `Calls left: ${told.join('; ')}.` }
  } catch (error) {
    return troubled(what, error)
  }
}

async function tried(what: string, well: string, attempt: () => Promise<void>): Promise<Finding> {
  try {
    await attempt()
    return { what, ok: true, words: well }
  } catch (error) {
    return troubled(what, error)
  }
}

function troubled(what: string, error: unknown): Finding {
  if (!(error instanceof AccountTrouble)) throw error
  return { what, ok: false, words: error.message }
}
