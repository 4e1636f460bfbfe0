import { z } from '@hono/zod-openapi'
import { type Api, ProblemShape } from './api.ts'

const text = (type: string, description: string) => ({ description, content: { [type]: { schema: z.string() } } })
const body = <Schema extends z.ZodType>(schema: Schema, description: string) => ({
  description,
  content: { 'application/json': { schema } },
})
const refused = (description: string) => ({ description, content: { 'application/problem+json': { schema: ProblemShape } } })

const Login = z
  .object({
    email: z.string(),
    password: z.string(),
    next: z.string().optional().openapi({ description: 'For a browser: the path to go to afterwards.' }),
  })
  .openapi('Login')

/** Describes what surrounds /v1: these routes are plain ones, because probes, browsers and Prometheus call them. */
export function describeSurroundings(api: Api): void {
  const { openAPIRegistry: registry } = api
  registry.registerPath({
    method: 'get',
    path: '/healthz',
    tags: ['Operation'],
    summary: 'Whether this process runs',
    security: [],
    responses: { 200: body(z.object({ status: z.literal('ok') }), 'It runs.') },
  })
  registry.registerPath({
    method: 'get',
    path: '/readyz',
    tags: ['Operation'],
    summary: 'Whether this process can serve: the database answers within 2 s and has the right schema',
    security: [],
    responses: { 200: body(z.object({ status: z.literal('ready') }), 'It can serve.'), 503: refused('It cannot; `detail` tells why.') },
  })
  registry.registerPath({
    method: 'get',
    path: '/metrics',
    tags: ['Operation'],
    summary: "Measurements in Prometheus' text format",
    responses: { 200: text('text/plain', 'The page.'), default: refused('A refusal.') },
  })
  registry.registerPath({
    method: 'post',
    path: '/login',
    tags: ['Session'],
    summary: 'Log in with e-mail and password',
    description:
      'The answer sets the session cookie. Writes with the cookie send `csrf` as the header `x-csrf-token`. A form is answered with a redirect instead.',
    security: [],
    request: {
      body: {
        required: true,
        content: { 'application/json': { schema: Login }, 'application/x-www-form-urlencoded': { schema: Login } },
      },
    },
    responses: {
      200: body(z.object({ csrf: z.string(), expiresAt: z.string() }), 'Logged in (JSON).'),
      303: { description: 'A form: on to `next`, or back to the login with `refused`.' },
      default: refused('A refusal.'),
    },
  })
  registry.registerPath({
    method: 'post',
    path: '/logout',
    tags: ['Session'],
    summary: 'End the session',
    security: [{ session: [] }],
    responses: {
      204: { description: 'Ended (with `content-type: application/json`).' },
      303: { description: 'Ended; to the login.' },
      default: refused('A refusal.'),
    },
  })
}
