import type { AccountCheck } from '../../../../connectors/contract.ts'
import { Icon } from '../../parts/icon.tsx'
import { Panel } from '../../parts/panel.tsx'
import type { View } from '../../view.ts'

/** What the account check found, what is wrong first. The sentences are the check's own, which speaks English as the platforms do. */
export function FindingsPanel({ view, check }: { view: View; check: AccountCheck }) {
  const t = view.t.connect
  const missing = check.findings.filter(one => !one.ok)
  return (
    <Panel id="findings" title={t.looks}>
      <p class="panel-note">
        {t.found(missing.length)} {view.language === 'en' ? null : t.original}
      </p>
      <ul class="list findings">
        {[...missing, ...check.findings.filter(one => one.ok)].map(finding => (
          <li class={finding.ok ? 'tone-good' : 'tone-bad'}>
            <Icon name={finding.ok ? 'done' : 'refuse'} />
            <span>
              <strong>{whatWords(view, finding.what)}</strong>{' '}
              <span class="finding-words" translate="no" lang="en">
                {finding.words}
              </span>
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  )
}

/** What a finding is about, in the person's language; a scope, a place or a marketplace keeps its name. */
export function whatWords(view: View, what: string): string {
  const [head = '', ...rest] = what.split(' ')
  const words: Readonly<Record<string, string>> = view.t.connect.what
  const known = words[head]
  if (known === undefined) return what
  const isName = ['scope', 'permission', 'marketplace', 'location', 'currency'].includes(head) && rest.length > 0
  return isName ? `${known} ${rest.join(' ')}` : known
}
