import { atLeast, lineOf, type Measured } from './line.ts'
import { latencyWords, perSecond } from './load.ts'
import { reserveShots, serveBareHono, serveEmptyAnswer, timed } from './requests.ts'
import { inTurns } from './rounds.ts'
import type { Stage } from './stage.ts'

/** Our route, key check and validation, answered at once, against Hono alone. */
export async function emptyAnswer(stage: Stage): Promise<Measured> {
  const bare = await serveBareHono(stage)
  const ours = await serveEmptyAnswer(stage)
  const shots = reserveShots(ours.key, 1_000)
  const notes: string[] = []
  const measure = (origin: string) => async () => {
    const result = await stage.load.run(timed(origin, shots, 2))
    notes.push(latencyWords(result))
    return perSecond(result)
  }
  const { empty, hono, words } = await inTurns(3, { hono: measure(bare), empty: measure(ours.origin) })
  const ratio = empty / hono
  const criteria = { ratio: atLeast(0.35, ratio) }
  return {
    line: lineOf({ name: 'empty-answer', value: empty, unit: 'requests/s', yardstick: hono, ratio, criteria }),
    notes: [words, ...notes],
  }
}
