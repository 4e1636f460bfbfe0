import { type ChannelNotices, channelNotices, type NoticeAnswer, noticeCommand } from '../../db/buyer-notices.ts'
import type { NoticeKind } from '../domain/notices/kinds.ts'
import { faultOf, type LetterFault, type NoticeTemplate } from '../domain/notices/letter.ts'
import { Fault, unreachable } from '../values/fault.ts'
import { carryOut, keyConflict } from './carry-out.ts'
import { type Context, command } from './context.ts'
import { refuseUnknown } from './near-names.ts'
import type { Language } from './principal.ts'
import { stated } from './stated.ts'

/** What a channel is to tell its buyers; what is absent stays as it is, null is as usual. */
export type NoticeSettings = {
  readonly kinds?: readonly NoticeKind[] | undefined
  readonly byEmail?: boolean | undefined
  readonly senderName?: string | null | undefined
  readonly replyTo?: string | null | undefined
  readonly language?: Language | null | undefined
}

/** What one channel tells its buyers. Fault: not_found. */
export async function showChannelNotices(context: Pick<Context, 'sql'>, code: string): Promise<ChannelNotices> {
  const [row] = await channelNotices(context.sql, code)
  if (row === undefined) throw new Fault('not_found', `There is no channel ${code}.`, { field: 'channel', value: code })
  return row
}

/** Says what a channel tells its buyers. Faults: not_found, invalid (its platform tells them itself, and forbids others to), conflict of keys. */
export async function setChannelNotices(
  context: Context,
  key: string | null,
  code: string,
  change: NoticeSettings,
): Promise<ChannelNotices> {
  const before = await showChannelNotices(context, code)
  const kept = <T>(value: T | undefined, was: T): T => (value === undefined ? was : value)
  const body = {
    channel: code,
    kinds: kept(change.kinds, before.kinds),
    byEmail: kept(change.byEmail, before.byEmail),
    senderName: kept(change.senderName, before.senderName),
    replyTo: kept(change.replyTo, before.replyTo),
    language: kept(change.language, before.language),
  }
  await run(context, 'channel_notices_set_1', 'notices.set', key, body)
  return showChannelNotices(context, code)
}

/** Where a letter's words are: of one channel or (null) of all, of a kind, in a language. */
export type TemplatePlace = { readonly channel: string | null; readonly kind: NoticeKind; readonly language: Language }

/**
 * Puts a letter in the merchant's own words; null: our own words again. Faults: not_found, invalid (with the line of the template that is wrong), conflict of keys.
 */
export async function setTemplate(
  context: Context,
  key: string | null,
  place: TemplatePlace,
  template: NoticeTemplate | null,
): Promise<void> {
  if (template !== null) refuseBroken(template)
  const { channel, kind: notice, language } = place
  const body = { ...(channel === null ? {} : { channel }), notice, language, ...(template ?? { usual: true }) }
  await run(context, 'notice_template_set_1', 'notice-template.set', key, body)
}

/** Refuses a template that cannot be filled in: `invalid`, with its part (`subject`, `body`), the line and what is wrong there. */
export function refuseBroken(template: NoticeTemplate): void {
  const fault = faultOf(template)
  if (fault !== null)
    throw new Fault('invalid', faultText(fault), {
      ...{ field: fault.part, reason: fault.problem, line: fault.line, value: fault.name },
    })
  for (const [field, most] of [
    ['subject', 200],
    ['body', 20_000],
  ] as const) {
    if (template[field].trim() === '' || template[field].length > most)
      throw new Fault('invalid', `The ${field} has 1 to ${most} characters.`, { field })
  }
  if (/[\r\n]/.test(template.subject)) throw new Fault('invalid', 'The subject is one line.', { field: 'subject' })
}

/** Sends a sample of a notice to a user's own address, in the words that are kept. Answers its number. Faults: not_found, conflict of keys. */
export async function sendSample(
  context: Context,
  key: string | null,
  email: string,
  kind: NoticeKind,
  language: Language,
): Promise<number> {
  return (await run(context, 'notice_sample_1', 'notice.sample', key, { email, notice: kind, language })).notice ?? 0
}

/** Tells a notice of an order once more: whoever was not reached, or says so. Faults: not_found, conflict (it is being told, or its webhook is no more). */
export async function tellAgain(context: Context, key: string | null, orderId: number, notice: number): Promise<void> {
  await run(context, 'buyer_notice_again_1', 'notice.again', key, { orderId, notice })
}

const faultText = ({ part, line, problem, name }: LetterFault): string => {
  const words = {
    not_closed: `{{#${name}}} is not closed: {{/${name}}} is missing`,
    not_opened: `{{/${name}}} closes nothing`,
    unknown: `there is no {{${name}}} here`,
    nested: `{{#${name}}} stands inside another section`,
    unfinished: `“${name}” is no whole {{name}}`,
  } as const
  return `Line ${line} of the ${part}: ${words[problem]}.`
}

async function run(
  context: Context,
  name: Parameters<typeof noticeCommand>[1],
  kind: string,
  key: string | null,
  body: Readonly<Record<string, unknown>>,
): Promise<Extract<NoticeAnswer, { readonly outcome: 'done' }>> {
  const asked = stated(body)
  const answer = await carryOut(key, () => noticeCommand(context.sql, name, { ...asked, ...command(context, kind, key, asked) }))
  switch (answer.outcome) {
    case 'done':
      return answer
    case 'unknown':
      if (answer.field === 'channel') await refuseUnknown(context, { channel: String(answer.value) })
      throw new Fault('not_found', `There is no ${answer.field === 'email' ? 'user' : answer.field} ${String(answer.value)}.`, {
        ...{ field: answer.field, value: answer.value },
      })
    case 'forbidden':
      throw new Fault('invalid', `${answer.platform} tells its buyers itself, and forbids sellers to write to them.`, {
        ...{ field: 'kinds', reason: 'platform_tells', expected: 'none' },
      })
    case 'waiting':
      throw new Fault('conflict', 'It is being told: nothing is to be sent again yet.', { reason: 'waiting' })
    case 'gone':
      throw new Fault('conflict', 'Its webhook is no more, or is switched off.', { reason: 'gone' })
    case 'key_conflict':
      throw keyConflict()
    default:
      return unreachable(answer)
  }
}
