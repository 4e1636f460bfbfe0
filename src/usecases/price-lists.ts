import type { TurnClaim } from '../../db/due.ts'
import {
  type AudienceNamed,
  type DearerBreaks,
  listPriceLists,
  type PriceListAnswer,
  type PriceListBeaten,
  type PriceListCommands,
  type PriceListFilter,
  type PriceListGap,
  type PriceListOverlap,
  type PriceListRow,
  type PriceListTerms,
  priceListBeaten,
  priceListCommand,
  priceListDearerBreaks,
  priceListGaps,
  priceListOverlaps,
  readPriceList,
} from '../../db/price-lists.ts'
import { Fault } from '../values/fault.ts'
import { isCurrency } from '../values/money.ts'
import { carryOut } from './carry-out.ts'
import { type Context, command } from './context.ts'
import { acceptSchedule, type TurnForecast } from './forecast-schedule.ts'
import { channelZones, hasLocal, momentStated } from './moments.ts'
import { priceListRefusal, unknownList } from './price-list-refusal.ts'
import { stated } from './stated.ts'

/** What is stated of a list; what is undefined stays as it is. `audience.code` is null for everyone. `from` and `to`: instants, or local times of the one channel that is addressed, or of `zone` beside them. */
export type PriceListStated = { readonly [Term in keyof PriceListTerms]?: PriceListTerms[Term] | undefined }

/** A list with the lists that it overlaps with: the same kind, audience and priority, and a SKU that both price. */
export type PriceListShown = PriceListRow & {
  readonly overlaps: readonly PriceListOverlap[]
  /** Channels that will pass it over, as the tax between its basis and theirs is not known. */
  readonly gaps: readonly PriceListGap[]
  /** Where another source goes before it. */
  readonly beaten: readonly PriceListBeaten[]
  /** Where a larger quantity costs more than a smaller one. */
  readonly dearer: DearerBreaks | null
}

type Told = { readonly why?: string | undefined }
/** Takes a window where a channel cannot be within a second of the list's beginning or end. */
type Scheduled = { readonly acceptWindow?: boolean | undefined }
type Done<Name extends keyof PriceListCommands> = PriceListCommands[Name] & { readonly version: number; readonly replayed?: true }

/**
 * Makes a list (a draft; it needs a currency) or changes its terms. A draft, and an approved list that is not marked four eyes, is changed at once;
 * what is changed on an approved one that is so marked waits for somebody else. Throws `invalid` (an unknown audience, an end before the beginning),
 * `stale` when `version` is not the present one, `conflict` (the list was ended), `below_floor` when
 * it would reach a channel where its typed prices are below a floor.
 */
export async function setPriceList(
  context: Context,
  key: string | null,
  list: string,
  terms: PriceListStated,
  {
    why,
    version,
    zone,
    acceptWindow = false,
  }: Told & Scheduled & { readonly version?: number | undefined; readonly zone?: string | undefined } = {},
): Promise<Done<'price_list_set_1'> & { readonly list: PriceListShown; readonly forecast: readonly TurnForecast[] }> {
  refuseWrong(terms)
  const said = await inUtc(context, list, terms, zone)
  const told = stated(said)
  const forecast = await acceptSchedule(context, key, { claims: await claimsOfTerms(context, list, said), acceptWindow })
  const done = await run(context, 'price_list_set_1', 'price_list.set', key, list, { terms: told, why, version })
  return { ...done, list: await showPriceList(context, list), forecast }
}

/**
 * Approves a draft, or what waits on an approved list, terms and entries together. `version` is that of the list as it was seen. Throws `stale`
 * when it changed since, `forbidden` for what one wrote oneself on a list marked four eyes, `conflict` when nothing waits, `below_floor`, `late_flip`
 * with the forecast where a channel cannot be within a second of its beginning or end and `acceptWindow` is not given. `guard` tells what the guard would
 * hold when it begins to show; with `acceptHeld` just that passes then (`invalid` where the list prices too many SKUs to be judged ahead).
 */
export async function approvePriceList(
  context: Context,
  key: string | null,
  list: string,
  version: number,
  { why, acceptWindow = false, acceptHeld }: Told & Scheduled & { readonly acceptHeld?: boolean | undefined } = {},
): Promise<Done<'price_list_approve_1'> & { readonly list: PriceListShown; readonly forecast: readonly TurnForecast[] }> {
  const forecast = await acceptSchedule(context, key, { claims: await claimsOfApproval(context, list), acceptWindow })
  const done = await run(context, 'price_list_approve_1', 'price_list.approve', key, list, {
    version,
    why,
    acceptHeld: acceptHeld === true ? true : undefined,
  })
  return { ...done, list: await showPriceList(context, list), forecast }
}

/** Sets aside what waits on a list; what stands goes on. Throws `conflict` when nothing waits, `stale` when `version` is not the present one. */
export function rejectPriceList(
  context: Context,
  key: string | null,
  list: string,
  { why, version }: Told & { readonly version?: number | undefined } = {},
): Promise<Done<'price_list_reject_1'>> {
  return run(context, 'price_list_reject_1', 'price_list.reject', key, list, { version, why })
}

