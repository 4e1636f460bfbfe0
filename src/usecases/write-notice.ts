import { type ChannelNotices, type NoticeFacts, noticeFacts, noticeTemplates } from '../../db/buyer-notices.ts'
import { type TrackedGroup, type TrackedOrder, trackedOrder } from '../../db/tracked-order.ts'
import { type NoticeKind, stillSo } from '../domain/notices/kinds.ts'
import { type NoticeLetter, type NoticeTemplate, writeLetter } from '../domain/notices/letter.ts'
import { momentAt, weekOf } from '../domain/notices/moments.ts'
import { sampleValues } from '../domain/notices/sample.ts'
import type { NoticeValues } from '../domain/notices/template.ts'
import { usualEn } from '../domain/notices/usual-en.ts'
import { usualZhCN } from '../domain/notices/usual-zh-CN.ts'
import { ENDED_STATES } from '../domain/orders/life.ts'
import type { OrderPerson } from '../values/channel-order.ts'
import { unitPrice } from '../values/money.ts'
import { readChoice } from './buyer-choice.ts'
import type { Context } from './context.ts'
import type { Language } from './principal.ts'
import { readPerson } from './read-person.ts'
import { trackingPath } from './tracking-link.ts'

/** A notice as it is to be told: written from what is known at this moment, and kept nowhere. */
export type WrittenNotice = {
  readonly kind: NoticeKind
  readonly language: Language
  readonly letter: NoticeLetter
  /** Null: a sample. */
  readonly order: { readonly id: number; readonly number: string; readonly channel: string } | null
  readonly groupId: number | null
  readonly values: NoticeValues
  readonly collectBy: Date | null
  readonly person: OrderPerson
  readonly senderName: string | null
  readonly replyTo: string | null
}

/** Why a notice is not told any more: its time went by, its kind was switched off, or its buyer is no longer known. */
export type NotTold = { readonly dropped: 'overtaken' | 'switched_off' | 'nobody' }

/** Writes a notice out of the outbox. */
export async function writeNotice(context: Context, id: number, publicUrl: string | null): Promise<WrittenNotice | NotTold> {
  const facts = await noticeFacts(context.sql, id)
  if (facts === null) return { dropped: 'overtaken' }
  if (facts.sampleTo !== null) return writeSample(context, facts, facts.sampleTo, publicUrl)
  const { channel, orderId } = facts
  if (channel === null || orderId === null) return { dropped: 'overtaken' }
  if (!channel.kinds.includes(facts.kind) || channel.platformTells) return { dropped: 'switched_off' }
  const [order, person, choice] = await Promise.all([
    trackedOrder(context.sql, orderId),
    readPerson(context, orderId),
    readChoice(context, orderId),
  ])
  if (order === null || person === null) return { dropped: 'nobody' }
  const short = order.lines.reduce((sum, line) => sum + line.short, 0)
  const isOver = ENDED_STATES.some(state => state === order.state)
  if (!stillSo(facts.kind, { isOver, groupState: facts.groupState, short, isChoiceOpen: choice !== null })) return { dropped: 'overtaken' }
  return writeFor(context, { facts, channel, order, person }, publicUrl)
}

/** The template that holds for a channel (null: for all): its own, else the one for all channels, else ours. */
export async function templateFor(
  context: Pick<Context, 'sql'>,
  channel: string | null,
  kind: NoticeKind,
  language: Language,
): Promise<NoticeTemplate & { readonly isOurs: boolean }> {
  const own = (await noticeTemplates(context.sql, kind)).filter(
    row => row.language === language && (row.channel === null || row.channel === channel),
  )
  const found = own.find(row => row.channel !== null) ?? own[0]
  return found === undefined ? { ...(language === 'en' ? usualEn : usualZhCN)[kind], isOurs: true } : { ...found, isOurs: false }
}

type Subject = {
  readonly facts: Pick<NoticeFacts, 'kind' | 'groupId' | 'named' | 'refunded' | 'currency'>
  readonly channel: ChannelNotices
  readonly order: TrackedOrder
  readonly person: OrderPerson
}

async function writeFor(context: Context, subject: Subject, publicUrl: string | null): Promise<WrittenNotice> {
  const { facts, channel, order, person } = subject
  const language = languageOf(person, channel)
  const link = publicUrl === null ? '' : `${publicUrl}${await trackingPath(context, order.id)}?language=${language}`
  const values = valuesOf(subject, language, link, context.now?.() ?? new Date())
  return {
    ...{ kind: facts.kind, language, values, person, groupId: facts.groupId },
    letter: writeLetter(await templateFor(context, channel.channel, facts.kind, language), values, language),
    order: { id: order.id, number: order.number, channel: channel.channel },
    collectBy: order.groups.find(group => group.id === facts.groupId)?.collectBy ?? null,
    ...{ senderName: channel.senderName ?? channel.channelName, replyTo: channel.replyTo },
  }
}

async function writeSample(context: Context, facts: NoticeFacts, to: string, publicUrl: string | null): Promise<WrittenNotice> {
  const language = facts.sampleLanguage ?? 'en'
  const values = sampleValues(language, publicUrl)
  const letter = writeLetter(await templateFor(context, null, facts.kind, language), values, language)
  return {
    kind: facts.kind,
    language,
    letter,
    values,
    order: null,
    groupId: null,
    collectBy: null,
    person: { email: to },
    senderName: null,
    replyTo: null,
  }
}

/** The order's own language where its platform tells it, else what the channel says, else the channel's locale. */
function languageOf(person: OrderPerson, channel: ChannelNotices): Language {
  if (person.language !== undefined) return /^zh\b/i.test(person.language) ? 'zh-CN' : 'en'
  return channel.language ?? (/^zh\b/i.test(channel.locale) ? 'zh-CN' : 'en')
}

/** What a letter is filled in with. */
export function valuesOf({ facts, channel, order, person }: Subject, language: Language, link: string, now: Date): NoticeValues {
  const group = order.groups.find(one => one.id === facts.groupId) ?? null
  const place = group?.place ?? null
  return {
    ...{ order: order.number, shop: channel.senderName ?? channel.channelName, name: person.name ?? '', link, place: place?.name ?? '' },
    address: [place?.address, place?.postalCode].filter(part => part != null && part !== '').join(language === 'en' ? ', ' : '，'),
    hours: weekOf(place?.hours ?? null, language)
      .filter(({ times }) => times.length > 0)
      .map(({ days, times }) => `${days} ${times.join(', ')}`)
      .join(language === 'en' ? '; ' : '；'),
    collectBy: group?.collectBy == null ? '' : momentAt(group.collectBy, place?.zone ?? order.zone, language, now),
    code: group?.code ?? '',
    amount: facts.refunded === null || facts.currency === null ? '' : `${facts.currency} ${unitPrice(facts.refunded, facts.currency)}`,
    lines: linesOf(facts, order, group).map(({ units, title, instead }) => ({
      units: units.toLocaleString(language),
      title,
      instead: instead ?? '',
    })),
    parcels: order.parcels.map(({ carrier, number, url }) => ({ carrier, number, url: url ?? link })),
  }
}

function linesOf({ kind, named }: Subject['facts'], order: TrackedOrder, group: TrackedGroup | null) {
  if (kind === 'short') return order.lines.filter(line => line.short > 0).map(line => ({ ...line, units: line.short }))
  if (named.length > 0) return named
  if (group !== null) return group.lines
  return order.lines.filter(line => line.ordered > line.cancelled).map(line => ({ ...line, units: line.ordered - line.cancelled }))
}
