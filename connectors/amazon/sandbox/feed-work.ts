import { z } from 'zod'
import { acknowledge } from './acknowledgements.ts'
import { documentText, keepDocument } from './documents.ts'
import { type FeedRow, feedOf } from './feeds.ts'
import { type Issue, judge, queue } from './submissions.ts'
import type { World } from './world.ts'

/** Messages of a feed, at the most. */
const MESSAGES_MAX = 10_000
const AGAIN_MS = 100

const documentShape = z.object({
  header: z.object({ sellerId: z.string(), version: z.literal('2.0') }),
  messages: z
    .array(
      z
        .object({ messageId: z.int().min(1), sku: z.string().min(1), operationType: z.string(), productType: z.string().optional() })
        .loose(),
    )
    .min(1)
    .max(MESSAGES_MAX),
})

type ReportIssue = { messageId: number; sku: string; code: string; severity: 'ERROR'; message: string; attributeName?: string }

/** A feed's turn has come: one of a seller's feeds is worked through at a time, in the order in which they came. */
export function beginFeed(world: World, id: string): void {
  const { store, options } = world
  const row = feedOf(world, id)
  if (row?.status !== 'IN_QUEUE') return
  if (store.one("select 1 as yes from feed where status = 'IN_PROGRESS'")) {
    store.later('feed-begin', id, {}, AGAIN_MS)
    return
  }
  const nowMs = options.now().getTime()
  if (store.strikes('cancelled', 'createFeed')) {
    store.run("update feed set status = 'CANCELLED', ended_ms = ? where id = ?", nowMs, id)
    return
  }
  store.run("update feed set status = 'IN_PROGRESS', begun_ms = ? where id = ?", nowMs, id)
  store.later('feed-end', id, {}, options.feedWorkMs ?? store.lag())
}

/** A feed is through: each message had its verdict, and those that were accepted are queued like any other submission of now. */
export function endFeed(world: World, id: string): void {
  const row = feedOf(world, id)
  if (row?.status !== 'IN_PROGRESS') return
  if (row.type === 'POST_ORDER_ACKNOWLEDGEMENT_DATA') {
    const report = acknowledge(world, documentText(world, row.input) ?? '')
    end(world, row, 'DONE', keepDocument(world, 'text/xml; charset=UTF-8', report))
    return
  }
  const document = documentShape.safeParse(parsed(documentText(world, row.input)))
  const isFatal = world.store.strikes('fatal', 'createFeed')
  if (!document.success || document.data.header.sellerId !== world.options.sellerId) {
    end(world, row, 'FATAL', null)
    return
  }
  const { messages } = document.data
  if (isFatal) {
    for (const message of messages.slice(0, Math.floor(messages.length / 2))) work(world, row, message)
    end(world, row, 'FATAL', null)
    return
  }
  const issues = messages.flatMap(message => work(world, row, message))
  const invalid = new Set(issues.map(one => one.messageId)).size
  const report = {
    header: { sellerId: world.options.sellerId, version: '2.0', feedId: row.id },
    issues,
    summary: {
      errors: issues.length,
      warnings: 0,
      messagesProcessed: messages.length,
      messagesAccepted: messages.length - invalid,
      messagesInvalid: invalid,
    },
  }
  end(world, row, 'DONE', keepDocument(world, 'application/json; charset=UTF-8', JSON.stringify(report)))
}

function work(world: World, row: FeedRow, message: z.infer<typeof documentShape>['messages'][number]): ReportIssue[] {
  const { messageId, sku } = message
  const told = ({ code, message: words, attributeNames }: Issue): ReportIssue => {
    const [attributeName] = attributeNames
    return { messageId, sku, code, severity: 'ERROR', message: words, ...(attributeName === undefined ? {} : { attributeName }) }
  }
  if (message.operationType !== 'PATCH')
    return [told({ code: '4000003', message: `The operation '${message.operationType}' is not played.`, attributeNames: [] })]
  const judged = judge(world, sku, z.array(z.string()).parse(JSON.parse(row.marketplaces)), message, 'createFeed')
  if (judged === null) return [told({ code: '4000001', message: 'The message is no list of patches.', attributeNames: [] })]
  if (judged.issues.length === 0) queue(world, sku, judged.accepted, 'createFeed')
  return judged.issues.map(told)
}

function end(world: World, row: FeedRow, status: 'DONE' | 'FATAL', result: string | null): void {
  world.store.run(
    'update feed set status = ?, ended_ms = ?, result = ? where id = ?',
    status,
    world.options.now().getTime(),
    result,
    row.id,
  )
  world.store.record('feed', { ref: row.id, data: { status } })
}

function parsed(text: string | null): unknown {
  try {
    return JSON.parse(text ?? '')
  } catch {
    return undefined
  }
}
