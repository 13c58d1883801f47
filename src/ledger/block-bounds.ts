// By the indexes alone: left to itself, SQLite walks the blocks in their order, payloads and all, until one is late enough.

/** SQL of the first sequence that a block reaching to a time or beyond has; takes that time. NULL: no block does. */
export const firstSequenceFrom = 'SELECT min(first_sequence) FROM block INDEXED BY block_max_at WHERE max_at >= ?';

/** SQL of the sequence behind the last block that begins before a time; takes that time. NULL: no block does. */
export const endSequenceBefore = 'SELECT max(first_sequence + count) FROM block INDEXED BY block_min_at WHERE min_at < ?';
