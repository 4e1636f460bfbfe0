import type { Arriving } from './arrivals.ts'
import type { Change } from './changes.ts'
import type { Command } from './commands.ts'
import type { Stated, StatedLine } from './orders.ts'
import { type Order, type State, TRACKED } from './state.ts'
import type { Step } from './steps.ts'

/** What a history has done so far. */
export type Past = { readonly commands: Command[]; count: number }

/** What a step comes to, by what there is; null where there is nothing that it could concern. */
export function resolve(step: Step, state: State, past: Past): Command | null {
  past.count += 1
  const name = `${past.count}`
  const keyed = <Fn extends string>(fn: Fn) => ({ scope: 'model', key: `k${name}`, kind: fn, hash: `h${name}` })
  switch (step.do) {
    case 'pass':
      return { fn: 'pass', minutes: step.minutes, sweep: step.sweep }
    case 'again':
      return again(pick(past.commands, step.which), step.other)
    case 'change':
      return { fn: 'stock_change_2', cmd: { ...keyed('stock_change_2'), lines: step.lines.map(line => changeLine(line, state)) } }
    case 'reserve': {
      const requests = step.requests.map((request, at) => ({
        ...{ scope: 'model', key: `k${name}-${at}`, kind: 'reserve', hash: `h${name}-${at}` },
        ...{ channel: request.channel, partial: request.partial, prefer: request.prefer, expiresAt: later(state, request.expiresIn) },
        lines: request.lines.map(line => ({ sku: line.sku, quantity: line.quantity, location: line.place })),
      }))
      const twins = step.twin === null ? [] : requests.slice(0, 1).map(one => (step.twin ? one : { ...one, hash: 'another' }))
      return { fn: 'stock_reserve_2', requests: [...requests, ...twins] }
    }
    case 'extend': {
      const basket = pick(holds(state), step.which)
      if (basket === undefined) return null
      return { fn: 'stock_extend_hold_1', cmd: { ...keyed('stock_extend_hold_1'), basket, expiresAt: later(state, step.expiresIn) } }
    }
    case 'end': {
      const basket = pick(holds(state), step.which)
      if (basket === undefined) return null
      const end = step.end as 'release' | 'settle'
      return { fn: 'stock_end_hold_1', cmd: { ...keyed('stock_end_hold_1'), basket, end, ...(step.part ? { lines: step.part } : {}) } }
    }
    case 'move': {
      const order = pick(state.orders, step.which)
      const basket = step.ofOrder ? order && `order/${order.id}` : pick(holds(state), step.which)
      if (basket === undefined) return null
      const told = { ...(step.sku ? { sku: step.sku } : {}), ...(step.quantity ? { quantity: step.quantity } : {}) }
      return { fn: 'stock_move_promise_2', cmd: { ...keyed('stock_move_promise_2'), basket, to: step.to, ...told } }
    }
    case 'order': {
      const basket = step.hold === null ? null : (pick(holds(state), step.hold) ?? null)
      const lines = step.lines.map((line, at) => ({ id: `${at + 1}`, cancelled: 0, shipped: 0, returned: 0, ...line }))
      // A hold is bought as it stands, for the most part.
      const held = state.promises.filter(one => one.basket === basket && one.units > 0 && one.line === null)
      const bought = lines.map((line, at) => ({ ...line, sku: held[at]?.item ?? line.sku }))
      const effect = step.unpaid ? ('ignore' as const) : ('reserve' as const)
      const placedAt = state.now - step.placed * 60_000
      const placed = stated({
        id: `o${name}`,
        channel: step.channel,
        effect,
        stamp: state.now,
        placedAt,
        fresh: false,
        basket,
        lines: bought,
      })
      const other = step.also === null ? undefined : pick(state.orders, step.also)
      return { fn: 'orders_book_1', orders: other ? [placed, restated({ ...LATER, which: step.also ?? 0 }, other, state)] : [placed] }
    }
    case 'restate': {
      const order = pick(state.orders, step.which)
      return order ? { fn: 'orders_book_1', orders: [restated(step, order, state)] } : null
    }
    case 'ship':
    case 'cancel': {
      const order = pick(state.orders, step.which)
      if (!order) return null
      const fn = step.do === 'ship' ? ('order_ship_1' as const) : ('order_cancel_1' as const)
      const lines = step.part?.slice(0, order.lines.length).map((quantity, at) => ({ id: `${at + 1}`, quantity }))
      return { fn, cmd: { ...keyed(fn), order: order.id, ...(lines ? { lines } : {}) } }
    }
    case 'bundle':
      return { fn: 'bundle_set_1', cmd: { ...keyed('bundle_set_1'), sku: step.sku, parts: step.parts } }
    case 'deliver': {
      const reference = step.again ? (pick(state.deliveries, 0)?.reference ?? `d${name}`) : `d${name}`
      return {
        fn: 'delivery_create_1',
        cmd: {
          ...keyed('delivery_create_1'),
          reference,
          location: step.place,
          expectedAt: new Date(state.now).toISOString(),
          lines: step.lines,
        },
      }
    }
    case 'changeDelivery': {
      const delivery = pick(state.deliveries, step.which)
      if (!delivery) return null
      return { fn: 'delivery_change_1', cmd: { ...keyed('delivery_change_1'), delivery: delivery.reference, lines: step.lines } }
    }
    case 'lot': {
      const { place: location, code: lot } = step
      return { fn: 'lot_set_1', cmd: { ...keyed('lot_set_1'), sku: TRACKED, location, lot, expiresAt: later(state, step.expiresIn) } }
    }
    case 'receive': {
      const delivery = pick(state.deliveries, step.which)
      if (!delivery) return null
      const lines = step.parts?.map(part => arrivingLine(part, delivery.lines, state))
      const cmd = { ...keyed('delivery_receive_1'), delivery: delivery.reference, close: step.close, ...(lines ? { lines } : {}) }
      return { fn: 'delivery_receive_1', cmd }
    }
    case 'endDelivery': {
      const delivery = pick(state.deliveries, step.which)
      if (!delivery) return null
      // Each SKU once: the door sees to that.
      const parts = step.parts?.filter(
        (part, at, all) => all.findIndex(one => skuAt(delivery.lines, one.which) === skuAt(delivery.lines, part.which)) === at,
      )
      const lines = parts?.map(part => ({
        sku: skuAt(delivery.lines, part.which),
        ...(part.quantity ? { quantity: part.quantity } : {}),
      }))
      return {
        fn: 'delivery_end_1',
        cmd: { ...keyed('delivery_end_1'), delivery: delivery.reference, act: step.act, ...(lines ? { lines } : {}) },
      }
    }
    case 'request':
      if (step.from === step.to) return null
      return {
        fn: 'transfer_request_1',
        cmd: { ...keyed('transfer_request_1'), reference: `t${name}`, from: step.from, to: step.to, lines: step.lines },
      }
    case 'travel': {
      const transfer = pick(state.transfers, step.which)
      if (!transfer) return null
      const fn = step.act as 'transfer_send_1' | 'transfer_receive_1' | 'transfer_resolve_1' | 'transfer_cancel_1'
      const lines = step.parts?.map(part => arrivingLine(part, transfer.lines, state))
      const lost = fn === 'transfer_resolve_1' ? { as: 'lost', reasonCode: 'missing' } : {}
      return { fn, cmd: { ...keyed(fn), ...lost, transfer: transfer.reference, ...(lines ? { lines } : {}) } }
    }
  }
}

