import { createRoute, z } from '@hono/zod-openapi'
import { type Api, answers, makeApi } from '../api.ts'

const SessionOut = z
  .object({
    kind: z.enum(['user', 'key']),
    actor: z.string(),
    name: z.string(),
    role: z.string().nullable(),
    scopes: z.array(z.string()),
    language: z.string(),
    csrf: z.string().nullable().openapi({ description: 'What writes by cookie send as `x-csrf-token`; null for a key.' }),
  })
  .openapi('Session')

const route = createRoute({
  method: 'get',
  path: '/v1/session',
  tags: ['Access'],
  summary: 'Who I am, and what I may do',
  responses: answers(SessionOut, 'The session or the key.'),
})

/** Tells a caller who the hub takes it for. */
export function sessionRoutes(): Api {
  const app = makeApi()
  app.openapi(route, c => {
    const { kind, actor, name, role, scopes, language, csrf } = c.var.principal
    return c.json({ kind, actor, name, role, scopes: [...scopes], language, csrf }, 200)
  })
  return app
}
