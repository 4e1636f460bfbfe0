import { askAccount, type RequestKind, type RequestRow, readAccounts, readRequest, setAccountState } from '../../db/accounts.ts'
import { type ChannelRow, channelCommand, readChannels, switchPreview } from '../../db/channels.ts'
import { onceMore } from '../../db/once-more.ts'
import { type ChannelShown, listChannelsShown } from '../../db/reads.ts'
import type { PushPace } from '../domain/sync/forecast.ts'
import { Fault } from '../values/fault.ts'
import { isCurrency } from '../values/money.ts'
import { seal, unsealText } from '../values/sealed.ts'
import { type Context, command } from './context.ts'
import { keepBuffersByRisk } from './risk.ts'
import type { WriteToken } from './write-token.ts'

/** What a platform needs of an account, by the connector's own shapes: `parse` answers the clean value or throws with what is wrong. */
export type PlatformShape = {
  readonly platform: string
  readonly stockPerAccount: boolean
  readonly readSettings: (value: unknown) => Record<string, unknown>
  readonly readCredentials: (value: unknown) => Record<string, unknown>
  /** Where the platform signs webhooks with a secret of its own: that secret, or null where the credentials do not hold it. */
  readonly webhookSecret?: (credentials: Record<string, unknown>) => string | null
  /** How prices that are due at an instant are taken; where it is not told, nothing is forecast. */
  readonly pace?: PushPace
  /** Within this time each accepted value is proven, or found lost and sent again, ms on the real platform. */
  readonly provenWithinMs?: number
  /** What the platform can do and what not. */
  readonly can?: PlatformCan
}

/** What a platform can do, as its connector declares it. */
export type PlatformCan = {
  readonly stockBasis: 'sellable' | 'physical'
  readonly stockPerAccount: boolean
  readonly acceptedIsNotApplied: boolean
  readonly saleDates: boolean
  readonly saleBeside: boolean
  readonly referencePrice: boolean
  readonly acts: readonly string[]
  readonly cancelsParts: boolean
  readonly statesShipBy?: boolean
  readonly cancelPaysBack?: { readonly whole?: boolean; readonly parts?: boolean }
  readonly returns: 'order' | 'report' | 'none'
  readonly arrival: 'webhook' | 'queue' | 'poll'
  /** Its order states, and what each asks of us. */
  readonly orderStates: Readonly<Record<string, string>>
}

/** How fast each platform takes pushes, by its name. */
export const pushPaces =
  (platforms: readonly PlatformShape[]) =>
  (name: string): PushPace | undefined =>
    platforms.find(one => one.platform === name)?.pace

export type NewChannel = {
  readonly code: string
  readonly name: string
  /** The platform's marketplace id; `shop` where an account is one shop. */
  readonly ref: string
  readonly currency: string
  readonly zone?: string
  readonly locale?: string
  readonly taxMode?: 'inclusive' | 'exclusive'
}

export type NewAccount = {
  readonly name: string
  readonly platform: string
  readonly settings: unknown
  readonly credentials: unknown
  /** Signs the platform's webhooks; when absent, the platform's own where the credentials hold it, else made up. */
  readonly webhookSecret?: string
  readonly channels: readonly NewChannel[]
  /** Codes of the locations that serve the channels, in order of preference; all of ours when absent. */
  readonly locations?: readonly string[]
}

export type CreatedAccount = { readonly accountId: number; readonly channels: readonly { readonly id: number; readonly code: string }[] }

/**
 * Connects an account with its channels. It begins in observe: listings, stock, prices and orders are read and nothing is written until a
 * person turns the switches. Faults: invalid (settings, credentials, currency), conflict (name or code taken), not_found (location).
 */
export async function createAccount(
  context: Context,
  platform: PlatformShape,
  account: NewAccount,
  key: string | null,
): Promise<CreatedAccount> {
  if (account.channels.length === 0)
    throw new Fault('invalid', 'an account needs at least one channel', { field: 'channels', expected: 'one or more' })
  for (const [at, channel] of account.channels.entries())
    if (!isCurrency(channel.currency))
      throw new Fault('invalid', `channel ${channel.code}: ${channel.currency} is no currency`, {
        field: `channels.${at}.currency`,
        value: channel.currency,
        expected: 'a currency code such as EUR',
      })
  const settings = platform.readSettings(account.settings)
  const credentials = platform.readCredentials(account.credentials)
  const secret = account.webhookSecret ?? platform.webhookSecret?.(credentials) ?? randomText(32)
  const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')
  const head = command(context, 'account.create', key, account)
  const payload = {
    ...head,
    name: account.name,
    platform: platform.platform,
    settings,
    credentials: base64(await seal(context.keyring, 'credentials', JSON.stringify(credentials))),
    webhookSecret: base64(await seal(context.keyring, 'webhook-secret', secret)),
    webhookToken: randomText(24),
    channels: account.channels,
    locations: account.locations ?? null,
    stockPerAccount: platform.stockPerAccount,
  }
  const answer = await onceMore(() => channelCommand(context.sql, 'account_create_1', payload))
  refuse(answer)
  return { accountId: Number(answer.accountId), channels: answer.channels as CreatedAccount['channels'] }
}

