import type { NoticeKind } from './kinds.ts'
import type { NoticeTemplate } from './letter.ts'

const hello = '{{#name}}{{name}}，{{/name}}您好！'
const goods = '{{#lines}}\n- {{units}} × {{title}}\n{{/lines}}'
const link = '{{#link}}[查看订单进度]({{link}}){{/link}}'
const where = '{{#place}}\n地点：{{place}}\n{{/place}}\n{{#address}}\n{{address}}\n{{/address}}'

/* biome-ignore format: one letter after the other. */
/** Our own words for each notice, in simplified Chinese. */
export const usualZhCN: Readonly<Record<NoticeKind, NoticeTemplate>> = {
  confirmed: {
    subject: '{{shop}}：您的订单 {{order}} 已确认',
    body: `${hello}\n\n感谢您的订单 {{order}}。以下商品已为您预留：\n\n${goods}\n\n${link}\n\n{{shop}}`,
  },
  ready: {
    subject: '{{shop}}：订单 {{order}} 可以取货了',
    body: `${hello}\n\n您的商品已备好：\n\n${goods}\n\n# 取货码：{{code}}\n\n${where}\n{{#collectBy}}\n保留至：{{collectBy}}\n{{/collectBy}}\n{{#hours}}\n营业时间：{{hours}}\n{{/hours}}\n\n请携带取货码。任何持有此码的人都可以取货。\n\n${link}\n\n{{shop}}`,
  },
  reminder: {
    subject: '{{shop}}：订单 {{order}} 为您保留至 {{collectBy}}',
    body: `${hello}\n\n您的商品仍在等您来取：\n\n${goods}\n\n# 取货码：{{code}}\n\n${where}\n保留至：{{collectBy}}\n{{#hours}}\n营业时间：{{hours}}\n{{/hours}}\n\n逾期我们将无法继续保留。如需更多时间，请在订单页面告诉我们。\n\n${link}\n\n{{shop}}`,
  },
  extended: {
    subject: '{{shop}}：订单 {{order}} 保留至 {{collectBy}}',
    body: `${hello}\n\n您的商品将为您保留至 {{collectBy}}。\n\n# 取货码：{{code}}\n\n${where}\n\n${link}\n\n{{shop}}`,
  },
  not_collected: {
    subject: '{{shop}}：订单 {{order}} 未取货',
    body: `${hello}\n\n订单 {{order}} 的取货时间已过，门店不再为您保留以下商品：\n\n${goods}\n\n订单后续情况请见订单页面。\n\n${link}\n\n{{shop}}`,
  },
  choice_needed: {
    subject: '{{shop}}：订单 {{order}} 需要您选择',
    body: `${hello}\n\n很抱歉，门店无法按约定为您备好以下商品：\n\n${goods}\n\n请在订单页面选择：到其他门店取货、改为快递，或取消。\n\n${link}\n\n{{shop}}`,
  },
  shipped: {
    subject: '{{shop}}：订单 {{order}} 已发货',
    body: `${hello}\n\n以下商品已发出：\n\n${goods}\n\n{{#parcels}}\n- {{carrier}} {{number}}：[查询包裹]({{url}})\n{{/parcels}}\n\n${link}\n\n{{shop}}`,
  },
  short: {
    subject: '{{shop}}：订单 {{order}} 部分商品延迟',
    body: `${hello}\n\n很抱歉，您订购的商品中有缺货：\n\n${goods}\n\n我们正在想办法，并会告知您后续情况。您无需操作。\n\n${link}\n\n{{shop}}`,
  },
  substituted: {
    subject: '{{shop}}：订单 {{order}} 中有商品已替换',
    body: `${hello}\n\n很抱歉，您订购的商品中有缺货。我们以原价为您换成：\n\n{{#lines}}\n- {{units}} × {{title}}（替代 {{instead}}）\n{{/lines}}\n\n如果您不需要，请告诉我们；也可以退货。\n\n${link}\n\n{{shop}}`,
  },
  cancelled: {
    subject: '{{shop}}：订单 {{order}} 已取消',
    body: `${hello}\n\n以下商品已取消，不再发货或保留：\n\n${goods}\n\n已付款项将退还给您。\n\n${link}\n\n{{shop}}`,
  },
  refunded: {
    subject: '{{shop}}：订单 {{order}} 已退款',
    body: `${hello}\n\n我们已为订单 {{order}} 退款 {{amount}}。银行到账可能需要几天。\n\n${link}\n\n{{shop}}`,
  },
}
