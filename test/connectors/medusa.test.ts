import { describe, expect, test } from 'vitest'
import { conformance } from './conformance.ts'
import { knownAnswers, officialMedusa, wrongWith } from './medusa-schema.ts'
import { exchanges, stage } from './medusa-stage.ts'

conformance('Medusa', stage)

const official = officialMedusa()

describe.skipIf(official === null)('Medusa speaks as it is described and was recorded (needs ../shared/specs/medusa)', () => {
  test('every call of the contract above, and every answer to it, fits the description and the recordings', () => {
    if (official === null) return
    const known = knownAnswers(official)
    expect([...new Set(exchanges.flatMap(one => wrongWith(official, known, one)))]).toEqual([])
    expect(exchanges.length).toBeGreaterThan(250)
    console.log(`Medusa: ${exchanges.length} calls and answers were held against the description and the recordings`)
  })
})
