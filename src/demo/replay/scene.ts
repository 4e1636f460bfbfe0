import type { RemoteSandbox } from '../../../connectors/sandbox-remote.ts'
import type { Context } from '../../usecases/context.ts'
import type { Platform } from './plan.ts'

/** What the parts of a replay share: the books of the hub and the platforms as shoppers see them. */
export type Scene = {
  readonly context: Context
  readonly platforms: Readonly<Record<Platform, RemoteSandbox>>
  readonly progress: Progress
  readonly signal: AbortSignal
  /** Ends all parts, for the reason given. */
  readonly fail: (error: unknown) => void
}

/** Told how far each part is, as often as it likes. */
export type Progress = (part: 'laid in' | 'published' | 'sold' | 'booked' | 'shipped' | 'settled', done: number, of: number) => void

export const PLATFORMS: readonly Platform[] = ['woocommerce', 'amazon']

/** The one location that the replay's stock lies at. */
export const WAREHOUSE = 'MAIN'
/** The retailer's currency. */
export const CURRENCY = 'GBP'
/** What the platforms call the channel that the retailer sells in. */
export const CHANNEL_REF: Readonly<Record<Platform, string>> = { woocommerce: 'shop', amazon: 'A1F83G8C2ARO7P' }
