import type { View } from '../view.ts'
import { Filters } from './filters.tsx'

const tabs = { open: '/held', decided: '/held?show=decided', limits: '/held/limits' } as const

/** What waits, what was decided, and by which limits. */
export function HeldTabs({ view, current }: { view: View; current: keyof typeof tabs }) {
  const words = view.t.held.filters
  return (
    <div class="toolbar">
      <Filters
        label={view.t.form.filter}
        current={current}
        choices={(['open', 'decided', 'limits'] as const).map(tab => ({ value: tab, word: words[tab], href: tabs[tab] }))}
      />
    </div>
  )
}
