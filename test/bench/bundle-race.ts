import { Agent } from 'undici'
import { layIn, quietChannel } from '../support/goods.ts'
import { type Want, whatIsWrong } from './bundle-model.ts'
import { atLeast, atMost, lineOf, type Measured } from './line.ts'
import type { Stage } from './stage.ts'

const RUNS = 50
const BUYERS = 1_000
const CONNECTIONS = 200
const CHANNELS = ['shop', 'market', 'outlet', 'app', 'till']
/** The last 100 units. */
const LEFT = { A: { north: 30, south: 30 }, B: { north: 25, south: 15 } }
/** What each bundle consists of, parts of parts worked out. */
const BUNDLES = { PAIR: { A: 1, B: 1 }, TWIN: { A: 2 }, CHEST: { A: 3, B: 1 } }
/** As it is told: a chest holds a pair and a twin. */
const TOLD = { PAIR: { A: 1, B: 1 }, TWIN: { A: 2 }, CHEST: { PAIR: 1, TWIN: 1 } }

type Api = { readonly origin: string; readonly key: string }

/**
 * A thousand buyers in five channels want the last hundred units, by themselves or in bundles, through two nodes at once. What was sold must be
 * exactly what a plain model allows.
 */
export async function bundleRace(stage: Stage): Promise<Measured> {
  await layIn(stage.sql, { first: { north: 0, south: 0 } })
  for (const [at, channel] of CHANNELS.entries())
    await quietChannel(stage.sql, channel, at % 2 === 0 ? ['north', 'south'] : ['south', 'north'])
  const nodes = [await stage.serveApi(), await stage.serveApi()]
  const agent = new Agent({ connections: CONNECTIONS, pipelining: 1 })
  stage.atEnd(() => agent.close())
  const notes: string[] = []
  let exact = 0
  let sold = 0
  for (let run = 1; run <= RUNS; run++) {
    await layInRun(stage, run)
    const wants = await Promise.all(Array.from({ length: BUYERS }, (_, n) => buy(nodes[n % nodes.length], agent, run)))
    const wrong = whatIsWrong({ left: LEFT, bundles: BUNDLES, wants, reserved: await reservedOf(stage, run) })
    if (wrong.length === 0) exact++
    else notes.push(`run ${run}: ${wrong.join('; ')}`)
    sold += wants.filter(want => want.from !== null).length
  }
  notes.unshift(`${RUNS} runs of ${BUYERS} buyers; ${(sold / RUNS).toFixed(1)} of them got something`)
  const criteria = { exact: atLeast(RUNS, exact), violations: atMost(0, await stage.violations()) }
  return { line: lineOf({ name: 'bundle-race', value: exact, unit: 'runs', yardstick: RUNS, ratio: exact / RUNS, criteria }), notes }
}

const skuOfRun = (name: string, run: number): string => `${name}-${run}`

async function layInRun(stage: Stage, run: number): Promise<void> {
  const named = [...Object.entries(LEFT), ...Object.keys(TOLD).map(name => [name, {}] as const)]
  await layIn(stage.sql, Object.fromEntries(named.map(([name, at]) => [skuOfRun(name, run), at])))
  for (const [bundle, parts] of Object.entries(TOLD)) {
    const cmd = {
      ...{ actor: 'bench', sku: skuOfRun(bundle, run) },
      parts: Object.entries(parts).map(([name, quantity]) => ({ sku: skuOfRun(name, run), quantity })),
    }
    const [row] = await stage.sql<{ answer: { outcome: string } }[]>`select bundle_set_1(${stage.sql.json(cmd)}) as answer`
    if (row?.answer.outcome !== 'done') throw new Error(`${bundle} was not made a bundle: ${JSON.stringify(row?.answer)}`)
  }
}

/** One buyer asks once for one of something. */
async function buy(node: Api | undefined, agent: Agent, run: number): Promise<Want> {
  if (node === undefined) throw new Error('there is no node')
  const names = [...Object.keys(LEFT), ...Object.keys(BUNDLES)]
  const name = drawn(names)
  const answer = await agent.request({
    ...{ origin: node.origin, path: '/v1/reservations', method: 'POST' as const },
    headers: { authorization: `Bearer ${node.key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ lines: [{ sku: skuOfRun(name, run), quantity: 1 }], channel: drawn(CHANNELS) }),
  })
  const body = (await answer.body.json()) as { readonly lines?: { readonly location: string }[]; readonly code?: string }
  if (answer.statusCode === 201) return { name, from: body.lines?.[0]?.location ?? '' }
  if (body.code !== 'insufficient_stock') throw new Error(`a buyer was answered ${answer.statusCode}: ${JSON.stringify(body)}`)
  return { name, from: null }
}

function drawn<T>(list: readonly T[]): T {
  const one = list[Math.floor(Math.random() * list.length)]
  if (one === undefined) throw new Error('nothing to draw from')
  return one
}

/** What the books say is promised of each part at each location. */
async function reservedOf(stage: Stage, run: number): Promise<Record<string, Record<string, number>>> {
  const found: Record<string, Record<string, number>> = {}
  for (const name of Object.keys(LEFT)) {
    const rows = await stage.sql<{ location: string; reserved: number }[]>`
      select p.code as location, b.reserved from balances b join variants v on v.id = b.variant_id join locations p on p.id = b.location_id
      where v.sku = ${skuOfRun(name, run)}`
    found[name] = Object.fromEntries(rows.map(row => [row.location, row.reserved]))
  }
  return found
}
