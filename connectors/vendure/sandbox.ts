import { z } from 'zod'
import type { Sandbox } from '../sandbox.ts'
import { makeBuckets } from '../sandbox-buckets.ts'
import { readDocument } from '../sandbox-document.ts'
import { execute, isField, Refusal, type Variables } from '../sandbox-graphql.ts'
import { playable } from '../sandbox-played.ts'
import { cutAnswer, type Due, openSandboxStore } from '../sandbox-store.ts'
import { amend } from './sandbox/amend.ts'
import { edit, remove, seed, shown } from './sandbox/catalog.ts'
import { buy, cancel, pay, refund } from './sandbox/orders.ts'
import { FORBIDDEN, mutationRoot, queryRoot } from './sandbox/root.ts'
import { LATER_COLUMNS, SCHEMA, type Server, type VendureSandboxOptions } from './sandbox/schema.ts'
import { isKnown, newestSession } from './sandbox/sessions.ts'
import { type Applied, apply } from './sandbox/writes.ts'

const DUE_MAX = 500
const PER_S = 40
const callShape = z.looseObject({
  query: z.string(),
  operationName: z.string().nullish(),
  variables: z.record(z.string(), z.unknown()).nullish(),
})

/** Nobody shops there by himself. */
export const played = playable({
  options: z.strictObject({ apiKey: z.string(), currencies: z.array(z.string()).min(1) }),
  make: (base, own) => makeVendureSandbox({ ...base, ...own }),
  stalls: () => [],
})

/** A Vendure server: its Admin API as far as the hub uses it, its shoppers and its staff. */
export function makeVendureSandbox(options: VendureSandboxOptions): Sandbox {
  const server: Server = { options, store: openSandboxStore(options, SCHEMA, LATER_COLUMNS) }
  const { store } = server
  const enter = makeBuckets(options, store)
  const perS = options.perS ?? PER_S
  // Vendure asks nobody to wait; what stands in front of a server does.
  const gate = (): boolean => enter('front', { ratePerS: perS, burst: perS })
  let isClosed = false
  const take = (): readonly Due[] =>
    store.change(() => {
      const due = store.takeDue(DUE_MAX)
      for (const { data } of due) apply(server, data as Applied)
      return due
    })
  return {
    platform: 'vendure',
    fetch: request => serve(server, gate, request),
    seed: listings => store.change(() => seed(server, listings)),
    buy: purchase => store.change(() => buy(server, purchase)),
    cancel: id => store.change(() => cancel(server, Number(id))),
    pay: id => store.change(() => pay(server, Number(id))),
    amend: (id, amendment) => store.change(() => amend(server, Number(id), amendment)),
    refund: (id, lines) => store.change(() => refund(server, Number(id), lines)),
    edit: listing => store.change(() => edit(server, listing)),
    remove: sku => store.change(() => remove(server, sku)),
    misbehave: store.misbehave,
    behave: () => {
      store.behave()
      store.run('update variant set is_barred = 0')
    },
    journal: store.journal,
    shown: () => shown(server),
    tick: async () => {
      while (!isClosed && take().length > 0);
      return isClosed ? 0 : store.waiting()
    },
    close: () => {
      isClosed = true
      store.close()
    },
  }
}

/** One call: its faults, its key, then its work and its journal entry in one transaction. */
async function serve(server: Server, gate: () => boolean, request: Request): Promise<Response> {
  const { store, options } = server
  const text = await request.text()
  if (new URL(request.url).pathname !== '/admin-api' || request.method !== 'POST') return new Response('Not Found', { status: 404 })
  const call = callShape.safeParse(parsed(text))
  const operation = (call.success ? call.data.operationName : null) ?? 'unknown'
  const holdMs = options.lagMs === 0 ? 0 : 1500
  const noted = (status: number, response: Response): Response => {
    store.record('call', { ref: operation, data: { status } })
    return response
  }
  if (store.strikes('timeout-before', operation)) return cutAnswer(holdMs)
  const failing = store.failing(operation)
  if (failing !== null) return noted(failing, new Response('<h1>Bad Gateway</h1>', { status: failing }))
  if (store.strikes('throttle', operation) || !gate())
    return noted(429, new Response('Too Many Requests', { status: 429, headers: { 'retry-after': '3' } }))
  if (!call.success) return noted(400, Response.json({ errors: [{ message: 'POST body missing' }] }, { status: 400 }))
  const isLetIn = !store.strikes('unauthorized', operation) && (operation === 'Login' || isKnown(server, request.headers))
  const { status, body } = store.change(() => {
    const done = isLetIn
      ? answered(server, call.data.query, call.data.variables ?? {})
      : { status: 200, body: refusal(FORBIDDEN, 'FORBIDDEN') }
    store.record('call', { ref: operation, data: { status: done.status, refused: 'errors' in done.body } })
    return done
  })
  if (store.strikes('timeout-after', operation)) return cutAnswer(holdMs)
  if (store.strikes('garbage', operation)) return garbage(body, options.random())
  return Response.json(body, { status, headers: operation === 'Login' ? { 'vendure-auth-token': newestSession(server) } : {} })
}

/** What is wrong with a call is told in a 200. Resolvers refuse before they write anything, so nothing stays of a mutation that is refused. Only a document that cannot be read is a bad request. */
function answered(server: Server, query: string, variables: Variables): { readonly status: number; readonly body: object } {
  try {
    const document = readDocument(query)
    const root = document.isMutation ? mutationRoot(server) : queryRoot(server)
    const unknown = document.fields.find(one => isField(one) && root[one.name] === undefined)
    if (unknown && isField(unknown)) {
      const message = `Cannot query field "${unknown.name}" on type "${String(root.__typename)}".`
      return { status: 400, body: { errors: [{ message, extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }] } }
    }
    return { status: 200, body: { data: execute(document, root, variables) } }
  } catch (error) {
    if (error instanceof Refusal) return { status: 200, body: refusal(error.message, error.code) }
    if (error instanceof z.ZodError)
      return { status: 400, body: { errors: [{ message: z.prettifyError(error), extensions: { code: 'BAD_USER_INPUT' } }] } }
    if (error instanceof SyntaxError)
      return { status: 400, body: { errors: [{ message: error.message, extensions: { code: 'GRAPHQL_PARSE_FAILED' } }] } }
    throw error
  }
}

function refusal(message: string, code: string | null): object {
  return { errors: [{ message, ...(code === null ? {} : { extensions: { code } }) }], data: null }
}

/** What was asked is done, but the answer is a page of something in between, cut off, or something else. */
function garbage(body: object, chance: number): Response {
  if (chance < 0.34) return new Response('<!doctype html><title>Something went wrong</title>', { headers: { 'content-type': 'text/html' } })
  if (chance < 0.67) return new Response(JSON.stringify(body).slice(0, -1), { headers: { 'content-type': 'application/json' } })
  return Response.json({ success: true })
}

/** The JSON value, or undefined when it is none. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
