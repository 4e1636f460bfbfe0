import { z } from 'zod'
import type { ChannelAccess } from '../contract.ts'

/** An account's settings: one channel of a Vendure server, and the stock location whose stock the hub keeps. */
export const settingsShape = z.strictObject({
  /** Address of the Admin API; without a path, `/admin-api` is meant. */
  url: z.url({ protocol: /^https?$/ }),
  /** Token of the Vendure channel; the server's default channel unless told. */
  channelToken: z.string().min(1).optional(),
  /** Id of the stock location; may be left out where the server has only one. */
  stockLocation: z.string().min(1).optional(),
  /** Whether the hub's prices for this account hold the tax, which must be how the Vendure channel states its prices; they do unless told. */
  pricesIncludeTax: z.boolean().optional(),
  /** Codes of the shipping methods by which buyers collect, each with our location's code or name; Vendure itself knows no pick-up. */
  pickUpMethods: z.record(z.string().min(1), z.string().min(1)).optional(),
  /** How many times faster than with a real server polls and calls may go; for sandboxes. */
  scale: z.number().positive().max(1000).optional(),
})

/** An API key, or an administrator's name and password, with which a session is opened. */
export const credentialsShape = z.union([
  z.strictObject({ apiKey: z.string().min(1) }),
  z.strictObject({ username: z.string().min(1), password: z.string().min(1) }),
])

export type Settings = z.infer<typeof settingsShape>
export type Credentials = z.infer<typeof credentialsShape>

/** Where the Admin API is. */
export function apiOf({ url }: Settings): string {
  const plain = url.replace(/\/+$/, '')
  return new URL(plain).pathname === '/' ? `${plain}/admin-api` : plain
}

/** Whether a text may be an id: a number, or a UUID where the server is set up so. */
export function isId(text: string): boolean {
  return /^[\w-]{1,64}$/.test(text)
}

/** The account's channel of a currency: a Vendure channel has a price, and orders, in each of its currencies. */
export function channelOf(channels: readonly ChannelAccess[], currency: string): ChannelAccess | undefined {
  return channels.find(one => one.currency === currency)
}
