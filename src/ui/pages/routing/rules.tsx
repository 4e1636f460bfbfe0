import type { RulesVersion } from '../../../../db/routing-settings.ts'
import { RANKS } from '../../../domain/fulfilment/rules.ts'
import { actorName, listed, number } from '../../format.ts'
import { PLACE_KINDS, type RuleDraft, type RulesDraft, ruleField } from '../../forms/routing-draft.ts'
import { WriteForm } from '../../parts/form.tsx'
import { Layout } from '../../parts/layout.tsx'
import { addressOf } from '../../parts/list.tsx'
import { OrderTabs } from '../../parts/order-tabs.tsx'
import { Panel } from '../../parts/panel.tsx'
import { Rows } from '../../parts/rows.tsx'
import { At } from '../../parts/time.tsx'
import { may, type View } from '../../view.ts'
import { type CompareState, Comparison, DaysChoice } from './what-if.tsx'

type Given = {
  readonly view: View
  /** Whose rules; empty: those of all channels that have none of their own. */
  readonly channel: string
  readonly channels: readonly { readonly code: string; readonly name: string }[]
  readonly locations: readonly string[]
  readonly versions: readonly RulesVersion[]
  /** The version that the draft began with and that saving replaces; null: there was none. */
  readonly version: number | null
  readonly draft: RulesDraft
  /** The field that was refused. */
  readonly wrong: string | null
  /** An older version that is looked at. */
  readonly looked: number | null
  readonly compared: CompareState
}

/** The rules of routing as an ordered list that is edited, what they would have made of the last days, and their versions. */
export function RoutingPage(given: Given) {
  const { view, channel, channels, versions, looked } = given
  const t = view.t.routing
  const mayWrite = may(view, 'channels:write')
  const stands = versions.find(one => one.until === null)
  return (
    <Layout view={view} title={t.title}>
      <div class="page-head">
        <h1>{t.title}</h1>
        <p class="lead">{t.lead}</p>
      </div>
      <OrderTabs view={view} current="routing" />
      <div class="columns routing">
        <Panel
          id="rules"
          title={stands === undefined ? t.title : t.version(number(stands.version, view.language))}
          aside={
            <form method="get" action="/orders/routing" class="inline-form">
              <select name="channel" aria-label={t.channel}>
                <option value="">{t.allChannels}</option>
                {channels.map(one => (
                  <option value={one.code} selected={one.code === channel}>
                    {one.name}
                  </option>
                ))}
              </select>
              <button type="submit">{t.show}</button>
            </form>
          }
        >
          {stands !== undefined ? null : <p class="panel-note">{channel === '' ? t.noneYet : t.inherited}</p>}
          {looked === null ? null : <p class="panel-note tone-wait">{t.older(number(looked, view.language))}</p>}
          <RulesForm {...given} mayWrite={mayWrite} />
        </Panel>
        <Versions view={view} versions={versions} channel={channel} />
      </div>
      <Comparison view={view} state={given.compared} />
    </Layout>
  )
}

function RulesForm({ view, channel, locations, version, draft, wrong, compared, mayWrite }: Given & { mayWrite: boolean }) {
  const t = view.t.routing
  return (
    <WriteForm view={view} action={addressOf('/orders/routing', { channel })} id={`rules-${version ?? 0}`} class="form panel-body">
      <input type="hidden" name="version" value={version === null ? '' : `${version}`} />
      <input type="hidden" name="rules" value={`${draft.rules.length}`} />
      <ol class="rules">
        {draft.rules.map((rule, n) => (
          <li>
            <RuleFields view={view} rule={rule} n={n} of={draft.rules.length} wrong={wrong} locations={locations} />
          </li>
        ))}
      </ol>
      <div class="form-row top rules-more">
        <button type="submit" name="do" value="add">
          {t.add}
        </button>
        <Typed name="lateAfterHours" label={t.late} value={draft.lateAfterHours} wrong={wrong} hint={t.lateHint} />
      </div>
      <div class="form-row rules-foot">
        <DaysChoice view={view} days={compared.days} />
        <button type="submit" name="do" value="compare" class={mayWrite ? '' : 'main'} data-steps="what-if">
          {t.whatIf.compare}
        </button>
        {mayWrite ? (
          <button type="submit" name="do" value="save" class="main">
            {t.save}
          </button>
        ) : null}
        <p class="field-hint">{t.whatIf.hint}</p>
      </div>
    </WriteForm>
  )
}