/** What stays as it is, is left out. `settings` are all of them. */
export type AccountChange = {
  readonly settings?: Readonly<Record<string, unknown>>
  readonly credentials?: Readonly<Record<string, unknown>>
}

/**
 * Changes how an account is reached: its settings, or new credentials in place of those that end. Lanes open anew with them, and the account is compared whole. Faults:
 * not_found, invalid (settings, credentials).
 */
export async function changeAccount(
  context: Context,
  platform: PlatformShape,
  name: string,
  change: AccountChange,
  key: string | null,
): Promise<void> {
  const settings = change.settings === undefined ? {} : { settings: platform.readSettings(change.settings) }
  const credentials = change.credentials === undefined ? null : platform.readCredentials(change.credentials)
  const secret = credentials === null ? null : (platform.webhookSecret?.(credentials) ?? null)
  const sealed = async (purpose: string, text: string): Promise<string> =>
    Buffer.from(await seal(context.keyring, purpose, text)).toString('base64')
  const payload = {
    ...command(context, 'account.set', key, { name, change }),
    ...{ name, ...settings },
    ...(credentials === null ? {} : { credentials: await sealed('credentials', JSON.stringify(credentials)) }),
    ...(secret === null ? {} : { webhookSecret: await sealed('webhook-secret', secret) }),
  }
  refuse(await onceMore(() => channelCommand(context.sql, 'account_set_1', payload)))
}

/** An account as it would be with a change, for whoever tries it before: what is not changed is as it is stored. Fault: not_found. */
export async function accountWith(context: Context, name: string, change: AccountChange) {
  const row = (await readAccounts(context.sql)).find(account => account.name === name)
  if (row === undefined) throw new Fault('not_found', `there is no account ${name}`, { field: 'account', value: name })
  const stored = async () => JSON.parse(await unsealText(context.keyring, 'credentials', row.credentials)) as Record<string, unknown>
  return { settings: change.settings ?? row.settings, credentials: change.credentials ?? (await stored()), channels: row.channels }
}

export type ChannelChange = {
  readonly publishStock?: boolean
  readonly publishPrices?: boolean
  readonly paused?: boolean
  /** Units kept back from this channel; ends a percentage. */
  readonly buffer?: number
  /** Percent of what is available kept back, rounded up; 0 to 100, at most two decimals; ends a number of units. */
  readonly bufferPercent?: number
  /** Keeps back what others may sell before this channel can know of it, by the risk that is worth it; null: no longer. Ends units and a percentage. */
  readonly bufferRisk?: RiskPolicy | null
  /** Most units shown; null: no cap. */
  readonly cap?: number | null
  /** Shows 0 where no more than this is available. */
  readonly stopSellingAt?: number
  /** Shows also what may be sold before it is there, by the terms of each SKU. */
  readonly sellAhead?: boolean
  /** Codes of the locations that serve it, in order of preference. */
  readonly locations?: readonly string[]
}

/** Of a unit, in one currency, decimal text above 0: what is lost when it is kept back, and what cancelling it costs when it was sold too much. */
export type RiskPolicy = { readonly margin: string; readonly cancellation: string }

/**
 * Turns a channel's switches and sets its policy and pool. Old versions of policy and pool are kept. Answers the write's token. Faults: not_found,
 * conflict, invalid (a pool without a location would show nothing of anything: pausing is what was meant).
 */
