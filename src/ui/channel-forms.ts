import { type Context, Hono } from 'hono'
import { channelHead, channelPool } from '../../db/pages-channel.ts'
import { isListedIn, listedAs } from '../../db/pages-channel-matching.ts'
import { SHORT_BECOMES } from '../../db/short-rules.ts'
import { askChannel, changeChannel, type RiskPolicy } from '../usecases/channels.ts'
import { retryPublication } from '../usecases/force.ts'
import { matchListing, replayMessage } from '../usecases/match.ts'
import type { RequestEnv } from '../usecases/principal.ts'
import { setShortRule } from '../usecases/short-rules.ts'
import { Fault } from '../values/fault.ts'
import type { UiDeps } from './deps.ts'
import { choice, type Given, keyOf, refusal, required, text, units } from './forms/given.ts'
import { carryOutForm } from './forms/post.ts'
import { refuseToSend } from './forms/push-refusal.ts'
import { placeField } from './pages/channel/policy.tsx'
import type { Words } from './words.ts'

/** The forms of a channel's page. Each says afterwards what happened, with the channel's name in it. */
export function channelForms(deps: UiDeps): Hono<RequestEnv> {
  const app = new Hono<RequestEnv>()
  const code = (c: Context): string => c.req.param('code') ?? ''
  const back = (c: Context): string => `/channels/${encodeURIComponent(code(c))}`

  app.post('/channels/:code/publish', c =>
    carryOutForm(c, deps, back(c), async (given, context) => {
      const t = given.view.t.channel.switches
      const { name } = await known(deps, code(c))
      const field = choice(given, 'field', t.title, ['stock', 'prices'])
      const on = choice(given, 'on', t.title, ['yes', 'no']) === 'yes'
      await changeChannel(context, code(c), field === 'stock' ? { publishStock: on } : { publishPrices: on }, keyOf(given))
      return t.done(name, field === 'stock' ? t.stockField : t.pricesField, on)
    }),
  )

  app.post('/channels/:code/pause', c =>
    carryOutForm(c, deps, back(c), async (given, context) => {
      const t = given.view.t.channel.pause
      const { name } = await known(deps, code(c))
      const paused = choice(given, 'paused', t.title, ['yes', 'no']) === 'yes'
      await changeChannel(context, code(c), { paused }, keyOf(given))
      return t.done(name, paused)
    }),
  )

  app.post('/channels/:code/observe', c =>
    carryOutForm(c, deps, back(c), async (given, context) => {
      const { name } = await known(deps, code(c))
      await askChannel(context, code(c), 'observe')
      return given.view.t.channel.pause.observed(name)
    }),
  )

  app.post('/channels/:code/policy', c =>
    carryOutForm(c, deps, back(c), async (given, context) => {
      const t = given.view.t.channel.policy
      const { name } = await known(deps, code(c))
      const cap = text(given, 'cap') === '' ? null : units(given, 'cap', t.cap)
      const buffer = units(given, 'buffer', t.buffer)
      const percent = text(given, 'bufferPercent') || '0'
      if (!/^\d{1,3}(\.\d{1,2})?$/.test(percent) || Number(percent) > 100) throw refusal(t.badPercent(percent), 'bufferPercent')
      if (buffer > 0 && Number(percent) > 0) throw refusal(t.both, 'bufferPercent')
      const bufferRisk = riskOf(given, t)
      if (bufferRisk !== null && (buffer > 0 || Number(percent) > 0)) throw refusal(t.one, 'riskMargin')
      const change = {
        ...(bufferRisk !== null ? { bufferRisk } : Number(percent) > 0 ? { bufferPercent: Number(percent) } : { buffer }),
        ...{ cap, stopSellingAt: units(given, 'stopSellingAt', t.stop), sellAhead: text(given, 'sellAhead') === 'yes' },
      }
      await changeChannel(context, code(c), change, keyOf(given))
      return t.saved(name)
    }),
  )

  app.post('/channels/:code/pool', c =>
    carryOutForm(c, deps, back(c), async (given, context) => {
      const { id, name } = await known(deps, code(c))
      await changeChannel(context, code(c), { locations: await chosenPool(deps, given, id, name) }, keyOf(given))
      return given.view.t.channel.pool.saved(name)
    }),
  )

  app.post('/channels/:code/short', c =>
    carryOutForm(c, deps, back(c), async (given, context) => {
      const t = given.view.t.channel.short
      const { name } = await known(deps, code(c))
      const rule = { becomes: choice(given, 'becomes', t.becomes, SHORT_BECOMES), afterMinutes: units(given, 'afterMinutes', t.after) }
      if (rule.afterMinutes > 100_000) throw refusal(t.tooLong, 'afterMinutes')
      await setShortRule(context, keyOf(given), code(c), text(given, 'do') === 'none' ? null : rule)
      return t.saved(name)
    }),
  )

  app.post('/channels/:code/match', c =>
    carryOutForm(c, deps, back(c), async (given, context) => {
      const t = given.view.t.channel.match
      const sku = required(given, 'sku', given.view.t.channel.difference.sku)
      const listing = units(given, 'listing', t.external)
      const { id, name } = await known(deps, code(c))
      await ownListing(deps, id, listing)
      const before = await listedAs(deps.sql, id, sku, listing)
      await matchListing(context, listing, sku, keyOf(given))
      const saved = t.saved(text(given, 'external') || String(listing), sku, before?.title ?? '')
      if (before === null || before.others.length === 0) return saved
      return { warning: `${saved} ${t.already(sku, name, before.others.join(', '))}` }
    }),
  )

  app.post('/channels/:code/unmatch', c =>
    carryOutForm(c, deps, back(c), async (given, context) => {
      const t = given.view.t.channel.match
      const listing = units(given, 'listing', t.external)
      const { id, name } = await known(deps, code(c))
      await ownListing(deps, id, listing)
      await matchListing(context, listing, null, keyOf(given))
      return t.undone(text(given, 'external') || String(listing), name)
    }),
  )

  app.post('/channels/:code/retry', c =>
    carryOutForm(c, deps, back(c), async (given, context) => {
      const t = given.view.t.channel.refused
      const head = await known(deps, code(c))
      const field = choice(given, 'field', t.value, ['stock', 'price'])
      const listing = units(given, 'listing', given.view.t.channel.match.external)
      await retryPublication(context, listing, field).catch(refuseToSend(given.view.t.publishing.force, head))
      return t.retried(text(given, 'sku'), head.name)
    }),
  )

  app.post('/channels/:code/replay', c =>
    carryOutForm(c, deps, back(c), async (given, context) => {
      const t = given.view.t.channel.kept
      const id = units(given, 'message', t.topic)
      await replayMessage(context, id)
      return t.replayed(id)
    }),
  )

  return app
}

