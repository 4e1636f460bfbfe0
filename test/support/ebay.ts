import { ebay } from '../../connectors/ebay/index.ts'
import { type EbaySandbox, makeEbaySandbox } from '../../connectors/ebay/sandbox.ts'
import type { DoorCall } from '../../connectors/webhooks.ts'
import { webhookRoutes } from '../../src/http/webhooks.ts'
import { platformShape } from '../../src/platform-shape.ts'
import { createAccount } from '../../src/usecases/channels.ts'
import type { Context } from '../../src/usecases/context.ts'
import { GERMANY, KEYS } from '../connectors/ebay-stage.ts'
import { playPlatform } from './hub.ts'

/** Where eBay believes the hub to be: it calls https addresses only. */
export const EBAY_HUB = 'https://hub.example'

/** The sandbox of eBay, whose notifications reach the hub's own door, connected as account `ebay` with the channel `ebay-de`. `answers`: what the door answered. */
export async function openEbayMarket(
  context: Context,
  scale: number,
): Promise<{ readonly sandbox: EbaySandbox; readonly accountId: number; readonly answers: readonly number[] }> {
  const call: DoorCall = async ({ url, ...init }) => {
    const answer = await fetch(url, init)
    return { status: answer.status, text: await answer.text() }
  }
  const door = webhookRoutes({ ...{ sql: context.sql, keyring: context.keyring, ring: () => {} }, call, publicUrl: EBAY_HUB })
  const answers: number[] = []
  let sandbox: EbaySandbox | null = null
  const platform = await playPlatform(
    options => {
      sandbox = makeEbaySandbox({
        ...{ ...options, ...KEYS, marketplace: GERMANY, scale },
        ask: async url => (await door.request(url)).text(),
        deliver: async (url, headers, body) => {
          const { status } = await door.request(url, { method: 'POST', headers, body })
          answers.push(status)
          return status
        },
      })
      return sandbox
    },
    { scale },
  )
  const { accountId } = await createAccount(
    context,
    platformShape(ebay),
    {
      ...{ name: 'ebay', platform: 'ebay', settings: { endpoint: platform.address, scale }, credentials: KEYS },
      channels: [{ code: 'ebay-de', name: 'eBay DE', ref: GERMANY.id, currency: 'EUR', zone: 'Europe/Berlin' }],
      webhookSecret: 'what the hub and eBay know of the address',
    },
    null,
  )
  if (sandbox === null) throw new Error('there is no sandbox')
  return { sandbox, accountId, answers }
}
