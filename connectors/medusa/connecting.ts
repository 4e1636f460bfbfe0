import type { Connecting } from '../../src/values/connecting.ts'

/** How people connect a Medusa server. */
export const connecting: Connecting = {
  steps: [
    {
      en: 'In Medusa’s admin, Settings > Secret API Keys > Create: the key is shown once. An admin user’s e-mail and password do as well.',
      'zh-CN': '在 Medusa 后台“Settings > Secret API Keys > Create”创建密钥：只显示一次。也可使用管理员邮箱和密码。',
    },
    {
      en: 'Settings > Locations & Shipping: connect each location to the sales channel that sells from it.',
      'zh-CN': '“Settings > Locations & Shipping”：把每个地点连接到从该地点销售的销售渠道。',
    },
  ],
  scopes: [],
  fields: {
    url: {
      label: { en: 'Address of the server', 'zh-CN': '服务器地址' },
      where: { en: 'of the Admin API, not of the storefront', 'zh-CN': 'Admin API 的地址，而非店面地址' },
      example: 'https://shop.example.com',
    },
    notifyBuyers: {
      label: { en: 'Medusa writes to the buyer', 'zh-CN': '由 Medusa 通知买家' },
      where: { en: 'when we ship; not unless chosen', 'zh-CN': '在我们发货时；默认不通知' },
    },
    pickUpOptions: {
      label: { en: 'Shipping options for pick-up', 'zh-CN': '自提的配送选项' },
      where: {
        en: 'their ids (Settings > Locations & Shipping), with commas: orders by them are collected at the location',
        'zh-CN': '其编号（Settings > Locations & Shipping），以逗号分隔：使用这些选项的订单在该地点自提',
      },
      example: 'so_01J…',
      isSeldom: true,
    },
    apiKey: {
      label: { en: 'Secret API key', 'zh-CN': 'Secret API key' },
      where: { en: 'begins with sk_; a publishable key (pk_) does not do', 'zh-CN': '以 sk_ 开头；不能使用公开密钥（pk_）' },
    },
    email: {
      label: { en: 'E-mail of an admin user', 'zh-CN': '管理员邮箱' },
      where: { en: 'Settings > Users', 'zh-CN': 'Settings > Users' },
      isName: true,
    },
    password: {
      label: { en: 'Password', 'zh-CN': '密码' },
      where: { en: 'a token is asked for each day', 'zh-CN': '每天获取令牌' },
    },
  },
  ways: [
    { en: 'Secret API key', 'zh-CN': 'Secret API key 密钥' },
    { en: 'Admin user', 'zh-CN': '管理员用户' },
  ],
  channel: {
    label: { en: 'Stock location', 'zh-CN': '库存地点编号' },
    where: {
      en: 'Settings > Locations & Shipping: the id at the end of the location’s address',
      'zh-CN': '“Settings > Locations & Shipping”：地点网址末尾的编号',
    },
    example: 'sloc_01J…',
  },
  mends: { key: 'apiKey', address: 'url', location: 'ref', locations: 'apiKey', orders: 'apiKey', currency: 'currency' },
}
