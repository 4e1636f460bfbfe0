// The desk's script, part 7: what a tablet keeps for a reload while the network is gone. The worker keeps the page; this asks it to, and lets all of it go
// when somebody logs out. What waits to be sent stays (queue.js): it is nobody's secret, and must not be lost.
;(desk => {
  if (!desk.root) return
  const workers = navigator.serviceWorker
  // Only over https, or on the device itself: elsewhere the desk works, and does not survive a reload without the network.
  if (workers) {
    workers
      .register('/desk/worker.js', { scope: '/desk' })
      .then(() => workers.ready)
      .then(({ active }) => active?.postMessage({ keep: location.href.split('#')[0] }))
      .catch(() => undefined)
  }
  document.querySelector('form[action="/logout"]')?.addEventListener('submit', async event => {
    event.preventDefault()
    const form = event.target
    desk.forgetWork()
    // The page that comes next would break it off.
    await globalThis.caches?.delete('concord-desk').catch(() => false)
    form.submit()
  })
})(globalThis.concordDesk)
