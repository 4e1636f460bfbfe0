import { alertText } from './alert-text.ts'
import type { Language } from './principal.ts'

export type Letter = { readonly subject: string; readonly text: string }

type Message = {
  readonly type: string
  readonly timestamp: string
  readonly data: {
    readonly kind?: string
    readonly subject?: string
    readonly since?: string
    readonly endedAt?: string | null
    readonly facts?: Readonly<Record<string, unknown>>
  }
}

const words = {
  en: {
    test: 'Concord: a test',
    testText: 'This address is told of alerts. Nothing is wrong: somebody asked for a test.',
    open: 'Concord alert',
    over: 'Concord: over',
    since: 'Since',
    ended: 'Over since',
    see: 'See',
  },
  'zh-CN': {
    test: 'Concord：测试',
    testText: '此地址会收到警报。一切正常：有人要求进行测试。',
    open: 'Concord 警报',
    over: 'Concord：已恢复',
    since: '开始于',
    ended: '恢复于',
    see: '查看',
  },
} as const

/** A delivery's body as a letter for a person. `publicUrl`: how people reach the console; null: the letter names no page. */
export function alertLetter(body: string, language: Language, publicUrl: string | null): Letter {
  const { type, data } = JSON.parse(body) as Message
  const t = words[language]
  if (type === 'webhook.test') return { subject: t.test, text: `${t.testText}\n` }
  const { title, text } = alertText(data.kind ?? '', data.subject ?? '', data.facts ?? {}, language)
  const isOver = type === 'alert.ended'
  const lines = [
    `${title}`,
    text,
    '',
    `${t.since}: ${data.since ?? ''}`,
    ...(isOver ? [`${t.ended}: ${data.endedAt ?? ''}`] : []),
    ...(publicUrl === null ? [] : ['', `${t.see}: ${publicUrl}/alerts`]),
  ]
  return { subject: `${isOver ? t.over : t.open}: ${title}`, text: `${lines.join('\n')}\n` }
}
