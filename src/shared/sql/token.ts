/**
 * What a Snowflake SQL text is made of, as the lexer cuts it.
 *
 * Comments and white space are dropped, but `glued` tells whether a token touches the one before it.
 */
export type TokenKind =
  | 'word' // SELECT, my_table, SYSTEM$TYPEOF; value is upper-cased
  | 'quoted' // "MixedCase"; value without quotes, "" undone
  | 'string' // 'text' with '' and backslash escapes undone in value; also x'..' with prefix kept in text
  | 'dollar' // $$text$$; value is the raw inside
  | 'number' // 12, 1.5e3
  | 'variable' // $name or $1
  | 'bind' // ?, :1, :name
  | 'stage' // @stage/path, @~, @%table
  | 'op'; // every other mark; the longest of ->> :: || => -> <= >= <> != := ** or one character

export interface Token {
  readonly kind: TokenKind;
  /** The text as written. */
  readonly text: string;
  /** Words upper-cased, quoted and strings without their marks, everything else as written. */
  readonly value: string;
  /** Offsets into the SQL text, end exclusive. */
  readonly start: number;
  readonly end: number;
  /** True when no white space or comment stands between this token and the one before. */
  readonly glued: boolean;
}
