import { failedStores, type TrackedOrder } from '../../db/tracked-order.ts'
import { buyerOf, cancelPickUp, chooseAnotherStore, readChoice, shipInstead } from '../usecases/buyer-choice.ts'
import { keepLonger } from '../usecases/keep-longer.ts'
import { findStores } from '../usecases/pick-up-stores.ts'
import { hasAddress } from '../usecases/read-person.ts'
import { Fault } from '../values/fault.ts'
import type { UiDeps } from './deps.ts'
import type { OpenChoice } from './pages/track/choice.tsx'

/** How a choice went: done, or why not; `refused`: things have moved on. */
export const SAID = ['chosen', 'longer', 'refused', 'not_cancellable', 'no_address', 'sold_out', 'no_store', 'used_up'] as const
export type Said = (typeof SAID)[number]

/** What the buyer of an order may choose now; null: nothing. */
export async function openChoice(deps: UiDeps, order: TrackedOrder): Promise<OpenChoice | null> {
  const choice = await readChoice(deps, order.id)
  if (choice === null) return null
  const lines = choice.lines.flatMap(({ lineId, quantity }) => {
    const line = order.lines.find(one => one.id === lineId)
    return line === undefined ? [] : [{ title: line.title, instead: line.instead, sku: line.sku, units: quantity }]
  })
  const wish = { channel: order.channel, lines: lines.map(({ sku, units }) => ({ sku, quantity: units })), near: null, stores: null }
  const [offers, failed, maySend] = await Promise.all([
    findStores(deps, wish),
    failedStores(deps.sql, order.id),
    hasAddress(deps, order.id),
  ])
  const stores = offers.flatMap(({ store: { code, name, zone }, whole, readyBy }) =>
    whole && !failed.includes(code) ? [{ code, name, zone, readyBy }] : [],
  )
  return { lines: lines.map(({ title, units, instead }) => ({ title, units, instead })), stores, maySend, mayCancel: choice.mayCancel }
}

/** Carries out what a buyer chose, in his own name: of his order only, and only while it is to be chosen. */
export async function carryOutChoice(deps: UiDeps, order: TrackedOrder, given: (name: string) => string): Promise<Said> {
  const context = { sql: deps.sql, keyring: deps.keyring, actor: buyerOf(order.id), now: deps.now }
  const key = /^[0-9a-f-]{36}$/.test(given('key')) ? given('key') : null
  try {
    switch (given('choice')) {
      case 'store':
        await chooseAnotherStore(context, key, order.id, given('store').slice(0, 120))
        return 'chosen'
      case 'ship':
        await shipInstead(context, key, order.id)
        return 'chosen'
      case 'cancel':
        await cancelPickUp(context, key, order.id)
        return 'chosen'
      case 'longer':
        await keepLonger(context, key, /^\d{1,15}$/.test(given('group')) ? Number(given('group')) : 0)
        return 'longer'
      default:
        return 'refused'
    }
  } catch (error) {
    // The page shows how it stands; what was offered and is not possible any more says why.
    if (error instanceof Fault && ['conflict', 'invalid', 'not_found', 'insufficient_stock'].includes(error.code)) return whyNot(error)
    throw error
  }
}

function whyNot({ code, detail }: Fault): Said {
  if (code === 'insufficient_stock') return 'sold_out'
  if (detail?.field === 'store') return 'no_store'
  return SAID.find(one => one === detail?.reason) ?? 'refused'
}
