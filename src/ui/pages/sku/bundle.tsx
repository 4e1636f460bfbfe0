import type { BundleRow } from '../../../../db/bundles.ts'
import type { Explained } from '../../../usecases/explain.ts'
import { number } from '../../format.ts'
import { draftOf, LinesEntry } from '../../parts/entry.tsx'
import { WriteForm } from '../../parts/form.tsx'
import { Panel, Table } from '../../parts/panel.tsx'
import { may, type View } from '../../view.ts'

/** What a bundle can sell where: what each part allows by what is available of it now, and which one limits. */
export function BundlePanel({ view, bundle, places }: { view: View; bundle: BundleRow; places: Explained['locations'] }) {
  const t = view.t.goods.bundle
  if (bundle.flat.length === 0) return null
  const count = (value: number): string => number(value, view.language)
  const made = places.filter(place => place.parts.length > 0)
  const makes = (place: Explained['locations'][number]): number => Math.min(...place.parts.map(part => part.allows))
  return (
    <Panel id="bundle" title={t.title}>
      <p class="panel-note">{t.hint}</p>
      <Table label={t.title} isStacked>
        <thead>
          <tr>
            <th>{view.t.sku.stock.location}</th>
            {bundle.flat.map(part => (
              <th class="num">
                {part.quantity} ×{' '}
                <a class="sku" href={`/skus/${encodeURIComponent(part.sku)}`}>
                  {part.sku}
                </a>
              </th>
            ))}
            <th class="num">{t.makes}</th>
          </tr>
        </thead>
        <tbody>
          {made.map(place => (
            <tr id={`bundle-${place.location}`}>
              <th scope="row">{place.name}</th>
              {bundle.flat.map(({ sku }) => {
                const part = place.parts.find(one => one.sku === sku)
                if (part === undefined) return <td class="num zero">0</td>
                return (
                  <td class={part.limits ? 'num parts-limit' : 'num'} data-label={part.sku}>
                    {count(part.allows)}
                    <span class="sub">{t.of(count(part.available))}</span>
                    {part.limits ? <span class="sub parts-limit">{t.limits}</span> : null}
                  </td>
                )
              })}
              <td class="num strong" data-label={t.makes}>
                {count(makes(place))}
              </td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">{view.t.sku.stock.total}</th>
            {bundle.flat.map(() => (
              <td />
            ))}
            <td class="num" data-label={t.makes} data-makes>
              {count(made.reduce((sum, place) => sum + makes(place), 0))}
            </td>
          </tr>
        </tfoot>
      </Table>
    </Panel>
  )
}

/** Says what a SKU consists of, and names the bundles that it is a part of. */
export function PartsForm({ view, bundle, within }: { view: View; bundle: BundleRow; within: readonly BundleRow[] }) {
  const t = view.t.goods.bundle
  const action = `/skus/${encodeURIComponent(bundle.sku)}/parts`
  const draft = draftOf(view, action)
  const mayChange = may(view, 'catalog:write')
  if (!mayChange && within.length === 0) return null
  return (
    <Panel id="parts" title={t.parts}>
      <div class="panel-body">
        {within.length === 0 ? null : (
          <p class="hint">
            {t.within}{' '}
            {within.map((one, at) => (
              <>
                {at === 0 ? '' : ', '}
                <a class="sku" href={`/skus/${encodeURIComponent(one.sku)}#bundle`}>
                  {one.sku}
                </a>
              </>
            ))}
          </p>
        )}
        {mayChange ? (
          <details class="fold" open={bundle.parts.length > 0 || draft.wrong('parts') !== null}>
            <summary>{bundle.parts.length > 0 ? t.change : t.make}</summary>
            <WriteForm view={view} action={action}>
              <LinesEntry
                draft={draft}
                name="parts"
                label={t.linesLabel}
                hint={t.partsHint}
                rows={Math.max(3, bundle.parts.length + 1)}
                value={bundle.parts.map(part => `${part.sku} ${part.quantity}`).join('\n')}
                placeholder={'MUG-BLUE 2\nSAUCER 2'}
              />
              <button type="submit">{t.save}</button>
            </WriteForm>
          </details>
        ) : null}
      </div>
    </Panel>
  )
}
