import { z } from 'zod'
import type { Act } from '../contract.ts'

/**
 * How an act is found again. WooCommerce has no key for acts and no partial shipment, so the order itself carries the hub's acts as its own
 * meta data (`_concord_act_<key>`), written by the same call that changes the state: either both happened or neither. A refund carries its own.
 */
const PREFIX = '_concord_act_'

type Meta = readonly { readonly key: string; readonly value?: unknown }[]

const mark = z.object({
  kind: z.enum(['acknowledge', 'ready', 'ship', 'cancel', 'refund']),
  lines: z.record(z.string(), z.int().min(0)),
  tracking: z.string().optional(),
  cause: z.string().optional(),
  reason: z.string().optional(),
})

/** The meta entry of an act. */
export function markOf(act: Act): { readonly key: string; readonly value: string } {
  const lines = Object.fromEntries(act.lines.map(line => [line.externalLineId, line.quantity]))
  const told = { ...(act.tracking ? { tracking: act.tracking.number } : {}), ...(act.cause ? { cause: act.cause } : {}) }
  const words = act.reason ? { reason: act.reason } : {}
  return { key: `${PREFIX}${act.key}`, value: JSON.stringify({ kind: act.kind, lines, ...told, ...words }) }
}

/** Whether the order carries this act. */
export function isMarked(meta: Meta, act: Act): boolean {
  return meta.some(({ key }) => key === `${PREFIX}${act.key}`)
}

/** Whether it carries any act. */
export function isMarkedAtAll(meta: Meta): boolean {
  return meta.some(({ key }) => key.startsWith(PREFIX))
}

/** Units by line id that the hub has shipped, or null when a mark was damaged at the shop. */
export function shippedByActs(meta: Meta): ReadonlyMap<number, number> | null {
  const shipped = new Map<number, number>()
  for (const { key, value } of meta) {
    if (!key.startsWith(PREFIX)) continue
    const read = mark.safeParse(json(value))
    if (!read.success) return null
    if (read.data.kind !== 'ship') continue
    for (const [line, units] of Object.entries(read.data.lines)) shipped.set(Number(line), (shipped.get(Number(line)) ?? 0) + units)
  }
  return shipped
}

/** The JSON value, or undefined, which no shape accepts. */
function json(value: unknown): unknown {
  try {
    return typeof value === 'string' ? JSON.parse(value) : value
  } catch {
    return undefined
  }
}