type FieldsGiven = { view: View; rule: RuleDraft; n: number; of: number; wrong: string | null; locations: readonly string[] }

function RuleFields({ view, rule, n, of, wrong, locations }: FieldsGiven) {
  const t = view.t.routing
  const field = (name: string) => ({ name: ruleField(n, name), wrong })
  const some = locations.length > 8 ? [...locations.slice(0, 8), '…'] : locations
  return (
    <fieldset class="rule" id={`rule-${n}`}>
      <legend>{t.rule(n + 1)}</legend>
      <div class="rule-head">
        <Typed {...field('name')} label={t.name} value={rule.name} required />
        <span class="rule-acts">
          <Act act={`up-${n}`} sign="↑" word={t.up} isOff={n === 0} />
          <Act act={`down-${n}`} sign="↓" word={t.down} isOff={n === of - 1} />
          <Act act={`remove-${n}`} sign="✕" word={t.remove} isOff={of === 1} />
        </span>
      </div>
      <div class="form-row top">
        <div class="field">
          <span class="field-label">{t.kinds}</span>
          <span class="checks">
            {PLACE_KINDS.map(kind => (
              <label>
                <input type="checkbox" name={ruleField(n, `kind-${kind}`)} value="yes" checked={rule.kinds.includes(kind)} />{' '}
                {view.t.kinds[kind]}
              </label>
            ))}
          </span>
        </div>
        <Typed
          {...field('locations')}
          label={t.locations}
          value={rule.locations}
          {...(n === 0 ? { hint: t.locationsHint(listed(some, view.language)) } : {})}
        />
      </div>
      <div class="form-row top">
        <Typed {...field('maxKm')} label={t.maxKm} value={rule.maxKm} isNumber />
        <Typed {...field('maxPlaces')} label={t.maxPlaces} value={rule.maxPlaces} isNumber />
        <Typed {...field('noSplitBelow')} label={t.noSplitBelow} value={rule.noSplitBelow} isNumber />
      </div>
      <label class="check">
        <input type="checkbox" name={ruleField(n, 'shipToStore')} value="yes" checked={rule.shipToStore} /> {t.shipToStore}
      </label>
      <span class="field-label weights-head">{t.weights}</span>
      <div class="weights">
        {RANKS.map(by => (
          <Typed {...field(by)} label={t.worth[by]} value={rule.worth[by]} isNumber />
        ))}
      </div>
    </fieldset>
  )
}

function Act({ act, sign, word, isOff }: { act: string; sign: string; word: string; isOff: boolean }) {
  return (
    <button type="submit" name="do" value={act} class="small" title={word} aria-label={word} disabled={isOff} formnovalidate>
      {sign}
    </button>
  )
}

type TypedGiven = {
  name: string
  label: string
  value: string
  wrong: string | null
  required?: boolean
  isNumber?: boolean
  hint?: string
}

function Typed({ name, label, value, wrong, required, isNumber = false, hint }: TypedGiven) {
  const isWrong = wrong === name
  return (
    <label class={isWrong ? 'field wrong' : 'field'}>
      <span class="field-label">{label}</span>
      <input
        name={name}
        value={value}
        required={required}
        maxlength={isNumber ? 20 : 1000}
        class={isNumber ? 'number' : undefined}
        inputmode={isNumber ? 'decimal' : undefined}
        autofocus={isWrong || undefined}
        aria-invalid={isWrong ? 'true' : undefined}
        autocomplete="off"
      />
      {hint === undefined ? null : <span class="field-hint">{hint}</span>}
    </label>
  )
}

function Versions({ view, versions, channel }: { view: View; versions: readonly RulesVersion[]; channel: string }) {
  const t = view.t.routing
  return (
    <Panel id="versions" title={t.versions}>
      <Rows
        label={t.versions}
        rows={versions}
        id={one => `version-${one.version}`}
        isOver={one => one.until !== null}
        empty={t.noVersions}
        columns={[
          {
            head: t.versions,
            names: true,
            cell: one => (
              <>
                <a href={addressOf('/orders/routing', { channel, version: one.until === null ? '' : `${one.version}` })}>
                  {t.version(number(one.version, view.language))}
                </a>
                {one.until === null ? <span class="sub">{t.holds}</span> : null}
              </>
            ),
          },
          {
            head: t.since,
            cell: one => (
              <>
                <At view={view} at={one.since} />
                <span class="sub">{actorName(one.actor, view.t.actor.system)}</span>
              </>
            ),
          },
        ]}
      />
    </Panel>
  )
}
