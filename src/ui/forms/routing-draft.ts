import { RANKS, type RankBy, type RoutingRules } from '../../domain/fulfilment/rules.ts'
import { type Given, text } from './given.ts'

export const PLACE_KINDS = ['warehouse', 'store', 'distributor'] as const

/** Rules as they stand in a form: texts, right or wrong. */
export type RulesDraft = { readonly rules: readonly RuleDraft[]; readonly lateAfterHours: string }

export type RuleDraft = {
  readonly name: string
  readonly kinds: readonly string[]
  readonly locations: string
  readonly maxKm: string
  readonly maxPlaces: string
  readonly noSplitBelow: string
  readonly shipToStore: boolean
  readonly worth: Readonly<Record<RankBy, string>>
}

const MOST_RULES = 50

/** The field of a rule of a form. */
export const ruleField = (n: number, field: string): string => `rule-${n}-${field}`

export function draftOfRules({ rules, lateAfterHours }: RoutingRules): RulesDraft {
  const shown = (value: number | null): string => (value === null ? '' : `${value}`)
  return {
    rules: rules.map(rule => ({
      ...{ name: rule.name, kinds: rule.kinds ?? [], locations: rule.locations?.join(', ') ?? '', shipToStore: rule.shipToStore },
      ...{ maxKm: shown(rule.maxKm), maxPlaces: shown(rule.maxPlaces), noSplitBelow: shown(rule.noSplitBelow) },
      worth: worthOf(by => shown(rule.worth[by])),
    })),
    lateAfterHours: shown(lateAfterHours),
  }
}

/** What a form was sent with. */
export function givenRules(given: Given): RulesDraft {
  const count = Math.min(MOST_RULES, Number(/^\d{1,2}$/.exec(text(given, 'rules'))?.[0] ?? 0))
  return {
    rules: Array.from({ length: count }, (_, n) => {
      const of = (field: string): string => text(given, ruleField(n, field))
      return {
        ...{ name: of('name'), kinds: PLACE_KINDS.filter(kind => of(`kind-${kind}`) === 'yes'), locations: of('locations') },
        ...{ maxKm: of('maxKm'), maxPlaces: of('maxPlaces'), noSplitBelow: of('noSplitBelow'), shipToStore: of('shipToStore') === 'yes' },
        worth: worthOf(by => of(by)),
      }
    }),
    lateAfterHours: text(given, 'lateAfterHours'),
  }
}

/** The rules as use cases read them: what is no number stays text, and is refused there by its field. */
export function writtenRules({ rules, lateAfterHours }: RulesDraft): {
  readonly rules: readonly object[]
  readonly lateAfterHours: unknown
} {
  const numberOr = (typed: string): unknown =>
    typed === '' ? null : /^\d{1,12}([.,]\d{1,6})?$/.test(typed) ? Number(typed.replace(',', '.')) : typed
  return {
    rules: rules.map(rule => ({
      ...{ name: rule.name, kinds: rule.kinds.length === 0 ? null : rule.kinds, shipToStore: rule.shipToStore },
      locations: rule.locations === '' ? null : codesIn(rule.locations),
      ...{ maxKm: numberOr(rule.maxKm), maxPlaces: numberOr(rule.maxPlaces), noSplitBelow: numberOr(rule.noSplitBelow) },
      // What is empty does not count.
      worth: Object.fromEntries(RANKS.map(by => [by, rule.worth[by] === '' ? 0 : numberOr(rule.worth[by])])),
    })),
    lateAfterHours: numberOr(lateAfterHours),
  }
}

export const codesIn = (typed: string): string[] => typed.split(/[\s,，、]+/).filter(code => code !== '')

/** The draft after a button: a rule more, one less, or two exchanged. Anything else leaves it as it is. */
export function movedDraft(draft: RulesDraft, act: string, added: readonly RuleDraft[]): RulesDraft {
  if (act === 'add') return { ...draft, rules: [...draft.rules, ...added].slice(0, MOST_RULES) }
  const [, what, at = '0'] = /^(up|down|remove)-(\d{1,2})$/.exec(act) ?? []
  const n = Number(at)
  if (what === 'remove') return { ...draft, rules: draft.rules.filter((_, i) => i !== n) }
  const other = what === 'up' ? n - 1 : n + 1
  const [one, two] = [draft.rules[n], draft.rules[other]]
  if (what === undefined || one === undefined || two === undefined) return draft
  return { ...draft, rules: draft.rules.map((rule, i) => (i === n ? two : i === other ? one : rule)) }
}

function worthOf(of: (by: RankBy) => string): Record<RankBy, string> {
  return {
    ...{ parcel: of('parcel'), distance: of('distance'), handling: of('handling'), split: of('split') },
    ...{ promise: of('promise'), balance: of('balance'), oldest: of('oldest'), priority: of('priority') },
  }
}
