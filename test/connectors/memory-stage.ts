import type { Connector } from '../../connectors/contract.ts'
import { memory } from '../../connectors/memory/index.ts'
import { makeMemorySandbox } from '../../connectors/memory/sandbox.ts'
import type { PlatformStage } from './platform-stage.ts'
import { openStage, type Stage, type Traits } from './stage.ts'

const KEY = 'k-7f3a1c'
const operations = { push: 'push', listings: 'listings', orders: 'orders', ship: 'act', feed: 'feed-start' }
const traits: Traits = { operations, refundsWithdraw: false, door: null }

/** The reference platform with two channels, joined to the connector, or to one that is broken on purpose. */
export function openMemory(connector: Connector = memory, currency = 'EUR', refs: readonly string[] = ['north', 'south']): Promise<Stage> {
  const channels = refs.map(ref => ({ ref, currency, zone: 'Europe/Berlin' }))
  return openStage({
    connector,
    traits,
    makeSandbox: options => makeMemorySandbox({ ...options, key: KEY, currency }),
    access: url => ({ settings: { url }, credentials: { key: KEY }, channels }),
    stranger: url => ({ settings: { url }, credentials: { key: 'wrong' }, channels }),
    secrets: [KEY],
  })
}

export const stage: PlatformStage = {
  ...{ connector: memory, traits, open: () => openMemory(), openIn: currency => openMemory(memory, currency, ['north']) },
  finerPrice: 'shown',
  live: {
    make: options => makeMemorySandbox({ ...options, key: KEY, currency: 'EUR' }),
    account: url => ({
      ...{ settings: { url }, credentials: { key: KEY } },
      channels: [{ code: 'north', name: 'North', ref: 'north', currency: 'EUR' }],
    }),
    scale: 20,
  },
  limits: [],
}
