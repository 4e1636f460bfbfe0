import type { NoticeValues } from './template.ts'

/** An order that nobody placed, to see a letter by. */
export function sampleValues(language: 'en' | 'zh-CN', publicUrl: string | null): NoticeValues {
  const isEnglish = language === 'en'
  return {
    order: '1042',
    shop: isEnglish ? 'Sample shop' : '示例商店',
    name: isEnglish ? 'Ana Sample' : '王小明',
    link: `${publicUrl ?? 'https://hub.example.org'}/track/sample`,
    place: isEnglish ? 'Main Street store' : '中山路店',
    address: isEnglish ? '1 Main Street, 10119' : '中山路1号，200001',
    hours: isEnglish ? 'Mon–Fri 09:00–18:00; Sat 10:00–16:00' : '周一–周五 09:00–18:00；周六 10:00–16:00',
    collectBy: isEnglish ? 'Mon 9 March at 18:00' : '3月9日周一 18:00',
    code: '123456',
    amount: 'EUR 24.90',
    lines: [
      { units: '2', title: isEnglish ? 'Mug, ink blue' : '马克杯（墨蓝）', instead: isEnglish ? 'Mug, sky blue' : '马克杯（天蓝）' },
      { units: '1', title: isEnglish ? 'Tote bag' : '帆布包', instead: isEnglish ? 'Tote bag, small' : '帆布包（小）' },
    ],
    parcels: [{ carrier: 'DHL', number: '00340434161094000000', url: 'https://carrier.example.org/00340434161094000000' }],
  }
}
