// The desk's script, part 10: what a tablet keeps for a reload while the network is gone. The worker keeps the page; this asks it to. Whoever logs
// out lets it go (../leave.js).
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
})(globalThis.concordDesk)