/** Ends a list for good; a draft is thrown away. `mayApprove`: an approved list marked four eyes is ended by those who may approve; for others it throws `forbidden`. */
export function endPriceList(
  context: Context,
  key: string | null,
  list: string,
  mayApprove: boolean,
  { why }: Told = {},
): Promise<Done<'price_list_end_1'>> {
  return run(context, 'price_list_end_1', 'price_list.end', key, list, { mayApprove, why })
}

/** A list as it is now. Throws `not_found`. */
export async function showPriceList(context: Context, list: string): Promise<PriceListShown> {
  const now = context.now?.() ?? null
  const [row, overlaps, gaps, beaten, dearer] = await Promise.all([
    readPriceList(context.sql, list, now),
    priceListOverlaps(context.sql, list, now),
    priceListGaps(context.sql, list, now),
    priceListBeaten(context.sql, list, now),
    priceListDearerBreaks(context.sql, list),
  ])
  if (row === null) throw unknownList(list)
  return { ...row, overlaps, gaps, beaten, dearer }
}

/** Lists by their ids, after the id. */
export function findPriceLists(context: Context, filter: PriceListFilter, after: number, limit: number): Promise<PriceListRow[]> {
  return listPriceLists(context.sql, filter, after, limit, context.now?.() ?? null)
}

async function run<Name extends keyof PriceListCommands>(
  context: Context,
  name: Name,
  kind: string,
  key: string | null,
  list: string,
  said: object,
): Promise<Done<Name>> {
  const body = { list, ...stated(said) }
  const cmd = { ...body, ...command(context, kind, key, body) }
  const answer: PriceListAnswer<Name> = await carryOut(key, () => priceListCommand(context.sql, name, cmd))
  if (answer.outcome !== 'done') throw priceListRefusal(list, answer)
  return answer
}

/** What would begin and end by an approval: the list as it waits, or as it is. */
async function claimsOfApproval(context: Context, list: string): Promise<TurnClaim[]> {
  const row = await readPriceList(context.sql, list)
  const { from, to } = row?.waitingTerms ?? row?.terms ?? { from: null, to: null }
  return [from, to].flatMap(at => (at === null ? [] : [{ at, list }]))
}

/** What terms would begin and end that hold at once; those of a draft, and those that wait for approval, are judged by the approval. */
async function claimsOfTerms(context: Context, list: string, { from, to, audience, fourEyes }: PriceListStated): Promise<TurnClaim[]> {
  const row = await readPriceList(context.sql, list)
  if (row === null || row.state === 'draft' || row.state === 'ended' || row.terms.fourEyes || fourEyes === true) return []
  const instants = [from === undefined ? row.terms.from : from, to === undefined ? row.terms.to : to]
  const { kind, code } = audience ?? row.terms.audience
  return instants.flatMap(at => (at === null ? [] : [{ at, list, audience: kind, audienceCode: code }]))
}

/** The same with instants in UTC for local times: of the zone, else of the one channel that the list is for, as stated or as it was. */
async function inUtc(context: Context, list: string, terms: PriceListStated, zone: string | undefined): Promise<PriceListStated> {
  if (!hasLocal([terms.from, terms.to])) return terms
  const audience = terms.audience ?? (await readPriceList(context.sql, list))?.terms.audience
  const ofChannel = audience?.kind === 'channel' && zone === undefined ? (await channelZones(context)).get(audience.code ?? '') : undefined
  const instant = (name: 'from' | 'to') => {
    const text = terms[name]
    return text == null
      ? {}
      : { [name]: momentStated(text, zone ?? ofChannel ?? null, name, 'the list is not for one channel; give `zone`') }
  }
  return { ...terms, ...instant('from'), ...instant('to') }
}

const PRIORITY_MOST = 1_000_000

function refuseWrong({ currency, audience, priority }: PriceListStated): void {
  if (currency !== undefined && !isCurrency(currency))
    throw new Fault('invalid', `${currency} is no currency.`, {
      field: 'currency',
      value: currency,
      expected: 'a currency code of ISO 4217',
    })
  if (priority !== undefined && !(Number.isInteger(priority) && Math.abs(priority) <= PRIORITY_MOST))
    throw new Fault('invalid', `A priority is a whole number from -${PRIORITY_MOST} to ${PRIORITY_MOST}.`, {
      field: 'priority',
      value: priority,
    })
  if (audience !== undefined && (audience.kind === 'everyone') !== (audience.code === null))
    throw new Fault('invalid', audience.kind === 'everyone' ? 'Everyone has no code.' : `Which ${audience.kind}?`, {
      field: 'audience',
      value: audience.code,
      expected: 'everyone, or a kind with its code',
    })
}

/** For whom a list is, in one word: `everyone`, `channel:woo-eu`. */
export const audienceWord = ({ kind, code }: AudienceNamed): string => (code === null ? kind : `${kind}:${code}`)

const AUDIENCES: readonly AudienceNamed['kind'][] = ['everyone', 'region', 'group', 'channel', 'tier', 'partner']

/** The inverse of `audienceWord`; a kind without a code (`channel`) is all of the kind, for narrowing a list. Throws `invalid`. */
export function audienceOf(word: string): AudienceNamed {
  const [kindWord = '', code = null] = word.split(':')
  const kind = AUDIENCES.find(one => one === kindWord)
  if (kind === undefined)
    throw new Fault('invalid', `"${word}" is no audience.`, {
      field: 'audience',
      value: word,
      expected: 'everyone, or region:, group:, channel:, tier: or partner: with a code',
    })
  return { kind, code }
}
