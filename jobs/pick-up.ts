import type { Logger } from 'pino'
import { databaseNow } from '../db/listings.ts'
import { untilTaken } from '../db/once-more.ts'
import type { Context } from '../src/usecases/context.ts'
import { lookAfterWaiting } from '../src/usecases/not-collected.ts'
import { makeBell } from './bell.ts'
import { loop } from './loop.ts'
import type { Tailer } from './tailer.ts'

const PART = 50

/** Hours count here: a look every few seconds is soon enough, and costs three indexes that hold what is due alone. */
const LOOK_MS = 5_000

/** Looks after what waits to be collected until the signal, by the database's clock. */
export async function runPickUps(context: Context, log: Logger, tailer: Tailer, signal: AbortSignal): Promise<void> {
  const step = async (): Promise<boolean> => {
    const at = await databaseNow(context.sql)
    const { told, ended } = await untilTaken(() => lookAfterWaiting(context, at, PART))
    if (told > 0) log.info({ told }, 'buyers were told of what waits for them')
    if (ended > 0) {
      log.info({ groups: ended }, 'nobody came for these: they are put back')
      tailer.ring()
    }
    return told + ended >= PART
  }
  await loop('pick-ups', step, { bell: makeBell(), idleMs: LOOK_MS, signal, log })
}
