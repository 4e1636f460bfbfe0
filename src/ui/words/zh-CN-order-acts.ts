import type { Words } from '../words.ts'

/** The words about what a platform is asked to do with an order, in simplified Chinese. */
export const zhCNOrderActs: Words['orderActs'] = {
  names: { acknowledge: '确认接单', ready: '可自提', ship: '发货', cancel: '取消', refund: '退款' },
  cause: '原因类别',
  causes: {
    customer: '买家要求',
    stock: '缺货',
    undeliverable: '无法送达',
    price: '价格有误',
    fraud: '疑似欺诈',
    other: '其他原因',
    returned: '商品已退回',
    lost: '买家未收到',
    faulty: '与描述不符或已损坏',
  },
  acknowledge: '确认接单',
  acknowledgeHint: '通知渠道订单已接受。',
  ready: '可自提',
  readyHint: n => `通知渠道有 ${n} 件可以自提；库存不变。`,
  told: (number, n) => `订单 ${number}：正在就 ${n} 件通知渠道，答复显示在下方。`,
  again: '再次请求',
  againHint: '请先按渠道的说明处理，或直接在渠道中手动完成。本系统中已登记。',
  refund: '退款',
  refundHint: '通过渠道退款。库存不变：退回的商品另行登记退货。',
  refundLine: sku => `${sku} 的退款金额`,
  refundUnits: ordered => `对应件数（共 ${ordered} 件）`,
  refundShipping: '运费退款金额',
  refundNothing: '请填写某一行或运费的退款金额。',
  refunded: number => `订单 ${number}：正在请求渠道退款，答复显示在下方。`,
  cannotRefund: platform => `${platform} 不接受我们的退款请求：请在平台后台退款。`,
  cancelsWhole: platform => `${platform} 只能整单取消。`,
}
