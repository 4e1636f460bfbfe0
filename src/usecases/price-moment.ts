import type { Sql } from '../../db/connect.ts'
import { ledgerClock } from '../../db/partitions.ts'
import { readInstant } from './past.ts'

/** An instant that a price is asked for, ISO text. `known`: by what the books said then; null for now and what is to come: by what they say now. */
export type PriceMoment = { readonly at: string; readonly known: string | null; readonly tense: 'past' | 'now' | 'future' }

/** The moment that somebody asks about; absent: now. By the database's clock. @throws Fault invalid for no instant. */
export async function priceMoment(sql: Sql, text: string | undefined, field = 'at'): Promise<PriceMoment> {
  const { now } = await ledgerClock(sql)
  if (text === undefined) return { at: now.toISOString(), known: null, tense: 'now' }
  const at = readInstant(text, field)
  return Date.parse(at) > now.getTime() ? { at, known: null, tense: 'future' } : { at, known: at, tense: 'past' }
}
