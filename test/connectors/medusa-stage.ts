import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import type { ChannelAccess, Session } from '../../connectors/contract.ts'
import { type HttpCall, makeHttp } from '../../connectors/http.ts'
import { medusa } from '../../connectors/medusa/index.ts'
import type { MedusaSandboxOptions } from '../../connectors/medusa/sandbox/schema.ts'
import { makeMedusaSandbox } from '../../connectors/medusa/sandbox.ts'
import { makePace } from '../../connectors/pace.ts'
import type { Sandbox } from '../../connectors/sandbox.ts'
import { ofThisFile } from '../support/of-this-file.ts'
import type { PlatformStage } from './platform-stage.ts'
import { openStage, STARTED_AT, type Stage, type Traits } from './stage.ts'

export const medusaTraits: Traits = {
  operations: {
    push: 'levels.batch',
    listings: 'variants.list',
    orders: 'orders.list',
    ship: 'shipments.create',
    refund: 'payments.refund',
  },
  refundsWithdraw: false,
  door: null,
}

export const BERLIN: ChannelAccess = { ref: 'sloc_01K0BERLIN', currency: 'EUR', zone: 'Europe/Berlin' }
export const MALMO: ChannelAccess = { ref: 'sloc_01K0MALMO', currency: 'SEK', zone: 'Europe/Stockholm' }
export const LOCATIONS = [
  { id: BERLIN.ref, name: 'Berlin', currency: 'EUR' },
  { id: MALMO.ref, name: 'Malmö', currency: 'SEK' },
]
export const medusaKeys = { apiKey: 'sk_0123456789' }

/** A call as it went, with its answer. */
export type Exchange = {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly body: unknown
  readonly status: number
  readonly answer: unknown
}

/** Every call of every stage of this file, for whoever holds them against the official description. */
export const exchanges = ofThisFile<Exchange>()

type Levers = Partial<Pick<MedusaSandboxOptions, 'currency' | 'locations' | 'email' | 'password' | 'perS'>> & {
  readonly channels?: readonly ChannelAccess[]
  readonly credentials?: Readonly<Record<string, unknown>>
  /** Called when a call has arrived, before the server sees it. */
  readonly before?: (call: { readonly method: string; readonly path: string }, sandbox: Sandbox) => void | Promise<void>
}

/** A Medusa server with the connector joined to it. */
export function openMedusa({ channels = [BERLIN], credentials = medusaKeys, before, ...levers }: Levers = {}): Promise<Stage> {
  return openStage({
    connector: medusa,
    traits: medusaTraits,
    makeSandbox: options => watched(makeMedusaSandbox({ locations: LOCATIONS.slice(0, 1), ...options, ...medusaKeys, ...levers }), before),
    access: url => ({ settings: { url, pickUpOptions: ['so_pick_up'] }, credentials, channels }),
    stranger: url => ({ settings: { url }, credentials: { apiKey: 'sk_wrong' }, channels }),
    secrets: [medusaKeys.apiKey, 'sk_wrong'],
  })
}

/** Notes each call with its answer. */
function watched(sandbox: Sandbox, before?: Levers['before']): Sandbox {
  const fetch = async (request: Request): Promise<Response> => {
    const { pathname: path, searchParams: query } = new URL(request.url)
    const text = request.method === 'GET' ? '' : await request.clone().text()
    await before?.({ method: request.method, path }, sandbox)
    const answer = await sandbox.fetch(request)
    const told = await answer
      .clone()
      .text()
      .catch(() => '')
    if (told.startsWith('{') && told.endsWith('}')) {
      const body = text === '' ? undefined : JSON.parse(text)
      exchanges.push({ method: request.method, path, query, body, status: answer.status, answer: JSON.parse(told) })
    }
    return answer
  }
  return { ...sandbox, fetch }
}

export const stage: PlatformStage = {
  ...{ connector: medusa, traits: medusaTraits, open: () => openMedusa() },
  openIn: currency => openMedusa({ locations: [{ id: BERLIN.ref, name: 'Berlin', currency }], channels: [{ ...BERLIN, currency }] }),
  finerPrice: 'shown',
  live: {
    make: options => makeMedusaSandbox({ ...options, ...medusaKeys, locations: LOCATIONS.slice(0, 1) }),
    account: (url, scale) => ({
      ...{ settings: { url, scale }, credentials: medusaKeys },
      channels: [{ code: 'medusa', name: 'Medusa', ref: BERLIN.ref, currency: 'EUR', zone: 'Europe/Berlin' }],
    }),
    scale: 20,
  },
  limits: [
    {
      what: 'calls a second that the host lets through',
      calls: async () => () => new Request('http://medusa/admin/stores', { headers: { authorization: `Basic ${medusaKeys.apiKey}` } }),
      burst: 40,
      refusal: { status: 429, body: /Too Many Requests/, headers: { 'retry-after': '2' } },
      again: { afterMs: 1000, calls: 40 },
    },
  ],
}

/** Runs the work on a stage and closes it. */
export async function onMedusa(levers: Levers, work: (stage: Stage) => Promise<void>): Promise<void> {
  const opened = await openMedusa(levers)
  try {
    await work(opened)
  } finally {
    await opened.close()
  }
}

/** A session against a server that answers as told, for answers that no server of ours would give. */
export async function withMedusa(
  answer: (request: Request) => Response | Promise<Response>,
  work: (session: Session, calls: readonly HttpCall[]) => Promise<void>,
  channels: readonly ChannelAccess[] = [BERLIN],
): Promise<void> {
  const server = serve({ fetch: answer, port: 0, hostname: '127.0.0.1' })
  await new Promise<void>(resolve => server.once('listening', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { http, close } = makeHttp()
  const calls: HttpCall[] = []
  const tools = {
    http: (call: HttpCall) => {
      calls.push(call)
      return http(call)
    },
    now: () => STARTED_AT,
    pace: makePace(medusa.limits, { scale: 1000, full: true }),
  }
  try {
    await work(medusa.open({ settings: { url }, credentials: medusaKeys, channels }, tools), calls)
  } finally {
    await close()
    await new Promise(resolve => server.close(resolve))
  }
}
