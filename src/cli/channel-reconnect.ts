import { accountWith, changeAccount, findChannel } from '../usecases/channels.ts'
import { jsonOf, secretOf, settingsOf } from './channel-add.ts'
import { type Command, wrongUsage } from './command.ts'
import { ownKey } from './stock.ts'

/** `channel reconnect`. */
export const channelReconnect: Command = {
  name: 'channel reconnect',
  usage: 'CODE [--credentials FILE|-] [--setting NAME=VALUE]… [--without NAME]…',
  summary: "Change how a channel's account is reached: new credentials in place of those that end, another address",
  details: `Credentials are JSON in a file, or piped in (-), and replace those that are stored. Settings that are not named stay; --without takes one away. The change
holds for all channels of the account. It takes effect within seconds, and the account is compared whole with its platform.`,
  examples: ['channel reconnect ebay-de --credentials keys.json --setting refreshTokenUntil=2028-05-22T08:00:00Z'],
  options: {
    credentials: { type: 'string' },
    setting: { type: 'string', multiple: true },
    without: { type: 'string', multiple: true },
  },
  takes: [1, 1],
  database: 'migrated',
  run: async call => {
    const code = call.args[0] ?? ''
    const { account, platform: name } = await findChannel(call.context, code)
    const platform = call.wiring.platforms.find(one => one.platform === name)
    if (platform === undefined) throw wrongUsage(`this program does not know the platform ${name}`)
    const [given, without] = [settingsOf(call), call.texts('without')]
    const credentials = call.text('credentials') === undefined ? {} : { credentials: jsonOf(await secretOf(call, 'credentials')) }
    const isSet = Object.keys(given).length > 0 || without.length > 0
    if (!isSet && !('credentials' in credentials)) throw wrongUsage('name --credentials, --setting or --without: what is to change')
    const { settings: before } = await accountWith(call.context, account, {})
    const settings = Object.fromEntries(Object.entries({ ...before, ...given }).filter(([setting]) => !without.includes(setting)))
    await changeAccount(call.context, platform, account, { ...(isSet ? { settings } : {}), ...credentials }, ownKey())
    call.answer({ account, ...(isSet ? { settings } : {}) }, `${account} is reached anew. Next: concord channel test ${code}`)
    return 0
  },
}
