import type { Logger } from 'pino'
import type { Sql } from '../db/connect.ts'
import { databaseNow } from '../db/listings.ts'
import { untilTaken } from '../db/once-more.ts'
import { endShort } from '../db/short-rules.ts'
import { substituteShort } from '../db/substitutes.ts'
import { makeBell } from './bell.ts'
import { loop } from './loop.ts'
import type { Tailer } from './tailer.ts'

/** Orders of one statement: it holds their SKUs locked meanwhile. */
const PART = 100

/** Rules count minutes: a look every few seconds is soon enough, and reads an index of what is short alone. */
const LOOK_MS = 2_000

/** Hands over by rule what is there instead of what is short, and ends what stays short, until the signal, by the database's clock. */
export async function runShort(sql: Sql, log: Logger, tailer: Tailer, signal: AbortSignal): Promise<void> {
  const step = async (): Promise<boolean> => {
    const at = await databaseNow(sql)
    const substituted = await untilTaken(() => substituteShort(sql, at, PART))
    if (substituted > 0) {
      log.info({ orders: substituted }, 'these were short of stock: another SKU is handed over by rule')
      tailer.ring()
    }
    const orders = await untilTaken(() => endShort(sql, at, PART))
    if (orders > 0) {
      log.info({ orders }, 'these stayed short of stock: cancelled by rule')
      tailer.ring()
    }
    return Math.max(orders, substituted) >= PART
  }
  await loop('short', step, { bell: makeBell(), idleMs: LOOK_MS, signal, log })
}
