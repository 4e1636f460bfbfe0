export type TroubleKind =
  /** Credentials refused: a person must act. */
  | 'auth'
  /** Not reachable, 5xx, time-out before anything was sent or on a read. */
  | 'down'
  /** Told to wait. */
  | 'throttled'

/** Trouble of the whole account. `maybeTookEffect` when a write may have arrived: its fields are re-read, never blindly repeated. */
export class AccountTrouble extends Error {
  override readonly name = 'AccountTrouble'
  readonly kind: TroubleKind
  readonly afterMs: number
  readonly maybeTookEffect: boolean
  /** True where the platform itself answered that it failed (5xx): then it may be what was sent that it fails at. */
  readonly answered: boolean
  /** True where no call was made, as it is known that the platform fails or asked to wait: that says nothing new of it. */
  readonly untried: boolean

  constructor(
    kind: TroubleKind,
    words: string,
    options: { afterMs?: number; maybeTookEffect?: boolean; answered?: boolean; untried?: boolean } = {},
  ) {
    super(words)
    this.kind = kind
    this.afterMs = options.afterMs ?? 0
    this.maybeTookEffect = options.maybeTookEffect ?? false
    this.answered = options.answered ?? false
    this.untried = options.untried ?? false
  }
}