/** The terms of a buffer by risk; null where both are left empty. */
function riskOf(given: Given, t: Words['channel']['policy']): RiskPolicy | null {
  const [margin, cancellation] = [text(given, 'riskMargin'), text(given, 'riskCancellation')]
  if (margin === '' && cancellation === '') return null
  if (margin === '' || cancellation === '') throw refusal(t.pair, margin === '' ? 'riskMargin' : 'riskCancellation')
  return { margin, cancellation }
}

/** The locations with a number, in the order of their numbers. Refuses a channel without a location, and a number that stands there twice. */
async function chosenPool(deps: UiDeps, given: Given, channelId: number, name: string): Promise<readonly string[]> {
  const t = given.view.t.channel.pool
  const places = await channelPool(deps.sql, channelId)
  const chosen = places
    .filter(place => place.kind !== 'platform' && text(given, placeField(place.code)) !== '')
    .map(place => ({ ...place, at: units(given, placeField(place.code), t.position(place.name)) }))
    .sort((a, b) => a.at - b.at)
  if (chosen.length === 0) throw refusal(t.empty(name), 'locations')
  for (const [index, place] of chosen.entries()) {
    const next = chosen[index + 1]
    if (next?.at === place.at) throw refusal(t.twice(place.at, place.name, next.name), 'locations')
  }
  return chosen.map(place => place.code)
}

/** A form of one channel's page touches no listing of another. */
async function ownListing(deps: UiDeps, channelId: number, listing: number): Promise<void> {
  if (await isListedIn(deps.sql, channelId, listing)) return
  throw new Fault('not_found', `This channel has no listing ${listing}.`, { field: 'listing', value: listing })
}

async function known(deps: UiDeps, code: string) {
  const head = await channelHead(deps.sql, code)
  if (head === null) throw new Fault('not_found', `There is no channel ${code}.`, { field: 'channel', value: code })
  return head
}
