/**
 * The definition of a contestant. The files of `contestants/` export them; no other file lists them.
 *
 * @module
 */

/** The kinds of contestants, in the order of the tables. */
export const ROLES = ["ours", "official SDK", "Node API", "JavaScript", "Web API"] as const;

export type Bytes = Uint8Array | ArrayBuffer;

/** Bytes in memory that is not shared, as a cipher receives them. */
export type OwnBytes = ReturnType<Uint8Array["slice"]>;

/** Decrypts and authenticates; `ciphertext` ends with the tag. */
export type Decrypt = (nonce: OwnBytes, ciphertext: OwnBytes) => Bytes | Promise<Bytes>;

/** What a page posts, and what the server knows about it: the session's linked id, and the time. */
export interface PostedEvent {
  readonly sealedResult: string;
  readonly linkedId: string;
  readonly timestamp: number;
}

/** The measured operations. */
export interface Operations {
  /** From base64 text to the event. */
  unseal(sealed: string): unknown;
  /** From what a page posts to the event, with every check. */
  verify(posted: PostedEvent): unknown;
  /** From base64 text to the event's JSON, as bytes. */
  openBytes(sealed: string): Bytes | Promise<Bytes>;
  inflate(stream: Uint8Array, outputBytes: number): Bytes | Promise<Bytes>;
  decodeBase64(text: string): Uint8Array | undefined;
  decrypt: Decrypt;
  importKey(raw: OwnBytes): Decrypt | Promise<Decrypt>;
  /** From UTF-8 to the event. */
  parse(json: Uint8Array): unknown;
}

/** The properties for tables and charts. */
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
  /** Whether its `inflate` needs the output's exact length, which is unknown in practice. */
  readonly needsLength?: boolean;
  /** The imports of a consumer, to measure its size: names, and their module. */
  readonly bundle?: readonly [imported: string, specifier: string];
  /**
   * Statements that import the published package, open `SEALED[3]` or `SEALED[4]` with `KEY`, and leave `event`.
   * `url` returns the URL of one of the project's files.
   */
  readonly coldStart?: (url: (path: string) => string) => string;
}

/** The name of a contestant's `unseal` in the cells of `verify`. */
export function unsealOnly(contestant: string): string {
  return `${contestant}, unseal only`;
}
