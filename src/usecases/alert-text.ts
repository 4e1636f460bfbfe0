import type { AlertKind } from '../domain/sync/alert-kinds.ts'
import type { Language } from './principal.ts'

/** What a person reads of an alert: what is wrong, and what is known of it. */
export type AlertText = { readonly title: string; readonly text: string }

type Facts = Readonly<Record<string, unknown>>
type Writer = (name: string, facts: Facts) => AlertText

const minute = 60
const hour = 60 * minute
const day = 24 * hour

const lasting =
  (units: readonly [string, string, string, string]) =>
  (given: unknown): string => {
    const s = Math.max(0, Math.floor(Number(given)))
    if (s < 2 * minute) return `${s}${units[0]}`
    if (s < 2 * hour) return `${Math.floor(s / minute)}${units[1]}`
    if (s < 2 * day) return `${Math.floor(s / hour)}${units[2]}`
    return `${Math.floor(s / day)}${units[3]}`
  }

const long = lasting([' s', ' min', ' h', ' days'])
const longZh = lasting([' 秒', ' 分钟', ' 小时', ' 天'])

const holder = (facts: Facts): string =>
  [facts.application, facts.database === undefined ? undefined : `database ${String(facts.database)}`, facts.role, facts.state]
    .filter(part => part !== undefined && part !== '')
    .join(', ')

const ACTS_ZH: Readonly<Record<string, string>> = { acknowledge: '确认接单', ready: '可自提', ship: '发货', cancel: '取消', refund: '退款' }
const actZh = (act: unknown): string => ACTS_ZH[String(act)] ?? String(act)

const english: Readonly<Record<AlertKind, Writer>> = {
  acts_refused: (name, facts) => ({
    title: `${name}: what was asked for orders is refused`,
    text: `${facts.refused} within a day, the last for order ${facts.order}: "${facts.act}". Stock is booked already, and the platform does not know of it: see there what it names, then ask again on the order's page, or do it at the platform.`,
  }),
  acts_late: (name, facts) => ({
    title: `${name}: orders are told late`,
    text: `${facts.waiting} acts wait, the oldest for ${long(facts.seconds)}: "${facts.act}" for order ${facts.order}; the limit is ${long(facts.limit)}. The order's page tells what the platform last said.`,
  }),
  ship_by: (name, facts) => ({
    title: `${name}: orders are to be shipped`,
    text: `${facts.orders} have not left and are to be shipped within ${long(facts.limit)}, ${facts.late} of them should have left by now; the first is order ${facts.order}. The platform counts what is late.`,
  }),
  channel_late: (name, facts) => ({
    title: `${name}: changes go out late`,
    text: `${facts.waiting} values wait, the oldest for ${long(facts.seconds)}; the limit is ${long(facts.limit)}.${facts.account === 'failing' ? ' Its account is failing.' : ''}`,
  }),
  refusals: (name, facts) => ({
    title: `${name}: refusals rise`,
    text: `${facts.refused} values were refused within an hour that had not been in the day before; the limit is ${facts.limit}.`,
  }),
  drift: (name, facts) => ({
    title: `${name}: much drift`,
    text: `${facts.found} values were found within a day that differ from what we left there: ${facts.edited} edited there, ${facts.lost} lost writes, ${facts.gone} gone; ${facts.open} are still open. The limit is ${facts.limit}.`,
  }),
  credentials: (name, facts) => ({
    title: `${name}: the platform refuses our credentials`,
    text: `For ${long(facts.seconds)}. Nothing goes out and no order comes in until it takes them again.`,
  }),
  account_failing: (name, facts) => ({
    title: `${name}: the account is failing`,
    text: `${facts.trouble === 'throttled' ? 'The platform turns calls away' : 'The platform does not answer as it should'}, for ${long(facts.seconds)} now.`,
  }),
  webhook_silent: (name, facts) => ({
    title: `${name}: webhooks are silent`,
    text: `${facts.last == null ? `The platform has never told anything, for ${long(facts.seconds)} now` : `The platform has told nothing for ${long(facts.seconds)}`}; ${facts.orders} orders were found by looking meanwhile, later than they could have been.`,
  }),
  orders_silent: (name, facts) => ({
    title: `${name}: no orders`,
    text: `None for ${long(facts.seconds)}, where ${facts.perDay} a day are usual.`,
  }),
  price_feed_late: (name, facts) => ({
    title: `${name}: a price feed is late`,
    text: `${facts.prices} prices are under way as one document for ${long(facts.seconds)}${facts.feed == null ? '' : ` (${facts.feed} at the platform)`}; the limit is ${long(facts.limit)}. ${
      facts.state === 'late'
        ? 'They went out one by one meanwhile.'
        : 'After four hours they go out one by one; a price that turns or falls below its floor does so at once.'
    }`,
  }),
  feed_held: (_, facts) => ({
    title: 'The change feed is held back',
    text: `${
      facts.pid == null && facts.prepared === undefined
        ? 'A transaction that our database role may not see'
        : facts.prepared === undefined
          ? `Process ${facts.pid} of PostgreSQL (${holder(facts)}) has a transaction that`
          : `The prepared transaction ${facts.prepared} (${holder(facts)})`
    } has not ended for ${long(facts.seconds)}. Pushes go on; the stored place in the feed does not.`,
  }),
}

