/**
 * A platform's own report of all listings of one channel: a file that it makes in its own time. Asking for one changes nothing. It tells less than a listing that is
 * read, and as it was some time ago: what it confirms is right, what it does not is looked at by name.
 */
export type Report = {
  /**
   * Asks for a report of this channel. Answers its name at the platform; null: the platform makes none for this account. With a lost answer it may have been asked for:
   * `requestedSince` tells.
   */
  readonly request: (channelRef: string) => Promise<string | null>
  /** The newest report of this channel that was asked for at or after the instant, by whomever; null: there is none. */
  readonly requestedSince: (channelRef: string, at: Date) => Promise<string | null>
  readonly look: (report: string) => Promise<ReportLook>
  /** What is in the file, a part at a time, from a row on: no more than a few MB of it are in memory. Not understood: the last part says so. */
  readonly rows: (file: string, fromRow: number) => AsyncIterable<ReportPart>
}

export type ReportLook =
  | { readonly status: 'waiting' }
  /** `file`: its name, for `rows`. */
  | { readonly status: 'done'; readonly file: string }
  /** Broken off, taken back or forgotten: no file will come of it. */
  | { readonly status: 'none' }

export type ReportPart =
  | { readonly rows: readonly ReportedListing[]; readonly nextRow: number }
  /** The file is something else than promised. */
  | { readonly words: string }

/** What a report tells of a listing. Null: it does not tell. */
export type ReportedListing = {
  readonly sku: string
  readonly state: 'active' | 'inactive' | null
  readonly quantity: number | null
  /** The regular price, decimal text in the channel's currency. A sale is not told. */
  readonly regular: string | null
}

/** What is said of a platform's reports. */
export type ReportDeclaration = {
  /** What each request takes from, and what looks at listings by name take from, by their names in `limits`. */
  readonly operation: string
  readonly readOperation: string
  /** Listings that a call of the bulk read shows, and that one search of it reaches. */
  readonly bulkMax: number
  /** From the request to the file, ms, as long as nothing better is learnt; and how often it is asked for meanwhile. */
  readonly processingMs: number
  readonly lookEveryMs: number
  /** A report that is not taken in by then, ms from its request, is waited for no more: the account is searched. */
  readonly lateMs: number
  /** What a report cannot tell is looked at by a search of everything so often, ms. */
  readonly searchEveryMs: number
}
