import { type Context, Hono } from 'hono'
import { listLocations } from '../../db/locations.ts'
import { channelChoices } from '../../db/pages-sku-channels.ts'
import { rulesVersions } from '../../db/routing-settings.ts'
import { PLAIN_RULES, RANKS, type RankBy, type RoutingRules } from '../domain/fulfilment/rules.ts'
import type { Context as UseCaseContext } from '../usecases/context.ts'
import type { RequestEnv, RouteTable } from '../usecases/principal.ts'
import { setRules, statedRules } from '../usecases/routing-settings.ts'
import { type WhatIf, whatIf } from '../usecases/what-if.ts'
import { Fault } from '../values/fault.ts'
import { jsonLines } from '../values/json-lines.ts'
import type { UiDeps } from './deps.ts'
import { type Flash, setFlash } from './flash.ts'
import { number } from './format.ts'
import { type Given, keyOf, refusal, text } from './forms/given.ts'
import { troubleOf } from './forms/post.ts'
import { codesIn, draftOfRules, givenRules, movedDraft, type RulesDraft, ruleField, writtenRules } from './forms/routing-draft.ts'
import { page } from './page.tsx'
import { RoutingPage } from './pages/routing/rules.tsx'
import { Compared, type CompareState, DAY_CHOICES } from './pages/routing/what-if.tsx'
import { addressOf } from './parts/list.tsx'
import { may, type View, viewOf } from './view.ts'

export const routingAccess: RouteTable = {
  'GET /orders/routing': 'orders:read',
  // Comparing changes nothing; saving asks for channels:write itself.
  'POST /orders/routing': 'orders:read',
}

const LOCATIONS_MOST = 1_000
const WEEK = 7

/** The rules of routing: looked at, edited, tried on the last days, saved. */
export function routingRoutes(deps: UiDeps): Hono<RequestEnv> {
  const app = new Hono<RequestEnv>()
  const { sql } = deps

  type Shown = {
    view: View
    channel: string
    draft: RulesDraft | null
    wrong?: string | null
    looked?: number | null
    compared: CompareState
  }
  const show = async (c: Context<RequestEnv>, shown: Shown, version?: number | null): Promise<Response> => {
    const { view, channel, wrong = null, looked = null, compared } = shown
    const [versions, general, channels, locations] = await Promise.all([
      rulesVersions(sql, channel === '' ? null : channel),
      rulesVersions(sql, null),
      channelChoices(sql),
      listLocations(sql, 0, LOCATIONS_MOST),
    ])
    const stands = versions.find(one => one.until === null)
    const rules = versions.find(one => one.version === looked) ?? stands ?? general.find(one => one.until === null)
    return page(
      c,
      <RoutingPage
        {...{ view, channel, channels, versions, wrong, looked, compared }}
        locations={locations.filter(one => one.kind !== 'platform').map(one => one.code)}
        version={version === undefined ? (stands?.version ?? null) : version}
        draft={shown.draft ?? (rules === undefined ? plainDraft(view) : draftOfRules(rules.rules))}
      />,
    )
  }
  const channelIn = (c: Context<RequestEnv>): string => (c.req.query('channel') ?? '').slice(0, 60)

  app.get('/orders/routing', c => {
    const version = /^\d{1,7}$/.exec(c.req.query('version') ?? '')
    const looked = version === null ? null : Number(version[0])
    return show(c, { view: viewOf(c, deps), channel: channelIn(c), draft: null, looked, compared: { days: WEEK, answer: null } })
  })

  app.post('/orders/routing', async c => {
    const view = viewOf(c, deps)
    const channel = channelIn(c)
    const body = await c.req.parseBody()
    const fields = Object.fromEntries(Object.entries(body).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])))
    const given: Given = { view, fields }
    const act = text(given, 'do')
    const draft = givenRules(given)
    const days = DAY_CHOICES.find(one => `${one}` === text(given, 'days')) ?? WEEK
    const version = /^\d{1,9}$/.test(text(given, 'version')) ? Number(text(given, 'version')) : null
    const context: UseCaseContext = { sql, keyring: deps.keyring, actor: c.get('principal').actor }
    const asLines = c.req.header('accept')?.includes('application/x-ndjson') === true
    const again = (more: { flash?: Flash; wrong?: string | null; answer?: WhatIf } = {}, shown = draft): Promise<Response> => {
      const seen = { ...view, flash: more.flash ?? null }
      return show(
        c,
        { view: seen, channel, draft: shown, wrong: more.wrong ?? null, compared: { days, answer: more.answer ?? null } },
        version,
      )
    }
    try {
      if (act !== 'save' && act !== 'compare') return await again({}, movedDraft(draft, act, newRule(view)))
      const rules = await readDraft(deps, view, draft)
      if (act === 'save') {
        if (!may(view, 'channels:write')) throw new Fault('forbidden', 'channels:write is needed')
        const made = await setRules(context, keyOf(given), channel === '' ? null : channel, version, rules)
        setFlash(c, deps, { tone: 'done', title: null, text: view.t.routing.saved(number(made, view.language)) })
        return c.redirect(addressOf('/orders/routing', { channel }), 303)
      }
      const steps = whatIf(context, { rules, channel: channel === '' ? null : channel, days })
      const first = await steps.next()
      if (asLines) return streamed(c, deps, view, first, steps)
      let answer = first.done ? undefined : first.value.answer
      for await (const step of steps) answer = step.answer ?? answer
      return await again(answer === undefined ? {} : { answer })
    } catch (error) {
      const flash = troubleOf(view, error)
      if (asLines) return c.body(`${JSON.stringify({ words: flash.text })}\n`, 200, { 'content-type': 'application/x-ndjson' })
      return again({ flash, wrong: error instanceof Fault ? (error.detail.field ?? null) : null })
    }
  })

  return app
}

