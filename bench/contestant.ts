/**
 * What a contestant is. Each file of `contestants/` exports some; there is no other list of them.
 *
 * @module
 */

/** The kinds of contestants, in the order of the tables. */
export const ROLES = ["ours", "official SDK", "Node API", "JavaScript", "Web API"] as const;

export type Bytes = Uint8Array | ArrayBuffer;

/** Decrypts and authenticates; `ciphertext` ends with the tag. */
export type Decrypt = (nonce: Uint8Array, ciphertext: Uint8Array) => Bytes | Promise<Bytes>;

/** The operations that are measured. */
export interface Operations {
  /** From base64 text to the event. */
  unseal(sealed: string): unknown;
  /** From base64 text to the event's JSON, as bytes. */
  openBytes(sealed: string): Bytes | Promise<Bytes>;
  inflate(stream: Uint8Array, outputBytes: number): Bytes | Promise<Bytes>;
  decodeBase64(text: string): Uint8Array | undefined;
  decrypt: Decrypt;
  importKey(raw: Uint8Array): Decrypt | Promise<Decrypt>;
  /** From UTF-8 to the event. */
  parse(json: Uint8Array): unknown;
}

/** What tables and charts need to know. */
export interface ContestantInfo {
  readonly name: string;
  readonly role: typeof ROLES[number];
  /** Contestants without a colour are not in the charts. */
  readonly colour?: { readonly light: string; readonly dark: string };
  /** Its name in the charts; of several contestants with one name the fastest is drawn. */
  readonly chartName?: string;
}

/** A contestant, with the operations that it has. */
export interface Contestant extends ContestantInfo, Partial<Operations> {
  /** The versions of events that it opens; all by default. */
  readonly versions?: readonly (3 | 4)[];
  /** Its `inflate` needs the output's exact length, which is unknown in practice. */
  readonly needsLength?: boolean;
  /** What a consumer imports, to measure its size: names, and the module they come from. */
  readonly bundle?: readonly [imported: string, specifier: string];
  /**
   * Statements that import the published package, open `SEALED[3]` or `SEALED[4]` with `KEY`, and leave `event`.
   * `url` gives the URL of one of the project's files.
   */
  readonly coldStart?: (url: (path: string) => string) => string;
}
