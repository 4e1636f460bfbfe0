import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { makeVendureSandbox } from '../../connectors/vendure/sandbox.ts'
import { sharedPath } from '../support/needs.ts'
import { STARTED_AT, seeded } from './stage.ts'
import { officialSchema, wrongIn } from './vendure-schema.ts'

type Recorded = {
  readonly headers: readonly string[]
  readonly query: string
  readonly variables?: Record<string, unknown>
  readonly response: { readonly data?: unknown; readonly errors?: readonly { message: string; extensions?: { code?: string } }[] }
}
const path = sharedPath('specs/vendure/recorded-3.7.3.json')
const schema = officialSchema()

/** What errors say, without the place in the document. */
const told = ({ data, errors }: Recorded['response']) => ({
  data: data ?? null,
  errors: (errors ?? []).map(({ message, extensions }) => [message, extensions?.code]),
})

describe.skipIf(path === null)('the sandbox answers what a Vendure 3.7.3 answered (needs ../shared/specs/vendure)', () => {
  if (path === null) return
  const { exchanges } = JSON.parse(readFileSync(path, 'utf8')) as { exchanges: Recorded[] }
  const sandbox = makeVendureSandbox({
    ...{ file: ':memory:', now: () => STARTED_AT, scale: 1, random: seeded(1), deliver: async () => 200, lagMs: 0 },
    ...{ apiKey: 'key', currencies: ['USD', 'EUR'], pricesIncludeTax: false },
    locations: [
      { id: '1', name: 'Default Stock Location' },
      { id: '2', name: 'WH2' },
    ],
  })

  const ask = async ({ query, variables = {} }: Recorded, key: string) => {
    const headers = { 'vendure-api-key': key }
    const text = query.startsWith('{') ? `query ${query}` : query
    const body = JSON.stringify({ query: text, variables })
    const answer = await sandbox.fetch(new Request('http://127.0.0.1/admin-api', { method: 'POST', headers, body }))
    return told((await answer.json()) as Recorded['response'])
  }
  const recorded = (at: number): Recorded => {
    const found = exchanges[at]
    if (!found) throw new Error(`there is no recorded exchange ${at}`)
    return found
  }

  test('to the same calls in the same order', async () => {
    sandbox.seed([{ sku: 'V-1', title: 'V', gtin: null, quantity: 3, prices: { USD: '10.00' }, parent: null }])
    // The draft order of the recording is played by a shopper.
    const seen = async (...places: number[]) => {
      for (const at of places) expect([at, await ask(recorded(at), 'key')]).toEqual([at, told(recorded(at).response)])
    }
    await seen(3)
    for (const at of [4, 5]) expect(await ask(recorded(at), 'another')).toEqual(told(recorded(at).response))
    await seen(18, 19, 20, 21, 22)
    sandbox.buy({ ref: 'draft', channelRef: 'USD', lines: [{ sku: 'V-1', quantity: 2 }] })
    await seen(31, 33, 34, 35, 36, 37, 38, 39)
  })

  test('and every recorded question is one that its schema knows', () => {
    if (schema === null) throw new Error('the schema lies beside the recording')
    for (const { query } of exchanges) expect(wrongIn(schema, query)).toEqual([])
  })
})
