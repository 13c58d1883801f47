import { headOf, linesOf } from '../message.ts';
import { DeliveryError, type Channel } from './channel.ts';

export interface EmailOptions {
  readonly name: string;
  /** `smtps://user:password@host:465` or `smtp://host:587`. */
  readonly smtp: string;
  readonly from: string;
  readonly to: readonly string[];
}

/** Waits for the server, ms. */
const waits = { connectionTimeout: 5000, greetingTimeout: 5000, socketTimeout: 8000 } as const;

/** Sends mail by SMTP, one connection a message. `nodemailer` is loaded with the first one. */
export const email = ({ name, smtp, from, to }: EmailOptions): Channel => ({
  name,
  type: 'email',
  send: async (message, signal) => {
    const { createTransport } = await loaded();
    const transport = createTransport(smtp, { ...waits, disableFileAccess: true, disableUrlAccess: true });
    const stop = (): void => transport.close();
    signal.addEventListener('abort', stop, { once: true });
    try {
      await transport.sendMail({
        from,
        to: [...to],
        subject: headOf(message),
        text: `${linesOf(message).slice(1).join('\n\n')}\n`,
        headers: { 'Auto-Submitted': 'auto-generated', 'X-Modicum-Alert': message.id },
      });
    } catch (cause) {
      throw failure(cause as { readonly code?: string; readonly responseCode?: number });
    } finally {
      signal.removeEventListener('abort', stop);
      transport.close();
    }
  },
});

/** @throws {DeliveryError} when the package is not installed */
const loaded = (): Promise<typeof import('nodemailer')> =>
  import('nodemailer').catch((cause: unknown) => {
    throw new DeliveryError('mail needs the package nodemailer; install it beside modicum: npm install nodemailer', {
      cause,
      isFinal: true,
    });
  });

/** Only codes: what a server says may repeat addresses and names. */
function failure({ code, responseCode }: { readonly code?: string; readonly responseCode?: number }): DeliveryError {
  const isFinal = responseCode !== undefined && responseCode >= 500;
  return new DeliveryError(`the mail server said no: ${[code, responseCode].filter((each) => each !== undefined).join(' ') || 'it failed'}`, { isFinal }); // prettier-ignore
}
