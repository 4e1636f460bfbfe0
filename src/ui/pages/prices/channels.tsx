import type { PricePolicyRow } from '../../../../db/price-policies.ts'
import { Decimal, type Rounding, rounded } from '../../../domain/pricing/numbers.ts'
import { currencyDigits } from '../../../values/money.ts'
import { actorName, money } from '../../format.ts'
import { ChoiceEntry, draftOf, TextEntry } from '../../parts/entry.tsx'
import { WriteForm } from '../../parts/form.tsx'
import { Layout } from '../../parts/layout.tsx'
import { Empty, Panel, Table } from '../../parts/panel.tsx'
import { PriceTabs } from '../../parts/price-tabs.tsx'
import { At } from '../../parts/time.tsx'
import { may, type View } from '../../view.ts'

export const ROUNDINGS = ['digits', 'ending', 'none'] as const
export const DIRECTIONS = ['nearest', 'up', 'down'] as const

/** Amounts that show what a rounding does: one below an ending, one above, one in between. */
const EXAMPLES = ['11.3046', '24.6', '99.02'] as const

type Given = {
  readonly view: View
  readonly policies: readonly PricePolicyRow[]
  readonly regions: readonly { readonly code: string; readonly name: string }[]
}

/** How each channel states prices: region, rounding with an example, margin on exchange. */
export function PriceChannelsPage({ view, policies, regions }: Given) {
  const t = view.t.priceSettings.channels
  return (
    <Layout view={view} title={t.title}>
      <div class="page-head">
        <h1>{t.title}</h1>
        <p class="lead">{t.lead}</p>
      </div>
      <PriceTabs view={view} current="channels" />
      {policies.length === 0 ? (
        <Panel id="policies" title={t.title}>
          <Empty text={t.none} />
        </Panel>
      ) : (
        <Panel id="policies" title={t.title}>
          <Table label={t.title} isStacked>
            <thead>
              <tr>
                <th>{t.channel}</th>
                <th>{t.region}</th>
                <th>{t.rounding}</th>
                <th>{t.example}</th>
                <th class="num">{t.margin}</th>
                <th>{view.t.priceSettings.since}</th>
              </tr>
            </thead>
            <tbody>
              {policies.map(policy => (
                <tr id={`policy-${policy.channel}`}>
                  <th scope="row">
                    {policy.channel}
                    <span class="sub">{policy.currency}</span>
                  </th>
                  <td data-label={t.region}>{policy.region ?? <span class="quiet">{t.noRegion}</span>}</td>
                  <td data-label={t.rounding}>{roundingText(view, policy.rounding)}</td>
                  <td data-label={t.example}>
                    {EXAMPLES.map(amount => (
                      <span class="shows">{exampleText(view, policy, amount)}</span>
                    ))}
                  </td>
                  <td class={policy.exchangeMargin === '0' ? 'num zero' : 'num'} data-label={t.margin}>
                    {policy.exchangeMargin}
                  </td>
                  <td data-label={view.t.priceSettings.since}>
                    {policy.since === null ? '–' : <At view={view} at={policy.since} />}
                    {policy.actor === null ? null : <span class="sub">{actorName(policy.actor, view.t.actor.system)}</span>}
                  </td>
                </tr>
              ))}
            </tbody>
          </Table>
        </Panel>
      )}
      {may(view, 'prices:write') && policies.length > 0 ? (
        <Panel id="change" title={t.edit}>
          <div class="panel-body">
            {policies.map(policy => (
              <PolicyForm view={view} policy={policy} regions={regions} />
            ))}
          </div>
        </Panel>
      ) : null}
    </Layout>
  )
}

function roundingText(view: View, { kind, step, ending, direction }: PricePolicyRow['rounding']): string {
  const t = view.t.priceSettings.channels
  return kind === 'ending' ? t.endingOf(ending ?? '0', step ?? '1', t.directions[direction ?? 'nearest']) : t.kinds[kind]
}

function exampleText(view: View, { rounding, currency }: PricePolicyRow, amount: string): string {
  const { kind, step, ending, direction } = rounding
  const by: Rounding = kind === 'ending' ? { kind, step: step ?? '1', ending: ending ?? '0', direction: direction ?? 'nearest' } : { kind }
  const after = rounded(new Decimal(amount), by, currencyDigits(currency))
  return view.t.priceSettings.channels.exampleOf(amount, money(after.toFixed(), currency))
}

function PolicyForm({ view, policy, regions }: { view: View; policy: PricePolicyRow; regions: Given['regions'] }) {
  const t = view.t.priceSettings.channels
  const action = `/prices/channels/${encodeURIComponent(policy.channel)}`
  const draft = draftOf(view, action)
  const { rounding } = policy
  return (
    <details class="fold" id={`change-${policy.channel}`} open={view.typed?.action === action}>
      <summary>{policy.channel}</summary>
      <div>
        <WriteForm view={view} action={action}>
          <div class="form-row top">
            <ChoiceEntry
              draft={draft}
              name="region"
              label={t.region}
              value={policy.region ?? ''}
              none={t.noRegion}
              options={regions.map(({ code, name }) => ({ value: code, word: name === code ? code : `${code} · ${name}` }))}
              hint={t.regionHint}
            />
            <ChoiceEntry
              draft={draft}
              name="rounding"
              label={t.rounding}
              value={rounding.kind}
              options={ROUNDINGS.map(kind => ({ value: kind, word: t.kinds[kind] }))}
            />
            <TextEntry draft={draft} name="ending" label={t.ending} value={rounding.ending ?? ''} class="small" hint={t.endingHint} />
            <TextEntry draft={draft} name="step" label={t.step} value={rounding.step ?? ''} class="small" />
            <ChoiceEntry
              draft={draft}
              name="direction"
              label={t.direction}
              value={rounding.direction ?? 'nearest'}
              options={DIRECTIONS.map(direction => ({ value: direction, word: t.directions[direction] }))}
            />
            <TextEntry
              draft={draft}
              name="exchangeMargin"
              label={t.margin}
              value={policy.exchangeMargin}
              class="small"
              hint={t.marginHint}
            />
            <TextEntry draft={draft} name="why" label={view.t.priceSettings.why} maxlength={200} />
          </div>
          <button type="submit">{t.save}</button>
        </WriteForm>
      </div>
    </details>
  )
}
