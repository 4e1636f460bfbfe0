import { PLAIN_WORTH, RANKS, type RoutingRule, type RoutingRules } from './rules.ts'

export type ReadRules =
  | { readonly ok: true; readonly rules: RoutingRules }
  | { readonly ok: false; readonly field: string; readonly expected: string }

const KINDS = ['warehouse', 'store', 'distributor'] as const
/** Rules that are tried one after the other. */
export const RULES_MOST = 50
/** Locations that a rule names. */
const LOCATIONS_MOST = 1000
const MOST_WORTH = 1_000_000

type Loose = Readonly<Record<string, unknown>>
const isLoose = (value: unknown): value is Loose => typeof value === 'object' && value !== null && !Array.isArray(value)
const isNumber = (value: unknown, least: number, most: number): value is number =>
  typeof value === 'number' && value >= least && value <= most

const isCode = (value: unknown): value is string => typeof value === 'string' && value !== '' && value.length <= 120

/** Reads rules as a person wrote them: what is absent of a rule is as in the plain one. Tells the first field that is wrong. */
export function readRules(written: unknown): ReadRules {
  const wrong = (field: string, expected: string): ReadRules => ({ ok: false, field, expected })
  if (!isLoose(written)) return wrong('', 'an object with rules')
  const { rules, lateAfterHours = null, ...rest } = written
  const [strange] = Object.keys(rest)
  if (strange !== undefined) return wrong(strange, 'rules or lateAfterHours')
  if (lateAfterHours !== null && !(Number.isInteger(lateAfterHours) && isNumber(lateAfterHours, 1, 10_000)))
    return wrong('lateAfterHours', 'whole hours from 1 on, or null')
  if (!Array.isArray(rules) || rules.length === 0 || rules.length > RULES_MOST) return wrong('rules', `1 to ${RULES_MOST} rules`)
  const read: RoutingRule[] = []
  for (const [n, rule] of rules.entries()) {
    const one = readRule(rule)
    if (typeof one !== 'string') read.push(one)
    else {
      const [field = '', expected = ''] = one.split(': ')
      return wrong(field === '' ? `rules.${n}` : `rules.${n}.${field}`, expected)
    }
  }
  return { ok: true, rules: { rules: read, lateAfterHours } }
}

/** A rule, or `field: expected` of what is wrong with it. */
function readRule(rule: unknown): RoutingRule | string {
  if (!isLoose(rule)) return ': an object'
  const {
    name,
    kinds = null,
    locations = null,
    maxKm = null,
    maxPlaces = null,
    noSplitBelow = null,
    shipToStore = true,
    worth = {},
    ...rest
  } = rule
  const [strange] = Object.keys(rest)
  if (strange !== undefined) return `${strange}: no such field`
  if (typeof name !== 'string' || name.trim() === '' || name.length > 100) return 'name: 1 to 100 characters'
  if (
    kinds !== null &&
    !(Array.isArray(kinds) && kinds.length > 0 && kinds.length <= KINDS.length && kinds.every(kind => KINDS.includes(kind)))
  )
    return `kinds: some of ${KINDS.join(', ')}`
  if (
    locations !== null &&
    !(Array.isArray(locations) && locations.length > 0 && locations.length <= LOCATIONS_MOST && locations.every(isCode))
  )
    return `locations: 1 to ${LOCATIONS_MOST} codes of locations`
  if (maxKm !== null && !isNumber(maxKm, 0, 50_000)) return 'maxKm: kilometres'
  if (maxPlaces !== null && !(Number.isInteger(maxPlaces) && isNumber(maxPlaces, 1, 100))) return 'maxPlaces: 1 to 100'
  if (noSplitBelow !== null && !isNumber(noSplitBelow, 0, 1e12)) return 'noSplitBelow: an amount'
  if (typeof shipToStore !== 'boolean') return 'shipToStore: true or false'
  if (!isLoose(worth)) return 'worth: an object'
  for (const [by, money] of Object.entries(worth)) {
    if (!RANKS.some(one => one === by)) return `worth.${by}: one of ${RANKS.join(', ')}`
    if (!isNumber(money, 0, MOST_WORTH)) return `worth.${by}: an amount from 0 on`
  }
  const named = locations === null ? null : [...new Set<string>(locations)]
  return { name: name.trim(), kinds, locations: named, maxKm, maxPlaces, noSplitBelow, shipToStore, worth: { ...PLAIN_WORTH, ...worth } }
}
