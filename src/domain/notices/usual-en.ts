import type { NoticeKind } from './kinds.ts'
import type { NoticeTemplate } from './letter.ts'

const hello = 'Hello{{#name}} {{name}}{{/name}},'
const goods = '{{#lines}}\n- {{units}} × {{title}}\n{{/lines}}'
const link = '{{#link}}[Follow your order]({{link}}){{/link}}'
const where = '{{#place}}\nWhere: {{place}}\n{{/place}}\n{{#address}}\n{{address}}\n{{/address}}'

/* biome-ignore format: one letter after the other. */
/** Our own words for each notice, in English. */
export const usualEn: Readonly<Record<NoticeKind, NoticeTemplate>> = {
  confirmed: {
    subject: '{{shop}}: your order {{order}} is confirmed',
    body: `${hello}\n\nthank you for your order {{order}}. The goods are put aside for you:\n\n${goods}\n\n${link}\n\n{{shop}}`,
  },
  ready: {
    subject: '{{shop}}: order {{order}} is ready for you to collect',
    body: `${hello}\n\nyour goods are ready:\n\n${goods}\n\n# Your code: {{code}}\n\n${where}\n{{#collectBy}}\nUntil: {{collectBy}}\n{{/collectBy}}\n{{#hours}}\nOpen: {{hours}}\n{{/hours}}\n\nPlease bring the code. Whoever has it can collect the goods.\n\n${link}\n\n{{shop}}`,
  },
  reminder: {
    subject: '{{shop}}: order {{order}} waits for you until {{collectBy}}',
    body: `${hello}\n\nyour goods still wait for you:\n\n${goods}\n\n# Your code: {{code}}\n\n${where}\nUntil: {{collectBy}}\n{{#hours}}\nOpen: {{hours}}\n{{/hours}}\n\nAfterwards we cannot keep them for you any longer. If you need more time, tell us on the page of your order.\n\n${link}\n\n{{shop}}`,
  },
  extended: {
    subject: '{{shop}}: we keep order {{order}} until {{collectBy}}',
    body: `${hello}\n\nwe keep your goods for you until {{collectBy}}.\n\n# Your code: {{code}}\n\n${where}\n\n${link}\n\n{{shop}}`,
  },
  not_collected: {
    subject: '{{shop}}: order {{order}} was not collected',
    body: `${hello}\n\nthe time for collecting your order {{order}} is over, so the goods are no longer kept for you at the store:\n\n${goods}\n\nWhat becomes of the order stands on its page.\n\n${link}\n\n{{shop}}`,
  },
  choice_needed: {
    subject: '{{shop}}: order {{order}} needs your choice',
    body: `${hello}\n\nthe store cannot get these goods ready for you as we had promised, and we are sorry for that:\n\n${goods}\n\nPlease choose on the page of your order: collect them at another store, have them sent, or cancel.\n\n${link}\n\n{{shop}}`,
  },
  shipped: {
    subject: '{{shop}}: order {{order}} is on its way',
    body: `${hello}\n\nthese goods have left us:\n\n${goods}\n\n{{#parcels}}\n- {{carrier}} {{number}}: [follow the parcel]({{url}})\n{{/parcels}}\n\n${link}\n\n{{shop}}`,
  },
  short: {
    subject: '{{shop}}: something of order {{order}} is late',
    body: `${hello}\n\nsomething that you ordered turned out not to be there, and we are sorry for that:\n\n${goods}\n\nWe look for another way, and tell you how it goes on. You need not do anything.\n\n${link}\n\n{{shop}}`,
  },
  substituted: {
    subject: '{{shop}}: you get something else instead in order {{order}}',
    body: `${hello}\n\nsomething that you ordered turned out not to be there, and we are sorry for that. At the same price you get instead:\n\n{{#lines}}\n- {{units}} × {{title}}, instead of {{instead}}\n{{/lines}}\n\nIf that is not what you want, please tell us; you can give it back as well.\n\n${link}\n\n{{shop}}`,
  },
  cancelled: {
    subject: '{{shop}}: order {{order}} was cancelled',
    body: `${hello}\n\nthis was cancelled, and will not be sent or kept for you:\n\n${goods}\n\nWhat you paid for it is paid back.\n\n${link}\n\n{{shop}}`,
  },
  refunded: {
    subject: '{{shop}}: money for order {{order}} is on its way back',
    body: `${hello}\n\nwe have paid back {{amount}} for your order {{order}}. It can take a few days until your bank shows it.\n\n${link}\n\n{{shop}}`,
  },
}
