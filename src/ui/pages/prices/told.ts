import type { PriceEntryRow } from '../../../../db/price-entries.ts'
import type { AudienceNamed, PriceListTerms } from '../../../../db/price-lists.ts'
import { minute, money } from '../../format.ts'
import type { View } from '../../view.ts'

/** For whom a list is: `everyone`, `channel amazon-de`. */
export function audienceText({ t }: View, { kind, code }: AudienceNamed): string {
  return code === null ? t.prices.audiences[kind] : t.prices.audienceOf(t.prices.audiences[kind], code)
}

/** A period as people read it, in UTC. */
export function periodText({ t }: View, { from, to }: Pick<PriceListTerms, 'from' | 'to'>): string {
  if (from === null && to === null) return t.prices.always
  const begin = from === null ? t.prices.always : minute(new Date(from))
  return t.prices.period(begin, to === null ? t.prices.openEnd : minute(new Date(to)))
}

/** How prices of a list are meant. */
export function taxText({ t }: View, taxIncluded: boolean | null): string {
  return taxIncluded === null ? t.prices.tax.asChannel : taxIncluded ? t.prices.tax.included : t.prices.tax.excluded
}

type Said = Pick<PriceEntryRow, 'rule' | 'over' | 'baseList' | 'value'>

/** What an entry asks: `EUR 12.90`, `−10 % on cost`. */
export function entryText(view: View, { rule, over, baseList, value }: Said, currency: string): string {
  const t = view.t.prices.entry
  if (rule === 'none' || rule === 'remove') return t.told[rule]
  if (rule === 'fixed') return t.told.fixed(money(value, currency))
  if (rule === 'margin') return t.told.margin(value ?? '')
  const signed = (value ?? '').startsWith('-') ? `−${(value ?? '').slice(1)}` : `+${value ?? ''}`
  return t.told[rule](signed, over === 'list' ? t.overList(baseList ?? '') : t.overs[over ?? 'plain'])
}

/** Goods as people read them: the SKU itself, `category tea`, `all goods`. */
export function goodsText({ t }: View, { scope, of }: Pick<PriceEntryRow, 'scope' | 'of'>): string {
  if (scope === 'all') return t.prices.entry.scopes.all
  return scope === 'variant' ? (of ?? '') : `${t.prices.entry.scopes[scope]} ${of ?? ''}`
}
