import { z } from 'zod'

/** An account's settings: one Medusa server. */
export const settingsShape = z.strictObject({
  /** The server's own address, such as `https://shop.example.com` (that of the Admin API, not of the storefront). */
  url: z.url({ protocol: /^https?$/ }),
  /** Whether Medusa tells the buyer when we ship; not unless told. */
  notifyBuyers: z.boolean().optional(),
  /** Ids of the shipping options by which buyers collect at the location; an order does not say it by itself. */
  pickUpOptions: z.array(z.string().min(1)).max(100).optional(),
  /** How many times faster than a real shop polls and calls may go; for sandboxes. */
  scale: z.number().positive().max(1000).optional(),
})

/** Either a secret API key, or an admin user whose token is asked for anew each day. */
export const credentialsShape = z.union([
  z.strictObject({ apiKey: z.string().min(1) }),
  z.strictObject({ email: z.string().min(1), password: z.string().min(1) }),
])

export type Settings = z.infer<typeof settingsShape>
export type Credentials = z.infer<typeof credentialsShape>

/** Whether a text is an id of Medusa's: a word of at most 100 letters, digits, `_` and `-`. Own ids of a shop's importer may look like anything else of that kind. */
export function isId(text: string): boolean {
  return /^[\w-]{1,100}$/.test(text)
}
