import { type Context, Hono } from 'hono'
import { z } from 'zod'
import { isConnectionLost } from '../../db/once-more.ts'
import { missingLines } from '../../db/pages-counter.ts'
import { type DeskPlace, deskClerks, deskPlace, deskPlaces } from '../../db/pages-desk.ts'
import { workOnGroup } from '../usecases/act-on-group.ts'
import { storeStandings } from '../usecases/pick-up-rules.ts'
import type { RequestEnv, RouteTable } from '../usecases/principal.ts'
import { readDesk } from '../usecases/read-desk.ts'
import { Fault } from '../values/fault.ts'
import { deskWorker } from './assets.ts'
import type { UiDeps } from './deps.ts'
import { page } from './page.tsx'
import { ChooseStore, DeskPage, UnboundPage } from './pages/desk/desk.tsx'
import { DayList } from './pages/desk/list.tsx'
import { type View, viewOf } from './view.ts'

export const deskAccess: RouteTable = {
  'GET /desk': 'pickup:write',
  'GET /desk/list': 'pickup:write',
  'GET /desk/worker.js': 'pickup:write',
  'GET /desk/state': 'pickup:write',
  'POST /desk/acts': 'pickup:write',
}

const Units = z.int().min(0).max(100_000)
const LineId = z.int().min(1)
const Deed = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('pick'),
    lines: z
      .array(
        z.strictObject({
          ...{ lineId: LineId, picked: Units.optional(), short: Units.optional(), damaged: Units.optional() },
          ...{ sku: z.string().max(120).optional(), left: Units.optional() },
        }),
      )
      .min(1)
      .max(100),
  }),
  z.strictObject({
    kind: z.literal('put_back'),
    lines: z
      .array(z.strictObject({ lineId: LineId, quantity: Units.min(1) }))
      .min(1)
      .max(100),
  }),
  z.strictObject({ kind: z.literal('ready'), all: z.boolean().optional() }),
  z.strictObject({
    ...{
      kind: z.literal('hand_over'),
      proof: z.enum(['code', 'identity']),
      code: z.string().max(20).optional(),
      takenBy: z.enum(['buyer', 'other']),
    },
  }),
  z.strictObject({ kind: z.literal('keep') }),
  z.strictObject({ kind: z.literal('send') }),
  z.strictObject({ kind: z.literal('receive'), lost: z.boolean().optional() }),
  z.strictObject({ kind: z.literal('reject'), reason: z.enum(['busy', 'closing', 'other']) }),
  z.strictObject({ kind: z.literal('arrive'), bay: z.string().min(1).max(40).nullable() }),
])
const Sent = z.strictObject({ store: z.string().max(120), key: z.string().regex(/^[0-9a-f-]{36}$/), groupId: z.int().min(1), deed: Deed })

/** The pick-up desk of a store. Whoever belongs to a store sees that one only; others choose. */
export function deskRoutes(deps: UiDeps): Hono<RequestEnv> {
  const app = new Hono<RequestEnv>()

  app.get('/desk', async c => {
    const view = viewOf(c, deps)
    const place = await placeOf(c, deps, c.req.query('store'))
    if (place === null)
      return page(c, isUnbound(c) ? <UnboundPage view={view} /> : <ChooseStore view={view} places={await deskPlaces(deps.sql)} />)
    const [clerks, [standing]] = await Promise.all([deskClerks(deps.sql, place.id), storeStandings(contextOf(c, deps), place.code)])
    return page(c, <DeskPage view={view} place={place} clerks={clerks} standing={standing ?? null} />)
  })

  app.get('/desk/list', async c => {
    const view = viewOf(c, deps)
    const place = await placeOf(c, deps, c.req.query('store'))
    if (place === null) return c.redirect('/desk', 303)
    return page(c, <DayList view={view} place={place} cards={await readDesk(contextOf(c, deps), place.id)} />)
  })

  app.get('/desk/worker.js', () => deskWorker())

  app.get('/desk/state', async c => {
    const place = await placeOf(c, deps, c.req.query('store'))
    if (place === null) throw new Fault('not_found', 'There is no such store, or it is not yours.')
    c.header('cache-control', 'no-store')
    const after = c.req.query('after') ?? '0'
    if (!/^\d{1,15}$/.test(after))
      throw new Fault('invalid', 'A page of what is missing begins after a line.', { field: 'after', value: after.slice(0, 40) })
    const [groups, missing] = await Promise.all([readDesk(contextOf(c, deps), place.id), missingLines(deps.sql, place.id, Number(after))])
    return c.json({ now: (deps.now?.() ?? new Date()).toISOString(), groups, missing: missing.lines, missingNext: missing.next })
  })

  // Always an answer of its own for what cannot be done, so that a device may take it off its queue and show it; trouble of the hub is thrown, and asked again.
  app.post('/desk/acts', async c => {
    const { t } = viewOf(c, deps)
    const read = Sent.safeParse(await c.req.json().catch(() => null))
    if (!read.success) return c.json({ refused: t.desk.refusals.malformed })
    const { store, key, groupId, deed } = read.data
    const place = await placeOf(c, deps, store)
    if (place === null) return c.json({ refused: t.desk.refusals.unknown })
    try {
      const { state } = await workOnGroup(contextOf(c, deps), key, place.id, groupId, deed)
      return c.json({ state })
    } catch (error) {
      if (!(error instanceof Fault) || isConnectionLost(error) || error.code === 'unavailable') throw error
      return c.json({ refused: refusalText(t, error) })
    }
  })

  return app
}

/** Who works there. */
export const contextOf = (c: Context<RequestEnv>, { sql, keyring }: UiDeps) => ({ sql, keyring, actor: c.get('principal').actor })

/** A clerk without a store works nowhere; of the others, only the office is in every store. */
const isUnbound = (c: Context<RequestEnv>): boolean => c.get('principal').role === 'clerk' && c.get('principal').locationId === undefined

/** The store whose desk somebody may work at: their own, or the one that the office names. */
export async function placeOf(c: Context<RequestEnv>, deps: UiDeps, asked: string | undefined): Promise<DeskPlace | null> {
  const { locationId } = c.get('principal')
  if (locationId === undefined) return isUnbound(c) || asked === undefined ? null : deskPlace(deps.sql, { code: asked.slice(0, 120) })
  const own = await deskPlace(deps.sql, { id: locationId })
  return asked === undefined || own?.code === asked ? own : null
}

function refusalText({ desk: { refusals } }: View['t'], { detail }: Fault): string {
  const { reason, state, left } = detail
  if (reason === 'closed') return state === 'held' ? refusals.held : refusals.closed
  if (reason === 'wrong_code') return refusals.wrong_code(String(left))
  const known = (['unknown', 'not_ready', 'not_picked', 'too_many', 'part_needed', 'code_locked'] as const).find(one => one === reason)
  return known === undefined ? refusals.other : refusals[known]
}
