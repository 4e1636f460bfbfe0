import { type Arriving, arrive, perSku, wrongLot } from './arrivals.ts'
import { expire } from './promises.ts'
import { shelfOf } from './shelves.ts'
import type { Answer, Delivery, Refusal, State } from './state.ts'
import { warnings } from './warnings.ts'

export type CreateDelivery = {
  readonly reference: string
  readonly location: string
  readonly expectedAt: string
  readonly lines: readonly { sku: string; quantity: number }[]
}
export type ReceiveDelivery = { readonly delivery: string; readonly lines?: readonly Arriving[]; readonly close?: boolean }
export type EndDelivery = {
  readonly delivery: string
  readonly act: 'cancel' | 'close'
  readonly lines?: readonly { readonly sku: string; readonly quantity?: number }[]
}

export type ChangeDelivery = { readonly delivery: string; readonly lines: readonly { readonly sku: string; readonly quantity: number }[] }

type Line = Delivery['lines'][number]
const restOf = (line: Line): number => Math.max(0, line.ordered - line.received - line.cancelled)

export function createDelivery(state: State, { reference, location, lines }: CreateDelivery): Answer {
  if (state.deliveries.some(one => one.reference === reference)) return { outcome: 'exists', reference }
  expire(
    state,
    lines.map(line => line.sku),
  )
  for (const { sku, quantity } of lines) shelfOf(state, sku, location).incoming += quantity
  state.deliveries.push({
    ...{ reference, place: location, state: 'open' },
    lines: lines.map(({ sku, quantity }) => ({ sku, ordered: quantity, received: 0, cancelled: 0 })),
  })
  return { outcome: 'created', reference }
}

/** What is ordered in all from now on; never less than what has come or will not come. */
export function changeDelivery(state: State, { delivery, lines }: ChangeDelivery): Answer {
  const one = taken(state, delivery)
  if ('outcome' in one) return one
  for (const [at, { sku, quantity }] of lines.entries()) {
    const line = one.lines.find(each => each.sku === sku)
    const least = line ? Math.min(line.ordered, line.received + line.cancelled) : 0
    if (quantity < least) return { outcome: 'too_few', line: at, sku, least: Math.max(1, least) }
  }
  expire(
    state,
    lines.map(line => line.sku),
  )
  for (const { sku, quantity } of lines) {
    const line = one.lines.find(each => each.sku === sku) ?? { sku, ordered: 0, received: 0, cancelled: 0 }
    if (!one.lines.includes(line)) one.lines.push(line)
    change(state, one, line, () => {
      line.ordered = quantity
    })
  }
  settleState(one)
  return { outcome: 'changed', state: one.state }
}

/** Goods of a delivery arrive: everything that is to come, or these; more than was ordered may come. */
export function receiveDelivery(state: State, { delivery, lines, close }: ReceiveDelivery): Answer {
  const one = taken(state, delivery)
  if ('outcome' in one) return one
  const parts = lines ?? one.lines.filter(line => restOf(line) > 0).map(line => ({ sku: line.sku, quantity: restOf(line) }))
  const wrong = stranger(one, parts) ?? wrongLot(parts)
  if (wrong) return wrong
  expire(
    state,
    [...parts, ...(close ? one.lines.filter(line => restOf(line) > 0) : [])].map(line => line.sku),
  )
  for (const part of parts) {
    const line = one.lines.find(each => each.sku === part.sku)
    if (line)
      change(state, one, line, () => {
        line.received += part.quantity
      })
    arrive(state, one.place, part)
  }
  if (close)
    for (const line of one.lines)
      change(state, one, line, () => {
        line.cancelled += restOf(line)
      })
  settleState(one)
  return {
    ...{ outcome: 'received', state: one.state },
    lines: perSku(parts).map(part => {
      const line = one.lines.find(each => each.sku === part.sku)
      return { ...part, received: line?.received, rest: line && restOf(line) }
    }),
    ...warnings(
      state,
      parts.map(part => ({ sku: part.sku, place: one.place, lot: 'lot' in part ? part.lot : undefined })),
    ),
  }
}

/** What has not come will not come. */
export function endDelivery(state: State, { delivery, act, lines }: EndDelivery): Answer {
  const one = taken(state, delivery)
  if ('outcome' in one) return one
  const wanted: NonNullable<EndDelivery['lines']> = lines ?? one.lines.filter(line => restOf(line) > 0).map(line => ({ sku: line.sku }))
  if (act === 'close' && one.lines.every(line => line.received === 0)) return { outcome: 'nothing_received', reference: one.reference }
  const wrong = stranger(one, wanted)
  if (wrong) return wrong
  expire(
    state,
    wanted.map(line => line.sku),
  )
  for (const [at, { sku, quantity }] of wanted.entries()) {
    const line = one.lines.find(each => each.sku === sku)
    if (!line) continue
    const rest = restOf(line)
    const asked = quantity ?? rest
    if (asked > rest || rest === 0) throw { refused: 'over', detail: { line: at, sku, asked, rest } } satisfies Refusal
    change(state, one, line, () => {
      line.cancelled += asked
    })
  }
  settleState(one)
  return { outcome: 'changed', state: one.state }
}

function taken(state: State, reference: string): Delivery | (Answer & { readonly outcome: string }) {
  const one = state.deliveries.find(each => each.reference === reference)
  if (!one) return { outcome: 'unknown', field: 'id' }
  return one.state === 'open' ? one : { outcome: 'ended', reference, state: one.state }
}

function stranger(delivery: Delivery, parts: readonly { readonly sku: string }[]): Answer | null {
  const line = parts.findIndex(part => !delivery.lines.some(one => one.sku === part.sku))
  return line < 0 ? null : { outcome: 'not_on_delivery', line, sku: parts[line]?.sku }
}

/** What is expected follows from the line. */
function change(state: State, { place }: Delivery, line: Line, act: () => void): void {
  const before = restOf(line)
  act()
  shelfOf(state, line.sku, place).incoming += restOf(line) - before
}

function settleState(delivery: Delivery): void {
  if (delivery.lines.some(line => restOf(line) > 0)) return
  delivery.state = delivery.lines.some(line => line.received > 0) ? 'received' : 'cancelled'
}
