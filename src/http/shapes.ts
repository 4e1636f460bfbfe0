import { z } from '@hono/zod-openapi'
import { isZone, parseMoment } from '../values/local-time.ts'
import { isCurrency } from '../values/money.ts'
import { isSku } from '../values/sku.ts'
import { UNITS_MOST } from '../values/units.ts'

/** One line of text: something visible, no control characters, no spaces at its ends. */
export const text = (most: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(most)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'must not hold control characters or broken ones')

export const Sku = z
  .string()
  .max(64)
  .refine(sku => isSku(sku) && sku.isWellFormed(), 'is no SKU: 1 to 64 visible characters, no spaces at its ends')
  .openapi({ example: 'MUG-BLUE-350' })

export const Code = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'is no code: small letters, digits and hyphens, at most 40')
  .openapi({ example: 'woo-eu' })

/** A location's code is people's own (`BER-1`), so it is freer than a channel's. */
export const LocationCode = text(40).openapi({ example: 'berlin' })

/** Product handles end up in addresses. */
export const Handle = z
  .string()
  .regex(/^[^\s/\p{Cc}\p{Cs}]{1,200}$/u, 'is no handle: 1 to 200 characters without spaces and slashes')
  .openapi({ example: 'mug-blue' })

/** Whole base units, none or more. */
export const Units = z.int().min(0).max(UNITS_MOST)
/** Whole base units, at least one. */
export const SomeUnits = z.int().min(1).max(UNITS_MOST)
/** Units more (+) or fewer (−). */
export const UnitsDelta = z
  .int()
  .min(-UNITS_MOST)
  .max(UNITS_MOST)
  .refine(units => units !== 0, 'must not be 0')

export const Currency = z.string().refine(isCurrency, 'is no currency code of ISO 4217').openapi({ example: 'EUR' })

/** Money goes in and out as decimal text, never as a number. */
export const Money = z
  .string()
  .regex(/^\d{1,12}(\.\d{1,6})?$/, 'is no amount: decimal text with at most 6 decimals, like "12.90"')
  .openapi({ example: '12.90' })

export const Instant = z.iso.datetime({ offset: true }).openapi({ example: '2026-11-22T12:00:00Z' })

/** When a price begins or ends: an instant, or a local time whose zone is that of the channel, or given beside it. */
export const Moment = z
  .string()
  .refine(text => parseMoment(text) !== null, 'is no time: an instant with its zone, or a local date or time')
  .openapi({
    example: '2026-11-27T00:00',
    description:
      'An instant with its zone (`2026-11-27T00:00:00+01:00`), or a local date or time (`2026-11-27` is its midnight). Where clocks go back, a local time that comes twice is the first; where they go forward over it, the first instant after.',
  })

/** A day of the calendar. */
export const Day = z.iso.date().openapi({ example: '2026-12-24' })

export const Id = z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER)

export const Zone = z.string().refine(isZone, 'is no IANA time zone').openapi({ example: 'Europe/Berlin' })

/** An instant as it leaves: ISO 8601 in UTC. */
export const iso = (at: Date): string => at.toISOString()
export const isoOrNull = (at: Date | null): string | null => at?.toISOString() ?? null

/** A row as it leaves: instants as text, everything else as it is. */
export type Leaving<Row> = {
  [Field in keyof Row]: Row[Field] extends Date ? string : Row[Field] extends Date | null ? string | null : Row[Field]
}

export function leaving<Row extends object>(row: Row): Leaving<Row> {
  return Object.fromEntries(
    Object.entries(row).map(([field, value]) => [field, value instanceof Date ? value.toISOString() : value]),
  ) as Leaving<Row>
}

/** Without the fields that are undefined: what was not sent, rather than sent as nothing. */
export function present<Body extends object>(body: Body): { [Field in keyof Body]: Exclude<Body[Field], undefined> } {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined)) as {
    [Field in keyof Body]: Exclude<Body[Field], undefined>
  }
}
