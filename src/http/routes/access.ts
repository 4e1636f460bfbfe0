import { createRoute, z } from '@hono/zod-openapi'
import { listKeys, listUsers } from '../../../db/access.ts'
import { listAudit } from '../../../db/audit.ts'
import { addKey, addUser, changeUser, revokeKey } from '../../usecases/manage-access.ts'
import { ROLES, SCOPES } from '../../usecases/scopes.ts'
import { type Api, type ApiDeps, answers, contextOf, creates, json, keyOf, makeApi, WriteHeaders } from '../api.ts'
import { idCursor, PAGE, page, pageOf, readCursor } from '../paging.ts'
import { Id, Instant, leaving, text } from '../shapes.ts'
import { AuditOut, KeyOut, UserOut } from './access-shape.ts'

const Language = z.enum(['en', 'zh-CN'])
const Password = z.string().min(10).max(200).openapi({ format: 'password' })

const UserIn = z.strictObject({
  email: z.email().max(320),
  name: text(200),
  role: z.enum(ROLES),
  password: Password,
  language: Language.optional(),
})

const UserPatch = z.strictObject({
  name: text(200).optional(),
  role: z.enum(ROLES).optional(),
  language: Language.optional(),
  disabled: z.boolean().optional(),
  password: Password.optional(),
})

const KeyIn = z.strictObject({ name: text(100), scopes: z.array(z.enum(SCOPES)).min(1).max(SCOPES.length), expiresAt: Instant.optional() })
const KeyMade = z.object({
  id: z.string(),
  key: z.string().nullable().openapi({ description: 'Shown once, here; null when this request was answered before.' }),
})

const users = createRoute({
  method: 'get',
  path: '/v1/users',
  tags: ['Access'],
  summary: 'Users',
  request: { query: z.strictObject(PAGE) },
  responses: answers(pageOf(UserOut), 'Users in the order in which they were made.'),
})

const makeUser = createRoute({
  method: 'post',
  path: '/v1/users',
  tags: ['Access'],
  summary: 'Make a user',
  request: { headers: WriteHeaders, body: json(UserIn) },
  responses: creates(UserOut, 'The user.'),
})

const patchUser = createRoute({
  method: 'patch',
  path: '/v1/users/{id}',
  tags: ['Access'],
  summary: 'Change a user; a new password, role or a lock-out ends all sessions',
  request: { params: z.object({ id: Id }), headers: WriteHeaders, body: json(UserPatch) },
  responses: answers(UserOut, 'The user after the change.'),
})

const keys = createRoute({
  method: 'get',
  path: '/v1/keys',
  tags: ['Access'],
  summary: 'API keys',
  request: { query: z.strictObject(PAGE) },
  responses: answers(pageOf(KeyOut), 'Never the keys themselves.'),
})

const makeKey = createRoute({
  method: 'post',
  path: '/v1/keys',
  tags: ['Access'],
  summary: 'Make an API key',
  request: { headers: WriteHeaders, body: json(KeyIn) },
  responses: creates(KeyMade, 'The key: keep it, it is shown once.'),
})

const endKey = createRoute({
  method: 'post',
  path: '/v1/keys/{id}/revoke',
  tags: ['Access'],
  summary: 'End an API key; it is dead everywhere within a second',
  request: { params: z.object({ id: z.string().regex(/^ck_[A-Za-z0-9_-]{8,40}$/) }), headers: WriteHeaders },
  responses: answers(z.object({ id: z.string() }), 'Ended.'),
})

const audit = createRoute({
  method: 'get',
  path: '/v1/audit',
  tags: ['Access'],
  summary: 'Who did what',
  request: { query: z.strictObject({ ...PAGE, subject: text(200).optional(), actor: text(400).optional(), act: text(100).optional() }) },
  responses: answers(pageOf(AuditOut), 'The newest first.'),
})

const ByKeyId = z.tuple([z.string().regex(/^[\x21-\x7e]{0,60}$/)])

/** Users, keys, and what was done. */
export function accessRoutes(deps: ApiDeps): Api {
  const app = makeApi()

  app.openapi(users, async c => {
    const { cursor, limit } = c.req.valid('query')
    return c.json(
      page(await listUsers(deps.sql, idCursor(cursor) ?? 0, limit + 1), limit, row => [row.id], leaving),
      200,
    )
  })

  app.openapi(makeUser, async c => c.json(await addUser(contextOf(deps, c), keyOf(c.req.valid('header')), c.req.valid('json')), 201))

  app.openapi(patchUser, async c => {
    const { id } = c.req.valid('param')
    return c.json(await changeUser(contextOf(deps, c), keyOf(c.req.valid('header')), id, c.req.valid('json')), 200)
  })

  app.openapi(keys, async c => {
    const { cursor, limit } = c.req.valid('query')
    const rows = await listKeys(deps.sql, readCursor(cursor, ByKeyId)?.[0] ?? '', limit + 1)
    return c.json(
      page(
        rows,
        limit,
        row => [row.id],
        row => ({ ...leaving(row), scopes: [...row.scopes] }),
      ),
      200,
    )
  })

  app.openapi(makeKey, async c => c.json(await addKey(contextOf(deps, c), keyOf(c.req.valid('header')), c.req.valid('json')), 201))

  app.openapi(endKey, async c => {
    const { id } = c.req.valid('param')
    await revokeKey(contextOf(deps, c), keyOf(c.req.valid('header')), id)
    return c.json({ id }, 200)
  })

  app.openapi(audit, async c => {
    const { cursor, limit, ...filter } = c.req.valid('query')
    const rows = await listAudit(deps.sql, filter, idCursor(cursor), limit + 1)
    return c.json(
      page(
        rows,
        limit,
        row => [row.id],
        row => ({ ...leaving(row), detail: { ...row.detail } }),
      ),
      200,
    )
  })

  return app
}
