import { AccountTrouble, type Tools } from '../contract.ts'
import type { Settings } from './access.ts'
import type { Client } from './client.ts'
import { facts as factsOperation } from './operations.ts'
import { factsShape, type Stocked } from './wire.ts'

/** What the server is set up to, as far as numbers depend on it. */
export type Facts = {
  readonly code: string
  readonly token: string
  readonly currencies: readonly string[]
  readonly pricesIncludeTax: boolean
  /** Digits behind the point that each amount has, in all currencies. */
  readonly precision: number
  /** Whether variants that do not say for themselves are counted. */
  readonly tracks: boolean
  /** Units that the shop keeps back of each variant; below zero: that it sells though they are not there. */
  readonly threshold: number
  readonly locations: readonly { readonly id: string; readonly name: string }[]
}

/** A person may change them at any time; between two looks amounts and locations stay right for so long at the most. */
const FRESH_MS = 5 * 60_000

export async function readFacts(client: Client): Promise<Facts> {
  const { activeChannel: channel, globalSettings, stockLocations } = await client.ask(factsOperation, {}, factsShape)
  return {
    ...{ code: channel.code, token: channel.token, currencies: channel.availableCurrencyCodes },
    pricesIncludeTax: channel.pricesIncludeTax,
    precision: globalSettings.serverConfig.moneyStrategyPrecision,
    tracks: channel.trackInventory ?? globalSettings.trackInventory,
    threshold: channel.outOfStockThreshold ?? globalSettings.outOfStockThreshold,
    locations: stockLocations.items,
  }
}

/** The facts of an account's server, read once for all who ask at the same time, and again when they are old. */
export function makeFacts(client: Client, { now }: Tools): () => Promise<Facts> {
  let held: { readonly facts: Promise<Facts>; readonly atMs: number } | null = null
  return async () => {
    const atMs = now().getTime()
    if (held === null || atMs - held.atMs > FRESH_MS) held = { facts: readFacts(client), atMs }
    const asked = held
    try {
      return await asked.facts
    } catch (error) {
      if (held === asked) held = null
      throw error
    }
  }
}

/** The stock location that the hub writes to. Throws where nobody can know which it is. */
export function locationOf({ stockLocation }: Settings, { locations }: Facts): string {
  const [only, another] = locations
  if (stockLocation !== undefined && locations.some(one => one.id === stockLocation)) return stockLocation
  if (stockLocation === undefined && only && !another) return only.id
  const known = locations.map(one => `${one.id} (${one.name})`).join(', ')
  throw new AccountTrouble(
    'auth',
    `${stockLocation === undefined ? 'the server has several stock locations' : `the channel has no stock location ${stockLocation}`}: name one of ${known || 'none'} in the account's setting stockLocation`,
  )
}

/** Whether Vendure counts a variant's stock. */
export function isTracked({ trackInventory }: Pick<Stocked, 'trackInventory'>, { tracks }: Facts): boolean {
  return trackInventory === 'TRUE' || (trackInventory === 'INHERIT' && tracks)
}
