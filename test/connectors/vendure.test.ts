import { describe, expect, test } from 'vitest'
import { operations } from '../../connectors/vendure/operations.ts'
import { conformance } from './conformance.ts'
import { officialSchema, wrongIn, wrongWith } from './vendure-schema.ts'
import { exchanges, stage } from './vendure-stage.ts'

conformance('Vendure', stage)

const schema = officialSchema()

describe.skipIf(schema === null)('Vendure speaks as its server tells of itself (needs ../shared/specs/vendure)', () => {
  if (schema === null) return

  test.each(operations.map(operation => [operation.name, operation] as const))(
    '%s is an operation of the Admin API 3.7',
    (name, operation) => {
      expect(wrongIn(schema, operation.text)).toEqual([])
      expect(operation.text).toContain(`${operation.writes ? 'mutation' : 'query'} ${name}`)
    },
  )

  test('every call of the contract above, and every answer to it, fits the schema', () => {
    const known = new Set(operations.map(operation => operation.text))
    const wrong = exchanges.flatMap(exchange => [
      ...wrongWith(schema, exchange).map(what => `${exchange.operationName}: ${what}`),
      ...(known.has(exchange.query) ? [] : [`${exchange.operationName} is not among the operations`]),
    ])
    expect(wrong).toEqual([])
    expect(exchanges.length).toBeGreaterThan(300)
    console.log(`Vendure: ${exchanges.length} calls and answers were held against the schema`)
  })

  test('finds what is wrong: a variable, a null, an enum, a field too many', () => {
    const query =
      'query A($take: Int!) { stockLocations(options: { take: $take }) { totalItems } activeChannel { code defaultCurrencyCode } }'
    const asked = (variables: Record<string, unknown>, activeChannel: object) =>
      wrongWith(schema, { query, operationName: 'A', variables, answer: { data: { stockLocations: { totalItems: 1 }, activeChannel } } })
    const channel = { code: 'shop', defaultCurrencyCode: 'EUR' }
    expect(asked({ take: 5 }, channel)).toEqual([])
    expect(asked({ take: 'five' }, channel)).toEqual([expect.stringContaining('$take')])
    expect(asked({ take: 5 }, { ...channel, code: null })).toEqual([expect.stringContaining('non-nullable')])
    expect(asked({ take: 5 }, { ...channel, defaultCurrencyCode: 'EURO' })).toEqual([expect.stringContaining('EURO')])
    expect(asked({ take: 5 }, { ...channel, token: 'x' })).toEqual([expect.stringContaining('holds more')])
    expect(wrongIn(schema, 'query A { activeChannel { nickname } }')).toEqual([expect.stringContaining('nickname')])
    const refused = { query, operationName: 'A', variables: { take: 'five' }, answer: { data: null, errors: [{ message: 'no' }] } }
    expect(wrongWith(schema, refused)).toEqual([expect.stringContaining('$take')])
  })
})
