import type { View } from '../view.ts'

/** Says whether the page is live; `console.js` turns it when the stream breaks. */
export function LiveMark({ view }: { view: View }) {
  const { live } = view.t
  return (
    <p class="live" id="live-mark" data-live="off" role="status" hx-morph-skip>
      <span class="live-on">{live.on}</span>
      <span class="live-lost">{live.lost}</span>
      <span class="live-off">{live.off}</span>
    </p>
  )
}
