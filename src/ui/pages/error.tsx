import { Layout } from '../parts/layout.tsx'
import type { View } from '../view.ts'

/** A page that could not be shown: what happened, and what to do next. */
export function ErrorPage({ view, title, text }: { view: View; title: string; text: string }) {
  return (
    <Layout view={view} title={title}>
      <div class="error-page">
        <h1>{title}</h1>
        <p>{text}</p>
        <p>
          <a href="/">{view.t.nav.board}</a>
        </p>
      </div>
    </Layout>
  )
}
