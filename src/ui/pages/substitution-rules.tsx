import type { SubstitutionRule } from '../../../db/substitutes.ts'
import { actorName } from '../format.ts'
import { Layout } from '../parts/layout.tsx'
import { ListPanel } from '../parts/list.tsx'
import { OrderTabs } from '../parts/order-tabs.tsx'
import { Rows } from '../parts/rows.tsx'
import { At } from '../parts/time.tsx'
import type { View } from '../view.ts'

type Given = {
  readonly view: View
  readonly rules: readonly SubstitutionRule[]
  readonly channels: readonly { readonly code: string; readonly name: string }[]
  readonly isFirst: boolean
  readonly next: string | null
}

/** What may be handed over instead of what is short, of all SKUs; each is stated on the page of its SKU. */
export function SubstitutionRulesPage({ view, rules, channels, isFirst, next }: Given) {
  const t = view.t.orderLife.substitutes
  return (
    <Layout view={view} title={t.title}>
      <div class="page-head">
        <h1>{t.title}</h1>
        <p class="lead">{t.lead}</p>
      </div>
      <OrderTabs view={view} current="instead" />
      <ListPanel
        view={view}
        label={t.title}
        empty={rules.length === 0 ? t.noRules : null}
        first={isFirst ? null : '/orders/instead'}
        next={next === null ? null : `/orders/instead?${new URLSearchParams({ after: next })}`}
      >
        <Rows
          label={t.title}
          rows={rules}
          id={rule => `rule-${rule.channel ?? ''}-${rule.sku}`}
          isStacked
          empty={t.noRules}
          columns={[
            { head: t.of, names: true, cell: rule => <Sku sku={rule.sku} /> },
            { head: t.channel, cell: rule => channels.find(one => one.code === rule.channel)?.name ?? rule.channel ?? t.all },
            {
              head: t.instead,
              cell: rule =>
                rule.substitutes.map(one => (
                  <div>
                    <Sku sku={one.sku} />
                    <span class="sub">
                      {[t.automatic[one.automatic ? 'yes' : 'no'], one.abovePercent === null ? null : t.within(String(one.abovePercent))]
                        .filter(Boolean)
                        .join(' · ')}
                    </span>
                  </div>
                )),
            },
            {
              head: t.since,
              cell: rule => (
                <>
                  <At view={view} at={rule.since} />
                  <span class="sub">{actorName(rule.actor, view.t.actor.system)}</span>
                </>
              ),
            },
          ]}
        />
      </ListPanel>
    </Layout>
  )
}

function Sku({ sku }: { sku: string }) {
  return (
    <a class="sku" href={`/skus/${encodeURIComponent(sku)}#substitutes`}>
      {sku}
    </a>
  )
}
