import type { LocationStock, SkuHead } from '../../../../db/pages-sku.ts'
import type { Movable } from '../../../../db/pages-stock.ts'
import type { ReasonRow } from '../../../../db/reasons.ts'
import { number } from '../../format.ts'
import { ChoiceEntry, type Draft, draftOf, NumberEntry, TextEntry } from '../../parts/entry.tsx'
import { WriteForm } from '../../parts/form.tsx'
import { Icon } from '../../parts/icon.tsx'
import type { View } from '../../view.ts'
import { reasonName } from '../reasons.tsx'

/** What can be done to the stock of a SKU by hand. */
export const STOCK_ACTS = ['receive', 'sale', 'adjust', 'damage', 'restore', 'return', 'count', 'safety'] as const
export type StockAct = (typeof STOCK_ACTS)[number]

/** What the form about a SKU is made of. */
export type ActFacts = {
  readonly head: SkuHead
  readonly movable: Movable
  readonly stock: readonly LocationStock[]
  readonly reasons: readonly ReasonRow[]
}

type Given = ActFacts & {
  readonly view: View
  readonly act: StockAct
  readonly action: string
  /** The location that is chosen at first: of the last act, else the first. */
  readonly at: string
  /** Where a choice of another act leads. */
  readonly link: (act: StockAct) => string
  readonly isFocused: boolean
}

/** One act on the stock of one SKU: the acts to choose from, and a form that asks for what this act needs and nothing else. */
export function ActForm({ view, act, action, at, link, isFocused, ...facts }: Given) {
  const t = view.t.stock.move
  const draft = draftOf(view, action)
  return (
    <div class="panel-body" id="act-form">
      <nav class="choices acts" aria-label={t.act}>
        {STOCK_ACTS.map(one => (
          <a
            href={link(one)}
            aria-current={one === act ? 'true' : undefined}
            hx-get={link(one)}
            hx-target="#act-form"
            hx-select="#act-form"
            hx-swap="outerHTML"
          >
            {t.acts[one]}
          </a>
        ))}
      </nav>
      {facts.movable.isBundle && act !== 'safety' ? (
        <p class="panel-note bundle-note">
          <Icon name="warn" /> {t.bundle(facts.head.sku)}
        </p>
      ) : null}
      <WriteForm view={view} action={action}>
        <input type="hidden" name="kind" value={act} />
        <p class="hint">{t.hints[act]}</p>
        <div class="form-row top">
          <ChoiceEntry
            draft={draft}
            name="location"
            class="wide"
            label={view.t.sku.stock.location}
            value={at}
            required
            options={facts.stock.map(place => ({
              value: place.code,
              word: `${place.name} · ${t.onHandThere(number(place.onHand, view.language), number(place.available, view.language))}`,
            }))}
          />
          <NumberEntry
            draft={draft}
            name="quantity"
            class="small"
            label={t.units[act]}
            kind={act === 'adjust' ? 'signed' : 'whole'}
            required
            autofocus={isFocused}
          />
        </div>
        <More view={view} act={act} draft={draft} facts={facts} />
        <button type="submit" class="main">
          {t.submit[act]}
        </button>
      </WriteForm>
    </div>
  )
}

const REASONED: readonly StockAct[] = ['adjust', 'damage', 'restore', 'return', 'count']

/** What only some acts need: a reason, where a return goes, the lot, the cost. */
function More({ view, act, draft, facts }: { view: View; act: StockAct; draft: Draft; facts: ActFacts }) {
  const t = view.t.stock.move
  if (act === 'safety') return null
  const reasons = facts.reasons.filter(reason => reason.acts.some(one => one === act))
  const { movable } = facts
  const arrives = act === 'receive' || act === 'return'
  return (
    <>
      {act === 'return' ? (
        <ChoiceEntry
          draft={draft}
          name="to"
          label={t.to}
          value="stock"
          options={[
            { value: 'stock', word: t.toStock },
            { value: 'unavailable', word: t.toUnavailable },
          ]}
        />
      ) : null}
      {movable.lotTracked ? (
        <div class="form-row top">
          <TextEntry draft={draft} name="lot" label={t.lot} hint={arrives ? t.lotArrives : t.lotLeaves} maxlength={80} />
          {arrives ? <TextEntry draft={draft} name="expiresAt" label={t.expires} type="date" /> : null}
        </div>
      ) : null}
      {act === 'receive' ? (
        <div class="form-row top">
          <NumberEntry
            draft={draft}
            name="unitCost"
            label={t.unitCost}
            kind="amount"
            hint={movable.cost === null ? t.noCost : t.averageCost(movable.currency ?? '', movable.cost)}
          />
          <TextEntry draft={draft} name="currency" class="small" label={t.currency} value={movable.currency ?? ''} maxlength={3} />
        </div>
      ) : null}
      <div class="form-row top">
        {REASONED.includes(act) ? (
          <ChoiceEntry
            draft={draft}
            name="reasonCode"
            label={view.t.sku.stock.reason}
            none={reasons.length === 0 ? t.noReasons : t.noReason}
            options={reasons.map(reason => ({ value: reason.code, word: reasonName(view, reason) }))}
          />
        ) : null}
        <TextEntry draft={draft} name="reason" label={t.note} maxlength={200} placeholder={t.noteHint} />
      </div>
    </>
  )
}
