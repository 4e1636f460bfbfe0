import { gunzipSync, gzipSync } from 'node:zlib'
import type { Context, Hono } from 'hono'
import type { Gate } from './gate.ts'
import type { World } from './world.ts'

/** For how long a presigned address is good. */
const SIGNED_MS = 5 * 60_000
/** Results longer than this are packed, as Amazon does as it likes. */
const PACKED_FROM = 1_000

type DocumentRow = { id: string; content_type: string; signature: string; until_ms: number; body: Uint8Array | null; packed: number }

/** The store of documents beside the API: addresses that are signed for a while, and need no token. */
export function addDocuments(app: Hono, world: World, gate: Gate): void {
  app.put(
    '/presigned/:id',
    gate('uploadDocument', async context => {
      const row = signed(world, context)
      // The type is part of what was signed.
      if (!row || context.req.header('content-type') !== row.content_type) return denied()
      const body = new Uint8Array(await context.req.arrayBuffer())
      world.store.run('update document set body = ? where id = ?', body, row.id)
      return new Response('')
    }),
  )
  app.get(
    '/presigned/:id',
    gate('downloadDocument', context => {
      const row = signed(world, context)
      return row?.body ? part(row.content_type, Buffer.from(row.body), context.req.header('range')) : denied()
    }),
  )
}

/** A place for a document that is still to come. */
export function openDocument(world: World, contentType: string): string {
  const id = `amzn1.tortuga.4.eu.${crypto.randomUUID()}`
  world.store.run('insert into document values (?, ?, ?, 0, null, 0)', id, contentType, '')
  return id
}

/** Keeps a result. Answers its id. */
export function keepDocument(world: World, contentType: string, text: string | Uint8Array): string {
  const id = openDocument(world, contentType)
  const packed = text.length > PACKED_FROM
  const body = packed ? gzipSync(text) : Buffer.from(text)
  world.store.run('update document set body = ?, packed = ? where id = ?', body, packed ? 1 : 0, id)
  return id
}

/** The document's address, signed anew from now on; null where there is none. `packed`: its file is GZIP. */
export function signDocument(world: World, context: Context, id: string): { url: string; packed: boolean } | null {
  const row = rowOf(world, id)
  if (!row) return null
  const signature = crypto.randomUUID()
  world.store.run('update document set signature = ?, until_ms = ? where id = ?', signature, world.options.now().getTime() + SIGNED_MS, id)
  const url = new URL(`/presigned/${encodeURIComponent(id)}`, context.req.url)
  url.searchParams.set('X-Amz-Expires', String(SIGNED_MS / 1000))
  url.searchParams.set('X-Amz-Signature', signature)
  return { url: url.href, packed: row.packed === 1 }
}

/** What was uploaded as text; null: nothing was, or there is no such document. */
export function documentText(world: World, id: string): string | null {
  const row = rowOf(world, id)
  if (!row?.body) return null
  return (row.packed === 1 ? gunzipSync(row.body) : Buffer.from(row.body)).toString('utf8')
}

/** The whole file, or the range of bytes that was asked for. */
function part(contentType: string, body: Buffer, range: string | undefined): Response {
  const headers = { 'content-type': contentType, 'accept-ranges': 'bytes' }
  const asked = /^bytes=(\d+)-(\d+)$/.exec(range ?? '')
  if (!asked) return new Response(new Uint8Array(body), { headers })
  const from = Number(asked[1])
  const to = Math.min(Number(asked[2]), body.length - 1)
  if (from > to) return new Response(null, { status: 416, headers: { 'content-range': `bytes */${body.length}` } })
  const bytes = new Uint8Array(body.subarray(from, to + 1))
  return new Response(bytes, { status: 206, headers: { ...headers, 'content-range': `bytes ${from}-${to}/${body.length}` } })
}

function rowOf({ store }: World, id: string): DocumentRow | undefined {
  return store.one<DocumentRow>('select * from document where id = ?', id)
}

function signed(world: World, context: Context): DocumentRow | null {
  const row = rowOf(world, context.req.param('id') ?? '')
  const fits = row !== undefined && row.signature !== '' && row.signature === context.req.query('X-Amz-Signature')
  return fits && world.options.now().getTime() < row.until_ms ? row : null
}

function denied(): Response {
  return new Response('<Error><Code>SignatureDoesNotMatch</Code></Error>', { status: 403, headers: { 'content-type': 'application/xml' } })
}