type Steps = ReturnType<typeof whatIf>

/** How far it is, line by line, then the part of the page that tells what came of it. */
function streamed(c: Context<RequestEnv>, deps: UiDeps, view: View, first: Awaited<ReturnType<Steps['next']>>, steps: Steps): Response {
  const count = (n: number): string => number(n, view.language)
  const lines = jsonLines(
    first,
    steps,
    ({ done, of, answer }) =>
      answer === undefined
        ? { done, of, words: view.t.routing.whatIf.step(count(done), count(of)) }
        : { html: String(<Compared view={view} answer={answer} />) },
    error => {
      deps.log.error({ err: error, requestId: c.get('requestId') }, 'a comparison of routing rules broke off')
      return { words: view.t.routing.whatIf.brokeOff }
    },
  )
  return c.body(lines, 200, { 'content-type': 'application/x-ndjson' })
}

const plainDraft = (view: View, name = view.t.routing.plainRule): RulesDraft => {
  const plain = draftOfRules(PLAIN_RULES)
  return { ...plain, rules: plain.rules.map(rule => ({ ...rule, name })) }
}

/** The plain rule under a name that says that it is new. */
const newRule = (view: View): RulesDraft['rules'] => plainDraft(view, view.t.routing.newRule).rules

/** The rules of a form. Throws the refusal in the person's language, by the field that is wrong. */
async function readDraft(deps: UiDeps, view: View, draft: RulesDraft): Promise<RoutingRules> {
  const t = view.t.routing
  const known = new Set((await listLocations(deps.sql, 0, LOCATIONS_MOST)).map(one => one.code))
  for (const [n, rule] of draft.rules.entries()) {
    const strange = codesIn(rule.locations).find(code => !known.has(code))
    if (strange !== undefined) throw refusal(t.wrongPlace(t.rule(n + 1), strange), ruleField(n, 'locations'))
  }
  try {
    return statedRules(writtenRules(draft))
  } catch (error) {
    const field = error instanceof Fault ? error.detail.field : undefined
    if (field === 'lateAfterHours') throw refusal(t.wrong(t.title, t.late), field)
    const [, n, name = '', by] = /^rules\.(\d+)\.(\w+)(?:\.(\w+))?$/.exec(field ?? '') ?? []
    if (n === undefined) throw error
    throw refusal(t.wrong(t.rule(Number(n) + 1), fieldWord(view, by ?? name)), ruleField(Number(n), by ?? name))
  }
}

function fieldWord(view: View, field: string): string {
  const t = view.t.routing
  if (RANKS.some(by => by === field)) return t.worth[field as RankBy]
  return field === 'name' || field === 'locations' || field === 'maxKm' || field === 'maxPlaces' || field === 'noSplitBelow'
    ? t[field]
    : field
}
