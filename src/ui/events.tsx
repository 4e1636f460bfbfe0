import { Hono } from 'hono'
import { streamSSE } from 'hono/streaming'
import type { Principal, RequestEnv } from '../usecases/principal.ts'
import type { UiDeps } from './deps.ts'
import type { Board, BoardPart, Live, Topic } from './live.ts'
import { BoardParts, boardNeeds } from './pages/board/page.tsx'
import { type View, viewOf } from './view.ts'

// A stream ends after this long and the browser opens the next: a login that has ended meanwhile is noticed then.
const STREAM_MOST_MS = 5 * 60_000
// Proxies drop a silent connection, commonly after 60 s.
const BREATH_MS = 15_000

/** What the address of a stream asks for: `board`, or `alerts`, or `sku=…`, `order=…`, `channel=…`. Null: nothing that we know, or not for this person. */
export function topicOf(query: Readonly<Record<string, string>>, principal: Principal): Topic | null {
  if (query.sku !== undefined && principal.scopes.has('stock:read')) return { kind: 'sku', id: query.sku }
  if (query.order !== undefined && principal.scopes.has('orders:read')) return { kind: 'order', id: query.order }
  if (query.channel !== undefined && principal.scopes.has('channels:read')) return { kind: 'channel', id: query.channel }
  if (query.alerts !== undefined && principal.scopes.has('channels:read')) return { kind: 'alerts', id: 'all' }
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
      const parts = new Set<BoardPart>()
      let board: Board | null = null
      let event: 'moved' | 'trouble' | null = null
      let isOver = false
      let wake = (): void => {}
      const stop = live.listen(topic, news => {
        if (news.kind === 'board') {
          board = news.board
          for (const part of news.parts) if (sees(view, part)) parts.add(part)
        } else if (news.kind === 'closed') isOver = true
        else event = news.kind
        wake()
      })
      stream.onAbort(() => {
        isOver = true
        wake()
      })
      const endsAt = performance.now() + STREAM_MOST_MS
      try {
        while (!isOver && performance.now() < endsAt) {
          const sent: { board: Board | null; parts: BoardPart[]; event: string | null } = { board, parts: [...parts], event }
          board = null
          event = null
          parts.clear()
          if (sent.event !== null) await stream.writeSSE({ event: sent.event, data: '' })
          if (sent.board !== null && sent.parts.length > 0) {
            await stream.writeSSE({ data: String(<BoardParts view={view} board={sent.board} parts={sent.parts} />) })
          }
          if (sent.event === null && sent.board === null && !(await woken(then => (wake = then)))) await stream.write(': still here\n\n')
        }
      } finally {
        stop()
      }
    })
  })
  return app
}

const sees = (view: View, part: BoardPart): boolean => boardNeeds[part] === null || view.principal?.scopes.has(boardNeeds[part]) === true

/** Waits until `wake` is called, true, or a breath is due, false. */
async function woken(onWake: (wake: () => void) => void): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  try {
    return await new Promise<boolean>(resolve => {
      onWake(() => resolve(true))
      timer = setTimeout(() => resolve(false), BREATH_MS)
    })
  } finally {
    clearTimeout(timer)
  }
}
