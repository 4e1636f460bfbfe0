import { woocommerce } from '../../connectors/woocommerce/index.ts'
import { makeWooSandbox } from '../../connectors/woocommerce/sandbox.ts'
import { woocommerceWebhook } from '../../connectors/woocommerce/webhook.ts'
import { conformance } from './conformance.ts'
import { openStage, type Stage, type Traits } from './stage.ts'

const traits: Traits = {
  operations: { push: 'products.batch', listings: 'products.list', orders: 'orders.list', ship: 'orders.update' },
  tellsReturns: true,
  door: woocommerceWebhook,
}
const keys = { consumerKey: 'ck_0123456789', consumerSecret: 'cs_9876543210' }

function open(more: { shipmentTracking?: boolean } = {}): Promise<Stage> {
  const channels = [{ ref: 'shop', currency: 'EUR', zone: 'Europe/Berlin' }]
  return openStage({
    connector: woocommerce,
    traits,
    makeSandbox: options => makeWooSandbox({ ...options, ...keys, ...more, currency: 'EUR' }),
    access: url => ({ settings: { url }, credentials: keys, channels }),
    stranger: url => ({ settings: { url }, credentials: { ...keys, consumerSecret: 'cs_wrong' }, channels }),
    secrets: [keys.consumerSecret, 'cs_wrong'],
  })
}

conformance('WooCommerce', { connector: woocommerce, traits, open: () => open() })
