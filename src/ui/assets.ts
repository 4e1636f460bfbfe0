import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Hono } from 'hono'
import { packageRoot } from '../../db/root.ts'
import type { RequestEnv } from '../usecases/principal.ts'

type Asset = { readonly body: Uint8Array<ArrayBuffer>; readonly type: string; readonly mark: string }

const css = 'text/css; charset=utf-8'
const js = 'text/javascript; charset=utf-8'

/** The style sheets in the order in which they overrule each other; they are served as one. */
const styles = [
  'colours',
  'ground',
  'frame',
  'parts',
  'tables',
  'states',
  'forms',
  'login',
  'board',
  'sku',
  'channel',
  'stock',
  'stock-inside',
  'prices',
  'routing',
  'narrow',
] as const

/** Everything that a page loads: ours, and htmx as npm brought it. Nothing comes from another host. */
const files: Readonly<Record<string, { readonly paths: readonly string[]; readonly type: string }>> = {
  'console.css': { paths: styles.map(name => `src/ui/assets/styles/${name}.css`), type: css },
  'console.js': { paths: ['console', 'leave'].map(name => `src/ui/assets/${name}.js`), type: js },
  // Only the desk loads these.
  'desk.css': {
    paths: ['desk', 'desk-cards', 'desk-choose', 'desk-paper', 'desk-work'].map(name => `src/ui/assets/styles/${name}.css`),
    type: css,
  },
  'desk.js': {
    paths: ['dom', 'queue', 'lists', 'pick', 'hand', 'counter', 'instead', 'announced', 'main', 'kept', '../leave'].map(
      name => `src/ui/assets/desk/${name}.js`,
    ),
    type: js,
  },
  'desk-worker.js': { paths: ['src/ui/assets/desk/worker.js'], type: js },
  // The page of a buyer: no frame, no tables, no scripts.
  'track.css': { paths: ['colours', 'ground', 'track'].map(name => `src/ui/assets/styles/${name}.css`), type: css },
  'favicon.svg': { paths: ['src/ui/assets/favicon.svg'], type: 'image/svg+xml' },
  'htmx.js': { paths: ['node_modules/htmx.org/dist/htmx.min.js'], type: js },
  'hx-sse.js': { paths: ['node_modules/htmx.org/dist/ext/hx-sse.min.js'], type: js },
}

const loaded = new Map<string, Asset>()

/** The address of an asset. It names the content, so a browser keeps it for good and takes a new release at once. */
export function assetUrl(name: string): string {
  const asset = load(name)
  if (asset === null) throw new Error(`there is no asset ${name}`)
  return `/ui/assets/${asset.mark}/${name}`
}

/** The desk's worker. It answers for pages, so it stands where they do, at an address that stays; the browser asks for it anew. */
export function deskWorker(): Response {
  const asset = load('desk-worker.js')
  if (asset === null) throw new Error('the worker of the desk is missing')
  return new Response(asset.body, {
    headers: { 'content-type': asset.type, 'cache-control': 'no-cache', 'service-worker-allowed': '/desk' },
  })
}

/** Serves the assets. They hold nothing of anybody, so the login page may load them too. */
export function assetRoutes(): Hono<RequestEnv> {
  const app = new Hono<RequestEnv>()
  app.get('/ui/assets/:mark/:name', c => {
    const asset = load(c.req.param('name'))
    if (asset === null) return c.notFound()
    const isCurrent = asset.mark === c.req.param('mark')
    return c.body(asset.body, 200, {
      'content-type': asset.type,
      'cache-control': isCurrent ? 'public, max-age=31536000, immutable' : 'no-cache',
    })
  })
  return app
}

function load(name: string): Asset | null {
  const known = loaded.get(name)
  if (known !== undefined) return known
  const file = Object.hasOwn(files, name) ? files[name] : undefined
  if (file === undefined) return null
  const body = new Uint8Array(Buffer.concat(file.paths.map(path => readFileSync(join(packageRoot(), path)))))
  const asset = { body, type: file.type, mark: createHash('sha256').update(body).digest('hex').slice(0, 16) }
  loaded.set(name, asset)
  return asset
}
