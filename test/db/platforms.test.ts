import { expect, test } from 'vitest'
import { writePlatforms } from '../../db/platforms.ts'
import { freshDatabase } from '../support/database.ts'

const { sql } = await freshDatabase()
const stall = { platform: 'stall', saleDates: false, saleBeside: true, referencePrice: true }

async function known(platform: string): Promise<unknown> {
  const [row] = await sql`
    select platform_takes_sales(${platform}) as "saleDates", platform_shows_sales(${platform}) as "saleBeside", platform_takes_reference(${platform}) as "referencePrice"`
  return row
}

const versions = async () =>
  (await sql`select platform, xmin::text from platforms order by platform`).map(row => `${row.platform} ${row.xmin}`)

test('what a new platform can do with prices is what its connector declares, and what most can until it is told', async () => {
  expect(await known('stall')).toEqual({ saleDates: true, saleBeside: true, referencePrice: false })
  await writePlatforms(sql, [stall])
  expect(await known('stall')).toEqual({ saleDates: false, saleBeside: true, referencePrice: true })
  expect(await known('ebay')).toEqual({ saleDates: false, saleBeside: false, referencePrice: false })
})

test('a platform that another release declares otherwise is changed; whatever is known already is not written again', async () => {
  const other = { ...stall, platform: 'market' }
  await writePlatforms(sql, [stall, other])
  const before = await versions()
  await writePlatforms(sql, [stall, other])
  expect(await versions()).toEqual(before)
  await writePlatforms(sql, [{ ...stall, saleDates: true }, other])
  expect(await known('stall')).toEqual({ saleDates: true, saleBeside: true, referencePrice: true })
  expect((await versions()).filter(one => !before.includes(one)).map(one => one.split(' ')[0])).toEqual(['stall'])
})
