import { channelNotices } from '../../db/buyer-notices.ts'
import { trackedOrder } from '../../db/tracked-order.ts'
import { type NoticeLetter, writeLetter } from '../domain/notices/letter.ts'
import { sampleValues } from '../domain/notices/sample.ts'
import { Fault } from '../values/fault.ts'
import type { Context } from './context.ts'
import { refuseBroken, type TemplatePlace } from './notice-settings.ts'
import { readPerson } from './read-person.ts'
import { templateFor, valuesOf } from './write-notice.ts'

/** What is to be seen: words that are being tried (else those that hold), with a real order (else one that nobody placed). */
export type Preview = TemplatePlace & {
  readonly subject?: string | undefined
  readonly body?: string | undefined
  /** Our number of an order; whoever asks may see buyers' data. */
  readonly order?: number | undefined
}

/** A letter as it would be written now. Nothing is sent. Faults: invalid (the template, with its line), not_found (the order). */
export async function previewLetter(context: Context, asked: Preview, publicUrl: string | null): Promise<NoticeLetter> {
  const { kind, language, order: orderId } = asked
  const held = await templateFor(context, asked.channel, kind, language)
  const template = { subject: asked.subject ?? held.subject, body: asked.body ?? held.body }
  refuseBroken(template)
  if (orderId === undefined) return writeLetter(template, sampleValues(language, publicUrl), language)
  const order = await trackedOrder(context.sql, orderId)
  const [channel] = order === null ? [] : await channelNotices(context.sql, order.channel)
  if (order === null || channel === undefined)
    throw new Fault('not_found', `There is no order ${orderId}.`, { field: 'order', value: orderId })
  const group = order.groups.find(one => (one.method === 'ship') === (kind === 'shipped'))
  const facts = { kind, groupId: group?.id ?? null, named: [], refunded: null, currency: null }
  const person = (await readPerson(context, orderId)) ?? {}
  // The real link is the buyer's: a preview makes none.
  return writeLetter(
    template,
    valuesOf(
      { facts, channel, order, person },
      language,
      `${publicUrl ?? 'https://hub.example.org'}/track/…`,
      context.now?.() ?? new Date(),
    ),
    language,
  )
}
