// The desk's service worker: keeps the page and what it loads, so that a tablet which reloads while the network is gone still opens its desk. It keeps no answer
// of the hub about orders: what is to be done is kept by the page itself (queue.js), without names of buyers.
const KEPT = 'concord-desk'
/** How often somebody left: a page that was being kept meanwhile is not kept. */
let leaves = 0
const ASSET = /\/ui\/assets\/[0-9a-f]+\/[\w.-]+/g

/** Keeps a page of the desk with all that it loads, and lets go what no page loads any more. */
async function keep(address, page) {
  const before = leaves
  const cache = await caches.open(KEPT)
  const assets = (await page.clone().text()).match(ASSET) ?? []
  await cache.put(address, page)
  for (const asset of assets) if (!(await cache.match(asset))) await cache.add(asset)
  for (const { url } of await cache.keys()) {
    const { pathname } = new URL(url)
    if (pathname.startsWith('/ui/assets/') && !assets.includes(pathname)) await cache.delete(url)
  }
  if (leaves !== before) await caches.delete(KEPT)
}

/** The page as the hub answers it; where it does not answer, as it was kept. */
async function open(event) {
  let answer = null
  try {
    answer = await fetch(event.request, { signal: AbortSignal.timeout(8_000) })
  } catch {
    // The network is gone.
  }
  if (answer?.status === 200) event.waitUntil(keep(event.request.url, answer.clone()))
  // It leads to the login: whoever opens the desk next is somebody else, perhaps.
  else if (answer?.type === 'opaqueredirect') event.waitUntil(caches.delete(KEPT))
  if (answer !== null && answer.status < 500) return answer
  return (await (await caches.open(KEPT)).match(event.request.url)) ?? answer ?? Response.error()
}

self.addEventListener('install', () => self.skipWaiting())
self.addEventListener('activate', event => event.waitUntil(self.clients.claim()))

self.addEventListener('fetch', event => {
  const { pathname, origin } = new URL(event.request.url)
  if (event.request.method !== 'GET' || origin !== self.location.origin) return
  if (event.request.mode === 'navigate' && pathname === '/desk') event.respondWith(open(event))
  else if (pathname.startsWith('/ui/assets/'))
    event.respondWith(caches.match(event.request, { cacheName: KEPT }).then(kept => kept ?? fetch(event.request)))
})

// A page that was there before its worker asks to be kept, too; whoever logs out tells so (leave.js).
self.addEventListener('message', event => {
  if (event.data.leave) {
    leaves += 1
    event.waitUntil(caches.delete(KEPT))
    return
  }
  const { origin, pathname } = new URL(event.data.keep)
  if (origin !== self.location.origin || pathname !== '/desk') return
  event.waitUntil(
    fetch(event.data.keep, { redirect: 'manual', headers: { accept: 'text/html' } })
      .then(page => (page.status === 200 ? keep(event.data.keep, page) : undefined))
      // Without an answer there is nothing to keep: the next page that the hub answers is kept.
      .catch(() => undefined),
  )
})
