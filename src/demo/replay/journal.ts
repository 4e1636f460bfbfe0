import type { JournalEntry } from '../../../connectors/sandbox.ts'
import type { RemoteSandbox } from '../../../connectors/sandbox-remote.ts'
import type { Platform } from './plan.ts'

export type JournalOrder = {
  readonly invoice: string
  readonly lines: readonly { readonly sku: string; readonly quantity: number; readonly wanted: number }[]
}
export type JournalUnits = readonly { readonly lineId: string; readonly quantity: number }[]

/** What a platform's own journal tells of a replay. */
export type Told = {
  /** Orders by the platform's id. */
  readonly orders: ReadonlyMap<string, JournalOrder>
  /** Orders that the journal holds more than once. */
  readonly ordersTwice: readonly string[]
  readonly shipments: readonly {
    readonly externalId: string /** The hub's key, or what Amazon made of it. */
    readonly key: string
    readonly units: JournalUnits
  }[]
  readonly refunds: readonly {
    readonly externalId: string
    readonly units: readonly { readonly line: string; readonly quantity: number }[]
  }[]
  /** Values that the hub wrote, values that orders took. */
  readonly written: number
  readonly taken: number
  readonly messages: { readonly sent: number; readonly lost: number }
  readonly calls: number
}

const PAGE = 2_000

/** Reads a platform's whole journal. */
export async function readJournal(platform: Platform, sandbox: RemoteSandbox): Promise<Told> {
  const entries: JournalEntry[] = []
  for (let page = await sandbox.journal(0, PAGE); page.length > 0; page = await sandbox.journal(entries.at(-1)?.seq ?? 0, PAGE))
    entries.push(...page)
  return platform === 'woocommerce' ? shopTells(entries) : amazonTells(entries)
}

/** WooCommerce: orders by name, the hub's acts as marks in the order's meta data, messages sent one by one. */
export function shopTells(entries: readonly JournalEntry[]): Told {
  const shipments = of(entries, 'act').flatMap(entry =>
    list(entry.data.meta).flatMap(({ key, value }) => {
      const mark =
        typeof value === 'string' && String(key).startsWith(MARK)
          ? (JSON.parse(value) as { kind: string; lines: Record<string, number> })
          : null
      if (mark?.kind !== 'ship') return []
      const units = Object.entries(mark.lines).map(([lineId, quantity]) => ({ lineId, quantity }))
      return [{ externalId: entry.ref ?? '', key: String(key).slice(MARK.length), units }]
    }),
  )
  const placed = of(entries, 'order').filter(entry => entry.data.name !== undefined)
  return {
    ...ordersOf(placed, 'name'),
    shipments,
    refunds: of(entries, 'refund').map(entry => ({
      externalId: entry.ref ?? '',
      units: list(entry.data.lines).map(line => ({ line: String(line.lineId), quantity: Number(line.quantity) })),
    })),
    written: of(entries, 'quantity').filter(entry => entry.data.cause === 'pushed').length,
    taken: of(entries, 'quantity').filter(entry => String(entry.data.cause).startsWith('order ')).length,
    messages: {
      sent: of(entries, 'webhook').filter(entry => entry.data.lost !== true).length,
      lost: of(entries, 'webhook').filter(entry => entry.data.lost === true).length,
    },
    calls: of(entries, 'call').length,
  }
}

const MARK = '_concord_act_'

/** Amazon: orders by purchase, shipments by package, refunds by SKU, messages with the number of their copies. */
export function amazonTells(entries: readonly JournalEntry[]): Told {
  const copies = of(entries, 'webhook').map(entry => Number(entry.data.copies))
  return {
    ...ordersOf(of(entries, 'order'), 'purchase'),
    shipments: of(entries, 'act')
      .filter(entry => entry.data.kind === 'ship')
      .map(entry => ({
        externalId: entry.ref ?? '',
        key: String(entry.data.reference),
        units: list(entry.data.items).map(item => ({ lineId: String(item.orderItemId), quantity: Number(item.quantity) })),
      })),
    refunds: of(entries, 'refund').map(entry => ({
      externalId: entry.ref ?? '',
      units: list(entry.data.lines).map(line => ({ line: String(line.sku), quantity: Number(line.quantity) })),
    })),
    written: of(entries, 'quantity').filter(entry => entry.data.cause === 'push').length,
    taken: of(entries, 'quantity').filter(entry => entry.data.cause === 'order').length,
    messages: { sent: copies.reduce((sum, n) => sum + n, 0), lost: copies.filter(n => n === 0).length },
    calls: of(entries, 'call').length,
  }
}

function ordersOf(entries: readonly JournalEntry[], name: string): Pick<Told, 'orders' | 'ordersTwice'> {
  const orders = new Map<string, JournalOrder>()
  const ordersTwice: string[] = []
  for (const entry of entries) {
    const id = entry.ref ?? ''
    if (orders.has(id)) ordersTwice.push(id)
    const lines = list(entry.data.lines).map(line => ({
      sku: String(line.sku),
      quantity: Number(line.quantity),
      wanted: Number(line.wanted),
    }))
    orders.set(id, { invoice: String(entry.data[name]), lines })
  }
  return { orders, ordersTwice }
}

function of(entries: readonly JournalEntry[], kind: string): JournalEntry[] {
  return entries.filter(entry => entry.kind === kind)
}

function list(value: unknown): Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value : []
}
