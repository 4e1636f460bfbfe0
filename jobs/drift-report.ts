import { SPARE_SHARE } from '../connectors/pace.ts'
import type { Report, ReportDeclaration, ReportedListing, ReportPart } from '../connectors/report.ts'
import { type CheckPlace, moveCheck, type OpenCheck } from '../db/drift.ts'
import { checkSize, noteReport, noteReportTime, unknownSkus } from '../db/drift-reports.ts'
import { databaseNow } from '../db/listings.ts'
import { learntProcessingMs } from '../src/domain/sync/feed-or-calls.ts'
import { reportOrSearch } from '../src/domain/sync/report-or-search.ts'
import { isAccountTrouble } from './account.ts'
import type { Lane } from './lane.ts'

/** The reports of a check, one for each channel: when each was asked for, its name once that is known, and how far the first unread one is taken in. */
type Place = {
  readonly reports: readonly { readonly channel: string; readonly at: string | null; readonly id: string | null }[]
  readonly reading: number
  readonly row: number
}

/** Looks at listings by their SKUs in one channel and notes them, where the check is. */
export type LookByName = (check: OpenCheck, channelRef: string, skus: readonly string[]) => Promise<void>

const asPlace = (place: Place): CheckPlace => ({ phase: 'report', place: JSON.stringify(place), parent: null })

/**
 * Makes the steps of a check that goes by the platform's reports. Each is asked for once: that it is asked for is noted before, its name after, and who finds the one without
 * the other looks for it first. What a report confirms counts as seen; all else is left to the look by name.
 */
export function makeReportCheck(lane: Lane, declared: ReportDeclaration, report: Report, lookByName: LookByName) {
  const { deps, account } = lane
  const { sql } = deps
  let lookAt = Number.NEGATIVE_INFINITY
  /** The file that is being read, from where the place is. */
  let open: { readonly file: string; readonly row: number; readonly parts: AsyncIterator<ReportPart> } | null = null

  /** The check begins: whether by reports. */
  const choose = async (check: OpenCheck): Promise<boolean> => {
    const { goods, channels, byName, searchedAgoMs, tookMs } = await checkSize(sql, account.row.id)
    const start = account.pace.stand(declared.operation)
    const reads = account.pace.stand(declared.readOperation)
    const { declares } = account.connector
    const choice = reportOrSearch({
      ...{ goods, searchMax: declared.bulkMax, byName, readMax: declares.readMax },
      ...{ ratePerS: reads.ratePerS * SPARE_SHARE, latencyS: declares.pushLatencyMs / 1000 / account.scale },
      startInS: Math.max(start.closedMs / 1000, (channels.length - start.left) / start.ratePerS, 0),
      processingS: learntProcessingMs(declared.processingMs / account.scale, tookMs) / 1000,
      searchedAgoS: (searchedAgoMs ?? Number.POSITIVE_INFINITY) / 1000,
      searchEveryS: declared.searchEveryMs / account.scale / 1000,
    })
    deps.log.info({ account: account.row.name, goods, ...choice }, `the account is looked through by ${choice.way}`)
    if (choice.way === 'search') return false
    const reports = channels.map(channel => ({ channel, at: null, id: null }))
    await moveCheck(sql, check, asPlace({ reports, reading: 0, row: 0 }), 1)
    return true
  }

  const search = async (check: OpenCheck, words: string): Promise<true> => {
    deps.log.warn({ account: account.row.name }, `${words}: the account is searched instead`)
    open = null
    // One call at the least was made, so nothing is chosen anew.
    await moveCheck(sql, check, { phase: 'page', place: null, parent: null }, 1)
    return true
  }

  const ask = async (check: OpenCheck, place: Place, n: number): Promise<true> => {
    const wanted = place.reports[n]
    if (wanted === undefined) throw new RangeError('no such report')
    const noted = (at: string | null, id: string | null): CheckPlace =>
      asPlace({ ...place, reports: place.reports.map((one, i) => (i === n ? { ...one, at, id } : one)) })
    const at = wanted.at ?? (await databaseNow(sql)).toISOString()
    // It may have been asked for by whoever had the account before.
    let id = wanted.at === null ? null : await report.requestedSince(wanted.channel, new Date(at))
    if (id === null) {
      if (wanted.at === null) await moveCheck(sql, check, noted(at, null))
      try {
        id = await report.request(wanted.channel)
      } catch (error) {
        if (isAccountTrouble(error) && !error.maybeTookEffect) await moveCheck(sql, check, noted(null, null))
        throw error
      }
      if (id === null) return search(check, `${account.row.platform} makes no report for this account`)
    }
    await moveCheck(sql, check, noted(at, id), 1)
    return true
  }

  const take = async (check: OpenCheck, place: Place, channel: string, at: Date, rows: readonly ReportedListing[], nextRow: number) => {
    const strange = await unknownSkus(
      sql,
      account.row.id,
      channel,
      rows.map(one => one.sku),
    )
    // Noted where the check is: after kill -9 those that were not noted are strange again.
    let calls = check.calls
    for (let from = 0; from < strange.length; from += account.connector.declares.readMax) {
      await lookByName({ ...check, calls }, channel, strange.slice(from, from + account.connector.declares.readMax))
      calls += 1
    }
    const seen = await noteReport(sql, { ...check, calls }, channel, at, rows, asPlace({ ...place, row: nextRow }))
    if (seen === null) open = null
  }

  const step = async (check: OpenCheck): Promise<boolean | 'called'> => {
    const place = JSON.parse(check.place ?? '') as Place
    const unasked = place.reports.findIndex(one => one.id === null)
    if (unasked >= 0) return ask(check, place, unasked)
    const current = place.reports[place.reading]
    if (current === undefined) {
      await moveCheck(sql, check, { phase: 'missed', place: null, parent: null })
      return true
    }
    const at = new Date(current.at ?? check.beganAt)
    const tookMs = (await databaseNow(sql)).getTime() - at.getTime()
    if (tookMs > declared.lateMs / account.scale) return search(check, `a report of ${current.channel} is late`)
    if (open === null || open.row !== place.row) {
      if (performance.now() < lookAt) return false
      const seen = await report.look(current.id ?? '')
      lookAt = performance.now() + declared.lookEveryMs / account.scale
      if (seen.status === 'waiting') return 'called'
      if (seen.status === 'none') return search(check, `there is no report of ${current.channel}`)
      lookAt = Number.NEGATIVE_INFINITY
      if (place.row === 0) await noteReportTime(sql, check.id, tookMs)
      open = { file: seen.file, row: place.row, parts: report.rows(seen.file, place.row)[Symbol.asyncIterator]() }
    }
    const { file, parts } = open
    // A file that breaks off is opened anew where it is taken in.
    open = null
    const part = await parts.next()
    if (part.done) {
      await moveCheck(sql, check, asPlace({ ...place, reading: place.reading + 1, row: 0 }))
      return true
    }
    if ('words' in part.value) return search(check, part.value.words)
    await take(check, place, current.channel, at, part.value.rows, part.value.nextRow)
    open = { file, row: part.value.nextRow, parts }
    return true
  }

  return { choose, step }
}
