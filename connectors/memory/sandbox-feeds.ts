import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { SandboxStore } from '../sandbox-store.ts'

type Verdict = { readonly refused: string | null }
type Started = { status: 'queued' | 'working' | 'done' | 'cancelled' | 'fatal'; verdicts: readonly Verdict[] }
type Played = Started & { readonly items: readonly unknown[]; readonly atMs: number }

export type MemoryFeeds = {
  /** Answers null for an operation that is none of a feed. */
  readonly run: (operation: string, body: unknown) => object | null
  /** Moves a feed on whose time has come; false where it was something else's. */
  readonly due: (kind: string, ref: string) => boolean
}

const asked = z.object({
  items: z.array(z.unknown()).default([]),
  document: z.string().default(''),
  feed: z.string().default(''),
  at: z.string().default(''),
})

/** Feeds of the reference platform; `take` is how it takes the items of a push. */
export function makeMemoryFeeds(
  store: SandboxStore,
  now: () => Date,
  take: (items: readonly unknown[]) => readonly Verdict[],
): MemoryFeeds {
  const documents = new Map<string, readonly unknown[]>()
  const feeds = new Map<string, Played>()

  const run = (operation: string, body: unknown): object | null => {
    if (!operation.startsWith('feed-')) return null
    const ask = asked.parse(body)
    const feed = feeds.get(ask.feed)
    switch (operation) {
      case 'feed-upload': {
        const document = randomUUID()
        documents.set(document, ask.items)
        return { document }
      }
      case 'feed-start': {
        const id = String(store.next('feed', 500))
        feeds.set(id, { status: 'queued', verdicts: [], items: documents.get(ask.document) ?? [], atMs: now().getTime() })
        store.later('feed', id, {}, store.lag())
        return { feed: id }
      }
      case 'feed-since':
        return { feeds: [...feeds].filter(([, one]) => one.atMs >= Date.parse(ask.at)).map(([id]) => id) }
      case 'feed-look':
        return { status: feed?.status ?? 'fatal' }
      case 'feed-verdicts':
        return { verdicts: feed?.verdicts ?? [] }
      default: {
        const cancelled = feed?.status === 'queued'
        if (cancelled) feed.status = 'cancelled'
        return { cancelled }
      }
    }
  }

  const due = (kind: string, ref: string): boolean => {
    if (kind !== 'feed') return false
    const feed = feeds.get(ref)
    if (feed?.status !== 'queued') return true
    if (store.strikes('cancelled', 'feed-start')) feed.status = 'cancelled'
    else if (store.strikes('fatal', 'feed-start')) {
      take(feed.items.slice(0, Math.floor(feed.items.length / 2)))
      feed.status = 'fatal'
    } else {
      feed.verdicts = take(feed.items)
      feed.status = 'done'
    }
    return true
  }
  return { run, due }
}
