import type { Availability } from '../../src/usecases/availability-now.ts'
import { quietChannel } from '../support/goods.ts'
import { atLeast, atMost, lineOf, type Measured } from './line.ts'
import { latencyWords, perSecond, type Shot } from './load.ts'
import { layInPlenty, reserveShots, serveEmptyAnswer, skuOf, timed, warmUp } from './requests.ts'
import { inTurns } from './rounds.ts'
import type { Stage } from './stage.ts'

const SKUS = 1_000
const WRITES = 200
/** Nothing older may be answered, ms. */
const OLDEST_MS = 1_000
// The hub ages its entries by a clock that never goes back; we look at the other one.
const CLOCKS_APART_MS = 5

/** What one channel should show of one SKU, against an answer that asks nothing; meanwhile what one node writes, another one reads. */
export async function availabilityRead(stage: Stage): Promise<Measured> {
  await layInPlenty(stage, SKUS)
  await quietChannel(stage.sql, 'shop')
  const empty = await serveEmptyAnswer(stage)
  const [api, other] = [await stage.serveApi(), await stage.serveApi()]
  await warmUp(stage, api, SKUS)
  const reads: Shot[] = Array.from({ length: SKUS }, (_, n) => ({
    ...{ method: 'GET', path: `/v1/availability/${skuOf(n)}?channel=shop` },
    ...{ headers: { authorization: `Bearer ${api.key}` }, body: null },
  }))
  const notes: string[] = []
  const { read, answered, words } = await inTurns(3, {
    answered: async () => perSecond(await stage.load.run(timed(empty.origin, reserveShots(empty.key, SKUS), 2))),
    read: async () => {
      const result = await stage.load.run({ ...timed(api.origin, reads, 3), keyPrefix: null })
      notes.push(latencyWords(result))
      return perSecond(result)
    },
  })
  // While the node that is read from is as busy as before.
  const [found] = await Promise.all([writeAndRead(other, api), stage.load.run({ ...timed(api.origin, reads, 3), keyPrefix: null })])
  const ratio = read / answered
  const criteria = {
    ratio: atLeast(0.6, ratio),
    ...{ unseenWrites: atMost(0, found.unseen), tooOld: atMost(0, found.tooOld), violations: atMost(0, await stage.violations()) },
  }
  const reading = { name: 'availability-read', value: read, unit: 'reads/s', yardstick: answered, ratio, criteria }
  notes.push(
    `${WRITES} writes on another node: ${found.unseen} not seen by token, ${found.tooOld} answers too old, ${found.remembered} from memory`,
  )
  return { line: lineOf(reading), notes: [words, ...notes] }
}

type Node = { readonly origin: string; readonly key: string }

/**
 * Reserves a unit on one node and reads on the other, with the write's token and without. With it the answer must hold the write; without, it
 * must hold every write that had been answered a second before it was asked, and say as of when it is true.
 */
async function writeAndRead(writer: Node, reader: Node) {
  const known: { readonly atMs: number; readonly atp: number }[] = [{ atMs: 0, atp: Number.POSITIVE_INFINITY }]
  const found = { unseen: 0, tooOld: 0, remembered: 0 }
  const read = async (more: string) => {
    const answer = await fetch(`${reader.origin}/v1/availability/${skuOf(7)}?channel=shop${more}`, {
      headers: { authorization: `Bearer ${reader.key}` },
    })
    const { trueAsOf, items } = (await answer.json()) as Availability
    return { trueAsOfMs: Date.parse(trueAsOf), atp: items[0]?.channels?.[0]?.atp ?? Number.NaN }
  }
  let { atp } = await read('')
  for (let n = 0; n < WRITES; n++) {
    const wrote = await fetch(`${writer.origin}/v1/reservations`, {
      method: 'POST',
      headers: { authorization: `Bearer ${writer.key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ lines: [{ sku: skuOf(7), quantity: 1 }] }),
    })
    if (wrote.status !== 201) throw new Error(`a reservation was refused: ${await wrote.text()}`)
    const token = wrote.headers.get('concord-token') ?? 'none'
    // Nobody else reserves any more.
    atp -= 1
    known.push({ atMs: Date.now(), atp })
    const askedAtMs = Date.now()
    const any = await read('')
    const must = known.findLast(write => write.atMs < askedAtMs - OLDEST_MS)?.atp ?? Number.POSITIVE_INFINITY
    if (any.atp > must || any.trueAsOfMs < askedAtMs - OLDEST_MS - CLOCKS_APART_MS) found.tooOld++
    if (any.atp !== atp) found.remembered++
    if ((await read(`&atLeast=${token}`)).atp !== atp) found.unseen++
  }
  return found
}
