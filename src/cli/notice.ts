import { readFile } from 'node:fs/promises'
import { type ChannelNotices, channelNotices, orderNotices } from '../../db/buyer-notices.ts'
import { isNoticeKind, NOTICE_KINDS, type NoticeKind } from '../domain/notices/kinds.ts'
import { sendSample, setChannelNotices, setTemplate, tellAgain } from '../usecases/notice-settings.ts'
import type { Language } from '../usecases/principal.ts'
import { templateFor } from '../usecases/write-notice.ts'
import { type Call, type Command, wrongUsage } from './command.ts'
import { shownAt } from './instants.ts'
import { findOrder, WHICH } from './order.ts'
import { ownKey } from './stock.ts'
import { table } from './terminal.ts'

const text = { type: 'string' } as const
const yes = { type: 'boolean' } as const
const KINDS = `Notices: ${NOTICE_KINDS.join(', ')}.`

/** `notice list|set|letter|sample|told`. */
export const noticeCommands: readonly Command[] = [
  {
    name: 'notice list',
    usage: '',
    summary: 'What each channel tells its buyers',
    examples: ['notice list'],
    takes: [0, 0],
    database: 'migrated',
    run: async call => answer(call, await channelNotices(call.context.sql)),
  },
  {
    name: 'notice set',
    usage: 'CHANNEL [--send KIND]… [--nothing] [--email | --no-email] [--sender NAME] [--reply-to EMAIL] [--language en|zh-CN]',
    summary: 'Say what a channel tells its buyers; nothing is told before',
    details: `--send names all that go out from now on. Webhooks that name order.KIND are told, too.\n${KINDS}`,
    examples: ['notice set my-shop --send confirmed --send ready --send shipped', 'notice set my-shop --nothing'],
    options: {
      send: { type: 'string', multiple: true },
      nothing: yes,
      email: yes,
      'no-email': yes,
      sender: text,
      'reply-to': text,
      language: text,
    },
    takes: [1, 1],
    database: 'migrated',
    run: async call => {
      const sent = call.texts('send').map(kindOf)
      const byEmail = call.flag('email') ? true : call.flag('no-email') ? false : undefined
      const language = call.text('language')
      const change = {
        kinds: call.flag('nothing') ? [] : sent.length === 0 ? undefined : sent,
        ...{ byEmail, senderName: call.text('sender'), replyTo: call.text('reply-to') },
        language: language === undefined ? undefined : languageOf(language),
      }
      return answer(call, [await setChannelNotices(call.context, ownKey(), call.args[0] ?? '', change)])
    },
  },
  {
    name: 'notice letter',
    usage: 'KIND LANGUAGE [--channel CODE] [--file FILE | --usual]',
    summary: 'The words of a letter; --file: put it in words of your own, --usual: back to ours',
    details: `The first line of FILE is the subject; the letter follows after an empty line. {{order}} stands for a value, what stands
between {{#lines}} and {{/lines}} comes for each.
${KINDS}`,
    examples: ['notice letter ready en', 'notice letter ready zh-CN --channel my-shop --file ready.txt'],
    options: { channel: text, file: text, usual: yes },
    takes: [2, 2],
    database: 'migrated',
    run: async call => {
      const [kind, language, channel = null] = [kindOf(call.args[0] ?? ''), languageOf(call.args[1] ?? ''), call.text('channel')]
      const file = call.text('file')
      const place = { channel, kind, language }
      if (call.flag('usual')) await setTemplate(call.context, ownKey(), place, null)
      else if (file !== undefined) await setTemplate(call.context, ownKey(), place, templateOf(await readFile(file, 'utf8')))
      const { subject, body, isOurs } = await templateFor(call.context, channel, kind, language)
      call.answer({ ...place, subject, body, isOurs }, `${subject}\n\n${body}`)
      return 0
    },
  },
  {
    name: 'notice sample',
    usage: 'KIND LANGUAGE EMAIL',
    summary: 'Send a sample of a letter to a user of the hub',
    details: KINDS,
    examples: ['notice sample ready en ana@example.org'],
    takes: [3, 3],
    database: 'migrated',
    run: async call => {
      const [kind = '', language = '', email = ''] = call.args
      const notice = await sendSample(call.context, ownKey(), email, kindOf(kind), languageOf(language))
      call.answer({ notice }, 'It is under way, as soon as a hub with SMTP_URL runs.')
      return 0
    },
  },
  {
    name: 'notice told',
    usage: 'ORDER [--again NOTICE]',
    summary: 'What the buyer of an order was told, and what became of it; --again: tell one once more',
    details: WHICH,
    examples: ['notice told 1042', 'notice told 1042 --again 7'],
    options: { again: text },
    takes: [1, 1],
    database: 'migrated',
    run: async call => {
      const { id } = await findOrder(call)
      const again = call.text('again')
      if (again !== undefined && !/^[1-9]\d{0,14}$/.test(again)) throw wrongUsage(`--again ${again} is no number of a notice`)
      if (again !== undefined) await tellAgain(call.context, ownKey(), id, Number(again))
      const notices = await orderNotices(call.context.sql, id)
      const rows = notices.map(one => [
        ...[one.id, one.kind, one.host ?? one.via, one.state, one.status, one.trouble, one.attempts],
        shownAt((one.endedAt ?? one.createdAt).toISOString()),
      ])
      call.answer(
        notices,
        rows.length === 0
          ? 'Nothing was told to the buyer of this order.'
          : table([['notice', 'kind', 'to', 'state', 'answer', 'trouble', 'tries', 'when'], ...rows]),
      )
      return 0
    },
  },
]

function kindOf(word: string): NoticeKind {
  if (!isNoticeKind(word)) throw wrongUsage(`there is no notice ${word}. ${KINDS}`)
  return word
}

function languageOf(word: string): Language {
  if (word !== 'en' && word !== 'zh-CN') throw wrongUsage(`a language is en or zh-CN, not ${word}`)
  return word
}

function templateOf(file: string): { subject: string; body: string } {
  const [subject = '', ...rest] = file.replaceAll('\r\n', '\n').split('\n')
  return { subject, body: rest.join('\n').trim() }
}

function answer(call: Call, rows: readonly ChannelNotices[]): 0 {
  const told = ({ kinds, platformTells }: ChannelNotices) => (platformTells ? 'the platform tells them' : kinds.join(', ') || 'nothing')
  call.answer(
    rows,
    table([
      ['channel', 'told', 'e-mail', 'sender', 'language'],
      ...rows.map(row => [
        row.channel,
        told(row),
        row.byEmail ? 'yes' : 'no',
        row.senderName ?? row.channelName,
        row.language ?? `by ${row.locale}`,
      ]),
    ]),
  )
  return 0
}
