import { z } from 'zod'
import { AccountTrouble, type QueueMessage, type Tools } from '../contract.ts'
import { inTurn } from '../in-turn.ts'
import type { Credentials, Settings } from './access.ts'
import type { Operation } from './limits.ts'
import { tagOf } from './notifications.ts'
import { sign } from './sigv4.ts'

/** A message that is not deleted comes again after this time; storing ten messages takes far less. */
const VISIBILITY_S = 30

/** SQS asks several of its servers when it may wait a moment; without, it answers from a few and misses messages. */
const WAIT_S = 1

type Account = { readonly settings: Settings; readonly credentials: Credentials; readonly tools: Tools }

const receivedShape = z.object({
  Messages: z.array(z.object({ MessageId: z.string(), ReceiptHandle: z.string(), Body: z.string() })).nullish(),
})
const deletedShape = z.object({ Failed: z.array(z.object({ Id: z.string(), Message: z.string().optional() })).nullish() })
const attributesShape = z.object({ Attributes: z.record(z.string(), z.string()).nullish() })
const errorShape = z.object({ __type: z.string(), message: z.string().optional() })

/** Up to 10 messages. Their id is the notification's, so that a message that comes twice is known again. */
export async function receive(account: Account): Promise<QueueMessage[]> {
  if (account.settings.queueUrl === undefined) return []
  const body = { QueueUrl: account.settings.queueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: VISIBILITY_S, WaitTimeSeconds: WAIT_S }
  const answer = await call(account, 'receiveMessages', 'ReceiveMessage', body)
  const { Messages } = shaped(receivedShape, answer, 'ReceiveMessage')
  return (Messages ?? []).map(message => {
    const tag = tagOf(message.Body)
    return { id: tag.id ?? message.MessageId, receipt: message.ReceiptHandle, topic: tag.topic, body: message.Body }
  })
}

/** Deletes messages that are stored. One that SQS could not delete comes again and is dropped as a repeat. */
export async function deleteMessages(account: Account, receipts: readonly string[]): Promise<void> {
  for (let from = 0; from < receipts.length; from += 10) {
    const Entries = receipts.slice(from, from + 10).map((receipt, index) => ({ Id: String(index), ReceiptHandle: receipt }))
    const answer = await call(account, 'deleteMessages', 'DeleteMessageBatch', { QueueUrl: account.settings.queueUrl, Entries })
    shaped(deletedShape, answer, 'DeleteMessageBatch')
  }
}

/** How many messages wait, as SQS estimates it. Rejects with `AccountTrouble` where the queue cannot be reached. */
export async function queueLength(account: Account): Promise<number> {
  return Number((await attribute(account, 'ApproximateNumberOfMessages')) ?? 0)
}

/** What the queue is called where a destination is made for it. Rejects as `queueLength` does. */
export async function queueArn(account: Account): Promise<string> {
  const arn = await attribute(account, 'QueueArn')
  if (arn === undefined) throw new AccountTrouble('down', 'SQS does not tell the name (QueueArn) of the queue')
  return arn
}

async function attribute(account: Account, name: string): Promise<string | undefined> {
  const body = { QueueUrl: account.settings.queueUrl, AttributeNames: [name] }
  const answer = await call(account, 'queueAttributes', 'GetQueueAttributes', body)
  return shaped(attributesShape, answer, 'GetQueueAttributes').Attributes?.[name]
}

function call(account: Account, operation: Operation, action: string, body: unknown): Promise<unknown> {
  return inTurn(account.tools.pace, operation, {}, () => ask(account, action, body))
}

async function ask({ settings, credentials, tools }: Account, action: string, body: unknown): Promise<unknown> {
  const url = new URL('/', settings.queueUrl).href
  const text = JSON.stringify(body)
  const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${action}` }
  const signed =
    credentials.queueKeyId !== undefined && credentials.queueSecret !== undefined
      ? await sign(
          { method: 'POST', url, headers, body: text },
          { keyId: credentials.queueKeyId, secret: credentials.queueSecret, region: regionOf(url), service: 'sqs' },
          tools.now(),
        )
      : headers
  const answer = await tools.http({ method: 'POST', url, headers: signed, body: text, writes: action === 'DeleteMessageBatch' })
  const json = parseJson(answer.text)
  if (answer.status === 200) return json
  const error = errorShape.safeParse(json).data
  const code = error?.__type.split('#').at(-1) ?? `status ${answer.status}`
  const words = `SQS ${action}: ${code}${error?.message ? ` (${error.message})` : ''}`
  if (answer.status === 429 || /Throttl/.test(code)) throw new AccountTrouble('throttled', words, { afterMs: 1000 })
  throw new AccountTrouble(answer.status >= 500 ? 'down' : 'auth', words)
}

/** `sqs.eu-west-1.amazonaws.com` is in `eu-west-1`. */
export function regionOf(url: string): string {
  return /^(?:[\w-]+\.)?sqs(?:-fips)?\.([\w-]+)\./.exec(new URL(url).hostname)?.[1] ?? 'us-east-1'
}

function shaped<T>(shape: z.ZodType<T>, json: unknown, action: string): T {
  const read = shape.safeParse(json)
  if (!read.success) throw new AccountTrouble('down', `SQS ${action} answered something else than promised: ${z.prettifyError(read.error)}`)
  return read.data
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
