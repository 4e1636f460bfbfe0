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
  forgotten: '该买家的个人数据已删除。',
}
