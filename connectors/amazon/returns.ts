import { AccountTrouble } from '../contract.ts'
import type { ReturnsReport } from '../returns.ts'
import { downloadParts } from './documents.ts'
import { addressOf, look, type ReportAccount, requestedSince, requestReport } from './reports.ts'
import { readReturns } from './return-rows.ts'

/** What buyers sent back of orders that the merchant filled; those that Amazon filled have a report of another kind. */
export const RETURNS_TYPE = 'GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE'
/** Amazon gives 60 days in a report at the most; a little less, as clocks differ. */
const REACHES_BACK_MS = 60 * 24 * 3_600_000 - 60_000

/** The returns report of each marketplace. It goes by the day when the buyer asked, and tells for 60 days whether the goods have arrived. */
export function makeReturns(account: ReportAccount): ReturnsReport {
  return {
    // Its end is now by Amazon's own clock, which ours may be ahead of.
    request: channelRef =>
      requestReport(account, RETURNS_TYPE, channelRef, {
        dataStartTime: new Date(account.tools.now().getTime() - REACHES_BACK_MS).toISOString(),
      }),
    requestedSince: async (channelRef, at) => {
      try {
        return await requestedSince(account, RETURNS_TYPE, channelRef, at)
      } catch (error) {
        // An application may lack the role for reports alone; then none is made for it either.
        if (error instanceof AccountTrouble && error.kind === 'auth') return null
        throw error
      }
    },
    look: report => look(account, report),
    read: file => readReturns(downloadParts(account, () => addressOf(account, file))),
  }
}
