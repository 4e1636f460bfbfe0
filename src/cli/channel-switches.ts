import type { ChannelRow } from '../../db/channels.ts'

/** The two switches of a channel, and whether it is paused. */
export const switches = (channel: ChannelRow): string =>
  `${channel.code}: stock ${channel.publishStock ? 'published' : 'observed'}, prices ${channel.publishPrices ? 'published' : 'observed'}${channel.paused ? ', paused' : ''}`
