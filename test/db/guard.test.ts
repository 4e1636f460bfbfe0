import { afterEach, describe, expect, test } from 'vitest'
import { GUARD_RULES } from '../../db/check-guard.ts'
import { sweepDue } from '../../db/due.ts'
import { freshDatabase } from '../support/database.ts'
import { guardedChannel, heldBack } from '../support/guarded.ts'

const { sql } = await freshDatabase()

/** The rules of the check that the books break. */
async function broken(): Promise<string[]> {
  const rules: string[] = []
  for (const { rule, find } of GUARD_RULES) if ((await find(sql)).length > 0) rules.push(rule)
  return rules
}

afterEach(async () => {
  expect(await broken()).toEqual([])
})

const decide = async (quarantine: number, decision: 'approve' | 'reject', more: Record<string, number | string> = {}) => {
  const [row] = await sql<{ answer: Record<string, unknown> }[]>`
    select quarantine_decide_1(${sql.json({ quarantine, decision, actor: 'user:ana', ...more })}) as answer`
  for (;;) {
    const [left] = await sql<{ n: number }[]>`select guard_release_1(${quarantine}, clock_timestamp(), 100) as n`
    if ((left?.n ?? 0) === 0) return row?.answer ?? {}
  }
}
const open = async (channelId: number, field = 'price') => {
  const [row] = await sql<{ id: number; why: Record<string, unknown>; revision: number }[]>`
    select id, why, revision from quarantines where channel_id = ${channelId} and field = ${field} and decided_at is null`
  return row
}
const shown = async (channelId: number, regular: string) => {
  const [row] = await sql<{ n: number }[]>`
    select count(*)::int as n from publications where channel_id = ${channelId} and field = 'price' and accepted->>'regular' = ${regular}`
  return row?.n ?? 0
}

describe('prices that change', () => {
  test('up to a fifth of the listings go out, however small the chunks; the rest wait in one incident, and stock goes on', async () => {
    const woo = await guardedChannel(sql, 'fifth', 300)
    await woo.setPrices('9')
    await woo.setStock(7)
    expect(await woo.push(7)).toBe(60 + 300)
    expect(await shown(woo.channelId, '9')).toBe(60)
    expect(await heldBack(sql, woo)).toEqual({ changed: 240 })
    const incident = await open(woo.channelId)
    expect(incident?.why).toMatchObject({
      limit: 'changed',
      listings: 300,
      moved: expect.any(Number),
      allowed: 60,
      percent: 20,
      windowMinutes: 60,
    })
    const [row] = await sql`select reason from publications where channel_id = ${woo.channelId} and state = 'quarantined' limit 1`
    expect(row?.reason).toBe(
      `held by the guard of fifth: 60 of its 300 listings may change price within 60 minutes, 60 already did; approve or reject incident ${incident?.id}`,
    )
  })

  test('of a small channel fifty may change, not forty-nine and one more', async () => {
    const small = await guardedChannel(sql, 'small', 60)
    await small.setPrices('9', small.skus.slice(0, 49))
    expect(await small.push()).toBe(49)
    await small.setPrices('9', small.skus.slice(49, 50))
    expect(await small.push()).toBe(0)
    expect(await heldBack(sql, small)).toEqual({ changed: 1 })
  })

  test('many single writes count like one big one, and one listing that changes often counts once', async () => {
    const single = await guardedChannel(sql, 'single', 100)
    for (const amount of ['9', '8', '7.5']) {
      await single.setPrices(amount, single.skus.slice(0, 40))
      expect(await single.push()).toBe(40)
    }
    for (const sku of single.skus.slice(40)) {
      await single.setPrices('9', [sku])
      await single.push()
    }
    expect(await shown(single.channelId, '9')).toBe(9)
    expect(await heldBack(sql, single)).toEqual({ changed: 51 })
  })

  test('what came back to its baseline does not count, and after the window nothing does', async () => {
    const back = await guardedChannel(sql, 'back', 100)
    await back.setPrices('9', back.skus.slice(0, 49))
    await back.push()
    await back.setPrices('10', back.skus.slice(0, 49))
    expect(await back.push()).toBe(49)
    await back.setPrices('9', back.skus.slice(49, 98))
    expect(await back.push()).toBe(49)
    await back.setPrices('9', back.skus.slice(98))
    expect(await back.push()).toBe(0)
    await back.age('61 minutes')
    await back.setPrices('8', back.skus.slice(98))
    expect(await back.push()).toBe(2)
    expect(await open(back.channelId)).toBeUndefined()
  })

  test('approved, exactly the values that were seen go out and do not count any more', async () => {
    const yes = await guardedChannel(sql, 'yes', 100)
    await yes.setPrices('9')
    await yes.push()
    const incident = await open(yes.channelId)
    const id = incident?.id ?? 0
    expect(await decide(id, 'approve', { revision: (incident?.revision ?? 0) - 1 })).toEqual({
      outcome: 'moved',
      revision: incident?.revision,
    })
    expect(await heldBack(sql, yes)).toEqual({ changed: 51 })
    expect(await decide(id, 'approve', { revision: incident?.revision ?? 0 })).toMatchObject({ outcome: 'done', held: 51 })
    expect(await yes.push()).toBe(51)
    expect(await shown(yes.channelId, '9')).toBe(100)
    await yes.setPrices('8', yes.skus.slice(0, 49))
    expect(await yes.push()).toBe(49)
    await yes.setPrices('8', yes.skus.slice(60))
    expect(await yes.push()).toBe(0)
    expect(await decide(id, 'reject')).toEqual({ outcome: 'decided', decision: 'approved', by: 'user:ana' })
    const items = await sql`select distinct left_how from quarantine_items where quarantine_id = ${id}`
    expect(items).toEqual([{ left_how: 'approved' }])
  })

  test('rejected they stay, until the books say what the platform has, or something else that is within the limits', async () => {
    const no = await guardedChannel(sql, 'no', 100)
    await no.setPrices('9')
    await no.push()
    const id = (await open(no.channelId))?.id ?? 0
    expect(await decide(id, 'reject')).toMatchObject({ outcome: 'done', held: 51 })
    expect(await no.push()).toBe(0)
    await no.setPrices('10')
    expect(await no.push()).toBe(49)
    expect(await heldBack(sql, no)).toEqual({})
    expect(await sql`select left_how, count(*)::int as n from quarantine_items where quarantine_id = ${id} group by 1`).toEqual([
      { left_how: 'shown', n: 51 },
    ])
    expect(
      await sql`select state, count(*)::int as n from publications where channel_id = ${no.channelId} and field = 'price' group by 1`,
    ).toEqual([{ state: 'applied', n: 100 }])
    await no.setPrices('9.5', no.skus.slice(0, 10))
    expect(await no.push()).toBe(10)
  })

  test('an incident of which nothing is left closes by itself, and a rejected one may be approved later', async () => {
    const gone = await guardedChannel(sql, 'gone', 60)
    await gone.setPrices('4', gone.skus.slice(0, 2))
    await gone.push()
    const first = (await open(gone.channelId))?.id ?? 0
    await gone.setPrices('10', gone.skus.slice(0, 2))
    await gone.push()
    expect(await sql`select decision, decided_by from quarantines where id = ${first}`).toEqual([
      { decision: 'dissolved', decided_by: 'system' },
    ])
    await gone.setPrices('4', gone.skus.slice(0, 2))
    await gone.push()
    const second = (await open(gone.channelId))?.id ?? 0
    await decide(second, 'reject')
    expect(await gone.push()).toBe(0)
    expect(await decide(second, 'approve')).toMatchObject({ outcome: 'done', held: 2 })
    expect(await gone.push()).toBe(2)
  })
})

