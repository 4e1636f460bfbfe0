import { beforeAll, describe, expect, test } from 'vitest'
import { sharedPath, suiteWith } from '../support/needs.ts'
import { descriptionOf, type Exchange, heldToDescription } from './described.ts'
import { stageOf } from './platform-stage.ts'

const exchange = (call: string, more: Partial<Exchange> = {}): Exchange => {
  const [method = '', path = ''] = call.split(' ')
  return { method, url: new URL(path, 'https://platform.example'), headers: new Headers(), asked: '', status: 200, answered: '', ...more }
}

suiteWith('../shared/specs', sharedPath('specs'), 'a call that is held against an official description', () => {
  const descriptions = new Map<string, Awaited<ReturnType<typeof descriptionOf>>>()
  beforeAll(async () => {
    for (const platform of ['amazon', 'ebay', 'shopify', 'woocommerce']) descriptions.set(platform, await descriptionOf(platform))
  })
  const patch = {
    productType: 'PRODUCT',
    patches: [{ op: 'merge', path: '/attributes/fulfillment_availability', value: [{ quantity: 1 }] }],
  }
  const taken = { sku: 'MUG', status: 'ACCEPTED', submissionId: '1', issues: [] }
  const item = 'PATCH /listings/2021-08-01/items/A1/MUG?marketplaceIds=A1PA6795UKMFR9'
  const note = { method: 'POST', path: '/wp-json/wc/v3/orders/7/notes' }
  const config = 'GET /commerce/notification/v1/config'
  const shop = 'query Shop { shop { name currencyCode } }'
  const graphql = (query: string, data: object) =>
    exchange('POST /admin/api/2026-10/graphql.json', {
      asked: JSON.stringify({ query, variables: {} }),
      answered: JSON.stringify({ data }),
    })

  test.each<[string, string, Exchange, RegExp | null]>([
    ['as it should be', 'amazon', exchange(item, { asked: JSON.stringify(patch), answered: JSON.stringify(taken) }), null],
    [
      'with a field too many',
      'amazon',
      exchange(item, { asked: JSON.stringify({ ...patch, sku: 'MUG' }) }),
      /must NOT have additional properties/,
    ],
    [
      'with a query that there is not',
      'amazon',
      exchange(`${item}&currency=EUR`, { asked: JSON.stringify(patch) }),
      /no query parameter currency/,
    ],
    ['without a query that must be there', 'amazon', exchange('PATCH /listings/2021-08-01/items/A1/MUG'), /marketplaceIds is missing/],
    ['to an address that there is not', 'amazon', exchange('GET /listings/2021-08-01/stock'), /no model has such a call/],
    ['whose reply has another status', 'amazon', exchange(item, { asked: JSON.stringify(patch), status: 418 }), /no status 418/],
    ['whose reply lacks a field', 'amazon', exchange(item, { answered: '{"sku":"MUG","status":"ACCEPTED"}' }), /submissionId/],
    ['whose reply is of another kind', 'ebay', exchange(config, { answered: '{"alertEmail":7}' }), /alertEmail must be string/],
    ['in GraphQL as it should be', 'shopify', graphql(shop, { shop: { name: 'Shop', currencyCode: 'EUR' } }), null],
    ['for a field that the schema has not', 'shopify', graphql('query A { shop { nickname } }', {}), /nickname/],
    ['whose answer has a null where none may be', 'shopify', graphql(shop, { shop: { name: null, currencyCode: 'EUR' } }), /non-nullable/],
    ['whose answer has a value that the enum has not', 'shopify', graphql(shop, { shop: { name: 'Shop', currencyCode: 'EURO' } }), /EURO/],
    [
      'with a field of another type',
      'woocommerce',
      exchange(`${note.method} ${note.path}`, { asked: '{"note":7}', answered: '{"id":1}' }),
      /note \(string\) is 7/,
    ],
    [
      'whose reply has a field of another kind',
      'woocommerce',
      exchange('GET /wp-json/wc/v3/orders/7', { answered: '{"id":"7"}' }),
      /id is string/,
    ],
  ])('%s (%s)', (_, platform, call, wrong) => {
    const verdict = descriptions.get(platform)?.(call)
    const found = [...(verdict?.request ?? []), ...(verdict?.reply ?? [])].join('; ')
    if (wrong === null) expect([verdict?.request, verdict?.reply]).toEqual([[], []])
    else expect(found).toMatch(wrong)
  })
})

describe('a sandbox that is held to a description', () => {
  test('answers a connector just as without, and what was told to be garbage is no fault of its own', async () => {
    const stage = await (await stageOf('woocommerce')).open()
    const { sandbox, serve } = heldToDescription(stage.sandbox)
    const call = () => new Request('https://shop.example/wp-json/wc/v3/products')
    const [plain, held] = await Promise.all([sandbox.fetch(call()), serve(call())])
    expect([held.status, await held.text()]).toEqual([plain.status, await plain.text()])
    sandbox.misbehave({ kind: 'garbage' })
    // Before its keys are looked at: what it says then is nothing that a shop says.
    expect((await serve(call())).status).toBe(200)
    await stage.close()
  })

  test('is the same one where the platform has no description', async () => {
    expect(await descriptionOf('memory')).toBeNull()
  })
})
