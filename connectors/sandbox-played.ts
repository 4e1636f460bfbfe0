import type { z } from 'zod'
import type { Sandbox, SandboxOptions } from './sandbox.ts'

/** What a sandbox gets beside its own part of the configuration, when it is played in the process of the sandboxes. */
export type PlayedOptions = SandboxOptions & {
  /** Asks an address a question (GET) and answers its words; null when it cannot be reached. */
  readonly ask: (url: string) => Promise<string | null>
}

/** Where people shop at a platform: one of its channels, and its share of the platform's shoppers. */
export type Stall = {
  readonly channelRef: string
  readonly share: number
  readonly country: string
  /** Whether the platform also sells from stock that it holds itself. */
  readonly holdsStock: boolean
}

/** How a platform is played in the process of the sandboxes: what `sandbox.ts` of its folder exports as `played`, and the registry's line loads. */
export type Playable<T = unknown> = {
  /** Shape of the platform's part of `config.json`, which stands there under its name. Folders of older releases must stay readable. */
  readonly options: z.ZodType<T>
  /**
   * Paths on the common address that are the platform's, for connectors that speak to one host without a path of its own; `rest`: all that are nobody's. Every
   * platform answers below `/{platform}/` too, whose sandbox sees the path without it: a new one needs nothing else.
   */
  readonly paths?: RegExp | 'rest'
  /** @throws ZodError when what is told is not of that shape. */
  readonly open: (base: PlayedOptions, told: unknown) => { readonly sandbox: Sandbox; readonly stalls: readonly Stall[] }
}

/** Makes a platform playable from its shape, its sandbox, and where people shop there. */
export function playable<T>(parts: {
  readonly options: z.ZodType<T>
  readonly paths?: RegExp | 'rest'
  readonly make: (base: PlayedOptions, own: T) => Sandbox
  readonly stalls: (own: T) => readonly Stall[]
}): Playable<T> {
  const { options, paths, make, stalls } = parts
  return {
    options,
    ...(paths === undefined ? {} : { paths }),
    open: (base, told) => {
      const own = options.parse(told)
      return { sandbox: make(base, own), stalls: stalls(own) }
    },
  }
}
