import type { MarketRuleRow } from '../../../../db/market-rules.ts'
import { MARKET_DEFAULTS } from '../../../usecases/market-rules.ts'
import { ChoiceEntry, draftOf, NumberEntry, TextEntry } from '../../parts/entry.tsx'
import { WriteForm } from '../../parts/form.tsx'
import { Empty, Panel } from '../../parts/panel.tsx'
import type { View } from '../../view.ts'

export const MODES = ['amount', 'percent', 'within', 'match'] as const
export const SCOPES = ['variant', 'product', 'category', 'all'] as const
export const RULE_FIELDS = [
  ...(['code', 'list', 'scope', 'of', 'mode', 'value', 'most', 'competitors'] as const),
  ...(['stepsPerDay', 'maxAgeMinutes', 'warSteps', 'warWindowMinutes', 'why'] as const),
] as const
/** A rule as its form has it. */
export type RuleFields = Readonly<Record<(typeof RULE_FIELDS)[number], string>>

/** The fields of a rule that stands. */
export const fieldsOfRule = (rule: MarketRuleRow): RuleFields => ({
  ...{ code: rule.code, list: rule.list, scope: rule.scope, of: rule.sku ?? rule.product ?? rule.category ?? '', mode: rule.mode },
  ...{ value: rule.value ?? '', most: rule.most ?? '', competitors: rule.competitors?.join(', ') ?? '', why: '' },
  ...{ stepsPerDay: String(rule.stepsPerDay), maxAgeMinutes: String(rule.maxAgeMinutes) },
  ...{ warSteps: String(rule.warSteps), warWindowMinutes: String(rule.warWindowMinutes) },
})

type Given = {
  readonly view: View
  readonly lists: readonly { readonly code: string; readonly title: string }[]
  /** What stands in it at first: a rule that is changed, or one that was rehearsed. */
  readonly filled?: RuleFields
  readonly isNew: boolean
}

/** Makes or changes a rule; it is rehearsed first. */
export function RuleForm({ view, lists, filled, isNew }: Given) {
  const t = view.t.market.rules
  const action = '/prices/market/rules'
  const draft = draftOf(view, action)
  const { scopes, of, ofHint } = view.t.prices.entry
  const limit = (name: keyof typeof MARKET_DEFAULTS) => (
    <NumberEntry draft={draft} name={name} label={t[name]} value={filled?.[name] ?? String(MARKET_DEFAULTS[name])} required />
  )
  if (lists.length === 0)
    return (
      <Panel id="rule-form" title={t.make}>
        <Empty text={t.noList} />
      </Panel>
    )
  return (
    <Panel id="rule-form" title={isNew ? t.make : t.change}>
      <div class="panel-body">
        <WriteForm view={view} action={action}>
          <div class="form-row top">
            {isNew ? (
              <TextEntry
                draft={draft}
                name="code"
                label={t.code}
                value={filled?.code ?? ''}
                required
                maxlength={40}
                hint={view.t.priceSettings.buyers.codeHint}
              />
            ) : (
              <input type="hidden" name="code" value={filled?.code ?? ''} />
            )}
            <ChoiceEntry
              draft={draft}
              name="list"
              label={t.list}
              value={filled?.list ?? ''}
              options={lists.map(({ code, title }) => ({ value: code, word: `${code} · ${title}` }))}
              hint={t.listHint}
            />
          </div>
          <div class="form-row top">
            <ChoiceEntry
              draft={draft}
              name="scope"
              label={t.goods}
              value={filled?.scope ?? 'variant'}
              options={SCOPES.map(value => ({ value, word: scopes[value] }))}
            />
            <TextEntry draft={draft} name="of" label={of} value={filled?.of ?? ''} maxlength={120} hint={ofHint} />
          </div>
          <div class="form-row top">
            <ChoiceEntry
              draft={draft}
              name="mode"
              label={t.way}
              value={filled?.mode ?? 'amount'}
              options={MODES.map(value => ({ value, word: t.modes[value] }))}
            />
            <TextEntry draft={draft} name="value" label={t.value} value={filled?.value ?? ''} maxlength={20} hint={t.valueHint} />
            <TextEntry draft={draft} name="most" label={t.most} value={filled?.most ?? ''} maxlength={20} class="small" />
          </div>
          <TextEntry
            draft={draft}
            name="competitors"
            label={t.competitors}
            value={filled?.competitors ?? ''}
            maxlength={1_000}
            hint={t.competitorsHint}
          />
          <details class="fold" open={Object.keys(MARKET_DEFAULTS).some(name => draft.wrong(name) !== null)}>
            <summary>{t.more}</summary>
            <div class="policy-fields">
              {limit('stepsPerDay')}
              {limit('maxAgeMinutes')}
              {limit('warSteps')}
              {limit('warWindowMinutes')}
            </div>
          </details>
          <TextEntry draft={draft} name="why" label={view.t.priceSettings.why} value={filled?.why ?? ''} maxlength={200} />
          <button type="submit" class="main">
            {t.look}
          </button>
          <p class="field-hint">{t.lookHint}</p>
        </WriteForm>
      </div>
    </Panel>
  )
}
