import type { Words } from '../words.ts'

/** The words about what the buyer of an order sees and is told, in simplified Chinese. */
export const zhCNBuyer: Words['buyer'] = {
  title: '买家',
  link: '订单跟踪页面',
  noLink: '尚未生成页面。',
  linkHint: '任何持有此链接的人都能看到页面，包括取货码。',
  make: '生成页面',
  made: '页面已生成。',
  renew: '更换链接',
  renewed: '已生成新链接，旧链接失效。',
  forget: {
    title: '删除买家数据',
    link: '删除该买家的数据……',
    lead: '应买家要求：永久删除其订单中的姓名、地址、电话和电子邮件，订单跟踪页面随之失效。库存、销售和统计保持不变。',
    who: '提出要求的买家',
    asked: '订单编号或电子邮件地址',
    askedHint: '地址会与所有仍保留数据的订单逐一比对，可能需要一些时间。',
    search: '查找',
    found: '订单',
    none: '没有找到订单。较早订单的个人数据会按期限自动删除。',
    order: '订单',
    channel: '渠道',
    kept: '个人数据',
    yes: '保留中',
    no: '无（或已删除）',
    sure: '此操作无法撤销。平台之后告知的内容不会恢复数据。平台的加密消息在 30 天内删除；无法读取的消息按渠道的期限删除。',
    remove: '永久删除',
    choose: '请至少选择一个订单。',
    removed: n => `已删除 ${n} 个订单的数据。`,
  },
  forgotten: '该买家的个人数据已删除。',
}
