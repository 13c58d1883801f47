import { headOf, type AlertMessage } from '../message.ts';
import type { Channel } from './channel.ts';
import { post } from './post.ts';

/** Characters that Slack's text reads as markup. */
const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Characters of one text of Slack's at most. */
export const maxSlackText = 3000;

const marks = { info: ':information_source:', warning: ':warning:', critical: ':rotating_light:' } as const;

/** The message as incoming webhooks of Slack take it, and of Mattermost and others that read `text`. */
export function slackBody(message: AlertMessage): object {
  const mark = message.kind === 'resolved' ? ':white_check_mark:' : marks[message.severity];
  const link = message.link === null ? '' : `\n<${message.link}|Open in the dashboard>`;
  const room = maxSlackText - link.length;
  const text = `${mark} *${escaped(headOf(message))}*\n${escaped(message.text)}`;
  const whole = `${text.length > room ? `${text.slice(0, room - 1)}…` : text}${link}`;
  return { text: whole, blocks: [{ type: 'section', text: { type: 'mrkdwn', text: whole } }] };
}

export const slack = ({ name, url }: { readonly name: string; readonly url: string }): Channel => ({
  name,
  type: 'slack',
  send: (message, signal) => post({ url, headers: {}, body: JSON.stringify(slackBody(message)), signal }),
});
