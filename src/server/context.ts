import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Call } from '../core/call.ts';
import type { Handler, PromptWeights, Scope } from '../core/pipeline.ts';
import type { LedgerEvent } from '../core/record.ts';
import type { Reply } from '../core/reply.ts';
import type { KeyScopes, VirtualKey } from '../core/stores.ts';
import type { Batches } from '../providers/batches/serve.ts';
import type { RawRequest } from '../providers/dispatch.ts';
import type { Access } from './access.ts';
import type { TelemetryDoor } from './telemetry.ts';
import type { Admin } from './admin/serve.ts';
import type { Client } from './client.ts';
import type { Dashboard } from './dashboard/serve.ts';
import type { DrainLimits, Drains } from './drain.ts';
import type { ListedModel } from './models.ts';
import type { Refusals } from './refusals.ts';
import type { Target } from './routes.ts';

export interface ServerLimits {
  readonly maxBodyBytes: number;
  readonly maxHeaderBytes: number;
  readonly headersTimeoutMs: number;
  readonly bodyTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly maxInFlight: number;
  readonly maxConnections: number;
  readonly shutdownGraceMs: number;
}

/** What a gateway serves with; read anew for each request, so that a reload takes effect at once. */
export interface Serving {
  readonly handler: Handler;
  readonly raw: RawSender;
  readonly batches: Batches;
  /** Called at once after a call was read, while its bytes lie in one piece. */
  readonly weigh: (call: Call) => PromptWeights;
  /** Those that the scopes allow. */
  readonly models: (scopes: KeyScopes | undefined) => readonly ListedModel[];
  readonly onClientAbort: (app: string | undefined) => 'cancel' | 'drain';
  readonly drain: DrainLimits;
  readonly limits: ServerLimits;
}

export interface GatewayOptions {
  readonly serving: () => Serving;
  readonly record: (event: LedgerEvent) => void;
  /** Whether the ledger has no room: a call that cannot be recorded is not made. */
  readonly isCongested: () => boolean;
  /** What `/readyz` answers: `undefined` when all is well, else why not. */
  readonly notReady: () => string | undefined;
  /** Who may call models; asked before a body is read. */
  readonly access: Access;
  /** Answers `/api`. */
  readonly admin: Admin;
  /** Takes spans of others; `undefined`: it does not. */
  readonly telemetry: TelemetryDoor | undefined;
  /** Answers `/` and `/ui`, to anybody. */
  readonly dashboard: Dashboard;
  /** Tells of defects; never given bodies or headers. */
  readonly logError: (message: string, error: unknown) => void;
}

/** Sends any request to a provider by name. @throws {GatewayError} `not_found` when there is none of that name. */
export type RawSender = (provider: string, request: RawRequest, scope: Scope) => Promise<Reply>;

/** State of the running server that its requests share. */
export interface Context {
  readonly options: GatewayOptions;
  readonly drains: Drains;
  readonly refusals: Refusals;
}

/** A request as the HTTP server hands it over. */
export interface Incoming {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly client: Client;
}

/** One request, as the parts that answer it see it. */
export interface Exchange extends Incoming {
  readonly target: Target;
  readonly requestId: string;
  /** What it was let in with; `undefined` while no keys are in use. */
  readonly key: VirtualKey | undefined;
}
