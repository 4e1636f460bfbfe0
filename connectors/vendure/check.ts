import { currencyDigits } from '../../src/values/money.ts'
import { type AccountCheck, AccountTrouble, type ChannelAccess } from '../contract.ts'
import { apiOf, type Credentials, channelOf, type Settings } from './access.ts'
import type { Client } from './client.ts'
import { type Facts, locationOf, readFacts } from './facts.ts'
import { addFulfilment, type Operation, orderStates, updateVariants, variantPage } from './operations.ts'
import { addFulfilmentShape, orderStatesShape, updatedShape, variantPageShape } from './wire.ts'

type Finding = AccountCheck['findings'][number]

/** Tries what the account needs and names what is missing, with the next step. It changes nothing. */
export async function check(
  client: Client,
  channels: readonly ChannelAccess[],
  settings: Settings,
  credentials: Credentials,
): Promise<AccountCheck> {
  const facts = await tried(() => readFacts(client))
  if (facts instanceof AccountTrouble) {
    const isKey = facts.kind === 'auth'
    const next = isKey
      ? 'apiKey' in credentials
        ? "Make an API key in Vendure for a role of this channel; the server's authOptions.tokenMethod must list 'api-key'."
        : "See that name and password are an administrator's, and that the server's authOptions.tokenMethod lists 'bearer'."
      : `Check that ${apiOf(settings)} is the address of the Admin API, and that the server is up.`
    return { ok: false, findings: [{ what: isKey ? 'key' : 'address', ok: false, words: `${facts.message}. ${next}` }] }
  }
  const findings = [
    { what: 'address', ok: true, words: `${apiOf(settings)} answers as Vendure` },
    ofChannel(settings, facts),
    ...(await permissions(client)),
    ofLocation(settings, facts),
    ...elsewhere(settings, facts),
    ofThreshold(facts),
    ofTax(settings, facts),
    ...channels.flatMap(channel => ofCurrency(channel, channels, facts)),
  ]
  return { ok: findings.every(finding => finding.ok), findings }
}

/** A server with one channel answers as it to any token; it is compared. */
function ofChannel({ channelToken }: Settings, { code, token }: Facts): Finding {
  const ok = channelToken === undefined || channelToken === token
  const words = ok
    ? `the Vendure channel is ${code}`
    : `the server has no channel with the token of the setting channelToken, and answers as ${code}: see Settings > Channels in Vendure`
  return { what: 'channel', ok, words }
}

/** A key cannot ask what it may do. Each permission is tried with a call that changes nothing: a list of nothing to write is refused like any other. */
async function permissions(client: Client): Promise<Finding[]> {
  const nothing = { lines: [], handler: { code: 'manual-fulfillment', arguments: [] } }
  const tries: readonly (readonly [string, Operation, () => Promise<unknown>])[] = [
    ['to list variants', variantPage, () => client.call(variantPage, { options: { take: 1 } }, variantPageShape)],
    ['to set stock and prices', updateVariants, () => client.call(updateVariants, { input: [] }, updatedShape)],
    ['to read orders', orderStates, () => client.call(orderStates, { options: { take: 1 } }, orderStatesShape)],
    ['to ship, cancel and refund', addFulfilment, () => client.call(addFulfilment, { input: nothing }, addFulfilmentShape)],
  ]
  const missing: Finding[] = []
  for (const [why, { needs }, call] of tries) {
    const trouble = await tried(call)
    if (!(trouble instanceof AccountTrouble)) continue
    const words =
      trouble.kind === 'auth'
        ? `The key's role needs the permission ${needs} ${why}: add it to the role in Vendure.`
        : `${trouble.message}.`
    missing.push({ what: `permission ${needs}`, ok: false, words })
  }
  return missing.length > 0 ? missing : [{ what: 'permissions', ok: true, words: 'the key may do all that the hub needs' }]
}

function ofLocation(settings: Settings, facts: Facts): Finding {
  const what = 'stock location'
  try {
    const id = locationOf(settings, facts)
    return { what, ok: true, words: `stock is kept at ${facts.locations.find(one => one.id === id)?.name ?? id} (${id})` }
  } catch (error) {
    if (error instanceof AccountTrouble) return { what, ok: false, words: error.message }
    throw error
  }
}

/** Stock at other locations is sold by the same shop; it is good to know, and nobody's fault. */
function elsewhere({ stockLocation }: Settings, { locations }: Facts): Finding[] {
  const others = locations.filter(one => stockLocation !== undefined && one.id !== stockLocation)
  if (others.length === 0) return []
  const names = others.map(one => `${one.name} (${one.id})`).join(', ')
  return [{ what: 'other locations', ok: true, words: `the shop sells what lies at ${names}, too; the hub does not count that` }]
}

function ofThreshold({ threshold }: Facts): Finding {
  const what = 'out-of-stock threshold'
  if (threshold < 0)
    return {
      what,
      ok: false,
      words: `the shop sells ${-threshold} of each though they are not there: set the threshold to 0, and let the hub sell ahead`,
    }
  const words =
    threshold === 0
      ? 'the shop sells what the hub shows'
      : `the shop keeps ${threshold} of each back; the hub's own buffer is the place for that`
  return { what, ok: true, words }
}

function ofTax({ pricesIncludeTax = true }: Settings, facts: Facts): Finding {
  const stated = facts.pricesIncludeTax ? 'with' : 'without'
  if (facts.pricesIncludeTax === pricesIncludeTax) return { what: 'tax', ok: true, words: `prices are stated ${stated} tax` }
  const words = `the Vendure channel states prices ${stated} tax, the account's setting pricesIncludeTax says ${pricesIncludeTax}: no price goes out until both are alike`
  return { what: 'tax', ok: false, words }
}

function ofCurrency(
  { ref, currency }: ChannelAccess,
  channels: readonly ChannelAccess[],
  { currencies, precision, code }: Facts,
): Finding[] {
  const finding = (ok: boolean, words: string): Finding => ({ what: `currency ${currency}`, ok, words })
  if (channelOf(channels, currency)?.ref !== ref)
    return [finding(false, `two channels of the account are in ${currency}; a Vendure channel has one price in each currency`)]
  if (!currencies.includes(currency))
    return [
      finding(
        false,
        `the Vendure channel ${code} sells in ${currencies.join(', ')}: add ${currency} to it, or set the channel ${ref} to one of these`,
      ),
    ]
  if (currencyDigits(currency) > precision)
    return [
      finding(
        false,
        `the server keeps ${precision} digits behind the point, ${currency} has ${currencyDigits(currency)}: round the prices of ${ref}`,
      ),
    ]
  return [finding(true, `the Vendure channel sells in ${currency}`)]
}

async function tried<T>(work: () => Promise<T>): Promise<T | AccountTrouble> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof AccountTrouble) return error
    throw error
  }
}
