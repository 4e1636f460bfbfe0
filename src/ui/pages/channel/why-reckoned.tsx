import type { ExplainedPush, ListingPush } from '../../../usecases/explain-push.ts'
import type { PriceBasis, StockBasis } from '../../../usecases/explain-push-basis.ts'
import { actorName, money, number } from '../../format.ts'
import { Ago } from '../../parts/time.tsx'
import type { View } from '../../view.ts'

/** How the number came about: what can be sold, less the buffer, at most the cap; or where the price comes from. */
export function Reckoned({ view, told, withheld }: { view: View; told: ExplainedPush; withheld: number }) {
  const t = view.t.publishing.why
  if (told.stock === null && told.price?.source == null) return null
  return (
    <div class="panel-body">
      <h3>{t.reckoned}</h3>
      {told.stock === null ? null : <p>{stockText(view, told.stock, withheld)}</p>}
      {told.price?.source == null ? null : <Price view={view} price={told.price} />}
    </div>
  )
}

function stockText(view: View, { atp, ahead, buffer, cap, stopSellingAt, shown, because }: StockBasis, withheld: number): string {
  const t = view.t.publishing.why
  const units = (value: number): string => number(value, view.language)
  const steps = because.includes('stop_selling')
    ? [t.atp(units(atp)), t.stop(units(stopSellingAt))]
    : [
        t.atp(units(atp)),
        ...(ahead > 0 ? [t.beforeThere(units(ahead))] : []),
        ...(buffer > 0 ? [t.kept(units(buffer))] : []),
        ...(because.includes('cap') && cap !== null ? [t.cap(units(cap))] : []),
      ]
  const sum = `${steps.join(' · ')} = ${units(shown)}`
  return withheld > 0 ? `${sum} · ${t.withheld(units(withheld))}` : sum
}

function Price({ view, price }: { view: View; price: PriceBasis }) {
  const t = view.t.publishing.why
  const moved = (['floor', 'ceiling'] as const).filter(kind => price.steps.some(({ step }) => step === kind))
  return (
    <>
      <p>
        <b>{price.amount === null ? '–' : money(price.amount, price.currency)}</b> · {priceSource(view, price)}
        {price.actor === null ? '' : ` · ${t.setBy(actorName(price.actor, view.t.actor.system))}`}
        {price.since === null ? null : (
          <>
            {' '}
            <Ago view={view} at={new Date(price.since)} />
          </>
        )}
        {moved.map(kind => ` · ${t[kind]}`).join('')}
      </p>
      {price.beaten.length === 0 ? null : (
        <p class="quiet">
          {view.t.skuPrices.beats}:{' '}
          {price.beaten.map(one => `${sourceText(view, one.source)} ${money(one.amount, price.currency)}`).join(' · ')}
        </p>
      )}
    </>
  )
}

/** Where a price comes from, in a few words. */
export const priceSource = (view: View, price: PriceBasis): string => (price.source === null ? '–' : sourceText(view, price.source))

function sourceText(view: View, { kind, list }: NonNullable<PriceBasis['source']>): string {
  const { from } = view.t.publishing.why
  return kind === 'list' ? from.list(list ?? '') : from.plain
}

/** What a person does next; nothing where it goes on by itself. */
export function NextStep({ view, told, one }: { view: View; told: ExplainedPush; one: ListingPush }) {
  const t = view.t.publishing.why
  const channel = `/channels/${encodeURIComponent(told.channel)}`
  const step = ((): { readonly href: string | null; readonly word: string } | null => {
    switch (told.isPast ? undefined : one.verdict?.code) {
      case 'quarantined':
      case 'rejected':
        return { href: `/held/${one.verdict?.ref}`, word: t.step.decide }
      case 'refused':
        return { href: null, word: t.step.mend }
      case 'paused':
      case 'account_paused':
        return { href: `${channel}#pause`, word: t.step.resume }
      case 'observed':
        return { href: `${channel}#switches`, word: t.step.publish }
      case 'drift':
        return { href: `${channel}#drift`, word: t.step.drift }
      case 'no_hub':
        return { href: null, word: t.step.start }
      case 'held':
        return { href: `/skus/${encodeURIComponent(told.sku)}/prices`, word: t.step.price }
      default:
        return null
    }
  })()
  if (step === null) return null
  return (
    <p class="panel-note">
      {t.next}: {step.href === null ? step.word : <a href={step.href}>{step.word}</a>}
    </p>
  )
}
