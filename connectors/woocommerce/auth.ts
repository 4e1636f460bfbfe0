import { createHmac, randomUUID } from 'node:crypto'

export type WooKeys = { readonly consumerKey: string; readonly consumerSecret: string }
export type Query = Readonly<Record<string, string | number>>

/** How a call proves who it is: an address with its whole query, and headers. */
export type SignedCall = { readonly url: string; readonly headers: Readonly<Record<string, string>> }

/**
 * Over HTTPS the keys go as Basic authentication, or in the query for hosts that strip the Authorization header. Over plain HTTP WooCommerce
 * takes neither: there each call is signed by OAuth 1.0a without a token, so that the secret never travels.
 */
export function signCall(
  method: string,
  url: string,
  query: Query,
  keys: WooKeys,
  options: { keysInQuery: boolean; now: Date },
): SignedCall {
  if (!url.startsWith('https:')) return { url: `${url}?${text(oauth(method, url, query, keys, options.now))}`, headers: {} }
  if (options.keysInQuery)
    return { url: `${url}?${text({ ...query, consumer_key: keys.consumerKey, consumer_secret: keys.consumerSecret })}`, headers: {} }
  const basic = Buffer.from(`${keys.consumerKey}:${keys.consumerSecret}`).toString('base64')
  const plain = text(query)
  return { url: plain ? `${url}?${plain}` : url, headers: { authorization: `Basic ${basic}` } }
}

/** RFC 5849, section 3.4: method, address and the sorted parameters, signed with the secret and an empty token secret. */
function oauth(method: string, url: string, query: Query, keys: WooKeys, now: Date): Query {
  const parameters = {
    ...query,
    oauth_consumer_key: keys.consumerKey,
    oauth_nonce: randomUUID().replaceAll('-', ''),
    oauth_signature_method: 'HMAC-SHA256',
    oauth_timestamp: Math.floor(now.getTime() / 1000),
  }
  const base = [method, encoded(url), encoded(text(parameters))].join('&')
  const signature = createHmac('sha256', `${encoded(keys.consumerSecret)}&`)
    .update(base)
    .digest('base64')
  return { ...parameters, oauth_signature: signature }
}

/** The query as text, sorted and encoded as RFC 3986 wants it; URLSearchParams would write a space as `+`. */
function text(query: Query): string {
  return Object.entries(query)
    .map(([name, value]) => `${encoded(name)}=${encoded(String(value))}`)
    .sort()
    .join('&')
}

function encoded(value: string): string {
  return encodeURIComponent(value).replace(/[!'()*]/g, char => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
}
