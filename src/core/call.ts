import type { ApiId } from './api.ts';
import { Body } from './body.ts';
import { GatewayError } from './errors.ts';
import type { Bytes } from './json.ts';
import { outline, type Member, type Outline } from './scan.ts';

/** What the pipeline understands of a call; everything else stays in its bytes. */
export interface CallFields {
  readonly model: string;
  readonly stream: boolean;
  /** A stream will tell its usage. Always true where the protocol tells it unasked. */
  readonly streamUsage: boolean;
}
type Field = keyof CallFields;

/** New JSON by top-level key; `undefined` takes the key out. */
export type Members = Readonly<Record<string, Bytes | undefined>>;

/** Raw JSON of a top-level key, `undefined` where it is absent. */
export type ValueOf = (key: string) => Bytes | undefined;

/** How a protocol writes one field, in one top-level key or several. */
export interface FieldCodec<T> {
  readonly decode: (value: ValueOf) => T;
  /** `value` gives what stands there now. */
  readonly encode: (field: T, value: ValueOf) => Members;
}
/** The request half of a protocol IS a table of fields. */
export interface CallCodec {
  readonly api: ApiId;
  readonly fields: { readonly [F in Field]: FieldCodec<CallFields[F]> };
}

/** A body as it stood on the wire, perhaps compressed. */
export interface WireBody {
  readonly body: Body;
  /** `content-encoding`; `undefined` for identity. */
  readonly encoding: string | undefined;
}

interface Origin {
  readonly codec: CallCodec;
  readonly wire: WireBody;
  readonly body: Body;
  readonly outline: Outline;
  readonly decoded: { -readonly [F in Field]?: CallFields[F] };
  /** Whether a key is surely absent, found out without the outline. */
  lacks?(key: string): boolean;
}

interface Received {
  readonly codec: CallCodec;
  /** The body, decompressed. */
  readonly body: Body;
  /** The body as it came, when that differs. */
  readonly wire?: WireBody;
  /** Fields that stand in the URL (Google's model and stream). */
  readonly given?: Partial<CallFields>;
}

interface Written extends Omit<Received, 'wire'> {
  /** Where all top-level keys stand: the body, or the same JSON with shorter values. */
  readonly keysIn: Bytes;
}

/** Of a written call. A class: V8 keeps the getter of an object literal, and by it the body, in a shape of its own until the next large collection. */
class WrittenOrigin implements Origin {
  readonly codec: CallCodec;
  readonly wire: WireBody;
  readonly body: Body;
  readonly decoded: Origin['decoded'];
  readonly #keysIn: Bytes;
  #outline: Outline | undefined;

  constructor({ codec, body, given = {}, keysIn }: Written) {
    this.codec = codec;
    this.wire = { body, encoding: undefined };
    this.body = body;
    this.decoded = { ...given };
    this.#keysIn = keysIn;
  }

  get outline(): Outline {
    return (this.#outline ??= outline(this.body));
  }

  lacks(key: string): boolean {
    return this.#outline === undefined && !this.#keysIn.includes(JSON.stringify(key));
  }
}

/** One model call. Immutable; a field is decoded when first asked for. A class, so that `{ ...call, model }`, which would lose the bytes, does not type-check. */
export class Call {
  readonly id: string;
  readonly #origin: Origin;
  readonly #changes: Partial<CallFields> | undefined;
  readonly #members: Members | undefined;
  #encoded: WireBody | undefined;

  private constructor(id: string, origin: Origin, changes?: Partial<CallFields>, members?: Members) {
    this.id = id;
    this.#origin = origin;
    this.#changes = changes;
    this.#members = members;
  }

  /** A call as a client sent it. @throws {GatewayError} `invalid_request` */
  static received(id: string, { codec, body, wire = { body, encoding: undefined }, given = {} }: Received): Call {
    return new Call(id, { codec, wire, body, outline: outline(body), decoded: { ...given } });
  }

  /** A call that the gateway wrote itself: sound, and scanned only when somebody asks for more than a key it does not have. */
  static written(id: string, written: Written): Call {
    return new Call(id, new WrittenOrigin(written));
  }

  get api(): ApiId {
    return this.#origin.codec.api;
  }
  get model(): string {
    return this.#field('model');
  }
  get stream(): boolean {
    return this.#field('stream');
  }
  get streamUsage(): boolean {
    return this.#field('streamUsage');
  }
  /** Bytes of the body as received, decompressed. */
  get sizeBytes(): number {
    return this.#origin.body.length;
  }
  /** The body as received, decompressed, and the skeleton of its prompt: for what reads along (parts, estimates, bodies). */
  get received(): { readonly body: Body; readonly outline: Outline } {
    return this.#origin;
  }

