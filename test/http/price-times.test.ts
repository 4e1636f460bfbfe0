import { beforeAll, expect, test } from 'vitest'
import { setPriceList } from '../../src/usecases/price-lists.ts'
import { layIn, quietChannel } from '../support/goods.ts'
import { testContext } from '../support/hub.ts'
import { type Answer, ask, type Stage, setStage } from './stage.ts'

let stage: Stage
let key: string
beforeAll(async () => {
  stage = await setStage()
  key = await stage.key('prices:write')
  await layIn(stage.sql, { MUG: { a: 1 } })
  await quietChannel(stage.sql, 'berlin')
  await quietChannel(stage.sql, 'coast')
  await stage.sql`update channels set zone = 'Europe/Berlin' where code = 'berlin'`
  await stage.sql`update channels set zone = 'America/Los_Angeles', currency = 'USD' where code = 'coast'`
})

const send = (...prices: object[]): Promise<Answer> =>
  ask(stage.app, 'POST /v1/prices', {
    key,
    body: { prices: prices.map(price => ({ sku: 'MUG', currency: 'EUR', amount: '9', ...price })) },
  })
const periods = async (): Promise<(string | null)[][]> => {
  const rows = await stage.sql<{ startsAt: Date; endsAt: Date | null }[]>`
    select starts_at as "startsAt", ends_at as "endsAt" from prices where starts_at is not null and superseded_at is null order by id`
  return rows.map(row => [row.startsAt.toISOString(), row.endsAt?.toISOString() ?? null])
}

test('a local date is midnight of the channel that is addressed, across the day on which its clocks are set', async () => {
  expect((await send({ channel: 'berlin', from: '2026-10-25', to: '2026-10-26' })).status).toBe(200)
  expect((await send({ channel: 'coast', currency: 'USD', from: '2026-10-25T00:00', to: '2026-11-02' })).status).toBe(200)
  expect(await periods()).toEqual([
    // 25 hours of a day: clocks go back.
    ['2026-10-24T22:00:00.000Z', '2026-10-25T23:00:00.000Z'],
    ['2026-10-25T07:00:00.000Z', '2026-11-02T08:00:00.000Z'],
  ])
})

test('for all channels a local time needs a zone, and an instant needs none', async () => {
  const refused = await send({ from: '2027-01-01' })
  expect([refused.status, refused.body.code]).toEqual([422, 'invalid'])
  expect(String(refused.body.detail)).toContain('name one `channel`, or give `zone`')
  expect((await send({ from: '2027-01-01', zone: 'Asia/Tokyo' })).status).toBe(200)
  expect((await send({ from: '2027-02-01T00:00:00+01:00' })).status).toBe(200)
  expect((await periods()).slice(2)).toEqual([
    ['2026-12-31T15:00:00.000Z', null],
    ['2027-01-31T23:00:00.000Z', null],
  ])
  expect((await send({ from: '2027-02-30', zone: 'Asia/Tokyo' })).status).toBe(422)
  expect((await send({ from: '2027-03-01', zone: 'Mars/Phobos' })).status).toBe(422)
})

test('a price list for one channel takes its local time, another needs a zone', async () => {
  const context = await testContext(stage.sql)
  const terms = { title: 'Autumn', currency: 'EUR', kind: 'sale', from: '2026-10-25', to: '2026-10-25T02:30' } as const
  const { list } = await setPriceList(context, null, 'autumn', { ...terms, audience: { kind: 'channel', code: 'berlin' } })
  expect([list.terms.from, list.terms.to]).toEqual(['2026-10-24T22:00:00.000Z', '2026-10-25T00:30:00.000Z'])
  const later = await setPriceList(context, null, 'autumn', { to: '2026-10-26' })
  expect(later.list.terms.to).toBe('2026-10-25T23:00:00.000Z')
  await expect(setPriceList(context, null, 'all', terms)).rejects.toThrow(/give `zone`/)
  const everywhere = await setPriceList(context, null, 'all', terms, { zone: 'Europe/London' })
  expect(everywhere.list.terms.from).toBe('2026-10-24T23:00:00.000Z')
})
