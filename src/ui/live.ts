import { boardChannels, boardTotals, riskySkus } from '../../db/pages-board.ts'
import { orderList } from '../../db/pages-orders.ts'
import { marks } from '../../db/pages-watch.ts'
import type { UiDeps } from './deps.ts'

/** What the board shows at one moment. */
export type Board = Awaited<ReturnType<typeof readBoard>>
export type BoardPart = keyof Board

/** What an open page wants to hear of: the board, or one thing. */
export type Topic = { readonly kind: 'board' } | { readonly kind: 'sku' | 'order' | 'channel' | 'alerts'; readonly id: string }

export type News =
  | { readonly kind: 'board'; readonly board: Board; readonly parts: readonly BoardPart[] }
  | { readonly kind: 'moved' }
  /** The database does not answer; the next news says that it does again. */
  | { readonly kind: 'trouble' }
  /** The program stops: there will be no news. */
  | { readonly kind: 'closed' }

export type Live = {
  /** Hears of a topic until the answer is called. The board comes at once, whole; one thing is told to have moved once. */
  readonly listen: (topic: Topic, hear: (news: News) => void) => () => void
  /** Everybody is told that it is over; then nobody is told anything any more. */
  readonly close: () => void
}

const ORDERS_SHOWN = 16
const RISKS_SHOWN = 12

/** Reads all parts of the board. */
export async function readBoard(sql: UiDeps['sql']) {
  const [channels, orders, risks, totals] = await Promise.all([
    boardChannels(sql),
    orderList(sql, { filter: 'all', channel: '', search: '', before: null, limit: ORDERS_SHOWN }),
    riskySkus(sql, RISKS_SHOWN),
    boardTotals(sql),
  ])
  return { channels, orders: orders.rows, risks, totals }
}

/**
 * One look at the database for all open pages of this process: every second while somebody listens, and never when nobody does. Pages
 * hear only of what changed. Where a look takes long, the pause grows with it, so that pages never take more than a fifth of the time.
 */
export function makeLive(deps: Pick<UiDeps, 'sql' | 'log' | 'liveEveryMs'>): Live {
  const pauseMs = deps.liveEveryMs ?? 1000
  const listeners = new Map<(news: News) => void, { readonly topic: Topic; isNew: boolean }>()
  let board: { readonly now: Board; readonly texts: Readonly<Record<BoardPart, string>> } | null = null
  let known: ReadonlyMap<string, string> = new Map()
  let timer: NodeJS.Timeout | null = null
  let isLooking = false
  let isClosed = false

  const tell = (news: News, to: (topic: Topic) => boolean): void => {
    for (const [hear, { topic }] of listeners) if (to(topic)) hear(news)
  }

  const look = async (): Promise<void> => {
    const asking = [...listeners]
    const topics = asking.map(([, { topic }]) => topic)
    if (topics.some(topic => topic.kind === 'board')) {
      const now = await readBoard(deps.sql)
      const texts = {
        channels: JSON.stringify(now.channels),
        orders: JSON.stringify(now.orders),
        risks: JSON.stringify(now.risks),
        totals: JSON.stringify(now.totals),
      }
      const before = board?.texts
      const parts = boardParts.filter(part => before?.[part] !== texts[part])
      board = { now, texts }
      if (parts.length > 0) tell({ kind: 'board', board: now, parts }, topic => topic.kind === 'board')
    } else board = null
    const ids = (kind: Topic['kind']): string[] => [
      ...new Set(topics.flatMap(topic => (topic.kind !== 'board' && topic.kind === kind ? [topic.id] : []))),
    ]
    const watched = {
      skus: ids('sku'),
      orders: ids('order').map(Number).filter(Number.isSafeInteger),
      channels: ids('channel'),
      alerts: ids('alerts').length > 0,
    }
    if (watched.skus.length + watched.orders.length + watched.channels.length === 0 && !watched.alerts) return
    const found = await marks(deps.sql, watched)
    const moved = new Set([...found].filter(([topic, mark]) => known.has(topic) && known.get(topic) !== mark).map(([topic]) => topic))
    known = found
    for (const [hear, listener] of asking) {
      const { topic, isNew } = listener
      if (topic.kind === 'board') continue
      // A page was made before it began to listen, or was away: it fetches itself once more, after its mark was taken, and so misses nothing.
      if (isNew || moved.has(`${topic.kind}:${topic.id}`)) hear({ kind: 'moved' })
      listener.isNew = false
    }
  }

  const turn = async (): Promise<void> => {
    timer = null
    isLooking = true
    const began = performance.now()
    try {
      await look()
    } catch (error) {
      // The pages are told, and the next look tries again.
      deps.log.error({ err: error }, 'open pages could not be kept live')
      board = null
      tell({ kind: 'trouble' }, () => true)
    } finally {
      isLooking = false
    }
    if (listeners.size > 0 && !isClosed) timer = setTimeout(turn, Math.max(pauseMs, (performance.now() - began) * 4))
  }

  return {
    listen: (topic, hear) => {
      const own = (news: News): void => hear(news)
      listeners.set(own, { topic, isNew: true })
      if (topic.kind === 'board' && board !== null) own({ kind: 'board', board: board.now, parts: boardParts })
      if (timer === null && !isLooking && !isClosed) timer = setTimeout(turn, 0)
      return () => {
        listeners.delete(own)
        if (listeners.size > 0) return
        if (timer !== null) clearTimeout(timer)
        timer = null
        board = null
        known = new Map()
      }
    },
    close: () => {
      isClosed = true
      tell({ kind: 'closed' }, () => true)
      if (timer !== null) clearTimeout(timer)
      timer = null
      listeners.clear()
    },
  }
}

export const boardParts: readonly BoardPart[] = ['totals', 'channels', 'orders', 'risks']
