import { setTimeout as wait } from 'node:timers/promises'
import { unitsShort } from '../../db/availability-dated.ts'
import { isQuiet, type Watch, watchBooks } from '../../src/demo/replay/pulse.ts'
import { changeChannel } from '../../src/usecases/channels.ts'
import { act, type Done, fateOf } from './acts.ts'
import type { Article } from './goods.ts'
import { layIn, receive, statePrices, stateStock } from './lay-in.ts'
import type { Shop } from './shop.ts'
import { type Sold, shop } from './shoppers.ts'
import { connectShop, type Stage } from './stage.ts'

export type Told = {
  readonly done: readonly Done[]
  /** What was taken in besides the opening stock, by SKU. */
  readonly received: ReadonlyMap<string, number>
  /** What lay in the warehouse before anything was sold, by SKU. */
  readonly stock: ReadonlyMap<string, number>
  /** What each article must cost in the end, EUR. */
  readonly prices: ReadonlyMap<string, string>
  readonly kills: number
  /** Seconds from the hub's knowing to both shops' showing: all articles at first, then the changes. */
  readonly seconds: { readonly first: number; readonly changes: number; readonly orders: number; readonly acts: number }
}

export type Journey = {
  readonly stage: Stage
  readonly shops: readonly Shop[]
  readonly goods: readonly Article[]
  /** Orders in all shops together. */
  readonly orders: number
  readonly seed: number
  readonly say: (line: string) => void
  readonly signal: AbortSignal
}

/** Longer than any of it takes; then the comparison tells what is missing. */
const SHOW_MS = 300_000
const LOOK_MS = 1_000
/** Of the sales, where the hub is killed; and for how long it stays away, ms. The third kill comes amid the shipments. */
const KILLED_AT = [0.3, 0.7] as const
const AWAY_MS = 1_500

/** Plays it all: lays in, connects, publishes, changes, sells, kills, receives, ships and cancels; waits until nothing is left to do. */
export async function play(journey: Journey): Promise<Told> {
  const { stage, shops, goods, say, signal } = journey
  const { context, hub } = stage
  await layIn(context, goods)
  for (const one of shops) await connectShop(context, one)
  await hub.start()
  const watch = watchBooks(context.sql, signal)
  say('the hub: observes both shops')
  if (!(await watch.until(pulse => pulse.observed))) throw new Error('the hub did not observe the shops')
  const publishedAt = performance.now()
  for (const { name } of shops) await changeChannel(context, name, { publishStock: true, publishPrices: true }, `peers-publish-${name}`)
  const prices = new Map(goods.map(({ sku, price }) => [sku, price]))
  const stock = new Map(goods.map(({ sku, opening }) => [sku, opening]))
  const first = await untilShown(journey, stock, prices, publishedAt)
  say(`stock and prices of ${goods.length} SKUs show in both shops, ${first} s after they were switched on`)

  const changes = await change(journey, stock, prices)
  const soldAt = performance.now()
  const sold = await sell(journey)
  await settle(journey, watch, sold.length)
  const orders = seconds(soldAt)
  const received = await fill(journey)
  await settle(journey, watch, sold.length)
  const actedAt = performance.now()
  const done = await actOn(journey, sold)
  await settle(journey, watch, sold.length)
  return { done, received, stock, prices, kills: KILLED_AT.length + 1, seconds: { first, changes, orders, acts: seconds(actedAt) } }
}

/** A fifth of the articles gets another stock, another fifth another price; answers how long it takes until both shops show all of it. */
async function change(journey: Journey, stock: Map<string, number>, prices: Map<string, string>): Promise<number> {
  const { stage, goods, say } = journey
  const restocked = goods.filter((_, n) => n % 5 === 1).map(({ sku, opening }) => [sku, opening + 7] as const)
  const repriced = goods.filter((_, n) => n % 5 === 2).map(({ sku, price }) => [sku, (Number(price) + 1.11).toFixed(2)] as const)
  const from = performance.now()
  await stateStock(stage.context, 'changed', restocked)
  await statePrices(stage.context, 'changed', repriced)
  for (const [sku, quantity] of restocked) stock.set(sku, quantity)
  for (const [sku, price] of repriced) prices.set(sku, price)
  const took = await untilShown(journey, stock, prices, from)
  say(`${restocked.length} stocks and ${repriced.length} prices changed, and show in both shops after ${took} s`)
  return took
}