export async function changeChannel(context: Context, channel: string, change: ChannelChange, key: string | null): Promise<WriteToken> {
  const { locations, buffer, bufferPercent, bufferRisk } = change
  if (
    bufferPercent !== undefined &&
    !(bufferPercent >= 0 && bufferPercent <= 100 && Number.isInteger(Number((bufferPercent * 100).toFixed(6))))
  )
    throw new Fault('invalid', `${channel}: a buffer of ${bufferPercent} % cannot be kept.`, {
      field: 'bufferPercent',
      value: bufferPercent,
      expected: '0 to 100 with at most two decimals',
    })
  if (bufferPercent !== undefined && bufferPercent > 0 && buffer !== undefined && buffer > 0)
    throw new Fault('invalid', `${channel}: the buffer is ${buffer} units or ${bufferPercent} %, not both.`, {
      field: 'bufferPercent',
      value: bufferPercent,
      expected: 'buffer or bufferPercent; setting one ends the other',
    })
  if (bufferRisk && ((buffer ?? 0) > 0 || (bufferPercent ?? 0) > 0))
    throw new Fault('invalid', `${channel}: the buffer is by risk, or ${buffer ? `${buffer} units` : `${bufferPercent} %`}, not both.`, {
      field: 'bufferRisk',
      expected: 'one of buffer, bufferPercent, bufferRisk; setting one ends the others',
    })
  for (const [field, amount] of Object.entries(bufferRisk ?? {}))
    if (!/^\d{1,12}(\.\d{1,6})?$/.test(amount) || Number(amount) === 0)
      throw new Fault('invalid', `${channel}: ${field} ${amount} is no amount above 0.`, {
        field: `bufferRisk.${field}`,
        value: amount,
        expected: 'decimal text above 0 with at most six decimals, such as 4.50',
      })
  if (locations && (locations.length === 0 || new Set(locations).size < locations.length))
    throw new Fault('invalid', `${channel}: ${locations.length === 0 ? 'no location would serve it' : 'a location stands there twice'}`, {
      field: 'locations',
      value: locations.join(', '),
      expected: 'each location once, and at least one; pause the channel to stop selling there',
    })
  const payload = { ...command(context, 'channel.set', key, { channel, change }), channel, ...change }
  const answer = await onceMore(() => channelCommand(context.sql, 'channel_set_1', payload))
  refuse(answer)
  // Until the clock rings for it, nothing would be kept back.
  if (bufferRisk) await keepBuffersByRisk(context, new Date())
  return String(answer.token)
}

/** How much of what is available a channel shows, and which locations serve it. Fault: not_found. */
export async function showPolicy(context: Context, code: string): Promise<ChannelShown> {
  const [row] = await listChannelsShown(context.sql, code, 0, 1)
  if (row === undefined) throw new Fault('not_found', `there is no channel ${code}`, { field: 'channel', value: code })
  return row
}

/** Pauses an account (nothing is called any more) or lets it go on. Fault: not_found. */
export async function setAccountPaused(context: Context, account: string, paused: boolean, reason: string): Promise<void> {
  const row = (await readChannels(context.sql)).find(channel => channel.account === account)
  if (!row) throw new Fault('not_found', `there is no account ${account}`, { field: 'account', value: account })
  await setAccountState(context.sql, row.accountId, paused ? 'paused' : 'active', paused ? reason : null, null)
}

/** All channels with their switches and the state of their accounts. */
export async function listChannels(context: Context): Promise<ChannelRow[]> {
  return readChannels(context.sql)
}

/** The channel of this code. Fault: not_found. */
export async function findChannel(context: Context, code: string): Promise<ChannelRow> {
  const row = (await readChannels(context.sql)).find(channel => channel.code === code)
  if (!row) throw new Fault('not_found', `there is no channel ${code}`, { field: 'channel', value: code })
  return row
}

/** How many listings a channel's switches would set in motion. Fault: not_found. */
export async function previewSwitches(context: Context, code: string): ReturnType<typeof switchPreview> {
  return switchPreview(context.sql, (await findChannel(context, code)).id)
}

/**
 * Asks the holder of the account's lease to test the credentials, observe, compare or poll, because only the holder may call the platform.
 * Answers the request's id for `readAsked`. Fault: not_found.
 */
export async function askChannel(context: Context, code: string, kind: RequestKind): Promise<number> {
  const channel = await findChannel(context, code)
  return askAccount(context.sql, channel.accountId, kind, context.actor)
}

/** How a request stands. Fault: not_found. */
export async function readAsked(context: Context, id: number): Promise<RequestRow> {
  const request = await readRequest(context.sql, id)
  if (!request) throw new Fault('not_found', `there is no request ${id}`, { field: 'request', value: id })
  return request
}

function refuse(answer: Readonly<Record<string, unknown>>): void {
  const field = String(answer.field ?? '')
  const value = answer.value
  switch (answer.outcome) {
    case 'unknown':
      throw new Fault('not_found', `there is no ${field.replace(/s$/, '')} ${value}`, { field, value })
    case 'taken':
      throw new Fault('conflict', `the ${field} ${value} is taken`, { field, value, expected: 'another one' })
    case 'key_conflict':
      throw new Fault('conflict', 'this idempotency key was used with another body', { field: 'Idempotency-Key', expected: 'a new key' })
  }
}

function randomText(bytes: number): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString('base64url')
}
