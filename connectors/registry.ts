import { amazon } from './amazon/index.ts'
import type { Connector } from './contract.ts'
import { ebay } from './ebay/index.ts'
import { shopify } from './shopify/index.ts'
import { woocommerce } from './woocommerce/index.ts'

/** Every platform that the hub can talk to. Adding one is its folder, a line here and its test. */
export const connectors: readonly Connector[] = [woocommerce, amazon, ebay, shopify]

/** The connector of a platform, or undefined. */
export function connectorOf(platform: string): Connector | undefined {
  return connectors.find(connector => connector.platform === platform)
}
