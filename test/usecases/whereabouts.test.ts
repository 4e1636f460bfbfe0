import { Buffer } from 'node:buffer'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { bookOrders } from '../../db/orders.ts'
import { routeAll } from '../../jobs/route.ts'
import { importPostalCodes } from '../../src/usecases/import-postal-codes.ts'
import { sealPerson } from '../../src/usecases/seal-person.ts'
import { type Told, whereaboutsOf } from '../../src/usecases/whereabouts.ts'
import type { OrderPerson } from '../../src/values/channel-order.ts'
import { freshDatabase } from '../support/database.ts'
import { change, layIn, quietChannel, toBook } from '../support/goods.ts'
import { testContext } from '../support/hub.ts'

const { sql } = await freshDatabase()
const context = await testContext(sql)
const take = (text: string) =>
  importPostalCodes(context, async function* () {
    yield Buffer.from(text)
  })
const where = async (country: string | null, postalCode: string | null, point: Told['point'] = null) =>
  (await whereaboutsOf(sql, [{ country, postalCode, point }]))[0]

// As GeoNames writes them, without a header: a code of two places, one whose city has a quote in its name.
const geoNames = [
  'DE\t10115\tBerlin\tBerlin\tBE\t\t00\tBerlin\t11000\t52.5\t13.4\t4',
  'DE\t20095\tHamburg\tHamburg\tHH\t\t00\tHamburg\t02000\t53.5\t10.0\t4',
  'DE\t20097\tHamburg "Mitte\tHamburg\tHH\t\t00\tHamburg\t02000\t53.7\t10.2\t4',
  'DE\t80331\tMünchen\tBayern\tBY\t\t091\tMünchen\t09162\t48.1\t11.5\t4',
  'DE\t80331\tMünchen Altstadt\tBayern\tBY\t\t091\tMünchen\t09162\t48.2\t11.7\t4',
].join('\n')

test('postal codes are brought in by country, and a file takes the place of what was known of its countries alone', async () => {
  expect(await take(`${geoNames}\n`)).toEqual({ DE: 4 })
  expect(await take('country,postal_code,latitude,longitude\r\nGB,SW1A,51.50,-0.13\r\nUS,94103,37.77,-122.41\r\n')).toEqual({
    GB: 1,
    US: 1,
  })
  expect(await take('US,94103,37.77,-122.41\nUS,10001,40.75,-74')).toEqual({ US: 2 })
  expect(await sql`select country, count(*)::int as n from postal_areas group by 1 order by 1`).toEqual([
    { country: 'DE', n: 4 },
    { country: 'GB', n: 1 },
    { country: 'US', n: 2 },
  ])
  await expect(take('DE,10115,52.5,13.4\nDE,10117,north,13.4\n')).rejects.toThrow('Line 2 is neither')
  await expect(take('DE,10115,152.5,13.4\n')).rejects.toThrow('Line 1')
  await expect(take('\n')).rejects.toThrow('no postal code')
})

test('where something is: by its point, else its postal code, else its country', async () => {
  const point = { latitude: 1, longitude: 2 }
  expect(await where('DE', '10115', point)).toEqual({ country: 'DE', point })
  expect(await where('DE', '80331')).toEqual({
    ...{ country: 'DE', pointBy: 'postal_code', point: { latitude: expect.closeTo(48.15), longitude: expect.closeTo(11.6) } },
  })
  expect((await where('GB', 'sw1a 1aa'))?.point).toEqual({ latitude: 51.5, longitude: -0.13 })
  expect((await where('US', '94103-1234'))?.point?.latitude).toBe(37.77)
  // A code that the file lacks lies among those that begin alike.
  expect((await where('DE', '20149'))?.point?.latitude).toBeCloseTo(53.6)
  const middle = await where('DE', '99999')
  expect(middle).toMatchObject({ country: 'DE', pointBy: 'country' })
  expect(middle?.point?.latitude).toBeCloseTo(51.17, 1)
  expect(await where('FR', '10115')).toMatchObject({ pointBy: 'country' })
  expect([await where('ZZ', '1'), await where(null, '10115')]).toEqual([
    { country: 'ZZ', point: null },
    { country: null, point: null },
  ])
  expect(await whereaboutsOf(sql, [])).toEqual([])
})

test('an order goes to the location near its postal code, whichever names its channel has for it, and the decision keeps no word of the address', async () => {
  await layIn(sql, { CUP: { south: 9, north: 9 } })
  await change(sql, [{ sku: 'CUP', location: 'north', quantity: 9, kind: 'receive' }])
  await sql`update locations set country = 'DE'`
  await sql`insert into location_services (location_id, postal_code, actor) select id, case code when 'south' then '80331' else '20095' end, 'test' from locations`
  const web = await quietChannel(sql, 'web', ['south', 'north'])
  const goesTo = async (id: string, address: NonNullable<OrderPerson['address']>) => {
    const sealed = await sealPerson(context, { name: 'Canary', address })
    const [booked] = await bookOrders(
      sql,
      [{ ...toBook(web.accountId, 'web', { id, lines: [{ sku: 'CUP', ordered: 1 }] }), ...sealed }],
      'test',
    )
    await routeAll(context, pino({ level: 'silent' }))
    const [row] = await sql<
      { code: string; body: { attempts: { candidates: { place: string; km: number; kmBy: string; score: { distance: number } }[] }[] } }[]
    >`
      select p.code, d.body from routing_decisions d join fulfilment_groups g on g.id = d.group_ids[1] join locations p on p.id = g.location_id
      where d.order_id = ${Number(booked?.orderId)}`
    return row
  }
  const north = await goesTo('A', { country: 'DE', postcode: '20097', city: 'Canaryville' })
  expect(north?.code).toBe('north')
  expect(north?.body.attempts[0]?.candidates.find(one => one.place === 'north')).toMatchObject({ km: 26, kmBy: 'postal_code' })
  expect(JSON.stringify(north?.body)).not.toMatch(/20097|Canary/)
  expect((await goesTo('B', { countryCode: 'DE', postalCode: '80331' }))?.code).toBe('south')
  // Two doors of one block are told apart by no distance that is kept.
  const [door, next] = [
    await goesTo('E', { country: 'DE', latitude: '48.1371', longitude: '11.5753' }),
    await goesTo('F', { country: 'DE', latitude: '48.1386', longitude: '11.5771' }),
  ]
  expect(door?.body.attempts[0]?.candidates.map(one => one.km)).toEqual([2, 606])
  expect(next?.body.attempts[0]?.candidates.map(one => [one.km, one.score.distance])).toEqual(
    door?.body.attempts[0]?.candidates.map(one => [one.km, one.score.distance]),
  )
  // Of the country alone nothing can be said about places in it.
  const vague = await goesTo('C', { country: 'DE' })
  expect(vague?.body.attempts[0]?.candidates.map(one => [one.km, one.kmBy])).toEqual([
    [null, 'country'],
    [null, 'country'],
  ])
  const abroad = await goesTo('D', { country: 'AT' })
  expect([abroad?.code, abroad?.body.attempts[0]?.candidates[0]?.kmBy]).toEqual(['south', 'country'])
})
