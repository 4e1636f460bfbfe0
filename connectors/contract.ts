import type { z } from 'zod'
import type { ActCause } from '../src/values/act-cause.ts'
import type { ChannelOrder, OrderFlag } from '../src/values/channel-order.ts'
import type { Connecting } from '../src/values/connecting.ts'
import type { Feed, FeedDeclaration } from './feed.ts'
import type { Http } from './http.ts'
import type { Limit, Pace, Rank } from './pace.ts'
import type { Report, ReportDeclaration } from './report.ts'
import type { ReturnsDeclaration, ReturnsReport } from './returns.ts'

export { AccountTrouble, type TroubleKind } from './trouble.ts'

/**
 * What a platform's connector is. A connector is a plain object; `open` gives a session bound to one account. It never sees the
 * database, the domain or another connector. Trouble of the whole account is thrown as `AccountTrouble`; the verdict on one
 * item is returned.
 */
export type Connector = {
  readonly platform: string
  readonly title: string
  readonly declares: Declaration
  /** Shape of an account's settings (addresses, seller id). Shown and stored in the clear. */
  readonly settings: z.ZodType<Readonly<Record<string, unknown>>>
  /** Shape of an account's credentials. Stored sealed. */
  readonly credentials: z.ZodType<Readonly<Record<string, unknown>>>
  /** How people connect an account, for the console's form; absent: the form has the bare names of settings and credentials. */
  readonly connecting?: Connecting
  /** Only where the platform signs webhooks with a secret of its own, which the credentials may hold; null: they do not. */
  readonly webhookSecret?: (credentials: Readonly<Record<string, unknown>>) => string | null
  /** The platform's published limits by operation name, unscaled: whoever opens a session makes its `Pace` from them. */
  readonly limits: Readonly<Record<string, Limit>>
  readonly open: (account: AccountAccess, tools: Tools) => Session
}

export type AccountAccess = {
  readonly settings: Readonly<Record<string, unknown>>
  readonly credentials: Readonly<Record<string, unknown>>
  readonly channels: readonly ChannelAccess[]
}

/** One channel of the account. `ref` is the platform's marketplace id; a platform with one shop per account uses `shop`. */
export type ChannelAccess = { readonly ref: string; readonly currency: string; readonly zone: string }

export type Tools = { readonly http: Http; readonly pace: Pace; readonly now: () => Date }

/** What a platform can do. Pages, lanes and the conformance suite read this; what is not declared is not offered. */
export type Declaration = {
  /**
   * How the platform counts, for people. `sellable`: its number is what it may still sell. `physical`: what lies there, of which it takes its own open orders off by
   * itself. Quantities of the contract are what may be sold, in both: a connector of the second kind reads what lies there less what is reserved, and writes what it is
   * asked for plus what is reserved just then.
   */
  readonly stockBasis: 'sellable' | 'physical'
  /** True where one stock serves all channels of the account. */
  readonly stockPerAccount: boolean
  /** True where "accepted" is not yet live, so that applied must be read back later. */
  readonly acceptedIsNotApplied: boolean
  /** True where a sale's dates go along, and the platform begins and ends it by itself. The database is told (`platform_takes_sales`). */
  readonly saleDates: boolean
  /** True where what buyers pay can stand beside the regular price. The database is told (`platform_shows_sales`). */
  readonly saleBeside: boolean
  /** True where a sale can name the price that it is measured by: `reference` of its price. The database is told (`platform_takes_reference`). */
  readonly referencePrice: boolean
  readonly acts: readonly ActKind[]
  /** True where the platform says by when an order is to be shipped. */
  readonly statesShipBy?: boolean
  /** What orders are flagged for (`ChannelOrder.flags`), where the platform tells. */
  readonly flags?: readonly OrderFlag['kind'][]
  /** True where an order tells the language that its buyer reads. */
  readonly tellsLanguage?: boolean
  /** Set where the platform tells its buyers itself how their orders stand, and forbids sellers to write to them. */
  readonly tellsBuyers?: boolean
  /** True where single units can be cancelled; elsewhere only an order as a whole. */
  readonly cancelsParts: boolean
  /**
   * Where a cancellation gives money back by itself: of an order as a whole whatever was paid, of single units what the act says of them, or what was paid for them. Elsewhere
   * a refund is an act of its own. The database is told (`order_cancel_pays`).
   */
  readonly cancelPaysBack?: { readonly whole?: boolean; readonly parts?: boolean }
  /** How orders arrive besides polling: by webhook to us, by a queue that we read, or not at all. */
  readonly arrival: 'webhook' | 'queue' | 'poll'
  /** Listings per `push` call at most, and per `readListings` call. */
  readonly pushMax: number
  readonly readMax: number
  /** Calls of `push` that may be under way at once. */
  readonly pushConcurrency: number
  /** Normal time between two order polls, ms; the lane divides it by the account's scale. */
  readonly pollEveryMs: number
  /** How often `orders` may look again behind its cursor, ms of overlap. */
  readonly pollOverlapMs: number
  /** The platform's last moments that an order poll may not have shown yet, ms: clocks differ, and some platforms list changes late. */
  readonly pollBlindMs: number
  /**
   * For how long after "accepted" a value may still not show before it counts as lost, ms: within this time each accepted value is proven, by the answer itself or
   * read back, or found lost and sent again.
   */
  readonly applyWithinMs: number
  /** The platform's order states and what each asks of us; shown in the console. */
  readonly orderStates: Readonly<Record<string, ChannelOrder['effect']>>
  /** What each call of `push` takes from, by its name in `limits`: that much can be kept back for prices that are due at an instant. */
  readonly pushOperation: string
  /** What one push call usually takes, ms: for forecasts. */
  readonly pushLatencyMs: number
  /** Rough lower bound for n changed listings: refill rate r per second, burst b and calls c per listing, for T* of DESIGN 4. */
  readonly pushBucket: { readonly ratePerS: number; readonly burst: number } | null
  /** Only where many prices can go as one document; the session has `feed` then. */
  readonly feed?: FeedDeclaration
  /** Only where the platform makes reports of all listings; the session has `report` then. */
  readonly report?: ReportDeclaration
  /** How units that came back are told: as a part of the order's state, in a report of their own (the session may have `returns` then), or not at all. */
  readonly returns: 'order' | 'report' | 'none'
  /** Only with `returns: 'report'`. */
  readonly returnsReport?: ReturnsDeclaration
}

