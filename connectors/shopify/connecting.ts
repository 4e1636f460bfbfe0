import type { Connecting } from '../../src/values/connecting.ts'

const CLIENT_SECRET = {
  label: { en: 'Client secret', 'zh-CN': '客户端密钥' },
  where: { en: 'of the app; Shopify signs webhooks with it', 'zh-CN': '应用的密钥；Shopify 用它签署 Webhook' },
} as const

/** How people connect a Shopify shop. */
export const connecting: Connecting = {
  steps: [
    {
      en: 'In Shopify’s Dev Dashboard (or Settings > Apps > Develop apps) make an app with the access scopes below and install it in the shop.',
      'zh-CN': '在 Shopify Dev Dashboard（或“设置 > 应用 > 开发应用”）中创建具有下列权限的应用，并安装到店铺。',
    },
    {
      en: 'Take the client id and secret from the app’s settings. Older apps show an access token (shpat_…) once instead.',
      'zh-CN': '在应用设置中取得客户端 ID 和密钥。旧应用改为显示一次访问令牌（shpat_…）。',
    },
  ],
  scopes: [
    ...['write_products', 'write_inventory', 'read_locations', 'write_orders', 'read_all_orders', 'read_returns'],
    ...['write_merchant_managed_fulfillment_orders', 'read_third_party_fulfillment_orders'],
  ],
  fields: {
    url: {
      label: { en: 'Address of the shop', 'zh-CN': '店铺地址' },
      where: { en: 'the one that ends in .myshopify.com: Settings > Domains', 'zh-CN': '以 .myshopify.com 结尾的地址：“设置 > 域名”' },
      example: 'https://my-shop.myshopify.com',
    },
    notifyBuyers: {
      label: { en: 'Shopify writes to the buyer', 'zh-CN': '由 Shopify 通知买家' },
      where: { en: 'when we ship or cancel; not unless chosen', 'zh-CN': '在我们发货或取消时；默认不通知' },
    },
    accessToken: {
      label: { en: 'Access token', 'zh-CN': '访问令牌' },
      where: { en: 'begins with shpat_', 'zh-CN': '以 shpat_ 开头' },
    },
    clientId: {
      label: { en: 'Client id', 'zh-CN': '客户端 ID' },
      where: { en: 'of the app', 'zh-CN': '应用的 ID' },
      isName: true,
    },
    clientSecret: CLIENT_SECRET,
  },
  ways: [
    { en: 'A token that does not expire', 'zh-CN': '不过期的令牌' },
    { en: 'Client id and secret: a token is asked for each day', 'zh-CN': '客户端 ID 和密钥：每天获取令牌' },
  ],
  channel: {
    label: { en: 'Location', 'zh-CN': '地点编号' },
    where: { en: 'Settings > Locations: the number at the end of the location’s address', 'zh-CN': '“设置 > 地点”：地点网址末尾的数字' },
    example: '70001',
  },
  mends: { token: 'accessToken', address: 'url', scope: 'accessToken', location: 'ref', currency: 'currency' },
}
