/** Where the bytes of an image, a document, a sound or a film are. */
export type MediaSource =
  | { readonly kind: 'url'; readonly url: string }
  /** `data`: base64. `mediaType`: such as `image/png`. */
  | { readonly kind: 'data'; readonly mediaType: string; readonly data: string }
  /** A file the provider keeps, by its id there: of no use at another provider. */
  | { readonly kind: 'file'; readonly id: string }
  /** A document that is plain text. */
  | { readonly kind: 'text'; readonly text: string };
