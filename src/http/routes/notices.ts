import { createRoute, z } from '@hono/zod-openapi'
import { channelNotices, noticeTemplates, orderNotices } from '../../../db/buyer-notices.ts'
import { NOTICE_KINDS } from '../../domain/notices/kinds.ts'
import { sendSample, setChannelNotices, setTemplate, showChannelNotices, tellAgain } from '../../usecases/notice-settings.ts'
import { previewLetter } from '../../usecases/preview-notice.ts'
import { templateFor } from '../../usecases/write-notice.ts'
import { Fault } from '../../values/fault.ts'
import { type Api, type ApiDeps, answers, contextOf, creates, json, keyOf, makeApi, WriteHeaders } from '../api.ts'
import { Code, Id, leaving, text } from '../shapes.ts'

const Kind = z.enum(NOTICE_KINDS)
const Language = z.enum(['en', 'zh-CN'])
const Settings = z
  .strictObject({
    kinds: z.array(Kind).max(NOTICE_KINDS.length).optional().openapi({ description: 'Which notices go out. None: nothing is told.' }),
    byEmail: z.boolean().optional().openapi({ description: 'By e-mail; webhooks that name `order.KIND` are told either way.' }),
    senderName: text(80).nullable().optional().openapi({ description: 'Null: the name of the channel.' }),
    replyTo: z.email().max(254).nullable().optional(),
    language: Language.nullable().optional().openapi({
      description: 'Of buyers whose language the platform does not tell. Null: by the locale of the channel.',
    }),
  })
  .openapi('BuyerNoticeSettings')
const SettingsOut = z
  .object({
    ...{ channel: z.string(), kinds: z.array(Kind), byEmail: z.boolean(), senderName: z.string().nullable() },
    ...{ replyTo: z.string().nullable(), language: Language.nullable() },
    platformTells: z.boolean().openapi({ description: 'The platform tells its buyers itself, and forbids sellers to write to them.' }),
  })
  .openapi('BuyerNotices')
const Words = { subject: z.string().max(200), body: z.string().max(20_000) }
const TemplateOut = z
  .object({ channel: z.string().nullable(), kind: Kind, language: Language, ...Words, isOurs: z.boolean() })
  .openapi('NoticeTemplate')
const Letter = z.object({ subject: z.string(), text: z.string(), html: z.string() }).openapi('NoticeLetter')
const NoticeOut = z.object({
  ...{ id: z.int(), kind: Kind, via: z.enum(['email', 'webhook']), state: z.enum(['waiting', 'done', 'failed', 'dropped']) },
  attempts: z.int(),
  status: z.int().nullable().openapi({ description: 'What the webhook or the mail server answered last.' }),
  host: z.string().nullable().openapi({ description: 'Of the webhook; null: by e-mail.' }),
  trouble: z.string().nullable().openapi({
    description: 'What the last try met; of what was dropped: overtaken, switched_off, nobody, no_address, no_phone.',
  }),
  ...{ createdAt: z.string(), endedAt: z.string().nullable() },
})

const ByChannel = z.object({ code: Code })
const ByKind = z.object({ kind: Kind, language: Language })
const OfChannel = z.object({ channel: Code.optional() })
const TAGS = ['Notices to buyers']

const list = createRoute({
  ...{ method: 'get', path: '/v1/notices', tags: TAGS, summary: 'What each channel tells its buyers' },
  responses: answers(z.object({ items: z.array(SettingsOut) }), 'By code of the channel.'),
})
const set = createRoute({
  ...{ method: 'patch', path: '/v1/channels/{code}/notices', tags: TAGS, summary: 'Say what a channel tells its buyers' },
  description: 'Nothing is told until a channel says so. What is absent stays as it is.',
  request: { params: ByChannel, headers: WriteHeaders, body: json(Settings) },
  responses: answers(SettingsOut, 'What holds from now on.'),
})
const templates = createRoute({
  ...{ method: 'get', path: '/v1/notice-templates', tags: TAGS, summary: 'Letters in words of your own' },
  responses: answers(z.object({ items: z.array(TemplateOut) }), 'Of channels (null: all); ours where there is none.'),
})
const show = createRoute({
  ...{ method: 'get', path: '/v1/notice-templates/{kind}/{language}', tags: TAGS, summary: 'The words of a letter that hold' },
  request: { params: ByKind, query: OfChannel },
  responses: answers(TemplateOut, "The channel's own, else those of all channels, else ours."),
})
const write = createRoute({
  ...{ method: 'put', path: '/v1/notice-templates/{kind}/{language}', tags: TAGS, summary: 'Put a letter in words of your own' },
  description:
    '`{{order}}` stands for a value; what stands between `{{#lines}}` and `{{/lines}}` comes for each. `# ` begins a heading, `- ` a list, `[words](address)` a link. A template that cannot be filled in is refused with its line.',
  request: { params: ByKind, query: OfChannel, headers: WriteHeaders, body: json(z.strictObject(Words)) },
  responses: answers(TemplateOut, 'The words that hold.'),
})
const drop = createRoute({
  ...{ method: 'delete', path: '/v1/notice-templates/{kind}/{language}', tags: TAGS, summary: 'Go back to our own words' },
  request: { params: ByKind, query: OfChannel, headers: WriteHeaders },
  responses: answers(TemplateOut, 'The words that hold.'),
})
const preview = createRoute({
  ...{ method: 'post', path: '/v1/notice-templates/{kind}/{language}/preview', tags: TAGS, summary: 'A letter as it would be written' },
  description: 'Of an order that nobody placed, or of one that is named: then it needs the right to see the data of buyers.',
  request: {
    params: ByKind,
    query: OfChannel,
    body: json(z.strictObject({ subject: Words.subject.optional(), body: Words.body.optional(), order: z.int().min(1).optional() })),
  },
  responses: answers(Letter, 'The letter. Nothing was sent.'),
})
const sample = createRoute({
  ...{ method: 'post', path: '/v1/notice-templates/{kind}/{language}/sample', tags: TAGS, summary: 'Send a sample to a user' },
  request: {
    params: ByKind,
    headers: WriteHeaders,
    body: json(z.strictObject({ email: z.email().max(254).openapi({ description: 'Of a user of the hub.' }) })),
  },
  responses: creates(z.object({ notice: z.int() }), 'Under way.'),
})
const ofOrder = createRoute({
  ...{ method: 'get', path: '/v1/orders/{id}/notices', tags: TAGS, summary: 'What the buyer of an order was told' },
  request: { params: z.object({ id: Id }) },
  responses: answers(z.object({ items: z.array(NoticeOut) }), 'The first one first; never to whom.'),
})

