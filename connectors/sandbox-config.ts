import { z } from 'zod'

/**
 * What the process of the sandboxes is told, in a file `config.json` (readable by its owner only) of the folder in which they keep their state.
 * The accounts in it exist nowhere else: the keys are made up on the first start.
 */
export const sandboxesShape = z.strictObject({
  /** Where all platforms and the control door answer, on the loopback. */
  port: z.int().min(1).max(65_535),
  /** Opens the control door. */
  token: z.string().min(32),
  /** Multiplies the platforms' published rates. */
  scale: z.number().positive(),
  /** Mean time to a webhook, a notification or an effect, ms. */
  lagMs: z.number().min(0),
  woocommerce: z.strictObject({ consumerKey: z.string(), consumerSecret: z.string(), currency: z.string() }),
  amazon: z.strictObject({
    clientId: z.string(),
    clientSecret: z.string(),
    refreshToken: z.string(),
    sellerId: z.string(),
    marketplaces: z.array(z.strictObject({ id: z.string(), currency: z.string(), country: z.string() })).min(1),
  }),
  /** Only where somebody asks for it; the demo has none. */
  ebay: z
    .strictObject({
      clientId: z.string(),
      clientSecret: z.string(),
      refreshToken: z.string(),
      marketplace: z.strictObject({ id: z.string(), currency: z.string(), country: z.string() }),
    })
    .optional(),
  /** Absent in the folders of earlier releases, where it is not played. */
  shopify: z.strictObject({ accessToken: z.string(), clientSecret: z.string(), currency: z.string() }).optional(),
})

export type SandboxesConfig = z.infer<typeof sandboxesShape>

/** The platforms that can be played. */
export const PLAYED = ['woocommerce', 'amazon', 'ebay', 'shopify'] as const

export type Played = (typeof PLAYED)[number]
