import type { PriceListRow } from '../../db/price-lists.ts'
import { pushPaces } from '../usecases/channels.ts'
import type { Context } from '../usecases/context.ts'
import { beginDryRun } from '../usecases/dry-run.ts'
import { forecastTurns } from '../usecases/forecast-schedule.ts'
import { approvePriceList } from '../usecases/price-lists.ts'
import { type PriceStated, setPrices } from '../usecases/set-prices.ts'
import { Fault } from '../values/fault.ts'
import type { UiDeps } from './deps.ts'
import { faultText } from './forms/post.ts'
import { priceInWords } from './forms/price-refusal.ts'
import type { Preview } from './pages/prices/dry.tsx'
import type { View } from './view.ts'

/** Examples for each channel. */
const EXAMPLES = 3

/** Who asks, with what is known of the platforms' pace. */
export const contextOf = (deps: UiDeps, actor: string): Context => ({
  sql: deps.sql,
  keyring: deps.keyring,
  actor,
  ...(deps.shapes === undefined ? {} : { pushPaceOf: pushPaces(deps.shapes) }),
})

/** What approving a list would do, without doing it: what each channel would show, and when; or why it would be refused. */
export async function previewOfApproval(deps: UiDeps, view: View, actor: string, list: PriceListRow): Promise<Preview> {
  const context = contextOf(deps, actor)
  const dry = beginDryRun(context, { limit: EXAMPLES, field: 'price' })
  const { from, to } = list.waitingTerms ?? list.terms
  try {
    const { guard, unjudged } = await approvePriceList(dry.context, null, list.code, list.version, { acceptWindow: true })
    const coming = [from, to].filter(at => at !== null && Date.parse(at) > view.now.getTime())
    const { kind, code } = (list.waitingTerms ?? list.terms).audience
    const claims = coming.map(at => ({ at: at ?? '', list: list.code, audience: kind, audienceCode: code }))
    return {
      kind: 'outcome',
      outcome: dry.outcome(),
      forecast: await forecastTurns(context, claims),
      ahead: guard ?? [],
      unjudged: unjudged === true,
    }
  } catch (error) {
    return refusedPreview(view, error)
  }
}

/** `isSame`: it stands like this already. */
export type RehearsedPrice = { readonly preview: Preview; readonly isSame: boolean }

/** What setting a price would do, without doing it, as previewOfApproval tells it. */
export async function rehearsedPrice(deps: UiDeps, view: View, actor: string, price: PriceStated): Promise<RehearsedPrice> {
  const dry = beginDryRun(contextOf(deps, actor), { limit: EXAMPLES, field: 'price' })
  try {
    const { changed, forecast } = await setPrices(dry.context, null, [price], { acceptWindow: true })
    return { preview: { kind: 'outcome', outcome: dry.outcome(), forecast }, isSame: changed === 0 }
  } catch (error) {
    return { preview: refusedPreview(view, error), isSame: false }
  }
}

function refusedPreview(view: View, error: unknown): Preview {
  const said = priceInWords({ view }, error, '')
  if (!(said instanceof Fault)) throw error
  return { kind: 'refused', words: faultText(view, said) }
}
