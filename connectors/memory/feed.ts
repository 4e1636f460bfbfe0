import { z } from 'zod'
import type { Feed } from '../feed.ts'
import { type Call, outcomes } from './index.ts'
import * as wire from './wire.ts'

/** Feeds of the reference platform: each part of the contract is one call. */
export function makeFeed(call: Call): Feed {
  return {
    upload: async items => (await call('feed-upload', wire.wireDocument, { items })).document,
    start: async document => ({ status: 'started', feed: (await call('feed-start', wire.wireFeed, { document }, true)).feed }),
    startedSince: async at => (await call('feed-since', wire.wireFeeds, { at: at.toISOString() })).feeds,
    look: async feed => {
      const { status } = await call('feed-look', wire.wireFeedLook, { feed })
      return status === 'done' ? { status, report: feed } : { status }
    },
    verdicts: async (report, items) => outcomes(items, await call('feed-verdicts', wire.wireVerdicts, { feed: report })),
    cancel: async feed => (await call('feed-cancel', z.object({ cancelled: z.boolean() }), { feed }, true)).cancelled,
  }
}
