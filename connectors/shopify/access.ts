import { z } from 'zod'

/** An account's settings: one shop. */
export const settingsShape = z.strictObject({
  /** The shop's own address, `https://NAME.myshopify.com`. */
  url: z.url({ protocol: /^https?$/ }),
  /** Whether Shopify writes to the buyer when we ship or cancel; not unless told. */
  notifyBuyers: z.boolean().optional(),
  /** How many times faster than a real shop polls and calls may go; for sandboxes. */
  scale: z.number().positive().max(1000).optional(),
})

/** Either a token that does not expire, or an app of the own organisation that asks for one each day. */
export const credentialsShape = z.union([
  z.strictObject({ accessToken: z.string().min(1), clientSecret: z.string().min(1).optional() }),
  z.strictObject({ clientId: z.string().min(1), clientSecret: z.string().min(1) }),
])

export type Settings = z.infer<typeof settingsShape>
export type Credentials = z.infer<typeof credentialsShape>

/** Shopify's global id of a thing whose number we know: `gid://shopify/Order/5`. */
export function gid(type: string, id: string): string {
  return `gid://shopify/${type}/${id}`
}

/** The number in a global id; ids have up to 64 bits, so they stay text. */
export function idOf(gid: string): string {
  return /\/(\d+)(?:\?.*)?$/.exec(gid)?.[1] ?? gid
}

/** Whether a text is the number of one of Shopify's things. */
export function isId(text: string): boolean {
  return /^\d{1,19}$/.test(text)
}
