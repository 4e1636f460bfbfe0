import { z } from '@hono/zod-openapi'
import { ENTRIES_MOST } from '../../usecases/price-entries.ts'
import { UNITS_MOST } from '../../values/units.ts'
import { Code, Currency, Handle, Moment, Sku, text, Zone } from '../shapes.ts'
import { AcceptWindow } from './forecast-shape.ts'
import { Why } from './price-shape.ts'

const AUDIENCES = ['everyone', 'region', 'group', 'channel', 'tier', 'partner'] as const
const STATES = ['draft', 'approved', 'live', 'ended'] as const

const TermsOut = z
  .object({
    title: z.string(),
    currency: z.string(),
    kind: z.enum(['price', 'sale']),
    audience: z.object({ kind: z.enum(AUDIENCES), code: z.string().nullable() }),
    priority: z.int(),
    taxIncluded: z.boolean().nullable().openapi({ description: 'Null: as the channel that shows it.' }),
    from: z.string().nullable(),
    to: z.string().nullable().openapi({ description: 'The first instant at which it no longer holds.' }),
    fourEyes: z.boolean(),
  })
  .openapi('PriceListTerms')

export const PriceListOut = z
  .object({
    code: z.string(),
    state: z.enum(STATES).openapi({ description: '`live`: approved and in its period. `ended`: by a person, or its period is over.' }),
    terms: TermsOut,
    waitingTerms: TermsOut.nullable().openapi({ description: 'Terms that wait for approval; what is in `terms` holds meanwhile.' }),
    entries: z.int(),
    waitingEntries: z.int().openapi({ description: 'Entries that wait for approval, also to be taken away.' }),
    createdAt: z.string(),
    changedAt: z.string(),
    changedBy: z.string(),
    version: z.int().openapi({ description: 'Changes with every change; an approval names the one that was seen.' }),
  })
  .openapi('PriceList')

export const PriceListShownOut = PriceListOut.extend({
  gaps: z
    .array(
      z.object({
        channel: z.string(),
        because: z.enum(['no_region', 'no_tax_rate']),
        region: z.string().nullable(),
        category: z.string().nullable(),
        skus: z.int(),
        words: z.string().openapi({ description: 'With the next step.' }),
      }),
    )
    .openapi({
      description:
        'Channels that pass it over, as the tax between their basis and that of the list, or of what its rules lean on, is not known.',
    }),
  beaten: z
    .array(
      z.object({
        channel: z.string(),
        skus: z.int(),
        examples: z.array(
          z.object({
            sku: z.string(),
            list: z.string().nullable().openapi({ description: 'Null: a price typed for the SKU.' }),
            amount: z.string(),
            currency: z.string(),
          }),
        ),
        words: z.string(),
      }),
    )
    .openapi({
      description:
        'SKUs listed in a channel that another source prices before this list when it begins, with the first of them. No forecast counts them.',
    }),
  dearer: z
    .object({
      count: z.int(),
      examples: z.array(
        z.object({
          of: z.string().nullable().openapi({ description: 'A SKU, product or category; null: all.' }),
          rule: z.enum(['fixed', 'percent', 'amount', 'margin']),
          minQuantity: z.int(),
          value: z.string(),
          fewer: z.int(),
          fewerValue: z.string(),
        }),
      ),
      words: z.string(),
    })
    .nullable()
    .openapi({ description: 'Where a larger quantity costs more than a smaller one, by entries that stand or wait.' }),
  overlaps: z.array(z.object({ list: z.string(), state: z.enum(['draft', 'approved']), wins: z.string() })).openapi({
    description:
      'Lists of the same kind, audience and priority that price some of the same SKUs at the same time. `wins` holds there: what begins later, then the older list. Give them different priorities.',
  }),
}).openapi('PriceListShown')

export const PriceListIn = z.strictObject({
  title: text(200).optional().openapi({ description: 'The code unless told.' }),
  currency: Currency.optional().openapi({ description: 'A new list needs it.' }),
  kind: z
    .enum(['price', 'sale'])
    .optional()
    .openapi({ description: '`sale`: shown as a reduction of the regular price where it is lower.' }),
  audience: z
    .strictObject({ kind: z.enum(AUDIENCES), code: Code.nullable().default(null) })
    .optional()
    .openapi({
      description: 'Whom it is for; everyone unless told. The closest audience wins: partner, tier, channel, group, region, everyone.',
    }),
  priority: z
    .int()
    .min(-1_000_000)
    .max(1_000_000)
    .optional()
    .openapi({ description: 'Among lists for the same audience the highest wins.' }),
  taxIncluded: z.boolean().nullable().optional().openapi({
    description:
      'Null: its prices are as each channel shows them, with tax or without. What a rule leans on (cost has no tax, a plain price is as the channel shows it, a list as it states) is brought to this basis by the rate of the channel’s region.',
  }),
  from: Moment.nullable().optional(),
  to: Moment.nullable().optional().openapi({ description: 'The first instant at which it no longer holds; as `from`.' }),
  zone: Zone.optional().openapi({ description: 'Of local times; that of the channel, for a list for one.' }),
  fourEyes: z.boolean().optional().openapi({ description: 'Nobody approves what they wrote; later changes wait for approval, too.' }),
  why: Why,
  version: z.int().optional().openapi({ description: 'Refused as `stale` when it is not the present one.' }),
  acceptWindow: AcceptWindow,
})

