import type { PlatformFacts } from '../../deps.ts'
import { listed } from '../../format.ts'
import { Layout } from '../../parts/layout.tsx'
import { Table } from '../../parts/panel.tsx'
import type { View } from '../../view.ts'

/** The platforms that can be connected, and what each takes. */
export function ChoosePage({ view, platforms }: { view: View; platforms: Readonly<Record<string, PlatformFacts>> }) {
  const t = view.t.connect
  return (
    <Layout view={view} title={t.add}>
      <div class="page-head">
        <h1>{t.add}</h1>
        <p class="lead">{t.choose}</p>
      </div>
      <section class="panel" aria-label={t.add}>
        <Table label={t.add} isStacked>
          <thead>
            <tr>
              <th>{t.platform}</th>
              <th>{t.orders}</th>
              <th>{t.takes}</th>
              <th />
            </tr>
          </thead>
          <tbody>
            {Object.entries(platforms)
              .filter(([, facts]) => facts.form !== undefined)
              .map(([platform, { title, declares }]) => (
                <tr>
                  <th scope="row">{title}</th>
                  <td data-label={t.orders}>{t.arrival[declares.arrival]}</td>
                  <td class="wide" data-label={t.takes}>
                    {declares.acts.length === 0
                      ? t.takesNothing
                      : listed(
                          declares.acts.map(act => t.acts[act]),
                          view.language,
                        )}
                  </td>
                  <td class="num wide">
                    <a class="button small" href={`/connect/${platform}`} aria-label={t.connectTo(title)}>
                      {t.connect}
                    </a>
                  </td>
                </tr>
              ))}
          </tbody>
        </Table>
      </section>
    </Layout>
  )
}