const chinese: Readonly<Record<AlertKind, Writer>> = {
  acts_refused: (name, facts) => ({
    title: `${name}：平台拒绝了订单操作`,
    text: `一天内 ${facts.refused} 次，最近一次为订单 ${facts.order}：“${actZh(facts.act)}”。本系统已登记库存，但平台并不知道：请查看订单页面上平台的说明，处理后再次请求，或直接在平台完成。`,
  }),
  acts_late: (name, facts) => ({
    title: `${name}：订单操作发送延迟`,
    text: `${facts.waiting} 个操作在等待，最早的已等 ${longZh(facts.seconds)}：订单 ${facts.order} 的“${actZh(facts.act)}”；上限为 ${longZh(facts.limit)}。订单页面显示平台最近的答复。`,
  }),
  ship_by: (name, facts) => ({
    title: `${name}：订单即将到发货期限`,
    text: `${facts.orders} 个订单尚未发货，期限在 ${longZh(facts.limit)} 内，其中 ${facts.late} 个已过期限；最早的是订单 ${facts.order}。平台会统计迟发订单。`,
  }),
  channel_late: (name, facts) => ({
    title: `${name}：更改发送延迟`,
    text: `${facts.waiting} 个值在等待，最早的已等 ${longZh(facts.seconds)}；上限为 ${longZh(facts.limit)}。${facts.account === 'failing' ? '其账户出现故障。' : ''}`,
  }),
  refusals: (name, facts) => ({
    title: `${name}：被拒绝的值增多`,
    text: `一小时内有 ${facts.refused} 个值被拒绝，而前一天未被拒绝过；上限为 ${facts.limit}。`,
  }),
  drift: (name, facts) => ({
    title: `${name}：偏差过多`,
    text: `一天内发现 ${facts.found} 个值与我们留下的不同：在平台被编辑 ${facts.edited} 个，写入丢失 ${facts.lost} 个，已消失 ${facts.gone} 个；其中 ${facts.open} 个尚未解决。上限为 ${facts.limit}。`,
  }),
  credentials: (name, facts) => ({
    title: `${name}：平台拒绝我们的凭据`,
    text: `已持续 ${longZh(facts.seconds)}。在平台重新接受之前，不会发送任何内容，也收不到订单。`,
  }),
  account_failing: (name, facts) => ({
    title: `${name}：账户故障`,
    text: `${facts.trouble === 'throttled' ? '平台限制了调用' : '平台没有正常应答'}，已持续 ${longZh(facts.seconds)}。`,
  }),
  webhook_silent: (name, facts) => ({
    title: `${name}：收不到 Webhook`,
    text: `${facts.last == null ? `平台从未发来任何通知，已持续 ${longZh(facts.seconds)}` : `平台已有 ${longZh(facts.seconds)} 没有任何通知`}；期间通过查询发现了 ${facts.orders} 个订单，比本可收到的时间要晚。`,
  }),
  orders_silent: (name, facts) => ({
    title: `${name}：没有订单`,
    text: `已有 ${longZh(facts.seconds)} 没有订单，通常每天 ${facts.perDay} 个。`,
  }),
  price_feed_late: (name, facts) => ({
    title: `${name}：价格文件处理延迟`,
    text: `${facts.prices} 个价格作为一个文件提交，已等待 ${longZh(facts.seconds)}${facts.feed == null ? '' : `（平台编号 ${facts.feed}）`}；上限为 ${longZh(facts.limit)}。${
      facts.state === 'late' ? '这些价格已改为逐个发送。' : '四小时后将改为逐个发送；到时变化或低于底价的价格会立即单独发送。'
    }`,
  }),
  feed_held: (_, facts) => ({
    title: '更改流被阻挡',
    text: `${
      facts.pid == null && facts.prepared === undefined
        ? '一个我们的数据库角色看不到的事务'
        : facts.prepared === undefined
          ? `PostgreSQL 进程 ${facts.pid}（${holder(facts)}）的事务`
          : `预备事务 ${facts.prepared}（${holder(facts)}）`
    }已有 ${longZh(facts.seconds)} 没有结束。推送照常进行，但更改流中保存的位置不会前进。`,
  }),
}

/** An alert in a person's language. A kind that this program does not know is told by its name. */
export function alertText(kind: string, subject: string, facts: Facts, language: Language): AlertText {
  const write = (language === 'en' ? english : chinese)[kind as AlertKind] as Writer | undefined
  const name = subject.slice(subject.indexOf(':') + 1)
  return write?.(name, facts) ?? { title: `${name}: ${kind}`, text: '' }
}
