import { Hono } from 'hono'
import { streamSSE } from 'hono/streaming'
import type { Principal, RequestEnv } from '../usecases/principal.ts'
import type { UiDeps } from './deps.ts'
import type { BoardPart, Live, News, Topic } from './live.ts'
import { BoardParts, boardNeeds } from './pages/board/page.tsx'
import { viewOf } from './view.ts'

// A stream ends after this long and the browser opens the next: a login that has ended meanwhile is noticed then.
const STREAM_MOST_MS = 5 * 60_000
// Proxies drop a silent connection, commonly after 60 s.
const BREATH_MS = 15_000

/** What the address of a stream asks for: `board`, or `sku=…`, `order=…`, `channel=…`. Null: nothing that we know, or not for this person. */
export function topicOf(query: Readonly<Record<string, string>>, principal: Principal): Topic | null {
  if (query.sku !== undefined && principal.scopes.has('stock:read')) return { kind: 'sku', id: query.sku }
  if (query.order !== undefined && principal.scopes.has('orders:read')) return { kind: 'order', id: query.order }
  if (query.channel !== undefined && principal.scopes.has('channels:read')) return { kind: 'channel', id: query.channel }
  return query.board !== undefined ? { kind: 'board' } : null
}

/**
 * The event stream of open pages. The board gets HTML of the parts that changed; a page of one thing gets the event `moved` and fetches
 * itself again. A slow reader gets the latest state once, not every state between.
 */
export function eventRoutes(deps: UiDeps, live: Live): Hono<RequestEnv> {
  const app = new Hono<RequestEnv>()
  app.get('/ui/events', c => {
    const topic = topicOf(c.req.query(), c.get('principal'))
    if (topic === null) return c.notFound()
    const view = viewOf(c, deps)
    // Proxies such as nginx would hold events back.
    c.header('X-Accel-Buffering', 'no')
    return streamSSE(c, async stream => {
      const waiting: { parts: Set<BoardPart>; board: (News & { kind: 'board' })['board'] | null; event: 'moved' | 'trouble' | null } = {
        parts: new Set(),
        board: null,
        event: null,
      }
      let wake = (): void => {}
      const stop = live.listen(topic, news => {
        if (news.kind === 'board') {
          waiting.board = news.board
          for (const part of news.parts) waiting.parts.add(part)
        } else waiting.event = news.kind
        wake()
      })
      stream.onAbort(() => {
        stop()
        wake()
      })
      const endsAt = performance.now() + STREAM_MOST_MS
      try {
        while (!stream.aborted && performance.now() < endsAt) {
          if (waiting.board === null && waiting.event === null) {
            let timer: NodeJS.Timeout | undefined
            const woken = await new Promise<boolean>(resolve => {
              wake = () => resolve(true)
              timer = setTimeout(() => resolve(false), BREATH_MS)
            })
            clearTimeout(timer)
            if (!woken) await stream.write(': still here\n\n')
            continue
          }
          const { board, event } = waiting
          const parts = [...waiting.parts].filter(
            part => boardNeeds[part] === null || view.principal?.scopes.has(boardNeeds[part]) === true,
          )
          waiting.board = null
          waiting.event = null
          waiting.parts.clear()
          if (event !== null) await stream.writeSSE({ event, data: '' })
          if (board !== null) await stream.writeSSE({ data: String(<BoardParts view={view} board={board} parts={parts} />) })
        }
      } finally {
        stop()
      }
    })
  })
  return app
}
