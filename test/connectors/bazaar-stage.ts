import { bazaar } from '../../connectors/bazaar/index.ts'
import { makeBazaarSandbox } from '../../connectors/bazaar/sandbox.ts'
import type { PlatformStage } from './platform-stage.ts'
import { openStage, type Stage, type Traits } from './stage.ts'

export const KEYS = { token: 'bazaar-token-x' }
const traits: Traits = {
  operations: { push: 'POST /goods/changes', listings: 'GET /goods', orders: 'GET /orders', ship: 'none' },
  ...{ editsOrders: false, refundsWithdraw: false, door: null },
}

/** A shop at Bazaar with the connector joined to it. */
function openBazaar(currency = 'EUR'): Promise<Stage> {
  const channels = [{ ref: 'shop', currency, zone: 'Europe/Berlin' }]
  return openStage({
    ...{ connector: bazaar, traits },
    makeSandbox: options => makeBazaarSandbox({ ...options, ...KEYS, currency }),
    access: url => ({ settings: { url }, credentials: KEYS, channels }),
    stranger: url => ({ settings: { url }, credentials: { token: 'another-token-y' }, channels }),
    secrets: [KEYS.token, 'another-token-y'],
  })
}

export const stage: PlatformStage = {
  ...{ connector: bazaar, traits, open: () => openBazaar(), openIn: openBazaar },
  finerPrice: 'shown',
  live: {
    make: options => makeBazaarSandbox({ ...options, ...KEYS, currency: 'EUR' }),
    account: url => ({
      ...{ settings: { url }, credentials: KEYS },
      channels: [{ code: 'bazaar', name: 'Bazaar', ref: 'shop', currency: 'EUR', zone: 'Europe/Berlin' }],
    }),
    scale: 20,
  },
  limits: [
    {
      what: 'calls a second',
      calls: async () => () => new Request('https://bazaar.example/goods', { headers: { authorization: `Bearer ${KEYS.token}` } }),
      burst: 20,
      refusal: { status: 429, body: /too many calls/, headers: { 'retry-after': '2' } },
      again: { afterMs: 1000, calls: 10 },
    },
  ],
}
