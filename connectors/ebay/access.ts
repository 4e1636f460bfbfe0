import { z } from 'zod'

/** What is stored of an eBay account in the clear. */
export const settingsShape = z.strictObject({
  /** `https://api.ebay.com`, or `https://api.sandbox.ebay.com` for eBay's own sandbox. */
  endpoint: z.url({ protocol: /^https?$/ }),
  /** The language in which the offers are written, such as `de-DE`: eBay demands it of every write of an offer. */
  contentLanguage: z
    .string()
    .regex(/^[a-z]{2}-[A-Z]{2}$/)
    .optional(),
  /** When the refresh token ends, as eBay told on authorisation (18 months): the account's check tells how long it still lives. */
  refreshTokenUntil: z.iso.datetime({ offset: true }).optional(),
  /** Whom eBay writes to when it cannot deliver notifications. */
  alertEmail: z.email().optional(),
  /** Whether the seller has consented to `sell.finances`, too: only then can money be given back. */
  refunds: z.boolean().optional(),
  /** How many times faster than eBay polls and calls may go; only a sandbox has one. */
  scale: z.number().positive().optional(),
})

/** What is stored of an eBay account sealed: the application's key set, and the seller's consent. */
export const credentialsShape = z.strictObject({
  clientId: z.string().min(1),
  clientSecret: z.string().min(1),
  refreshToken: z.string().min(1),
})

export type Settings = z.infer<typeof settingsShape>
export type Credentials = z.infer<typeof credentialsShape>

const SCOPE = 'https://api.ebay.com/oauth/api_scope'

/** What the seller must have consented to, by what it is for. */
export const USER_SCOPES = {
  inventory: `${SCOPE}/sell.inventory`,
  fulfillment: `${SCOPE}/sell.fulfillment`,
  notification: `${SCOPE}/commerce.notification.subscription`,
} as const

/** What he must have consented to for refunds besides. */
export const REFUND_SCOPE = `${SCOPE}/sell.finances`

/** What the application may do by itself. */
export const APP_SCOPE = SCOPE
