import { quietChannel } from '../support/goods.ts'
import { atLeast, atMost, lineOf, type Measured } from './line.ts'
import { latencyWords, perSecond, type Shot } from './load.ts'
import { layInPlenty, reserveShots, serveEmptyAnswer, skuOf, timed, warmUp } from './requests.ts'
import { inTurns } from './rounds.ts'
import type { Stage } from './stage.ts'

const SKUS = 1_000

/** What one channel should show of one SKU, against an answer that asks nothing. */
export async function availabilityRead(stage: Stage): Promise<Measured> {
  await layInPlenty(stage, SKUS)
  await quietChannel(stage.sql, 'shop')
  const empty = await serveEmptyAnswer(stage)
  const api = await stage.serveApi()
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
  const ratio = read / answered
  const criteria = {
    ...{ ratio: atLeast(0.1, ratio), violations: atMost(0, await stage.violations()) },
    target: atLeast(0.6, ratio),
  }
  const reading = { name: 'availability-read', value: read, unit: 'reads/s', yardstick: answered, ratio, criteria }
  return { line: lineOf(reading), notes: [words, ...notes] }
}
