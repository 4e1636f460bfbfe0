import { Hono } from 'hono'
import { listDrifts } from '../../db/drift-list.ts'
import { listQuarantines } from '../../db/guard.ts'
import { boardChannels } from '../../db/pages-board.ts'
import { channelCounts, channelDifferences, channelHead, channelPool, channelRefusals } from '../../db/pages-channel.ts'
import { channelHistory, handMatches, keptAside, matchCounts, unmatchedListings } from '../../db/pages-channel-matching.ts'
import { shortRuleOf } from '../../db/short-rules.ts'
import { showDrift } from '../usecases/drift.ts'
import type { RequestEnv, RouteTable } from '../usecases/principal.ts'
import { type PublishingShown, showPublishing } from '../usecases/publishing.ts'
import { showRisk } from '../usecases/risk.ts'
import { channelForms } from './channel-forms.ts'
import type { UiDeps } from './deps.ts'
import { driftForms } from './drift-forms.ts'
import { missingPage, page } from './page.tsx'
import { ChannelPage } from './pages/channel/page.tsx'
import { ChannelsPage } from './pages/channels.tsx'
import { contextOf } from './price-preview.ts'
import { publishingAccess, publishingRoutes } from './publishing-routes.tsx'
import { rememberLarge } from './remember-large.ts'
import { viewOf } from './view.ts'

export const channelAccess: RouteTable = {
  ...publishingAccess,
  'GET /channels': 'channels:read',
  'GET /channels/:code': 'channels:read',
  'POST /channels/:code/publish': 'channels:write',
  'POST /channels/:code/pause': 'channels:write',
  'POST /channels/:code/observe': 'channels:write',
  'POST /channels/:code/policy': 'channels:write',
  'POST /channels/:code/pool': 'channels:write',
  'POST /channels/:code/short': 'channels:write',
  'POST /channels/:code/match': 'channels:write',
  'POST /channels/:code/unmatch': 'channels:write',
  'POST /channels/:code/drift-check': 'channels:write',
  'POST /channels/:code/drift-policy': 'channels:write',
  'POST /channels/:code/drift-decide': 'channels:write',
  'POST /channels/:code/retry': 'channels:write',
  'POST /channels/:code/replay': 'channels:write',
}

/** To count so many values takes some tenths of a second: for a while a page tells what was counted. */
const isLarge = ({ counts }: PublishingShown): boolean => counts.reduce((sum, one) => sum + one.count, 0) > 20_000
const LARGE_MS = 5_000

const DIFFERENCES = 100
const ROWS = 50

/** The list of channels, a channel's page, and its forms. */
export function channelRoutes(deps: UiDeps): Hono<RequestEnv> {
  const app = new Hono<RequestEnv>()
  const publishingOf = rememberLarge((code: string) => showPublishing(contextOf(deps, 'system'), code, deps.now?.()), isLarge, LARGE_MS)

  app.get('/channels', async c => {
    const [channels, counts] = await Promise.all([boardChannels(deps.sql), channelCounts(deps.sql)])
    return page(c, <ChannelsPage view={viewOf(c, deps)} channels={channels} counts={counts} platforms={deps.platforms} />)
  })

  app.get('/channels/:code', async c => {
    const view = viewOf(c, deps)
    const head = await channelHead(deps.sql, c.req.param('code'))
    if (head === null) return missingPage(c, view, `${view.t.board.channel} ${c.req.param('code')}`)
    const [held, pool, differences, refusals, unmatched, hand, counts, kept, history, drift, drifts, risk, publishing, short] =
      await Promise.all([
        listQuarantines(deps.sql, { channel: head.code, open: true }, null, ROWS),
        channelPool(deps.sql, head.id),
        channelDifferences(deps.sql, head.id, DIFFERENCES),
        channelRefusals(deps.sql, head.id, ROWS),
        unmatchedListings(deps.sql, head.id, ROWS),
        handMatches(deps.sql, head.id, ROWS),
        matchCounts(deps.sql, head.id),
        keptAside(deps.sql, head.id, ROWS),
        channelHistory(deps.sql, head.id, ROWS),
        showDrift({ sql: deps.sql, keyring: deps.keyring, actor: 'system' }, head.code, deps.shapes ?? []),
        listDrifts(deps.sql, { channel: head.code, open: true }, null, ROWS),
        showRisk({ sql: deps.sql }, head.code, new Date()),
        publishingOf(head.code),
        shortRuleOf(deps.sql, head.id),
      ])
    const platform = deps.platforms[head.platform] ?? null
    const channel = {
      ...{ head, held, pool, differences, refusals, unmatched, hand, counts, kept, history, platform, drift, drifts, risk },
      ...{ publishing, short },
    }
    return page(c, <ChannelPage view={view} channel={channel} />)
  })

  app.route('/', channelForms(deps))
  app.route('/', driftForms(deps))
  app.route('/', publishingRoutes(deps))
  return app
}
