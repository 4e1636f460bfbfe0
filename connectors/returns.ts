import { z } from 'zod'
import type { ReportLook } from './report.ts'

/**
 * A platform's own report of what buyers sent back, one for each channel: a file that it makes in its own time, which tells each return again until it is old. Asking
 * for one changes nothing.
 */
export type ReturnsReport = {
  /** Asks for a report of what this channel's buyers sent back lately. Answers its name; null: the platform makes none for this account. */
  readonly request: (channelRef: string) => Promise<string | null>
  /** The newest report of this channel that was asked for at or after the instant, by whomever; null: there is none. */
  readonly requestedSince: (channelRef: string, at: Date) => Promise<string | null>
  /** `none` is also what a report becomes that would be empty. */
  readonly look: (report: string) => Promise<ReportLook>
  /** All that arrived here, and the rows that cannot be understood. */
  readonly read: (file: string) => Promise<ReturnsRead>
}

export type ReturnsRead =
  | { readonly returns: readonly UnitsBack[]; readonly unreadable: readonly UnreadableRow[] }
  /** The file is something else than promised. */
  | { readonly words: string }

/** Units of an order that came back to us. One that is kept aside is read back as this. */
export const unitsBackShape = z.object({
  /** The platform's own name for it: however often it is told, it is one return. */
  key: z.string().min(1),
  externalOrderId: z.string().min(1),
  /** Null where the report names the SKU alone. */
  externalLineId: z.string().min(1).nullable(),
  sku: z.string(),
  quantity: z.int().positive(),
  /** The day they arrived, as the platform's calendar has it: 2026-11-23. */
  arrivedOn: z.iso.date(),
})

export type UnitsBack = Readonly<z.infer<typeof unitsBackShape>>

/** `row`: from 1, the heading not counted. `raw`: what was read of it, without what it tells of people. */
export type UnreadableRow = { readonly row: number; readonly reason: string; readonly raw: string }

/** What is said of such reports. */
export type ReturnsDeclaration = {
  /** Each channel's returns are looked at so often, ms. */
  readonly everyMs: number
  /** How often a report that was asked for is asked about, and how long it is waited for, ms from its request. */
  readonly lookEveryMs: number
  readonly lateMs: number
}
