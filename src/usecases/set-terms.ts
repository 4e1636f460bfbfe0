import { readTerms, type Terms, termsCommand } from '../../db/terms.ts'
import { Fault, unreachable } from '../values/fault.ts'
import { UNITS_MOST } from '../values/units.ts'
import { carryOut, keyConflict } from './carry-out.ts'
import { type Context, command } from './context.ts'
import type { WriteToken } from './write-token.ts'

export type TermsChange = {
  readonly sku: string
  /** Null ends the terms: from then on only what is there is sold. */
  readonly kind: Terms['kind'] | null
  /** Most units that orders may be short of at a time. */
  readonly limit?: number | undefined
  /** ISO 8601. A pre-order needs it, and ends then. */
  readonly availableFrom?: string | null | undefined
}

export type TermsSet = { readonly sku: string; readonly terms: Terms | null; readonly changed: boolean; readonly token: WriteToken }

/**
 * Says that units of a SKU may be sold before they are there, up to a limit: as backorders, or until its day as a pre-order. Channels show them
 * where their policy sells ahead. Faults: not_found; invalid (a limit below 1, a pre-order without a day, a day that has passed); conflict of keys.
 */
export async function setTerms(context: Context, key: string | null, change: TermsChange, now: Date): Promise<TermsSet> {
  const { sku, kind } = change
  const terms = kind === null ? null : { kind, limit: limitOf(change), availableFrom: dayOf(change, now) }
  const cmd = { ...command(context, 'stock.terms', key, { sku, terms }), sku, terms }
  const answer = await carryOut(key, () => termsCommand(context.sql, cmd))
  switch (answer.outcome) {
    case 'done':
      return { sku, terms: answer.terms, changed: answer.changed, token: answer.token }
    case 'unknown':
      throw unknownSku(sku)
    case 'key_conflict':
      throw keyConflict()
    default:
      return unreachable(answer)
  }
}

/** The terms of a SKU, and how much of the limit is taken. Fault: not_found. */
export async function showTerms(context: Context, sku: string): Promise<{ sku: string; terms: Terms | null; short: number }> {
  const found = await readTerms(context.sql, sku)
  if (found === null) throw unknownSku(sku)
  return { sku, ...found }
}

function limitOf({ sku, kind, limit }: TermsChange): number {
  if (limit === undefined || !Number.isInteger(limit) || limit < 1 || limit > UNITS_MOST)
    throw new Fault('invalid', `${sku}: a ${kind} needs a limit from 1 to ${UNITS_MOST} units.`, {
      field: 'limit',
      value: limit,
      expected: 'the most units that may be sold before they are there',
    })
  return limit
}

function dayOf({ sku, kind, availableFrom }: TermsChange, now: Date): string | null {
  if (availableFrom === undefined || availableFrom === null) {
    if (kind !== 'preorder') return null
    throw new Fault('invalid', `${sku}: a pre-order needs the day from which it is available.`, {
      field: 'availableFrom',
      expected: 'an instant to come; sell as backorder where nobody knows it',
    })
  }
  const at = new Date(availableFrom)
  if (Number.isNaN(at.getTime()) || at <= now)
    throw new Fault('invalid', `${sku}: ${availableFrom} is no instant to come.`, {
      field: 'availableFrom',
      value: availableFrom,
      expected: 'an instant to come, such as 2027-03-01T00:00:00Z',
    })
  return at.toISOString()
}

const unknownSku = (sku: string): Fault => new Fault('not_found', `There is no SKU ${sku}.`, { field: 'sku', value: sku })
