import type { Connecting } from '../../src/values/connecting.ts'

/** How people connect an eBay seller. */
export const connecting: Connecting = {
  steps: [
    {
      en: 'At developer.ebay.com make an application with a production key set: App ID and Cert ID.',
      'zh-CN': '在 developer.ebay.com 创建应用并取得生产环境密钥：App ID 和 Cert ID。',
    },
    {
      en: 'Let the seller consent to the scopes below (User Tokens > Get a Token from eBay via Your Application). eBay answers with a refresh token that lives 18 months.',
      'zh-CN': '让卖家同意下列权限（User Tokens > Get a Token from eBay via Your Application）。eBay 返回有效期 18 个月的刷新令牌。',
    },
    {
      en: 'In Seller Hub switch on out-of-stock control: without it eBay ends a listing whose quantity becomes 0.',
      'zh-CN': '在卖家中心开启缺货控制：否则数量变为 0 的刊登会被 eBay 结束。',
    },
  ],
  scopes: ['sell.inventory', 'sell.fulfillment', 'commerce.notification.subscription', 'sell.finances'],
  fields: {
    endpoint: {
      label: { en: 'Address of the API', 'zh-CN': 'API 地址' },
      where: { en: 'the second one is eBay’s own sandbox', 'zh-CN': '第二个为 eBay 自己的沙盒' },
      given: 'https://api.ebay.com',
      usual: ['https://api.ebay.com', 'https://api.sandbox.ebay.com'],
    },
    contentLanguage: {
      label: { en: 'Language of the offers', 'zh-CN': '刊登语言' },
      where: { en: 'in which the listings are written; empty: en-US', 'zh-CN': '刊登所用的语言；留空为 en-US' },
      example: 'de-DE',
    },
    refreshTokenUntil: {
      label: { en: 'The consent ends', 'zh-CN': '授权到期' },
      where: {
        en: 'as eBay told with the refresh token: the account check warns 30 days before; in UTC',
        'zh-CN': '以 eBay 随刷新令牌告知的时间为准：到期前 30 天账户检查会提醒；按 UTC 填写',
      },
    },
    alertEmail: {
      label: { en: 'E-mail for eBay', 'zh-CN': 'eBay 联系邮箱' },
      where: { en: 'whom eBay writes to when it cannot deliver notifications', 'zh-CN': 'eBay 无法送达通知时的联系人' },
      example: 'shop@example.org',
    },
    refunds: {
      label: { en: 'Refunds from here', 'zh-CN': '在此退款' },
      where: { en: '“yes” only where the seller consented to sell.finances, too', 'zh-CN': '仅当卖家也同意 sell.finances 时选“是”' },
    },
    clientId: {
      label: { en: 'App ID (client id)', 'zh-CN': 'App ID（客户端 ID）' },
      where: { en: 'of the production key set', 'zh-CN': '生产环境密钥' },
      isName: true,
    },
    clientSecret: {
      label: { en: 'Cert ID (client secret)', 'zh-CN': 'Cert ID（客户端密钥）' },
      where: { en: 'of the same key set', 'zh-CN': '同一组密钥' },
    },
    refreshToken: {
      label: { en: 'Refresh token', 'zh-CN': '刷新令牌' },
      where: { en: 'of the seller’s consent; begins with v^1.1', 'zh-CN': '来自卖家授权；以 v^1.1 开头' },
    },
  },
  channel: {
    label: { en: 'Marketplace', 'zh-CN': '站点' },
    where: { en: 'eBay’s own name of it', 'zh-CN': 'eBay 的站点名称' },
    example: 'EBAY_DE',
    known: [
      { ref: 'EBAY_DE', name: 'eBay.de' },
      { ref: 'EBAY_GB', name: 'eBay.co.uk' },
      { ref: 'EBAY_US', name: 'eBay.com' },
      { ref: 'EBAY_FR', name: 'eBay.fr' },
      { ref: 'EBAY_IT', name: 'eBay.it' },
      { ref: 'EBAY_ES', name: 'eBay.es' },
      { ref: 'EBAY_AT', name: 'eBay.at' },
      { ref: 'EBAY_NL', name: 'eBay.nl' },
      { ref: 'EBAY_AU', name: 'eBay.com.au' },
      { ref: 'EBAY_CA', name: 'eBay.ca' },
    ],
  },
  mends: {
    ...{ token: 'refreshToken', consent: 'refreshTokenUntil', marketplace: 'ref', inventory: 'refreshToken', orders: 'refreshToken' },
    ...{ application: 'clientId', notifications: 'refreshToken' },
  },
}