const again = createRoute({
  ...{ method: 'post', path: '/v1/orders/{id}/notices/{notice}/again', tags: TAGS, summary: 'Tell a notice once more' },
  description: 'What is no longer so is dropped all the same. Where nobody took it, under the same message id; else under a new one.',
  request: { params: z.object({ id: Id, notice: Id }), headers: WriteHeaders },
  responses: answers(z.object({ items: z.array(NoticeOut) }), 'All notices of the order; this one waits.'),
})

/** What buyers are told, and in whose words. */
export function noticeRoutes(deps: ApiDeps): Api {
  const app = makeApi()
  const held = async (channel: string | null, kind: z.infer<typeof Kind>, language: z.infer<typeof Language>) => {
    if (channel !== null) await showChannelNotices(deps, channel)
    const { isOurs, subject, body } = await templateFor(deps, channel, kind, language)
    return { channel, kind, language, subject, body, isOurs }
  }

  app.openapi(list, async c => c.json({ items: (await channelNotices(deps.sql)).map(shownSettings) }, 200))
  app.openapi(set, async c => {
    const { code } = c.req.valid('param')
    return c.json(shownSettings(await setChannelNotices(contextOf(deps, c), keyOf(c.req.valid('header')), code, c.req.valid('json'))), 200)
  })
  app.openapi(templates, async c => {
    const rows = await noticeTemplates(deps.sql)
    return c.json(
      { items: rows.map(({ channel, kind, language, subject, body }) => ({ channel, kind, language, subject, body, isOurs: false })) },
      200,
    )
  })
  app.openapi(show, async c => {
    const { kind, language } = c.req.valid('param')
    return c.json(await held(c.req.valid('query').channel ?? null, kind, language), 200)
  })
  app.openapi(write, async c => {
    const { kind, language } = c.req.valid('param')
    const { channel = null } = c.req.valid('query')
    await setTemplate(contextOf(deps, c), keyOf(c.req.valid('header')), { channel, kind, language }, c.req.valid('json'))
    return c.json(await held(channel, kind, language), 200)
  })
  app.openapi(drop, async c => {
    const { kind, language } = c.req.valid('param')
    const { channel = null } = c.req.valid('query')
    await setTemplate(contextOf(deps, c), keyOf(c.req.valid('header')), { channel, kind, language }, null)
    return c.json(await held(channel, kind, language), 200)
  })
  app.openapi(preview, async c => {
    const { order, ...words } = c.req.valid('json')
    if (order !== undefined && !c.var.principal.scopes.has('orders:people'))
      throw new Fault('forbidden', 'A letter of a real order shows its buyer: that needs orders:people.', { needs: 'orders:people' })
    const { channel = null } = c.req.valid('query')
    return c.json(
      await previewLetter(contextOf(deps, c), { ...c.req.valid('param'), channel, order, ...words }, deps.publicUrl ?? null),
      200,
    )
  })
  app.openapi(sample, async c => {
    const { kind, language } = c.req.valid('param')
    return c.json(
      { notice: await sendSample(contextOf(deps, c), keyOf(c.req.valid('header')), c.req.valid('json').email, kind, language) },
      201,
    )
  })
  const told = async (orderId: number) => ({ items: (await orderNotices(deps.sql, orderId)).map(row => leaving(row)) })
  app.openapi(ofOrder, async c => c.json(await told(c.req.valid('param').id), 200))
  app.openapi(again, async c => {
    const { id, notice } = c.req.valid('param')
    await tellAgain(contextOf(deps, c), keyOf(c.req.valid('header')), id, notice)
    return c.json(await told(id), 200)
  })
  return app
}

const shownSettings = ({
  channel,
  kinds,
  byEmail,
  senderName,
  replyTo,
  language,
  platformTells,
}: Awaited<ReturnType<typeof showChannelNotices>>) => ({
  ...{ channel, kinds: [...kinds], byEmail, senderName, replyTo, language, platformTells },
})
