import type { OrderOfBuyer } from '../../../db/forget.ts'
import { Field, WriteForm } from '../parts/form.tsx'
import { Layout } from '../parts/layout.tsx'
import { Empty, Panel, Table } from '../parts/panel.tsx'
import { At } from '../parts/time.tsx'
import type { View } from '../view.ts'

/** Where a buyer's wish to be forgotten is carried out: search, look, remove. `found` null: nothing was searched yet. */
export function ForgetPage({ view, asked, found }: { view: View; asked: string; found: readonly OrderOfBuyer[] | null }) {
  const t = view.t.buyer.forget
  return (
    <Layout view={view} title={t.title}>
      <div class="page-head">
        <h1>{t.title}</h1>
        <p class="lead">{t.lead}</p>
      </div>
      <Panel id="search" title={t.who}>
        <div class="panel-body">
          <WriteForm view={view} action="/orders/forget" isWholePage>
            <Field label={t.asked} hint={t.askedHint}>
              <input type="text" name="asked" value={asked} required maxlength={254} autocomplete="off" autofocus />
            </Field>
            <div class="form-row">
              <button type="submit">{t.search}</button>
            </div>
          </WriteForm>
        </div>
      </Panel>
      {found === null ? null : (
        <Panel id="found" title={t.found}>
          {found.length === 0 ? <Empty text={t.none} /> : <Found view={view} found={found} />}
        </Panel>
      )}
    </Layout>
  )
}

function Found({ view, found }: { view: View; found: readonly OrderOfBuyer[] }) {
  const t = view.t.buyer.forget
  return (
    <WriteForm view={view} action="/orders/forget/remove" isWholePage>
      <Table label={t.found} isStacked>
        <thead>
          <tr>
            <th>{t.order}</th>
            <th>{t.channel}</th>
            <th>{view.t.orders.placed}</th>
            <th>{t.kept}</th>
          </tr>
        </thead>
        <tbody>
          {found.map(row => (
            <tr>
              <th scope="row">
                <label class="check">
                  <input type="checkbox" name={`order-${row.id}`} value="yes" checked={row.hasPerson} />
                  <a href={`/orders/${row.id}`}>{row.number}</a>
                </label>
              </th>
              <td data-label={t.channel}>{row.channel}</td>
              <td data-label={view.t.orders.placed}>
                <At view={view} at={row.placedAt} />
              </td>
              <td data-label={t.kept}>{row.hasPerson ? t.yes : t.no}</td>
            </tr>
          ))}
        </tbody>
      </Table>
      <div class="panel-body">
        <p class="field-hint">{t.sure}</p>
        <div class="form-row">
          <button type="submit" class="main">
            {t.remove}
          </button>
        </div>
      </div>
    </WriteForm>
  )
}
