import { readFile } from 'node:fs/promises'
import { readAccounts } from '../../db/accounts.ts'
import { createAccount, type NewChannel } from '../usecases/channels.ts'
import { Fault } from '../values/fault.ts'
import { type Call, type Command, type ExitCode, wrongUsage } from './command.ts'
import { ownKey } from './stock.ts'
import { readInput } from './terminal.ts'

/** `channel add`. */
export const channelAdd: Command = {
  name: 'channel add',
  usage: 'ACCOUNT --platform NAME --credentials FILE|- [--setting NAME=VALUE]… (--currency EUR | --channel CODE:REF:CURRENCY[:ZONE]…)',
  summary: 'Connect an account with its channels; it begins in observe and writes nothing',
  details: `Credentials are JSON in a file, or piped in (-): never on the command line, where others could read them. They are stored
encrypted. Settings and credentials of each platform: connectors/PLATFORM/README.md. With --currency the account is one shop, whose
channel has the account's name; with --channel there may be several (a marketplace's id, or a Shopify location's number, as REF). --location CODE (several times, in
order of preference) names the locations that serve it; else all do. --webhook-secret FILE|- as the platform signs its webhooks;
with --json the answer tells their address below the hub's own (webhookPath).`,
  examples: [
    'channel add my-shop --platform woocommerce --setting url=https://shop.example.org --currency EUR --credentials keys.json',
    'channel add my-shopify --platform shopify --setting url=https://my-shop.myshopify.com --channel shop-berlin:70001:EUR:Europe/Berlin --credentials keys.json',
    'channel add my-amazon --platform amazon --setting sellerId=A1 --channel amazon-de:A1PA6795UKMFR9:EUR:Europe/Berlin --channel amazon-uk:A1F83G8C2ARO7P:GBP --credentials -',
    'channel add my-ebay --platform ebay --setting endpoint=https://api.ebay.com --setting contentLanguage=de-DE --channel ebay-de:EBAY_DE:EUR:Europe/Berlin --credentials keys.json',
  ],
  options: {
    platform: { type: 'string' },
    credentials: { type: 'string' },
    setting: { type: 'string', multiple: true },
    currency: { type: 'string' },
    channel: { type: 'string', multiple: true },
    location: { type: 'string', multiple: true },
    'webhook-secret': { type: 'string' },
  },
  takes: [1, 1],
  database: 'migrated',
  run,
}

async function run(call: Call): Promise<ExitCode> {
  const name = call.args[0] ?? ''
  const known = call.wiring.platforms.map(platform => platform.platform).join(', ')
  const platform = call.wiring.platforms.find(one => one.platform === call.text('platform'))
  if (platform === undefined) throw wrongUsage(`--platform is one of ${known}`)
  const credentials = jsonOf(await secretOf(call, 'credentials'))
  const secret = call.text('webhook-secret') === undefined ? {} : { webhookSecret: await secretOf(call, 'webhook-secret') }
  const locations = call.texts('location')
  const account = {
    ...{ name, platform: platform.platform, settings: settingsOf(call), credentials, channels: channelsOf(name, call), ...secret },
    ...(locations.length === 0 ? {} : { locations }),
  }
  const made = await createAccount(call.context, platform, account, ownKey())
  const codes = made.channels.map(channel => channel.code).join(', ')
  const [row] = await readAccounts(call.context.sql, made.accountId)
  // For platforms whose messages somebody sets up by hand; whoever connects an account is told, and nobody else.
  const webhookPath = `/webhooks/${row?.webhookToken ?? ''}`
  call.answer(
    { ...made, webhookPath },
    `${name} is connected with ${codes}, in observe. Next: concord channel test ${made.channels[0]?.code ?? ''}`,
  )
  return 0
}

/** The text of a file that an option names, or what is piped in: secrets never stand on the command line. */
export async function secretOf(call: Call, option: string): Promise<string> {
  const path = call.text(option)
  if (path === undefined) throw wrongUsage(`--${option} is missing`)
  if (path === '-') return readInput(call.terminal)
  try {
    return (await readFile(path, 'utf8')).trim()
  } catch (cause) {
    throw new Fault('not_found', `--${option}: ${cause instanceof Error ? cause.message : String(cause)}`, { field: option })
  }
}

/** Credentials as they were written down: an object. */
export function jsonOf(text: string): Record<string, unknown> {
  try {
    return { ...JSON.parse(text) }
  } catch {
    // The parser's own words quote the text, which is secret.
    throw new Fault('invalid', 'the credentials are no JSON', {
      field: 'credentials',
      expected: '{"consumerKey":"…","consumerSecret":"…"}',
    })
  }
}

/** Values that are JSON (true, 5, {"a":1}) are taken as such, everything else as text. */
export function settingsOf(call: Call): Record<string, unknown> {
  return Object.fromEntries(
    call.texts('setting').map(setting => {
      const at = setting.indexOf('=')
      if (at < 1) throw wrongUsage(`--setting ${setting}: write NAME=VALUE`)
      return [setting.slice(0, at), jsonOrText(setting.slice(at + 1))]
    }),
  )
}

function jsonOrText(text: string): unknown {
  if (!/^(true|false|-?\d+(\.\d+)?|\{.*\}|\[.*\])$/s.test(text)) return text
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function channelsOf(name: string, call: Call): NewChannel[] {
  const stated = call.texts('channel')
  const currency = call.text('currency')
  if (stated.length > 0 === (currency !== undefined))
    throw wrongUsage('either --currency (one shop) or --channel CODE:REF:CURRENCY (several)')
  if (currency !== undefined) return [{ code: name, name, ref: 'shop', currency }]
  return stated.map(text => {
    const [code, ref, unit, zone] = text.split(':')
    if (!code || !ref || !unit) throw wrongUsage(`--channel ${text}: write CODE:REF:CURRENCY or CODE:REF:CURRENCY:ZONE`)
    return { code, name: code, ref, currency: unit, ...(zone === undefined ? {} : { zone }) }
  })
}
