import { Facts } from '../parts/facts.tsx'
import { WriteForm } from '../parts/form.tsx'
import { Panel } from '../parts/panel.tsx'
import type { View } from '../view.ts'

/** What the buyer of an order has of us: whoever may see buyers' data sees it. */
export type OrderBuyer = { readonly link: string | null; readonly isForgotten: boolean }

/** The page that the buyer follows the order on. */
export function Buyer({ view, orderId, buyer }: { view: View; orderId: number; buyer: OrderBuyer }) {
  const t = view.t.buyer
  if (buyer.isForgotten)
    return (
      <Panel id="buyer" title={t.title}>
        <p class="panel-body">{t.forgotten}</p>
      </Panel>
    )
  const { link } = buyer
  return (
    <Panel id="buyer" title={t.title}>
      <Facts facts={[[t.link, link === null ? t.noLink : <a href={link}>{link}</a>]]} />
      <WriteForm view={view} action={`/orders/${orderId}/tracking-link`} id={link === null ? 'link-make' : 'link-renew'}>
        <p class="panel-note">{t.linkHint}</p>
        <input type="hidden" name="renew" value={link === null ? '' : 'yes'} />
        <button type="submit">{link === null ? t.make : t.renew}</button>
      </WriteForm>
    </Panel>
  )
}
