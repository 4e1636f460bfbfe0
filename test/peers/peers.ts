// `npm run test:peers`: the hub with a real Medusa and a real Vendure as two of its channels. README.md says what it needs and shows.
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { readBooks } from '../../db/replay-books.ts'
import { readNow } from '../../src/usecases/availability-now.ts'
import { check } from '../../src/usecases/check.ts'
import { compare, type Evidence } from './compare.ts'
import { type Article, makeGoods } from './goods.ts'
import { peersFolder } from './install.ts'
import { play, type Told } from './journey.ts'
import { startMedusa } from './medusa.ts'
import type { Peers, Shop } from './shop.ts'
import { type Stage, setStage, type Undo } from './stage.ts'
import { differencesOf, tableText } from './table.ts'
import { startVendure } from './vendure.ts'

const { values } = parseArgs({
  options: {
    skus: { type: 'string', default: '500' },
    orders: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    serve: { type: 'boolean', default: false },
  },
})
const began = performance.now()
const ending = new AbortController()
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, () => ending.abort(new Error(`ended by ${name}`)))
const say = (line: string): void => console.error(`${((performance.now() - began) / 1000).toFixed(0).padStart(4)} s  ${line}`)
const ends: (() => Promise<void>)[] = []
const undo: Undo = end => ends.push(end)

try {
  const folder = join(peersFolder(), 'run')
  const goods = makeGoods(Number(values.skus))
  const peers = { folder, say, signal: ending.signal }
  const stage = await setStage(folder, undo)
  const shops = await startShops(stage, peers, goods)
  if (values.serve) await serve(shops)
  else {
    const told = await play({ stage, shops, goods, orders: Number(values.orders), seed: Number(values.seed), say, signal: ending.signal })
    const compared = compare(await gather(stage, shops, goods, told))
    console.log(tableText(compared, told, (performance.now() - began) / 60_000))
    process.exitCode = differencesOf(compared) === 0 ? 0 : 1
  }
} catch (error) {
  console.error(ending.signal.aborted ? String(ending.signal.reason) : error)
  process.exitCode = 2
} finally {
  for (const end of ends.reverse()) await end().catch((error: unknown) => console.error('a part did not end in good order', error))
}

/** Starts both side by side; what did start is stopped also when the other does not. */
async function startShops(stage: Stage, peers: Peers, goods: readonly Article[]): Promise<Shop[]> {
  const start = async (starting: Promise<Shop>): Promise<Shop> => {
    const shop = await starting
    undo(shop.stop)
    say(`${shop.name}: runs at ${String(shop.access.settings.url)}`)
    return shop
  }
  const started = await Promise.allSettled([
    start(startMedusa(peers, await stage.lend('medusa'), goods)),
    start(startVendure(peers, goods)),
  ])
  return started.map(one => {
    if (one.status === 'rejected') throw one.reason
    return one.value
  })
}

async function gather({ context }: Stage, shops: readonly Shop[], goods: readonly Article[], told: Told): Promise<Evidence> {
  const skus = goods.map(({ sku }) => sku)
  const now = await readNow(context.sql, new Date(), { skus, channels: null, locations: [], on: undefined })
  const available = new Map(
    shops.map(({ name }) => [
      name,
      new Map(now.items.map(({ sku, channels = [] }) => [sku, channels.find(one => one.channel === name)?.shown ?? 0])),
    ]),
  )
  const shopBooks = await Promise.all(
    shops.map(async shop => ({ name: shop.name, articles: await shop.articles(), orders: await shop.orders() })),
  )
  return { told, available, shops: shopBooks, books: await readBooks(context.sql), check: (await check(context)).findings }
}

/** Both shops stand by with their articles until Ctrl-C: for whoever writes a connector. */
async function serve(shops: readonly Shop[]): Promise<void> {
  for (const { access } of shops) console.log(JSON.stringify(access))
  say('Ctrl-C ends them')
  await new Promise(resolve => ending.signal.addEventListener('abort', resolve, { once: true }))
}
