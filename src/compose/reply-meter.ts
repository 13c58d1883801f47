import type { Config } from '../config/schema.ts';
import type { Call } from '../core/call.ts';
import { headerOf, type Reply, type ReplyMeter } from '../core/reply.ts';
import { meterLimits } from '../protocols/limits.ts';
import { replyMeter } from '../protocols/meter.ts';

/** Reads along with replies, within the limits of the configuration. */
export function replyMeters({ meter, providers }: Pick<Config, 'meter' | 'providers'>): (call: Call, reply: Reply) => ReplyMeter {
  const { maxReplyBytes, maxEventBytes, maxTextBytes } = meter;
  const limits = {
    ...meterLimits,
    bodyBytes: maxReplyBytes,
    compressedBytes: maxReplyBytes,
    eventBytes: maxEventBytes,
    textBytes: maxTextBytes,
  };
  const some = Object.values(providers)[0];
  return (call, { servedBy, head: { status, headers } }) =>
    replyMeter({
      api: call.api,
      dialect: (providers[servedBy.name] ?? some)!.dialect, // a kept reply has no provider; any dialect reads its text
      status,
      contentType: headerOf(headers, 'content-type'),
      contentEncoding: headerOf(headers, 'content-encoding'),
      limits,
    });
}
