import { type DryField, dryRun, isDry } from '../../db/dry-run.ts'
import type { Context } from './context.ts'

/** What a command does to the prices that a channel shows. */
export type MovedPrices = {
  readonly channel: string
  readonly listings: number
  /** Prices that move, and of them those that the guard will hold; and those that have no price now that may be shown: a rate is missing, or no room is left. */
  readonly moved: number
  readonly guarded: number
  readonly held: number
  readonly examples: DryField['examples']
}

/** `channels`: where the command does something; null where that is more than can be looked through, or in a dry run, which tells it itself. */
export type WithMoved = { readonly channels: readonly MovedPrices[] | null }

const EXAMPLES = 5

/**
 * Carries out a command that moves prices, and tells which. It is rehearsed first, with no key: afterwards the lanes follow, and nobody could tell what it has moved.
 */
export async function tellingMoved<Done extends object>(
  context: Context,
  key: string | null,
  act: (context: Context, key: string | null) => Promise<Done>,
): Promise<Done & WithMoved> {
  const dry = isDry(context.sql) ? null : dryRun(context.sql, { limit: EXAMPLES, field: 'price' })
  if (dry !== null) await act({ ...context, sql: dry.sql }, null)
  return { ...(await act(context, key)), channels: dry?.told()?.fields?.map(moved) ?? null }
}

function moved({ channel, listings, changed, refused, quarantined, examples }: DryField): MovedPrices {
  const guarded = (quarantined.changed ?? 0) + (quarantined.dropped ?? 0)
  return { channel, listings, moved: changed - refused, guarded, held: refused, examples }
}
