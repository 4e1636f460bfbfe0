import type { OrderState } from '../../domain/orders/life.ts'
import type { View } from '../view.ts'
import { Icon, type IconName } from './icon.tsx'

type StateWord = keyof View['t']['states']

/** Each state's colour family and sign: never colour alone. */
const looks: Readonly<Record<StateWord, { readonly tone: 'good' | 'wait' | 'move' | 'bad' | 'calm' | 'off'; readonly icon: IconName }>> = {
  waiting: { tone: 'wait', icon: 'wait' },
  intended: { tone: 'wait', icon: 'wait' },
  sent: { tone: 'move', icon: 'send' },
  accepted: { tone: 'move', icon: 'take' },
  applied: { tone: 'good', icon: 'done' },
  refused: { tone: 'bad', icon: 'refuse' },
  drifting: { tone: 'bad', icon: 'differ' },
  quarantined: { tone: 'bad', icon: 'pause' },
  differs: { tone: 'calm', icon: 'differ' },
  active: { tone: 'good', icon: 'done' },
  paused: { tone: 'wait', icon: 'pause' },
  failing: { tone: 'bad', icon: 'warn' },
  inactive: { tone: 'off', icon: 'pause' },
  gone: { tone: 'off', icon: 'refuse' },
  archived: { tone: 'off', icon: 'pause' },
  received: { tone: 'calm', icon: 'take' },
  orderAccepted: { tone: 'move', icon: 'wait' },
  held: { tone: 'bad', icon: 'pause' },
  routed: { tone: 'move', icon: 'take' },
  in_fulfilment: { tone: 'move', icon: 'send' },
  fulfilled: { tone: 'good', icon: 'done' },
  returned: { tone: 'calm', icon: 'take' },
  cancelled: { tone: 'off', icon: 'refuse' },
  foreign: { tone: 'off', icon: 'ship' },
  unknown: { tone: 'wait', icon: 'warn' },
  confirmed: { tone: 'good', icon: 'done' },
  short: { tone: 'bad', icon: 'warn' },
}

/** A state as a word with its sign and colour. */
export function State({ view, state, text }: { view: View; state: StateWord; text?: string }) {
  const { tone, icon } = looks[state]
  return (
    <span class={`state tone-${tone}`}>
      <Icon name={icon} />
      <span>{text ?? view.t.states[state]}</span>
    </span>
  )
}

/** The state of an order: `accepted` is "open" to people, because the channel took it long ago. */
export function OrderStateMark({ view, state }: { view: View; state: OrderState }) {
  return <State view={view} state={state === 'accepted' ? 'orderAccepted' : state} />
}

type Doing = {
  readonly paused: boolean
  readonly accountState: 'active' | 'paused' | 'failing'
  readonly publishStock: boolean
  readonly publishPrices: boolean
}

/** How a channel does and what it does; of a paused one nobody says that it publishes. */
export function ChannelMarks({ view, channel }: { view: View; channel: Doing }) {
  const isPaused = channel.paused || channel.accountState === 'paused'
  return (
    <span class="marks">
      <State view={view} state={isPaused ? 'paused' : channel.accountState} />
      {isPaused && (channel.publishStock || channel.publishPrices) ? null : (
        <Mode view={view} stock={channel.publishStock} prices={channel.publishPrices} />
      )}
    </span>
  )
}

/** What a channel does: observing, or publishing stock, prices or both. */
export function Mode({ view, stock, prices }: { view: View; stock: boolean; prices: boolean }) {
  const { modes } = view.t
  const word = stock && prices ? modes.both : stock ? modes.stock : prices ? modes.prices : modes.observe
  return (
    <span class={`state ${stock || prices ? 'tone-good' : 'tone-calm'}`}>
      <Icon name={stock || prices ? 'send' : 'eye'} />
      <span>{word}</span>
    </span>
  )
}
