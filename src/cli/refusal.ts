import type { NamedKind } from '../../db/names.ts'
import type { Context } from '../usecases/context.ts'
import type { TurnForecast } from '../usecases/forecast-schedule.ts'
import { nearNames } from '../usecases/near-names.ts'
import { Fault } from '../values/fault.ts'
import type { Command } from './command.ts'
import { forecastLines } from './forecast-lines.ts'

/** What a field of the API is called here: the first of these options that the command has. */
const OPTIONS: readonly (readonly [field: RegExp, options: readonly string[]])[] = [
  [/\b(?:an |this )?idempotency[- ]key\b/gi, ['key']],
  [/\b(?:occurredAt|countedAt|placedAt)\b/g, ['at', 'occurred-at']],
  [/\bexpectedAt\b/g, ['expected']],
  [/\bexpiresAt\b/g, ['expires']],
  [/\bavailableFrom\b/g, ['from']],
  [/\breturnBy\b/g, ['return-by']],
  [/\breasonCode\b/g, ['reason-code', 'reason']],
  [/\bexpiresInS\b/g, ['seconds']],
  [/\bunitCost\b/g, ['cost']],
  [/`zone`/g, ['zone']],
  [/`channel`/g, ['channel']],
  [/`?acceptWindow`?(: true)?/g, ['accept-window']],
  [/`?acceptHeld`?(: true)?/g, ['accept-held']],
]

/** Where all of a kind are listed. */
const LISTS: Readonly<Record<NamedKind, string>> = {
  sku: 'export catalog',
  location: 'location list',
  channel: 'channel list',
  reason: 'reason list',
  delivery: 'delivery list',
  transfer: 'transfer list',
  list: 'price-list list',
  region: 'audience list region',
  group: 'audience list group',
  tier: 'audience list tier',
  partner: 'partner list',
  product: 'export catalog',
  category: 'export catalog',
}

/** What makes one of a kind. */
const MAKES: Partial<Readonly<Record<NamedKind, (code: string) => string>>> = {
  region: code => `audience set region:${code}`,
  group: code => `audience set group:${code}`,
  tier: code => `audience set tier:${code}`,
  partner: code => `partner set ${code}`,
}

/**
 * A refusal in the words of the command line: options instead of fields of the API, and the next step: names like the one that nobody knows, which
 * stand in the detail too (`nearest`), or the command that lists them. Whatever is no refusal stays as it is.
 */
export async function advised(error: unknown, command: Command, context: Pick<Context, 'sql'>): Promise<unknown> {
  if (!(error instanceof Fault)) return error
  const near = await nearNames(context, error)
  const { expected } = error.detail
  const words = [inOptions(error.message, command), ...forecastOf(error)].join('\n')
  const detail = { ...error.detail, ...(expected === undefined ? {} : { expected: inOptions(expected, command) }) }
  if (near === null) return new Fault(error.code, words, detail)
  const list = LISTS[near.kind]
  const next =
    near.names.length > 0
      ? `Did you mean ${orOf(near.names)}?`
      : words.includes(list)
        ? ''
        : `${making(near.kind, error)}"concord ${list}" tells which there are.`
  return new Fault(error.code, next === '' ? words : `${words.replace(/[.?!]$/, '')}. ${next}`, { ...detail, nearest: near.names })
}

/** The command that makes what nobody knows, where there is one. */
function making(kind: NamedKind, { detail }: Fault): string {
  const code = typeof detail.value === 'string' ? detail.value : ''
  const make = /^[a-z0-9][a-z0-9-]{0,39}$/.test(code) ? MAKES[kind]?.(code) : undefined
  return make === undefined ? '' : `"concord ${make}" makes it; `
}

/** A change that cannot be on time tells its forecast. */
function forecastOf({ code, detail }: Fault): string[] {
  return code === 'late_flip' ? forecastLines(detail.forecast as readonly TurnForecast[]) : []
}

function inOptions(words: string, { options }: Command): string {
  return OPTIONS.reduce((text, [field, names]) => {
    const name = names.find(one => options !== undefined && one in options)
    return name === undefined ? text : text.replaceAll(field, `--${name}`)
  }, words)
}

/** `A`, `A or B`, `A, B or C`. */
export function orOf(names: readonly string[]): string {
  const last = names.at(-1) ?? ''
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} or ${last}`
}
