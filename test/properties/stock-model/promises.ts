import { freeOn, putAside, reservedOn, shelfOf, takeOff } from './shelves.ts'
import { inOrder, type Left, type Line, type Part, POOLS, type Promised, type Shelf, type State, sum } from './state.ts'

/** Open promises, the oldest first. */
export const openOf = (state: State, which: (one: Promised) => boolean): Promised[] =>
  state.promises.filter(one => one.units > 0 && which(one)).toSorted((a, b) => a.no - b.no)

export const reservedFor = (state: State, line: Line): number => sum(openOf(state, one => one.line === line).map(one => one.units))

/** Units of an item that a location can promise: whole ones, and those that its parts make there. */
export function fitAt(state: State, item: string, parts: readonly Part[], place: string, withSafety: boolean): number {
  const made = parts.map(part => Math.floor(freeOn(state, part.sku, place, withSafety) / part.each))
  return freeOn(state, item, place, withSafety) + (made.length === 0 ? 0 : Math.min(...made))
}

type Wish = Pick<Promised, 'basket' | 'item' | 'place' | 'units' | 'line' | 'expires'>

export function promiseAs(state: State, wish: Wish, parts: readonly Part[]): void {
  state.last += 1
  const isPack = parts.length > 0
  state.promises.push({ ...wish, no: state.last, isPack, parts: isPack ? parts : [{ sku: wish.item, each: 1 }] })
}

/** Promises units at a location that has them: whole ones first, the rest as parts. */
export function promise(state: State, wish: Wish, parts: readonly Part[], withSafety: boolean): void {
  const whole = parts.length === 0 ? wish.units : Math.min(wish.units, freeOn(state, wish.item, wish.place, withSafety))
  if (whole > 0) promiseAs(state, { ...wish, units: whole }, [])
  if (whole < wish.units) promiseAs(state, { ...wish, units: wish.units - whole }, parts)
}

/** Remembers where units of a line left from: of one place and lot together, by their latest departure. */
export function noteLeft(line: Line, sku: string, place: string, went: readonly Pick<Left, 'lot' | 'units'>[]): void {
  for (const { lot, units } of went) {
    const at = line.left.findIndex(one => one.sku === sku && one.place === place && one.lot === lot)
    const before = at < 0 ? 0 : (line.left.splice(at, 1)[0]?.units ?? 0)
    line.left.push({ sku, place, lot, units: before + units })
  }
}

/** Promised units leave. What is remembered with the line is where from. */
export function settle(state: State, one: Promised, units: number): void {
  one.units -= units
  for (const part of one.parts) {
    const went = takeOff(shelfOf(state, part.sku, one.place), units * part.each)
    if (one.line) noteLeft(one.line, part.sku, one.place, went)
  }
  if (one.line && !one.isPack) one.line.wholeOut += units
}

/** A shelf has fewer units than it promised: holds give way first, then order lines, the newest first. Answers what became free of it. */
export function withdraw(state: State, shelf: Shelf, units: number): string[] {
  let missing = units
  const freed: string[] = []
  const there = openOf(state, one => one.place === shelf.place && one.parts.some(part => part.sku === shelf.sku)).toReversed()
  for (const one of [...there.filter(promised => !promised.line), ...there.filter(promised => promised.line)]) {
    if (missing <= 0) break
    const each = sum(one.parts.filter(part => part.sku === shelf.sku).map(part => part.each))
    const take = Math.min(Math.ceil(missing / each), one.units)
    one.units -= take
    if (one.line) one.line.short += take
    if (one.isPack) freed.push(...one.parts.map(part => part.sku))
    missing -= take * each
  }
  return freed
}

/** What is free goes to whoever is short of it, the oldest orders first, safety stock and all. */
export function fill(state: State, skus: readonly string[]): void {
  for (const sku of inOrder(skus)) {
    const short = state.orders
      .flatMap(order => order.lines)
      .filter(line => line.short > 0 && (line.sku === sku || line.parts.some(part => part.sku === sku)))
      .toSorted((a, b) => a.order.placedAt - b.order.placedAt || a.no - b.no)
    for (const line of short) for (const place of POOLS[line.order.channel]) fillAt(state, line, place)
  }
}

function fillAt(state: State, line: Line, place: string): void {
  const units = Math.min(line.short, fitAt(state, line.sku, line.parts, place, true))
  if (units === 0) return
  promise(state, { basket: `order/${line.order.id}`, item: line.sku, place, units, line, expires: null }, line.parts, true)
  line.short -= units
}

/** Ends the holds and lots of SKUs whose time is over, and hands on what became free. */
export function expire(state: State, skus: readonly string[]): void {
  const touched: string[] = []
  for (const one of openOf(state, hold => hold.expires !== null && hold.expires <= state.now)) {
    if (!one.parts.some(part => skus.includes(part.sku))) continue
    one.units = 0
    touched.push(...one.parts.map(part => part.sku))
  }
  touched.push(...expireLots(state, skus))
  fill(state, touched)
}

/** Puts aside what is past its time. Answers the SKUs that it concerned. */
export function expireLots(state: State, skus: readonly string[]): string[] {
  const touched: string[] = []
  for (const shelf of state.shelves.filter(one => skus.includes(one.sku))) {
    for (const lot of shelf.lots) {
      if (lot.expired || lot.expires === null || lot.expires > state.now || lot.quantity === 0) continue
      const units = lot.quantity - lot.unavailable
      const free = shelf.onHand - reservedOn(state, shelf) - shelf.unavailable
      if (units > free) touched.push(...withdraw(state, shelf, units - free))
      if (units > 0) touched.push(shelf.sku)
      putAside(shelf, units, lot)
      lot.expired = true
      lot.byExpiry += units
    }
  }
  return touched
}
