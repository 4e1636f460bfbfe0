import type { Context, Hono } from 'hono'
import { z } from 'zod'
import type { Gate } from './gate.ts'
import { quantityChange } from './order-view.ts'
import { isTold, QUEUE_ARN } from './subscriptions.ts'
import type { World } from './world.ts'

type MessageRow = { id: string; body: string; visible_ms: number; receipt: string | null }

const receiveShape = z.object({
  QueueUrl: z.string(),
  MaxNumberOfMessages: z.int().min(1).max(10).default(1),
  VisibilityTimeout: z.int().min(0).max(43_200).default(30),
})
const deleteShape = z.object({
  QueueUrl: z.string(),
  Entries: z
    .array(z.object({ Id: z.string(), ReceiptHandle: z.string() }))
    .min(1)
    .max(10),
})

/** Messages are given in an order of chance among this many of the oldest visible ones, as a standard queue promises none. */
const SHUFFLED = 30

/** Path of the sandbox's queue. */
export const QUEUE_PATH = '/000000000000/notifications'

/** Puts an order's notification on the queue: after the sandbox's lag, and not at all, twice, late or as garbage when told to. */
export function enqueueOrder(world: World, notification: object, ref: string): void {
  const { store } = world
  if (!isTold(world, 'ORDER_CHANGE')) return
  if (store.strikes('webhook-drop')) {
    store.record('webhook', { ref, data: { copies: 0 } })
    return
  }
  const body = store.strikes('webhook-garbage') ? '{"NotificationType":"ORDER_CHANGE","Payload":' : JSON.stringify(notification)
  const copies = store.strikes('webhook-double') ? 2 : 1
  const delayMs = Math.round(store.strikes('webhook-late') ? store.lateMs : store.lag())
  for (let copy = 0; copy < copies; copy += 1) put(world, body, delayMs)
  store.record('webhook', { ref, data: { copies, delayMs } })
}

/** Tells of a new quantity where the seller is subscribed to that. Delivery faults are about orders, so none of them is used up here. */
export function enqueueQuantity(world: World, sku: string, quantity: number): void {
  if (isTold(world, 'LISTINGS_ITEM_MFN_QUANTITY_CHANGE'))
    put(world, JSON.stringify(quantityChange(world, sku, quantity)), Math.round(world.store.lag()))
}

function put({ store, options }: World, body: string, delayMs: number): void {
  store.run('insert into message values (?, ?, ?, null)', crypto.randomUUID(), body, options.now().getTime() + delayMs)
}

/** How many messages are not to be seen yet because their time has not come; those in a reader's hands do not count. */
export function delayed({ store, options }: World): number {
  return (
    store.one<{ n: number }>('select count(*) as n from message where receipt is null and visible_ms > ?', options.now().getTime())?.n ?? 0
  )
}

/** SQS by the AWS JSON protocol: receive, delete, attributes. A message that is not deleted is given again after its visibility time-out. */
export function addQueue(app: Hono, world: World, gate: Gate): void {
  const actions: Readonly<Record<string, (context: Context) => Promise<Response>>> = {
    'AmazonSQS.ReceiveMessage': gate('receiveMessages', async context => receive(world, await context.req.json())),
    'AmazonSQS.DeleteMessageBatch': gate('deleteMessages', async context => remove(world, await context.req.json())),
    'AmazonSQS.GetQueueAttributes': gate('queueAttributes', async context => attributes(world, await context.req.json())),
  }
  app.post('/', async context => {
    const action = actions[context.req.header('x-amz-target') ?? '']
    return action ? action(context) : refuse('com.amazon.coral.service#UnknownOperationException', 'unknown operation')
  })
}

function receive(world: World, body: unknown): Response {
  const { store, options } = world
  const wanted = receiveShape.safeParse(body)
  const wrong = notOurs(wanted.data?.QueueUrl)
  if (!wanted.success || wrong) return wrong ?? refuse('com.amazonaws.sqs#InvalidParameterValue', 'invalid request')
  const nowMs = options.now().getTime()
  const taken = store.change(() => {
    const seen = store.all<MessageRow>('select * from message where visible_ms <= ? order by visible_ms limit ?', nowMs, SHUFFLED)
    const chosen = shuffled(seen, options.random).slice(0, wanted.data.MaxNumberOfMessages)
    return chosen.map(message => {
      const receipt = crypto.randomUUID()
      const visibleMs = nowMs + wanted.data.VisibilityTimeout * 1000
      store.run('update message set visible_ms = ?, receipt = ? where id = ?', visibleMs, receipt, message.id)
      return { MessageId: message.id, ReceiptHandle: receipt, Body: message.body }
    })
  })
  // SQS leaves the field out when there is nothing.
  return Response.json(taken.length > 0 ? { Messages: taken } : {})
}

function remove(world: World, body: unknown): Response {
  const wanted = deleteShape.safeParse(body)
  const wrong = notOurs(wanted.data?.QueueUrl)
  if (!wanted.success || wrong) return wrong ?? refuse('com.amazonaws.sqs#InvalidParameterValue', 'invalid request')
  world.store.change(() => {
    for (const entry of wanted.data.Entries) world.store.run('delete from message where receipt = ?', entry.ReceiptHandle)
  })
  return Response.json({ Successful: wanted.data.Entries.map(entry => ({ Id: entry.Id })), Failed: [] })
}

function attributes(world: World, body: unknown): Response {
  const asked = z.object({ QueueUrl: z.string(), AttributeNames: z.array(z.string()).default([]) }).safeParse(body).data
  const wrong = notOurs(asked?.QueueUrl)
  if (wrong) return wrong
  const n = world.store.one<{ n: number }>('select count(*) as n from message')?.n ?? 0
  const all: Readonly<Record<string, string>> = { ApproximateNumberOfMessages: String(n), QueueArn: QUEUE_ARN }
  return Response.json({
    Attributes: Object.fromEntries(asked?.AttributeNames.flatMap(name => (all[name] ? [[name, all[name]]] : [])) ?? []),
  })
}

function notOurs(queueUrl: string | undefined): Response | null {
  if (queueUrl !== undefined && new URL(queueUrl).pathname === QUEUE_PATH) return null
  return refuse('com.amazonaws.sqs#QueueDoesNotExist', 'The specified queue does not exist.')
}

function refuse(type: string, message: string): Response {
  return Response.json({ __type: type, message }, { status: 400 })
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map(item => ({ item, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item)
}
