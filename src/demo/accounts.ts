import { played as amazon, sandboxSettings } from '../../connectors/amazon/sandbox.ts'
import { played as woocommerce } from '../../connectors/woocommerce/sandbox.ts'
import { mergeAccountSettings } from '../../db/account-settings.ts'
import { askAccount, readAccounts } from '../../db/accounts.ts'
import { createAccount, type NewAccount, type PlatformShape } from '../usecases/channels.ts'
import type { Context } from '../usecases/context.ts'
import { GERMANY, SWEDEN } from './listings.ts'
import type { SandboxProcess } from './sandbox-process.ts'

const SHOP = 'demo-shop'
const AMAZON = 'demo-amazon'

/** Codes of the demo's channels. */
export const CHANNELS = ['shop', 'amazon-de', 'amazon-se'] as const

/** Whether this database has an account of the demo: then its sandboxes hold that account's orders and must be kept. */
export async function hasDemoAccounts(context: Context): Promise<boolean> {
  return (await demoAccounts(context)).length > 0
}

/**
 * Connects the two sandboxes as accounts, each once, and tells accounts that exist where the sandboxes live now. An account that is new
 * begins in observe by itself; the others are compared. Their lanes bring the shop's webhooks to where we listen today.
 */
export async function connectAccounts(
  context: Context,
  platforms: readonly PlatformShape[],
  { address, config }: SandboxProcess,
): Promise<void> {
  const shopSettings = { url: address, scale: config.scale }
  const seller = amazon.options.parse(config.amazon)
  const amazonSettings = sandboxSettings(address, { sellerId: seller.sellerId, scale: config.scale })
  for (const { id, name } of await demoAccounts(context)) {
    await mergeAccountSettings(context.sql, name, name === SHOP ? shopSettings : amazonSettings, context.actor)
    await askAccount(context.sql, id, 'compare', context.actor)
  }
  const { consumerKey, consumerSecret } = woocommerce.options.parse(config.woocommerce)
  await once(context, platforms, {
    ...{ name: SHOP, platform: 'woocommerce', settings: shopSettings, credentials: { consumerKey, consumerSecret } },
    channels: [
      {
        ...{ code: 'shop', name: 'Own shop', ref: 'shop', currency: 'EUR' },
        ...{ zone: 'Europe/Berlin', locale: 'en', taxMode: 'inclusive' },
      },
    ],
    locations: ['berlin', 'malmo', 'hamburg'],
  })
  const { clientId, clientSecret, refreshToken } = seller
  await once(context, platforms, {
    ...{ name: AMAZON, platform: 'amazon', settings: amazonSettings, credentials: { clientId, clientSecret, refreshToken } },
    channels: [
      { code: 'amazon-de', name: 'Amazon Germany', ref: GERMANY.id, currency: GERMANY.currency, zone: 'Europe/Berlin', locale: 'de' },
      { code: 'amazon-se', name: 'Amazon Sweden', ref: SWEDEN.id, currency: SWEDEN.currency, zone: 'Europe/Stockholm', locale: 'sv' },
    ],
    locations: ['berlin', 'malmo'],
  })
}

async function demoAccounts(context: Context) {
  return (await readAccounts(context.sql)).filter(account => account.name === SHOP || account.name === AMAZON)
}

async function once(context: Context, platforms: readonly PlatformShape[], account: NewAccount): Promise<void> {
  if ((await demoAccounts(context)).some(known => known.name === account.name)) return
  const shape = platforms.find(one => one.platform === account.platform)
  if (shape === undefined) throw new Error(`there is no connector for ${account.platform}`)
  await createAccount(context, shape, account, `demo-account-${account.name}`)
}
