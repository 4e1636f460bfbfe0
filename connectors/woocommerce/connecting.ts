import type { Connecting } from '../../src/values/connecting.ts'

/** How people connect a WooCommerce shop. */
export const connecting: Connecting = {
  steps: [
    {
      en: 'In WordPress, Settings > Permalinks: choose anything but “Plain”; without that the shop has no API.',
      'zh-CN': '在 WordPress 的“设置 > 固定链接”中选择“朴素”以外的任何结构；否则店铺没有 API。',
    },
    {
      en: 'WooCommerce > Settings > Advanced > REST API > Add key: a user who is shop manager, permission Read/Write. Key and secret are shown once.',
      'zh-CN': '“WooCommerce > 设置 > 高级 > REST API > 添加密钥”：选择店铺经理用户，权限为“读/写”。密钥和密码只显示一次。',
    },
  ],
  scopes: ['Read/Write'],
  fields: {
    url: {
      label: { en: 'Address of the shop', 'zh-CN': '店铺地址' },
      where: { en: 'with the folder where WordPress lives in one', 'zh-CN': '如 WordPress 安装在子目录中，请包含该目录' },
      example: 'https://shop.example.org',
    },
    keysInQuery: {
      label: { en: 'Send the keys in the address', 'zh-CN': '在地址中传送密钥' },
      where: { en: 'only for hosts that strip the Authorization header', 'zh-CN': '仅用于会去除 Authorization 标头的主机' },
      isSeldom: true,
    },
    batchMax: {
      label: { en: 'Listings in one call', 'zh-CN': '单次调用的商品数' },
      where: { en: 'fewer than 100 where the host is slow', 'zh-CN': '主机较慢时请填小于 100 的数' },
      example: '50',
      isSeldom: true,
    },
    readyNote: {
      label: { en: 'Note to the buyer: ready for pick-up', 'zh-CN': '可自提时给买家的备注' },
      where: { en: 'what WooCommerce writes to the buyer', 'zh-CN': 'WooCommerce 发给买家的内容' },
      isSeldom: true,
    },
    orderStates: {
      label: { en: 'Order states of plug-ins', 'zh-CN': '插件的订单状态' },
      where: {
        en: 'as JSON: the state, and what it asks of us (ignore, reserve, settle, cancel, foreign)',
        'zh-CN': '以 JSON 填写：状态及其含义（ignore 忽略、reserve 预留、settle 出库、cancel 取消、foreign 平台发货）',
      },
      example: '{"awaiting-pickup": "reserve"}',
      isSeldom: true,
    },
    consumerKey: {
      label: { en: 'Consumer key', 'zh-CN': '用户密钥（Consumer key）' },
      where: { en: 'begins with ck_', 'zh-CN': '以 ck_ 开头' },
    },
    consumerSecret: {
      label: { en: 'Consumer secret', 'zh-CN': '用户密码（Consumer secret）' },
      where: { en: 'begins with cs_', 'zh-CN': '以 cs_ 开头' },
    },
    webhookSecret: {
      label: { en: 'Webhook secret', 'zh-CN': 'Webhook 密钥' },
      where: {
        en: 'letters and digits; empty: the hub makes one up and tells it to the shop',
        'zh-CN': '仅字母和数字；留空则由系统生成并告知店铺',
      },
      isSeldom: true,
    },
  },
  mends: { address: 'url', key: 'consumerSecret', write: 'consumerSecret', orders: 'consumerKey', currency: 'currency' },
}
