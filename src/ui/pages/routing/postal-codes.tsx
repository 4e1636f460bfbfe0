import { randomUUID } from 'node:crypto'
import type { PostalCountry } from '../../../../db/postal-areas.ts'
import { actorName, number } from '../../format.ts'
import { CSRF_FIELD, Field, KEY_FIELD } from '../../parts/form.tsx'
import { Panel } from '../../parts/panel.tsx'
import { Beside, Rows } from '../../parts/rows.tsx'
import { At } from '../../parts/time.tsx'
import { may, type View } from '../../view.ts'

/** Where the form sends its file. */
export const POSTAL_ADDRESS = '/orders/places/postal-codes'

/** Of which countries it is known where postal codes lie, since when, and a form that brings another file. */
export function PostalCodes({ view, countries }: { view: View; countries: readonly PostalCountry[] }) {
  const t = view.t.routing.postal
  return (
    <Beside form={may(view, 'catalog:write') ? <PostalForm view={view} /> : null}>
      <Panel id="postal-codes" title={t.title}>
        <p class="panel-note">{t.lead}</p>
        <Rows
          label={t.title}
          rows={countries}
          id={row => `postal-${row.country}`}
          isStacked
          empty={t.none}
          columns={[
            { head: t.country, names: true, cell: row => row.country },
            { head: t.codes, look: 'num', cell: row => number(row.codes, view.language) },
            {
              head: t.imported,
              cell: row => (
                <>
                  <At view={view} at={row.importedAt} />
                  {row.actor === null ? null : <span class="sub">{actorName(row.actor, view.t.actor.system)}</span>}
                </>
              ),
            },
          ]}
        />
      </Panel>
    </Beside>
  )
}

/** An ordinary form: the browser shows how far the file is. */
function PostalForm({ view }: { view: View }) {
  const t = view.t.routing.postal
  return (
    <Panel id="postal-upload" title={t.upload}>
      <div class="panel-body">
        <form method="post" action={POSTAL_ADDRESS} enctype="multipart/form-data" class="form">
          <input type="hidden" name={CSRF_FIELD} value={view.principal?.csrf ?? ''} />
          <input type="hidden" name={KEY_FIELD} value={randomUUID()} />
          <Field label={view.t.imports.file} hint={t.hint}>
            <input type="file" name="file" accept=".txt,.csv,.tsv,text/plain,text/csv" required />
          </Field>
          <button type="submit">{t.send}</button>
        </form>
      </div>
    </Panel>
  )
}
