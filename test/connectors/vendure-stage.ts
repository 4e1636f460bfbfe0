import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import type { ChannelAccess, Session } from '../../connectors/contract.ts'
import { makeHttp } from '../../connectors/http.ts'
import { makePace } from '../../connectors/pace.ts'
import type { Sandbox } from '../../connectors/sandbox.ts'
import { vendure } from '../../connectors/vendure/index.ts'
import type { VendureSandboxOptions } from '../../connectors/vendure/sandbox/schema.ts'
import { makeVendureSandbox } from '../../connectors/vendure/sandbox.ts'
import { currencyDigits } from '../../src/values/money.ts'
import { ofThisFile } from '../support/of-this-file.ts'
import type { PlatformStage } from './platform-stage.ts'
import { openStage, STARTED_AT, type Stage, type Traits } from './stage.ts'
import type { Exchange } from './vendure-schema.ts'

export const vendureTraits: Traits = {
  operations: { push: 'UpdateVariants', listings: 'VariantPage', orders: 'OrderPage', ship: 'ShipFulfilment', refund: 'RefundOrder' },
  pricesHoldTax: true,
  door: null,
}

export const EUR: ChannelAccess = { ref: 'EUR', currency: 'EUR', zone: 'Europe/Berlin' }
export const USD: ChannelAccess = { ref: 'USD', currency: 'USD', zone: 'America/New_York' }
export const vendureKeys = { apiKey: 'lookup:0123456789' }

/** Every call of every stage of this file, for whoever holds them against the schema. */
export const exchanges = ofThisFile<Exchange>()

export type Levers = Partial<Omit<VendureSandboxOptions, 'file' | 'now' | 'scale' | 'random' | 'deliver' | 'lagMs' | 'apiKey'>> & {
  readonly channels?: readonly ChannelAccess[]
  readonly credentials?: Readonly<Record<string, unknown>>
  readonly settings?: Readonly<Record<string, unknown>>
  /** Called when a call has arrived, before the server sees it. */
  readonly before?: (operation: string, sandbox: Sandbox) => void
  /** Called when it has been done, before the answer leaves. */
  readonly after?: (operation: string, sandbox: Sandbox) => void
}

/** A Vendure server with the connector joined to it. */
export function openVendure({
  channels = [EUR],
  credentials = vendureKeys,
  settings = {},
  before,
  after,
  ...levers
}: Levers = {}): Promise<Stage> {
  return openStage({
    connector: vendure,
    traits: vendureTraits,
    makeSandbox: options => watched(makeVendureSandbox({ ...options, ...vendureKeys, ...levers }), before, after),
    access: url => ({ settings: { url, ...settings }, credentials, channels }),
    stranger: url => ({ settings: { url, ...settings }, credentials: { apiKey: 'lookup:wrong' }, channels }),
    secrets: [vendureKeys.apiKey, 'lookup:wrong'],
  })
}

export const stage: PlatformStage = {
  ...{ connector: vendure, traits: vendureTraits, open: () => openVendure() },
  // A server keeps hundredths of any currency, unless it is set up for one that has more digits.
  openIn: currency =>
    openVendure({
      currencies: [currency],
      precision: Math.max(2, currencyDigits(currency)),
      channels: [{ ref: currency, currency, zone: 'UTC' }],
    }),
  finerPrice: 'refused',
  live: {
    make: options => makeVendureSandbox({ ...options, ...vendureKeys }),
    account: (url, scale) => ({
      ...{ settings: { url, scale }, credentials: vendureKeys },
      channels: [{ code: 'vendure', name: 'Vendure', ref: EUR.ref, currency: 'EUR', zone: EUR.zone }],
    }),
    scale: 4,
  },
  limits: [
    {
      what: 'calls a second that the host lets through',
      calls: async () => () =>
        new Request('http://vendure/admin-api', {
          method: 'POST',
          headers: { 'vendure-api-key': vendureKeys.apiKey },
          body: JSON.stringify({ query: '{ stockLocations { items { id } } }' }),
        }),
      burst: 40,
      refusal: { status: 429, body: /Too Many Requests/, headers: { 'retry-after': '3' } },
      again: { afterMs: 1000, calls: 40 },
    },
  ],
}

type Watch = Levers['before']

/** Notes each call with its answer. */
export function watched(sandbox: Sandbox, before?: Watch, after?: Watch): Sandbox {
  const fetch = async (request: Request): Promise<Response> => {
    const call = JSON.parse(await request.clone().text())
    before?.(call.operationName, sandbox)
    const answer = await sandbox.fetch(request)
    const text = await answer
      .clone()
      .text()
      .catch(() => '')
    after?.(call.operationName, sandbox)
    if (text.startsWith('{') && text.endsWith('}') && !text.includes('"success"')) exchanges.push({ ...call, answer: JSON.parse(text) })
    return answer
  }
  return { ...sandbox, fetch }
}

/** Runs the work on a stage and closes it. */
export async function onVendure(levers: Levers, work: (stage: Stage) => Promise<void>): Promise<void> {
  const opened = await openVendure(levers)
  try {
    await work(opened)
  } finally {
    await opened.close()
  }
}

/** What was asked in one call. */
export type Asked = { readonly name: string; readonly variables: Record<string, unknown>; readonly headers: Headers }

/** Answers with this body, by the operation's name, or with a whole response. */
export type Answers = (asked: Asked) => object | Response

/** A session against a server that answers as told, for answers that no server of ours would give. */
export async function withVendure(
  answers: Answers,
  work: (session: Session, asked: readonly Asked[]) => Promise<void>,
  settings: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const asked: Asked[] = []
  const fetch = async (request: Request): Promise<Response> => {
    const { operationName: name, variables } = JSON.parse(await request.text())
    const call = { name, variables, headers: request.headers }
    asked.push(call)
    const answer = answers(call)
    return answer instanceof Response ? answer : Response.json(answer)
  }
  const server = serve({ fetch, port: 0, hostname: '127.0.0.1' })
  await new Promise<void>(resolve => server.once('listening', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { http, close } = makeHttp()
  const tools = { http, now: () => STARTED_AT, pace: makePace(vendure.limits, { scale: 1000, full: true }) }
  try {
    await work(vendure.open({ settings: { url, ...settings }, credentials: vendureKeys, channels: [EUR] }, tools), asked)
  } finally {
    await close()
    await new Promise(resolve => server.close(resolve))
  }
}

export const askedOf = (asked: readonly Asked[], name: string): number => asked.filter(one => one.name === name).length

/** What a server tells of itself first, for tests that answer by themselves. */
export const FACTS = {
  data: {
    activeChannel: {
      ...{
        code: 'shop',
        token: 't',
        availableCurrencyCodes: ['EUR'],
        pricesIncludeTax: true,
        trackInventory: true,
        outOfStockThreshold: 0,
      },
    },
    globalSettings: { trackInventory: true, outOfStockThreshold: 0, serverConfig: { moneyStrategyPrecision: 2 } },
    stockLocations: { items: [{ id: '1', name: 'Default' }] },
  },
}
