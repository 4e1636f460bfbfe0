import { amazon } from './amazon/index.ts'
import type { Connector } from './contract.ts'
import { ebay } from './ebay/index.ts'
import { medusa } from './medusa/index.ts'
import type { Playable } from './sandbox-played.ts'
import { shopify } from './shopify/index.ts'
import { vendure } from './vendure/index.ts'
import { woocommerce } from './woocommerce/index.ts'

/** A platform: its connector, and how it is played, which is loaded only where somebody plays it. */
export type Platform = { readonly connector: Connector; readonly sandbox: () => Promise<{ readonly played: Playable }> }

/** Every platform that the hub can talk to. Adding one is its folder, a line here (with its import) and its test; everything else follows from this list. */
export const platforms: readonly Platform[] = [
  { connector: woocommerce, sandbox: () => import('./woocommerce/sandbox.ts') },
  { connector: amazon, sandbox: () => import('./amazon/sandbox.ts') },
  { connector: ebay, sandbox: () => import('./ebay/sandbox.ts') },
  { connector: shopify, sandbox: () => import('./shopify/sandbox.ts') },
  { connector: medusa, sandbox: () => import('./medusa/sandbox.ts') },
  { connector: vendure, sandbox: () => import('./vendure/sandbox.ts') },
]

export const connectors: readonly Connector[] = platforms.map(platform => platform.connector)

/** The connector of a platform, or undefined. */
export function connectorOf(platform: string): Connector | undefined {
  return connectors.find(connector => connector.platform === platform)
}