const isAudience = (word: string): boolean => {
  const [kind, code] = word.split(':')
  return AUDIENCES.some(one => one === kind) && (code === undefined || Code.safeParse(code).success)
}

export const PriceListQuery = {
  state: z.enum(STATES).optional(),
  kind: z.enum(['price', 'sale']).optional(),
  currency: Currency.optional(),
  audience: z
    .string()
    .max(60)
    .refine(isAudience, 'is no audience: everyone, or region, group, channel, tier or partner, with its code')
    .optional()
    .openapi({ example: 'channel:woo-eu' }),
  waiting: z
    .enum(['true', 'false'])
    .optional()
    .openapi({ description: 'Only those on which something waits for approval, drafts among them.' }),
}

const RULES = ['fixed', 'percent', 'amount', 'margin', 'none'] as const
const SCOPES = ['variant', 'product', 'category', 'all'] as const

export const EntryIn = z.strictObject({
  sku: Sku.optional(),
  product: Handle.optional(),
  category: text(200).optional(),
  all: z.literal(true).optional(),
  minQuantity: z.int().min(1).max(UNITS_MOST).optional().openapi({ description: 'From this quantity on; 1 unless told.' }),
  rule: z.enum([...RULES, 'remove']).openapi({
    description:
      '`fixed`: `value` is the price. `percent`, `amount`: `value` more, or less, than what it is `over`. `margin`: `value` percent of the price, over cost. `none`: no price here. `remove`: nothing is said here any more, what speaks less closely holds.',
  }),
  over: z
    .enum(['plain', 'list', 'cost'])
    .optional()
    .openapi({ description: '`plain`: the price for everyone in the currency of the list.' }),
  baseList: Code.optional().openapi({ description: 'With `over` list.' }),
  value: z
    .string()
    .regex(/^-?\d{1,12}(\.\d{1,6})?$/, 'is no number: decimal text with at most 6 decimals, like "12.90"')
    .optional()
    .openapi({ example: '12.90' }),
})

export const EntriesIn = z.strictObject({ entries: z.array(EntryIn).min(1).max(ENTRIES_MOST), why: Why })

export const EntriesOut = z.object({
  changed: z.int(),
  waiting: z.boolean().openapi({ description: 'They wait for approval.' }),
  version: z.int(),
  replayed: z.boolean(),
})

export const EntryOut = z
  .object({
    scope: z.enum(SCOPES),
    of: z.string().nullable().openapi({ description: "The SKU, the product's handle or the category." }),
    minQuantity: z.int(),
    rule: z.enum([...RULES, 'remove']).openapi({ description: '`remove`: waits to be taken away.' }),
    over: z.enum(['plain', 'list', 'cost']).nullable(),
    baseList: z.string().nullable(),
    value: z.string().nullable(),
    why: z.string().nullable(),
    actor: z.string(),
    createdAt: z.string(),
    approvedBy: z.string().nullable(),
    since: z.string().nullable().openapi({ description: 'In force since; null: waits for approval.' }),
  })
  .openapi('PriceListEntry')

const Anything = z.record(z.string(), z.unknown()).nullable()

export const EventOut = z
  .object({
    at: z.string(),
    actor: z.string(),
    act: z.enum(['set', 'approve', 'reject', 'end', 'entry']),
    entry: z.object({ scope: z.enum(SCOPES), of: z.string().nullable(), minQuantity: z.int() }).nullable(),
    from: Anything.openapi({ description: 'What stood before: terms, or an entry; null: nothing.' }),
    to: Anything.openapi({ description: 'Null: an entry was taken away, or nothing was said of the terms.' }),
    waiting: z.boolean().openapi({ description: 'Waited for approval when it was written.' }),
    approvedBy: z.string().nullable(),
    inForceFrom: z.string().nullable(),
    inForceTo: z.string().nullable(),
    why: z.string().nullable(),
  })
  .openapi('PriceListEvent')

export const DecideIn = z.strictObject({ version: z.int().min(0).openapi({ description: 'Of the list as it was seen.' }), why: Why })
export const SetAsideIn = z.strictObject({ version: z.int().min(0).optional(), why: Why })
