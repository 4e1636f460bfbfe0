import type { MarketRuleStated } from '../../../../db/market-rules.ts'
import type { MarketStepRow } from '../../../../db/market-steps.ts'
import type { MarketTried } from '../../../usecases/market-rules.ts'
import { listed, minute, money, number } from '../../format.ts'
import type { View } from '../../view.ts'
import { goodsText } from '../prices/told.ts'

type Rule = Pick<MarketRuleStated, 'mode' | 'value' | 'scope' | 'sku' | 'product' | 'category' | 'most' | 'competitors'>

/** How a rule follows the lowest offer. */
export function wayText({ t }: View, { mode, value }: Rule): string {
  const { ways } = t.market.rules
  return mode === 'match' ? ways.match : ways[mode](value ?? '')
}

/** The goods that a rule is for. */
export const ruleGoods = (view: View, { scope, sku, product, category }: Rule): string =>
  goodsText(view, { scope, of: sku ?? product ?? category })

/** Whom a rule watches. */
export const watched = (view: View, { competitors }: Rule): string =>
  competitors === null ? view.t.market.rules.any : listed(competitors, view.language)

/** Its limits: pace, price war, and the most. */
export function limitsText(
  view: View,
  rule: Rule & Pick<MarketRuleStated, 'stepsPerDay' | 'maxAgeMinutes' | 'warSteps' | 'warWindowMinutes'>,
): string[] {
  const t = view.t.market.rules
  const count = (value: number): string => number(value, view.language)
  return [
    t.pace(count(rule.stepsPerDay), count(rule.maxAgeMinutes)),
    t.war(count(rule.warSteps), count(rule.warWindowMinutes)),
    ...(rule.most === null ? [] : [t.mostOf(rule.most)]),
  ]
}

type Aim = {
  readonly competitor: string
  readonly asked: string
  readonly channel: string | null
  readonly target: string
  readonly clamp: MarketStepRow['clamp']
  /** Where the price is held, where something held it. */
  readonly to: string
}

function aimText(view: View, { competitor, asked, channel, target, clamp, to }: Aim): string {
  const t = view.t.market.aim
  const where = channel === null ? '' : ` ${t.there(channel)}`
  return listed([`${t.asks(competitor, asked)}${where}`, t.target(target), ...(clamp === null ? [] : [t.clamp[clamp](to)])], view.language)
}

/** Why a rule took a step. */
export function stepText(view: View, step: MarketStepRow): string {
  const { competitor, offer, currency } = step
  return aimText(view, {
    ...{ competitor, channel: offer.channel, clamp: step.clamp },
    ...{ asked: money(offer.amount, offer.currency), target: money(step.target, currency), to: money(step.to, currency) },
  })
}

/** Why a rule does what it does about a SKU now. */
export function triedText(view: View, tried: MarketTried): string {
  const t = view.t.market.tried
  const { act, offer, target, currency, reason, clamp } = tried
  const held = { floor: tried.floor, ceiling: tried.ceiling, most: tried.to }[clamp ?? 'most'] ?? tried.to ?? tried.price
  const aim =
    offer === null || target === null
      ? []
      : [
          aimText(view, {
            ...{ competitor: offer.competitor, channel: offer.channel, clamp },
            ...{ asked: money(offer.amount, offer.currency), target: money(target, currency), to: money(held, currency) },
          }),
        ]
  const said = {
    step: [],
    keep: [t.keep[(reason ?? 'there') as keyof typeof t.keep]],
    later: tried.at === null ? [] : [t.later(minute(tried.at))],
    war: [t.war],
    stopped: [t.stopped],
    other_rule: [t.other_rule],
  }[act]
  return [...said, ...(act === 'other_rule' ? [] : aim)].join(' ')
}
