import { expireLots, fill, fitAt, noteLeft, openOf, promise, reservedFor, settle } from './promises.ts'
import { freeOn, putOn, shelfOf, takeOff } from './shelves.ts'
import { inOrder, type Line, POOLS, type State } from './state.ts'

/** Brings what is promised or short of a line to `open` units. Fewer: shorts go first, then the newest promises. */
export function openLine(state: State, line: Line, open: number): void {
  let less = reservedFor(state, line) + line.short - open
  if (less > 0) {
    const fewer = Math.min(less, line.short)
    line.short -= fewer
    less -= fewer
    for (const one of openOf(state, promised => promised.line === line).toReversed()) {
      const take = Math.min(less, one.units)
      one.units -= take
      less -= take
    }
  } else if (less < 0) line.short += promiseMore(state, line, -less)
}

/** Promises a line more units, from what is free and then from what is kept back; answers how many there are not. */
function promiseMore(state: State, line: Line, units: number): number {
  let missing = units
  for (const withSafety of [false, true]) {
    const asked = missing
    const fits = POOLS[line.order.channel].map(place => ({ place, fit: fitAt(state, line.sku, line.parts, place, withSafety) }))
    // One location that has all of it is better than a split; then the channel's own order.
    for (const { place, fit } of [...fits.filter(one => one.fit >= asked), ...fits.filter(one => one.fit < asked)]) {
      const take = Math.min(missing, fit)
      if (take === 0) continue
      promise(state, { basket: `order/${line.order.id}`, item: line.sku, place, units: take, line, expires: null }, line.parts, withSafety)
      missing -= take
    }
  }
  return missing
}

/** Takes over what a hold keeps of the line's SKU, up to `open` units; only what was promised as the same parts that the line is sold as. */
export function adopt(state: State, line: Line, basket: string, open: number): void {
  let missing = open - reservedFor(state, line) - line.short
  const held = openOf(state, one => one.basket === basket && one.line === null && one.item === line.sku)
  for (const one of held.filter(hold => !hold.isPack || sameParts(hold.parts, line.parts))) {
    if (missing <= 0) break
    const take = Math.min(missing, one.units)
    const mine = { basket: `order/${line.order.id}`, line, expires: null }
    if (take === one.units) Object.assign(one, mine)
    else {
      one.units -= take
      state.last += 1
      state.promises.push({ ...one, ...mine, no: state.last, units: take })
    }
    missing -= take
  }
}

export const sameParts = (a: Line['parts'], b: Line['parts']): boolean =>
  a.length === b.length && a.every(part => b.some(other => other.sku === part.sku && other.each === part.each))

/** Hands over units of a line: promised ones, the oldest first; what was promised to nobody left all the same. */
export function shipLine(state: State, line: Line, units: number): void {
  let missing = units
  for (const one of openOf(state, promised => promised.line === line)) {
    const take = Math.min(missing, one.units)
    if (take > 0) settle(state, one, take)
    missing -= take
  }
  line.shipped += units
  line.short = Math.max(line.short - missing, 0)
  if (missing > 0)
    for (const part of line.parts.length > 0 ? line.parts : [{ sku: line.sku, each: 1 }]) leave(state, line, part.sku, missing * part.each)
}

/** Units leave from where most is free; what the books have not is found first. */
function leave(state: State, line: Line, sku: string, units: number): void {
  const [from] = POOLS[line.order.channel]
    .map(place => ({ place, free: freeOn(state, sku, place, true) }))
    .toSorted((a, b) => b.free - a.free)
  if (!from) return
  const shelf = shelfOf(state, sku, from.place)
  if (from.free < units) putOn(shelf, units - from.free)
  noteLeft(line, sku, from.place, takeOff(shelf, units))
}

/** Units come back to where they left from, the latest first, never more than left there: of a bundle first what left whole, then the parts that it was sold as. */
export function returnLine(state: State, line: Line, units: number): void {
  line.returned += units
  const whole = line.parts.length === 0 ? units : Math.min(units, Math.max(0, line.wholeOut))
  const parts = new Map(line.parts.map(part => [part.sku, (units - whole) * part.each]))
  line.wholeOut -= whole
  for (const sku of inOrder([line.sku, ...parts.keys()])) {
    const back = sku === line.sku ? whole : (parts.get(sku) ?? 0)
    if (back === 0) continue
    let more = back
    for (const went of line.left.filter(one => one.sku === sku && one.units > 0).toReversed()) {
      const take = Math.min(more, went.units)
      if (take === 0) break
      went.units -= take
      putOn(shelfOf(state, sku, went.place), take, 0, went.lot)
      more -= take
    }
    if (more > 0) putOn(shelfOf(state, sku, POOLS[line.order.channel][0]), more)
    expireLots(state, [sku])
    fill(state, [sku])
  }
}
