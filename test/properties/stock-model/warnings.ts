import { shelfOf } from './shelves.ts'
import { type Answer, type State, TRACKED } from './state.ts'

/** What an answer says of units that came into lots, by place: which of these are past their time already. */
export function warnings(
  state: State,
  came: readonly { readonly sku: string; readonly place: string; readonly lot: string | undefined }[],
): Answer {
  const told = came.flatMap(({ sku, place, lot: code }) => {
    const lot = sku === TRACKED && code !== undefined ? shelfOf(state, sku, place).lots.find(one => one.code === code) : undefined
    if (!lot || lot.expires === null || lot.expires > state.now) return []
    return [{ code: 'expired', sku, location: place, lot: lot.code, expiredAt: new Date(lot.expires).toISOString() }]
  })
  const each = new Map(told.map(one => [`${one.location} ${one.lot}`, one]))
  return each.size === 0 ? {} : { warnings: [...each].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one) }
}
