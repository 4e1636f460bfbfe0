import type { Connecting } from '../../src/values/connecting.ts'

/** How people connect a channel of a Vendure server. */
export const connecting: Connecting = {
  steps: [
    {
      en: 'In Vendure’s dashboard make an API key for a role with the permissions below in this channel; the server’s authOptions.tokenMethod must list “api-key”.',
      'zh-CN': '在 Vendure 后台为拥有下列权限的角色创建 API key；服务器的 authOptions.tokenMethod 必须包含“api-key”。',
    },
    {
      en: 'Older servers: an administrator’s name and password; tokenMethod must list “bearer”.',
      'zh-CN': '旧服务器：使用管理员用户名和密码；tokenMethod 必须包含“bearer”。',
    },
  ],
  scopes: ['ReadCatalog', 'UpdateCatalog', 'ReadOrder', 'UpdateOrder'],
  fields: {
    url: {
      label: { en: 'Address of the server', 'zh-CN': '服务器地址' },
      where: { en: 'without a path, /admin-api is meant', 'zh-CN': '不带路径时默认为 /admin-api' },
      example: 'https://shop.example.org/admin-api',
    },
    channelToken: {
      label: { en: 'Token of the Vendure channel', 'zh-CN': 'Vendure 渠道令牌' },
      where: { en: 'Settings > Channels; empty: the server’s default channel', 'zh-CN': 'Settings > Channels；留空为服务器的默认渠道' },
    },
    stockLocation: {
      label: { en: 'Stock location', 'zh-CN': '库存地点编号' },
      where: { en: 'its id; may be empty where the server has only one', 'zh-CN': '地点编号；服务器只有一个地点时可留空' },
      example: '1',
    },
    pricesIncludeTax: {
      label: { en: 'Our prices include tax', 'zh-CN': '我们的价格含税' },
      where: { en: 'as the Vendure channel states its prices; yes unless chosen', 'zh-CN': '须与 Vendure 渠道一致；默认含税' },
    },
    pickUpMethods: {
      label: { en: 'Shipping methods for pick-up', 'zh-CN': '自提的配送方式' },
      where: {
        en: 'as JSON: the code of the method (Settings > Shipping methods), and the short name of our location',
        'zh-CN': '以 JSON 填写：配送方式的代码（Settings > Shipping methods）和我方地点的简称',
      },
      example: '{"store-pickup": "berlin"}',
      isSeldom: true,
    },
    apiKey: {
      label: { en: 'API key', 'zh-CN': 'API key 密钥' },
      where: { en: 'shown once when it is made', 'zh-CN': '创建时只显示一次' },
    },
    username: {
      label: { en: 'Name of an administrator', 'zh-CN': '管理员用户名' },
      where: { en: 'often an e-mail address', 'zh-CN': '通常为邮箱地址' },
      isName: true,
    },
    password: {
      label: { en: 'Password', 'zh-CN': '密码' },
      where: { en: 'a session is opened with it, and anew when it is over', 'zh-CN': '用于打开会话，结束后重新打开' },
    },
  },
  ways: [
    { en: 'API key', 'zh-CN': 'API key 密钥' },
    { en: 'Administrator', 'zh-CN': '管理员' },
  ],
  channel: {
    label: { en: 'Currency in Vendure', 'zh-CN': 'Vendure 中的币种' },
    where: { en: 'each channel here is one currency of the Vendure channel', 'zh-CN': '此处每个渠道对应 Vendure 渠道的一个币种' },
    example: 'EUR',
  },
  mends: {
    ...{ key: 'apiKey', address: 'url', channel: 'channelToken', permission: 'apiKey', stock: 'stockLocation', tax: 'pricesIncludeTax' },
    currency: 'currency',
  },
}
