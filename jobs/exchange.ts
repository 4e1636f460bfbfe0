import type { Logger } from 'pino'
import type { Sql } from '../db/connect.ts'
import { endOverdueExchange, endToldReturn } from '../db/exchanges.ts'
import { databaseNow } from '../db/listings.ts'
import { untilTaken } from '../db/once-more.ts'
import { makeBell } from './bell.ts'
import { loop } from './loop.ts'
import type { Tailer } from './tailer.ts'

/** Goods are given days to come back: a look every few seconds is soon enough, and reads an index of those that have a day alone. */
const LOOK_MS = 5_000

/** Cancels what goes out in exchange for goods that did not come back in time, and lets go what goes out for those that did, by the database's clock; answers how many orders. Any number of processes may look at once. */
export async function endOverdueExchanges(sql: Sql, at: Date): Promise<number> {
  for (let ended = 0; ; ended++) if ((await untilTaken(() => endOverdueExchange(sql, at))) === null) return ended
}

/** Ends announced returns whose units their platform has told to be back, with what waits for them; answers how many. Any number of processes may look at once. */
export async function endToldReturns(sql: Sql, at: Date): Promise<number> {
  for (let ended = 0; ; ended++) if ((await untilTaken(() => endToldReturn(sql, at))) === null) return ended
}

/** Looks after returns that are announced and exchanges that wait for goods, until the signal. */
export async function runExchanges(sql: Sql, log: Logger, tailer: Tailer, signal: AbortSignal): Promise<void> {
  const step = async (): Promise<boolean> => {
    const at = await databaseNow(sql)
    const returns = await endToldReturns(sql, at)
    if (returns > 0) log.info({ returns }, 'goods that were announced are back by the word of their platform')
    const orders = await endOverdueExchanges(sql, at)
    if (orders > 0) log.info({ orders }, 'goods to be exchanged did not come back in time: what waited for them is cancelled')
    if (returns + orders > 0) tailer.ring()
    return false
  }
  await loop('exchanges', step, { bell: makeBell(), idleMs: LOOK_MS, signal, log })
}
