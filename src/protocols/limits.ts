/** How much of one reply a meter holds, in bytes. Beyond a limit it says less (flag `observer_limit`); the reply itself is never touched. */
export interface MeterLimits {
  /** A reply that is one JSON document. */
  readonly bodyBytes: number;
  /** One event of a stream. */
  readonly eventBytes: number;
  /** Bytes of a stream kept so that `text()` can be made of them. */
  readonly textBytes: number;
  /** A compressed reply, as it came. */
  readonly compressedBytes: number;
  /** The same, decompressed. */
  readonly inflatedBytes: number;
}

export const meterLimits: MeterLimits = {
  bodyBytes: 8 << 20,
  eventBytes: 8 << 20,
  textBytes: 256 << 10,
  compressedBytes: 8 << 20,
  inflatedBytes: 64 << 20,
};
