import { describe, expect, test } from 'vitest'
import { operations } from '../../connectors/shopify/operations.ts'
import { conformance } from './conformance.ts'
import { officialSchema, wrongIn, wrongWith } from './shopify-schema.ts'
import { exchanges, stage } from './shopify-stage.ts'

conformance('Shopify', stage)

const schema = officialSchema()

describe.skipIf(schema === null)('Shopify speaks as its published schema says (needs ../shared/specs/shopify)', () => {
  if (schema === null) return

  test.each(operations.map((operation, n) => [n, operation.name, operation] as const))(
    'operation %i, %s, is one of the Admin API 2026-10',
    (_n, name, operation) => {
      expect(wrongIn(schema, operation.text)).toEqual([])
      expect(operation.text).toContain(`${operation.writes ? 'mutation' : 'query'} ${name}`)
    },
  )

  test('none of them is productSet, which deletes the variants that it does not name', () => {
    expect(operations.filter(operation => /productSet|productDelete|VariantsBulkDelete/.test(operation.text))).toEqual([])
  })

  test('every call of the contract above, and every answer to it, fits the schema', () => {
    const known = new Set(operations.map(operation => operation.text))
    const wrong = exchanges.flatMap(exchange => [
      ...wrongWith(schema, exchange),
      ...(known.has(exchange.query) ? [] : [`${exchange.operationName} is not among the operations`]),
    ])
    expect(wrong).toEqual([])
    expect(exchanges.length).toBeGreaterThan(650)
    console.log(`Shopify: ${exchanges.length} calls and answers were held against the schema`)
  })

  test('no call costs more points than the pace was told of, nor than a query may', () => {
    const told = new Map(operations.map(operation => [operation.text, operation.points]))
    for (const { query, variables, answer, operationName } of exchanges) {
      const reckoned = told.get(query)?.(variables) ?? 0
      const cost = answer.extensions?.cost?.requestedQueryCost ?? 0
      expect([operationName, cost <= reckoned, reckoned <= 1000]).toEqual([operationName, true, true])
    }
  })

  test('finds what is wrong: a null, an enum, a field too many', () => {
    const query = 'query A { shop { name currencyCode } }'
    const asked = (shop: object) => wrongWith(schema, { query, operationName: 'A', variables: {}, answer: { data: { shop } } })
    expect(asked({ name: 'Shop', currencyCode: 'EUR' })).toEqual([])
    expect(asked({ name: null, currencyCode: 'EUR' })).toEqual([expect.stringContaining('non-nullable')])
    expect(asked({ name: 'Shop', currencyCode: 'EURO' })).toEqual([expect.stringContaining('EURO')])
    expect(asked({ name: 'Shop', currencyCode: 'EUR', email: 'x' })).toEqual([expect.stringContaining('holds more')])
    expect(wrongIn(schema, 'query A { shop { nickname } }')).toEqual([expect.stringContaining('nickname')])
  })
})
