import type { SkuHead } from '../../../../db/pages-sku.ts'
import { money } from '../../format.ts'
import { WriteForm } from '../../parts/form.tsx'
import { Layout } from '../../parts/layout.tsx'
import { Panel } from '../../parts/panel.tsx'
import type { RehearsedPrice } from '../../price-preview.ts'
import type { View } from '../../view.ts'
import { PreviewPart } from '../prices/dry.tsx'
import { type PriceFields, PriceForm, type PriceTarget, targetText } from '../sku/prices.tsx'

type Given = {
  readonly view: View
  readonly head: SkuHead
  readonly targets: readonly PriceTarget[]
  readonly target: PriceTarget | undefined
  readonly asked: PriceFields
  readonly rehearsed: RehearsedPrice
}

/** Before a price is set: what it would do in each channel, then the confirmation, or another price. */
export function RehearsedPricePage({ view, head, targets, target, asked, rehearsed }: Given) {
  const t = view.t.skuPrices.rehearsed
  const back = `/skus/${encodeURIComponent(head.sku)}${asked.page === 'prices' ? '/prices' : ''}`
  const { preview, isSame } = rehearsed
  return (
    <Layout view={view} title={t.title(head.sku)}>
      <div class="page-head">
        <h1>{t.title(head.sku)}</h1>
        <p class="lead">
          {head.title} · <a href={back}>{t.back}</a>
        </p>
      </div>
      <div class="columns">
        <Panel
          id="rehearsed"
          title={target === undefined ? t.would : t.what(targetText(view, target), money(asked.amount, target.currency))}
          class={preview.kind === 'refused' || isSame ? '' : 'asks'}
        >
          {asked.from === '' ? null : <p class="panel-note">{periodText(view, asked)}</p>}
          {isSame ? <p class="panel-note tone-wait">{t.same}</p> : <PreviewPart view={view} preview={preview} title={t.would} />}
          {preview.kind === 'refused' || isSame ? null : <Confirm view={view} head={head} asked={asked} isLate={isLate(preview)} />}
        </Panel>
        <PriceForm view={view} head={head} targets={targets} page={asked.page} filled={asked} />
      </div>
    </Layout>
  )
}

const isLate = (preview: Extract<RehearsedPrice['preview'], { readonly kind: 'outcome' }>): boolean =>
  preview.forecast.some(one => !one.isOnTime)

function periodText({ t }: View, { from, to }: PriceFields): string {
  const told = (at: string): string => at.replace('T', ' ')
  return t.sku.price.sale(told(from), to === '' ? t.sku.price.openEnd : told(to))
}

function Confirm({ view, head, asked, isLate }: { view: View; head: SkuHead; asked: PriceFields; isLate: boolean }) {
  const t = view.t.skuPrices
  return (
    <div class="panel-body">
      <WriteForm view={view} action={`/skus/${encodeURIComponent(head.sku)}/price`} id={`sure-${Object.values(asked).join('-')}`}>
        {Object.entries({ ...asked, sure: 'yes' }).map(([name, value]) => (
          <input type="hidden" name={name} value={value} />
        ))}
        {isLate ? (
          <label class="check">
            <input type="checkbox" name="acceptWindow" value="yes" />
            <span>{t.acceptWindow}</span>
          </label>
        ) : null}
        <div>
          <button type="submit" class="main">
            {t.rehearsed.sure}
          </button>
        </div>
      </WriteForm>
    </div>
  )
}
