import type { PriceEffect } from '../../domain/pricing/effect.ts'
import { needsAnEye } from '../../usecases/price-effect-text.ts'
import { documentText, minute, money } from '../format.ts'
import type { View } from '../view.ts'

/** Where a price that was set is not simply shown from now on: channel by channel why, and what buyers go on seeing; empty where it goes out everywhere. */
export function effectsText(view: View, effects: readonly PriceEffect[]): string {
  return effects
    .filter(needsAnEye)
    .map(effect => effectText(view, effect))
    .join(' ')
}

function effectText(view: View, { channel, outcome, over, now, currency, decision }: PriceEffect): string {
  const t = view.t.skuPrices.effects
  const why =
    outcome === 'goes' || outcome === 'same' || outcome === 'not_listed'
      ? []
      : [
          t[outcome === 'held' && decision === 'rejected' ? 'rejected' : outcome],
          ...(now === null ? [] : [t.still(documentText(now, view.language, view.t.sku.shown.salePrice))]),
        ]
  const outranked =
    over === undefined
      ? []
      : [
          t.over(
            over.list === undefined ? t.typed(over.channel ?? null) : t.list(over.list),
            over.amount === undefined ? '' : money(over.amount, currency),
            over.until === undefined ? null : `${minute(new Date(over.until))} UTC`,
          ),
        ]
  return `${channel}: ${[...why, ...outranked].join(' ')}`
}
