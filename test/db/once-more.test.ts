import { expect, test } from 'vitest'
import { onceMore, untilTaken } from '../../db/once-more.ts'
import { freshDatabase } from '../support/database.ts'
import { layIn } from '../support/goods.ts'

const { sql } = await freshDatabase()
await layIn(sql, { A: { main: 0 }, B: { main: 0 } })

test('of two that wait for each other, the one that PostgreSQL takes back is run again, and both have their effect', async () => {
  let tries = 0
  let inside = 0
  const both = Promise.withResolvers<void>()
  const renamed = (mine: string, other: string) =>
    untilTaken(async () => {
      tries += 1
      await sql.begin(async tx => {
        await tx`update variants set title = title || ${mine} where sku = ${mine}`
        // The first time both have their first row before either asks for its second.
        if (++inside === 2) both.resolve()
        await both.promise
        await tx`update variants set title = title || ${mine} where sku = ${other}`
      })
    })
  await Promise.all([renamed('A', 'B'), renamed('B', 'A')])
  // Whoever is run again may meet the other once more.
  expect(tries).toBeGreaterThanOrEqual(3)
  expect((await sql`select title from variants order by sku`).map(row => [...row.title].toSorted().join(''))).toEqual(['AB', 'AB'])
})

test('what is refused for another reason is not tried again', async () => {
  let tries = 0
  const refused = untilTaken(async () => {
    tries += 1
    await sql`insert into variants (sku) values (null)`
  })
  await expect(refused).rejects.toMatchObject({ code: '23502' })
  expect(tries).toBe(1)
})

test('what is taken back every time is told in the end', async () => {
  let tries = 0
  const lost = untilTaken(() => {
    tries += 1
    return Promise.reject(Object.assign(new Error('deadlock detected'), { code: '40P01' }))
  })
  await expect(lost).rejects.toThrow('deadlock detected')
  expect(tries).toBe(8)
})

test.each(['EPIPE', 'ECONNRESET', 'ETIMEDOUT', 'ERR_STREAM_DESTROYED', '57P01'])(
  'a statement whose connection went away with %s is asked once more',
  async code => {
    let asked = 0
    const answer = await onceMore(async () => {
      asked += 1
      if (asked === 1) throw Object.assign(new Error(`write ${code}`), { code })
      return 'done'
    }, 1)
    expect([answer, asked]).toEqual(['done', 2])
  },
)
