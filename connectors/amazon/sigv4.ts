/** AWS Signature Version 4 with Web Crypto, as far as a JSON call to SQS needs it: header signing of a request with a text body. */

export type Unsigned = {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export type SigningKey = { readonly keyId: string; readonly secret: string; readonly region: string; readonly service: string }

/** The request's headers with `x-amz-date` and `authorization` added. All given headers are signed, and the host. */
export async function sign(request: Unsigned, key: SigningKey, at: Date): Promise<Record<string, string>> {
  const stamp = `${at.toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`
  const day = stamp.slice(0, 8)
  const url = new URL(request.url)
  const headers = { ...request.headers, 'x-amz-date': stamp }
  const signed: readonly (readonly [string, string])[] = Object.entries({ ...headers, host: url.host })
    .map(([name, value]) => [name.toLowerCase(), value.trim().replaceAll(/ +/g, ' ')] as const)
    .sort(byCode)
  const names = signed.map(([name]) => name).join(';')
  const canonical = [
    request.method,
    url.pathname,
    canonicalQuery(url),
    ...signed.map(([name, value]) => `${name}:${value}`),
    '',
    names,
    hex(await crypto.subtle.digest('SHA-256', bytes(request.body))),
  ].join('\n')
  const scope = `${day}/${key.region}/${key.service}/aws4_request`
  const toSign = ['AWS4-HMAC-SHA256', stamp, scope, hex(await crypto.subtle.digest('SHA-256', bytes(canonical)))].join('\n')
  let derived = bytes(`AWS4${key.secret}`)
  for (const part of [day, key.region, key.service, 'aws4_request', toSign]) derived = await hmac(derived, part)
  const signature = hex(derived)
  return { ...headers, authorization: `AWS4-HMAC-SHA256 Credential=${key.keyId}/${scope}, SignedHeaders=${names}, Signature=${signature}` }
}

function canonicalQuery(url: URL): string {
  const pairs = [...url.searchParams].map(([name, value]) => [encode(name), encode(value)] as const)
  return pairs
    .sort((a, b) => byCode(a, b) || byCode([a[1]], [b[1]]))
    .map(([name, value]) => `${name}=${value}`)
    .join('&')
}

/** Sorts by character code: a locale's order would make the signature depend on the machine. */
function byCode(a: readonly [string, ...string[]], b: readonly [string, ...string[]]): number {
  return a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0
}

function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, mark => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`)
}

async function hmac(key: Uint8Array<ArrayBuffer>, text: string): Promise<Uint8Array<ArrayBuffer>> {
  const imported = await crypto.subtle.importKey('raw', key, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  return new Uint8Array(await crypto.subtle.sign('HMAC', imported, bytes(text)))
}

function bytes(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text)
}

function hex(data: ArrayBuffer | Uint8Array): string {
  return [...new Uint8Array(data)].map(byte => byte.toString(16).padStart(2, '0')).join('')
}
