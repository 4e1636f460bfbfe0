import type { Hono } from 'hono'
import { type Gate, GRANTLESS_TOKEN } from './gate.ts'
import type { World } from './world.ts'

/** Login with Amazon: gives access tokens against the refresh token, and to the application for what is its own. */
export function addToken(app: Hono, world: World, gate: Gate): void {
  const { options, store } = world
  app.post(
    '/auth/o2/token',
    gate('token', async context => {
      const form = new URLSearchParams(await context.req.text())
      const refuse = (status: 400 | 401, error: string, words: string) => context.json({ error, error_description: words }, status)
      const isGrantless = form.get('grant_type') === 'client_credentials'
      if (isGrantless && form.get('scope') !== 'sellingpartnerapi::notifications')
        return refuse(400, 'invalid_scope', 'The requested scope is invalid')
      if (!isGrantless && form.get('grant_type') !== 'refresh_token')
        return refuse(400, 'unsupported_grant_type', 'The grant type is not supported')
      if (form.get('client_id') !== options.clientId || form.get('client_secret') !== options.clientSecret)
        return refuse(401, 'invalid_client', 'Client authentication failed')
      if (!isGrantless && form.get('refresh_token') !== options.refreshToken)
        return refuse(400, 'invalid_grant', 'The request has an invalid grant parameter')
      const lifeS = options.tokenLifeS ?? 3600
      const nowMs = options.now().getTime()
      const token = `${isGrantless ? GRANTLESS_TOKEN : 'Atza|'}${crypto.randomUUID()}`
      store.run('delete from token where until_ms <= ?', nowMs)
      store.run('insert into token values (?, ?)', token, nowMs + lifeS * 1000)
      return context.json({
        access_token: token,
        token_type: 'bearer',
        expires_in: lifeS,
        ...(isGrantless ? {} : { refresh_token: options.refreshToken }),
      })
    }),
  )
}