/** One of the latest. */
function pick<T>(all: readonly T[], which: number): T | undefined {
  return all.length === 0 ? undefined : all[all.length - 1 - (which % all.length)]
}

const holds = (state: State): string[] => [...new Set(state.promises.filter(one => one.line === null).map(one => one.basket))]

const later = (state: State, inMinutes: number | null): string | null =>
  inMinutes === null ? null : new Date(state.now + inMinutes * 60_000).toISOString()

/** The same command once more: with its key and its body, or with another body. */
function again(command: Command | undefined, other: boolean): Command | null {
  if (!command) return null
  if (!other || !('cmd' in command)) return command
  return { ...command, cmd: { ...command.cmd, hash: 'another' } } as Command
}

type LotStep = { readonly code: string; readonly expiresIn: number | null } | null

const lotOf = (sku: string, lot: LotStep, state: State): { lot?: string; expiresAt?: string } => {
  const expiresAt = lot && later(state, lot.expiresIn)
  return sku === TRACKED && lot ? { lot: lot.code, ...(expiresAt ? { expiresAt } : {}) } : {}
}

function changeLine({ sku, place, change, lot, aside }: Extract<Step, { do: 'change' }>['lines'][number], state: State): Change {
  const to = change.kind === 'return' && aside ? ({ to: 'unavailable' } as const) : {}
  return { sku, location: place, ...change, ...lotOf(sku, lot, state), ...to }
}

function arrivingLine(
  part: { which: number; quantity: number; lot: LotStep; aside: boolean },
  lines: readonly { readonly sku: string }[],
  state: State,
): Arriving {
  const sku = skuAt(lines, part.which)
  return { sku, quantity: part.quantity, ...lotOf(sku, part.lot, state), ...(part.aside ? { to: 'unavailable' as const } : {}) }
}

/** Mostly one of the lines; now and then what may be on none. */
const skuAt = (lines: readonly { readonly sku: string }[], which: number): string =>
  which === 15 ? 'KIT' : (lines[which % lines.length]?.sku ?? 'KIT')

const stated = (order: Omit<Stated, 'hash'>): Stated => ({ ...order, hash: JSON.stringify([order.effect, order.lines]) })

/** A message that cancels one unit of each line. */
const LATER: Extract<Step, { do: 'restate' }> = {
  ...{ do: 'restate', which: 0, effect: 'reserve', stamp: 1, fresh: false, hold: null, lessOne: false },
  lines: [1, 2, 3].map(() => ({ ordered: 0, cancelled: 2, shipped: 0, returned: 0 })),
}

/** A later message about an order: what it had, and what came to it meanwhile. */
function restated(step: Extract<Step, { do: 'restate' }>, order: Order, state: State): Stated {
  const lines = order.lines.map((line, at): StatedLine => {
    const more = step.lines[at] ?? { ordered: 0, cancelled: 0, shipped: 0, returned: 0 }
    const ordered = line.ordered + (more.ordered === 2 ? 1 : 0)
    const shipped = Math.min(line.shipped + more.shipped, ordered - line.cancelled)
    const cancelled = Math.min(Math.max(line.cancelled + more.cancelled - 1, 0), ordered - shipped)
    return { id: line.id, sku: line.sku, ordered, cancelled, shipped, returned: Math.min(line.returned + more.returned, shipped) }
  })
  const { id, channel, placedAt } = order
  const basket = step.hold === null ? null : (pick(holds(state), step.hold) ?? null)
  const kept = step.lessOne && lines.length > 1 ? lines.slice(1) : lines
  return stated({
    id,
    channel,
    placedAt,
    effect: step.effect,
    stamp: order.stamp + step.stamp * 1000,
    fresh: step.fresh,
    basket,
    lines: kept,
  })
}
