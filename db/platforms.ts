import type { Sql } from './connect.ts'

/** What the database must know of a platform, as its connector declares it: prices are worked out there. */
export type PlatformPrices = {
  readonly platform: string
  readonly saleDates: boolean
  readonly saleBeside: boolean
  readonly referencePrice: boolean
}

/** Tells the database what this program's platforms can do with prices. What it knows already stays untouched, row and lock; others' platforms stay as they are. */
export async function writePlatforms(sql: Sql, platforms: readonly PlatformPrices[]): Promise<void> {
  const told = platforms.map(({ platform, saleDates, saleBeside, referencePrice }) => ({ platform, saleDates, saleBeside, referencePrice }))
  await sql`
    insert into platforms (platform, sale_dates, sale_beside, reference_price)
    select * from jsonb_to_recordset(${sql.json(told)}) as t(platform text, "saleDates" boolean, "saleBeside" boolean, "referencePrice" boolean)
    where not exists (select from platforms k where k.platform = t.platform
      and (k.sale_dates, k.sale_beside, k.reference_price) = (t."saleDates", t."saleBeside", t."referencePrice"))
    on conflict (platform) do update set sale_dates = excluded.sale_dates, sale_beside = excluded.sale_beside, reference_price = excluded.reference_price`
}
