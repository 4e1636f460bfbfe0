import { expect, test } from 'vitest'
import { beginLogin } from '../../db/sessions.ts'
import { freshDatabase } from '../support/database.ts'
import { repetitions } from '../support/repetitions.ts'

test('however many guesses at a password come at once, as many as are allowed are looked at', async () => {
  const { sql } = await freshDatabase({ max: 20 })
  const now = new Date('2026-11-22T08:00:00Z')
  const rounds = repetitions('guesses at once', 20, 200)
  for (let round = 0; round < rounds; round++) {
    const subjects = [
      { subject: `account:${round}`, most: 5 },
      { subject: `address:${round}`, most: 30 },
    ]
    const waits = await Promise.all(Array.from({ length: 40 }, () => beginLogin(sql, subjects, 900, now)))
    expect(waits.filter(wait => wait === null)).toHaveLength(5)
  }
})
