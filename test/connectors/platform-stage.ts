import type { Connector } from '../../connectors/contract.ts'
import { connectors } from '../../connectors/registry.ts'
import type { Sandbox, SandboxOptions } from '../../connectors/sandbox.ts'
import type { NewAccount } from '../../src/usecases/channels.ts'
import type { Stage, Traits } from './stage.ts'

/**
 * What tests that hold for every platform need of one: `test/connectors/{platform}-stage.ts` exports it as `stage`, and they find it there by the
 * registry's name. The conformance suite, the round trip of prices and the race of a push with an unseen order take a new platform up by themselves.
 */
export type PlatformStage = {
  readonly connector: Connector
  readonly traits: Traits
  /** The usual account and its sandbox, at an instant that only the test moves. */
  readonly open: () => Promise<Stage>
  /** The same with one channel, which is in this currency. */
  readonly openIn: (currency: string) => Promise<Stage>
  /** What becomes of a price with more decimals than its currency has: 0.012345 EUR. */
  readonly finerPrice: 'shown' | 'refused'
  readonly live: LiveAccount
  /** What the platform lets a client do, and how it refuses one that does more (`limits.test.ts`). */
  readonly limits: readonly PlatformLimit[]
  /** How long, and how, our connector is watched for being refused: where absent, a quarter of a minute of everything at once. */
  readonly steady?: readonly Steady[]
}

/** A limit of the platform, or of what stands in front of a server that has none of its own, as its sandbox enforces it. */
export type PlatformLimit = {
  readonly what: string
  /** `live.make` unless told, at a scale of 1. */
  readonly make?: (options: SandboxOptions) => Sandbox
  /** Makes ready what raw calls need (a token, an offer) and answers how the next one is made. */
  readonly calls: (sandbox: Sandbox) => Promise<() => Request>
  /** So many go at once. */
  readonly burst: number
  /** The next one is answered with this, in the platform's own words. */
  readonly refusal: Refusal
  /** After this time so many go again. */
  readonly again: { readonly afterMs: number; readonly calls: number }
}

export type Refusal = { readonly status: number; readonly body: RegExp; readonly headers?: Readonly<Record<string, string>> }

/** Steady work on an account, in virtual time. Everything of it is changed again and again, orders are polled for, and all of it is read. */
export type Steady = {
  readonly what: string
  readonly make?: (options: SandboxOptions) => Sandbox
  readonly listings: number
  readonly changeEveryMs: number
  readonly forMs: number
  /** How the same account would be refused: without the pace, or with the budgets of another scale. */
  readonly unless: 'paced' | { readonly scale: number }
  /** How finely its loops look for work. */
  readonly idleMs?: number
}

/** The usual account for a hub that runs: its sandbox keeps to the clock, and the account's pace is `scale` times the platform's. */
export type LiveAccount = {
  readonly make: (options: SandboxOptions) => Sandbox
  /** The account as the hub is told of it; the first channel is the one that is bought from, the locations are all. */
  readonly account: (address: string, scale: number) => Omit<NewAccount, 'name' | 'platform'>
  /** So fast that orders are polled for within seconds, and a few dozen pushes take no longer. */
  readonly scale: number
}

/** The stage of a platform. @throws Error that names the file to write where there is none. */
export async function stageOf(platform: string): Promise<PlatformStage> {
  const file = `./${platform}-stage.ts`
  const found = await import(file).catch((error: unknown) => {
    throw new Error(`tests of every platform need test/connectors/${platform}-stage.ts, which cannot be loaded`, { cause: error })
  })
  if (found.stage?.connector?.platform !== platform)
    throw new Error(
      `test/connectors/${platform}-stage.ts must export "stage", a PlatformStage (test/connectors/platform-stage.ts) of ${platform}`,
    )
  return found.stage
}

/** The stages of all platforms of the registry, in its order. */
export function everyStage(): Promise<readonly PlatformStage[]> {
  return Promise.all(connectors.map(({ platform }) => stageOf(platform)))
}