/** Asks the shops themselves until they show it; answers the seconds since. Goes on after five minutes: the end tells what is missing. */
async function untilShown(
  { shops, say, signal }: Journey,
  stock: ReadonlyMap<string, number>,
  prices: ReadonlyMap<string, string>,
  from: number,
): Promise<number> {
  for (const one of shops)
    for (;;) {
      const shown = await one.articles()
      const missing = [...stock].filter(
        ([sku, quantity]) => shown.get(sku)?.onHand !== quantity || shown.get(sku)?.prices.EUR !== prices.get(sku),
      )
      if (missing.length === 0) break
      if (performance.now() - from > SHOW_MS) {
        say(`${one.name} still shows ${missing.length} articles otherwise, ${missing[0]?.[0]} for one`)
        break
      }
      await wait(LOOK_MS, undefined, { signal })
    }
  return seconds(from)
}

/** Shoppers buy in both shops at once, while the hub is killed and started again. */
async function sell({ stage, shops, goods, orders, seed, say, signal }: Journey): Promise<Sold[]> {
  const sold: Sold[] = []
  const each = Math.ceil(orders / shops.length)
  let kills = 0
  let killing = Promise.resolve()
  const placed = (order: Sold): void => {
    sold.push(order)
    const at = KILLED_AT[kills]
    if (at === undefined || sold.length < at * each * shops.length) return
    kills += 1
    say(`${sold.length} orders are placed; the hub is killed`)
    killing = killing.then(() => kill(stage, signal))
  }
  await Promise.all(shops.map((one, n) => shop(one, goods, each, seed + n, placed, signal)))
  await killing
  say(`${sold.length} orders are placed`)
  return sold
}

async function kill({ hub }: Stage, signal: AbortSignal): Promise<void> {
  await hub.kill()
  await wait(AWAY_MS, undefined, { signal })
  await hub.start()
}

/** What both shops sold of the last units is short: goods come for it. */
async function fill({ stage, goods, say }: Journey): Promise<Map<string, number>> {
  const short = await unitsShort(
    stage.context.sql,
    goods.map(({ sku }) => sku),
  )
  const rows = short.filter(({ units }) => units > 0).map(({ sku, units }) => [sku, units] as const)
  if (rows.length > 0) await receive(stage.context, 'short', rows)
  say(`${rows.length} SKUs were sold beyond the stock by both shops at once; goods come for them`)
  return new Map(rows)
}

async function actOn({ stage, say, signal }: Journey, sold: readonly Sold[]): Promise<Done[]> {
  const done: Done[] = []
  let killing = Promise.resolve()
  for (const [place, one] of sold.entries()) {
    if (place === Math.floor(sold.length / 2)) {
      say('half of the orders are shipped or cancelled; the hub is killed')
      killing = kill(stage, signal)
    }
    done.push(await act(stage.context, one, fateOf(place), signal))
  }
  await killing
  return done
}

/**
 * Waits until the hub has nothing left to do and has seen everything that happened in the shops until then. Twice: what it does itself, such as a shipment, is
 * something that happens in a shop, too.
 */
async function settle({ say }: Journey, watch: Watch, orders: number): Promise<void> {
  for (let round = 0; round < 2; round += 1) {
    const since = new Date()
    if (await watch.until(pulse => isQuiet(pulse, orders, since))) continue
    say('nothing moved for three minutes, though not all is done')
    return
  }
}

const seconds = (from: number): number => Math.round((performance.now() - from) / 100) / 10