test('a single price that falls by more than half is held, alone; by just half it is not, and a sale counts as a fall', async () => {
  const drop = await guardedChannel(sql, 'drop', 60)
  const [a = '', b = '', c = ''] = drop.skus
  await drop.setPrices('4.99', [a])
  await drop.setPrices('5', [b])
  await sql`select prices_set_1(${sql.json({ actor: 'test', prices: [{ sku: c, currency: 'EUR', amount: '4', from: '2020-01-01T00:00:00Z' }] })})`
  expect(await drop.push()).toBe(1)
  expect(await heldBack(sql, drop)).toEqual({ dropped: 2 })
  await drop.setPrices('9', drop.skus.slice(10, 20))
  expect(await drop.push()).toBe(10)
  expect((await open(drop.channelId))?.why).toMatchObject({ limit: 'dropped', percent: 50 })
})

test('a fall in small steps is held when it is more than half within the window', async () => {
  const steps = await guardedChannel(sql, 'steps', 60)
  const [sku = ''] = steps.skus
  for (const amount of ['7', '5']) {
    await steps.setPrices(amount, [sku])
    expect(await steps.push()).toBe(1)
    await steps.age('25 minutes')
  }
  await steps.setPrices('4.9', [sku])
  expect(await steps.push()).toBe(0)
  await steps.setPrices('5', [sku])
  await steps.age('40 minutes')
  await steps.setPrices('3.6', [sku])
  // When this window began, the platform had 7.
  expect(await steps.push()).toBe(1)
})

