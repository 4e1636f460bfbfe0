// Whoever logs out, on whichever page, leaves nothing of a desk on the device: neither its page nor the work as it was last known. What waits to be sent stays
// (desk/queue.js): it is nobody's secret, and must not be lost.
document.querySelector('form[action="/logout"]')?.addEventListener('submit', async event => {
  event.preventDefault()
  const form = event.target
  // An answer that is still under way is not kept any more.
  if (globalThis.concordDesk) globalThis.concordDesk.isLeft = true
  try {
    for (const name of Object.keys(localStorage)) if (/^concord-desk:.*:work$/.test(name)) localStorage.removeItem(name)
  } catch {
    // A browser that keeps nothing has nothing to let go.
  }
  // A desk's page that is being kept just now would be kept after all.
  const desk = await navigator.serviceWorker?.getRegistration('/desk').catch(() => undefined)
  desk?.active?.postMessage({ leave: true })
  // The page that comes next would break it off.
  await globalThis.caches?.delete('concord-desk').catch(() => false)
  form.submit()
})