  /** Raw JSON of a top-level key of the body as received. */
  value(key: string): Bytes | undefined {
    return valueIn(this.#origin, key);
  }

  /** A changed copy: `call.with({ model })`. */
  with(changes: Partial<CallFields>): Call {
    return new Call(this.id, this.#origin, { ...this.#changes, ...changes }, this.#members);
  }

  /** Raw JSON of a top-level key as it stands now: what a stage has set, else as received. */
  json(key: string): Bytes | undefined {
    return this.#members && Object.hasOwn(this.#members, key) ? this.#members[key] : valueIn(this.#origin, key);
  }

  /** A changed copy, by raw JSON of top-level keys that no field stands for: `call.withJson({ tools })`. */
  withJson(members: Members): Call {
    return new Call(this.id, this.#origin, this.#changes, { ...this.#members, ...members });
  }

  /** The body as it stands now, decompressed, all changes made. */
  get body(): Body {
    const { body, encoding } = this.encode();
    return encoding === undefined ? body : this.#origin.body;
  }

  /** The body for the provider, of the same protocol: as it came while nothing was changed, else patched, every other byte kept. */
  encode(): WireBody {
    if (!this.#changes && !this.#members) return this.#origin.wire;
    return (this.#encoded ??= this.#patched());
  }

  #patched(): WireBody {
    const { codec, wire } = this.#origin;
    const changed = new Map([...edits(codec, this.#origin, this.#changes ?? {}), ...Object.entries(this.#members ?? {})]);
    if (changed.size > 0) return { body: new Body(patch(this.#origin, changed)), encoding: undefined };
    return wire;
  }

  #field<F extends Field>(name: F): CallFields[F] {
    if (this.#changes && name in this.#changes) return this.#changes[name] as CallFields[F];
    const { decoded } = this.#origin; // shared by all copies
    if (!(name in decoded)) decoded[name] = decode(this.#origin, name);
    return decoded[name] as CallFields[F];
  }
}

function valueIn(origin: Origin, key: string): Bytes | undefined {
  if (origin.lacks?.(key)) return undefined;
  const member = origin.outline.members.get(key);
  return member && origin.body.slice(member.from, member.to);
}

function decode<F extends Field>(origin: Origin, name: F): CallFields[F] {
  try {
    return origin.codec.fields[name].decode((key) => valueIn(origin, key));
  } catch (cause) {
    if (cause instanceof GatewayError) throw cause;
    throw new GatewayError('invalid_request', `unreadable: ${name}`, { cause, param: name });
  }
}

function edits(codec: CallCodec, origin: Origin, changes: Partial<CallFields>): Map<string, Bytes | undefined> {
  const value: ValueOf = (key) => valueIn(origin, key);
  const encoded = <F extends Field>(name: F) => Object.entries(codec.fields[name].encode(changes[name] as CallFields[F], value));
  return new Map((Object.keys(changes) as Field[]).flatMap((name) => encoded(name)));
}

const piece = {
  open: Buffer.from('{'),
  comma: Buffer.from(','),
  close: Buffer.from('}'),
};

/** The kept members keep their bytes, spaces and all; changed values stand where the old ones stood; new keys come last. */
function patch({ body, outline: { members, from, to } }: Origin, changed: ReadonlyMap<string, Bytes | undefined>): readonly Bytes[] {
  const kept = [...members].flatMap(([key, member]) => patchedMember(body, key, member, changed));
  const added = [...changed].flatMap(([key, json]) => (json && !members.has(key) ? [[Buffer.from(`${JSON.stringify(key)}:`), json]] : []));
  const pieces = [...kept, ...added].flatMap((member, index) => [index === 0 ? piece.open : piece.comma, ...member]);
  const opened = pieces.length === 0 ? [piece.open] : pieces;
  return [...body.pieces(0, from), ...opened, piece.close, ...body.pieces(to, body.length)].filter(({ length }) => length > 0);
}

function patchedMember(
  body: Body,
  key: string,
  { start, from, to, end }: Member,
  changed: ReadonlyMap<string, Bytes | undefined>,
): Bytes[][] {
  if (!changed.has(key)) return [[...body.pieces(start, end)]];
  const json = changed.get(key);
  return json ? [[...body.pieces(start, from), json, ...body.pieces(to, end)]] : [];
}