describe('stock that goes to zero', () => {
  test('for more than 200 listings and a fifth of them is held, released after half an hour, and never holds up a price', async () => {
    const zero = await guardedChannel(sql, 'zero', 260)
    await zero.setPrices('9.9', zero.skus.slice(0, 10))
    await zero.setStock(0)
    expect(await zero.push()).toBe(10 + 200)
    expect(await heldBack(sql, zero)).toEqual({ zeroed: 60 })
    const incident = await open(zero.channelId, 'stock')
    expect(incident?.why).toMatchObject({ limit: 'zeroed', listings: 260, most: 200, percent: 20, allowed: 200, releaseMinutes: 30 })
    expect(await zero.push()).toBe(0)
    await zero.setStock(3, zero.skus.slice(0, 1))
    await zero.push()
    await zero.age('29 minutes')
    await sweepDue(sql, new Date(), 100)
    expect(await zero.push()).toBe(0)
    await zero.age('1 minute')
    await sweepDue(sql, new Date(), 100)
    expect(await zero.push()).toBe(60)
    expect(await sql`select decision, decided_by from quarantines where id = ${incident?.id ?? 0}`).toEqual([
      { decision: 'released', decided_by: 'system' },
    ])
  })

  test('is judged anew when it was released once and came back since', async () => {
    const again = await guardedChannel(sql, 'again', 60)
    await sql`select guard_limits_set_1(${sql.json({ channel: 'again', zeroListings: 10, zeroPercent: '0', actor: 'test' })})`
    await again.setStock(0)
    expect(await again.push()).toBe(10)
    await decide((await open(again.channelId, 'stock'))?.id ?? 0, 'approve')
    expect(await again.push()).toBe(50)
    await again.setStock(5)
    expect(await again.push()).toBe(60)
    await again.setStock(0)
    expect(await again.push()).toBe(10)
    expect(await heldBack(sql, again)).toEqual({ zeroed: 50 })
  })

  test('prices never release themselves', async () => {
    const stay = await guardedChannel(sql, 'stay', 60)
    await stay.setPrices('1')
    await stay.push()
    await stay.age('2 days')
    await sweepDue(sql, new Date(), 100)
    expect(await stay.push()).toBe(0)
    expect(await heldBack(sql, stay)).toEqual({ dropped: 60 })
  })
})

test('each limit can be set and turned off, and its versions are kept', async () => {
  const free = await guardedChannel(sql, 'free', 100)
  const set = (limits: Record<string, number | null>) =>
    sql`select guard_limits_set_1(${sql.json({ channel: 'free', actor: 'user:ana', ...limits })}) as answer`
  await set({ changedPercent: null })
  await free.setPrices('9')
  expect(await free.push()).toBe(100)
  await free.setPrices('1', free.skus.slice(0, 1))
  expect(await free.push()).toBe(0)
  await set({ dropPercent: null })
  await free.setPrices('1')
  // What is held already waits for a person all the same.
  expect(await free.push()).toBe(99)
  await set({ changedPercent: 0, changedLeast: 1, dropPercent: 10 })
  await free.setPrices('0.95')
  expect(await free.push()).toBe(0)
  const rows =
    await sql`select changed_percent::text, drop_percent::text, valid_to is null as stands from guard_limits where channel_id = ${free.channelId} order by id`
  expect(rows).toEqual([
    { changed_percent: null, drop_percent: '50.0000', stands: false },
    { changed_percent: null, drop_percent: null, stands: false },
    { changed_percent: '0.0000', drop_percent: '10.0000', stands: true },
  ])
})

test('what was intended when a person turned the channel on is not counted', async () => {
  const seen = await guardedChannel(sql, 'seen', 100)
  await sql`select channel_set_1(${sql.json({ channel: 'seen', publishPrices: false, actor: 'test' })})`
  await seen.setPrices('1')
  expect(await seen.push()).toBe(0)
  await sql`select channel_set_1(${sql.json({ channel: 'seen', publishPrices: true, actor: 'test' })})`
  expect(await seen.push()).toBe(100)
})

test('the check finds what is held back for nothing, and what nobody lets go', async () => {
  const check = await guardedChannel(sql, 'check', 60)
  await check.setPrices('1')
  await check.push()
  const id = (await open(check.channelId))?.id ?? 0
  const planted = async (plant: string, mend: string): Promise<string[]> => {
    await sql.unsafe(plant)
    const found = await broken()
    await sql.unsafe(mend)
    return found
  }
  const held = 'what the guard holds back belongs to an incident, and waits for nothing else'
  const items = `update quarantine_items set left_at = now(), left_how = 'changed' where quarantine_id = ${id}`
  expect(await planted(items, `update quarantine_items set left_at = null, left_how = null where quarantine_id = ${id}`)).toEqual([held])
  expect(
    await planted(
      `update quarantines set decision = 'approved', decided_by = 'ana', decided_at = now() - interval '1 hour' where id = ${id}`,
      `update quarantines set decision = null, decided_by = null, decided_at = null where id = ${id}`,
    ),
  ).toEqual(['what was approved is let go'])
})
