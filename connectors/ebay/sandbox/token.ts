import type { Hono } from 'hono'
import type { World } from './world.ts'

/** eBay's OAuth: access tokens for the seller against the refresh token, and for the application by itself. */
export function addToken(app: Hono, { options, store }: World): void {
  app.post('/identity/v1/oauth2/token', async context => {
    const refuse = (status: 400 | 401, error: string): Response =>
      Response.json({ error, error_description: `${error}: refused` }, { status })
    if (store.strikes('error', 'token')) return Response.json({ error: 'server_error' }, { status: 500 })
    const form = new URLSearchParams(await context.req.text())
    store.record('call', { data: { operation: 'token', grant: form.get('grant_type') } })
    if (context.req.header('authorization') !== `Basic ${btoa(`${options.clientId}:${options.clientSecret}`)}`)
      return refuse(401, 'invalid_client')
    const grant = form.get('grant_type')
    if (grant !== 'refresh_token' && grant !== 'client_credentials') return refuse(400, 'unsupported_grant_type')
    const bearer = grant === 'refresh_token' ? 'user' : 'app'
    if (bearer === 'user' && form.get('refresh_token') !== options.refreshToken) return refuse(400, 'invalid_grant')
    const nowMs = options.now().getTime()
    const lifeS = options.tokenLifeS ?? 7200
    const token = `v^1.1#${crypto.randomUUID()}`
    store.run('delete from token where until_ms <= ?', nowMs)
    store.run('insert into token values (?, ?, ?)', token, bearer, nowMs + lifeS * 1000)
    const type = bearer === 'user' ? 'User Access Token' : 'Application Access Token'
    return Response.json({ access_token: token, expires_in: lifeS, token_type: type })
  })
}
