import { z } from 'zod'

/** What is stored of an Amazon account in the clear. */
export const settingsShape = z.object({
  /** Selling Partner API host of the region, such as `https://sellingpartnerapi-eu.amazon.com`. */
  endpoint: z.url(),
  /** Login with Amazon, normally `https://api.amazon.com/auth/o2/token`. */
  tokenEndpoint: z.url(),
  /** Merchant token from Seller Central, such as `A3TH9S8BH6GOGM`. */
  sellerId: z.string().min(1),
  /** The SQS queue that receives this account's notifications and no other account's. Without it, orders arrive by polling only. */
  queueUrl: z.url().optional(),
  /** Multiplies all published rates; only a sandbox has one. */
  scale: z.number().positive().optional(),
  /** Whether the application holds the role for buyers' names and addresses; without it Amazon refuses calls that ask for them. */
  personalData: z.boolean().optional(),
  /** False: people count in what buyers send back, and Amazon's reports of returns are not read. */
  returns: z.boolean().optional(),
})

/** What is stored of an Amazon account sealed. */
export const credentialsShape = z.object({
  clientId: z.string().min(1),
  clientSecret: z.string().min(1),
  refreshToken: z.string().min(1),
  /** AWS key that may receive and delete on the queue; a real queue needs it. */
  queueKeyId: z.string().min(1).optional(),
  queueSecret: z.string().min(1).optional(),
})

export type Settings = z.infer<typeof settingsShape>
export type Credentials = z.infer<typeof credentialsShape>
