/** What can be told, in the order in which people see it. `amount` is in seconds or a count; a channel may have its own where `perChannel`. */
export const ALERT_KINDS = {
  /** The oldest value that may go out waits for longer. */
  channel_late: { amount: 900, quietS: 120, unit: 'seconds', perChannel: true },
  /** So many fields were refused within an hour that had not been in the day before. */
  refusals: { amount: 10, quietS: 600, unit: 'count', perChannel: true },
  /** So many acts on orders (ship, cancel …) were refused by the platform within a day and are not asked for again. */
  acts_refused: { amount: 1, quietS: 0, unit: 'count', perChannel: true },
  /** An act on an order waits for longer. */
  acts_late: { amount: 900, quietS: 60, unit: 'seconds', perChannel: true },
  /** A platform wants an order shipped within less, and it has not left. */
  ship_by: { amount: 14_400, quietS: 0, unit: 'seconds', perChannel: true },
  /** So many values of a channel were found within a day that differ from what we left there. */
  drift: { amount: 50, quietS: 3_600, unit: 'count', perChannel: true },
  /** The platform refuses the account's credentials for longer. */
  credentials: { amount: 60, quietS: 60, unit: 'seconds', perChannel: false },
  /** An account fails for another reason for longer. */
  account_failing: { amount: 900, quietS: 300, unit: 'seconds', perChannel: false },
  /** Looking brought orders that the platform had not told, for longer. */
  webhook_silent: { amount: 3_600, quietS: 0, unit: 'seconds', perChannel: false },
  /** No order for longer, where ten in such a time are usual. */
  orders_silent: { amount: 86_400, quietS: 0, unit: 'seconds', perChannel: true },
  /** A feed of prices is under way for longer: a quarter of an hour is usual. */
  price_feed_late: { amount: 5_400, quietS: 0, unit: 'seconds', perChannel: false },
  /** A transaction holds the feed's horizon back for longer. */
  feed_held: { amount: 60, quietS: 60, unit: 'seconds', perChannel: false },
} as const satisfies Readonly<Record<string, AlertUsual>>

/** From where on a kind is told unless the installation or the channel says otherwise, and how long it must be over before that is told. */
export type AlertUsual = {
  readonly amount: number
  readonly quietS: number
  readonly unit: 'seconds' | 'count'
  readonly perChannel: boolean
}

export type AlertKind = keyof typeof ALERT_KINDS

export const alertKinds = Object.keys(ALERT_KINDS) as readonly AlertKind[]

export const isAlertKind = (text: string): text is AlertKind => Object.hasOwn(ALERT_KINDS, text)
