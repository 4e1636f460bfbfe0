import { expire, fill, openOf, promiseAs, settle } from './promises.ts'
import { freeOn } from './shelves.ts'
import { type Answer, inOrder, PLACES, type Promised, SKUS, type State, sum } from './state.ts'

export type EndHold = {
  readonly basket: string
  readonly end: 'release' | 'settle'
  readonly lines?: readonly { sku: string; quantity: number }[]
}
export type ExtendHold = { readonly basket: string; readonly expiresAt: string | null }
export type MovePromise = { readonly basket: string; readonly to: string; readonly sku?: string; readonly quantity?: number }

const skusOf = (promises: readonly Promised[]): string[] => promises.flatMap(one => one.parts.map(part => part.sku))

/** Whatever the hold keeps or kept; null where nobody knows it. */
function known(state: State, basket: string): Promised[] | null {
  const all = state.promises.filter(one => one.basket === basket && one.line === null)
  return all.length === 0 ? null : all
}

const unknown = (basket: string): Answer => ({ outcome: 'unknown', field: 'basket', value: basket })

/** Ends a hold or a part of it. */
export function endHold(state: State, { basket, end, lines }: EndHold): Answer {
  const held = known(state, basket)
  if (!held) return unknown(basket)
  expire(state, skusOf(held))
  const wanted = lines && new Map<string, number>()
  for (const { sku, quantity } of lines ?? []) wanted?.set(sku, (wanted.get(sku) ?? 0) + quantity)
  const ended: Answer[] = []
  for (const one of openOf(state, promised => promised.basket === basket && promised.line === null)) {
    const take = wanted ? Math.min(one.units, wanted.get(one.item) ?? 0) : one.units
    if (take <= 0) continue
    if (end === 'settle') settle(state, one, take)
    else one.units -= take
    wanted?.set(one.item, (wanted.get(one.item) ?? 0) - take)
    ended.push({ sku: one.item, location: one.place, quantity: take })
  }
  if (ended.length === 0) return { outcome: 'ended', basket }
  fill(state, skusOf(held))
  return { outcome: end === 'settle' ? 'settled' : 'released', lines: ended }
}

/** What is open of a hold lasts longer; what is over is over. */
export function extendHold(state: State, { basket, expiresAt }: ExtendHold): Answer {
  const held = known(state, basket)
  if (!held) return unknown(basket)
  expire(state, skusOf(held))
  const open = openOf(state, one => one.basket === basket && one.line === null)
  if (open.length === 0) return { outcome: 'ended', basket }
  for (const one of open) one.expires = expiresAt === null ? null : Date.parse(expiresAt)
  return { outcome: 'extended', expiresAt }
}

/** Moves promises to a location that has all of them free, or none. */
export function movePromise(state: State, { basket, to, sku, quantity }: MovePromise): Answer {
  if (!(PLACES as readonly string[]).includes(to)) return { outcome: 'unknown', field: 'to', value: to }
  if (sku !== undefined && !(SKUS as readonly string[]).includes(sku)) return { outcome: 'unknown', field: 'sku', value: sku }
  const order = state.orders.find(one => `order/${one.id}` === basket)
  const ordered = order?.lines.flatMap(line => [line.sku, ...line.parts.map(part => part.sku)]) ?? []
  const concerned = [...skusOf(state.promises.filter(one => one.basket === basket)), ...ordered]
  expire(state, concerned)
  let left = quantity ?? Number.POSITIVE_INFINITY
  const moving: { one: Promised; units: number }[] = []
  for (const one of openOf(
    state,
    promised => promised.basket === basket && promised.place !== to && (sku === undefined || promised.item === sku),
  )) {
    const units = Math.min(one.units, left)
    if (units > 0) moving.push({ one, units })
    left -= units
  }
  const missing = inOrder(skusOf(moving.map(({ one }) => one)))
    .toSorted()
    .map(part => ({
      ...{ sku: part, location: to, available: freeOn(state, part, to) },
      asked: sum(moving.flatMap(({ one, units }) => one.parts.filter(made => made.sku === part).map(made => made.each * units))),
    }))
    .filter(part => part.available < part.asked)
  if (missing.length > 0) return { outcome: 'insufficient', missing }
  if (moving.length === 0) return { outcome: 'ended', basket }
  const lines = moving.map(({ one, units }) => {
    one.units -= units
    promiseAs(state, { ...one, place: to, units }, one.isPack ? one.parts : [])
    return { sku: one.item, from: one.place, quantity: units }
  })
  fill(state, concerned)
  return { outcome: 'moved', to, lines }
}
