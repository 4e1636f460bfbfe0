import { may, type View } from '../view.ts'
import { Filters } from './filters.tsx'

const tabs = { open: '/alerts', over: '/alerts?show=over', limits: '/alerts/limits', told: '/alerts/told' } as const

/** What is wrong, what was, from where on that is told, and, for whoever administers, to whom. */
export function AlertTabs({ view, current }: { view: View; current: keyof typeof tabs }) {
  const words = view.t.alerts.filters
  const shown = (['open', 'over', 'limits', 'told'] as const).filter(tab => tab !== 'told' || may(view, 'admin'))
  return (
    <div class="toolbar">
      <Filters
        label={view.t.form.filter}
        current={current}
        choices={shown.map(tab => ({ value: tab, word: words[tab], href: tabs[tab] }))}
      />
    </div>
  )
}
