import fc from 'fast-check'
import { expect, test } from 'vitest'
import { NOTICE_KINDS, noticeOfEvent, stillSo } from '../../src/domain/notices/kinds.ts'
import { faultOf, writeLetter } from '../../src/domain/notices/letter.ts'
import { sampleValues } from '../../src/domain/notices/sample.ts'
import { usualEn } from '../../src/domain/notices/usual-en.ts'
import { usualZhCN } from '../../src/domain/notices/usual-zh-CN.ts'
import { repetitions } from '../support/repetitions.ts'

const values = sampleValues('en', null)
const bodyOf = (body: string, more = {}) => writeLetter({ subject: 'S', body }, { ...values, ...more }, 'en')

test('each of our own letters can be filled in, in both languages, and leaves no tag behind', () => {
  for (const [language, usual] of [
    ['en', usualEn],
    ['zh-CN', usualZhCN],
  ] as const)
    for (const kind of NOTICE_KINDS) {
      expect(faultOf(usual[kind])).toBeNull()
      const nothing = { ...values, name: '', link: '', place: '', address: '', hours: '', collectBy: '', code: '', lines: [], parcels: [] }
      for (const given of [sampleValues(language, null), nothing]) {
        const letter = writeLetter(usual[kind], given, language)
        expect(`${letter.subject}${letter.text}${letter.html}`).not.toMatch(/[{}\u{e000}\u{e001}]|undefined|\n\n\n/u)
        expect(letter.subject).toContain('1042')
      }
    }
})

test('a template is filled in as text and as simple HTML of the same words', () => {
  const { subject, text, html } = writeLetter(
    {
      subject: 'Order {{order}}',
      body: '# Hello{{#name}} {{ name }}{{/name}}\n\nYour goods:\n{{#lines}}\n- {{units}} × {{title}} ({{order}})\n{{/lines}}\n\n{{#code}}\nCode {{code}}\n{{/code}}\n[Follow it]({{link}})',
    },
    { ...values, code: '' },
    'en',
  )
  expect(subject).toBe('Order 1042')
  expect(text).toBe(
    'Hello Ana Sample\n\nYour goods:\n- 2 × Mug, ink blue (1042)\n- 1 × Tote bag (1042)\n\nFollow it: https://hub.example.org/track/sample\n',
  )
  expect(html).toContain('<h2>Hello Ana Sample</h2>')
  expect(html).toContain('<p>Your goods:</p><ul><li>2 × Mug, ink blue (1042)</li><li>1 × Tote bag (1042)</li></ul>')
  expect(html).toContain('<a href="https://hub.example.org/track/sample">Follow it</a>')
})

test.each([
  ['Hello\n\n{{nme}}', { line: 3, problem: 'unknown', name: 'nme' }],
  ['{{#lines}}\n{{title}}', { line: 1, problem: 'not_closed', name: 'lines' }],
  ['a\n{{/lines}}', { line: 2, problem: 'not_opened', name: 'lines' }],
  ['{{title}}', { line: 1, problem: 'unknown', name: 'title' }],
  ['{{#lines}}\n{{#name}}x{{/name}}\n{{/lines}}', { line: 2, problem: 'nested', name: 'name' }],
  ['one\ntwo {{order', { line: 2, problem: 'unfinished', name: '{{order' }],
  ['{{#lines}}\r\n{{units}}\r\n{{/lines}}\r\n{{oops}}', { line: 4, problem: 'unknown', name: 'oops' }],
])('a broken template is refused with its line: %j', (body, fault) => {
  expect(faultOf({ subject: 'S', body })).toEqual({ part: 'body', ...fault })
})

test('whatever a name or a title holds is text: it makes no markup, no link, no line', () => {
  const attack = '<script>alert(1)</script>\n- x [y](https://evil.example) {{code}} # "'
  const { text, html } = bodyOf('Hello {{name}},\n- {{order}}', { name: attack, order: attack })
  expect(html).not.toMatch(/<script|evil\.example"/)
  expect(text.split('\n')).toHaveLength(3)
  expect(bodyOf('[follow]({{link}})', { link: 'javascript:alert(1)' }).html).toContain('<p>follow</p>')
  expect(writeLetter({ subject: '{{name}}', body: '' }, { ...values, name: 'a\r\nBcc: b@example.org' }, 'en').subject).toBe(
    'a Bcc: b@example.org',
  )
  const tags = (html: string): string[] => [...html.matchAll(/<[^>]*>/g)].map(([tag]) => tag)
  const plain = tags(bodyOf('# {{name}}\n\n- {{name}}\n\n{{name}}', { name: 'x' }).html)
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), name => {
      expect(tags(bodyOf('# {{name}}\n\n- {{name}}\n\n{{name}}', { name }).html)).toEqual(plain)
    }),
    { numRuns: repetitions('values of letters', 200, 20_000) },
  )
})

test('what things went past is not told any more', () => {
  const now = { isOver: false, groupState: 'ready', short: 0, isChoiceOpen: false }
  expect(stillSo('ready', now)).toBe(true)
  expect(stillSo('reminder', { ...now, groupState: 'done' })).toBe(false)
  expect(stillSo('confirmed', { ...now, isOver: true })).toBe(false)
  expect(stillSo('short', now)).toBe(false)
  expect(stillSo('choice_needed', now)).toBe(false)
  expect(stillSo('cancelled', { ...now, isOver: true })).toBe(true)
  expect(noticeOfEvent('order.ready')).toBe('ready')
  expect(noticeOfEvent('ready')).toBeNull()
})
