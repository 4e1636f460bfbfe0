import { amazon } from '../../../connectors/amazon/index.ts'
import { sandboxSettings, played as seller } from '../../../connectors/amazon/sandbox.ts'
import type { Connector } from '../../../connectors/contract.ts'
import type { SandboxesConfig } from '../../../connectors/sandbox-config.ts'
import { woocommerce } from '../../../connectors/woocommerce/index.ts'
import { played as shop } from '../../../connectors/woocommerce/sandbox.ts'
import { changeChannel, createAccount, type NewAccount } from '../../usecases/channels.ts'
import type { Context } from '../../usecases/context.ts'
import { CHANNEL_REF, CURRENCY, WAREHOUSE } from './scene.ts'

/**
 * How many times faster than the real platforms the hub may go. So fast that the platforms' buckets do not decide how long a replay takes;
 * polls come every second or two.
 */
export const SCALES = { woocommerce: 20, amazon: 200 } as const

const CHANNELS = ['replay-shop', 'replay-amazon'] as const

/** Connects both platforms; they begin in observe. */
export async function connectPlatforms(context: Context, address: string, config: SandboxesConfig): Promise<void> {
  const { consumerKey, consumerSecret } = shop.options.parse(config.woocommerce)
  await connect(context, woocommerce, {
    name: 'replay-shop',
    platform: 'woocommerce',
    settings: { url: address, scale: SCALES.woocommerce },
    credentials: { consumerKey, consumerSecret },
    channels: [{ code: CHANNELS[0], name: 'Own shop', ref: CHANNEL_REF.woocommerce, currency: CURRENCY, zone: 'Europe/London' }],
    locations: [WAREHOUSE],
  })
  const { clientId, clientSecret, refreshToken, sellerId } = seller.options.parse(config.amazon)
  await connect(context, amazon, {
    name: 'replay-amazon',
    platform: 'amazon',
    settings: sandboxSettings(address, { sellerId, scale: SCALES.amazon }),
    credentials: { clientId, clientSecret, refreshToken },
    channels: [{ code: CHANNELS[1], name: 'Amazon UK', ref: CHANNEL_REF.amazon, currency: CURRENCY, zone: 'Europe/London' }],
    locations: [WAREHOUSE],
  })
}

/** Turns both switches of both channels on. */
export async function publishAll(context: Context): Promise<void> {
  for (const channel of CHANNELS)
    await changeChannel(context, channel, { publishStock: true, publishPrices: true }, `replay-publish-${channel}`)
}

async function connect(context: Context, connector: Connector, account: NewAccount): Promise<void> {
  const shape = {
    platform: connector.platform,
    stockPerAccount: connector.declares.stockPerAccount,
    readSettings: (value: unknown) => ({ ...connector.settings.parse(value) }),
    readCredentials: (value: unknown) => ({ ...connector.credentials.parse(value) }),
  }
  await createAccount(context, shape, account, `replay-account-${account.name}`)
}
