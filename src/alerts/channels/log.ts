import type { Log } from '../../core/log.ts';
import type { Channel } from './channel.ts';
import { headOf, type AlertMessage } from '../message.ts';

/** The channel that is always there. */
export const logChannelName = 'log';

/** Writes messages into the gateway's own log. */
export const logChannel = (log: Log): Channel => ({
  name: logChannelName,
  type: 'log',
  send: async (message) => log[levelOf(message)](`${headOf(message)}: ${message.text}`, { alert: message.alert, id: message.id, link: message.link }), // prettier-ignore
});

const levelOf = ({ kind, severity }: AlertMessage): 'info' | 'warn' | 'error' =>
  kind === 'resolved' || kind === 'test' || severity === 'info' ? 'info' : severity === 'critical' ? 'error' : 'warn';