export type ListingKey = {
  readonly channelRef: string
  readonly externalId: string
  readonly externalParentId: string | null
  readonly externalSku: string
  readonly productType: string | null
}

/** A listing as the platform shows it now. Quantity null: the platform does not manage stock for it. */
export type RemoteListing = ListingKey & {
  readonly title: string
  readonly gtin: string | null
  readonly state: 'active' | 'inactive'
  readonly quantity: number | null
  readonly price: ShownPrice | null
  /** When the platform itself says that the listing was last changed, by whomever; ISO instant. Absent where it does not tell. */
  readonly modifiedAt?: string | null
}

/** A part of all listings, and where the next one begins; null: that was all. */
export type BulkPage = { readonly listings: readonly RemoteListing[]; readonly next: string | null }

/**
 * The cheapest way to see all listings, a call at a time, out of calls that nobody else needs. A place is kept as text, and outlives the session: what is read
 * twice does no harm, and what a page misses because others moved is looked at by name afterwards.
 */
export type Bulk = {
  /** One call: the listings from this place on (null: from the beginning). */
  readonly page: (place: string | null) => Promise<BulkPage>
  /** Only where variations are read by their parent, which `page` then leaves out: those of this one, in one call. */
  readonly family?: (parentId: string, place: string | null) => Promise<BulkPage>
}

/**
 * Prices as decimal text in the channel's currency; `sale` with its period (ISO instants) when there is one. `reference`, only where it is declared: the lowest
 * price of the 30 days before the sale began (EU Omnibus); null where nothing was shown then.
 */
export type ShownPrice = {
  readonly currency: string
  readonly regular: string
  readonly sale: {
    readonly amount: string
    readonly from: string | null
    readonly to: string | null
    readonly reference?: string | null | undefined
  } | null
}

/** One listing's smallest set of absolute values. A field that is absent is not touched. */
export type PushItem = {
  readonly listing: ListingKey
  /** `expected`: what we believe to be shown. Where the platform compares before it sets, it is not raised over less than this: somebody may have bought it. */
  readonly stock?: { readonly quantity: number; readonly expected?: number }
  /** One entry for each channel whose price changes (they share the listing's external SKU on platforms with several marketplaces). */
  readonly prices?: readonly { readonly channelRef: string; readonly price: ShownPrice }[]
  /** Due at an instant that has come: its call goes ahead of all others, out of the calls that were kept back. */
  readonly urgent?: true
  /** What is shown is sold at a loss, or is not there any more: its call goes ahead even of urgent ones. */
  readonly first?: true
}

/** One outcome per item and field, in the order of the items. */
export type PushOutcome = { readonly stock?: FieldOutcome; readonly prices?: readonly FieldOutcome[] }

export type FieldOutcome =
  | { readonly status: 'accepted' /** True where the answer itself shows that the value is live. */; readonly applied: boolean }
  | { readonly status: 'rejected'; readonly code: string; readonly words: string }
  | {
      readonly status: 'retry'
      readonly words: string
      readonly afterMs: number
      /** What is shown is not what we believed: it is looked at before it is sent again. */
      readonly unseen?: true
      /** "Too many" of these calls: the pace keeps them back already, so the value waits no longer for having failed before. */
      readonly throttled?: true
    }

/** `ready`: the buyer may collect. `refund`: money goes back; no unit of stock moves by it, because the hub books what comes back itself. */
export type ActKind = 'acknowledge' | 'ready' | 'ship' | 'cancel' | 'refund'

