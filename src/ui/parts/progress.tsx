import { number } from '../format.ts'
import type { View } from '../view.ts'

const WIDTH = 100

/** A bar of how much of something is done; the numbers stand beside it for whoever cannot see it. */
export function Progress({ view, done, of }: { view: View; done: number; of: number }) {
  const share = of === 0 ? 0 : Math.min(1, done / of)
  const words = `${number(done, view.language)} / ${number(of, view.language)}`
  return (
    <svg class="progress" viewBox={`0 0 ${WIDTH} 8`} width={WIDTH} height="8" role="img" aria-label={words} preserveAspectRatio="none">
      <rect class="bar-ground" width={WIDTH} height="8" rx="4" />
      {share === 0 ? null : (
        <rect class={share === 1 ? 'bar-applied' : 'bar-accepted'} width={Math.max(4, share * WIDTH)} height="8" rx="4" />
      )}
    </svg>
  )
}
