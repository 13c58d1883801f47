/** What `GET /api/status` tells. */
export interface Status {
  readonly version: string;
  readonly inFlight: number;
  readonly uptimeSeconds: number;
  readonly rssBytes: number;
  readonly ledger: {
    readonly ok: boolean;
    readonly appended?: number;
    readonly dropped?: number;
    readonly queuedBytes?: number;
    readonly lastError?: string;
  };
  readonly state: { readonly engine: string; readonly fault?: string | null };
  readonly deployments: Readonly<Record<string, Deployment>>;
}

export interface Deployment {
  readonly breaker: string;
  readonly inFlight: number;
  readonly streamLatencyMs: number;
  readonly latencyMs: number;
  readonly isCooling: boolean;
}
