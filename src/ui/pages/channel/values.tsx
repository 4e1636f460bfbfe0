import { STANDS } from '../../../usecases/force.ts'
import type { FieldShown } from '../../../usecases/publishing.ts'
import { actorName, documentText } from '../../format.ts'
import { Layout } from '../../parts/layout.tsx'
import { addressOf, ListPanel, ListTools } from '../../parts/list.tsx'
import { Table } from '../../parts/panel.tsx'
import { Refreshed } from '../../parts/refreshed.tsx'
import { State } from '../../parts/state.tsx'
import { Ago } from '../../parts/time.tsx'
import { may, type View } from '../../view.ts'
import { Reason } from '../held/reason.tsx'
import { ForceForm, valuesPath } from './publishing.tsx'

/** What the list is narrowed by; empty where it is not. */
export type ValuesAsked = {
  readonly state: (typeof STANDS)[number] | ''
  readonly field: 'stock' | 'price' | ''
  readonly sku: string
  readonly category: string
  readonly after: string
}

type Given = {
  readonly view: View
  readonly code: string
  readonly name: string
  readonly asked: ValuesAsked
  readonly rows: readonly FieldShown[]
  readonly next: string | null
}

/** Where a value of a SKU in a channel is explained. */
export const whyPath = (code: string, sku: string): string => `${valuesPath(code)}/${encodeURIComponent(sku)}`

/** The values of a channel with how far each got; narrowed, they can be sent now. */
export function ValuesPage({ view, code, name, asked, rows, next }: Given) {
  const t = view.t.publishing
  const path = valuesPath(code)
  const { sku, after, ...kept } = asked
  const to = (more: Partial<ValuesAsked>): string => {
    const { sku: q, ...others } = { ...asked, after: '', ...more }
    return addressOf(path, { ...others, q })
  }
  const isNarrowed = asked.state !== '' || sku !== '' || asked.category !== ''
  return (
    <Layout view={view} title={t.list.title(name)} live={`channel=${encodeURIComponent(code)}`}>
      <div class="page-head">
        <h1>{t.list.title(name)}</h1>
        <a href={`/channels/${encodeURIComponent(code)}`}>{name}</a>
        {isNarrowed && rows.length > 0 && may(view, 'channels:write') ? (
          <ForceForm view={view} code={code} word={t.force.these} fields={{ back: 'values', sku, ...kept }} />
        ) : null}
      </div>
      <ListTools
        view={view}
        action={path}
        search={sku}
        label={t.list.search}
        kept={{ state: asked.state }}
        filter={asked.state}
        filters={(['', ...STANDS] as const).map(state => ({
          value: state,
          word: state === '' ? t.all : view.t.states[state],
          href: to({ state }),
        }))}
      >
        <select name="field" aria-label={t.list.field}>
          {(['', 'stock', 'price'] as const).map(field => (
            <option value={field} selected={asked.field === field}>
              {field === '' ? t.list.both : view.t.fields[field]}
            </option>
          ))}
        </select>
        <input
          type="search"
          class="short"
          name="category"
          value={asked.category}
          placeholder={t.list.category}
          aria-label={t.list.category}
          maxlength={200}
        />
      </ListTools>
      <Refreshed view={view} name="values">
        <ListPanel
          view={view}
          label={t.list.title(name)}
          empty={rows.length > 0 ? null : t.list.none}
          first={after === '' ? null : to({})}
          next={next === null ? null : to({ after: next })}
        >
          <Table label={t.list.title(name)} isStacked>
            <thead>
              <tr>
                <th>{t.list.sku}</th>
                <th>{t.state}</th>
                <th>{t.list.since}</th>
                <th>{t.list.intended}</th>
                <th>{t.list.sent}</th>
                <th>{t.list.applied}</th>
                <th />
              </tr>
            </thead>
            <tbody>
              {rows.map(row => (
                <Row view={view} code={code} row={row} />
              ))}
            </tbody>
          </Table>
        </ListPanel>
      </Refreshed>
    </Layout>
  )
}

function Row({ view, code, row }: { view: View; code: string; row: FieldShown }) {
  const t = view.t.publishing
  const sale = view.t.sku.shown.salePrice
  const why = addressOf(whyPath(code, row.sku), { field: row.field })
  return (
    <tr id={`value-${row.listingId}-${row.field}`}>
      <th scope="row">
        <a class="sku" href={`/skus/${encodeURIComponent(row.sku)}`}>
          {row.sku}
        </a>
        <span class="sub">{view.t.fields[row.field]}</span>
      </th>
      <td class="wide">
        <State view={view} state={row.stands} />
        <Reason view={view} of={row} />
        {row.forcedBy === null ? null : <span class="sub">{t.list.forcedBy(actorName(row.forcedBy, view.t.actor.system))}</span>}
      </td>
      <td data-label={t.list.since}>
        <Ago view={view} at={row.since} isWait={row.waitingSince !== null} />
      </td>
      <td class="strong" data-label={t.list.intended}>
        {documentText(row.intended, view.language, sale)}
      </td>
      <Step view={view} label={t.list.sent} value={row.sent} at={row.sentAt} />
      <Step view={view} label={t.list.applied} value={row.applied} at={row.appliedAt} />
      <td class="wide">
        <div class="form-row">
          <a class="button small" href={why}>
            {t.list.why}
          </a>
          {may(view, 'channels:write') && row.stands !== 'quarantined' && row.stands !== 'sent' ? (
            <ForceForm view={view} code={code} word={t.force.one} fields={{ back: 'why', sku: row.sku, field: row.field }} />
          ) : null}
        </div>
      </td>
    </tr>
  )
}

function Step({ view, label, value, at }: { view: View; label: string; value: FieldShown['sent']; at: Date | null }) {
  if (value === null) return <td class="quiet nothing">–</td>
  return (
    <td data-label={label}>
      {documentText(value, view.language, view.t.sku.shown.salePrice)}
      {at === null ? null : (
        <span class="sub">
          <Ago view={view} at={at} />
        </span>
      )}
    </td>
  )
}
