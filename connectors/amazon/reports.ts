import { AccountTrouble, type Tools } from '../contract.ts'
import type { Report, ReportLook } from '../report.ts'
import type { Settings } from './access.ts'
import { type Call, type Client, promised } from './client.ts'
import { downloadParts } from './documents.ts'
import { listingParts } from './report-rows.ts'
import { documentShape, reportShape, reportStartedShape, reportsShape } from './wire.ts'

/** All listings of one marketplace, active or not. It has no column for the marketplace, so each has a report of its own. */
const TYPE = 'GET_MERCHANT_LISTINGS_ALL_DATA'
const BASE = '/reports/2021-06-30'
/** Clocks differ: a report that was asked for so much before the instant, ms, may be the one asked for at it. */
const CLOCKS_MS = 60_000

export type ReportAccount = { readonly settings: Settings; readonly client: Client; readonly tools: Tools }

/** The merchant listings report: SKU, regular price, own stock and status of every listing of a marketplace. */
export function makeReport(account: ReportAccount): Report {
  return {
    // Without the option the names of the columns are in the marketplace's language.
    request: channelRef => requestReport(account, TYPE, channelRef, { reportOptions: { preferredReportDocumentLocale: 'en_US' } }),
    requestedSince: (channelRef, at) => requestedSince(account, TYPE, channelRef, at),
    look: report => look(account, report),
    rows: (file, fromRow) =>
      listingParts(
        downloadParts(account, () => addressOf(account, file)),
        fromRow,
      ),
  }
}

/** Asks for a report of one type and one marketplace. Null: Amazon makes none for this account. */
export async function requestReport(account: ReportAccount, reportType: string, channelRef: string, more: object): Promise<string | null> {
  const call: Call = {
    ...{ operation: 'createReport', method: 'POST', path: `${BASE}/reports`, writes: true },
    body: { reportType, marketplaceIds: [channelRef], ...more },
  }
  try {
    const answer = await account.client(call)
    return answer.status >= 400 ? null : promised(call, reportStartedShape, answer).reportId
  } catch (error) {
    // An application may lack the role for reports alone: searches tell whether the credentials are good.
    if (error instanceof AccountTrouble && error.kind === 'auth') return null
    throw error
  }
}

/** The newest report of a type and a marketplace that was asked for at the instant or later; null: there is none. */
export async function requestedSince(account: ReportAccount, type: string, channelRef: string, at: Date): Promise<string | null> {
  const createdSince = new Date(at.getTime() - CLOCKS_MS).toISOString()
  const call: Call = {
    ...{ operation: 'getReports', method: 'GET', path: `${BASE}/reports` },
    query: { reportTypes: type, marketplaceIds: channelRef, createdSince, pageSize: '100' },
  }
  const { reports } = promised(call, reportsShape, await account.client(call))
  const ours = reports.filter(one => one.marketplaceIds?.includes(channelRef) ?? true)
  const newest = ours.sort((a, b) => Date.parse(b.createdTime) - Date.parse(a.createdTime))[0]
  return newest?.reportId ?? null
}

/** What has become of a report. */
export async function look(account: ReportAccount, report: string): Promise<ReportLook> {
  const call: Call = { operation: 'getReport', method: 'GET', path: `${BASE}/reports/${encodeURIComponent(report)}` }
  const answer = await account.client(call)
  if (answer.status === 404) return { status: 'none' }
  const { processingStatus, reportDocumentId } = promised(call, reportShape, answer)
  if (processingStatus === 'IN_QUEUE' || processingStatus === 'IN_PROGRESS') return { status: 'waiting' }
  // CANCELLED is also what a report without any row becomes: a search tells the two apart.
  return processingStatus === 'DONE' && reportDocumentId !== undefined ? { status: 'done', file: reportDocumentId } : { status: 'none' }
}

/** Where the file of a report is for the next minutes. */
export async function addressOf(account: ReportAccount, file: string) {
  const call: Call = { operation: 'getReportDocument', method: 'GET', path: `${BASE}/documents/${encodeURIComponent(file)}` }
  const answer = await account.client(call)
  if (answer.status === 404) throw new AccountTrouble('down', 'Amazon has forgotten the document of a report')
  return promised(call, documentShape, answer)
}
