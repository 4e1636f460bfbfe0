import type { Sql } from './connect.ts'

/** What the database must know of a platform, as its connector declares it: prices are worked out there, and what is made ready is told where it can be. */
export type PlatformPrices = {
  readonly platform: string
  readonly saleDates: boolean
  readonly saleBeside: boolean
  readonly referencePrice: boolean
  /** Absent: it can be told that a buyer may collect. */
  readonly tellsReady?: boolean
  /** Absent: it leaves that to whoever sells there. */
  readonly tellsBuyers?: boolean
  /** What it takes of cancellations; absent: parts of orders, too. */
  readonly cancels?: 'none' | 'whole' | 'parts'
  /** What of the money a cancellation gives back by itself; absent: nothing. */
  readonly cancelPaysWhole?: boolean
  readonly cancelPaysParts?: boolean
}

/** Tells the database what this program's platforms can do. What it knows already stays untouched, row and lock; others' platforms stay as they are. */
export async function writePlatforms(sql: Sql, platforms: readonly PlatformPrices[]): Promise<void> {
  const told = platforms.map(
    ({ tellsReady = true, tellsBuyers = false, cancels = 'parts', cancelPaysWhole = false, cancelPaysParts = false, ...told }) => ({
      ...told,
      ...{ tellsReady, tellsBuyers, cancels, cancelPaysWhole, cancelPaysParts },
    }),
  )
  await sql`
    insert into platforms (platform, sale_dates, sale_beside, reference_price, tells_ready, tells_buyers, cancels, cancel_pays_whole, cancel_pays_parts)
    select * from jsonb_to_recordset(${sql.json(told)}) as t(platform text, "saleDates" boolean, "saleBeside" boolean, "referencePrice" boolean, "tellsReady" boolean,
      "tellsBuyers" boolean, cancels text, "cancelPaysWhole" boolean, "cancelPaysParts" boolean)
    where not exists (select from platforms k where k.platform = t.platform
      and (k.sale_dates, k.sale_beside, k.reference_price, k.tells_ready, k.tells_buyers, k.cancels, k.cancel_pays_whole, k.cancel_pays_parts)
        = (t."saleDates", t."saleBeside", t."referencePrice", t."tellsReady", t."tellsBuyers", t.cancels, t."cancelPaysWhole", t."cancelPaysParts"))
    on conflict (platform) do update set sale_dates = excluded.sale_dates, sale_beside = excluded.sale_beside, reference_price = excluded.reference_price,
      tells_ready = excluded.tells_ready, tells_buyers = excluded.tells_buyers, cancels = excluded.cancels,
      cancel_pays_whole = excluded.cancel_pays_whole, cancel_pays_parts = excluded.cancel_pays_parts`
}
