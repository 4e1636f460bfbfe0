import type { Words } from '../words.ts'

/** The words about what an order costs, in simplified Chinese. */
export const zhCNOrderAmounts: Words['orderAmounts'] = {
  title: '金额',
  included: '价格含税',
  onTop: '税额另计',
  unitWithTax: '含税单价',
  unitWithoutTax: '未税单价',
  what: '项目',
  columns: { price: '价格', discount: '折扣', tax: '税额', total: '合计' },
  shipping: '运费',
  fees: '附加费',
  discount: '整单折扣',
  tax: '税额合计',
  total: '总计',
  giftCards: '礼品卡支付',
  paid: '已付',
  amiss: difference => `渠道给出的金额不符：合计与各项之和相差 ${difference}。已按原样保留，请与平台核对。`,
  rounding: difference => `渠道给出的金额有舍入差异：${difference}。已按原样保留。`,
}
