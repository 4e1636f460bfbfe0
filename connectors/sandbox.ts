import type { SandboxTerms } from './sandbox-bill.ts'

/**
 * What every platform's sandbox offers besides the platform's own API: the levers of the person who plays the platform (shoppers, faults,
 * the journal). A sandbox keeps its state in SQLite, in memory for tests or in a file beside `npm start`, so that it survives its own death.
 */
export type SandboxOptions = {
  /** SQLite file, or `:memory:`. */
  readonly file: string
  readonly now: () => Date
  /** Multiplies the platform's rates and bursts. */
  readonly scale: number
  /** Source of chance in [0, 1); seeded in tests. */
  readonly random: () => number
  /** Sends a webhook and answers the receiver's status; 0 when it could not be reached. */
  readonly deliver: (url: string, headers: Readonly<Record<string, string>>, body: string) => Promise<number>
  /** Mean time from an order or a write to its webhook, notification or effect, ms; 0 in tests that call `tick` themselves. */
  readonly lagMs: number
}

export type SandboxListing = {
  readonly sku: string
  readonly title: string
  readonly gtin: string | null
  readonly quantity: number
  /** Price per channel ref, decimal text. */
  readonly prices: Readonly<Record<string, string>>
  /** Woo: variations share a parent; null is a simple product. */
  readonly parent: string | null
}

/** What somebody changes at the platform itself, behind the hub's back: a price per channel ref ends its sale. */
export type SandboxEdit = {
  readonly sku: string
  readonly quantity?: number | undefined
  readonly prices?: Readonly<Record<string, string>> | undefined
}

export type SandboxPurchase = {
  /** The caller's own name for the purchase: asked twice, it happens once. */
  readonly ref: string
  readonly channelRef: string
  readonly lines: readonly { readonly sku: string; readonly quantity: number; readonly unitPrice?: string }[]
  readonly placedAt?: Date
  readonly person?: { readonly name: string; readonly email: string; readonly city: string; readonly country: string }
  /** Platform-filled order (Amazon: AFN), which must not touch the seller's stock. */
  readonly foreign?: boolean
  /** `unpaid` orders do not count until paid. */
  readonly unpaid?: boolean
  /** The buyer collects at the place that the channel stands for. */
  readonly pickUp?: boolean
  /** Taxes, discounts and shipping; none unless told. */
  readonly terms?: SandboxTerms
}

/** What staff of the shop change of an order that was placed: units of lines (0 takes one off), and lines that come to it. What they take has to be there. */
export type SandboxAmendment = {
  /** The new number of units, by `externalLineId`. */
  readonly quantities?: Readonly<Record<string, number>>
  readonly added?: readonly { readonly sku: string; readonly quantity: number; readonly unitPrice: string }[]
}

/** What the platform sold: never more than it showed; a line cut to zero is left out. Null when nothing was left. */
export type SandboxOrder = {
  readonly externalId: string
  readonly number: string
  readonly lines: readonly { readonly sku: string; readonly quantity: number; readonly wanted: number; readonly externalLineId: string }[]
}

/** Misbehaviour for the next `times` matching calls (or deliveries), or with a chance on each. */
export type SandboxFault = {
  readonly kind:
    | 'throttle' // 429, with Retry-After where the platform sends it
    | 'eaten' // another application has this part (`chance`) of every bucket, and nobody says so
    | 'error' // 5xx
    | 'timeout-before' // the connection is held and closed, nothing happened
    | 'timeout-after' // took effect, but the answer never comes
    | 'partial' // some items of a batch are refused
    | 'not-applied' // accepted, never takes effect
    | 'late' // accepted, takes effect much later
    | 'schedule-late' // the dates of a sale are taken, but the platform acts on them a day late
    | 'fatal' // a feed is broken off half way, a report ends without a file
    | 'cancelled' // a feed or a report is taken back by the platform before it begins
    | 'poison' // the platform fails at a write of this SKU: what stands before it in the same call took effect, the rest did not
    | 'garbage' // 200 with a body that is not what was promised
    | 'unauthorized' // credentials refused
    | 'webhook-drop'
    | 'webhook-double'
    | 'webhook-late' // reordered behind later ones
    | 'webhook-garbage'
  /** Only calls whose operation name is this one; all when absent. */
  readonly operation?: string
  /** Only with `error`: 500 unless told. */
  readonly status?: 500 | 502 | 503 | 504
  /** Only with `poison`. */
  readonly sku?: string
  readonly times?: number
  readonly chance?: number
}

/** One entry of the journal: what the platform received and what it did, in order. */
export type JournalEntry = {
  readonly seq: number
  readonly at: string
  /** `call` (operation, status), `order`, `cancel`, `refund`, `quantity` (sku, value, cause), `price`, `act`, `webhook`. */
  readonly kind: string
  readonly sku: string | null
  readonly ref: string | null
  readonly data: Readonly<Record<string, unknown>>
}

export type ShownListing = {
  readonly sku: string
  readonly quantity: number
  /** Per channel ref. */
  readonly prices: Readonly<Record<string, { readonly regular: string; readonly sale: string | null }>>
}

export type Sandbox = {
  readonly platform: string
  /** The platform's API. */
  readonly fetch: (request: Request) => Response | Promise<Response>
  /** Adds listings; those that exist (by SKU) stay as they are. */
  readonly seed: (listings: readonly SandboxListing[]) => void
  readonly buy: (purchase: SandboxPurchase) => SandboxOrder | null
  /** The buyer or the platform cancels an order: its unshipped units go back to the platform's own stock. */
  readonly cancel: (externalId: string) => void
  readonly pay: (externalId: string) => void
  /** Only where orders can be edited. The platform's own stock follows. */
  readonly amend?: (externalId: string, amendment: SandboxAmendment) => void
  /** Sends back units of shipped lines; they are restocked on the platform where it does so itself. */
  readonly refund: (externalId: string, lines: readonly { readonly externalLineId: string; readonly quantity: number }[]) => void
  readonly edit: (listing: SandboxEdit) => void
  /** The listing is deleted at the platform. */
  readonly remove: (sku: string) => void
  readonly misbehave: (fault: SandboxFault) => void
  /** Ends all faults. */
  readonly behave: () => void
  readonly journal: (afterSeq: number, limit: number) => readonly JournalEntry[]
  readonly shown: () => readonly ShownListing[]
  /** Does what is due: effects of accepted writes, webhooks, notifications. Answers how much is still waiting. */
  readonly tick: () => Promise<number>
  readonly close: () => void
}
