import { createHmac, timingSafeEqual } from 'node:crypto'
import { failure, type Shop, type WooReply } from './schema.ts'

const WINDOW_S = 15 * 60

/** Whether the request may do what it asks; null when it may. Written from WooCommerce's own class, apart from the connector's signing. */
export function deny(shop: Shop, request: Request, url: URL): WooReply | null {
  const refusal = url.protocol === 'https:' ? basic(shop, request, url) : oauth(shop, request, url)
  if (refusal) return refusal
  if (request.method !== 'GET' && shop.options.permissions === 'read') return no('The API key provided does not have write permissions.')
  return null
}

const no = (message: string): WooReply => failure(401, 'woocommerce_rest_authentication_error', message)
const nobody = failure(401, 'woocommerce_rest_cannot_view', 'Sorry, you cannot list resources.')

function basic({ options }: Shop, request: Request, url: URL): WooReply | null {
  const header = request.headers.get('authorization')
  const [key, secret] = header?.startsWith('Basic ')
    ? Buffer.from(header.slice(6), 'base64').toString('utf8').split(':')
    : [url.searchParams.get('consumer_key'), url.searchParams.get('consumer_secret')]
  if (!key || !secret) return nobody
  if (key !== options.consumerKey) return no('Consumer key is invalid.')
  return same(secret, options.consumerSecret) ? null : no('Consumer secret is invalid.')
}

function oauth({ options, store }: Shop, request: Request, url: URL): WooReply | null {
  const given = url.searchParams
  const key = given.get('oauth_consumer_key')
  if (!key) return nobody
  for (const name of ['oauth_timestamp', 'oauth_nonce', 'oauth_signature', 'oauth_signature_method'])
    if (!given.get(name)) return no(`Missing OAuth parameter ${name}`)
  if (key !== options.consumerKey) return no('Consumer key is invalid.')
  const digest = { 'HMAC-SHA1': 'sha1', 'HMAC-SHA256': 'sha256' }[given.get('oauth_signature_method') ?? '']
  if (!digest) return no('Invalid signature - signature method is invalid.')
  // Each name and value is encoded, and its per cent signs once more; joined by an encoded "=" and "&" this is what RFC 5849 asks for.
  const parts = [...given]
    .filter(([name]) => name !== 'oauth_signature')
    .map(([name, value]) => [twice(name), twice(value)] as const)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  const base = `${request.method}&${raw(`${url.origin}${url.pathname}`)}&${parts.map(([name, value]) => `${name}%3D${value}`).join('%26')}`
  const expected = createHmac(digest, `${options.consumerSecret}&`).update(base).digest('base64')
  if (!same(given.get('oauth_signature') ?? '', expected)) return no('Invalid signature - provided signature does not match.')
  const at = Number(given.get('oauth_timestamp'))
  const now = Math.floor(options.now().getTime() / 1000)
  if (!Number.isInteger(at) || Math.abs(now - at) > WINDOW_S) return no('Invalid timestamp.')
  store.run('delete from nonce where at < ?', now - WINDOW_S)
  const fresh = store.run('insert into nonce values (?, ?) on conflict do nothing', given.get('oauth_nonce') ?? '', at)
  return fresh === 1 ? null : no('Invalid nonce - nonce has already been used.')
}

function raw(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, char => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
}

const twice = (text: string): string => raw(text).replaceAll('%', '%25')

function same(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}
