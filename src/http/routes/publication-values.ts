import { z } from '@hono/zod-openapi'
import { valueShown } from '../money-shown.ts'

export const Value = z.record(z.string(), z.unknown()).nullable()
export const Field = z.enum(['stock', 'price'])

/** How far a value got, as every route tells it. */
export const VALUES = {
  intended: Value,
  intendedAt: z.string(),
  sent: Value,
  sentAt: z.string().nullable(),
  accepted: Value,
  acceptedAt: z.string().nullable(),
  applied: Value,
  appliedAt: z.string().nullable(),
  waitingSince: z.string().nullable(),
  reasonCode: z.string().nullable(),
  reason: z.string().nullable(),
  attempts: z.int(),
}

/** The values of a row with their amounts as people write them. */
export function valuesShown(row: { readonly [Name in 'intended' | 'sent' | 'accepted' | 'applied']: unknown }) {
  return {
    intended: valueShown(row.intended),
    sent: valueShown(row.sent),
    accepted: valueShown(row.accepted),
    applied: valueShown(row.applied),
  }
}
