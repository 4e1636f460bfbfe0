import type { PushItem, PushOutcome } from './contract.ts'

/**
 * Prices of many listings as one document, which the platform works through in its own time. What it carries may take effect long after it was
 * handed over, so stock never goes this way. Nothing happens before `start`.
 */
export type Feed = {
  /** Hands over a document with these items (prices only, at most `itemsMax`, one item per SKU). Answers its name at the platform. */
  readonly upload: (items: readonly PushItem[]) => Promise<string>
  /**
   * Lets the platform work through the document. Trouble that is thrown with `maybeTookEffect` leaves it unknown: `startedSince` tells then.
   * The same document is never started twice.
   */
  readonly start: (document: string) => Promise<FeedStart>
  /** The account's feeds that were started at or after the instant, oldest first, whoever started them. */
  readonly startedSince: (at: Date) => Promise<readonly string[]>
  readonly look: (feed: string) => Promise<FeedLook>
  /**
   * What became of each item, in the order in which they were uploaded; asked again, it answers the same. An item without an outcome: the platform did
   * not say. `accepted` is queued there, and not yet shown.
   */
  readonly verdicts: (report: string, items: readonly PushItem[]) => Promise<readonly PushOutcome[]>
  /** Takes back a feed that still waits. False: it is being worked through, or has ended. */
  readonly cancel: (feed: string) => Promise<boolean>
}

export type FeedStart =
  | { readonly status: 'started'; readonly feed: string }
  /** The platform did not take it: nothing happened, and nothing will. */
  | { readonly status: 'refused'; readonly words: string }
  | { readonly status: 'retry'; readonly words: string; readonly afterMs: number }

export type FeedLook =
  | { readonly status: 'queued' | 'working' }
  | { readonly status: 'done'; readonly report: string }
  /** Taken back before it was begun: nothing of it happened. */
  | { readonly status: 'cancelled' }
  /** Broken off, or its report is gone: some, none or all of it happened. */
  | { readonly status: 'fatal' }

/** What is said of a platform's feeds. */
export type FeedDeclaration = {
  /** Fewer listings than these never go by feed, however slow single calls are. */
  readonly itemsMin: number
  readonly itemsMax: number
  /** What each start takes from, by its name in `limits`. */
  readonly operation: string
  /** From the start of a feed to its verdicts, ms, as long as nothing better is learnt. */
  readonly processingMs: number
  /** A feed without a verdict after this time, ms, is waited for no more: its items go one by one. */
  readonly lateMs: number
}
