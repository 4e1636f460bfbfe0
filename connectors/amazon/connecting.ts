import type { Connecting } from '../../src/values/connecting.ts'

const HOST = 'https://sellingpartnerapi'

/** How people connect an Amazon seller account. */
export const connecting: Connecting = {
  steps: [
    {
      en: 'In Seller Central, Apps and Services > Develop Apps: register a private application with the roles below.',
      'zh-CN': '在 Seller Central 的“应用和服务 > 开发应用”中注册私有应用，并勾选下列角色。',
    },
    {
      en: 'Authorise the application for your own account: the refresh token is shown once. Client id and secret stand under “View” beside the application.',
      'zh-CN': '为自己的账户授权该应用：刷新令牌只显示一次。客户端 ID 和密钥在应用旁的“查看”中。',
    },
    {
      en: 'For orders within seconds: an SQS queue for this seller alone, to which 437568002678 may send; the hub subscribes it. Without one, orders come minutes later.',
      'zh-CN': '若需秒级接收订单：为该卖家单独建立 SQS 队列，并允许 437568002678 发送；由系统订阅。没有队列时订单会晚几分钟到达。',
    },
  ],
  scopes: ['Product Listing', 'Inventory and Order Tracking', 'Direct-to-Consumer Shipping (restricted)'],
  fields: {
    endpoint: {
      label: { en: 'Region', 'zh-CN': '区域' },
      where: {
        en: 'host of the Selling Partner API: -eu for Europe, -na for North America, -fe for the Far East',
        'zh-CN': 'Selling Partner API 主机：-eu 欧洲，-na 北美，-fe 远东',
      },
      given: `${HOST}-eu.amazon.com`,
      usual: [`${HOST}-eu.amazon.com`, `${HOST}-na.amazon.com`, `${HOST}-fe.amazon.com`],
    },
    tokenEndpoint: {
      label: { en: 'Address of Login with Amazon', 'zh-CN': 'Login with Amazon 地址' },
      where: { en: 'the same for every seller', 'zh-CN': '所有卖家相同' },
      given: 'https://api.amazon.com/auth/o2/token',
      isSeldom: true,
    },
    sellerId: {
      label: { en: 'Merchant token', 'zh-CN': '卖家编号（Merchant token）' },
      where: {
        en: 'Seller Central > Settings > Account Info > Your Merchant Token',
        'zh-CN': 'Seller Central > 设置 > 账户信息 > 您的卖家编号',
      },
      example: 'A3TH9S8BH6GOGM',
    },
    queueUrl: {
      label: { en: 'Address of the SQS queue', 'zh-CN': 'SQS 队列地址' },
      where: { en: 'empty: orders come by polling alone', 'zh-CN': '留空则仅通过轮询接收订单' },
      example: 'https://sqs.eu-west-1.amazonaws.com/1234/concord-orders',
    },
    personalData: {
      label: { en: 'Buyers’ names and addresses', 'zh-CN': '买家姓名和地址' },
      where: {
        en: '“no” where the application lacks the restricted role: Amazon refuses calls that ask for them',
        'zh-CN': '应用没有受限角色时选“否”：否则 Amazon 会拒绝相关调用',
      },
    },
    returns: {
      label: { en: 'Returns by report', 'zh-CN': '通过报告登记退货' },
      where: {
        en: '“no” where people count in what buyers send back: Amazon’s reports of returns are not read then',
        'zh-CN': '由人工清点买家退货时选“否”：则不读取 Amazon 的退货报告',
      },
      isSeldom: true,
    },
    clientId: {
      label: { en: 'Client id', 'zh-CN': '客户端 ID' },
      where: { en: 'begins with amzn1.application-oa2-client', 'zh-CN': '以 amzn1.application-oa2-client 开头' },
      isName: true,
    },
    clientSecret: {
      label: { en: 'Client secret', 'zh-CN': '客户端密钥' },
      where: { en: 'ends after 180 days unless rotated: note the day', 'zh-CN': '180 天后失效，需轮换：请记下日期' },
    },
    refreshToken: {
      label: { en: 'Refresh token', 'zh-CN': '刷新令牌' },
      where: { en: 'begins with Atzr|', 'zh-CN': '以 Atzr| 开头' },
    },
    queueKeyId: {
      label: { en: 'AWS key id of the queue', 'zh-CN': '队列的 AWS 密钥 ID' },
      where: {
        en: 'may receive, delete and get the attributes; only with a queue',
        'zh-CN': '需可接收、删除消息并读取属性；仅在使用队列时填写',
      },
      example: 'AKIA…',
      isName: true,
    },
    queueSecret: {
      label: { en: 'AWS secret of the queue', 'zh-CN': '队列的 AWS 密钥' },
      where: { en: 'only with a queue', 'zh-CN': '仅在使用队列时填写' },
    },
  },
  channel: {
    label: { en: 'Marketplace id', 'zh-CN': '商城编号' },
    where: { en: 'Amazon’s id of the country’s marketplace', 'zh-CN': 'Amazon 对该国家商城的编号' },
    example: 'A1PA6795UKMFR9',
    known: [
      { ref: 'A1PA6795UKMFR9', name: 'Amazon.de' },
      { ref: 'A13V1IB3VIYZZH', name: 'Amazon.fr' },
      { ref: 'APJ6JRA9NG5V4', name: 'Amazon.it' },
      { ref: 'A1RKKUPIHCS9HS', name: 'Amazon.es' },
      { ref: 'A1805IZSGTT6HS', name: 'Amazon.nl' },
      { ref: 'A2NODRKZP88ZB9', name: 'Amazon.se' },
      { ref: 'A1C3SOZRARQ6R3', name: 'Amazon.pl' },
      { ref: 'A1F83G8C2ARO7P', name: 'Amazon.co.uk' },
      { ref: 'ATVPDKIKX0DER', name: 'Amazon.com' },
      { ref: 'A2EUQ1WTGCTBG2', name: 'Amazon.ca' },
      { ref: 'A1VC38T7YXB528', name: 'Amazon.co.jp' },
    ],
  },
  mends: {
    token: 'refreshToken',
    marketplace: 'ref',
    marketplaces: 'refreshToken',
    seller: 'sellerId',
    orders: 'clientId',
    notification: 'queueUrl',
    order: 'queueUrl',
    returns: 'returns',
  },
}
