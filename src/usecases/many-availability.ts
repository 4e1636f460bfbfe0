import { availability, type ChannelNumbers as Numbers } from '../../db/availability.ts'
import { bulkAtp, type ChannelPolicy, policiesOf } from '../../db/availability-bulk.ts'
import type { Sql } from '../../db/connect.ts'
import { shownOf } from '../domain/inventory/availability.ts'

/** Without `listed` where nobody asked for it. */
type ChannelNumbers = Omit<Numbers, 'listed'> & { readonly listed?: boolean | undefined }

/**
 * What channels (null: all) should show of many SKUs now, as the text of a JSON array `[{sku, channels: [ChannelNumbers]}]`, in the order of the
 * SKUs: for ten thousand of them, rows and objects would cost more than reading does. Unknown SKUs and channels are left out.
 */
export async function shownOfMany(
  sql: Sql,
  skus: readonly string[],
  channels: readonly string[] | null,
  withListed: boolean,
): Promise<string> {
  const policies = await policiesOf(sql, channels)
  if (policies.length === 0) return '[]'
  const found = await bulkAtp(
    sql,
    skus,
    policies.map(policy => policy.id),
    withListed,
  )
  const special = found.skus.filter((_, n) => found.atp[n * policies.length] === null)
  const rows = special.length === 0 ? [] : await availability(sql, special, channels)
  const specialOf = Map.groupBy(rows, row => row.sku)
  const textOf = policies.map(plainTexts)
  const items = found.skus.map((sku, n) => {
    const numbers =
      specialOf.get(sku)?.map(({ listed, ...row }) => numbersText(withListed ? { ...row, listed } : row)) ??
      textOf.map((text, at) => {
        const place = n * policies.length + at
        return text(found.atp[place] ?? 0, found.listed?.[place])
      })
    return `{"sku":${JSON.stringify(sku)},"channels":[${numbers.join(',')}]}`
  })
  return `[${items.join(',')}]`
}

/** What a channel tells of SKUs whose balances tell everything, by ATP. Stock is mostly small numbers, which many SKUs share. */
function plainTexts(policy: ChannelPolicy): (sum: number, listed: boolean | undefined) => string {
  const [ofListed, ofOthers] = [new Map<number, string>(), new Map<number, string>()]
  return (sum, listed) => {
    const known = listed ? ofListed : ofOthers
    const text = known.get(sum)
    if (text !== undefined) return text
    const { atp, ahead, buffer, shown } = shownOf(sum, policy, 0)
    const made = numbersText({
      channel: policy.code,
      atp,
      ahead,
      buffer,
      cap: policy.cap,
      stopSellingAt: policy.stopSellingAt,
      shown,
      listed,
    })
    known.set(sum, made)
    return made
  }
}

// Written out, because JSON.stringify takes four times as long. A code holds nothing that needs escaping.
const numbersText = (row: ChannelNumbers): string =>
  `{"channel":"${row.channel}","atp":${row.atp},"ahead":${row.ahead},"buffer":${row.buffer},"cap":${row.cap},"stopSellingAt":${row.stopSellingAt},"shown":${row.shown}${row.listed === undefined ? '' : `,"listed":${row.listed}`}}`