/** Something to be done at the platform that is not absolute: identified by our key. */
export type Act = {
  readonly key: string
  readonly kind: ActKind
  readonly externalOrderId: string
  readonly channelRef: string
  /** Units of lines; with `refund` those that the money is for, which may be none. */
  readonly lines: readonly { readonly externalLineId: string; readonly quantity: number }[]
  readonly tracking?: { readonly carrier: string; readonly number: string; readonly url?: string; readonly shippedAt: string }
  /** Only with `cancel` and `refund`: why. Each platform has words of its own for it. */
  readonly cause?: ActCause
  /** And why in a person's words. */
  readonly reason?: string
  /** Only with `ready`: what the buyer is to say or show when collecting, where the platform can pass it on. */
  readonly code?: string
  /** Always with `refund`; with `cancel` of single units what goes back for them, where the platform pays it back and the hub knows what was paid. */
  readonly refund?: ActRefund
}

/** Money that goes back to the buyer: decimal text above zero, tax included, in the order's currency. */
export type ActRefund = {
  readonly currency: string
  /** By `externalLineId`. */
  readonly amounts: Readonly<Record<string, string>>
  readonly shipping: string | null
  /** When it was decided (ISO instant): what the platform has refunded before is another refund. */
  readonly decidedAt: string
}

export type ActOutcome =
  | { readonly status: 'confirmed' }
  | { readonly status: 'refused'; readonly code: string; readonly words: string }
  | { readonly status: 'retry'; readonly words: string; readonly afterMs: number }
  /** The call may or may not have had its effect: it is resolved by `actHappened`, never by sending again. */
  | { readonly status: 'unknown'; readonly words: string }

export type OrderPage = {
  /** Orders that could be understood, oldest change first, and those that could not, with the reason. */
  readonly orders: readonly ChannelOrder[]
  readonly unreadable: readonly Unreadable[]
}

export type Unreadable = { readonly externalId: string | null; readonly reason: string; readonly raw: string }

/** What a stored webhook or queue message tells. `orders` when the message itself is enough; `reread` names orders to fetch. */
export type MessageReading =
  | { readonly kind: 'orders'; readonly orders: readonly ChannelOrder[] }
  | { readonly kind: 'reread'; readonly externalIds: readonly string[] }
  | { readonly kind: 'listings'; readonly externalSkus: readonly string[] }
  /** Somebody has closed his account there: whatever personal data we hold of him (`OrderPerson.account`) is to be removed. */
  | { readonly kind: 'forget'; readonly account: string }
  | { readonly kind: 'nothing'; readonly why: string }
  | { readonly kind: 'unreadable'; readonly reason: string }

export type QueueMessage = { readonly id: string; readonly receipt: string; readonly topic: string; readonly body: string }

export type AccountCheck = {
  readonly ok: boolean
  readonly findings: readonly { readonly what: string; readonly ok: boolean; readonly words: string }[]
}

export type Session = {
  /** Tries the credentials and names what is missing. Does not throw for what a person can mend. */
  readonly test: () => Promise<AccountCheck>
  /** All listings of the account, page by page. */
  readonly listings: () => AsyncIterable<readonly RemoteListing[]>
  /** The listings with these keys as they are now; a listing that the platform no longer has is left out. At most `readMax` keys. `spare`: nobody waits for it. */
  readonly readListings: (keys: readonly ListingKey[], rank?: Pick<Rank, 'spare'>) => Promise<readonly RemoteListing[]>
  readonly bulk: Bulk
  /** Splits waiting items into calls, in their order: each group goes to `push` as one. */
  readonly group: (items: readonly PushItem[]) => readonly (readonly PushItem[])[]
  readonly push: (items: readonly PushItem[]) => Promise<readonly PushOutcome[]>
  readonly feed?: Feed
  readonly report?: Report
  /** Only with `returns: 'report'`, and not where the account's settings say that people count in what comes back. */
  readonly returns?: ReturnsReport
  /** Orders changed after the instant, oldest change first, page by page. */
  readonly orders: (changedAfter: Date) => AsyncIterable<OrderPage>
  readonly order: (externalId: string) => Promise<ChannelOrder | Unreadable | null>
  /** Reads a stored message. Pure but for parsing: no calls. */
  readonly readMessage: (topic: string, body: string) => MessageReading
  /** Only with `arrival: 'queue'`: receives up to 10 messages; `deleteMessages` after they are stored. */
  readonly receive?: () => Promise<readonly QueueMessage[]>
  readonly deleteMessages?: (receipts: readonly string[]) => Promise<void>
  /** Only where the platform fills a queue of ours: makes sure that it does. `elsewhere`: another program's is filled instead, which is left to people. */
  readonly ensureQueue?: () => Promise<'present' | 'created' | 'revived' | 'elsewhere'>
  /** Only with `arrival: 'webhook'`: makes sure that the platform sends order webhooks to this address. Answers what it did. */
  readonly ensureWebhooks?: (address: string, secret: string) => Promise<'present' | 'created' | 'revived'>
  readonly act: (act: Act) => Promise<ActOutcome>
  /** Reads the platform's order to tell whether the act took effect. */
  readonly actHappened: (act: Act) => Promise<boolean>
}
