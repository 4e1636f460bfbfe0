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
